/** Finishes what a crash, a full disk or a lost share left between staging and the destination. */
import type { Destination, Move, Remark } from "../delivery/destination.ts";
import type { Ledger } from "../ledger.ts";
import { openOf, refusalOf } from "./remarks.ts";

/** What a repair has done. */
export interface Repair {
  /** Items whose documents have now all arrived. */
  readonly finished: number;
  /** Stages removed that no item names. */
  readonly swept: number;
}

/** The destination of a pending document, by its target. */
export type FindDestination = (target: string) => Promise<Destination>;

/** How a launcher's items are repaired. */
export interface RepairOptions {
  /** Its scope in the ledger. */
  readonly launcher: string;
  readonly find: FindDestination;
  readonly signal?: AbortSignal;
  readonly onRemark?: (remark: Remark, item: { readonly label: string }) => void;
}

type Pending = ReturnType<Ledger["pending"]>[number];

/**
 * Hands over what is still staged of every pending item of `destination`; what is gone was delivered. Call it while no
 * poll runs. `isOurs` picks the items of that destination, all unless given.
 *
 * @throws {DeliveryError} when it still cannot be reached; everything stays pending then.
 */
export async function repair(
  ledger: Ledger,
  destination: Destination,
  { isOurs = () => true, signal }: { isOurs?: (target: string) => boolean; signal?: AbortSignal } = {},
): Promise<Repair> {
  const pending = ledger.pending().filter(({ documents }) => isOurs(documents[0]?.target ?? ""));
  const finished = await finish(ledger, destination, { items: pending, ...(signal ? { signal } : {}) });
  const left = ledger.pending().flatMap(({ documents }) => documents.map(({ staged }) => staged));
  const swept = await destination.sweep(new Set(left));
  return { finished, swept };
}

/** The same for one launcher's items, at the start of each of its polls; returns how many were finished. */
export async function repairLauncher(ledger: Ledger, options: RepairOptions): Promise<number> {
  const { launcher, find } = options;
  const groups = new Map<Destination, Pending[]>();
  for (const item of ledger.pending(launcher)) {
    const destination = await find(item.documents[0]?.target ?? "");
    groups.set(destination, [...groups.get(destination) ?? [], item]);
  }
  let finished = 0;
  for (const [destination, items] of groups) {
    finished += await finish(ledger, destination, { ...options, items });
  }
  return finished;
}

async function finish(
  ledger: Ledger,
  destination: Destination,
  { items, signal, onRemark }: Pick<RepairOptions, "signal" | "onRemark"> & { items: readonly Pending[] },
): Promise<number> {
  if (items.length === 0) return 0;
  const plans = await planAgain(ledger, destination, items);
  const remarks = await destination.arrive(plans.flatMap(({ moves }) => moves), signal);
  let finished = 0;
  for (const { item, moves } of plans) {
    const about = remarks.filter(({ move }) => moves.includes(move));
    for (const remark of about) onRemark?.(remark, item);
    const { launcher, key, title } = item;
    const refusal = refusalOf(about);
    if (refusal !== undefined) {
      // Its original is where it was: the launcher's poll takes it from there, to try again or to the quarantine.
      await destination.withdraw(moves);
      ledger.withdraw(launcher, [key]);
      const again = { attempts: 1, retryAt: new Date(), ...(title ? { title } : {}) };
      ledger.decide(launcher, item, { outcome: "failed", reason: refusal.message, ...again });
    } else if (!openOf(about)(moves)) {
      ledger.deliver(launcher, [key]);
      await destination.forget(moves);
      finished++;
    }
  }
  return finished;
}

interface Plan {
  readonly item: Pending;
  readonly moves: readonly Move[];
}

async function planAgain(
  ledger: Ledger,
  destination: Destination,
  items: readonly Pending[],
): Promise<readonly Plan[]> {
  const plans: Plan[] = [];
  try {
    for (const item of items) {
      const moves = await destination.replan(item.documents);
      plans.push({ item, moves });
      // A target may have been taken meanwhile: the new name is recorded before the rename, as the first was.
      const renamed = new Map(moves.map((move) => [move.staged, move]));
      const documents = item.documents.map((document) => renamed.get(document.staged) ?? document);
      ledger.repend(item.launcher, item.key, documents);
    }
    return plans;
  } catch (error) {
    destination.release(plans.flatMap(({ moves }) => moves));
    throw error;
  }
}
