/** The syntax of IMAP4rev1 (RFC 3501, section 9), from the server's side. */

const DECODER = new TextDecoder();
const ENCODER = new TextEncoder();
const LINE_LIMIT_BYTES = 65_536;
const LITERAL_LIMIT_BYTES = 32 * 1024 * 1024;

/** One argument of a command: a word (atom, quoted or literal), or a list in parentheses. */
export type Token = string | Token[];

/** A command as it came: `A1 UID FETCH 1:* (FLAGS)`. */
export interface Command {
  readonly tag: string;
  /** In upper case; `UID FETCH` and its like are one name. */
  readonly name: string;
  readonly args: readonly Token[];
  /** The command after its tag, without literals and secrets: what tests look at. */
  readonly text: string;
}

/** Thrown for what is no IMAP; answered with BAD. */
export class SyntaxFault extends Error {}

/** Thrown for a command too long to be read to its end, after which the connection is of no use. */
export class LengthFault extends SyntaxFault {}

/** Reads lines and literals from a connection. */
export class LineReader {
  #buffer = new Uint8Array(0);
  readonly #chunk = new Uint8Array(65_536);
  readonly #conn: Pick<Deno.Conn, "read">;

  constructor(conn: Pick<Deno.Conn, "read">) {
    this.#conn = conn;
  }

  /** The next line without its CRLF; `null` when the client has gone. */
  async line(): Promise<string | null> {
    let end = this.#buffer.indexOf(10);
    while (end < 0) {
      if (this.#buffer.length > LINE_LIMIT_BYTES) throw new LengthFault("line too long");
      if (!await this.#more()) return null;
      end = this.#buffer.indexOf(10);
    }
    const bytes = this.#take(end + 1);
    return DECODER.decode(bytes.subarray(0, bytes.at(-2) === 13 ? end - 1 : end));
  }

  /** Exactly `length` octets; `null` when the client goes before. */
  async bytes(length: number): Promise<Uint8Array | null> {
    while (this.#buffer.length < length) {
      if (!await this.#more()) return null;
    }
    return this.#take(length);
  }

  #take(length: number): Uint8Array {
    const bytes = this.#buffer.slice(0, length);
    this.#buffer = this.#buffer.slice(length);
    return bytes;
  }

  async #more(): Promise<boolean> {
    const count = await this.#conn.read(this.#chunk).catch(() => null);
    if (count === null) return false;
    const joined = new Uint8Array(this.#buffer.length + count);
    joined.set(this.#buffer);
    joined.set(this.#chunk.subarray(0, count), this.#buffer.length);
    this.#buffer = joined;
    return true;
  }
}

/** Reads one command with its literals, asking for each that is not `{n+}`; `null` at the end. */
export async function readCommand(
  reader: LineReader,
  proceed: () => Promise<void>,
): Promise<Command | null> {
  const line = await reader.line();
  if (line === null) return null;
  const parts: (string | { literal: string })[] = [];
  let rest = line;
  for (let match = /\{(\d+)(\+?)\}$/.exec(rest); match !== null; match = /\{(\d+)(\+?)\}$/.exec(rest)) {
    const length = Number(match[1]);
    if (length > LITERAL_LIMIT_BYTES) throw new LengthFault("literal too large");
    if (match[2] === "") await proceed();
    const literal = await reader.bytes(length);
    const next = literal === null ? null : await reader.line();
    if (literal === null || next === null) return null;
    parts.push(rest.slice(0, match.index), { literal: DECODER.decode(literal) });
    rest = next;
  }
  parts.push(rest);
  const tokens = parseTokens(parts);
  const [tag, verb, ...args] = tokens;
  if (typeof tag !== "string" || typeof verb !== "string") throw new SyntaxFault("no command");
  let name = verb.toUpperCase();
  if (name === "UID" && typeof args[0] === "string") name = `UID ${String(args.shift()).toUpperCase()}`;
  const written = parts.map((part) => typeof part === "string" ? part : "{…}").join("");
  const text = name === "LOGIN" || name === "AUTHENTICATE"
    ? `${name} ${String(args[0] ?? "")}`
    : written.slice(written.indexOf(" ") + 1);
  return { tag, name, args, text };
}

function parseTokens(parts: readonly (string | { literal: string })[]): Token[] {
  const stack: Token[][] = [[]];
  const add = (token: Token) => stack.at(-1)?.push(token);
  for (const part of parts) {
    if (typeof part !== "string") {
      add(part.literal);
      continue;
    }
    // A word may hold a section: BODY.PEEK[HEADER.FIELDS (FROM TO)]<0.100>
    const pattern = /\s+|(\()|(\))|"((?:[^"\\]|\\.)*)"|((?:[^\s()"[\]]|\[[^\]]*\])+)|(.)/gy;
    for (const [, open, close, quoted, word, odd] of part.matchAll(pattern)) {
      if (odd !== undefined) throw new SyntaxFault(`unexpected ${odd}`);
      if (open !== undefined) stack.push([]);
      else if (close !== undefined) {
        const list = stack.pop();
        if (list === undefined || stack.length === 0) throw new SyntaxFault("unbalanced parentheses");
        add(list);
      } else if (quoted !== undefined) add(quoted.replace(/\\(.)/g, "$1"));
      else if (word !== undefined) add(word);
    }
  }
  const [tokens] = stack;
  if (stack.length !== 1 || tokens === undefined) throw new SyntaxFault("unbalanced parentheses");
  return tokens;
}

/** The word at `index` of a command's arguments, or a syntax fault. */
export function word(args: readonly Token[], index: number): string {
  const token = args[index];
  if (typeof token !== "string") throw new SyntaxFault("argument missing");
  return token;
}

/** Whether a sequence set such as `1:3,7,9:*` holds a number, `*` being the highest in use. */
export function parseSet(text: string, highest: number): (number: number) => boolean {
  const ranges = text.split(",").map((range) => {
    const [from, to = from] = range.split(":").map((end) => end === "*" ? highest : Number(end));
    if (!Number.isInteger(from) || !Number.isInteger(to)) throw new SyntaxFault(`bad set ${text}`);
    return [Math.min(from ?? 0, to ?? 0), Math.max(from ?? 0, to ?? 0)] as const;
  });
  return (number) => ranges.some(([from, to]) => number >= from && number <= to);
}

/** A quoted string. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** A mailbox name in modified UTF-7 (RFC 3501, 5.1.3). */
export function encodeName(name: string): string {
  return name.replace(/&|[^\x20-\x7e]+/g, (run) => {
    if (run === "&") return "&-";
    const bytes = Array.from({ length: run.length }, (_, index) => run.charCodeAt(index))
      .flatMap((unit) => [unit >> 8, unit & 255]);
    return `&${new Uint8Array(bytes).toBase64({ omitPadding: true }).replaceAll("/", ",")}-`;
  });
}

/** The Unicode form of a mailbox name in modified UTF-7. */
export function decodeName(name: string): string {
  return name.replace(/&([^-]*)-/g, (_, run: string) => {
    if (run === "") return "&";
    const bytes = Uint8Array.fromBase64(run.replaceAll(",", "/"), { lastChunkHandling: "loose" });
    const units = Array.from({ length: bytes.length >> 1 }, (_, index) => {
      return ((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0);
    });
    return String.fromCharCode(...units);
  });
}

/** `17-Jul-2026 02:44:25 +0000`, as INTERNALDATE wants it. */
export function formatDate(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(" ");
  return `${day}-${month}-${year} ${time} +0000`;
}

/** The octets of protocol text. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(text);
}
