/** One launcher at work: its polls and its errors. */
import type { LauncherConfig } from "./config/mod.ts";
import { addressOf, addressOfTarget } from "./delivery/mod.ts";
import { createDecoder, type Decoder } from "./decoder/client.ts";
import { DeliveryError, errorText, LedgerError, SourceError } from "./errors.ts";
import type { FoundRow } from "./ledger.ts";
import { type Log, logOf } from "./log.ts";
import { contextFor, decoderOptionsOf } from "./launcher_context.ts";
import { LauncherHistory } from "./launcher_history.ts";
import { goneError, onlyItem, storedSource, type WantedItem } from "./launcher_items.ts";
import { poll } from "./poll/mod.ts";
import { digestOfMail } from "./poll/take.ts";
import { Pace } from "./poll/progress.ts";
import type { PollReport } from "./poll/report.ts";
import { failureOf, withoutQuotes } from "./poll/told.ts";
import type { QuarantineEntry } from "./quarantine.ts";
import { SignInStop } from "./sign_in_stop.ts";
import { protocols } from "./sources/mod.ts";
import type { Protocol, Source, SourceContext, Unfinished } from "./sources/source.ts";
import type { Fault, LauncherError, PollResult, Progress } from "./status/view.ts";
import type { Stores } from "./stores.ts";
import { targetOf } from "./views.ts";

/** What a launcher needs of the gateway around it. */
export interface LauncherSurroundings {
  readonly base: string;
  readonly stores: Stores;
  readonly dial: SourceContext["dial"];
  /** Called after every change that the page may show. */
  readonly onChange?: () => void;
  /** Called when the ledger fails: nothing may go on. */
  readonly onFatal?: (error: LedgerError) => void;
  /** Whoever asks for a poll also says why it failed: the log need not. */
  readonly isAttended?: boolean;
}

/** One launcher of the configuration, ready to poll. */
export class Launcher implements AsyncDisposable {
  readonly #log: Log = logOf("launcher");
  readonly #stop = new AbortController();
  #error: LauncherError | undefined;
  #last: PollResult | undefined;
  #lastSuccess: Date | undefined;
  #progress: Progress | undefined;
  #left: number | undefined;
  #unfinished: readonly Unfinished[] = [];
  #polling = false;
  #polledAt: Date | undefined;
  #turn: Promise<void> = Promise.resolve();
  readonly #decoder: Decoder;
  readonly #signInStop: SignInStop;
  /** What it has done. */
  readonly history: LauncherHistory;

  constructor(readonly config: LauncherConfig, readonly surroundings: LauncherSurroundings) {
    const { base, stores: { ledger } } = surroundings;
    const { polledAt } = ledger.memory(config.id);
    this.history = new LauncherHistory(config.id, ledger);
    this.#polledAt = polledAt ?? undefined;
    this.#signInStop = new SignInStop(config, { ledger, base });
    if (this.#signInStop.isOn) {
      const { refusals } = this.#signInStop;
      const message = `Cannot sign in: the password was refused ${refusals} times in a row`;
      this.#error = { message, since: polledAt ?? new Date(), fault: "credentials" };
    }
    this.#decoder = createDecoder(decoderOptionsOf(config, surroundings));
  }

  get error(): LauncherError | undefined {
    return this.#error;
  }
  get lastPoll(): PollResult | undefined {
    return this.#last;
  }
  get lastSuccess(): Date | undefined {
    return this.#lastSuccess;
  }
  get progress(): Progress | undefined {
    return this.#progress;
  }
  /** Items that the poll in hand, or the last one, found and has not come to; `undefined` where that is not known. */
  get left(): number | undefined {
    return this.#left;
  }
  /** What the last poll left because it has not come whole for long. */
  get unfinished(): readonly Unfinished[] {
    return this.#unfinished;
  }
  /** Three passwords were refused in a row. */
  get locked(): boolean {
    return this.#signInStop.isOn;
  }
  get polling(): boolean {
    return this.#polling;
  }
  /** When the last poll began, of an earlier run of the gateway too. */
  get polledAt(): Date | undefined {
    return this.#polledAt;
  }

