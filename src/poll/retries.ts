/** When an item that failed is tried again. */

/** Delays; the last one repeats. */
const DELAYS_MS = [60_000, 300_000, 900_000, 3_600_000, 14_400_000];

/** The moment of the next attempt, after so many that failed. */
export function nextTry(attempts: number): Date {
  return new Date(Date.now() + (DELAYS_MS[Math.min(attempts, DELAYS_MS.length) - 1] ?? 0));
}

/** Whether that moment has come; also when it is further off than any delay, for then the clock was set back. */
export function isTimeFor(retryAt: Date | null): boolean {
  const waitMs = (retryAt?.getTime() ?? 0) - Date.now();
  return waitMs <= 0 || waitMs > Math.max(...DELAYS_MS);
}
