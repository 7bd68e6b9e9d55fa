/**
 * Mails that failed and that their source may not give out again, such as those that Gmail has handed over by POP3: kept
 * raw below `state` until it is clear what becomes of them, and tried again from there.
 */
import { DeliveryError, GatewayError } from "../errors.ts";
import type { Ledger } from "../ledger.ts";
import type { Item } from "../model.ts";
import { NoRoomError, type Quarantine } from "../quarantine.ts";

/** Whose mails. */
export interface RetainedOwner {
  readonly launcher: string;
  /** Scope in the ledger. */
  readonly scope: string;
}

/** What is noted of a mail that is kept. */
export interface Kept {
  readonly reason: string;
  /** What people know it by. */
  readonly title?: string | undefined;
}

/** The retained mails of one launcher, in a store of the quarantine's form. */
export class Retained {
  readonly #store: Quarantine;
  readonly #owner: RetainedOwner;
  /** Asked of every item that a source lists. */
  readonly #keys: Set<string>;

  constructor(store: Quarantine, owner: RetainedOwner) {
    this.#store = store;
    this.#owner = owner;
    this.#keys = new Set(this.#entries().map(({ key }) => key));
  }

  /**
   * Stores a mail whole and durably; one that is there already is left as it is. A mail that its source cannot give out
   * is not stored: it has not been handed over either.
   *
   * @throws {DeliveryError} when the disk does not take it, or the store holds as much as it may.
   */
  async keep(item: Item, { reason, title }: Kept): Promise<void> {
    if (this.has(item.key)) return;
    try {
      await this.#store.admit(item, { ...this.#owner, reason, attempts: 1, ...(title ? { title } : {}) });
      this.#keys.add(item.key);
    } catch (error) {
      // Going on would end in a commit, and the mail would be nowhere but at its server, which no longer lists it.
      if (error instanceof NoRoomError) {
        const state = `"${this.#store.path}" holds as much as max_size of [quarantine] allows; raise that`;
        throw new DeliveryError(`Cannot keep "${item.label}" until it is tried again: ${state}`, {
          cause: error,
        });
      }
      if (!(error instanceof GatewayError) || error.scope !== "item") throw error;
    }
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** The stored mails, oldest first; settling one leaves its original to a poll that meets it. */
  items(): Item[] {
    return this.#entries().map((entry) => this.#store.item(entry));
  }

  /** Removes those that were delivered, skipped or quarantined since. */
  async sweep(ledger: Ledger): Promise<void> {
    const entries = this.#entries();
    const rows = ledger.lookup(this.#owner.scope, entries.map(({ key }) => key));
    for (const { id, key } of entries) {
      const outcome = rows.get(key)?.outcome;
      if (outcome === undefined || outcome === "failed" || outcome === "pending") continue;
      await this.#store.drop(id);
      this.#keys.delete(key);
    }
  }

  #entries() {
    return this.#store.list().filter(({ scope }) => scope === this.#owner.scope);
  }
}
