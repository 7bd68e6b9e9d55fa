/** Says in the log what a destination has to say of documents that did not simply arrive. */
import { dirname } from "node:path";
import type { Move, Remark } from "../delivery/destination.ts";
import { type GatewayError, UnsureError } from "../errors.ts";
import type { Log } from "../log.ts";
import { withoutQuotes } from "./told.ts";

/**
 * Writes remarks on one item to the log; `launcher` is the name of the launcher that it came by. Of a target the place is
 * said, not the name: that may come from a mail.
 */
export function logRemarks(
  remarks: readonly Remark[],
  { log, ...about }: { log: Log; launcher: string; item: string },
): void {
  for (const remark of remarks) {
    const facts = { ...about, to: dirname(remark.move.target) };
    if (remark.kind === "underway") {
      log.info("delivery goes on at the next poll", { ...facts, reason: withoutQuotes(remark.reason) });
    } else if (remark.kind === "arrived") {
      log.warn("delivered, but needs a look there", { ...facts, reason: withoutQuotes(remark.reason) });
    } else {
      log.warn("delivery refused", { ...facts, reason: withoutQuotes(remark.error) });
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
