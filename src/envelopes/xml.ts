/**
 * XML of any size, read strictly and in constant memory (XML 1.0, without DTD): the long base64 texts of attachments
 * come in pieces. Names are local names: in this field prefixes vary and namespaces are often missing.
 */
import { basename } from "node:path";
import { EnvelopeError } from "../errors.ts";
import { XmlFault } from "./xml_fault.ts";
import { XmlParser } from "./xml_parser.ts";
import { XmlWindow } from "./xml_window.ts";

/** An element's name, apart from its prefix. */
export interface XmlName {
  readonly name: string;
  /** The namespace of the name if the element itself declares it, as roots do; else `""`. */
  readonly namespace: string;
}

/** Attributes by their local names, declarations of namespaces left out. */
export interface XmlAttributes extends Iterable<[name: string, value: string]> {
  get(name: string): string | undefined;
}

/** A start tag. */
export interface XmlOpen extends XmlName {
  readonly kind: "open";
  readonly attributes: XmlAttributes;
}

/** A start tag, a piece of text or an end tag. White space between tags is not reported. */
export type XmlEvent =
  | XmlOpen
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "close"; readonly name: string };

/** How to read a document. */
export interface XmlOptions {
  /** Local names of elements whose text is long: it comes in pieces, to be used at once, and is never held whole. */
  readonly longTexts?: ReadonlySet<string>;
  /** All octets of the file, where they are at hand: it is not opened then. */
  readonly content?: Uint8Array | undefined;
}

/** Octets that are read as a file is. */
class HeldFile implements Disposable {
  #rest: Uint8Array;

  constructor(content: Uint8Array) {
    this.#rest = content;
  }

  readSync(into: Uint8Array): number | null {
    if (this.#rest.length === 0) return null;
    const some = this.#rest.subarray(0, into.length);
    into.set(some);
    this.#rest = this.#rest.subarray(some.length);
    return some.length;
  }

  [Symbol.dispose](): void {}
}

/**
 * Reads the file at `path` and yields its events, many at a time.
 *
 * @throws {EnvelopeError} when it is not well-formed, has a DTD, or is not in the encoding that it declares.
 */
export async function* readXml(path: string, options: XmlOptions = {}): AsyncGenerator<readonly XmlEvent[]> {
  const { content } = options;
  using file = content === undefined ? Deno.openSync(path) : new HeldFile(content);
  const parser = new XmlParser(new XmlWindow(file), options.longTexts ?? new Set());
  try {
    for (let events = parser.next(); events !== null; events = parser.next()) yield events;
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error;
    const place = error.offset === undefined
      ? ""
      : ` at line and column ${locate(content ?? path, error.offset)}`;
    throw new EnvelopeError(`Cannot read "${basename(path)}": ${error.message}${place}`, {
      cause: error.cause,
    });
  }
}

/** The root element's name. Throws `EnvelopeError` as `readXml` does, for faults before it. */
export async function readRoot(path: string): Promise<XmlName> {
  for await (const events of readXml(path)) {
    const root = events.find((event) => event.kind === "open");
    if (root !== undefined) return { name: root.name, namespace: root.namespace };
  }
  throw new EnvelopeError(`Cannot read "${basename(path)}": no root element`);
}

const MAX_START_BYTES = 512;

/** Whether a file that begins with `head` is meant to be XML. */
export function looksLikeXml(head: Uint8Array): boolean {
  // An attachment that is held whole can be too long for arguments.
  const start = String.fromCharCode(...head.subarray(0, MAX_START_BYTES));
  return /^(?:\u00ef\u00bb\u00bf)?\s*<[?!\w]|^\u00ff\u00fe<|^\u00fe\u00ff\0</.test(start);
}

/** Line and column, from 1, of what stands behind `offset` octets; how far it can be read, for it may be no text. */
function locate(source: string | Uint8Array, offset: number): string {
  using file = typeof source === "string" ? Deno.openSync(source) : new HeldFile(source);
  const window = new XmlWindow(file);
  let line = 1;
  let lineStart = 0;
  do {
    try {
      window.advance(window.octets.length);
    } catch (error) {
      if (error instanceof XmlFault) break;
      throw error;
    }
    const limit = offset - window.offset;
    for (
      let at = window.octets.indexOf("\n");
      at >= 0 && at < limit;
      at = window.octets.indexOf("\n", at + 1)
    ) {
      line++;
      lineStart = window.offset + at + 1;
    }
  } while (window.offset + window.octets.length < offset && !window.isLast);
  return `${line}:${offset - lineStart + 1}`;
}
