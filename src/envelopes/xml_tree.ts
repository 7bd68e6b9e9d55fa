/** Small XML documents held whole: messages and metadata. */
import { basename } from "node:path";
import { EnvelopeError } from "../errors.ts";
import { MAX_MESSAGE_BYTES } from "./limits.ts";
import { readXml, type XmlName } from "./xml.ts";

/** An element, with local names throughout. */
export interface XmlElement extends XmlName {
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Its own text, all pieces joined, not trimmed. */
  readonly text: string;
}

const MAX_ELEMENTS = 200_000;

/** Reads a document of at most 10 MiB. Throws `EnvelopeError` when it is larger or not well-formed. */
export async function readXmlTree(path: string): Promise<XmlElement> {
  const fail = (state: string) => new EnvelopeError(`Cannot read "${basename(path)}": ${state}`);
  const { size } = await Deno.stat(path);
  if (size > MAX_MESSAGE_BYTES) {
    throw fail(`a message of ${size} bytes, more than ${MAX_MESSAGE_BYTES}`);
  }
  const open: { element: XmlElement; children: XmlElement[]; texts: string[] }[] = [];
  let root: XmlElement | undefined;
  let count = 0;
  for await (const events of readXml(path)) {
    for (const event of events) {
      const parent = open.at(-1);
      if (event.kind === "text") {
        parent?.texts.push(event.text);
      } else if (event.kind === "open") {
        if (++count > MAX_ELEMENTS) {
          throw fail(`more than ${MAX_ELEMENTS} elements`);
        }
        const { name, namespace, attributes } = event;
        const [children, texts]: [XmlElement[], string[]] = [[], []];
        open.push({ element: { name, namespace, attributes, children, text: "" }, children, texts });
      } else if (open.pop() !== undefined && parent !== undefined) {
        root = { ...parent.element, text: parent.texts.join("") };
        open.at(-1)?.children.push(root);
      }
    }
  }
  if (root === undefined) throw fail("no root element");
  return root;
}

/** The first element at `path`, names below one another from `element` on. */
export function child(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let found = element;
  for (const name of path) found = found?.children.find((each) => each.name === name);
  return found;
}

/** The trimmed text of the element at `path`; `""` when there is none. */
export function childText(element: XmlElement | undefined, ...path: readonly string[]): string {
  return child(element, ...path)?.text.trim() ?? "";
}

/** The element itself and all below it, in document order. */
export function* descendants(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const each of element.children) yield* descendants(each);
}
