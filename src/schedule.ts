/**
 * When a launcher polls: croner's patterns, `@every`, or push; never two polls at once, growing pauses after
 * errors, and one poll for any number of ticks that were missed while the machine slept.
 */
import { Cron } from "croner";
import { type BackOffLimits, pauseMs } from "./back_off.ts";
import { errorText } from "./errors.ts";

/** Longest single sleep: after a suspended machine wakes, the clock is looked at again this soon. */
const MAX_SLEEP_MS = 20_000;
const POLL_PAUSE: BackOffLimits = { firstMs: 30_000, mostMs: 30 * 60_000 };
/** Before a watch that broke is begun again; the rescan goes on meanwhile. */
const WATCH_PAUSE: BackOffLimits = { firstMs: 5000, mostMs: 15 * 60_000 };
/** A watch that held so long had not failed at its beginning. */
const WATCH_HELD_MS = 60_000;
const PUSH_RESCAN_MS = { folder: 10_000, mail: 15 * 60_000 } as const;

/** A way to tell the next tick. */
export interface Timetable {
  /** The first tick after `date`, or `null` when there is none. */
  next(date: Date): Date | null;
  /** Whether a launcher that has never polled does so at once, rather than at the first tick. */
  readonly startsAtOnce: boolean;
}

/**
 * Reads a schedule: a cron pattern of 5 or 6 fields, `@every 30s`, or `push` (then this is the rescan).
 *
 * @throws {RangeError} when it cannot be understood or would never run.
 */
export function readSchedule(
  schedule: string,
  options: { timezone?: string; pushes?: "folder" | "mail" } = {},
): Timetable {
  if (schedule === "push") return everyMs(PUSH_RESCAN_MS[options.pushes ?? "mail"]);
  const every = /^@every\s+(\d+)\s*(ms|s|m|h|d)$/.exec(schedule.trim());
  if (every) {
    return everyMs(
      Number(every[1]) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[every[2] as "s"],
    );
  }
  try {
    const local = new Cron(schedule, { paused: true });
    // In any zone, or in none.
    if (local.nextRun() === null) throw new RangeError("it would never run");
    const { timezone } = options;
    if (timezone === undefined) return { next: (date) => local.nextRun(date), startsAtOnce: false };
    // Throws for one that is not known.
    new Intl.DateTimeFormat("en", { timeZone: timezone });
    // Made when it is asked: croner's first use of a zone takes some 15 ms, and a poll by hand has no need of it.
    let zoned: Cron | undefined;
    return {
      next: (date) => (zoned ??= new Cron(schedule, { paused: true, timezone })).nextRun(date),
      startsAtOnce: false,
    };
  } catch (cause) {
    const message = errorText(cause);
    throw new RangeError(`Cannot use schedule "${schedule}": ${message}`, { cause });
  }
}

function everyMs(intervalMs: number): Timetable {
  return { next: (date) => new Date(date.getTime() + intervalMs), startsAtOnce: true };
}

/** What a schedule runs. */
export interface Scheduled {
  /** One poll; resolves `false` when the launcher is in error and should be left in peace for a while. */
  run(): Promise<boolean>;
  readonly timetable: Timetable;
  /** When the last poll began, perhaps in an earlier life of the gateway. */
  readonly lastRun: Date | null;
  /** Yields when something may have arrived. */
  readonly watch?: (signal: AbortSignal) => AsyncIterable<void>;
  /** Told when the watch fails; it is begun again later. */
  readonly onWatchError?: (error: unknown) => void;
  /** Instead of the usual pauses before a watch that broke is begun again. */
  readonly watchPause?: BackOffLimits;
}

/** Runs one launcher until aborted. */
export class Schedule {
  #nextRun: Date | null = null;
  #running: Promise<boolean> | undefined;
  #again = false;
  #failures = 0;
  #paused = false;
  #wake: () => void = () => {};
  #wakeWatch: () => void = () => {};
  readonly #stop = new AbortController();
  readonly #loops: Promise<void>[] = [];

