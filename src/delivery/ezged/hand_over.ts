/**
 * The steps by which one document gets into EzGED. Each is journalled before the next; before a call that must not
 * be repeated blindly, the journal says that it is about to be sent.
 */
import { ItemError, UnsureError } from "../../errors.ts";
import type { EzgedSection } from "./section.ts";
import type { RecordOptions } from "./deliver.ts";
import type { Entry, Journal, Progress, Sent } from "./journal.ts";
import { multipart } from "./multipart.ts";
import { identifierOf, numberOf, type Reply } from "./reply.ts";
import { pause, type Session } from "./session.ts";
import { WireError } from "./wire.ts";

/** What handing over needs. */
export interface HandOverTools {
  readonly journal: Journal;
  readonly session: Session;
  readonly section: EzgedSection;
  readonly signal: AbortSignal;
}

/** What became of a job: `note` when somebody has to look after it in EzGED. */
export type JobState = { readonly isDone: true; readonly note?: string } | { readonly isDone: false };

/** Statuses of EzGED's job queue. */
const JOB_DONE = [2, 3];
const JOB_ERROR = 4;
const JOB_CRITICAL = 5;

/** Takes documents through their steps, within one session. */
export class HandOver {
  constructor(readonly tools: HandOverTools) {}

  /**
   * Takes a document as far as it goes at once: into the waiting directory, or into a job that files it.
   *
   * @throws {UnsureError} when an earlier call's effect cannot be known; `ItemError` when EzGED refuses the document;
   * `DeliveryError` when EzGED cannot be used: the journal then says what may have been done.
   */
  async begin(entry: Entry): Promise<Entry> {
    const { place } = entry;
    const known = await this.#settleDoubt(entry);
    if (known.isDone || known.jobId !== null) return known;
    return "waitdir" in place
      ? await this.#intoCold(known, place.waitdir)
      : await this.#intoRecord(known, place.record);
  }

  /** Looks at the job of a document. */
  async job(jobId: string): Promise<JobState> {
    const { rows } = await this.#call("jobqueue/load", { jobqueueid: jobId }, "GET");
    const [row] = rows;
    // A job that is gone was done: only done jobs are cleared away.
    if (!row) return { isDone: true };
    const status = numberOf(row["JOBQUEUE_STATUS"]);
    if (status === undefined || ![...JOB_DONE, JOB_ERROR, JOB_CRITICAL].includes(status)) {
      return { isDone: false };
    }
    if (JOB_DONE.includes(status)) return { isDone: true };
    // Never a reason to send again: EzGED repeats the one itself, the other waits for a person there.
    const note = status === JOB_ERROR
      ? `EzGED's job ${jobId} is in error; EzGED tries again by itself`
      : `EzGED's job ${jobId} has stopped; look at its jobs and its indexing centre`;
    return { isDone: true, note };
  }

