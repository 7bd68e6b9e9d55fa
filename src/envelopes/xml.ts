/**
 * XML of any size, read strictly and in constant memory (XML 1.0, without DTD): the long base64 texts of attachments
 * come in pieces. Names are local names: in this field prefixes vary and namespaces are often missing.
 */
import { basename } from "node:path";
import { SaxesParser, type SaxesTagPlain } from "saxes";
import { EnvelopeError } from "../errors.ts";
import { readChunks } from "./file_chunks.ts";

/** An element's name, apart from its prefix. */
export interface XmlName {
  readonly name: string;
  /** The namespace of the name if the element itself declares it, as roots do; else `""`. */
  readonly namespace: string;
}

/** A start tag; `attributes` go by their local names. */
export interface XmlOpen extends XmlName {
  readonly kind: "open";
  readonly attributes: ReadonlyMap<string, string>;
}

/** A start tag, a piece of text or an end tag. */
export type XmlEvent =
  | XmlOpen
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "close"; readonly name: string };

/** How to read a document. */
export interface XmlOptions {
  /** Local names of elements whose text is long: it comes in pieces and is never held whole. */
  readonly longTexts?: ReadonlySet<string>;
}

const CHUNK_BYTES = 64 * 1024;
const MAX_DEPTH = 100;
// Of a tag, comment or ordinary text; the longest that the schemas know are a few kilobytes.
const MAX_TOKEN_LENGTH = 4 * 1024 ** 2;
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();
const ENCODINGS = new Set(["utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "us-ascii"]);

/**
 * Reads the file at `path` and yields its events, many at a time.
 *
 * @throws {EnvelopeError} when it is not well-formed, has a DTD, or is not in the encoding that it declares.
 */
export async function* readXml(path: string, options: XmlOptions = {}): AsyncGenerator<readonly XmlEvent[]> {
  const reader = new XmlReader(options.longTexts ?? new Set());
  let decoder: TextDecoder | undefined;
  try {
    for await (const chunk of readChunks(path, CHUNK_BYTES)) {
      decoder ??= xmlDecoder(chunk);
      yield reader.feed(decode(decoder, chunk));
    }
    yield reader.end(decoder === undefined ? "" : decode(decoder));
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error;
    throw new EnvelopeError(`Cannot read "${basename(path)}": ${error.message}`, { cause: error.cause });
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

/** Whether a file that begins with `head` is meant to be XML. */
export function looksLikeXml(head: Uint8Array): boolean {
  return /^(?:\u00ef\u00bb\u00bf)?\s*<[?!\w]|^\u00ff\u00fe<|^\u00fe\u00ff\0</.test(latin1(head));
}

/** What is wrong with a document; the file is named where it is known. */
class XmlFault extends Error {}

/** Turns characters into events. Feeding is synchronous, so that waiting happens once per chunk, not per tag. */
class XmlReader {
  readonly #parser = new SaxesParser();
  readonly #longTexts: ReadonlySet<string>;
  #events: XmlEvent[] = [];
  #depth = 0;
  /** Characters given to the parser, and how many there were when it last reported something. */
  #fed = 0;
  #reported = 0;
  /** Where the start tag of a long text ended, until anything follows it. */
  #longTextAt = -1;
  #inLongText = false;

  constructor(longTexts: ReadonlySet<string>) {
    this.#longTexts = longTexts;
    this.#parser.on("opentag", (tag) => this.#open(tag));
    this.#parser.on("text", (text) => this.#report({ kind: "text", text }));
    this.#parser.on("cdata", (text) => this.#report({ kind: "text", text }));
    this.#parser.on("closetag", (tag) => {
      this.#depth--;
      this.#report({ kind: "close", name: localName(tag.name) });
    });
    this.#parser.on("comment", () => this.#report());
    this.#parser.on("processinginstruction", () => this.#report());
    this.#parser.on("doctype", () => {
      throw new XmlFault("it has a DTD, which is refused");
    });
  }

  feed(text: string): readonly XmlEvent[] {
    let rest = text;
    while (rest !== "") rest = this.#inLongText ? this.#passLongText(rest) : this.#parse(rest);
    return this.#take();
  }

  end(text: string): readonly XmlEvent[] {
    if (text !== "") this.#parse(text);
    withoutDetails(() => this.#parser.close());
    return this.#take();
  }

  // The parser holds a text until its end. A chunk is therefore given to it up to its last ">"; if that ends
  // the start tag of a long text, the characters up to the next "<" go past the parser.
  #parse(text: string): string {
    const cut = text.lastIndexOf(">") + 1;
    const head = cut === 0 ? text : text.slice(0, cut);
    this.#fed += head.length;
    withoutDetails(() => this.#parser.write(head));
    if (this.#fed - this.#reported > MAX_TOKEN_LENGTH) {
      throw new XmlFault(`a text or tag is longer than ${MAX_TOKEN_LENGTH} characters`);
    }
    this.#inLongText = this.#longTextAt === this.#fed;
    return text.slice(head.length);
  }

  #passLongText(text: string): string {
    // A reference is for the parser to read; base64 has none, so what follows one may be held whole.
    const end = text.search(/[<&]/);
    const piece = end < 0 ? text : text.slice(0, end);
    if (piece !== "") this.#events.push({ kind: "text", text: piece });
    this.#inLongText = end < 0;
    return text.slice(piece.length);
  }

  #open(tag: SaxesTagPlain): void {
    if (++this.#depth > MAX_DEPTH) {
      throw new XmlFault(`elements are nested more than ${MAX_DEPTH} deep`);
    }
    const { attributes, namespace } = readAttributes(tag);
    const name = localName(tag.name);
    this.#report({ kind: "open", name, namespace, attributes });
    if (this.#longTexts.has(name)) this.#longTextAt = this.#parser.position;
  }

  #report(event?: XmlEvent): void {
    this.#reported = this.#fed;
    if (event !== undefined) this.#events.push(event);
  }

  #take(): readonly XmlEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

