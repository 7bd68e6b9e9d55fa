/** What a poll has to say for itself: the answer of `run --json`, and what the page shows. */
import type { OutcomeKind } from "../model.ts";
import type { Unfinished } from "../sources/source.ts";

/** One item of a poll that was not simply known already. */
export interface ReportItem {
  readonly key: string;
  readonly label: string;
  /** What people know it by, where that is not its label: a mail's subject and sender. */
  readonly title?: string;
  readonly outcome: OutcomeKind;
  /** Why, where there is something to say. */
  readonly reason: string | null;
  /** Absolute paths in the COLD. */
  readonly documents: readonly string[];
  /** What would happen to the original; in a dry run alone. */
  readonly original?: string;
}

/** Result of one poll. The numbers count items; those recorded by an earlier poll only in `known`. */
export interface PollReport {
  readonly launcher: string;
  readonly delivered: number;
  readonly skipped: number;
  readonly quarantined: number;
  readonly failed: number;
  readonly known: number;
  readonly items: readonly ReportItem[];
  /** What was left because it has not come whole; absent when there is nothing of the kind. */
  readonly unfinished?: readonly Unfinished[];
}

/** Gathers a report while a poll runs. */
export class ReportBuilder {
  readonly #items: ReportItem[] = [];
  #known = 0;
  #unfinished: readonly Unfinished[] = [];

  constructor(readonly launcher: string) {}

  get done(): number {
    return this.#items.length + this.#known;
  }

  known(count = 1): void {
    this.#known += count;
  }

  unfinished(all: readonly Unfinished[]): void {
    this.#unfinished = all;
  }

  add(item: ReportItem): void {
    this.#items.push(item);
  }

  finish(): PollReport {
    const count = (outcome: OutcomeKind) => this.#items.filter((item) => item.outcome === outcome).length;
    return {
      launcher: this.launcher,
      delivered: count("delivered"),
      skipped: count("skipped"),
      quarantined: count("quarantined"),
      failed: count("failed"),
      known: this.#known,
      items: this.#items,
      ...(this.#unfinished.length === 0 ? {} : { unfinished: this.#unfinished }),
    };
  }
}
