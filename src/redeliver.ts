/** Which item an id means that a person wants delivered once more, and which launcher it belongs to. */
import type { Configuration, LauncherConfig } from "./config/mod.ts";
import { ItemError } from "./errors.ts";
import { type FoundRow, itemId, type Ledger } from "./ledger.ts";

/** An item that can be asked for again. */
export interface Delivered {
  readonly config: LauncherConfig;
  readonly row: FoundRow;
}

/** One line of what a launcher has delivered. */
export interface DeliveredRow {
  readonly id: string;
  readonly label: string;
  /** What people know it by, where that is not its label. */
  readonly title?: string;
  readonly at: Date;
  readonly documents: readonly string[];
}

/** The item of an id, as `itemId` makes them. Throws `ItemError` when it cannot be delivered again. */
export function findDelivered(id: string, { launchers }: Configuration, ledger: Ledger): Delivered {
  const row = ledger.find(id);
  if (!row) {
    throw new ItemError(
      `Cannot deliver "${
        id.slice(0, 64)
      }" again: the ledger has no such item; deno task redeliver NAME lists those of a launcher`,
    );
  }
  const subject = `Cannot deliver "${row.label}" again`;
  if (row.outcome !== "delivered") {
    const remedy = row.outcome === "quarantined" ? "; use deno task quarantine retry" : "";
    throw new ItemError(`${subject}: it was not delivered, it is ${row.outcome}${remedy}`);
  }
  const config = launchers.find((launcher) => launcher.id === row.launcher);
  if (!config) throw new ItemError(`${subject}: its launcher "${row.launcher}" is not there any more`);
  return { config, row };
}

/** What a launcher has delivered, the latest first. */
export function deliveredRows({ id: scope }: LauncherConfig, ledger: Ledger, limit: number): DeliveredRow[] {
  return ledger.recent(scope, limit).filter(({ outcome }) => outcome === "delivered").map((
    { key, label, title, at },
  ) => ({
    id: itemId(scope, key),
    label,
    ...(title ? { title } : {}),
    at,
    documents: ledger.documents(scope, key).map(({ target }) => target),
  }));
}
