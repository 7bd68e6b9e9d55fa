/** What a launcher has done: counted since it started, by the hour for a day, and poll by poll. */
import type { Ledger } from "./ledger.ts";
import type { OutcomeKind } from "./model.ts";
import { ruleOf } from "./poll/told.ts";
import type { Decided } from "./poll/verdicts.ts";
import type {
  Activity,
  HourCounts,
  LauncherCounters,
  OutcomeCounts,
  PollResult,
  PollView,
} from "./status/view.ts";

const HOUR_MS = 3_600_000;
const HOURS = 24;
const KEPT_POLLS = 100;
const NOTHING: OutcomeCounts = { delivered: 0, skipped: 0, quarantined: 0, failed: 0 };

/** What happened in one hour. */
interface Hour {
  readonly counts: Record<OutcomeKind, number>;
  readonly rules: Map<string, number>;
}

/** The history of one launcher; what an earlier run of the gateway did is read from the ledger when it is asked for. */
export class LauncherHistory {
  readonly #launcher: string;
  readonly #ledger: Ledger;
  readonly #counts: Record<OutcomeKind, number> = { ...NOTHING };
  readonly #skipped = new Map<string, number>();
  #documents = 0;
  #polls = 0;
  #failedPolls = 0;
  #pollMs = 0;
  /** By hours since 1970; unset until somebody looks: the ledger then knows what has happened so far. */
  #hours: Map<number, Hour> | undefined;
  #recent: PollView[] | undefined;

  constructor(launcher: string, ledger: Ledger) {
    this.#launcher = launcher;
    this.#ledger = ledger;
  }

  /** Totals since it started; they never go back. */
  get counters(): LauncherCounters {
    return {
      ...this.#counts,
      documents: this.#documents,
      skippedBy: Object.fromEntries(this.#skipped),
      polls: this.#polls,
      failedPolls: this.#failedPolls,
      pollSeconds: this.#pollMs / 1000,
    };
  }

  /** Counts what was decided of one item. */
  decided({ outcome, reason, documents }: Decided, at: Date): void {
    this.#counts[outcome] += 1;
    this.#documents += documents;
    const rule = outcome === "skipped" ? ruleOf(reason ?? "") : undefined;
    if (rule !== undefined) increase(this.#skipped, rule, 1);
    if (this.#hours !== undefined) add(this.#hours, { at, outcome, rule, items: 1 });
  }

  /** Notes a poll that came to its end. Throws `LedgerError` when it cannot be remembered. */
  ended(poll: PollResult): void {
    this.#note({ ...poll, times: 1 });
  }

  /** Notes a poll that did not. Throws `LedgerError` when it cannot be remembered. */
  broke(at: Date, error: string): void {
    this.#failedPolls += 1;
    this.#note({ ...NOTHING, at, durationMs: Date.now() - at.getTime(), known: 0, error, times: 1 });
  }

  #note(poll: PollView): void {
    this.#polls += 1;
    this.#pollMs += poll.durationMs;
    const recent = this.polls();
    const [last] = recent;
    // Hundreds of polls that found nothing are one line, and cost no write.
    if (last !== undefined && isUneventful(last) && isUneventful(poll) && last.error === poll.error) {
      recent[0] = { ...poll, times: last.times + 1 };
      return;
    }
    recent.unshift(poll);
    recent.length = Math.min(recent.length, KEPT_POLLS);
    if (poll.error !== undefined || !isUneventful(poll)) this.#ledger.addPoll(this.#launcher, poll);
  }

  /** The last polls, newest first; like ones without any event stand together as one. */
  polls(): PollView[] {
    return this.#recent ??= this.#ledger.polls(this.#launcher).map((poll) => ({ ...poll, times: 1 }));
  }

  /** The last 24 hours, this one included. */
  activity(now: Date): Activity {
    const current = Math.floor(now.getTime() / HOUR_MS);
    const hours = this.#hours ??= this.#read(new Date((current - HOURS + 1) * HOUR_MS));
    for (const hour of hours.keys()) if (hour <= current - HOURS) hours.delete(hour);
    const rules = new Map<string, number>();
    const counts = Array.from({ length: HOURS }, (_, index): HourCounts => {
      const hour = current - HOURS + 1 + index;
      const found = hours.get(hour);
      for (const [rule, items] of found?.rules ?? []) increase(rules, rule, items);
      return { at: new Date(hour * HOUR_MS), ...(found?.counts ?? NOTHING) };
    });
    const skippedBy = [...rules].sort(([, one], [, other]) => other - one);
    return { hours: counts, skippedBy: Object.fromEntries(skippedBy) };
  }

  #read(since: Date): Map<number, Hour> {
    const hours = new Map<number, Hour>();
    for (const { rule, ...row } of this.#ledger.hours(this.#launcher, since)) {
      add(hours, { ...row, rule: row.outcome === "skipped" ? ruleOf(`${rule}:`) : undefined });
    }
    return hours;
  }
}

function isUneventful({ delivered, skipped, quarantined, failed }: OutcomeCounts): boolean {
  return delivered + skipped + quarantined + failed === 0;
}

function add(
  hours: Map<number, Hour>,
  { at, outcome, rule, items }: { at: Date; outcome: OutcomeKind; rule: string | undefined; items: number },
): void {
  const key = Math.floor(at.getTime() / HOUR_MS);
  const hour = hours.get(key) ?? { counts: { ...NOTHING }, rules: new Map() };
  hour.counts[outcome] += items;
  if (rule !== undefined) increase(hour.rules, rule, items);
  hours.set(key, hour);
}

function increase(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
