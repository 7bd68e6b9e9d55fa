/** What is recorded and said of each item of a poll, once it is clear what becomes of it. */
import type { LauncherConfig } from "../config/mod.ts";
import type { Move } from "../delivery/destination.ts";
import { EnvelopeError, errorText, GatewayError, UnsureError } from "../errors.ts";
import type { LedgerRow } from "../ledger.ts";
import type { Item, OutcomeKind } from "../model.ts";
import type { PollTools } from "./options.ts";
import type { ReportBuilder } from "./report.ts";
import { nextTry } from "./retries.ts";
import type { LeftItem, StagedItem } from "./take.ts";
import { ruleOf, stackWithoutQuotes, withoutQuotes } from "./told.ts";

/** An item that could not be taken apart, or not delivered. */
export interface FailedItem {
  readonly kind: "failed";
  readonly item: Item;
  readonly error: unknown;
  /** What people know it by, where that has been read. */
  readonly title?: string | undefined;
}

/** What became of one item. */
export interface Decided {
  readonly outcome: OutcomeKind;
  readonly reason: string | null;
  /** How many documents were handed over. */
  readonly documents: number;
}

/** What is said of an item of which nothing was delivered. */
interface Note {
  readonly outcome: "skipped" | "failed" | "quarantined";
  readonly reason: string;
  /** Its entry there, or why there is none. */
  readonly quarantine?: string;
}

/** What is to become of an original: settled, left, or left and kept here as well until it is tried again. */
export type ForOriginal = "settle" | "leave" | "keep";

/** The verdicts of one poll. Methods throw `LedgerError`, `decide` also `DeliveryError`. */
export class Verdicts {
  readonly #launcher: LauncherConfig;
  readonly #tools: Pick<PollTools, "ledger" | "quarantine" | "log">;
  readonly #signal: AbortSignal;
  readonly #report: ReportBuilder;
  readonly #onDecided: (item: Item, decided: Decided) => void;
  readonly #rows = new Map<string, LedgerRow>();

  constructor(
    launcher: LauncherConfig,
    tools: Pick<PollTools, "ledger" | "quarantine" | "log">,
    { report, signal, onDecided }: {
      report: ReportBuilder;
      signal: AbortSignal;
      onDecided: (item: Item, decided: Decided) => void;
    },
  ) {
    this.#launcher = launcher;
    this.#tools = tools;
    this.#report = report;
    this.#signal = signal;
    this.#onDecided = onDecided;
  }

  /** What the ledger has of an item that may be taken again: attempts count on. */
  know(row: LedgerRow): void {
    this.#rows.set(row.key, row);
  }

