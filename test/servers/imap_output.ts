/** The writing side of an IMAP session, where lines are split and cut on demand. */
import type { ImapServerState } from "./imap_server.ts";

const PIECE_BYTES = 65_536;
const HELD_BYTES = 1024 * 1024;

/** Writes in order, whoever asks; a client that has gone is not written to. */
export class ImapOutput {
  readonly #conn: Deno.Conn;
  readonly #server: ImapServerState;
  #last: Promise<void> = Promise.resolve();
  #held: Uint8Array<ArrayBuffer>[] = [];
  #heldBytes = 0;
  #isEnded = false;
  #isCut = false;

  constructor(conn: Deno.Conn, server: ImapServerState) {
    this.#conn = conn;
    this.#server = server;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Whether the octets that `cutAfterBytes` allows have been sent. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Holds an answer back until `flush`, or until there is much of it: Nagle's algorithm makes many small writes slow. */
  async write(pieces: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    for (const piece of pieces) {
      this.#held.push(piece);
      this.#heldBytes += piece.length;
    }
    if (this.#heldBytes > HELD_BYTES) await this.flush();
  }

  flush(): Promise<void> {
    const joined = new Uint8Array(this.#heldBytes);
    let offset = 0;
    for (const piece of this.#held) {
      joined.set(piece, offset);
      offset += piece.length;
    }
    this.#held = [];
    this.#heldBytes = 0;
    this.#last = this.#last.then(() => this.#writeNow(joined)).catch(() => this.end());
    return this.#last;
  }

  end(): void {
    this.#isEnded = true;
  }

  async #writeNow(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { chunkBytes = PIECE_BYTES, cutAfterBytes = Infinity } = this.#server.faults;
    for (let start = 0; start < bytes.length && !this.#isEnded; start += chunkBytes) {
      const wanted = bytes.subarray(start, start + chunkBytes);
      const roomBytes = Math.max(0, cutAfterBytes - this.#server.sentBytes);
      const sent = wanted.subarray(0, roomBytes);
      this.#server.sentBytes += sent.length;
      for (let rest = sent; rest.length > 0;) rest = rest.subarray(await this.#conn.write(rest));
      if (sent.length === wanted.length) continue;
      this.#isCut = true;
      this.end();
    }
  }
}
