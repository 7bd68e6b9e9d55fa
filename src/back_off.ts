/** Growing pauses after failures, none like the other: many clients that lost one server must not come back together. */

/** How far a pause may be from the even doubling, either way. */
const JITTER = 0.25;

/** The first pause, and the one that is never exceeded. */
export interface BackOffLimits {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** Milliseconds to wait after so many failures in a row, at least one. `random` gives numbers from 0 to 1. */
export function pauseMs(
  failures: number,
  { firstMs, mostMs }: BackOffLimits,
  random: () => number = Math.random,
): number {
  const evenMs = firstMs * 2 ** Math.min(failures - 1, 40);
  return Math.min(mostMs, Math.round(evenMs * (1 - JITTER + 2 * JITTER * random())));
}
