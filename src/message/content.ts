/** The decoded content of one part, looked at first and then streamed. */
import type { Decoder } from "./decoders.ts";
import { concat } from "./uuencode.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Reads a part through its decoder, no faster than it is asked to. Every failure of the part is kept, so that
 * it can be thrown where documents are asked for, even when nobody read the stream to its end.
 */
export class Content {
  readonly #read: () => Promise<Uint8Array | null>;
  readonly #decoder: Decoder;
  readonly #ahead: Bytes[] = [];
  #state: "open" | "ended" | "detached" = "open";
  #failure: { readonly error: unknown } | undefined;
  #reading: Promise<void> | undefined;

  constructor(read: () => Promise<Uint8Array | null>, decoder: Decoder) {
    this.#read = read;
    this.#decoder = decoder;
  }

  /** The first octets, at least as many unless the content is shorter. The stream still gives them. */
  async peek(atLeast: number): Promise<Bytes> {
    let length = this.#ahead.reduce((sum, piece) => sum + piece.length, 0);
    while (length < atLeast && this.#state === "open") {
      const piece = await this.#next();
      if (piece === undefined) break;
      this.#ahead.push(piece);
      length += piece.length;
    }
    const [first] = this.#ahead;
    const start = this.#ahead.length === 1 && first !== undefined ? first : concat(this.#ahead);
    if (this.#ahead.length > 1) this.#ahead.splice(0, Infinity, start);
    return start;
  }

  /** All of it, instead of `stream`; `undefined` when it is longer than that, and then nothing is lost. */
  async whole(atMost: number): Promise<Bytes | undefined> {
    const start = await this.peek(atMost + 1);
    if (this.#state !== "ended" || start.length > atMost) return undefined;
    this.#ahead.length = 0;
    return start;
  }

  /** The content from its start; called once, after any `peek`. */
  stream(): ReadableStream<Bytes> {
    return new ReadableStream<Bytes>({
      pull: (controller) => this.#reading = this.#pull(controller),
      cancel: () => {
        this.#state = "detached";
      },
    }, { highWaterMark: 0 });
  }

  /** The content from its start, for use within this folder; instead of `stream`. */
  async *pieces(): AsyncIterable<Bytes> {
    for (;;) {
      const piece = this.#ahead.shift() ?? await this.#next();
      if (piece === undefined) return;
      yield piece;
    }
  }

  /** Ends the stream, which must not read on behind the back of the next part; throws what failed in it. */
  async finish(): Promise<void> {
    await this.#reading;
    if (this.#state === "open") this.#state = "detached";
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #pull(controller: ReadableStreamDefaultController<Bytes>): Promise<void> {
    try {
      const piece = this.#ahead.shift() ?? await this.#next();
      if (piece !== undefined) controller.enqueue(piece);
      else if (this.#state === "ended") controller.close();
      else throw new TypeError("Cannot read a document: the next one was asked for");
    } catch (error) {
      controller.error(error);
    }
  }

  /** The next octets, never none; `undefined` at the end. */
  async #next(): Promise<Bytes | undefined> {
    try {
      while (this.#state === "open") {
        const raw = await this.#read();
        const piece = raw === null ? this.#decoder.end() : this.#decoder.push(raw);
        if (raw === null) this.#state = "ended";
        if (piece.length > 0) return piece;
      }
      return undefined;
    } catch (error) {
      this.#failure = { error };
      this.#state = "detached";
      throw error;
    }
  }
}
