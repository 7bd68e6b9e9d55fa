/**
 * The ledger's tables. A million items have to fit into 300 MB: what many rows share (launchers, directories,
 * fingerprints) stands once in `word`, items are found by a short hash, outcomes are numbers.
 */
import { hash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { LedgerError } from "./errors.ts";

const TABLES = `
  CREATE TABLE IF NOT EXISTS word (n INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE IF NOT EXISTS item (
    n INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, launcher INTEGER NOT NULL, outcome INTEGER NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL, seen_day INTEGER NOT NULL,
    retry_at INTEGER, fingerprint INTEGER, digest BLOB, key TEXT NOT NULL, label TEXT NOT NULL, reason TEXT,
    title TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS document (
    item INTEGER NOT NULL REFERENCES item ON DELETE CASCADE, n INTEGER NOT NULL, place INTEGER NOT NULL,
    name TEXT NOT NULL, size_bytes INTEGER NOT NULL, PRIMARY KEY (item, n)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS staged (
    item INTEGER NOT NULL REFERENCES item ON DELETE CASCADE, n INTEGER NOT NULL, path TEXT NOT NULL,
    PRIMARY KEY (item, n)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS content (
    item INTEGER NOT NULL REFERENCES item ON DELETE CASCADE, hash BLOB NOT NULL, PRIMARY KEY (item, hash)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS total (
    launcher INTEGER NOT NULL, outcome INTEGER NOT NULL, items INTEGER NOT NULL, PRIMARY KEY (launcher, outcome)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS launcher (
    id TEXT PRIMARY KEY, polled_at INTEGER, refusals INTEGER NOT NULL DEFAULT 0, stamp TEXT,
    forgot_day INTEGER NOT NULL DEFAULT 0, paused INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS poll (
    launcher TEXT NOT NULL, at INTEGER NOT NULL, duration_ms INTEGER NOT NULL, delivered INTEGER NOT NULL,
    skipped INTEGER NOT NULL, quarantined INTEGER NOT NULL, failed INTEGER NOT NULL, known INTEGER NOT NULL, error TEXT,
    PRIMARY KEY (launcher, at)
  ) STRICT, WITHOUT ROWID;`;

/**
 * Indexes, and triggers: an item that is staged anew has no documents yet; what is forgotten stays counted, except what
 * never arrived.
 */
const INDEXES = `
  CREATE INDEX IF NOT EXISTS item_digest ON item (digest) WHERE digest IS NOT NULL;
  CREATE INDEX IF NOT EXISTS item_pending ON item (n) WHERE outcome = 0;
  CREATE INDEX IF NOT EXISTS item_at ON item (launcher, at);
  CREATE INDEX IF NOT EXISTS content_hash ON content (hash);
  CREATE TRIGGER IF NOT EXISTS item_new AFTER INSERT ON item BEGIN
    INSERT INTO total VALUES (new.launcher, new.outcome, 1) ON CONFLICT DO UPDATE SET items = items + 1;
  END;
  CREATE TRIGGER IF NOT EXISTS item_decided AFTER UPDATE OF outcome ON item WHEN old.outcome <> new.outcome BEGIN
    UPDATE total SET items = items - 1 WHERE launcher = old.launcher AND outcome = old.outcome;
    INSERT INTO total VALUES (new.launcher, new.outcome, 1) ON CONFLICT DO UPDATE SET items = items + 1;
  END;
  CREATE TRIGGER IF NOT EXISTS item_again AFTER UPDATE OF outcome ON item WHEN new.outcome = 0 BEGIN
    DELETE FROM document WHERE item = new.n;
    DELETE FROM staged WHERE item = new.n;
    DELETE FROM content WHERE item = new.n;
  END;
  CREATE TRIGGER IF NOT EXISTS item_withdrawn AFTER DELETE ON item WHEN old.outcome = 0 BEGIN
    UPDATE total SET items = items - 1 WHERE launcher = old.launcher AND outcome = 0;
  END;`;

/** Written into `user_version`; a ledger of a later gateway is refused rather than misread. */
const VERSION = 3;

/** Version 1 had long rows: all of it is carried over. */
const FROM_VERSION_1 = `
  DROP INDEX IF EXISTS item_digest; DROP INDEX IF EXISTS item_pending; DROP INDEX IF EXISTS item_at;
  ALTER TABLE item RENAME TO old_item; ALTER TABLE document RENAME TO old_document;
  ALTER TABLE launcher ADD COLUMN forgot_day INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE launcher ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
  ${TABLES}
  INSERT OR IGNORE INTO word (text) SELECT DISTINCT launcher FROM old_item;
  INSERT OR IGNORE INTO word (text) SELECT DISTINCT fingerprint FROM old_item WHERE fingerprint IS NOT NULL;
  INSERT OR IGNORE INTO word (text) SELECT DISTINCT place_of(target) FROM old_document;
  INSERT INTO item (hash, launcher, outcome, settled, attempts, at, seen_day, retry_at, fingerprint, digest, key, label, reason)
    SELECT unhex(hash_of(launcher, key)), (SELECT n FROM word WHERE text = launcher),
      CASE outcome WHEN 'pending' THEN 0 WHEN 'delivered' THEN 1 WHEN 'skipped' THEN 2 WHEN 'quarantined' THEN 3 ELSE 4 END,
      settled, attempts, at, at / 86400000, retry_at, (SELECT n FROM word WHERE text = fingerprint), unhex(digest), key, label,
      reason
    FROM old_item ORDER BY launcher, at;
  INSERT INTO document SELECT item.n, old.n, (SELECT n FROM word WHERE text = place_of(target)),
      substr(target, length(place_of(target)) + 1), size_bytes
    FROM old_document AS old JOIN item ON item.hash = unhex(hash_of(old.launcher, old.key));
  INSERT INTO staged SELECT item.n, old.n, old.staged
    FROM old_document AS old JOIN item ON item.hash = unhex(hash_of(old.launcher, old.key)) WHERE old.staged IS NOT NULL;
  INSERT INTO total SELECT launcher, outcome, count(*) FROM item GROUP BY launcher, outcome;
  DROP TABLE old_document; DROP TABLE old_item;`;

/** Version 2 knew neither polls, nor pauses, nor what mails are called. */
const FROM_VERSION_2 = `
  ALTER TABLE item ADD COLUMN title TEXT;
  ALTER TABLE launcher ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
  ${TABLES}`;

const UPDATES: Readonly<Record<number, string>> = { 0: TABLES, 1: FROM_VERSION_1, 2: FROM_VERSION_2 };

/**
 * Makes the tables, or brings those of an earlier gateway up to date, all in one transaction.
 *
 * @throws {LedgerError} when a later gateway has written them.
 */
export function prepareTables(database: DatabaseSync, path: string): void {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (version === VERSION) return;
  if (version > VERSION) {
    throw new LedgerError(`Cannot open ledger "${path}": it was written by a later version of the gateway`);
  }
  database.function("hash_of", (launcher, key) => hashOf(String(launcher), String(key)));
  database.function("place_of", (target) => placeOf(String(target)));
  database.exec("BEGIN IMMEDIATE");
  try {
    database.exec(`${UPDATES[version] ?? TABLES} ${INDEXES} PRAGMA user_version=${VERSION};`);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** What an item is found by, and named in commands and addresses: 96 bits of its key and its launcher, hexadecimal. */
export function hashOf(launcher: string, key: string): string {
  return hash("sha256", `${launcher}\0${key}`, "hex").slice(0, 24);
}

/** The hashes of several items of one launcher, as a JSON array. */
export function hashes(launcher: string, keys: readonly string[]): string {
  return JSON.stringify(keys.map((key) => hashOf(launcher, key)));
}

/** The part of a document's target that many share, with the separator at its end. */
export function placeOf(target: string): string {
  return target.slice(0, Math.max(target.lastIndexOf("/"), target.lastIndexOf("\\")) + 1);
}
