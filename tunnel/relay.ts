/** Copies both ways between a plain socket and a TLS connection. A side that stops writing may still read. */
import { Goodbye } from "./mail_words.ts";
import type { PlainSocket } from "./plain_socket.ts";
import type { DialledConnection, MailProtocol } from "./types.ts";

/**
 * Why a relay ended; only `done` and `goodbye` are clean. `left`: the client ended first, and the TLS side said nothing
 * more before it ended without close_notify; the client is reset like on `truncated`, in case it still waits.
 */
export type RelayEnd =
  | "done"
  | "goodbye"
  | "left"
  | "truncated"
  | "tls reset"
  | "plain reset"
  | "idle"
  | "close timeout"
  | "cut";

export interface RelayOptions {
  readonly idleMs: number;
  readonly closeMs: number;
  /** What the plain side sees when the TLS side ends without close_notify. */
  readonly truncation: "reset" | "eof";
  readonly mailProtocol?: MailProtocol | undefined;
  /** Whether the TLS side sees a clean end when the plain side resets. */
  readonly goodbye: boolean;
  /** Called with the bytes of every chunk, on their way. */
  onBytes(direction: "up" | "down", bytes: number): void;
  /** What to tell the plain side when the TLS side fails before its first byte; without it a reset says so. */
  refusal?(error: unknown): string | undefined;
  /** Aborting cuts the relay. */
  readonly signal: AbortSignal;
}

// A TLS record holds at most 16 KiB, and one read returns one record.
const SMALL_BUFFER_BYTES = 2 * 1024;
const LARGE_BUFFER_BYTES = 16 * 1024;
// A reset right after data may overtake it, so even TIMEOUTclose = 0 leaves the client this long.
const LEAST_RESET_DELAY_MS = 1000;
// How long a server may take to accept the close_notify for a client that has reset.
const GOODBYE_MS = 1000;

/** Copies until both sides have ended, then closes both. Never rejects. */
export function relay(plain: PlainSocket, tls: DialledConnection, options: RelayOptions): Promise<RelayEnd> {
  return new Relay(plain, tls, options).run();
}

class Relay {
  #activeAtMs = performance.now();
  #limitMs: number;
  #end: RelayEnd | undefined;
  #deaf = false;
  #wasReset = false;
  #clientLeft = false;
  // The plain side was given a clean end: a reset now would discard what it has not read yet.
  #tolerated = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #goodbye: Goodbye;
  readonly #expired = Promise.withResolvers<void>();
  readonly #plain: PlainSocket;
  readonly #tls: DialledConnection;
  readonly #options: RelayOptions;

  constructor(plain: PlainSocket, tls: DialledConnection, options: RelayOptions) {
    this.#plain = plain;
    this.#tls = tls;
    this.#options = options;
    this.#limitMs = options.idleMs;
    this.#goodbye = new Goodbye(options.mailProtocol);
  }

