/**
 * Splits a mail into its parts while it arrives (RFC 2046, 5.1). Never holds more than a header block or a
 * line that may be a boundary; notices every boundary that is missing.
 */
import { damaged, MAX_BOUNDARY_BYTES, MAX_HEADER_BYTES, MAX_NESTING, MAX_PARTS } from "./damage.ts";
import { Headers } from "./headers.ts";

/** Gives the next octets of a mail, or `null` at its end. */
export type Pull = () => Promise<Uint8Array | null>;

/** Where the octets of a mail come from, and what has been counted in the mails around it. */
export interface SplitterContext {
  readonly nesting: number;
  readonly parts: { count: number };
}

/** One part that is no multipart. */
export interface Part {
  readonly headers: Headers;
  /** Media type in lower case, `text/plain` when there is none. */
  readonly type: string;
  /** Subtypes of the multiparts around it, outermost first. */
  readonly parents: readonly string[];
}

interface Multipart {
  readonly subtype: string;
  readonly boundary: Uint8Array;
}

const LF = 10;
const CR = 13;
const DASH = 45;
// Two dashes before and after the boundary, white space up to a line's length, a line end.
const MAX_BOUNDARY_LINE = MAX_BOUNDARY_BYTES + 1004;
const encoder = new TextEncoder();

/** Reads one mail; `nextPart` and `readContent` are called in turn, never at the same time. */
export class Splitter {
  readonly #pull: Pull;
  readonly #context: SplitterContext;
  readonly #stack: Multipart[] = [];
  #buffer = new Uint8Array(0) as Uint8Array;
  #at = 0;
  #end = 0;
  #ended = false;
  /** Whether `#buffer` was made here and can be written to after `#end`. */
  #owned = false;
  /** Whether `#at` stands at the start of a line. */
  #lineStart = true;
  /** The boundary line that ended the content last read: which multipart it belongs to, and its kind. */
  #boundary: { readonly level: number; readonly closes: boolean } | undefined;

  constructor(pull: Pull, context: SplitterContext = { nesting: 0, parts: { count: 0 } }) {
    this.#pull = pull;
    this.#context = context;
  }

