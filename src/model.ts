/** The things that travel through the gateway. Types only; the words are those of the README. */

/** What became of an item in the end, or for now (`failed` is tried again). */
export type OutcomeKind = "delivered" | "skipped" | "quarantined" | "failed";

/** What was decided about one item, and why. */
export interface Outcome {
  readonly kind: OutcomeKind;
  /** One sentence for an administrator; absent when everything went as usual. */
  readonly reason?: string;
}

/** What kind of thing a source yields, and so what has to be done to get at its documents. */
export type ItemKind = "mail" | "file" | "envelope";

/** One thing found waiting in a source. */
export interface Item {
  readonly kind: ItemKind;
  /** Its name for ever within the launcher; the ledger key. */
  readonly key: string;
  /** What a person calls it: the base name of a file or envelope; for a mail, something like `UID 17`. */
  readonly label: string;
  /** Octets, as the source announced them; a directory's is the sum of its files. */
  readonly sizeBytes: number;
  /** When it arrived or was last changed, where the source knows. */
  readonly date?: Date;
  /** Where it lies on this machine; absent when it comes over a connection. An envelope may be a directory. */
  readonly path?: string;
  /** Files that belong to it besides the one at `path`: an envelope's, where they lie loose in the folder. */
  readonly beside?: readonly string[];
  /**
   * Its bytes, streamed: an item can be larger than memory should be. Can be called again within the
   * same poll, once the stream before has ended or was cancelled.
   *
   * @throws {GatewayError} `SourceError` when the source fails; the stream may error with it too.
   */
  open(): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /**
   * Like `open`, where the source has small items in memory anyway: these come as they are, which is much lighter than
   * a stream for each.
   */
  fetch?(): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer>>;
  /**
   * Deletes, flags or moves the original as the launcher's `after` says. Called only once the ledger
   * has recorded the outcome; can be repeated. Resolves `false` when it is too early for that (delete after
   * so many days) and it is to be asked again on a later poll.
   */
  settle(outcome: Outcome): Promise<boolean>;
}

/** One file to be handed to the COLD, before it has been staged. */
export interface Document {
  /** Base name as found, already decoded; not yet made safe for a file system. */
  readonly name: string;
  /** Media type as sniffed or declared, in lower case. */
  readonly type?: string;
  /** Its bytes; to be read or cancelled before the next document is asked for. */
  readonly content: ReadableStream<Uint8Array<ArrayBuffer>>;
  /**
   * All of its bytes, instead of `content` and much lighter than it; `undefined` when there are more than `atMost`, and
   * `content` still has them all.
   */
  whole?(atMost: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
}