function readAttributes(tag: SaxesTagPlain): { attributes: ReadonlyMap<string, string>; namespace: string } {
  const names = Object.keys(tag.attributes);
  if (names.length === 0) return { attributes: NO_ATTRIBUTES, namespace: "" };
  const attributes = new Map<string, string>();
  const colon = tag.name.indexOf(":");
  const declaration = colon < 0 ? "xmlns" : `xmlns:${tag.name.slice(0, colon)}`;
  let namespace = "";
  for (const name of names) {
    const value = tag.attributes[name] ?? "";
    if (name === declaration) namespace = value;
    else if (!name.startsWith("xmlns")) attributes.set(localName(name), value);
  }
  return { attributes, namespace };
}

/** The decoder for a document, by byte order mark, declaration, or the rule that it is UTF-8 (XML 1.0, 4.3.3). */
function xmlDecoder(start: Uint8Array): TextDecoder {
  const head = latin1(start.subarray(0, 1024));
  if (head.startsWith("\u00ff\u00fe")) return new TextDecoder("utf-16le", { fatal: true });
  if (head.startsWith("\u00fe\u00ff")) return new TextDecoder("utf-16be", { fatal: true });
  if (head.startsWith("\u00ef\u00bb\u00bf")) return new TextDecoder("utf-8", { fatal: true });
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(head)?.[1] ?? "utf-8";
  const encoding = declared.toLowerCase();
  if (!ENCODINGS.has(encoding)) {
    throw new XmlFault(`its encoding "${declared}" is not known here`);
  }
  return new TextDecoder(encoding, { fatal: true });
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch (cause) {
    throw new XmlFault(`its bytes are not ${decoder.encoding}`, { cause });
  }
}

/** Parser errors may quote what stands in the document, a person's name for instance; their position does not. */
function withoutDetails(parse: () => void): void {
  try {
    parse();
  } catch (cause) {
    if (cause instanceof XmlFault) throw cause;
    const position = /^\d+:\d+/.exec(cause instanceof Error ? cause.message : "")?.[0];
    if (position === undefined) throw cause;
    throw new XmlFault(`it is not well-formed at line and column ${position}`);
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
