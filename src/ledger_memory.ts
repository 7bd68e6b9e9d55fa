/** What is remembered of each launcher from one start to the next. Part of `Ledger`, which guards every call. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { dateOf, type LauncherMemory, textOf } from "./ledger_rows.ts";

/** The statements about launchers. */
export class Memory {
  readonly #read: StatementSync;
  readonly #write: StatementSync;

  constructor(database: DatabaseSync) {
    this.#read = database.prepare("SELECT * FROM launcher WHERE id = ?");
    this.#write = database.prepare(
      "INSERT OR REPLACE INTO launcher (id, polled_at, refusals, stamp, forgot_day, paused) VALUES (?, ?, ?, ?, ?, ?)",
    );
  }

  read(launcher: string): LauncherMemory {
    const row = this.#read.get(launcher);
    return {
      polledAt: dateOf(row?.["polled_at"]),
      refusals: Number(row?.["refusals"] ?? 0),
      stamp: textOf(row?.["stamp"]),
      forgotDay: Number(row?.["forgot_day"] ?? 0),
      paused: row?.["paused"] === 1,
    };
  }

  write(launcher: string, memory: LauncherMemory): void {
    const { polledAt, refusals, stamp, forgotDay, paused } = memory;
    this.#write.run(launcher, polledAt?.getTime() ?? null, refusals, stamp, forgotDay, Number(paused));
  }
}
