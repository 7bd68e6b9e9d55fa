/**
 * One connection per account at a time, whichever launchers use it: servers lock a POP3 mailbox for one session, and
 * count or throttle the sign-ins of IMAP.
 */

import type { Turn } from "./sources/source.ts";

interface Account {
  left: unknown;
  last: Promise<void>;
  /** Turns that have been asked for and are not over. */
  turns: number;
}

/** The turns of all accounts of a process. */
export class Accounts {
  readonly #accounts = new Map<string, Account>();

  /** How many accounts are used, or have something left for their next turn. */
  get size(): number {
    return this.#accounts.size;
  }

  /** Waits until all turns asked for before are over. Rejects with the signal's reason when it is aborted meanwhile. */
  async turn(name: string, signal: AbortSignal): Promise<Turn> {
    const account = this.#accounts.get(name) ?? { left: undefined, last: Promise.resolve(), turns: 0 };
    this.#accounts.set(name, account);
    const before = account.last;
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    account.last = before.then(() => over);
    account.turns++;
    const forgetUnused = () => {
      if (account.turns === 0 && account.left === undefined) this.#accounts.delete(name);
    };
    const finish = () => {
      end();
      account.turns--;
      forgetUnused();
    };
    try {
      await unlessAborted(before, signal);
    } catch (error) {
      finish();
      throw error;
    }
    let isOver = false;
    return {
      take() {
        const { left } = account;
        account.left = undefined;
        return left;
      },
      leave(left, ended) {
        account.left = left;
        void ended?.then(() => {
          if (account.left !== left) return;
          account.left = undefined;
          forgetUnused();
        });
      },
      [Symbol.dispose]() {
        if (!isOver) finish();
        isOver = true;
      },
    };
  }
}

async function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort);
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
