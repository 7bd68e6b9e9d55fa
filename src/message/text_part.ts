/** The texts of a mail, looked through for what concerns documents; they are none themselves. */
import type { Content } from "./content.ts";
import { damaged } from "./damage.ts";
import { dataOf, isUuEnd, Lines, uuLine, uuName } from "./uuencode.ts";
import { decodeName, decodeRaw } from "./words.ts";

// A text for people is shorter; what comes after may refer to images in vain.
const MAX_HTML_BYTES = 1024 * 1024;
const MAX_REFERENCES = 1000;
/** Octets of a uuencoded file handed over at once. */
const PIECE_BYTES = 16 * 1024;
const latin1 = new TextDecoder("windows-1252");

/** Adds the Content-IDs that an HTML text shows as images. */
export async function findReferences(html: Content, references: Set<string>): Promise<void> {
  const start = await html.peek(MAX_HTML_BYTES);
  const text = latin1.decode(start.subarray(0, MAX_HTML_BYTES));
  for (const [, id = ""] of text.matchAll(/cid:([^"'\s<>)\\]{1,250})/gi)) {
    if (references.size >= MAX_REFERENCES) return;
    references.add(id);
    try {
      references.add(decodeURIComponent(id));
    } catch {
      // Not percent-encoded, then.
    }
  }
}

/** One uuencoded file within a text. `pieces` is to be read to its end before the next file is asked for. */
export interface UuFile {
  readonly name: string;
  pieces(): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** Whether a text has a line that `uuFiles` would take for the first of a file. */
export function mayHoldUuFile(text: Uint8Array): boolean {
  return /^begin [0-7]/m.test(latin1.decode(text));
}

/** Yields the uuencoded files in a text; reading one throws `EnvelopeError` when it is cut. */
export async function* uuFiles(text: AsyncIterable<Uint8Array>): AsyncIterable<UuFile> {
  const lines = linesOf(text);
  let name: Uint8Array | undefined;
  for await (const line of lines) {
    const data = name === undefined ? undefined : uuLine(line);
    // A sentence can begin with "begin 644 times" too: only data after it makes it a file.
    if (name !== undefined && data !== undefined && line.length > 0) {
      yield { name: decodeName(decodeRaw(name)), pieces: () => filePieces(data, lines) };
      name = undefined;
    } else {
      name = uuName(line);
    }
  }
}

async function* filePieces(
  first: Uint8Array<ArrayBuffer>,
  lines: AsyncIterator<Uint8Array>,
): AsyncIterable<Uint8Array<ArrayBuffer>> {
  let piece = new Uint8Array(PIECE_BYTES);
  piece.set(first);
  let length = first.length;
  for (;;) {
    const { value: line, done } = await lines.next();
    if (done === true) throw damaged("a uuencoded file in its text ends too early");
    if (isUuEnd(line)) break;
    const data = dataOf(line);
    if (length + data.length > PIECE_BYTES) {
      yield piece.subarray(0, length);
      piece = new Uint8Array(PIECE_BYTES);
      length = 0;
    }
    piece.set(data, length);
    length += data.length;
  }
  if (length > 0) yield piece.subarray(0, length);
}

async function* linesOf(text: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const lines = new Lines();
  for await (const piece of text) yield* lines.push(piece);
  const last = lines.end();
  if (last.length > 0) yield last;
}
