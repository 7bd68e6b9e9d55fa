/** What the ledger tells of the past: outcomes by the hour, and polls. Part of `Ledger`, which guards every call. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { dateOf, OUTCOMES, textOf } from "./ledger_rows.ts";
import type { OutcomeKind } from "./model.ts";

/** How many polls are remembered of each launcher. */
const KEPT_POLLS = 100;
const HOUR_MS = 3_600_000;

/** How often one thing happened in one hour. */
export interface HourRow {
  /** The beginning of the hour. */
  readonly at: Date;
  readonly outcome: OutcomeKind;
  /** Of what was skipped: `filter.name`, `filter.max_size`, `quarantine`…, or empty for a mail with no document to take. */
  readonly rule: string;
  readonly items: number;
}

/** One poll that has ended; the numbers count items, `known` those that an earlier poll had recorded. */
export interface PollRow {
  /** When it began. */
  readonly at: Date;
  readonly durationMs: number;
  readonly delivered: number;
  readonly skipped: number;
  readonly quarantined: number;
  readonly failed: number;
  readonly known: number;
  /** Why it did not come to its end. */
  readonly error?: string | undefined;
}

/** The statements about the past. */
export class History {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  hours(launcher: string, since: Date): HourRow[] {
    const rows = this.#prepare(
      `SELECT at / ${HOUR_MS} AS hour, outcome,
         CASE WHEN outcome = ${
        OUTCOMES.indexOf("skipped")
      } AND (reason LIKE 'filter.%' OR reason LIKE 'quarantine:%')
           THEN substr(reason, 1, instr(reason || ':', ':') - 1) ELSE '' END AS rule, count(*) AS items
       FROM item INDEXED BY item_at
       WHERE launcher = (SELECT n FROM word WHERE text = ?) AND at >= ? GROUP BY 1, 2, 3`,
    ).all(launcher, since.getTime());
    return rows.flatMap((row) => {
      const outcome = OUTCOMES[Number(row["outcome"])];
      if (outcome === undefined || outcome === "pending") return [];
      const at = new Date(Number(row["hour"]) * HOUR_MS);
      return [{ at, outcome, rule: String(row["rule"]), items: Number(row["items"]) }];
    });
  }

  polls(launcher: string): PollRow[] {
    return this.#prepare("SELECT * FROM poll WHERE launcher = ? ORDER BY at DESC").all(launcher).map(
      (row) => {
        const error = textOf(row["error"]);
        return {
          at: dateOf(row["at"]) ?? new Date(0),
          durationMs: Number(row["duration_ms"]),
          delivered: Number(row["delivered"]),
          skipped: Number(row["skipped"]),
          quarantined: Number(row["quarantined"]),
          failed: Number(row["failed"]),
          known: Number(row["known"]),
          ...(error === null ? {} : { error }),
        };
      },
    );
  }

  addPoll(launcher: string, poll: PollRow): void {
    const { at, durationMs, delivered, skipped, quarantined, failed, known, error = null } = poll;
    this.#prepare("INSERT OR REPLACE INTO poll VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .run(launcher, at.getTime(), durationMs, delivered, skipped, quarantined, failed, known, error);
    this.#prepare(
      `DELETE FROM poll WHERE launcher = ?1 AND at <
         (SELECT at FROM poll WHERE launcher = ?1 ORDER BY at DESC LIMIT 1 OFFSET ${KEPT_POLLS - 1})`,
    ).run(launcher);
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, statement = this.#database.prepare(sql));
    return statement;
  }
}
