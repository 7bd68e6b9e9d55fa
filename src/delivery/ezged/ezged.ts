/** EzGED as a destination: documents wait in an outbox of the state folder and are handed over in one session. */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { DeliveryError, GatewayError, ItemError, LedgerError, UnsureError } from "../../errors.ts";
import type { Deliver, Destination, DestinationContext, Move, Remark, Wish } from "../destination.ts";
import { safeName } from "../names.ts";
import { outboxOf } from "../outbox.ts";
import { onDisk, Stage, syncPath } from "../staging.ts";
import { readAuthorities } from "./authorities.ts";
import type { EzgedDeliver } from "./deliver.ts";
import { HandOver } from "./hand_over.ts";
import { type Entry, Journal, type Place, type Plan } from "./journal.ts";
import { describeSection, type EzgedSection } from "./section.ts";
import { type Credentials, pause, PAUSES, type Pauses, Session, SignInRefused } from "./session.ts";
import { SignInGuard } from "./sign_in_guard.ts";
import { Wire } from "./wire.ts";

/** One EzGED. Its launchers take turns: it is given one session at a time. */
export class Ezged implements Destination {
  readonly #guard = new SignInGuard();
  #staged = 0;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly context: DestinationContext,
    readonly outbox: string,
    readonly journal: Journal,
    readonly pauses: Pauses,
  ) {}

  /** Makes the outbox ready. Throws `DeliveryError` when it cannot be written. */
  static async open(context: DestinationContext, pauses: Pauses = PAUSES): Promise<Ezged> {
    const outbox = join(outboxOf(context.state), context.name);
    await onDisk(outbox, Deno.mkdir(outbox, { recursive: true, mode: 0o700 }));
    const journal = Journal.open(join(context.state, "ledger.sqlite"), context.name);
    return new Ezged(context, outbox, journal, pauses);
  }

  place(deliver: Deliver): Promise<string> {
    const { cold, record } = deliver as unknown as EzgedDeliver;
    const place: Place = record ? { record } : { waitdir: cold ?? "" };
    return Promise.resolve(JSON.stringify(place));
  }

  stage(): Stage {
    const random = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    return new Stage(join(this.outbox, `${(this.#staged++).toString(36)}-${random.toString(36)}`));
  }

  reserve(place: string, items: readonly (readonly Wish[])[]): Promise<Move[][]> {
    const where: Place = JSON.parse(place);
    const plans = items.map((wishes) => this.#plansOf(wishes, where));
    const entries = new Map(this.journal.plan(plans.flat()).map((entry) => [entry.staged, entry]));
    return Promise.resolve(plans.map((item) =>
      item.flatMap(({ staged }) => {
        const entry = entries.get(staged);
        return entry ? [{ staged, target: this.#targetOf(entry), sizeBytes: entry.sizeBytes }] : [];
      })
    ));
  }

  async sync(): Promise<void> {
    await syncPath(this.outbox);
  }

  async arrive(moves: readonly Move[], signal?: AbortSignal): Promise<readonly Remark[]> {
    const arriving = this.#turn.then(() => this.#arrive(moves, signal ?? new AbortController().signal));
    this.#turn = arriving.catch(() => {});
    return await arriving;
  }

  release(moves: readonly Move[]): void {
    this.journal.forget(moves.map(({ staged }) => staged), { onlyUntouched: true });
  }

  replan(moves: readonly Move[]): Promise<Move[]> {
    return Promise.resolve([...moves]);
  }

  async forget(moves: readonly Move[]): Promise<void> {
    this.journal.forget(moves.map(({ staged }) => staged));
    await this.withdraw(moves);
  }

  async withdraw(moves: readonly Move[]): Promise<void> {
    for (const { staged } of moves) await Deno.remove(staged, { recursive: true }).catch(() => {});
  }

  async sweep(pending: ReadonlySet<string>): Promise<number> {
    this.journal.sweep(pending);
    let swept = 0;
    // The files of an envelope can be pending one by one, in the folder that it was decoded into.
    const folders = new Set([...pending].map((path) => dirname(path)));
    for await (const { name } of Deno.readDir(this.outbox)) {
      const path = join(this.outbox, name);
      if (pending.has(path) || folders.has(path)) continue;
      await Deno.remove(path, { recursive: true }).catch(() => {});
      swept++;
    }
    return swept;
  }

  close(): void {
    this.journal[Symbol.dispose]();
  }

  #plansOf(wishes: readonly Wish[], place: Place): Plan[] {
    const seen = new Map<string, number>();
    return wishes.map(({ staged, name, sizeBytes, origin }) => {
      if (!origin) throw new TypeError("Cannot hand over to EzGED: the document's origin is not given");
      // An item may hold the same file twice.
      const nth = seen.get(origin.content) ?? 0;
      seen.set(origin.content, nth + 1);
      const identity = [this.context.name, origin.launcher, origin.key, origin.content, String(nth)];
      const id = createHash("sha256").update(identity.join("\0")).digest("hex").slice(0, 32);
      const { byHand } = origin;
      return { id, staged, name: safeName(name), sizeBytes, place, fields: origin.fields(), byHand };
    });
  }

  #targetOf({ place, name }: Entry): string {
    return `ezged:${this.context.name}/${"waitdir" in place ? place.waitdir : place.record.table}/${name}`;
  }

  async #arrive(moves: readonly Move[], signal: AbortSignal): Promise<readonly Remark[]> {
    const entries = this.journal.find(moves.map(({ staged }) => staged));
    const open = moves.filter(({ staged }) => entries.get(staged)?.isDone !== true);
    if (open.length === 0) return [];
    if (signal.aborted) return open.map((move) => underway(move, "the gateway is stopping"));
    const section = sectionOf(this.context);
    if (!section) return open.map((move) => this.#orphaned(move, entries.get(move.staged)));
    try {
      await using session = await openSession(this.context, {
        guard: this.#guard,
        pauses: this.pauses,
        signal,
      });
      const handOver = new HandOver({ journal: this.journal, session, section, signal });
      return await new Arrival(handOver, entries).run(open);
    } catch (error) {
      if (!signal.aborted || error instanceof LedgerError) throw error;
      return this.#leftAfterStop(moves);
    }
  }

  /** What a stop has left open; the journal knows. */
  #leftAfterStop(moves: readonly Move[]): Remark[] {
    const entries = this.journal.find(moves.map(({ staged }) => staged));
    return moves.filter(({ staged }) => entries.get(staged)?.isDone !== true)
      .map((move) => underway(move, "the gateway is stopping"));
  }

  /** Without its section, what was not begun can go where its launcher delivers now; the rest waits here. */
  #orphaned(move: Move, entry: Entry | undefined): Remark {
    const reason = missingSection(this.context);
    const isBegun = entry !== undefined &&
      (entry.sent !== null || entry.rowId !== null || entry.jobId !== null);
    return isBegun ? underway(move, reason) : { kind: "refused", move, error: new ItemError(reason) };
  }
}

