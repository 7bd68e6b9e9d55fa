/** What a listening protocol implements; see `mod.ts` for the registry. */
import type { GenericSchema, InferOutput } from "valibot";
import type { Item } from "../model.ts";
import type { Secret } from "../secret.ts";

export type { Secret } from "../secret.ts";

/** A byte connection, already secured where that was asked for. `Deno.Conn` and the tunnel's satisfy it. */
export interface Connection {
  /** Reads at most `into.length` octets; `null` at a clean end. Rejects on truncation or reset. */
  read(into: Uint8Array): Promise<number | null>;
  /** May be short: write the rest again. */
  write(from: Uint8Array): Promise<number>;
  /** Drops the connection, pending calls reject. */
  close(): void;
}

/** Somebody's turn with an account. Disposing it, which can be repeated, lets the next one in. */
export interface Turn extends Disposable {
  /** Takes what the turn before has left, and empties the place. */
  take(): unknown;
  /** Leaves something for the next turn, such as a connection that is still good, for no longer than until it has `ended`. */
  leave(left: unknown, ended?: Promise<void>): void;
}

/** What the gateway lends a source. */
export interface SourceContext {
  /** Aborted when the gateway stops or the poll takes too long: end soon, leave everything as it is. */
  readonly signal: AbortSignal;
  /** Absolute path of the folder that holds launchers.d; a source may make folders inside it, never outside. */
  readonly base: string;
  /**
   * Connects through a tunnel service, inside this process; the connection ends with the signal. Throws `SourceError`
   * when it cannot.
   */
  dial(service: string, signal: AbortSignal): Promise<Connection>;
  /** Waits until nobody else of this process uses an account, by a name that tells it from all others. */
  turn(account: string): Promise<Turn>;
  /** The value behind a secret, read anew each time. Throws `SourceError("credentials")` when it is missing. */
  secret(secret: Secret): Promise<string>;
  /** Absolute path of one given in a launcher file (relative to the folder that holds launchers.d). */
  path(path: string): string;
  /**
   * Which of `names` the metadata file of an envelope lists, and what it lists besides; `undefined` when it is not
   * whole, or no such file. What is larger than any real one is not looked into.
   */
  compareListing(path: string, names: readonly string[]): Promise<ComparedListing | "oversized" | undefined>;
}

/** What a metadata file lists, beside the names it was compared with. */
export interface ComparedListing {
  readonly found: readonly string[];
  readonly missing: readonly string[];
}

/** Something that has not come whole. */
export interface Unfinished {
  readonly label: string;
  /** Why it is taken for unfinished, for an administrator. */
  readonly reason: string;
  /** When it last changed. */
  readonly since: Date;
  /** Whether that is longer ago than the user finds normal. */
  readonly isLate: boolean;
}

/** What a new protocol implements. */
export interface Protocol<Schema extends GenericSchema = GenericSchema> {
  /** Its options in a launcher file's `[listen]`, `protocol` included. */
  readonly options: Schema;
  /** Connects and signs in, or throws `SourceError`. */
  open(options: InferOutput<Schema>, context: SourceContext): Promise<Source>;
  /**
   * Yields whenever something may have arrived, for `schedule = "push"`: a wake-up only, may be early,
   * late or wrong. Ends or throws when it can no longer tell. Absent where the protocol cannot push.
   */
  watch?(options: InferOutput<Schema>, context: SourceContext): AsyncIterable<void>;
  /** Signs in and names the mailboxes one can choose from. Absent where an account has only one. */
  mailboxes?(options: InferOutput<Schema>, context: SourceContext): Promise<readonly string[]>;
}

/** Which of these keys need no look: the ledger has them, and nothing is to be done but perhaps to settle them. */
export type IsKnown = (keys: readonly string[]) => ReadonlySet<string>;

/** One opened mailbox or folder. Disposing without `commit` drops the link. */
export interface Source extends AsyncDisposable {
  /**
   * Yields what is waiting, oldest first, without changing anything. Of those that `isKnown` tells need no look, what is
   * only learned by asking (size, date) may be missing.
   */
  items(isKnown?: IsKnown): AsyncIterable<Item>;
  /** How many items there are at most, once `items` knows it: at the latest with the first one. */
  readonly count?: number | undefined;
  /** What `items` has left out because it is not whole yet; known when `items` has ended. */
  readonly unfinished?: readonly Unfinished[];
  /**
   * Originals that an interrupted settling may have left half settled, and that `items` therefore leaves out: to be
   * settled if the ledger says that they were delivered, never to be taken. Asked for after `items`.
   */
  leftovers?(): AsyncIterable<Item>;
  /**
   * Which of these keys are still there, though `items` may leave them out (mails read, or older than some days).
   * Absent where `items` yields all there is.
   */
  remaining?(keys: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * The item of this key where `items` leaves it out: read or old, or moved away by its settling and still to be told
   * for certain. `undefined` when it cannot be found; absent where `items` yields all there is.
   */
  kept?(key: string): Promise<Item | undefined>;
  /**
   * The header blocks of some mails, each with its empty line at the end, without the rest of them. What cannot be had
   * so is left out; absent where that saves nothing.
   */
  headers?(items: readonly Item[]): Promise<ReadonlyMap<Item, Uint8Array<ArrayBuffer>>>;
  /**
   * What settling has moved to another place where it has another key, what arrived nearest to `near` first. Absent where
   * nothing is moved like that.
   */
  moved?(near: Date): AsyncIterable<Item>;
  /** Says which items will be opened next, in this order, so that they can be fetched ahead. */
  expect?(items: readonly Item[]): void;
  /** Whether what has been read may be gone after `commit`, settled or not: Gmail does so with POP3. */
  readonly forgetsRead?: boolean;
  /** Makes the settles of this poll durable (POP3: QUIT). */
  commit(): Promise<void>;
}
