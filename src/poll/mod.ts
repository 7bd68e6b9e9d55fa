/**
 * One poll of one launcher: the only place that knows every stage. Order per batch: take apart and stage, sync,
 * ledger `pending`, hand over to the destination, ledger `delivered`, and only then settle the originals.
 */
import type { LauncherConfig } from "../config/mod.ts";
import type { Move, Remark } from "../delivery/destination.ts";
import { errorText, GatewayError } from "../errors.ts";
import { compileFilter, type Filter } from "../filter/mod.ts";
import type { LedgerRow } from "../ledger.ts";
import type { Item } from "../model.ts";
import type { Source } from "../sources/source.ts";
import { inGroups } from "./groups.ts";
import { previewMails } from "./headers.ts";
import { contentsOf, isCopy, pendingOf, siftDuplicates, type Sifted } from "./duplicates.ts";
import { forgetGone } from "./forget.ts";
import { isOutdated, KnownRows } from "./known_rows.ts";
import type { PollOptions, PollTools } from "./options.ts";
import { repairLauncher } from "./repair.ts";
import { logRemarks, openOf, refusalOf } from "./remarks.ts";
import { type PollReport, ReportBuilder } from "./report.ts";
import { type Kept, Retained } from "./retained.ts";
import { isTimeFor } from "./retries.ts";
import type { LeftItem, StagedItem, takeItem } from "./take.ts";
import { type Decided, type FailedItem, reasonOf, Verdicts } from "./verdicts.ts";

/** Items looked up in the ledger, and announced to the source, at a time. */
const SIFT_ITEMS = 1000;
/** Items that share one sync and one ledger transaction. */
const BATCH_ITEMS = 200;
const BATCH_BYTES = 32 * 1024 * 1024;
/** Up to this size items are taken apart side by side; the bytes of larger ones are fetched one item at a time. */
const SMALL_BYTES = 256 * 1024;
const SIDE_BY_SIDE = 32;

/** Runs one poll. Rejects with a `GatewayError` of launcher or process scope; what was done until then stays done. */
export async function poll(
  launcher: LauncherConfig,
  tools: PollTools,
  options: PollOptions,
): Promise<PollReport> {
  return await new Poll(launcher, tools, options).run();
}

type Taken = StagedItem | LeftItem | FailedItem;

class Poll {
  readonly #filter: Filter;
  readonly #report: ReportBuilder;
  readonly #settled: string[] = [];
  /** Second keys seen in this poll: of two like mails in one batch, one is taken. */
  readonly #digests = new Set<string>();
  readonly #verdicts: Verdicts;
  readonly #retained: Retained;
  readonly #say = (remarks: readonly Remark[], { label: item }: Pick<Item, "label">): void =>
    logRemarks(remarks, { log: this.tools.log, launcher: this.launcher.name, item });
  #source: Source | undefined;
  readonly #rows: KnownRows;
  #bytes = 0;
  #place = "";
  #failure: unknown;

