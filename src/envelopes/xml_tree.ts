/** Small XML documents, or parts of large ones, held whole: messages, metadata, single invoices. */
import { basename } from "node:path";
import { EnvelopeError } from "../errors.ts";
import { MAX_MESSAGE_BYTES } from "./limits.ts";
import { readXml, type XmlAttributes, type XmlEvent, type XmlName, type XmlOpen } from "./xml.ts";

/** An element, with local names throughout. */
export interface XmlElement extends XmlName {
  readonly attributes: XmlAttributes;
  readonly children: readonly XmlElement[];
  /** Its own text, all pieces joined, not trimmed. */
  readonly text: string;
}

const MAX_ELEMENTS = 200_000;

/**
 * Reads a document of at most 10 MiB, or its `content` where that is at hand. Throws `EnvelopeError` when it is larger or
 * not well-formed.
 */
export async function readXmlTree(path: string, content?: Uint8Array): Promise<XmlElement> {
  const fail = (state: string) => new EnvelopeError(`Cannot read "${basename(path)}": ${state}`);
  const size = content?.length ?? (await Deno.stat(path)).size;
  if (size > MAX_MESSAGE_BYTES) {
    throw fail(`a message of ${size} bytes, more than ${MAX_MESSAGE_BYTES}`);
  }
  const builder = new TreeBuilder();
  for await (const events of readXml(path, { content })) {
    for (const event of events) if (!builder.take(event)) throw fail(`more than ${MAX_ELEMENTS} elements`);
  }
  if (builder.root === undefined) throw fail("no root element");
  return builder.root;
}

/** Makes a tree of events, from a start tag to the end tag that belongs to it. */
export class TreeBuilder {
  readonly #open: { readonly tag: XmlOpen; readonly children: XmlElement[]; readonly texts: string[] }[] = [];
  #root: XmlElement | undefined;
  #count = 0;

  /** The element that the first start tag began, once it has ended. */
  get root(): XmlElement | undefined {
    return this.#root;
  }

  /** Adds an event; false when that makes more elements than a message can have. */
  take(event: XmlEvent): boolean {
    const innermost = this.#open.at(-1);
    if (event.kind === "text") {
      innermost?.texts.push(event.text);
    } else if (event.kind === "open") {
      this.#open.push({ tag: event, children: [], texts: [] });
      return ++this.#count <= MAX_ELEMENTS;
    } else if (innermost !== undefined) {
      this.#open.pop();
      const { tag: { name, namespace, attributes }, children, texts } = innermost;
      const element = { name, namespace, attributes, children, text: texts.join("") };
      const parent = this.#open.at(-1);
      if (parent === undefined) this.#root = element;
      else parent.children.push(element);
    }
    return true;
  }
}

/** The first element at `path`, names below one another from `element` on. */
export function child(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let found = element;
  for (const name of path) found = found?.children.find((each) => each.name === name);
  return found;
}

/** The elements called `name` directly below `element`. */
export function children(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((each) => each.name === name) ?? [];
}

/** The trimmed text of the element at `path`; `""` when there is none. */
export function childText(element: XmlElement | undefined, ...path: readonly string[]): string {
  return child(element, ...path)?.text.trim() ?? "";
}