  /**
   * A splitter for a mail that the present part is, counting on with nesting and parts.
   *
   * @throws {EnvelopeError} when it lies too deep.
   */
  within(pull: Pull): Splitter {
    const nesting = this.#nesting + 1;
    if (nesting > MAX_NESTING) throw tooDeep();
    return new Splitter(pull, { nesting, parts: this.#context.parts });
  }

  /** The headers of the mail itself; to be called first. */
  async readHeaders(): Promise<Headers> {
    return new Headers(await this.#readHeaderBlock());
  }

  /** The first part: the mail itself when it is no multipart. */
  firstPart(headers: Headers): Promise<Part | undefined> {
    return this.#enter(headers);
  }

  /** The part after the present one, whose content is skipped; `undefined` once the whole mail was read. */
  async nextPart(): Promise<Part | undefined> {
    for (;;) {
      await this.#skipContent();
      const boundary = this.#boundary;
      this.#boundary = undefined;
      if (boundary === undefined) return undefined;
      if (boundary.level < this.#stack.length - 1) {
        throw damaged("a multipart within it has no end boundary");
      }
      if (boundary.closes) {
        this.#stack.pop();
        continue;
      }
      const headers = new Headers(await this.#readHeaderBlock());
      if (headers.stray !== undefined) throw damaged("the headers of a part have a line that is no header");
      return await this.#enter(headers);
    }
  }

  /** The next octets of the present part as they stand in the mail; `null` at its end. */
  async readContent(): Promise<Uint8Array | null> {
    if (this.#boundary !== undefined) return null;
    for (;;) {
      const piece = this.#scan();
      if (piece !== undefined) return piece;
      if (await this.#more()) continue;
      if (this.#stack.length > 0) throw damaged("it ends before its end boundary");
      return null;
    }
  }

  get #nesting(): number {
    return this.#context.nesting + this.#stack.length;
  }

  async #enter(headers: Headers): Promise<Part | undefined> {
    if (++this.#context.parts.count > MAX_PARTS) throw damaged(`it has more than ${MAX_PARTS} parts`);
    const parents = this.#stack.map((multipart) => multipart.subtype);
    const header = headers.structured("content-type");
    const type = mediaType(header?.value, parents.at(-1));
    if (!type.startsWith("multipart/")) return { headers, type, parents };
    const boundary = encoder.encode(header?.parameter("boundary")?.trimEnd() ?? "");
    if (boundary.length === 0) throw damaged("a multipart has no boundary parameter");
    if (boundary.length > MAX_BOUNDARY_BYTES) {
      throw damaged(`a boundary is longer than ${MAX_BOUNDARY_BYTES} octets`);
    }
    this.#stack.push({ subtype: type.slice("multipart/".length), boundary });
    if (this.#nesting > MAX_NESTING) throw tooDeep();
    // What stands before the first boundary is for programs that know no MIME.
    return await this.nextPart();
  }

  async #skipContent(): Promise<void> {
    while (await this.readContent() !== null);
  }

  /**
   * Looks through what has arrived. Gives content that certainly is content, or sets `#boundary`; neither
   * when more octets are needed to know.
   */
  #scan(): Uint8Array | undefined | null {
    if (this.#at === this.#end) return undefined;
    if (this.#stack.length === 0) return this.#take(this.#end);
    const buffer = this.#buffer;
    for (let at = this.#at, lineStart = this.#lineStart;;) {
      if (lineStart) {
        const line = this.#boundaryAt(at);
        if (line === "unknown") return this.#take(this.#beforeLineEnd(at));
        if (line !== undefined) {
          // The line end before a boundary belongs to the boundary.
          const piece = this.#take(this.#beforeLineEnd(at));
          if (piece !== undefined) return piece;
          this.#at = line.end;
          this.#lineStart = true;
          this.#boundary = line;
          return null;
        }
      }
      const newline = buffer.indexOf(LF, at);
      if (newline < 0 || newline >= this.#end) {
        const held = buffer[this.#end - 1] === CR ? 1 : 0;
        return this.#take(this.#end - held);
      }
      at = newline + 1;
      lineStart = true;
    }
  }

  /** The boundary line that starts here; `unknown` when its end has not arrived. */
  #boundaryAt(start: number): { level: number; closes: boolean; end: number } | "unknown" | undefined {
    const buffer = this.#buffer;
    if (start === this.#end) return this.#ended ? undefined : "unknown";
    if (buffer[start] !== DASH) return undefined;
    if (start + 1 < this.#end && buffer[start + 1] !== DASH) return undefined;
    const found = buffer.indexOf(LF, start);
    const whole = found >= 0 && found < this.#end;
    if (!whole && !this.#ended) return this.#end - start > MAX_BOUNDARY_LINE ? undefined : "unknown";
    const end = whole ? found + 1 : this.#end;
    let last = end;
    while (last > start && isBlank(buffer[last - 1])) last--;
    for (let level = this.#stack.length - 1; level >= 0; level--) {
      const boundary = this.#stack[level]?.boundary ?? buffer;
      const extra = last - start - 2 - boundary.length;
      if (extra !== 0 && extra !== 2) continue;
      if (!boundary.every((byte, index) => buffer[start + 2 + index] === byte)) continue;
      if (extra === 2 && (buffer[last - 1] !== DASH || buffer[last - 2] !== DASH)) continue;
      return { level, closes: extra === 2, end };
    }
    return undefined;
  }

  #beforeLineEnd(start: number): number {
    let end = start;
    if (end > this.#at && this.#buffer[end - 1] === LF) end--;
    if (end > this.#at && end < start && this.#buffer[end - 1] === CR) end--;
    return end;
  }

  #take(end: number): Uint8Array | undefined {
    if (end === this.#at) return undefined;
    const piece = this.#buffer.subarray(this.#at, end);
    this.#at = end;
    this.#lineStart = false;
    return piece;
  }

  /** Reads up to the empty line, or to a boundary line, which is left to be found by `readContent`. */
  async #readHeaderBlock(): Promise<Uint8Array> {
    let offset = 0;
    let searched = 0;
    for (;;) {
      const start = this.#at + offset;
      const line = this.#boundaryAt(start);
      if (typeof line === "object") return this.#takeHeaders(start, start);
      const newline = line === "unknown"
        ? -1
        : this.#buffer.indexOf(LF, Math.max(start, this.#at + searched));
      if (newline < 0 || newline >= this.#end) {
        // A line that arrives octet by octet is not searched from its start each time.
        searched = this.#end - this.#at;
        if (await this.#more()) continue;
        if (this.#stack.length > 0) throw damaged("it ends within the headers of a part");
        return this.#takeHeaders(this.#end, this.#end);
      }
      const empty = newline === start || (newline === start + 1 && this.#buffer[start] === CR);
      if (empty) return this.#takeHeaders(start, newline + 1);
      offset = newline + 1 - this.#at;
      if (offset > MAX_HEADER_BYTES) throw tooLong();
    }
  }

  #takeHeaders(end: number, next: number): Uint8Array {
    if (end - this.#at > MAX_HEADER_BYTES) throw tooLong();
    const block = this.#buffer.subarray(this.#at, end);
    this.#at = next;
    this.#lineStart = true;
    return block;
  }

  async #more(): Promise<boolean> {
    if (this.#end - this.#at > MAX_HEADER_BYTES + MAX_BOUNDARY_LINE) throw tooLong();
    if (this.#ended) return false;
    const chunk = await this.#pull();
    if (chunk === null) {
      this.#ended = true;
      // What was held back may be a boundary without a line end.
      return this.#at < this.#end;
    }
    const rest = this.#end - this.#at;
    if (rest === 0) {
      [this.#buffer, this.#at, this.#end, this.#owned] = [chunk, 0, chunk.length, false];
    } else {
      this.#append(chunk, rest);
    }
    return true;
  }

  #append(chunk: Uint8Array, rest: number): void {
    const needed = rest + chunk.length;
    if (!this.#owned || this.#end + chunk.length > this.#buffer.length) {
      // Room to grow, so that a header block arriving octet by octet is not copied for each one.
      const grown = new Uint8Array(needed + rest);
      grown.set(this.#buffer.subarray(this.#at, this.#end));
      [this.#buffer, this.#at, this.#end, this.#owned] = [grown, 0, rest, true];
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }
}

function mediaType(value: string | undefined, parent: string | undefined): string {
  if (value === undefined || value === "") return parent === "digest" ? "message/rfc822" : "text/plain";
  if (/^[^/\s]+\/[^/\s]+$/.test(value)) return value;
  // Not a media type: nothing is known, so it may well be a document.
  return value === "text" ? "text/plain" : "application/octet-stream";
}

function isBlank(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === CR || byte === LF;
}

function tooDeep(): Error {
  return damaged(`its parts are nested more than ${MAX_NESTING} deep`);
}

function tooLong(): Error {
  return damaged(`a header block is longer than ${MAX_HEADER_BYTES} octets`);
}
