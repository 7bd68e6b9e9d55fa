/** Says in the log what a destination has to say of documents that did not simply arrive. */
import type { Move, Remark } from "../delivery/destination.ts";
import { type GatewayError, UnsureError } from "../errors.ts";
import type { Log } from "../log.ts";

/** Writes remarks to the log; `launcher` is the name of the launcher that the documents came by. */
export function logRemarks(
  remarks: readonly Remark[],
  { log, launcher }: { log: Log; launcher: string },
): void {
  for (const remark of remarks) {
    const document = remark.move.target;
    if (remark.kind === "underway") {
      log.info("delivery goes on at the next poll", { launcher, document, reason: remark.reason });
    } else if (remark.kind === "arrived") {
      log.warn("delivered, but needs a look there", { launcher, document, reason: remark.reason });
    } else {
      log.warn("delivery refused", { launcher, document, reason: remark.error.message });
    }
  }
}

/** Of the remarks on one item, why it failed; a doubt weighs more than a refusal. `undefined` when it did not. */
export function refusalOf(remarks: readonly Remark[]): GatewayError | undefined {
  const refusals = remarks.flatMap((remark) => remark.kind === "refused" ? [remark.error] : []);
  return refusals.find((refusal) => refusal instanceof UnsureError) ?? refusals[0];
}

/** Tells of an item, by its documents, whether one of them did not arrive. */
export function openOf(remarks: readonly Remark[]): (moves: readonly Move[]) => boolean {
  const open = new Set(remarks.filter(({ kind }) => kind !== "arrived").map(({ move }) => move));
  return (moves) => open.size > 0 && moves.some((move) => open.has(move));
}
