/**
 * The ledger: one row per item ever decided, one per document made of it. Hides node:sqlite; everything that
 * must survive a crash is written with `synchronous=FULL` before the next step is taken.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { LedgerError } from "./errors.ts";
import type { Item, OutcomeKind } from "./model.ts";

/** What the ledger knows of an item. `pending` means: staged and about to be renamed into the COLD. */
export interface LedgerRow {
  readonly key: string;
  readonly label: string;
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
}

/** One document on its way into the COLD, or arrived there. */
export interface LedgerDocument {
  /** Absolute path in the staging directory. */
  readonly staged: string;
  /** Absolute path in the COLD directory. */
  readonly target: string;
  readonly sizeBytes: number;
}

/** An item whose documents are all staged and synced. */
export interface PendingItem {
  readonly key: string;
  readonly label: string;
  /** Second key: Message-ID and content hash, so that a renumbered mailbox delivers nothing again. */
  readonly digest?: string;
  readonly documents: readonly LedgerDocument[];
}

/** What was decided about an item without delivering anything of it. */
export interface Decision {
  /** `delivered` only for an item whose very content arrived under another key. */
  readonly outcome: OutcomeKind;
  readonly reason: string;
  readonly fingerprint?: string;
  readonly attempts?: number;
  readonly retryAt?: Date;
}

