/**
 * Names of files that are known only when the list that tells them is written: the attachments of a PES come after its
 * pièces. A placeholder with an id stands in the list until then.
 */
import { Buffer } from "node:buffer";

/** The member of an item that can be filled in late. It must not be the first one. */
export const LATE_MEMBER = "fichier";

/** Begins a placeholder. XML has no way to write this character (XML 1.0, 2.2), so that no message holds it. */
export const LATE_MARK = "\u0001";
/** Longer ids are none (50 characters in the schema), and would have to be held. */
const MAX_ID_LENGTH = 200;

/** What stands for the name of the file `id`; `undefined` for what is no id. */
export function lateName(id: string): string | undefined {
  return id === "" || id.length > MAX_ID_LENGTH ? undefined : LATE_MARK + id;
}

interface Format {
  /** How a placeholder begins. */
  readonly start: string;
  /** A whole one, with what stands for the id in it. */
  readonly whole: RegExp;
  idOf(written: string): string;
  member(name: string): string;
}

/** As JSON and as XML, in octets of UTF-8 as Latin-1 text. */
const FORMATS = {
  json: {
    start: `,"${LATE_MEMBER}":"\\u0001`,
    whole: new RegExp(`,"${LATE_MEMBER}":"\\\\u0001((?:[^"\\\\]|\\\\.)*)"`, "g"),
    idOf: (written) => JSON.parse(`"${written}"`),
    member: (name) => `,"${LATE_MEMBER}":${JSON.stringify(name)}`,
  },
  xml: {
    start: `<${LATE_MEMBER}>${LATE_MARK}`,
    whole: new RegExp(`<${LATE_MEMBER}>${LATE_MARK}([^<]*)</${LATE_MEMBER}>`, "g"),
    idOf: (written) => written,
    member: (name) => `<${LATE_MEMBER}>${name}</${LATE_MEMBER}>`,
  },
} satisfies Record<string, Format>;

/** Passes a written list on, with `nameOf` an id for each placeholder, and without those that have none. */
export async function* withLateNames(
  chunks: AsyncIterable<Uint8Array<ArrayBuffer>>,
  { format, nameOf }: {
    readonly format: keyof typeof FORMATS;
    /** Id and name as they are written in this format. */
    nameOf(id: string): string | undefined;
  },
): AsyncGenerator<Uint8Array> {
  const { start, whole, idOf, member } = FORMATS[format];
  let carried = "";
  for await (const chunk of chunks) {
    const text = carried + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1");
    const end = endOfWhole(text, start, whole);
    carried = text.slice(end);
    const filled = text.slice(0, end).replace(whole, (_, written: string) => {
      const name = nameOf(idOf(fromLatin1(written)));
      return name === undefined ? "" : toLatin1(member(name));
    });
    yield Buffer.from(filled, "latin1");
  }
  yield Buffer.from(carried, "latin1");
}

/** Up to where no placeholder is cut. */
function endOfWhole(text: string, start: string, whole: RegExp): number {
  const last = text.lastIndexOf(start);
  const [found] = last < 0 ? [""] : text.slice(last).match(whole) ?? [];
  if (found === undefined) return last;
  const after = Math.max(last, 0) + found.length;
  let length = Math.min(start.length - 1, text.length - after);
  while (!text.endsWith(start.slice(0, length))) length--;
  return text.length - length;
}

function fromLatin1(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}

function toLatin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
