/**
 * Takes a POP3 server's octets apart into status lines and multi-line answers (RFC 1939, section 3),
 * wherever the network cuts them. Octets are never decoded here: a mail is whatever it is.
 */
import { SourceError } from "../errors.ts";
import type { Connection } from "./source.ts";

const BUFFER_BYTES = 64 * 1024;
const MAX_LINE_BYTES = 8 * 1024;
/** A server that looks up who calls takes some seconds; what speaks another protocol never greets. */
const GREETING_TIMEOUT_MS = 20_000;
const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;

/** What `Pop3Reader` needs beside the connection. */
export interface Pop3ReaderOptions {
  /** Names the server in messages, with its quotes. */
  readonly peer: string;
  /** Longest silence while an answer is awaited, in milliseconds. */
  readonly stallTimeoutMs: number;
}

/** Reads answers one after the other. Every failure is a `SourceError`, after which nothing more can be read. */
export class Pop3Reader {
  readonly #connection: Connection;
  readonly #options: Pop3ReaderOptions;
  // One buffer for the whole session; what is handed out is copied once.
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #start = 0;
  #end = 0;
  // The two octets before `#start` within a multi-line answer; its beginning counts as the start of a line.
  #before = CR;
  #last = LF;
  #stuffedDots = 0;
  /** Whether the server has said anything yet. */
  #hasGreeted = false;

  constructor(connection: Connection, options: Pop3ReaderOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Octets that arrived beyond the last answer. */
  get bufferedBytes(): number {
    return this.#end - this.#start;
  }

  /** Dots the server had to add to the last multi-line answer. */
  get stuffedDots(): number {
    return this.#stuffedDots;
  }

  /** One line without its end, one character per octet. */
  async line(): Promise<string> {
    let searchedBytes = 0;
    while (true) {
      const window = this.#buffer.subarray(this.#start, this.#end);
      const length = window.indexOf(LF, searchedBytes);
      if ((length < 0 ? window.length : length) > MAX_LINE_BYTES) {
        throw this.#nonsense(`a line of more than ${MAX_LINE_BYTES} octets`);
      }
      if (length >= 0) {
        this.#start += length + 1;
        // A bare LF is tolerated here: some servers end status lines so.
        return latin1(window.subarray(0, length > 0 && window[length - 1] === CR ? length - 1 : length));
      }
      searchedBytes = window.length;
      await this.#fill();
    }
  }

  /** Makes ready for the multi-line answer that follows the status line just read. */
  startBody(): void {
    this.#before = CR;
    this.#last = LF;
    this.#stuffedDots = 0;
  }

  /** The next octets of a multi-line answer with its stuffing undone, in a buffer of their own; `null` after the last. */
  async body(): Promise<Uint8Array<ArrayBuffer> | null> {
    while (true) {
      if (this.#end > this.#start) {
        const { chunk, isLast } = this.#take();
        if (chunk.length > 0) {
          // The terminator is found again by the next call.
          return chunk;
        }
        if (isLast) return null;
      }
      await this.#fill();
    }
  }

  /** Takes what can be told from the buffered octets; stops before the terminator unless it is the next thing. */
  #take(): { chunk: Uint8Array<ArrayBuffer>; isLast: boolean } {
    const buffer = this.#buffer;
    const window = buffer.subarray(0, this.#end);
    const pieces: Uint8Array[] = [];
    let from = this.#start;
    let dot = window.indexOf(DOT, from);
    let to = this.#end;
    while (dot >= 0) {
      if (this.#isLineStart(dot)) {
        const next = window[dot + 1];
        const afterNext = window[dot + 2];
        const isCut = next === undefined || (next === CR && afterNext === undefined);
        if (isCut || (next === CR && afterNext === LF)) {
          const isLast = !isCut && dot === this.#start;
          if (isLast) {
            this.#start = dot + 3;
            return { chunk: new Uint8Array(0), isLast };
          }
          to = dot;
          break;
        }
        pieces.push(window.subarray(from, dot));
        this.#stuffedDots++;
        from = dot + 1;
      }
      dot = window.indexOf(DOT, dot + 1);
    }
    pieces.push(window.subarray(from, to));
    this.#remember(to);
    return { chunk: joined(pieces), isLast: false };
  }

  /** Whether the octet at `index` follows CR LF; the two before the buffered ones are remembered. */
  #isLineStart(index: number): boolean {
    const at = (position: number) => {
      if (position >= this.#start) return this.#buffer[position];
      return position === this.#start - 1 ? this.#last : this.#before;
    };
    return at(index - 1) === LF && at(index - 2) === CR;
  }

  #remember(to: number): void {
    const consumed = to - this.#start;
    if (consumed === 0) return;
    this.#before = (consumed > 1 ? this.#buffer[to - 2] : this.#last) ?? 0;
    this.#last = this.#buffer[to - 1] ?? 0;
    this.#start = to;
  }

  async #fill(): Promise<void> {
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    const { peer } = this.#options;
    const stallTimeoutMs = Math.min(
      this.#options.stallTimeoutMs,
      this.#hasGreeted ? Infinity : GREETING_TIMEOUT_MS,
    );
    let isStalled = false;
    const timer = setTimeout(() => {
      isStalled = true;
      this.#connection.close();
    }, stallTimeoutMs);
    try {
      const read = await this.#connection.read(this.#buffer.subarray(this.#end));
      if (read === null) {
        throw new SourceError(
          "unreachable",
          this.#hasGreeted
            ? `Cannot read from ${peer}: the server closed the connection`
            : `Cannot read from ${peer}: it closed the connection without a greeting; check the port, how tls is set, and that the server lets this machine in`,
        );
      }
      this.#hasGreeted = true;
      this.#end += read;
    } catch (cause) {
      if (!isStalled) throw cause;
      const seconds = stallTimeoutMs / 1000;
      throw new SourceError(
        "unreachable",
        this.#hasGreeted
          ? `Cannot read from ${peer}: no answer for ${seconds} s`
          : `Cannot read from ${peer}: no greeting within ${seconds} s; check that this port speaks POP3, and how tls is set`,
        { cause },
      );
    } finally {
      clearTimeout(timer);
    }
  }

  #nonsense(what: string): SourceError {
    return new SourceError(
      "unreachable",
      `Cannot understand ${this.#options.peer}: it sent ${what}; check that this is a POP3 server, and the port`,
    );
  }
}

/** Text with one character per octet, so that nothing is lost. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let from = 0; from < bytes.length; from += 8192) {
    text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  }
  return text;
}

/** One buffer of its own with all the pieces. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
