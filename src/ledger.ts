/** The ledger: one row per item ever decided, one per document made of it; durable before the next step is taken. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { ledgerError } from "./ledger_error.ts";
import {
  dayOf,
  type Decision,
  type FoundRow,
  ITEM_COLUMNS,
  type LauncherMemory,
  type LedgerDocument,
  type LedgerRow,
  OUTCOMES,
  type PendingItem,
  rowOf,
  shortened,
  textOf,
} from "./ledger_rows.ts";
import { History, type HourRow, type PollRow } from "./ledger_history.ts";
import { Memory } from "./ledger_memory.ts";
import { hashes, hashOf, placeOf, prepareTables } from "./ledger_schema.ts";
import type { Item, OutcomeKind } from "./model.ts";

export type {
  Decision,
  FoundRow,
  LauncherMemory,
  LedgerDocument,
  LedgerRow,
  PendingItem,
} from "./ledger_rows.ts";
export { dayOf } from "./ledger_rows.ts";
export { hashOf as itemId } from "./ledger_schema.ts";

/** How long another program may hold the ledger before that is an error. */
const LOCK_TIMEOUT_MS = 5000;
const [PENDING, DELIVERED] = [OUTCOMES.indexOf("pending"), OUTCOMES.indexOf("delivered")];
/** Items whose hashes are given as a JSON array. */
const THESE = "item.hash IN (SELECT unhex(value) FROM json_each(?))";
const THIS_LAUNCHER = "item.launcher = (SELECT n FROM word WHERE text = ?)";

/** Which of a launcher's items are wanted. */
export interface RecentOptions {
  readonly outcome?: OutcomeKind | undefined;
  /** The id of an item. */
  readonly after?: string | undefined;
}

/** The ledger of one state folder. Every method throws `LedgerError` when SQLite cannot do it. */
export class Ledger implements Disposable {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #words = new Map<string, number>();
  #isDurable = true;
  readonly #history: History;
  readonly #memory: Memory;

  private constructor(database: DatabaseSync, readonly path: string) {
    this.#database = database;
    this.#history = new History(database);
    this.#memory = new Memory(database);
  }