/** The documents of one `arrive`. */
class Arrival {
  readonly #remarks: Remark[] = [];
  readonly #jobs = new Map<Move, Entry>();

  constructor(readonly handOver: HandOver, readonly entries: ReadonlyMap<string, Entry>) {}

  async run(moves: readonly Move[]): Promise<readonly Remark[]> {
    const { signal } = this.handOver.tools;
    let followMs = 0;
    for (const move of moves) {
      signal.throwIfAborted();
      const before = this.entries.get(move.staged);
      const after = await this.#begin(move, before);
      if (!after || after.isDone) continue;
      this.#jobs.set(move, after);
      // What an earlier poll has waited for is only looked at: it must not hold up the others.
      if (before?.jobId === null && "record" in after.place) {
        followMs = Math.max(followMs, after.place.record.follow);
      }
    }
    await this.#follow(followMs);
    return this.#remarks;
  }

  async #begin(move: Move, entry: Entry | undefined): Promise<Entry | undefined> {
    try {
      if (!entry) {
        throw new UnsureError(
          `Cannot tell whether "${basename(move.target)}" is in EzGED: the journal lacks it`,
        );
      }
      return await this.handOver.begin(entry);
    } catch (error) {
      if (!(error instanceof GatewayError) || error.scope !== "item") throw error;
      this.#remarks.push({ kind: "refused", move, error });
      return undefined;
    }
  }

  /** Follows all jobs together, for as long as the slowest of them may take. */
  async #follow(followMs: number): Promise<void> {
    const { journal, signal, session: { options: { pauses } } } = this.handOver.tools;
    for (const until = Date.now() + followMs;;) {
      for (const [move, entry] of this.#jobs) {
        const state = await this.#look(entry);
        if (!state.isDone) continue;
        this.#jobs.delete(move);
        journal.mark(entry, { isDone: true });
        if (state.note !== undefined) this.#remarks.push({ kind: "arrived", move, reason: state.note });
      }
      if (this.#jobs.size === 0 || Date.now() + pauses.followMs > until) break;
      await pause(pauses.followMs, signal);
    }
    for (const [move, { jobId }] of this.#jobs) {
      this.#remarks.push(underway(move, `EzGED's job ${jobId} is not done yet`));
    }
  }

  async #look({ jobId }: Entry): ReturnType<HandOver["job"]> {
    try {
      return await this.handOver.job(jobId ?? "");
    } catch (error) {
      // It cannot say how the job stands; that is no reason to send anything again.
      if (error instanceof ItemError) return { isDone: false };
      throw error;
    }
  }
}

/** Signs in and out again. */
export async function probe(context: DestinationContext): Promise<void> {
  const signal = new AbortController().signal;
  const pauses = { ...PAUSES, busyMs: [] };
  await using _session = await openSession(context, { guard: new SignInGuard(), pauses, signal });
}

interface OpenOptions {
  readonly guard: SignInGuard;
  readonly pauses: Pauses;
  readonly signal: AbortSignal;
}

async function openSession(
  context: DestinationContext,
  { guard, pauses, signal }: OpenOptions,
): Promise<Session> {
  const section = sectionOf(context);
  if (!section) throw new DeliveryError(missingSection(context));
  const { url, account, domain, ca_file: caFile, timeout: timeoutMs } = section;
  const credentials: Credentials = {
    account,
    domain,
    password: await context.secret(section.password),
    token: await context.secret(section.token),
  };
  const authorities = caFile === undefined ? [] : await readAuthorities(context.path(caFile));
  guard.check(credentials, describeSection(section));
  try {
    const session = await Session.open(new Wire({ url, authorities, timeoutMs }), {
      credentials,
      signal,
      pauses,
    });
    guard.accepted();
    return session;
  } catch (error) {
    if (error instanceof SignInRefused) guard.refused(credentials);
    throw error;
  }
}

function sectionOf(context: DestinationContext): EzgedSection | undefined {
  return context.section() as EzgedSection | undefined;
}

function missingSection({ name }: DestinationContext): string {
  return `Cannot deliver to EzGED "${name}": gateway.toml has no [ezged.${name}]`;
}

function underway(move: Move, reason: string): Remark {
  return { kind: "underway", move, reason };
}
