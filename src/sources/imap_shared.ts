/**
 * The one connection of an IMAP account that is watched: polls borrow it, and while none does it idles (RFC 2177). A
 * connection for each would be more than some servers allow, and a sign-in for each poll is throttled by others.
 */
import { ImapClient, type ImapClientSettings } from "./imap_client.ts";
import type { ImapOptions } from "./imap_options.ts";
import type { SourceContext, Turn } from "./source.ts";

// A link that does not answer so soon, though nothing has been asked of it, is not worth waiting for.
const ALIVE_MS = 10_000;
// IDLE hears of one mailbox only.
const OTHERS_MS = 60_000;

/** What a test may set. */
export interface WatchSettings extends ImapClientSettings {
  /** How often the mailboxes beside the first are asked about. */
  readonly othersMs?: number;
  /** How soon the connection has to answer when a poll borrows it. */
  readonly aliveMs?: number;
}

/** Somebody who wants to know of arrivals. */
export interface Watcher {
  readonly mailboxes: readonly string[];
  onNews(): void;
}

/** A signed-in connection with those who watch by it. */
export class SharedImap {
  readonly client: ImapClient;
  readonly #aliveMs: number;
  readonly #watchers = new Set<Watcher>();
  /** UIDNEXT of each mailbox, as it was last told. */
  readonly #known = new Map<string, number>();
  #isLent = true;
  #isAsking = false;

  constructor(client: ImapClient, { othersMs = OTHERS_MS, aliveMs = ALIVE_MS }: WatchSettings) {
    this.client = client;
    this.#aliveMs = aliveMs;
    client.flow.on("exists", ({ path, count, prevCount }) => {
      if (count > prevCount) this.#tell(path);
    });
    const timer = setInterval(() => void this.#askOthers().catch(() => {}), othersMs);
    void client.closed.then(() => clearInterval(timer));
  }

  /** Joins; with the first mailbox of the first one who did, IDLE is used, the others are asked about. */
  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
  }

  /** Leaves; the last one to do so ends a connection that nobody uses. */
  remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size === 0 && !this.#isLent) this.client.close();
  }

  /** Makes ready for another turn; `false` when the connection is not good any more, and closed. */
  async borrow(): Promise<boolean> {
    this.#isLent = true;
    const { flow } = this.client;
    const timer = setTimeout(() => this.client.close(), this.#aliveMs);
    try {
      // It also makes the server tell of what came since it last did (RFC 3501, 7.4.1).
      if (!this.client.isClosed) await flow.noop();
    } catch {
      this.client.close();
    } finally {
      clearTimeout(timer);
    }
    return !this.client.isClosed;
  }

  /** Idles again after a poll, and leaves the connection to the next turn; `false` when there is no reason to. */
  async giveBack(turn: Turn): Promise<boolean> {
    const [first] = this.#mailboxes();
    if (first === undefined || this.client.isClosed) return false;
    const { flow } = this.client;
    // Where that mailbox is open already, its arrivals have been heard of.
    if (!flow.mailbox || flow.mailbox.path !== first) {
      const action = `watch the mailbox "${first}" of ${this.client.peer}`;
      const opening = { isReadOnly: true, action };
      const uidNext = await this.client.within(first, opening, (found) => Promise.resolve(found.uidNext));
      if (uidNext !== undefined) this.#learn(first, uidNext);
    }
    turn.leave(this, this.client.closed);
    this.#isLent = false;
    void this.#askOthers().catch(() => {});
    return true;
  }

  #mailboxes(): string[] {
    return [...new Set([...this.#watchers].flatMap(({ mailboxes }) => mailboxes))];
  }

  /** Compares UIDNEXT of the mailboxes that IDLE does not hear of. */
  async #askOthers(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    // What fails here ends the connection as well, and that is noticed by those who wait for it.
    try {
      for (const path of this.#mailboxes().slice(1)) {
        if (this.#isLent || this.client.isClosed) return;
        const status = await this.client.flow.status(path, { uidNext: true });
        if (status !== false && status.uidNext !== undefined) this.#learn(path, status.uidNext);
      }
    } finally {
      this.#isAsking = false;
    }
  }

  #learn(path: string, uidNext: number): void {
    if (uidNext > (this.#known.get(path) ?? Infinity)) this.#tell(path);
    this.#known.set(path, uidNext);
  }

  #tell(path: string): void {
    for (const watcher of this.#watchers) if (watcher.mailboxes.includes(path)) watcher.onNews();
  }
}

/** The connection of an account during one turn. */
export interface Lease {
  readonly client: ImapClient;
  readonly shared: SharedImap;
  readonly turn: Turn;
  /** Ends the turn. What has not been given back, or closed, by then is nobody's. */
  end(): void;
}

/**
 * Waits for the account's turn, and connects unless the connection of those who watch is still good. Until the turn ends,
 * the connection ends with the context's signal.
 *
 * @throws {SourceError} like `ImapClient.connect`; the turn is over then.
 */
export async function leaseImap(
  options: ImapOptions,
  context: SourceContext,
  settings: WatchSettings = {},
): Promise<Lease> {
  const { signal } = context;
  const turn = await context.turn(`imap ${placeOf(options)}`);
  const lease = (shared: SharedImap, release: () => void): Lease => ({
    client: shared.client,
    shared,
    turn,
    end() {
      release();
      turn[Symbol.dispose]();
    },
  });
  try {
    const left = turn.take();
    if (left instanceof SharedImap) {
      const release = left.client.serve(signal);
      if (await left.borrow()) return lease(left, release);
      release();
    }
    const client = await ImapClient.connect(options, context, settings);
    return lease(new SharedImap(client, settings), client.serve(signal));
  } catch (error) {
    turn[Symbol.dispose]();
    throw error;
  }
}

/** Who signs in where, and by what: launchers of the same place share a connection. */
function placeOf(options: ImapOptions): string {
  const { account, server = "", tunnel, port, tls, ca_file: caFile, auth, password, token } = options;
  return JSON.stringify([account, server.toLowerCase(), tunnel, port, tls, caFile, auth, password, token]);
}