  async run(): Promise<RelayEnd> {
    const { signal } = this.#options;
    const cut = () => this.#expire("cut");
    signal.addEventListener("abort", cut, { once: true });
    if (signal.aborted) cut();
    this.#watch(this.#limitMs);
    await Promise.race([Promise.all([this.#up(), this.#down()]), this.#expired.promise]);
    clearTimeout(this.#timer);
    signal.removeEventListener("abort", cut);
    const end = this.#end ?? "done";
    if (end === "done" || end === "goodbye" || this.#tolerated) this.#plain.close();
    else this.#plain.reset();
    closeQuietly(this.#tls);
    return end;
  }

  async #up(): Promise<void> {
    try {
      for (let chunk = await this.#plain.next(); chunk !== null; chunk = await this.#plain.next()) {
        // What is said after the other side's end is read and dropped: closing with it unread would be a reset.
        if (this.#deaf) continue;
        this.#activeAtMs = performance.now();
        this.#goodbye.sent(chunk);
        this.#options.onBytes("up", chunk.length);
        await this.#writeUp(chunk);
      }
    } catch {
      if (this.#end !== undefined) return;
      this.#end = "plain reset";
      if (this.#options.goodbye) {
        this.#halfClosed(GOODBYE_MS);
        await this.#tls.closeWrite().catch(() => {});
      }
      this.#expire("plain reset");
      return;
    }
    this.#clientLeft = !this.#deaf;
    this.#halfClosed();
    // A peer that has gone already needs no goodbye.
    await this.#tls.closeWrite().catch(() => {});
  }

  async #writeUp(chunk: Uint8Array): Promise<void> {
    try {
      for (let written = 0; written < chunk.length;) {
        written += await this.#tls.write(written === 0 ? chunk : chunk.subarray(written));
        this.#activeAtMs = performance.now();
      }
    } catch (error) {
      // The other side may have said why before it left: reading decides how this ends. The system tells a reset once.
      this.#deaf = true;
      this.#wasReset ||= error instanceof Deno.errors.ConnectionReset;
      this.#halfClosed();
    }
  }

  async #down(): Promise<void> {
    let buffer = new Uint8Array(SMALL_BUFFER_BYTES);
    let last: number | undefined;
    for (;;) {
      let count;
      try {
        count = await this.#tls.read(buffer);
      } catch (error) {
        return await this.#cutShort(error, last);
      }
      if (count === null) break;
      this.#activeAtMs = performance.now();
      this.#clientLeft = false;
      last = buffer[count - 1] ?? 0;
      this.#options.onBytes("down", count);
      try {
        await this.#plain.write(count === buffer.length ? buffer : buffer.subarray(0, count));
      } catch {
        return this.#expire("plain reset");
      }
      this.#activeAtMs = performance.now();
      // Most connections wait most of the time: only a busy one keeps a large buffer.
      if (count === buffer.length && count < LARGE_BUFFER_BYTES) buffer = new Uint8Array(LARGE_BUFFER_BYTES);
      else if (count < SMALL_BUFFER_BYTES / 4 && buffer.length > SMALL_BUFFER_BYTES) {
        buffer = new Uint8Array(SMALL_BUFFER_BYTES);
      }
    }
    this.#halfClosed();
    if (last === undefined && !this.#clientLeft) {
      await this.#say(new Deno.errors.UnexpectedEof("no greeting"));
    }
    this.#plain.end();
  }

  /** The TLS side ended without close_notify. */
  async #cutShort(error: unknown, lastByte: number | undefined): Promise<void> {
    if (this.#end !== undefined) return;
    const truncated = error instanceof Deno.errors.UnexpectedEof;
    this.#halfClosed();
    if (truncated && this.#goodbye.said && lastByte === 0x0a) {
      this.#end = "goodbye";
      this.#plain.end();
      return;
    }
    this.#end = !truncated || this.#wasReset ? "tls reset" : this.#clientLeft ? "left" : "truncated";
    if (lastByte === undefined && await this.#refuse(error)) return;
    if (this.#options.truncation === "eof") {
      this.#tolerated = true;
      this.#plain.end();
      return;
    }
    // A reset now would discard what a slow client has not read yet: it comes when the client speaks, leaves, or takes too long.
    this.#limitMs = Math.max(this.#limitMs, LEAST_RESET_DELAY_MS);
    await this.#plain.peek().catch(() => null);
    this.#expire(this.#end);
  }

  /** Nothing has come yet, so nothing can be lost. False when a plain end is to follow. */
  async #refuse(error: unknown): Promise<boolean> {
    if (await this.#say(error)) {
      this.#plain.end();
      return true;
    }
    if (this.#options.truncation === "eof") return false;
    this.#expire(this.#end ?? "tls reset");
    return true;
  }

  /** Tells the plain side why the TLS side said nothing, where it expects words. */
  async #say(error: unknown): Promise<boolean> {
    const words = this.#options.refusal?.(error);
    if (words === undefined) return false;
    await this.#plain.write(new TextEncoder().encode(words)).catch(() => {});
    return true;
  }

  #halfClosed(limitMs = this.#options.closeMs): void {
    this.#activeAtMs = performance.now();
    this.#limitMs = limitMs;
    clearTimeout(this.#timer);
    this.#watch(this.#limitMs);
  }

  #watch(delayMs: number): void {
    this.#timer = setTimeout(() => {
      const leftMs = this.#activeAtMs + this.#limitMs - performance.now();
      if (leftMs > 0) this.#watch(leftMs);
      else this.#expire(this.#limitMs === this.#options.idleMs ? "idle" : "close timeout");
    }, delayMs);
  }

  #expire(end: RelayEnd): void {
    this.#end ??= end;
    this.#expired.resolve();
  }
}

function closeQuietly(connection: DialledConnection): void {
  try {
    connection.close();
  } catch {
    // Closed by the other side's end already.
  }
}
