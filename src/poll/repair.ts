/** Finishes what a crash, a full disk or a lost share left between staging and the COLD. */
import type { Cold } from "../delivery/cold_directory.ts";
import { DeliveryError } from "../errors.ts";
import type { Ledger } from "../ledger.ts";

/** What a repair has done. */
export interface Repair {
  /** Items whose documents are now all in the COLD. */
  readonly finished: number;
  /** Stages removed that no item names. */
  readonly swept: number;
}

/**
 * Renames what is still staged of every pending item; what is gone was delivered. Call it while no poll runs.
 *
 * @throws {DeliveryError} when the COLD still cannot be written; everything stays pending then.
 */
export async function repair(ledger: Ledger, cold: Cold): Promise<Repair> {
  const pending = ledger.pending();
  for (const { launcher, key, documents } of pending) {
    await finish(ledger, cold, { launcher, key, documents });
  }
  const swept = await cold.sweep(new Set());
  return { finished: pending.length, swept };
}

/** The same for one launcher's items, at the start of each of its polls; returns how many were finished. */
export async function repairLauncher(ledger: Ledger, cold: Cold, launcher: string): Promise<number> {
  const pending = ledger.pending().filter((item) => item.launcher === launcher);
  for (const item of pending) await finish(ledger, cold, item);
  return pending.length;
}

async function finish(
  ledger: Ledger,
  cold: Cold,
  item: ReturnType<Ledger["pending"]>[number],
): Promise<void> {
  await expectStaging(cold);
  const moves = await cold.replan(item.documents);
  // Looked at again: the share may have gone while its files were looked for.
  await expectStaging(cold);
  // A target may have been taken meanwhile: the new name is recorded before the rename, as the first was.
  const renamed = new Map(moves.map((move) => [move.staged, move]));
  const documents = item.documents.map((document) => renamed.get(document.staged) ?? document);
  ledger.repend(item.launcher, item.key, documents);
  await cold.arrive(moves);
  ledger.deliver(item.launcher, [item.key]);
}

/** With the whole staging directory gone, a share is not mounted: its files were not delivered, they are elsewhere. */
async function expectStaging({ root, staging }: Cold): Promise<void> {
  const isThere = await Deno.stat(staging).then((info) => info.isDirectory, () => false);
  if (isThere) return;
  throw new DeliveryError(
    `Cannot finish deliveries in COLD root "${root}": "${staging}" is missing; is the share mounted?`,
  );
}