  /** It has arrived. */
  delivered({ item, inside, note, title }: StagedItem, moves: readonly Move[]): void {
    const documents = moves.flatMap(({ staged, target }) =>
      inside.get(staged)?.map((name) => `${target}/${name}`) ?? [target]
    );
    this.#report.add({
      key: item.key,
      label: item.label,
      ...(title ? { title } : {}),
      outcome: "delivered",
      reason: note ?? null,
      documents,
    });
    this.#tools.log.info("delivered", {
      launcher: this.#launcher.name,
      item: item.label,
      documents: documents.length,
    });
    this.#onDecided(item, { outcome: "delivered", reason: note ?? null, documents: documents.length });
  }

  /** A mail that was delivered already, under another key: the mailbox was renumbered, or holds it twice. */
  twin({ item, digest, title }: StagedItem, twin: string | undefined): void {
    this.#report.known();
    // Of two in one batch, the other is not delivered yet: this one is looked at again.
    if (twin === undefined) return;
    this.#tools.ledger.decide(this.#launcher.id, item, {
      outcome: "delivered",
      reason: `the same mail was delivered as "${twin}"`,
      ...(title ? { title } : {}),
      // Should the other be forgotten, this one still tells that it was delivered.
      ...(digest ? { digest } : {}),
    });
  }

  /** All of its content was delivered before, from other items. */
  nothingNew(one: StagedItem): void {
    const { item, note = "", digest, title } = one;
    this.#tools.ledger.decide(this.#launcher.id, item, {
      outcome: "delivered",
      reason: note,
      ...(title ? { title } : {}),
      ...(digest ? { digest } : {}),
    });
    this.delivered(one, []);
  }

  /** Nothing of it was delivered: records and says why. Throws the signal's reason, with nothing recorded, when it is aborted. */
  async decide(taken: LeftItem | FailedItem): Promise<ForOriginal> {
    const { item } = taken;
    const title = titleIn(taken);
    if (taken.kind === "skip") {
      const { fingerprint } = this.#launcher;
      this.#tools.ledger.decide(this.#launcher.id, item, {
        outcome: "skipped",
        reason: taken.reason,
        fingerprint,
        ...title,
      });
      this.#note(taken, { outcome: "skipped", reason: taken.reason });
      return "leave";
    }
    if (taken.kind === "quarantine") return await this.#quarantine(taken, 1);
    const attempts = (this.#rows.get(item.key)?.attempts ?? 0) + 1;
    const reason = errorText(taken.error);
    if (!(taken.error instanceof GatewayError)) {
      this.#tools.log.error("unexpected error while taking an item apart", {
        launcher: this.#launcher.name,
        item: item.label,
        error: stackWithoutQuotes(taken.error),
      });
    }
    if (isFinal(taken.error) || attempts > this.#launcher.retries) {
      return await this.#quarantine(taken, attempts);
    }
    const retryAt = nextTry(attempts);
    this.#tools.ledger.decide(this.#launcher.id, item, {
      outcome: "failed",
      reason,
      attempts,
      retryAt,
      ...title,
    });
    this.#note(taken, { outcome: "failed", reason });
    return "keep";
  }

  /** A delivered item that could not be delivered again: it stays delivered in the ledger, as it was the first time. */
  refuse(taken: LeftItem | FailedItem): void {
    const reason = reasonOf(taken);
    // Where the destination refused it, its row was withdrawn.
    const isThere = this.#tools.ledger.lookup(this.#launcher.id, [taken.item.key]).has(taken.item.key);
    if (!isThere) this.#tools.ledger.decide(this.#launcher.id, taken.item, { outcome: "delivered", reason });
    this.#note(taken, { outcome: taken.kind === "skip" ? "skipped" : "failed", reason });
  }

  async #quarantine(taken: LeftItem | FailedItem, attempts: number): Promise<ForOriginal> {
    const { quarantine, ledger } = this.#tools;
    const { item } = taken;
    const reason = reasonOf(taken);
    const title = titleIn(taken);
    try {
      const { name: launcher, id: scope } = this.#launcher;
      const takesCut = item.kind === "mail" && attempts > this.#launcher.retries;
      const entry = await quarantine.admit(item, { launcher, scope, reason, attempts, takesCut, ...title });
      const isSettled = entry.isCut === true;
      ledger.decide(scope, item, {
        outcome: "quarantined",
        reason: entry.reason,
        attempts,
        isSettled,
        ...title,
      });
      const { id, reason: why } = entry;
      this.#note(taken, { outcome: "quarantined", reason: `${why} (quarantine ${id})`, quarantine: id });
      return isSettled ? "leave" : "settle";
    } catch (error) {
      if (this.#signal.aborted || (error instanceof GatewayError && error.scope !== "item")) throw error;
      // Not even its bytes can be had: it stays where it is and is tried again.
      const retryAt = nextTry(Infinity);
      const text = `${reason}; ${errorText(error)}`;
      ledger.decide(this.#launcher.id, item, {
        outcome: "failed",
        reason: text,
        attempts,
        retryAt,
        ...title,
      });
      this.#note(taken, { outcome: "failed", reason: text, quarantine: withoutQuotes(error) });
      return "keep";
    }
  }

  /** The log gets the rule, or the error without what it quotes; report and page all of the reason. */
  #note(taken: LeftItem | FailedItem, { outcome, reason, quarantine }: Note): void {
    const { item } = taken;
    const told = taken.kind === "failed"
      ? { reason: withoutQuotes(taken.error) }
      : { rule: ruleOf(taken.reason) };
    const facts = { launcher: this.#launcher.name, item: item.label, ...told, quarantine };
    const level = outcome === "skipped" ? "info" : "warn";
    this.#tools.log[level](outcome, facts);
    this.#report.add({
      key: item.key,
      label: item.label,
      ...titleIn(taken),
      outcome,
      reason,
      documents: [],
    });
    this.#onDecided(item, { outcome, reason, documents: 0 });
  }
}

function titleIn({ title }: LeftItem | FailedItem): { readonly title?: string } {
  return title ? { title } : {};
}

/** Whether trying again is of no use: a damaged item never gets better, and what is in doubt only a person can tell. */
export function isFinal(error: unknown): boolean {
  return error instanceof EnvelopeError || error instanceof UnsureError;
}

/** Why nothing of an item was delivered, in one sentence. */
export function reasonOf(taken: LeftItem | FailedItem): string {
  return taken.kind === "failed" ? errorText(taken.error) : taken.reason;
}