/** What is remembered of a launcher between runs of the gateway. */
export interface LauncherMemory {
  /** When its last poll began. */
  readonly polledAt: Date | null;
  /** Passwords refused in a row. */
  readonly refusals: number;
  /** Stamp of launcher file and secret at the last refusal. */
  readonly stamp: string | null;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS item (
    launcher TEXT NOT NULL, key TEXT NOT NULL, label TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT,
    digest TEXT, fingerprint TEXT, attempts INTEGER NOT NULL DEFAULT 0, retry_at INTEGER,
    settled INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL, PRIMARY KEY (launcher, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS item_digest ON item (digest) WHERE digest IS NOT NULL;
  CREATE INDEX IF NOT EXISTS item_pending ON item (outcome) WHERE outcome = 'pending';
  CREATE INDEX IF NOT EXISTS item_at ON item (launcher, at);
  CREATE TABLE IF NOT EXISTS document (
    launcher TEXT NOT NULL, key TEXT NOT NULL, n INTEGER NOT NULL, staged TEXT, target TEXT NOT NULL,
    size_bytes INTEGER NOT NULL, PRIMARY KEY (launcher, key, n)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS launcher (
    id TEXT PRIMARY KEY, polled_at INTEGER, refusals INTEGER NOT NULL DEFAULT 0, stamp TEXT
  ) STRICT, WITHOUT ROWID;`;
/** Written into `user_version`; a ledger of a later gateway is refused rather than misread. */
const SCHEMA_VERSION = 1;

const ITEM_COLUMNS = "key, label, outcome, reason, fingerprint, attempts, retry_at, settled, at";

/** The ledger of one state folder. Every method throws `LedgerError` when SQLite cannot do it. */
export class Ledger implements Disposable {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(database: DatabaseSync, readonly path: string) {
    this.#database = database;
  }

  /** Opens the ledger, making it if it is not there. */
  static open(path: string): Ledger {
    try {
      const database = new DatabaseSync(path, { timeout: 5000 });
      database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;");
      const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
      if (version > SCHEMA_VERSION) {
        database.close();
        throw new LedgerError(
          `Cannot open ledger "${path}": it was written by a later version of the gateway`,
        );
      }
      database.exec(`${SCHEMA} PRAGMA user_version=${SCHEMA_VERSION};`);
      return new Ledger(database, path);
    } catch (cause) {
      if (cause instanceof LedgerError) throw cause;
      throw new LedgerError(
        `Cannot open ledger "${path}": ${
          messageOf(cause)
        }; put back a backup, or move the file away to begin anew`,
        { cause },
      );
    }
  }

  /** The rows of those of `keys` that are known. */
  lookup(launcher: string, keys: readonly string[]): Map<string, LedgerRow> {
    return this.#guard("read", () => {
      // One statement for all: a call into SQLite costs more than the search.
      const rows = this.#prepare(
        // CROSS JOIN keeps the order: each wanted key is searched, not each row compared.
        `SELECT ${ITEM_COLUMNS} FROM (SELECT value AS wanted FROM json_each(?)) CROSS JOIN item
         WHERE launcher = ? AND key = wanted`,
      ).all(JSON.stringify(keys), launcher);
      return new Map(rows.map(rowOf).map((row) => [row.key, row]));
    });
  }

  /** For each of these digests that a delivered item has (same Message-ID, same content), that item's key. */
  deliveredAs(launcher: string, digests: readonly string[]): Map<string, string> {
    return this.#guard("read", () => {
      const rows = this.#prepare(
        `SELECT digest, key FROM (SELECT value AS wanted FROM json_each(?)) CROSS JOIN item INDEXED BY item_digest
         WHERE launcher = ? AND digest = wanted AND outcome IN ('delivered', 'pending')`,
      ).all(JSON.stringify(digests), launcher);
      return new Map(rows.map((row) => [String(row["digest"]), String(row["key"])]));
    });
  }

  /** Records in one durable transaction that these items are staged and where each document will go. */
  pend(launcher: string, items: readonly PendingItem[]): void {
    this.#transaction(() => {
      const item = this.#prepare(
        `INSERT INTO item (launcher, key, label, outcome, digest, at) VALUES (?, ?, ?, 'pending', ?, ?)
         ON CONFLICT DO UPDATE SET label = excluded.label, outcome = 'pending', reason = NULL, digest = excluded.digest,
           fingerprint = NULL, attempts = 0, retry_at = NULL, settled = 0, at = excluded.at`,
      );
      const forget = this.#prepare("DELETE FROM document WHERE launcher = ? AND key = ?");
      const document = this.#prepare(
        "INSERT INTO document (launcher, key, n, staged, target, size_bytes) VALUES (?, ?, ?, ?, ?, ?)",
      );
      const now = Date.now();
      for (const { key, label, digest, documents } of items) {
        item.run(launcher, key, label, digest ?? null, now);
        forget.run(launcher, key);
        documents.forEach(({ staged, target, sizeBytes }, n) =>
          document.run(launcher, key, n, staged, target, sizeBytes)
        );
      }
    });
  }

  /** Changes where the documents of a pending item go. */
  repend(launcher: string, key: string, documents: readonly LedgerDocument[]): void {
    this.#transaction(() => {
      const update = this.#prepare("UPDATE document SET target = ? WHERE launcher = ? AND key = ? AND n = ?");
      documents.forEach(({ target }, n) => update.run(target, launcher, key, n));
    });
  }

  /** Records in one durable transaction that the documents of these pending items are in the COLD. */
  deliver(launcher: string, keys: readonly string[]): void {
    this.#transaction(() => {
      const item = this.#prepare(
        "UPDATE item SET outcome = 'delivered', at = ? WHERE launcher = ? AND key = ? AND outcome = 'pending'",
      );
      const document = this.#prepare("UPDATE document SET staged = NULL WHERE launcher = ? AND key = ?");
      const now = Date.now();
      for (const key of keys) {
        item.run(now, launcher, key);
        document.run(launcher, key);
      }
    });
  }

  /** Forgets a pending item whose documents were withdrawn before any of them was renamed. */
  withdraw(launcher: string, keys: readonly string[]): void {
    this.#transaction(() => {
      const item = this.#prepare("DELETE FROM item WHERE launcher = ? AND key = ? AND outcome = 'pending'");
      const document = this.#prepare("DELETE FROM document WHERE launcher = ? AND key = ?");
      for (const key of keys) if (item.run(launcher, key).changes > 0) document.run(launcher, key);
    });
  }

  /** Records that an item was skipped, quarantined, has failed, or was delivered under another key. */
  decide(launcher: string, item: Pick<Item, "key" | "label">, decision: Decision): void {
    this.#transaction(() => {
      this.#prepare(
        `INSERT INTO item (launcher, key, label, outcome, reason, fingerprint, attempts, retry_at, at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET label = excluded.label, outcome = excluded.outcome, reason = excluded.reason,
           fingerprint = excluded.fingerprint, attempts = excluded.attempts, retry_at = excluded.retry_at,
           settled = 0, at = excluded.at`,
      ).run(
        launcher,
        item.key,
        item.label,
        decision.outcome,
        decision.reason,
        decision.fingerprint ?? null,
        decision.attempts ?? 0,
        decision.retryAt?.getTime() ?? null,
        Date.now(),
      );
    });
  }

  /** Records that the originals of these items are as `after` wants them. */
  settle(launcher: string, keys: readonly string[]): void {
    if (keys.length === 0) return;
    this.#transaction(() => {
      const update = this.#prepare("UPDATE item SET settled = 1 WHERE launcher = ? AND key = ?");
      for (const key of keys) update.run(launcher, key);
    });
  }

  /** Every item that a crash left between staging and delivery, with its documents. */
  pending(): { launcher: string; key: string; label: string; documents: LedgerDocument[] }[] {
    return this.#guard(
      "read",
      () =>
        this.#prepare("SELECT launcher, key, label FROM item WHERE outcome = 'pending'").all().map((row) => {
          const launcher = String(row["launcher"]);
          const key = String(row["key"]);
          return { launcher, key, label: String(row["label"]), documents: this.documents(launcher, key) };
        }),
    );
  }

  /** The documents made of an item, in order. */
  documents(launcher: string, key: string): LedgerDocument[] {
    return this.#guard(
      "read",
      () =>
        this.#prepare(
          "SELECT staged, target, size_bytes FROM document WHERE launcher = ? AND key = ? ORDER BY n",
        )
          .all(launcher, key).map((row) => ({
            staged: String(row["staged"] ?? ""),
            target: String(row["target"]),
            sizeBytes: Number(row["size_bytes"]),
          })),
    );
  }

  /** The items last decided, newest first. */
  recent(launcher: string, limit: number): LedgerRow[] {
    return this.#guard(
      "read",
      () =>
        this.#prepare(`SELECT ${ITEM_COLUMNS} FROM item WHERE launcher = ? ORDER BY at DESC LIMIT ?`)
          .all(launcher, limit).map(rowOf),
    );
  }

  /** How many items of a launcher have each outcome. */
  totals(launcher: string): Record<OutcomeKind, number> {
    return this.#guard("read", () => {
      const totals = { delivered: 0, skipped: 0, quarantined: 0, failed: 0 };
      const rows = this.#prepare(
        "SELECT outcome, count(*) AS n FROM item WHERE launcher = ? GROUP BY outcome",
      )
        .all(launcher);
      for (const row of rows) {
        const outcome = String(row["outcome"]);
        if (outcome in totals) totals[outcome as OutcomeKind] = Number(row["n"]);
      }
      return totals;
    });
  }

  /** What is remembered of a launcher; all empty for a new one. */
  memory(launcher: string): LauncherMemory {
    return this.#guard("read", () => {
      const row = this.#prepare("SELECT polled_at, refusals, stamp FROM launcher WHERE id = ?").get(launcher);
      return {
        polledAt: dateOf(row?.["polled_at"]),
        refusals: Number(row?.["refusals"] ?? 0),
        stamp: textOf(row?.["stamp"]),
      };
    });
  }

  /** Remembers when a poll began, or how often the password was refused and with which stamp. */
  remember(launcher: string, memory: Partial<LauncherMemory>): void {
    const merged = { ...this.memory(launcher), ...memory };
    this.#transaction(() => {
      this.#prepare(
        `INSERT INTO launcher (id, polled_at, refusals, stamp) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET polled_at = excluded.polled_at, refusals = excluded.refusals, stamp = excluded.stamp`,
      ).run(launcher, merged.polledAt?.getTime() ?? null, merged.refusals, merged.stamp);
    });
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, statement = this.#database.prepare(sql));
    return statement;
  }

  #transaction(work: () => void): void {
    this.#guard("write", () => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        work();
        this.#database.exec("COMMIT");
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  #guard<T>(verb: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (cause instanceof LedgerError) throw cause;
      throw new LedgerError(`Cannot ${verb} ledger "${this.path}": ${messageOf(cause)}`, { cause });
    }
  }
}

type Row = Record<string, unknown>;

function rowOf(row: Row): LedgerRow {
  return {
    key: String(row["key"]),
    label: String(row["label"]),
    outcome: row["outcome"] as LedgerRow["outcome"],
    reason: textOf(row["reason"]),
    fingerprint: textOf(row["fingerprint"]),
    attempts: Number(row["attempts"]),
    retryAt: dateOf(row["retry_at"]),
    settled: row["settled"] === 1,
    at: dateOf(row["at"]) ?? new Date(0),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function dateOf(value: unknown): Date | null {
  return typeof value === "number" ? new Date(value) : null;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
