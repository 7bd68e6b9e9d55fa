/**
 * What was done of each document on its way to EzGED, in the ledger's database: every step is written before the
 * next is taken, and kept until the ledger has recorded the arrival. EzGED has no key by which a repeated call would
 * be recognised, so this is all there is to tell a step that was taken from one that was not.
 */
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { errorText, LedgerError } from "../../errors.ts";
import { numbered } from "../names.ts";
import type { RecordOptions } from "./deliver.ts";

/** Where documents go within an EzGED: a COLD's waiting directory, or rows of a table. */
export type Place = { readonly waitdir: string } | { readonly record: RecordOptions };

/** A call whose answer is not known (yet): it was sent, or was about to be. */
export type Sent = "upload" | "row" | "pages";

/** How far a document has come. */
export interface Progress {
  readonly sent: Sent | null;
  /** Where EzGED has put the uploaded file. */
  readonly filePath: string | null;
  /** Its row in the table. */
  readonly rowId: string | null;
  /** The job that files it. */
  readonly jobId: string | null;
  readonly isDone: boolean;
}

/** A document to be handed over. */
export interface Plan {
  /** The same for one document at every attempt. */
  readonly id: string;
  readonly staged: string;
  /** Wanted name. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly place: Place;
  readonly fields: Readonly<Record<string, string>>;
  /** Whether a person asked for it, knowing that the last attempt ended in doubt. */
  readonly byHand: boolean;
}