  /** Opens the ledger, making it if it is not there. */
  static open(path: string): Ledger {
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(path, { timeout: LOCK_TIMEOUT_MS });
      database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;");
      prepareTables(database, path);
      return new Ledger(database, path);
    } catch (cause) {
      database?.close();
      throw ledgerError("open", path, cause);
    }
  }

  /** The rows of those of `keys` that are known. */
  lookup(launcher: string, keys: readonly string[]): Map<string, LedgerRow> {
    return this.#guard("read", () => {
      // One statement for all: a call into SQLite costs more than the search. CROSS JOIN keeps the order: each wanted
      // one is searched, not each row compared.
      const rows = this.#prepare(
        `SELECT ${ITEM_COLUMNS} FROM (SELECT unhex(value) AS wanted FROM json_each(?)) CROSS JOIN item WHERE hash = wanted`,
      ).all(hashes(launcher, keys));
      return new Map(rows.map(rowOf).map((row) => [row.key, row]));
    });
  }

  /** The item of that id, as `itemId` makes it, with its launcher's scope; `undefined` when there is none. */
  find(id: string): FoundRow | undefined {
    if (!/^[0-9a-f]{24}$/.test(id)) return undefined;
    return this.#guard("read", () => {
      const row = this.#prepare(
        `SELECT (SELECT text FROM word WHERE word.n = launcher) AS scope, lower(hex(digest)) AS digest, ${ITEM_COLUMNS} FROM item WHERE hash = unhex(?)`,
      ).get(id);
      if (!row) return undefined;
      const digest = textOf(row["digest"]) ?? "";
      return { ...rowOf(row), launcher: String(row["scope"]), ...(digest === "" ? {} : { digest }) };
    });
  }

  /** For each of these digests that a delivered item has (same Message-ID, same content), that item's label. */
  deliveredAs(launcher: string, digests: readonly string[]): Map<string, string> {
    return this.#guard("read", () => {
      const rows = this.#prepare(
        `SELECT lower(hex(digest)) AS digest, label
         FROM (SELECT unhex(value) AS wanted FROM json_each(?)) CROSS JOIN item INDEXED BY item_digest
         WHERE digest = wanted AND ${THIS_LAUNCHER} AND outcome IN (${PENDING}, ${DELIVERED})`,
      ).all(JSON.stringify(digests), launcher);
      return new Map(rows.map((row) => [String(row["digest"]), String(row["label"])]));
    });
  }

  /** For each of these hashes of content that a delivered item has, that item's label. */
  deliveredContents(launcher: string, contents: readonly string[]): Map<string, string> {
    return this.#guard("read", () => {
      const rows = this.#prepare(
        `SELECT value, label FROM json_each(?) CROSS JOIN content INDEXED BY content_hash CROSS JOIN item
         WHERE content.hash = unhex(value) AND item.n = content.item AND ${THIS_LAUNCHER}
           AND outcome IN (${PENDING}, ${DELIVERED})`,
      ).all(JSON.stringify(contents), launcher);
      return new Map(rows.map((row) => [String(row["value"]), String(row["label"])]));
    });
  }

  /** Records in one durable transaction that these items are staged and where each document will go. */
  pend(launcher: string, items: readonly PendingItem[]): void {
    this.#transaction(() => {
      const item = this.#prepare(
        `INSERT INTO item (hash, launcher, key, label, title, outcome, digest, at, seen_day)
         VALUES (unhex(?), ?, ?, ?, ?, ${PENDING}, unhex(?), ?, ?)
         ON CONFLICT DO UPDATE SET label = excluded.label, title = excluded.title, outcome = ${PENDING}, reason = NULL, digest = excluded.digest,
           fingerprint = NULL, attempts = 0, retry_at = NULL, settled = 0, at = excluded.at, seen_day = excluded.seen_day
         RETURNING n`,
      );
      const now = new Date();
      for (const { key, label, title, digest, documents, contents = [] } of items) {
        const row = item.get(
          hashOf(launcher, key),
          this.#word(launcher),
          key,
          label,
          shortened(title),
          digest ?? null,
          now.getTime(),
          dayOf(now),
        );
        const n = Number(row?.["n"]);
        documents.forEach((document, index) => this.#pendDocument({ item: n, index }, document));
        const content = this.#prepare("INSERT OR IGNORE INTO content (item, hash) VALUES (?, unhex(?))");
        for (const one of contents) content.run(n, one);
      }
    });
  }

  #pendDocument({ item, index }: { item: number; index: number }, document: LedgerDocument): void {
    const { staged, target, sizeBytes } = document;
    const place = placeOf(target);
    this.#prepare("INSERT INTO document (item, n, place, name, size_bytes) VALUES (?, ?, ?, ?, ?)")
      .run(item, index, this.#word(place), target.slice(place.length), sizeBytes);
    this.#prepare("INSERT INTO staged (item, n, path) VALUES (?, ?, ?)").run(item, index, staged);
  }

  /** Changes where the documents of a pending item go. */
  repend(launcher: string, key: string, documents: readonly LedgerDocument[]): void {
    this.#transaction(() => {
      const update = this.#prepare(
        "UPDATE document SET place = ?, name = ? WHERE item = (SELECT n FROM item WHERE hash = unhex(?)) AND n = ?",
      );
      documents.forEach(({ target }, n) => {
        const place = placeOf(target);
        update.run(this.#word(place), target.slice(place.length), hashOf(launcher, key), n);
      });
    });
  }

  /** Records in one durable transaction that the documents of these pending items have arrived. */
  deliver(launcher: string, keys: readonly string[]): void {
    this.#transaction(() => {
      const these = hashes(launcher, keys);
      this.#prepare(`UPDATE item SET outcome = ${DELIVERED}, at = ? WHERE ${THESE} AND outcome = ${PENDING}`)
        .run(Date.now(), these);
      this.#prepare(`DELETE FROM staged WHERE item IN (SELECT n FROM item WHERE ${THESE})`).run(these);
    });
  }

  /** Forgets a pending item whose documents were withdrawn before any of them arrived. */
  withdraw(launcher: string, keys: readonly string[]): void {
    this.#transaction(() => {
      this.#prepare(`DELETE FROM item WHERE ${THESE} AND outcome = ${PENDING}`).run(hashes(launcher, keys));
    });
  }

  /** Records that an item was skipped, quarantined, has failed, or was delivered under another key. */
  decide(launcher: string, item: Pick<Item, "key" | "label">, decision: Decision): void {
    this.#transaction(() => {
      const { outcome, reason, fingerprint, attempts = 0, retryAt, digest, title } = decision;
      const now = new Date();
      this.#prepare(
        `INSERT INTO item (hash, launcher, key, label, title, outcome, reason, fingerprint, attempts, retry_at, digest, settled, at, seen_day)
         VALUES (unhex(?), ?, ?, ?, ?, ?, ?, ?, ?, ?, unhex(?), ?, ?, ?)
         ON CONFLICT DO UPDATE SET label = excluded.label, title = coalesce(excluded.title, title), outcome = excluded.outcome, reason = excluded.reason,
           fingerprint = excluded.fingerprint, attempts = excluded.attempts, retry_at = excluded.retry_at,
           digest = coalesce(excluded.digest, digest), settled = excluded.settled, at = excluded.at, seen_day = excluded.seen_day`,
      ).run(
        hashOf(launcher, item.key),
        this.#word(launcher),
        item.key,
        item.label,
        shortened(title),
        OUTCOMES.indexOf(outcome),
        reason,
        fingerprint === undefined ? null : this.#word(fingerprint),
        attempts,
        retryAt?.getTime() ?? null,
        digest ?? null,
        decision.isSettled === true ? 1 : 0,
        now.getTime(),
        dayOf(now),
      );
    }, { isDurable: decision.outcome === "quarantined" || decision.outcome === "delivered" });
  }

  /** Records that the originals of these items are as `after` wants them. */
  settle(launcher: string, keys: readonly string[]): void {
    if (keys.length === 0) return;
    this.#transaction(() => {
      this.#prepare(`UPDATE item SET settled = 1 WHERE ${THESE}`).run(hashes(launcher, keys));
    }, { isDurable: false });
  }

  /** Records that these items are still in their source today. */
  see(launcher: string, keys: readonly string[]): void {
    if (keys.length === 0) return;
    this.#transaction(() => {
      this.#prepare(`UPDATE item SET seen_day = ? WHERE ${THESE}`)
        .run(dayOf(new Date()), hashes(launcher, keys));
    }, { isDurable: false });
  }

  /** Keys of items decided, and last seen in their source, before that day: at most `limit`, the oldest first. */
  unseenSince(launcher: string, day: number, limit: number): string[] {
    return this.#guard("read", () =>
      this.#prepare(
        `SELECT key FROM item INDEXED BY item_at
         WHERE ${THIS_LAUNCHER} AND at < ? AND seen_day < ? AND outcome <> ${PENDING} ORDER BY at LIMIT ?`,
      ).all(launcher, day * 86_400_000, day, limit).map((row) => String(row["key"])));
  }

  /** Forgets items for good; should they come again, they are new. */
  forget(launcher: string, keys: readonly string[]): void {
    if (keys.length === 0) return;
    this.#transaction(() => {
      this.#prepare(`DELETE FROM item WHERE ${THESE} AND outcome <> ${PENDING}`).run(hashes(launcher, keys));
    });
  }

  /** Every item that a crash left between staging and delivery, with its documents; those of one launcher where it is named. */
  pending(launcher?: string): (Omit<PendingItem, "digest" | "contents"> & { readonly launcher: string })[] {
    return this.#guard("read", () =>
      this.#prepare(
        `SELECT text AS launcher, key, label, title FROM item INDEXED BY item_pending JOIN word ON word.n = launcher
         WHERE outcome = ${PENDING} AND (?1 IS NULL OR text = ?1) ORDER BY item.n`,
      ).all(launcher ?? null).map((row) => {
        const launcher = String(row["launcher"]);
        const [key, label, title] = [String(row["key"]), String(row["label"]), textOf(row["title"])];
        return { launcher, key, label, ...(title && { title }), documents: this.documents(launcher, key) };
      }));
  }

  /** The documents made of an item, in order. */
  documents(launcher: string, key: string): LedgerDocument[] {
    return this.#guard("read", () =>
      this.#prepare(
        `SELECT path, text || name AS target, size_bytes FROM document JOIN word ON word.n = place
           LEFT JOIN staged ON staged.item = document.item AND staged.n = document.n
         WHERE document.item = (SELECT n FROM item WHERE hash = unhex(?)) ORDER BY document.n`,
      ).all(hashOf(launcher, key)).map((row) => ({
        staged: String(row["path"] ?? ""),
        target: String(row["target"]),
        sizeBytes: Number(row["size_bytes"]),
      })));
  }

  /** Whether a document was ever handed over below this folder. */
  hasDeliveredTo(folder: string): boolean {
    return this.#guard("read", () =>
      this.#prepare("SELECT 1 FROM word WHERE text LIKE ? ESCAPE '!' LIMIT 1")
        .get(`${folder.replace(/[!%_]/g, "!$&")}%`) !== undefined);
  }

  /** The items last decided, newest first: of one outcome, and after another one in this list, if that is asked for. */
  recent(launcher: string, limit: number, { outcome, after }: RecentOptions = {}): LedgerRow[] {
    const wanted = outcome === undefined ? "" : `AND outcome = ${OUTCOMES.indexOf(outcome)}`;
    const rest = after === undefined ? "" : "AND (at, n) < (SELECT at, n FROM item WHERE hash = unhex(?))";
    return this.#guard("read", () =>
      this.#prepare(
        `SELECT ${ITEM_COLUMNS} FROM item INDEXED BY item_at
         WHERE ${THIS_LAUNCHER} ${wanted} ${rest} ORDER BY at DESC, n DESC LIMIT ?`,
      ).all(launcher, ...(after === undefined ? [] : [after]), limit).map(rowOf));
  }

  /** How often each outcome came in each hour, and why items were skipped, from a moment on. */
  hours(launcher: string, since: Date): HourRow[] {
    return this.#guard("read", () => this.#history.hours(launcher, since));
  }

  /** The polls of a launcher that are remembered, newest first. */
  polls(launcher: string): PollRow[] {
    return this.#guard("read", () => this.#history.polls(launcher));
  }

  /** Remembers a poll, and forgets the oldest beyond a hundred. */
  addPoll(launcher: string, poll: PollRow): void {
    this.#transaction(() => this.#history.addPoll(launcher, poll), { isDurable: false });
  }

  /** How many items of a launcher have had each outcome, those forgotten since included. */
  totals(launcher: string): Record<OutcomeKind, number> {
    return this.#guard("read", () => {
      const totals = { delivered: 0, skipped: 0, quarantined: 0, failed: 0 };
      const rows = this.#prepare(
        "SELECT outcome, items FROM total WHERE launcher = (SELECT n FROM word WHERE text = ?)",
      )
        .all(launcher);
      for (const row of rows) {
        const outcome = OUTCOMES[Number(row["outcome"])];
        if (outcome !== undefined && outcome !== "pending") totals[outcome] = Number(row["items"]);
      }
      return totals;
    });
  }

  /** What is remembered of a launcher; all empty for a new one. */
  memory(launcher: string): LauncherMemory {
    return this.#guard("read", () => this.#memory.read(launcher));
  }

  /** Remembers some of it; when it polled last may be lost with the power. */
  remember(launcher: string, memory: Partial<LauncherMemory>): void {
    const { polledAt: _, ...lasting } = memory;
    const isDurable = Object.keys(lasting).length > 0;
    const write = () => this.#memory.write(launcher, { ...this.#memory.read(launcher), ...memory });
    this.#transaction(write, { isDurable });
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** The number of a word, which it is given if it is new. Only within a transaction. */
  #word(text: string): number {
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    const row = this.#prepare("SELECT n FROM word WHERE text = ?").get(text) ??
      this.#prepare("INSERT INTO word (text) VALUES (?) RETURNING n").get(text);
    const n = Number(row?.["n"]);
    this.#words.set(text, n);
    return n;
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, statement = this.#database.prepare(sql));
    return statement;
  }

  /** What can be done again or be done without after a power failure need not wait for the disk: the next that must takes it along. */
  #transaction(work: () => void, { isDurable = true } = {}): void {
    this.#guard("write", () => {
      if (isDurable !== this.#isDurable) {
        this.#database.exec(`PRAGMA synchronous = ${isDurable ? "FULL" : "NORMAL"}`);
        this.#isDurable = isDurable;
      }
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        work();
        this.#database.exec("COMMIT");
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        // Some of them are not there any more.
        this.#words.clear();
        throw error;
      }
    });
  }

  #guard<T>(verb: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw ledgerError(verb, this.path, cause);
    }
  }
}