  constructor(readonly scheduled: Scheduled) {}

  /** When the next poll is due; `null` when there is none or it is paused. */
  get nextRun(): Date | null {
    return this.#paused ? null : this.#nextRun;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Begins; a tick that passed while nothing ran is caught up once. */
  start(): void {
    const { lastRun, timetable, watch } = this.scheduled;
    const now = new Date();
    const last = lastRun && lastRun < now ? lastRun : now;
    this.#nextRun = watch || (!lastRun && timetable.startsAtOnce) ? now : timetable.next(last);
    this.#loops.push(this.#tick());
    if (watch) this.#loops.push(this.#watch(watch));
  }

  /** Polls now, or joins a poll that runs already; the answer is its own. */
  async runNow(): Promise<boolean> {
    return await (this.#running ?? this.#run());
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#failures = 0;
    this.#nextRun = new Date();
    this.#wake();
  }

  /** Ends; resolves when the poll that runs has ended too. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await Promise.all(this.#loops);
    await this.#running;
  }

  async #tick(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#respectClock();
      const due = this.#nextRun?.getTime() ?? Infinity;
      const waitMs = due - Date.now();
      if (waitMs > 0 || this.#paused) {
        await this.#sleep(this.#paused ? MAX_SLEEP_MS : Math.min(waitMs, MAX_SLEEP_MS));
        continue;
      }
      await this.runNow();
    }
  }

  /** A clock set back must not make the launcher wait for a time that was computed before. */
  #respectClock(): void {
    if (this.#failures > 0 || !this.#nextRun) return;
    const next = this.scheduled.timetable.next(new Date());
    if (next && next < this.#nextRun) this.#nextRun = next;
  }

  async #run(): Promise<boolean> {
    this.#again = false;
    this.#running = this.scheduled.run();
    let well = false;
    try {
      well = await this.#running;
    } finally {
      this.#running = undefined;
      this.#failures = well ? 0 : this.#failures + 1;
      // What let this poll through will let the watch through.
      if (well) this.#wakeWatch();
      const now = new Date();
      this.#nextRun = this.#again && well ? now : this.#later(this.scheduled.timetable.next(now), now);
      this.#wake();
    }
    return well;
  }

  /** The next tick that respects the pause after errors. */
  #later(next: Date | null, now: Date): Date | null {
    if (this.#failures === 0 || !next) return next;
    const earliest = new Date(now.getTime() + pauseMs(this.#failures, POLL_PAUSE));
    return next >= earliest ? next : earliest;
  }

  async #watch(watch: (signal: AbortSignal) => AsyncIterable<void>): Promise<void> {
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      // It may make what is to be watched, such as the folder, and tells whether one can sign in at all.
      await this.#running?.catch(() => false);
      const begun = Date.now();
      let isBroken = false;
      try {
        for await (const _ of watch(this.#stop.signal)) this.#nudge();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        isBroken = true;
        this.scheduled.onWatchError?.(error);
      }
      failures = Date.now() - begun < WATCH_HELD_MS ? failures + 1 : 1;
      if (this.#stop.signal.aborted) return;
      await this.#pauseWatch(failures);
      // What broke the watch may keep polls out as well: the launcher is then in error at once, not at its next rescan.
      if (isBroken && !this.#paused && this.#failures === 0 && !this.#stop.signal.aborted) {
        await this.runNow();
      }
    }
  }

  /** Something may have arrived: poll now, or once more when this poll ends; not while in error. */
  #nudge(): void {
    this.#again = true;
    if (this.#running || this.#failures > 0 || this.#paused) return;
    this.#nextRun = new Date();
    this.#wake();
  }

  async #sleep(milliseconds: number): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
  }

  async #pauseWatch(failures: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, pauseMs(failures, this.scheduled.watchPause ?? WATCH_PAUSE));
    this.#stop.signal.addEventListener("abort", () => resolve(), { once: true });
    this.#wakeWatch = resolve;
    await promise;
    clearTimeout(timer);
  }
}
