/**
 * Well-formed XML 1.0 without DTD, and nothing else (section numbers are its). A token is read whole or not at all:
 * one that the window cuts is read again when there is more of it.
 */
import { isAscii } from "node:buffer";
import type { XmlAttributes, XmlEvent } from "./xml.ts";
import { XmlFault } from "./xml_fault.ts";
import { expandReferences, isAllowed, kindOf, PLAIN, SPACE } from "./xml_characters.ts";
import { XmlNames, type XmlParsedName } from "./xml_names.ts";
import type { XmlWindow } from "./xml_window.ts";

const MAX_DEPTH = 100;
const MAX_ATTRIBUTES = 1000;

/** What a token method returns when the window ends within the token. */
const CUT = -1;

const BANG = 0x21;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const QUESTION = 0x3f;

/** 2.8; the encoding has been looked at before. */
const DECLARATION =
  /^\s+version\s*=\s*(?:"1\.\d+"|'1\.\d+')(?:\s+encoding\s*=\s*(?:"[A-Za-z][\w.-]*"|'[A-Za-z][\w.-]*'))?(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*$/;

/** Octets past ASCII aside, what may not stand in a text, or is to be replaced in it. */
// deno-lint-ignore no-control-regex
const REPLACED_OR_REFUSED = /[\0-\x09\x0b-\x1f]/;

/** Reads what a window shows, token by token. */
export class XmlParser {
  readonly #window: XmlWindow;
  readonly #names: XmlNames;
  /** Elements that are open. */
  readonly #open: XmlParsedName[] = [];
  #events: XmlEvent[] = [];
  #hasRoot = false;
  #inLongText = false;
  #isAtEnd = false;
  /** How many octets of the window are read. */
  #read = 0;
  /** Where the name or value ends that was read last. */
  #end = 0;

  constructor(window: XmlWindow, longTexts: ReadonlySet<string>) {
    this.#window = window;
    this.#names = new XmlNames(longTexts);
  }

  /** What comes next, none or many events; `null` after the end. Throws `XmlFault` where it is not well-formed. */
  next(): readonly XmlEvent[] | null {
    if (this.#isAtEnd) return null;
    this.#events = [];
    const window = this.#window;
    window.advance(this.#read);
    let at = 0;
    while (at < window.length) {
      const end = this.#token(window.bytes, at);
      if (end === CUT) break;
      at = end;
    }
    this.#read = at;
    if (window.isLast) {
      if (at < window.length || this.#open.length > 0) this.#fault(window.length);
      if (!this.#hasRoot) throw new XmlFault("no root element");
      this.#isAtEnd = true;
    }
    return this.#events;
  }

  #token(bytes: Uint8Array, at: number): number {
    if (this.#inLongText) return this.#longText(at);
    if (bytes[at] !== LESS) return this.#text(bytes, at);
    const second = bytes[at + 1];
    if (second === SLASH) return this.#endTag(bytes, at);
    if (second === QUESTION) return this.#instruction(at);
    return second === BANG ? this.#declared(at) : this.#startTag(bytes, at);
  }

  /** 3.1 */
  #startTag(bytes: Uint8Array, at: number): number {
    const { length } = this.#window;
    const element = this.#name(at + 1);
    if (element === undefined) return CUT;
    if (this.#hasRoot && this.#open.length === 0) this.#fault(at);
    let attributes: Attributes | undefined;
    let namespace = "";
    let i = this.#end;
    while (true) {
      const start = skipSpace(bytes, i);
      if (bytes[start] === GREATER) {
        i = start + 1;
        break;
      }
      if (bytes[start] === SLASH) {
        if (start + 1 === length) return CUT;
        if (bytes[start + 1] !== GREATER) this.#fault(start + 1);
        i = start + 2;
        break;
      }
      if (start === length) return CUT;
      if (start === i) this.#fault(start);
      const name = this.#name(start);
      if (name === undefined) return CUT;
      const equals = skipSpace(bytes, this.#end);
      if (equals === length) return CUT;
      if (bytes[equals] !== EQUALS) this.#fault(equals);
      const mark = skipSpace(bytes, equals + 1);
      if (mark === length) return CUT;
      const value = this.#value(bytes, mark);
      if (value === undefined) return CUT;
      i = this.#end + 1;
      attributes ??= new Attributes();
      if (!attributes.add(name, value)) this.#fault(start);
      if (name.qualified === element.declaration) namespace = value;
    }
    this.#hasRoot = true;
    if (this.#open.push(element) > MAX_DEPTH) {
      throw this.#faultAt(at, `elements are nested more than ${MAX_DEPTH} deep`);
    }
    this.#inLongText = element.isLongText;
    this.#events.push({ kind: "open", name: element.local, namespace, attributes: attributes ?? NONE });
    if (bytes[i - 2] === SLASH) this.#closed(element);
    return i;
  }

  #closed(element: XmlParsedName): void {
    this.#open.pop();
    this.#inLongText = false;
    this.#events.push({ kind: "close", name: element.local });
  }

  #endTag(bytes: Uint8Array, at: number): number {
    const opened = this.#open.at(-1);
    if (opened === undefined) this.#fault(at);
    const element = this.#name(at + 2);
    if (element === undefined) return CUT;
    const i = skipSpace(bytes, this.#end);
    if (i === this.#window.length) return CUT;
    if (element.qualified !== opened.qualified || bytes[i] !== GREATER) this.#fault(at);
    this.#closed(element);
    return i + 1;
  }

  /** The name that begins at `start`; `undefined` when the window cuts it. */
  #name(start: number): XmlParsedName | undefined {
    const name = this.#names.read(this.#window, start);
    this.#end = this.#names.end;
    if (this.#end === this.#window.length) return undefined;
    return name ?? this.#fault(start);
  }

  /** The value whose quotation mark is at `start`; `undefined` when the window cuts it (3.1). */
  #value(bytes: Uint8Array, start: number): string | undefined {
    const mark = bytes[start];
    if (mark !== QUOTE && mark !== APOSTROPHE) this.#fault(start);
    let isPlain = true;
    let i = start + 1;
    for (let octet = bytes[i]; octet !== mark; octet = bytes[++i]) {
      if ((kindOf(octet) & PLAIN) !== 0) continue;
      if (i === this.#window.length) return undefined;
      if (octet === LESS) this.#fault(i);
      isPlain = false;
    }
    this.#end = i;
    if (isPlain) return this.#window.ascii(start + 1, i);
    // Line ends count once, literal white space as a space; what references stand for stays (2.11, 3.3.3).
    return this.#expanded(this.#window.text(start + 1, i).replace(/\r\n|[\t\n\r]/g, " "), start);
  }

  /** 2.4 */
  #text(bytes: Uint8Array, at: number): number {
    const { length } = this.#window;
    let i = skipSpace(bytes, at);
    if (bytes[i] === LESS) return i;
    if (i === length) return this.#window.isLast || this.#open.length === 0 ? i : CUT;
    if (this.#open.length === 0) this.#fault(i);
    let isPlain = i === at;
    for (let octet = bytes[i]; octet !== LESS; octet = bytes[++i]) {
      if ((kindOf(octet) & PLAIN) !== 0) continue;
      if (i === length) return CUT;
      isPlain = false;
    }
    const text = isPlain ? this.#window.ascii(at, i) : this.#replaced(this.#window.text(at, i), at);
    this.#events.push({ kind: "text", text });
    return i;
  }

  /** A text that may be as long as its document, in pieces. */
  #longText(at: number): number {
    const { octets } = this.#window;
    const less = octets.indexOf("<", at);
    const end = less < 0 ? octets.length : less;
    const piece = octets.slice(at, end);
    const isPlain = isAscii(this.#window.bytes.subarray(at, end)) && !REPLACED_OR_REFUSED.test(piece) &&
      !piece.includes("&") && !piece.includes("]]>");
    if (isPlain) {
      this.#inLongText = less < 0;
      if (piece !== "") this.#events.push({ kind: "text", text: piece });
      return end;
    }
    const mark = piece.search(/[&\]]/);
    if (mark !== 0) return this.#singularText(at, mark > 0 ? at + mark : end);
    // Base64 has neither, so what follows may be held whole.
    this.#inLongText = false;
    return this.#text(this.#window.bytes, at);
  }

  #singularText(at: number, limit: number): number {
    const { octets } = this.#window;
    let end = limit;
    // The window may cut a character, or a line end of two.
    if (end === octets.length) { while (end > at && /[\r\x80-\xff]/.test(octets.charAt(end - 1))) end--; }
    if (end === at) return CUT;
    const text = this.#window.text(at, end).replace(/\r\n?/g, "\n");
    if (!isAllowed(text)) this.#fault(at);
    this.#events.push({ kind: "text", text });
    return end;
  }

  #replaced(text: string, at: number): string {
    if (text.includes("]]>")) this.#fault(at);
    return this.#expanded(text.replace(/\r\n?/g, "\n"), at);
  }

  #expanded(text: string, at: number): string {
    if (!isAllowed(text)) this.#fault(at);
    if (!text.includes("&")) return text;
    return expandReferences(text) ?? this.#fault(at);
  }

  /** What begins with an exclamation mark: a comment (2.5), a CDATA section (2.7) or a DTD (2.8). */
  #declared(at: number): number {
    const { octets } = this.#window;
    if (octets.startsWith("<!--", at)) return this.#comment(octets, at);
    if (octets.startsWith("<![CDATA[", at)) return this.#cdata(octets, at);
    if (octets.startsWith("<!DOCTYPE", at)) throw new XmlFault("it has a DTD, which is refused");
    if (octets.length - at < "<![CDATA[".length) return CUT;
    this.#fault(at);
  }

  #comment(octets: string, at: number): number {
    const dashes = octets.indexOf("--", at + "<!--".length);
    if (dashes < 0 || dashes + 2 === octets.length) return CUT;
    const isSound = octets.startsWith("-->", dashes) && isAllowed(this.#window.text(at, dashes));
    if (!isSound) this.#fault(at);
    return dashes + "-->".length;
  }

  #cdata(octets: string, at: number): number {
    if (this.#open.length === 0) this.#fault(at);
    const start = at + "<![CDATA[".length;
    const end = octets.indexOf("]]>", start);
    if (end < 0) return CUT;
    const text = this.#window.text(start, end).replace(/\r\n?/g, "\n");
    if (!isAllowed(text)) this.#fault(at);
    this.#events.push({ kind: "text", text });
    return end + "]]>".length;
  }

  /** A processing instruction (2.6), or the declaration that a document may begin with (2.8). */
  #instruction(at: number): number {
    const end = this.#window.octets.indexOf("?>", at + 2);
    if (end < 0) return CUT;
    const target = this.#name(at + 2)?.qualified ?? "";
    const rest = this.#window.text(this.#end, end);
    const isSound = /^xml$/i.test(target)
      ? target === "xml" && this.#window.isStart(at) && DECLARATION.test(rest)
      : isAllowed(rest) && (rest === "" || /^\s/.test(rest));
    if (!isSound) this.#fault(at);
    return end + "?>".length;
  }

  #fault(at: number): never {
    throw this.#faultAt(at, "it is not well-formed");
  }

  #faultAt(at: number, state: string): XmlFault {
    return new XmlFault(state, { offset: this.#window.offset + at });
  }
}

/** So few, as a rule, that a search in order is the fastest. */
class Attributes implements XmlAttributes {
  readonly #names: XmlParsedName[] = [];
  readonly #values: string[] = [];

  /** Whether there was none of this name, and there are not too many. */
  add(name: XmlParsedName, value: string): boolean {
    for (const each of this.#names) if (each.qualified === name.qualified) return false;
    this.#values.push(value);
    return this.#names.push(name) <= MAX_ATTRIBUTES;
  }

  get(name: string): string | undefined {
    for (let i = 0; i < this.#names.length; i++) {
      const each = this.#names[i];
      if (each?.local === name && !each.isDeclaration) return this.#values[i];
    }
    return undefined;
  }

  *[Symbol.iterator](): Iterator<[string, string]> {
    for (let i = 0; i < this.#names.length; i++) {
      const each = this.#names[i];
      if (each?.isDeclaration === false) yield [each.local, this.#values[i] ?? ""];
    }
  }
}

const NONE = new Attributes();

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while ((kindOf(bytes[at]) & SPACE) !== 0) at++;
  return at;
}
