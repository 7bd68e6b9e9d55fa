/**
 * A stretch of an XML document as a string in which each character is one octet. V8 searches, cuts and decodes such
 * strings many times faster than it looks at them character by character.
 */
import { Buffer } from "node:buffer";
import { XmlFault } from "./xml_fault.ts";

const WINDOW_BYTES = 64 * 1024;
/** Of a tag, comment or ordinary text; the longest that the schemas know are a few kilobytes. */
const MAX_TOKEN_BYTES = 4 * 1024 ** 2;
const ENCODINGS = new Set(["utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "us-ascii"]);
/** From this length on V8 makes a slice a view, which keeps the whole window in memory. */
const VIEW_LENGTH = 13;

/** Moves through the document in `file`, which stays the caller's to close. */
export class XmlWindow {
  /** The octets in the window, a zero behind them. Those of UTF-16 documents are read as UTF-8. */
  bytes = new Uint8Array(WINDOW_BYTES);
  /** How many octets the window shows. */
  length = 0;
  /** The same as a string, each character an octet: V8 searches and cuts such strings at the speed of memory. */
  octets = "";
  /** How many octets stand before the window. */
  offset = 0;
  /** How many of them are a byte order mark. */
  #markLength = 0;
  readonly #file: Pick<Deno.FsFile, "readSync">;
  /** Over `bytes`. */
  #buffer = Buffer.from(this.bytes.buffer);
  #isAtEnd = false;
  /** What the octets mean. */
  #decoder: TextDecoder | undefined;
  /** Sees all octets where not every sequence is text. */
  #checker: TextDecoder | undefined;
  /** Turns UTF-16 into UTF-8. */
  #utf16: TextDecoder | undefined;

  constructor(file: Pick<Deno.FsFile, "readSync">) {
    this.#file = file;
  }

  /** Whether there is nothing behind the window. */
  get isLast(): boolean {
    return this.#isAtEnd;
  }

  /**
   * Lets go of the first `count` octets and reads on behind the others.
   *
   * @throws {XmlFault} when the document is not in the encoding that it declares, or the others are too many.
   */
  advance(count: number): void {
    this.#buffer.copyWithin(0, count, this.length);
    this.length -= count;
    this.offset += count;
    if (this.length + 1 >= MAX_TOKEN_BYTES) {
      throw new XmlFault(`a text or tag is longer than ${MAX_TOKEN_BYTES} bytes`);
    }
    // Twice the room each time, so that a long token is not looked at again and again.
    const { length } = this.bytes;
    if (this.length > length / 2 && length < MAX_TOKEN_BYTES) {
      this.#grow(Math.min(2 * length, MAX_TOKEN_BYTES));
    }
    this.#read();
    this.bytes[this.length] = 0;
    this.octets = this.#buffer.toString("latin1", 0, this.length);
  }

  /** Whether the document begins at `at`. */
  isStart(at: number): boolean {
    return this.offset + at === this.#markLength;
  }

  /** The characters that the octets from `start` to `end` stand for. */
  text(start: number, end: number): string {
    if (!/[^\0-\x7f]/.test(this.octets.slice(start, end))) return this.ascii(start, end);
    return this.#decoder?.decode(this.#buffer.subarray(start, end)) ?? "";
  }

  /** The same where all octets are known to be ASCII. */
  ascii(start: number, end: number): string {
    // V8 makes a longer slice a view, which keeps the whole window in memory.
    return end - start < VIEW_LENGTH
      ? this.octets.slice(start, end)
      : this.#buffer.toString("latin1", start, end);
  }

  #read(): void {
    const isFirst = this.#decoder === undefined;
    if (this.#utf16 !== undefined) return this.#readUtf16(this.#utf16);
    const count = this.#file.readSync(this.bytes.subarray(this.length, -1));
    this.#isAtEnd = count === null;
    const read = this.#buffer.subarray(this.length, this.length + (count ?? 0));
    this.length += read.length;
    if (isFirst) this.#recognise(read);
    else check(this.#checker, read, this.#isAtEnd);
  }

  /** Byte order mark, declaration, or the rule that it is UTF-8 (XML 1.0, 4.3.3). */
  #recognise(start: Buffer): void {
    const head = start.toString("latin1", 0, 1024);
    const mark = /^(?:\xff\xfe|\xfe\xff|\xef\xbb\xbf)/.exec(head)?.[0] ?? "";
    if (mark.length === 2) {
      this.#utf16 = new TextDecoder(mark === "\xff\xfe" ? "utf-16le" : "utf-16be", { fatal: true });
      this.#decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      const octets = new TextEncoder().encode(decode(this.#utf16, start, this.#isAtEnd));
      this.length = 0;
      this.#append(octets);
      return;
    }
    const encoding = mark === "" ? declaredEncoding(head) : "utf-8";
    this.#decoder = new TextDecoder(encoding, { ignoreBOM: true });
    if (encoding === "utf-8") this.#checker = new TextDecoder(encoding, { fatal: true });
    check(this.#checker, start, this.#isAtEnd);
    this.#buffer.copyWithin(0, mark.length, this.length);
    this.length -= mark.length;
    this.offset = this.#markLength = mark.length;
  }

  #readUtf16(decoder: TextDecoder): void {
    const units = new Uint8Array(WINDOW_BYTES);
    const count = this.#file.readSync(units);
    this.#isAtEnd = count === null;
    this.#append(new TextEncoder().encode(decode(decoder, units.subarray(0, count ?? 0), this.#isAtEnd)));
  }

  #append(octets: Uint8Array): void {
    if (this.length + octets.length >= this.#buffer.length) this.#grow(this.length + octets.length + 1);
    this.#buffer.set(octets, this.length);
    this.length += octets.length;
  }

  #grow(size: number): void {
    const { bytes } = this;
    this.bytes = new Uint8Array(size);
    this.bytes.set(bytes.subarray(0, this.length));
    this.#buffer = Buffer.from(this.bytes.buffer);
  }
}

function declaredEncoding(head: string): string {
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(head)?.[1] ?? "utf-8";
  const encoding = declared.toLowerCase();
  if (ENCODINGS.has(encoding)) return encoding;
  throw new XmlFault(`its encoding "${declared}" is not known here`);
}

function check(decoder: TextDecoder | undefined, octets: Uint8Array, isLast: boolean): void {
  if (decoder !== undefined) decode(decoder, octets, isLast);
}

function decode(decoder: TextDecoder, octets: Uint8Array, isLast: boolean): string {
  try {
    return decoder.decode(octets, { stream: !isLast });
  } catch (cause) {
    throw new XmlFault(`its bytes are not ${decoder.encoding}`, { cause });
  }
}