/** A document on its way. */
export interface Entry extends Omit<Plan, "byHand">, Progress {}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS ezged_document (
    id TEXT PRIMARY KEY, destination TEXT NOT NULL, staged TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    size_bytes INTEGER NOT NULL, place TEXT NOT NULL, fields TEXT NOT NULL, sent TEXT, file_path TEXT, row_id TEXT,
    job_id TEXT, done INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS ezged_name (
    place TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (place, name)
  ) STRICT, WITHOUT ROWID;`;
/** A name that was sent is not sent again for so long: EzGED may not have taken the file of that name yet. */
const NAME_DAYS = 7;
/** What nobody has come back to is forgotten then. */
const ENTRY_DAYS = 90;
/** How many names' last numbers are kept, so that the 2 000th SCN_0001.pdf is not searched from `_2`. */
const MAX_HINTS = 10_000;
const DAY_MS = 86_400_000;
const UNTOUCHED = "sent IS NULL AND file_path IS NULL AND row_id IS NULL AND job_id IS NULL AND done = 0";

/** The journal of one EzGED. Every method throws `LedgerError` when SQLite cannot do it. */
export class Journal implements Disposable {
  readonly #hints = new Map<string, number>();

  private constructor(readonly database: DatabaseSync, readonly path: string, readonly destination: string) {}

  /** Opens the journal in a ledger's database, beside the ledger's own connection. */
  static open(path: string, destination: string): Journal {
    try {
      const database = new DatabaseSync(path, { timeout: 5000 });
      database.exec(`PRAGMA synchronous=FULL; ${SCHEMA}`);
      return new Journal(database, path, destination);
    } catch (cause) {
      throw new LedgerError(`Cannot open ledger "${path}": ${errorText(cause)}`, { cause });
    }
  }

  /**
   * Records in one durable transaction what is to be handed over, under names free there. A document that an earlier
   * attempt left half-way goes on from where it was.
   */
  plan(plans: readonly Plan[]): Entry[] {
    return this.#transaction(() => plans.map((plan) => this.#planOne(plan)));
  }

  /** The documents of these stages, by stage. */
  find(staged: readonly string[]): Map<string, Entry> {
    return this.#guard(() => {
      const rows = this.database.prepare(
        "SELECT ezged_document.* FROM json_each(?) JOIN ezged_document ON staged = json_each.value",
      ).all(JSON.stringify(staged));
      return new Map(rows.map(entryOf).map((entry) => [entry.staged, entry]));
    });
  }

  /** Records durably how far a document has come; answers with the document as it is now. */
  mark(entry: Entry, progress: Partial<Progress>): Entry {
    const next = { ...entry, ...progress };
    this.#transaction(() => this.#write(next));
    return next;
  }

  /** Forgets documents: all, or only those of which nothing was sent yet. */
  forget(staged: readonly string[], { onlyUntouched = false }: { onlyUntouched?: boolean } = {}): void {
    if (staged.length === 0) return;
    const condition = onlyUntouched ? ` AND ${UNTOUCHED}` : "";
    const sql = `DELETE FROM ezged_document WHERE staged IN (SELECT value FROM json_each(?))${condition}`;
    this.#transaction(() => this.database.prepare(sql).run(JSON.stringify(staged)));
  }

  /** Forgets what a crash left before it was recorded as pending, and what is too old to come back. */
  sweep(pending: ReadonlySet<string>): void {
    const now = Date.now();
    this.#transaction(() => {
      this.database.prepare(
        `DELETE FROM ezged_document WHERE destination = ? AND (at < ? OR (${UNTOUCHED}))
           AND staged NOT IN (SELECT value FROM json_each(?))`,
      ).run(this.destination, now - ENTRY_DAYS * DAY_MS, JSON.stringify([...pending]));
      this.database.prepare("DELETE FROM ezged_name WHERE at < ?").run(now - NAME_DAYS * DAY_MS);
    });
  }

  [Symbol.dispose](): void {
    if (this.database.isOpen) this.database.close();
  }

  #planOne(plan: Plan): Entry {
    const row = this.database.prepare("SELECT * FROM ezged_document WHERE id = ?").get(plan.id);
    const before = row ? entryOf(row) : undefined;
    const entry = before ? resumed(before, plan) : this.#fresh(plan);
    this.#write(entry);
    return entry;
  }

  #fresh({ id, staged, name, sizeBytes, place, fields }: Plan): Entry {
    const progress = { sent: null, filePath: null, rowId: null, jobId: null, isDone: false };
    const free = this.#freeName("waitdir" in place ? place.waitdir : "", name);
    return { id, staged, name: free, sizeBytes, place, fields, ...progress };
  }

  #write({ id, staged, name, sizeBytes, place, fields, sent, filePath, rowId, jobId, isDone }: Entry): void {
    const values: SQLInputValue[] = [staged, name, sizeBytes, JSON.stringify(place), JSON.stringify(fields)];
    this.database.prepare(
      `INSERT INTO ezged_document (id, destination, staged, name, size_bytes, place, fields, sent, file_path, row_id,
         job_id, done, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET staged = excluded.staged, name = excluded.name, size_bytes = excluded.size_bytes,
         place = excluded.place, fields = excluded.fields, sent = excluded.sent, file_path = excluded.file_path,
         row_id = excluded.row_id, job_id = excluded.job_id, done = excluded.done, at = excluded.at`,
    ).run(id, this.destination, ...values, sent, filePath, rowId, jobId, isDone ? 1 : 0, Date.now());
  }

  /** A name that has not been sent there lately; case does not count, EzGED runs on Windows. */
  #freeName(place: string, name: string): string {
    const insert = this.database.prepare(
      "INSERT OR IGNORE INTO ezged_name (place, name, at) VALUES (?, ?, ?)",
    );
    const scope = `${this.destination}/${place}`;
    const hint = `${scope}/${name.toLowerCase()}`;
    for (let number = this.#hints.get(hint) ?? 1;; number++) {
      const free = number === 1 ? name : numbered(name, number);
      if (insert.run(scope, free.toLowerCase(), Date.now()).changes === 0) continue;
      if (this.#hints.size >= MAX_HINTS) this.#hints.clear();
      this.#hints.set(hint, number + 1);
      return free;
    }
  }

  #transaction<T>(work: () => T): T {
    return this.#guard(() => {
      this.database.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        this.database.exec("COMMIT");
        return result;
      } catch (error) {
        if (this.database.isTransaction) this.database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw new LedgerError(`Cannot write ledger "${this.path}": ${errorText(cause)}`, { cause });
    }
  }
}

/** What an attempt takes over from the one before. */
function resumed(before: Entry, plan: Plan): Entry {
  const { staged, sizeBytes, place, fields, byHand } = plan;
  const sent = byHand ? null : before.sent;
  const hasRow = before.rowId !== null || sent === "row" || before.jobId !== null || before.isDone;
  return {
    ...before,
    staged,
    sizeBytes,
    sent,
    // How long EzGED keeps an uploaded file that no row names is not documented: it is sent once more.
    filePath: sent === null && before.jobId === null ? null : before.filePath,
    ...(hasRow ? {} : { place, fields }),
  };
}

function entryOf(row: Record<string, unknown>): Entry {
  const textOf = (column: string) => {
    const value = row[column];
    return typeof value === "string" ? value : null;
  };
  return {
    id: String(row["id"]),
    staged: String(row["staged"]),
    name: String(row["name"]),
    sizeBytes: Number(row["size_bytes"]),
    place: JSON.parse(String(row["place"])),
    fields: JSON.parse(String(row["fields"])),
    sent: textOf("sent") as Sent | null,
    filePath: textOf("file_path"),
    rowId: textOf("row_id"),
    jobId: textOf("job_id"),
    isDone: row["done"] === 1,
  };
}