  /** One poll by schedule; `false` when it ended in error. Never rejects. */
  async tick(): Promise<boolean> {
    // Not an error of this tick: with a growing pause, a corrected password would be noticed late.
    if (await this.#signInStop.holds()) return true;
    try {
      await this.poll();
      return true;
    } catch {
      // Said and kept by `poll`.
      return false;
    }
  }

  /** One poll now, by hand or by schedule; rejects with the launcher's error. */
  async poll(options: { byHand?: boolean } = {}): Promise<PollReport> {
    const byHand = options.byHand === true;
    return await this.#poll(() => this.open(), { retryFailed: byHand });
  }

  /** What a poll by hand would do, without doing it. */
  async dryRun(): Promise<PollReport> {
    const { stores: { ledger, configuration: { gateway: { cold } } } } = this.surroundings;
    const folder = await Deno.makeTempDir({ prefix: "lanceur-dry-run-" });
    try {
      const options = decoderOptionsOf(this.config, this.surroundings);
      await using decoder = createDecoder({ ...options, write: [folder] });
      const { dryRun } = await import("./poll/dry_run.ts");
      return await dryRun(this.config, {
        ledger,
        root: cold.root,
        open: () => this.open(),
        decoder,
        folder,
        signal: this.#stop.signal,
        onProgress: (progress) => {
          this.#progress = progress;
          this.#changed();
        },
      });
    } finally {
      this.#progress = undefined;
      await Deno.remove(folder, { recursive: true });
    }
  }

  /**
   * Takes an item of the quarantine again; one that is cut, from its source, and throws `ItemError` when that has it no
   * more. The entry goes once it is delivered.
   */
  async retry(entry: QuarantineEntry): Promise<PollReport> {
    const { quarantine, ledger } = this.surroundings.stores;
    const item = quarantine.item(entry);
    const stored = () => Promise.resolve(storedSource(item));
    const report = await this.#poll(entry.isCut ? () => this.#only(entry) : stored, {
      retryFailed: true,
      retryQuarantined: true,
    });
    const outcome = ledger.lookup(this.config.id, [entry.key]).get(entry.key)?.outcome;
    if (outcome === "delivered") {
      await quarantine.drop(entry.id);
    } else if (outcome === "skipped" || outcome === "failed") {
      // Its original may be gone: the entry stays, and with it the item's place in the ledger.
      const reason = report.items[0]?.reason ?? entry.reason;
      const decision = { outcome: "quarantined", reason, attempts: entry.attempts + 1 } as const;
      ledger.decide(this.config.id, item, { ...decision, isSettled: entry.isCut === true });
    }
    this.surroundings.onChange?.();
    if (entry.isCut && report.items.length === 0 && !this.#stop.signal.aborted) {
      throw goneError(entry.label, targetOf(this.config));
    }
    return report;
  }

  /**
   * Delivers an item again that was delivered before, from its original or from where settling has put that.
   *
   * @throws {ItemError} when neither is there any more.
   */
  async redeliver(row: FoundRow): Promise<PollReport> {
    const report = await this.#poll(() => this.#only(row), { redeliver: true });
    if (report.items.length > 0 || this.#stop.signal.aborted) return report;
    throw goneError(row.label, targetOf(this.config));
  }

  /**
   * What wakes this launcher, when its schedule is push; nothing where the protocol cannot tell, and while polls
   * fail: a watch signs in as a poll does, and must not add to the refused passwords.
   */
  async *watch(signal: AbortSignal): AsyncGenerator<void> {
    await this.#turn;
    if (this.#error !== undefined || await this.#signInStop.holds()) return;
    const context = this.#context(AbortSignal.any([signal, this.#stop.signal]));
    try {
      yield* this.#protocol.watch?.(this.config.listen, context) ?? [];
    } catch (error) {
      if (error instanceof SourceError && error.fault === "credentials") await this.#refused();
      throw error;
    }
  }

  /** Ends the stop after refused passwords: the next poll signs in again. */
  unlock(): void {
    if (this.locked) this.#signInStop.end();
  }

  /** Opens the source, for a look that changes nothing. */
  async open(): Promise<Source> {
    return await this.#protocol.open(this.config.listen, this.#context(this.#stop.signal));
  }

  /** Resolves when no poll runs, and the decoder has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn;
    await this.#decoder[Symbol.asyncDispose]();
  }

  /** Lets the poll in hand end early, leaving everything as it is. */
  abort(): void {
    this.#stop.abort();
  }

  /** The source, of which one item alone is of interest. */
  async #only(wanted: WantedItem): Promise<Source> {
    const { documents } = this.config;
    return onlyItem(await this.open(), wanted, (content) => digestOfMail(content, documents));
  }

  /** Polls once the poll before has ended: never two at a time. */
  async #poll(open: () => Promise<Source>, again: Again): Promise<PollReport> {
    const polling = this.#turn.then(() => this.#pollAlone(open, again));
    this.#turn = polling.then(() => {}, () => {});
    return await polling;
  }

  async #pollAlone(open: () => Promise<Source>, again: Again): Promise<PollReport> {
    // Asked for while it was being stopped: the launcher of that name may be another one by now.
    this.#stop.signal.throwIfAborted();
    const { stores } = this.surroundings;
    const at = new Date();
    this.#polling = true;
    this.#polledAt = at;
    const pace = new Pace(at.getTime());
    this.#progress = { done: 0, bytes: 0 };
    this.#left = undefined;
    this.#changed();
    try {
      stores.ledger.remember(this.config.id, { polledAt: at });
      const report = await poll(this.config, {
        ledger: stores.ledger,
        destination: await stores.destination(addressOf(this.config.deliver), this.#stop.signal),
        find: (target) => stores.destination(addressOfTarget(target), this.#stop.signal),
        quarantine: stores.quarantine,
        retained: stores.retained,
        decoder: this.#decoder,
        log: logOf("poll"),
        keepDays: stores.configuration.gateway.ledger.keepDays,
      }, {
        ...again,
        open,
        signal: this.#stop.signal,
        onDecided: (decided) => this.history.decided(decided, new Date()),
        onProgress: (progress) => {
          const now = Date.now();
          pace.note(progress, now);
          this.#progress = { ...this.#progress, ...progress, ...pace.rate(progress, now) };
          this.#left = progress.of === undefined ? undefined : progress.of - progress.done;
          this.#changed();
        },
      });
      this.#succeeded(at, report);
      // A poll of one item by hand has not looked at the others.
      if (!again.retryQuarantined && !again.redeliver) this.#tellUnfinished(report.unfinished ?? []);
      return report;
    } catch (error) {
      // An aborted poll is no failure of the launcher.
      if (!this.#stop.signal.aborted || error instanceof LedgerError) await this.#failed(at, error);
      throw error;
    } finally {
      this.#polling = false;
      this.#progress = undefined;
      this.#changed();
    }
  }

  #succeeded(at: Date, report: PollReport): void {
    const { delivered, skipped, quarantined, failed, known } = report;
    const durationMs = Date.now() - at.getTime();
    this.#left = 0;
    this.#last = { at, durationMs, delivered, skipped, quarantined, failed, known };
    this.history.ended(this.#last);
    this.#lastSuccess = new Date();
    if (this.#error) this.#log.info("works again", { launcher: this.config.name });
    this.#error = undefined;
    this.#signInStop.end();
    const level = delivered + skipped + quarantined + failed > 0 ? "info" : "debug";
    this.#log[level]("polled", {
      launcher: this.config.name,
      delivered,
      skipped,
      quarantined,
      failed,
      known,
      durationMs,
    });
  }

  #tellUnfinished(all: readonly Unfinished[]): void {
    const unfinished = all.filter(({ isLate }) => isLate);
    const told = new Set(this.#unfinished.map(({ label }) => label));
    for (const { label, reason, since } of unfinished) {
      if (told.has(label)) continue;
      const facts = { item: label, reason: withoutQuotes(reason), since: since.toISOString() };
      this.#log.warn("unfinished, left where it is", { launcher: this.config.name, ...facts });
    }
    this.#unfinished = unfinished;
  }

  async #failed(at: Date, error: unknown): Promise<void> {
    const message = errorText(error);
    if (error instanceof LedgerError) this.surroundings.onFatal?.(error);
    else this.history.broke(at, message);
    const fault = faultOf(error, this.config);
    this.#error = { message, since: this.#error?.since ?? at, ...(fault ? { fault } : {}) };
    if (!this.surroundings.isAttended) {
      const { root } = this.surroundings.stores.configuration.gateway.cold;
      this.#log.error("poll failed", { launcher: this.config.name, ...failureOf(error, root) });
    }
    if (fault === "credentials") await this.#refused();
  }

  async #refused(): Promise<void> {
    if (!await this.#signInStop.refused()) return;
    this.#log.error("stopped after refused passwords; correct the password, or start a poll by hand", {
      launcher: this.config.name,
      refusals: this.#signInStop.refusals,
    });
  }

  get #protocol(): Protocol {
    return protocols[this.config.listen.protocol] as Protocol;
  }

  #context(signal: AbortSignal): SourceContext {
    const { base, dial, stores: { accounts } } = this.surroundings;
    return contextFor({ base, dial, accounts, signal });
  }

  #changed(): void {
    this.surroundings.onChange?.();
  }
}

/** Which recorded items a poll looks at again. */
interface Again {
  readonly retryFailed?: boolean;
  readonly retryQuarantined?: boolean;
  readonly redeliver?: boolean;
}

/** What kind of thing has to be mended, where that can be told. */
function faultOf(error: unknown, { listen, deliver }: LauncherConfig): Fault | undefined {
  if (error instanceof SourceError) return "path" in listen ? "folder" : error.fault;
  if (!(error instanceof DeliveryError)) return undefined;
  return addressOf(deliver).kind === "cold" ? "delivery" : "destination";
}