  constructor(readonly launcher: LauncherConfig, readonly tools: PollTools, readonly options: PollOptions) {
    this.#filter = compileFilter(launcher.filter);
    this.#report = new ReportBuilder(launcher.name);
    this.#verdicts = new Verdicts(launcher, tools, {
      report: this.#report,
      signal: options.signal,
      onDecided: (item, decided) => this.#decided(item, decided),
    });
    this.#rows = new KnownRows(tools.ledger, launcher.id, (row) => this.#isDue(row));
    this.#retained = new Retained(tools.retained, { launcher: launcher.name, scope: launcher.id });
  }

  async run(): Promise<PollReport> {
    const { ledger, destination, find, log } = this.tools;
    const repaired = await repairLauncher(ledger, {
      launcher: this.launcher.id,
      find,
      signal: this.options.signal,
      onRemark: (remark, item) => this.#say([remark], item),
    });
    if (repaired > 0) {
      log.warn("finished deliveries left open", { launcher: this.launcher.name, items: repaired });
    }
    this.#place = await destination.place(this.launcher.deliver);
    if (!this.#isByHand) await this.#retryRetained();
    await using source = await this.options.open();
    this.#source = source;
    try {
      for await (const batch of inGroups(source.items(this.#rows.isKnown), SIFT_ITEMS)) {
        await this.#batch(source, batch);
        if (this.#stopped) break;
      }
      if (!this.#stopped) this.#report.unfinished(source.unfinished ?? []);
      if (!this.#stopped) await this.#settleLeftovers(source);
      if (!this.#stopped && !this.#isByHand) await this.#forget(source);
      if (this.#failure === undefined) {
        await source.commit();
        ledger.settle(this.launcher.id, this.#settled);
      }
    } catch (error) {
      if (this.#failure === undefined && !this.options.signal.aborted) this.#failure = error;
    }
    if (this.#failure !== undefined) throw this.#failure;
    return this.#report.finish();
  }

  /** Whether the source is one item that a person asked for, knowing what became of it. */
  get #isByHand(): boolean {
    return this.options.retryQuarantined === true || this.options.redeliver === true;
  }

  get #stopped(): boolean {
    return this.#failure !== undefined || this.options.signal.aborted;
  }

  /** Tries again what is kept here of mails that failed, whether or not their source still has them. */
  async #retryRetained(): Promise<void> {
    const kept = this.#retained.items();
    const rows = this.tools.ledger.lookup(this.launcher.id, kept.map(({ key }) => key));
    const due = kept.filter(({ key }) => {
      const row = rows.get(key);
      return row === undefined || this.#isDue(row);
    });
    await this.#batch({}, due);
    await this.#retained.sweep(this.tools.ledger);
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #batch(source: Pick<Source, "expect" | "headers">, items: readonly Item[]): Promise<void> {
    const rows = this.#rows.of(items.map(({ key }) => key));
    this.#rows.see(rows);
    const due: Item[] = [];
    const settling: Promise<void>[] = [];
    for (const item of items) {
      const row = rows.get(item.key);
      if (row) this.#verdicts.know(row);
      const isKept = source === this.#source && this.#retained.has(item.key);
      if (!isKept && (!row || this.#rows.isDue(row))) due.push(item);
      else {
        this.#report.known();
        settling.push(this.#settleKnown(item, row));
      }
    }
    // At once: the source may send them off together, and has to ask for something to settle some.
    await Promise.all(settling);
    const { refused, rest: fresh } = await previewMails(due, {
      filter: this.#filter,
      source,
      isStopped: () => this.#stopped,
    });
    for (const one of refused) await this.#decide(one);
    source.expect?.(fresh);
    this.#tell();
    // While one batch is synced and renamed, the next is already being taken apart.
    let committing: Promise<readonly Item[]> = Promise.resolve([]);
    try {
      for (let next = 0; next < fresh.length && !this.#stopped;) {
        const taken: Taken[] = [];
        next = await this.#take(fresh, next, taken);
        await this.#settleAll(await committing);
        committing = this.#commit(taken.filter((one): one is StagedItem => one.kind === "staged"));
        for (const one of taken) if (one.kind !== "staged") await this.#decide(one);
      }
    } finally {
      // Whatever happened: the next poll's repair must not meet renames that are still under way.
      await this.#settleAll(await committing);
    }
  }

  #decided({ label, sizeBytes }: Item, decided: Decided): void {
    this.#bytes += sizeBytes;
    this.options.onDecided?.(decided);
    this.#tell(label);
  }

  #tell(label?: string): void {
    const { done } = this.#report;
    const count = this.#source?.count;
    const of = count === undefined ? undefined : Math.max(count, done);
    this.options.onProgress?.({ done, of, bytes: this.#bytes, ...(label === undefined ? {} : { label }) });
  }

  /** Whether an item in the ledger has to be looked at again. */
  #isDue(row: LedgerRow): boolean {
    if (isOutdated(row, this.launcher.fingerprint)) return true;
    if (row.outcome === "delivered") return this.options.redeliver === true;
    if (row.outcome === "quarantined") return this.options.retryQuarantined === true;
    return row.outcome === "failed" && (this.options.retryFailed === true || isTimeFor(row.retryAt));
  }

  async #forget(source: Source): Promise<void> {
    const { ledger, keepDays } = this.tools;
    await forgetGone(ledger, source, { launcher: this.launcher.id, keepDays });
  }

  /** Settles what an earlier poll had delivered and was interrupted in settling. */
  async #settleLeftovers(source: Source): Promise<void> {
    const { ledger } = this.tools;
    for await (const batch of inGroups(source.leftovers?.() ?? [], SIFT_ITEMS)) {
      const rows = ledger.lookup(this.launcher.id, batch.map(({ key }) => key));
      await Promise.all(batch.map((item) => this.#settleKnown(item, rows.get(item.key))));
    }
  }

  async #settleKnown(item: Item, row: LedgerRow | undefined): Promise<void> {
    if (!row || row.settled) return;
    if (row.outcome === "delivered" || row.outcome === "quarantined") await this.#settle(item, row.outcome);
  }

  /** Takes items apart until a batch is full; returns where the next one begins. */
  async #take(items: readonly Item[], from: number, taken: Taken[]): Promise<number> {
    // Loaded when there is something to take, and while it is on its way: most polls find nothing new.
    const { takeItem } = await import("./take.ts");
    const running = new Set<Promise<void>>();
    const results: (Taken | undefined)[] = [];
    let bytes = 0;
    let next = from;
    while (next < items.length && next - from < BATCH_ITEMS && bytes < BATCH_BYTES && !this.#stopped) {
      const item = items[next++];
      if (!item) break;
      bytes += item.sizeBytes;
      const place = results.push(undefined) - 1;
      const one = this.#takeOne(item, takeItem).then((result) => {
        running.delete(one);
        results[place] = result;
      });
      running.add(one);
      if (item.sizeBytes > SMALL_BYTES) await one;
      else if (running.size >= SIDE_BY_SIDE) await Promise.race(running);
    }
    await Promise.all(running);
    // In the order of the source: of two duplicates, the older one is the original.
    for (const result of results) if (result) taken.push(result);
    return next;
  }

  async #takeOne(item: Item, take: typeof takeItem): Promise<Taken | undefined> {
    const stage = this.tools.destination.stage();
    let title: string | undefined;
    try {
      const taken = await take(item, {
        launcher: this.launcher,
        filter: this.#filter,
        decoder: this.tools.decoder,
        stage,
        signal: this.options.signal,
        byHand: this.#isByHand,
        onTitle: (read) => title = read,
      });
      if (taken.kind !== "staged") await stage.discard();
      return taken;
    } catch (error) {
      await stage.discard();
      if (this.options.signal.aborted) return undefined;
      if (error instanceof GatewayError && error.scope !== "item") {
        this.#failure ??= error;
        return undefined;
      }
      return { kind: "failed", item, error, title };
    }
  }

  /** Delivers what is staged; resolves with the items whose originals may be settled. Never rejects. */
  async #commit(staged: readonly StagedItem[]): Promise<readonly Item[]> {
    const { ledger, destination } = this.tools;
    const ready: (Sifted & { moves: Move[] })[] = [];
    const done: Item[] = [];
    let isPending = false;
    let remarks: readonly Remark[] = [];
    let isOpen = (_moves: readonly Move[]) => false;
    try {
      const sifted = await this.#sift(staged, done);
      const [copies, fresh] = [sifted.filter(isCopy), sifted.filter((one) => !isCopy(one))];
      await Promise.all(fresh.map(({ one }) => one.stage.sync()));
      const moves = await destination.reserve(this.#place, fresh.map(({ one }) => one.wishes));
      fresh.forEach((one, index) => ready.push({ ...one, moves: moves[index] ?? [] }));
      if (ready.length === 0) return this.#nothingNew(copies, done);
      await destination.sync();
      ledger.pend(this.launcher.id, ready.map(pendingOf));
      isPending = true;
      // Not before: what they are copies of may be among the rest of this very batch.
      this.#nothingNew(copies, done);
      remarks = await destination.arrive(ready.flatMap(({ moves }) => moves), this.options.signal);
      isOpen = openOf(remarks);
      const arrived = ready.filter(({ moves }) => !isOpen(moves));
      ledger.deliver(this.launcher.id, arrived.map(({ one }) => one.item.key));
      await destination.forget(arrived.flatMap(({ moves }) => moves));
    } catch (error) {
      this.#failure ??= error;
      // What is pending in the ledger stays staged: the next poll's repair finishes it. The rest begins anew.
      if (!isPending) {
        destination.release(ready.flatMap(({ moves }) => moves));
        for (const { stage } of staged) await stage.discard();
      }
      return done;
    }
    for (const { one, moves } of ready) {
      const about = remarks.filter(({ move }) => moves.includes(move));
      if (isOpen(moves)) await this.#leftOpen(one, about);
      else {
        await one.stage.clear();
        this.#say(about, one.item);
        this.#verdicts.delivered(one, moves);
        done.push(one.item);
      }
    }
    return done;
  }

  /** Decides what brings nothing new, once all that it has is on record. */
  #nothingNew(copies: readonly Sifted[], done: Item[]): readonly Item[] {
    for (const { one } of copies) {
      this.#verdicts.nothingNew(one);
      done.push(one.item);
    }
    return done;
  }

  /** What is new among what is staged, or a copy of others' content. What came before is discarded, and perhaps `done`. */
  async #sift(staged: readonly StagedItem[], done: Item[]): Promise<readonly Sifted[]> {
    const { launcher: { id, deliver: { duplicates } }, tools: { ledger } } = this;
    // What a person wants delivered is delivered.
    const mode = this.#isByHand ? "deliver" : duplicates;
    const twins = this.options.redeliver
      ? new Map<string, string>()
      : ledger.deliveredAs(id, staged.flatMap(({ digest }) => digest ?? []));
    const delivered = mode === "deliver" ? new Map() : ledger.deliveredContents(id, contentsOf(staged));
    const sifted: Sifted[] = [];
    for (const one of staged) {
      const { digest, item, stage } = one;
      const twin = digest === undefined ? undefined : twins.get(digest);
      if (twin !== undefined || (digest !== undefined && this.#digests.has(digest))) {
        await stage.discard();
        if (twin !== undefined) done.push(item);
        this.#verdicts.twin(one, twin);
        continue;
      }
      if (digest !== undefined) this.#digests.add(digest);
      const { left, ...rest } = siftDuplicates(one, { duplicates: mode, delivered });
      for (const wish of left) await stage.dropPath(wish.staged);
      if (rest.one.wishes.length === 0) await stage.discard();
      sifted.push({ ...rest, left, contents: duplicates === "deliver" ? [] : rest.contents });
    }
    return sifted;
  }

  async #decide(taken: LeftItem | FailedItem): Promise<void> {
    if (this.options.redeliver) return this.#verdicts.refuse(taken);
    const original = await this.#verdicts.decide(taken);
    if (original === "settle") await this.#settle(taken.item, "quarantined");
    if (original === "keep") await this.#keep(taken.item, { reason: reasonOf(taken), title: taken.title });
  }

  /** Before `commit`, after which its source may no longer have it. */
  async #keep(item: Item, why: Kept): Promise<void> {
    if (this.#source?.forgetsRead === true) await this.#retained.keep(item, why);
  }

  /** An item of which a document did not arrive: refused, or accepted and not done yet. */
  async #leftOpen({ item, stage, title }: StagedItem, remarks: readonly Remark[]): Promise<void> {
    const error = refusalOf(remarks);
    try {
      if (error === undefined) {
        this.#say(remarks, item);
        await this.#keep(item, { reason: "its delivery goes on", title });
        return this.#report.known();
      }
      this.tools.ledger.withdraw(this.launcher.id, [item.key]);
      await stage.discard();
      await this.#decide({ kind: "failed", item, error, title });
    } catch (failure) {
      this.#failure ??= failure;
    }
  }

  async #settleAll(items: readonly Item[]): Promise<void> {
    // At once: where the protocol allows it, the source sends them off together.
    await Promise.all(items.map((item) => this.#settle(item, "delivered")));
  }

  async #settle(item: Item, kind: "delivered" | "quarantined"): Promise<void> {
    if (this.#failure !== undefined) return;
    try {
      if (await item.settle({ kind })) this.#settled.push(item.key);
    } catch (error) {
      if (error instanceof GatewayError && error.scope !== "item") {
        this.#failure ??= error;
        return;
      }
      const reason = errorText(error);
      this.tools.log.warn("original not settled, tried again at the next poll", {
        launcher: this.launcher.name,
        item: item.label,
        reason,
      });
    }
  }
}