  async #intoCold(entry: Entry, waitdir: string): Promise<Entry> {
    let current = entry;
    const reply = await this.#once("upload", () => current, async () =>
      await this.#upload(entry, {
        query: { mode: "cold", waitdir },
        // An upload that was cut short is no upload: only its last line makes it one.
        beforeEnd: () => current = this.#mark(entry, { sent: "upload" }),
      }));
    return this.#mark(entry, { sent: null, filePath: reply.filePath ?? null, isDone: true });
  }

  async #intoRecord(entry: Entry, record: RecordOptions): Promise<Entry> {
    let current = entry;
    if (current.filePath === null) {
      const { filePath } = await this.#upload(current, { query: { mode: "file" } });
      if (filePath === undefined) {
        throw new ItemError("Cannot upload to EzGED: it does not say where the file is");
      }
      current = this.#mark(current, { filePath });
    }
    if (current.rowId === null) current = await this.#insertRow(current, record);
    return await this.#addPages(current, record);
  }

  async #insertRow(entry: Entry, record: RecordOptions): Promise<Entry> {
    const columns = columnsOf(entry, record);
    if (columns.length === 0) {
      throw new ItemError(`Cannot insert into "${record.table}": every column of it would be empty`);
    }
    const fields = { tfqn: record.table, ...this.#arrays(columns) };
    const about = this.#mark(entry, { sent: "row" });
    const reply = await this.#once("row", () => about, () => this.#call("doctbl/insertrow", fields, "POST"));
    const rowId = identifierOf(reply.rows[0]?.["RETID"]);
    if (rowId === undefined) {
      throw new WireError(true, "Cannot insert at EzGED: it does not say which row it made");
    }
    return this.#mark(about, { sent: null, rowId });
  }

  async #addPages(entry: Entry, { table, original }: RecordOptions): Promise<Entry> {
    const fields = {
      tfqn: table,
      rsid: entry.rowId ?? "",
      file: entry.filePath ?? "",
      start: "-1",
      ocr: original ? "1" : "0",
    };
    const about = this.#mark(entry, { sent: "pages" });
    const reply = await this.#once("pages", () => about, () => this.#call("docpak/addpages", fields, "POST"));
    const jobId = identifierOf(reply.rows[0]?.["JOBQUEUE_ID"]);
    // Taken, but not to be followed.
    if (jobId === undefined) return this.#mark(about, { sent: null, isDone: true });
    return this.#mark(about, { sent: null, jobId });
  }

  /** Makes a call that may be repeated only when it is known to have done nothing. */
  async #once(sent: Sent, entry: () => Entry, call: () => Promise<Reply>): Promise<Reply> {
    try {
      return await call();
    } catch (error) {
      const isOpen = entry().sent === sent;
      if (isOpen && !(error instanceof WireError && error.mayHaveRun)) {
        // The uploaded file may be gone by the next attempt, however long after.
        this.#mark(entry(), { sent: null, filePath: null });
      }
      throw error;
    }
  }

  /** Finds out whether a call had an effect whose answer was lost. */
  async #settleDoubt(entry: Entry): Promise<Entry> {
    const { sent, place, rowId } = entry;
    if (sent === null) return entry;
    const name = `"${entry.name}"`;
    if ("waitdir" in place) {
      throw new UnsureError(
        `Cannot tell whether ${name} is in the waiting directory "${place.waitdir}" of EzGED: the answer to its upload was lost; ` +
          "look for it there: retry sends it again, drop leaves it",
      );
    }
    const { record } = place;
    if (sent === "row") return await this.#findRow(entry, record);
    if (await this.#hasPages(entry, record)) return this.#mark(entry, { sent: null, isDone: true });
    throw new UnsureError(
      `Cannot tell whether ${name} is attached to row ${rowId} of "${record.table}" in EzGED: the answer was lost; ` +
        "look at that row: retry attaches it again, drop leaves it",
    );
  }

  async #findRow(entry: Entry, { table, query, find, columns }: RecordOptions): Promise<Entry> {
    const doubt =
      `Cannot tell whether EzGED has a row of "${table}" for "${entry.name}": the answer was lost`;
    if (find === undefined || query === undefined) {
      throw new UnsureError(`${doubt}; look for it there: retry makes one, drop leaves it`);
    }
    const { rows } = await this.#call("query/getexec", {
      qryid: query,
      limitstart: "0",
      limitgridlines: "2",
      qryusrffqn: find,
      qryusrop: "=",
      qryusrval: expand(columns[find] ?? "", entry),
    }, "GET");
    if (rows.length === 0) return this.#mark(entry, { sent: null });
    const rowId = identifierOf(rows[0]?.[`${table}_ID`]);
    if (rows.length > 1 || rowId === undefined) {
      throw new UnsureError(`${doubt}, and the query ${query} does not tell; look for it there`);
    }
    return this.#mark(entry, { sent: null, rowId });
  }

  /** Whether a row has its document; waits for a while, because a job attaches it. */
  async #hasPages({ rowId }: Entry, { table, follow }: RecordOptions): Promise<boolean> {
    const { session: { options: { pauses: { followMs } } }, signal } = this.tools;
    for (const until = Date.now() + follow;;) {
      const { rows } = await this.#call("docpak/loadalllastrevision", {
        docpaktbl: table,
        docpakrsid: rowId ?? "",
        docpakpage: "*",
        fsfileinfo: "1",
        limitstart: "0",
        limitgridlines: "1",
      }, "GET");
      if (rows.length > 0) return true;
      if (Date.now() + followMs > until) return false;
      await pause(followMs, signal);
    }
  }

  async #upload(
    { staged: path, name, sizeBytes }: Entry,
    { query, beforeEnd }: { query: Readonly<Record<string, string>>; beforeEnd?: () => void },
  ): Promise<Reply> {
    const body = () => multipart({ path, name, sizeBytes, ...(beforeEnd ? { beforeEnd } : {}) });
    const reply = await this.tools.session.upload({ query: { ...query, name }, body });
    if (reply.success === true || reply.filePath !== undefined) return reply;
    throw new WireError(true, "Cannot upload to EzGED: it does not say whether it took the file");
  }

  async #call(
    service: string,
    fields: Readonly<Record<string, string>>,
    method: "GET" | "POST",
  ): Promise<Reply> {
    return await this.tools.session.call({ service, fields, method });
  }

  #mark(entry: Entry, progress: Partial<Progress>): Entry {
    return this.tools.journal.mark(entry, progress);
  }

  #arrays(columns: readonly (readonly [string, string])[]): Record<string, string> {
    if (this.tools.section.arrays === "json") {
      return {
        fields: JSON.stringify(columns.map(([column]) => column)),
        values: JSON.stringify(columns.map(([, value]) => value)),
      };
    }
    return Object.fromEntries(
      columns.flatMap((
        [column, value],
        index,
      ) => [[`fields[${index}]`, column], [`values[${index}]`, value]]),
    );
  }
}

/** The columns of a document's row; those that come out empty are left to the table. */
function columnsOf(entry: Entry, { columns }: RecordOptions): [string, string][] {
  return Object.entries(columns).map((
    [column, template],
  ): [string, string] => [column, expand(template, entry)])
    .filter(([, value]) => value !== "");
}

function expand(template: string, { id, fields }: Entry): string {
  return template.replace(
    /\{([a-z0-9_]+)\}/g,
    (_, field: string) => field === "id" ? id : fields[field] ?? "",
  )
    .trim();
}
