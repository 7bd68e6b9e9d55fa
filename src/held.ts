/**
 * What waits for a person: the quarantine, and failed mails that were kept for a launcher which is no longer there, so
 * that nobody tries them again.
 */
import type { Configuration, LauncherConfig } from "./config/mod.ts";
import { ItemError } from "./errors.ts";
import type { Quarantine, QuarantineEntry } from "./quarantine.ts";
import type { Stores } from "./stores.ts";

/** One of them, and where it is kept. */
export interface Held {
  readonly entry: QuarantineEntry;
  readonly store: Quarantine;
}

/** All of them, oldest first. */
export function heldBy({ quarantine, retained, configuration }: Stores): Held[] {
  const left = retained.list().filter((entry) => isLeft(entry, configuration)).map((entry) => ({
    entry: {
      ...entry,
      reason: `its launcher "${entry.launcher}" is not there any more; before, ${entry.reason}`,
    },
    store: retained,
  }));
  const quarantined = quarantine.list().map((entry) => ({ entry, store: quarantine }));
  return [...quarantined, ...left].sort((a, b) => a.entry.id < b.entry.id ? -1 : 1);
}

/** The one of that id. Throws `ItemError` when there is none; `verb` says what for. */
export function findHeld(stores: Stores, id: string, verb: "retry" | "drop"): Held {
  const held = heldBy(stores).find(({ entry }) => entry.id === id);
  if (held !== undefined) return held;
  throw new ItemError(
    verb === "retry"
      ? `Cannot retry "${id}": it is not in quarantine`
      : `Cannot drop "${id}": it is not in quarantine`,
  );
}

/**
 * Removes one for good; its item then counts as left by a person: never taken again, and an original that is still there
 * stays there. Throws `ItemError` when there is none of that id.
 */
export async function dropHeld(stores: Stores, id: string): Promise<void> {
  const { entry: { scope, key, label }, store } = findHeld(stores, id, "drop");
  await store.drop(id);
  const row = stores.ledger.lookup(scope, [key]).get(key);
  if (row?.outcome !== "quarantined") return;
  // Without a fingerprint: no other filter makes it worth a look.
  stores.ledger.decide(scope, { key, label }, {
    outcome: "skipped",
    reason: `quarantine: dropped by hand; before, ${row.reason ?? ""}`,
    attempts: row.attempts,
    // Whatever `after` says: an original not settled by now may be the last copy.
    isSettled: true,
  });
}

/** Whether no launcher will ever try a kept mail again; one that is faulty or disabled will when it is back. */
export function isLeft(
  { launcher, scope }: Pick<QuarantineEntry, "launcher" | "scope">,
  { launchers, faulty }: Configuration,
): boolean {
  return !launchers.some(({ id }) => id === scope) && !faulty.some(({ name }) => name === launcher);
}

/** The launcher whose item it is, under whatever name by now. Throws `ItemError` when there is none. */
export function launcherOf(entry: QuarantineEntry, { launchers }: Configuration): LauncherConfig {
  const config = launchers.find(({ id }) => id === entry.scope);
  if (config) return config;
  throw new ItemError(
    `Cannot retry "${entry.id}": its launcher "${entry.launcher}" is not there any more; bring back its file, or write ` +
      `id = "${entry.scope}" in the one that takes its place; or take the original away, and drop the entry`,
  );
}
