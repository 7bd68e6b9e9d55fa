/** What goes into the ledger and comes out of it. */
import type { OutcomeKind } from "./model.ts";

/** What the ledger knows of an item. `pending` means: staged and about to be handed over. */
export interface LedgerRow {
  readonly key: string;
  readonly label: string;
  /** What people know it by, where that is not its label: a mail's subject, as its sender wrote it. */
  readonly title: string | null;
  readonly outcome: OutcomeKind | "pending";
  readonly reason: string | null;
  /** Fingerprint of the filter that skipped it. */
  readonly fingerprint: string | null;
  /** How often it has failed so far. */
  readonly attempts: number;
  /** When it may be tried again. */
  readonly retryAt: Date | null;
  /** Whether its original is known to be as `after` wants it. */
  readonly settled: boolean;
  readonly at: Date;
  /** The day, counted as `dayOf` does, on which it was last found in its source. */
  readonly seenDay: number;
}

/** A row by its id, with what tells it from others. */
export interface FoundRow extends LedgerRow {
  /** Its launcher's scope. */
  readonly launcher: string;
  /** Second key of a mail. */
  readonly digest?: string;
}

/** One document on its way to its destination, or arrived there. */
export interface LedgerDocument {
  /** Absolute path in the staging directory; empty once it has arrived. */
  readonly staged: string;
  /** Absolute path in the COLD directory, or `KIND:NAME/…`. */
  readonly target: string;
  readonly sizeBytes: number;
}

/** An item whose documents are all staged and synced. */
export interface PendingItem {
  readonly key: string;
  readonly label: string;
  /** What people know it by, where that is not its label. */
  readonly title?: string;
  /** Second key: 32 hexadecimal digits of Message-ID and content, so that a renumbered mailbox delivers nothing again. */
  readonly digest?: string;
  readonly documents: readonly LedgerDocument[];
  /** Hashes by which the same content is known again when it comes from another item; none unless asked for. */
  readonly contents?: readonly string[];
}

/** What was decided about an item without delivering anything of it. */
export interface Decision {
  /** `delivered` only for an item whose very content arrived under another key. */
  readonly outcome: OutcomeKind;
  readonly reason: string;
  readonly fingerprint?: string;
  readonly attempts?: number;
  readonly retryAt?: Date;
  /** Its second key, where it has one. */
  readonly digest?: string;
  /** What people know it by, where that is not its label. */
  readonly title?: string;
  /** Whether its original is to be left as it is. */
  readonly isSettled?: boolean;
}

/** What is remembered of a launcher between runs of the gateway. */
export interface LauncherMemory {
  /** When its last poll began. */
  readonly polledAt: Date | null;
  /** Passwords refused in a row. */
  readonly refusals: number;
  /** Stamp of launcher file and secret at the last refusal. */
  readonly stamp: string | null;
  /** The day on which what is no longer in the source was last looked for, to be forgotten. */
  readonly forgotDay: number;
  /** Whether a person has paused it. */
  readonly paused: boolean;
}

/** An outcome in the ledger is its place in this list: never change the order. */
export const OUTCOMES: readonly LedgerRow["outcome"][] = [
  "pending",
  "delivered",
  "skipped",
  "quarantined",
  "failed",
];

/** A row as SQLite gives it. */
export type Row = Record<string, unknown>;

const DAY_MS = 86_400_000;
/** With a million items, every character is a megabyte. */
const MAX_TITLE = 80;

/** Days since 1970, UTC. */
export function dayOf(date: Date): number {
  return Math.floor(date.getTime() / DAY_MS);
}

/** The columns that `rowOf` wants. */
export const ITEM_COLUMNS =
  "key, label, outcome, reason, (SELECT text FROM word WHERE word.n = fingerprint) AS fingerprint, " +
  "attempts, retry_at, settled, at, seen_day, title";

/** One item, from a row that has all of its columns. */
export function rowOf(row: Row): LedgerRow {
  return {
    key: String(row["key"]),
    label: String(row["label"]),
    title: textOf(row["title"]),
    outcome: OUTCOMES[Number(row["outcome"])] ?? "pending",
    reason: textOf(row["reason"]),
    fingerprint: textOf(row["fingerprint"]),
    attempts: Number(row["attempts"]),
    retryAt: dateOf(row["retry_at"]),
    settled: row["settled"] === 1,
    at: dateOf(row["at"]) ?? new Date(0),
    seenDay: Number(row["seen_day"]),
  };
}

/** A column that may be NULL, as text. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** A column of milliseconds that may be NULL. */
export function dateOf(value: unknown): Date | null {
  return typeof value === "number" ? new Date(value) : null;
}

/** A title as it is kept; `null` when there is none. */
export function shortened(title: string | undefined): string | null {
  if (title === undefined || title === "") return null;
  return title.length <= MAX_TITLE ? title : `${title.slice(0, MAX_TITLE - 1)}…`;
}
