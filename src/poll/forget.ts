/** Keeps the ledger from growing for ever: what left its mailbox or folder long ago is forgotten, nothing else. */
import { dayOf, type Ledger } from "../ledger.ts";
import type { Source } from "../sources/source.ts";

/** Items forgotten by one poll at most. */
const FORGET_ITEMS = 10_000;

/** Whose items, and how long they are remembered. */
export interface ForgetOptions {
  /** Scope in the ledger. */
  readonly launcher: string;
  /** Days since an item was last found in its source. */
  readonly keepDays: number;
}

/**
 * Forgets, once a day, what was last found in the source more than `keepDays` ago. Call it at the end of a poll that has
 * listed everything: what is found is marked as seen by then, whatever the clock says.
 */
export async function forgetGone(ledger: Ledger, source: Source, options: ForgetOptions): Promise<void> {
  const { launcher, keepDays } = options;
  const today = dayOf(new Date());
  if (ledger.memory(launcher).forgotDay === today) return;
  const keys = ledger.unseenSince(launcher, today - keepDays, FORGET_ITEMS);
  const there = keys.length === 0 ? undefined : await source.remaining?.(keys);
  ledger.see(launcher, keys.filter((key) => there?.has(key)));
  ledger.forget(launcher, keys.filter((key) => !there?.has(key)));
  if (keys.length < FORGET_ITEMS) ledger.remember(launcher, { forgotDay: today });
}
