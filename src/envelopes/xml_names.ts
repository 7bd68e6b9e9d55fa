/** Names as they stand in tags: some dozens, each of them thousands of times, so each is made a string once. */
import { isName, kindOf, NAME } from "./xml_characters.ts";
import type { XmlWindow } from "./xml_window.ts";

/** A name, looked at once. */
export interface XmlParsedName {
  readonly qualified: string;
  readonly local: string;
  /** The attribute that declares the namespace of an element of this name. */
  readonly declaration: string;
  /** Whether as an attribute it declares a namespace. */
  readonly isDeclaration: boolean;
  /** Whether as an element it has a long text. */
  readonly isLongText: boolean;
}

interface Entry extends XmlParsedName {
  readonly octets: Uint8Array;
  readonly next: Entry | undefined;
}

const BUCKETS = 1024;
/** Those of a hostile document must not fill the memory. */
const MAX_NAMES = 10_000;

/** Finds names by their octets. */
export class XmlNames {
  /** Where the name ends that was read last. */
  end = 0;
  readonly #longTexts: ReadonlySet<string>;
  readonly #buckets: (Entry | undefined)[] = new Array(BUCKETS).fill(undefined);
  #count = 0;

  constructor(longTexts: ReadonlySet<string>) {
    this.#longTexts = longTexts;
  }

  /** The name that begins at `start` in the window, whose end may cut it; `undefined` when there is none. */
  read(window: XmlWindow, start: number): XmlParsedName | undefined {
    const { bytes } = window;
    let hash = 0;
    let end = start;
    for (; (kindOf(bytes[end]) & NAME) !== 0; end++) hash = (hash * 31 + (bytes[end] ?? 0)) | 0;
    this.end = end;
    const length = end - start;
    let entry = this.#buckets[hash & (BUCKETS - 1)];
    while (entry !== undefined && !(entry.octets.length === length && isSame(entry.octets, bytes, start))) {
      entry = entry.next;
    }
    return entry ?? this.#add(window, { start, end, hash });
  }

  #add(window: XmlWindow, at: { start: number; end: number; hash: number }): XmlParsedName | undefined {
    const qualified = window.text(at.start, at.end);
    if (!isName(qualified)) return undefined;
    if (++this.#count > MAX_NAMES) {
      this.#buckets.fill(undefined);
      this.#count = 0;
    }
    const colon = qualified.indexOf(":");
    const local = qualified.slice(colon + 1);
    const bucket = at.hash & (BUCKETS - 1);
    const entry: Entry = {
      qualified,
      local,
      declaration: colon < 0 ? "xmlns" : `xmlns:${qualified.slice(0, colon)}`,
      isDeclaration: qualified === "xmlns" || qualified.startsWith("xmlns:"),
      isLongText: this.#longTexts.has(local),
      octets: window.bytes.slice(at.start, at.end),
      next: this.#buckets[bucket],
    };
    this.#buckets[bucket] = entry;
    return entry;
  }
}

function isSame(octets: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < octets.length; i++) if (octets[i] !== bytes[start + i]) return false;
  return true;
}
