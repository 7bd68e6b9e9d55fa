/** Opens what documents of a mail are packed in: winmail.dat, a zip, an invoice's PDF. Runs in the decoder process. */
import { EnvelopeError } from "../errors.ts";
import { readSmall } from "../envelopes/file_chunks.ts";
import { mediaType } from "../envelopes/media_type.ts";
import { checkRatio, memberName } from "../envelopes/member.ts";
import { readZipEntry } from "../envelopes/zip.ts";
import { readZipEntries, type ZipEntry } from "../envelopes/zip_directory.ts";
import { sniff } from "../message/sniff.ts";
import { readTnef } from "../message/tnef.ts";
import { type OpenedFile, Output, type Room } from "./output.ts";

/** What an attachment is opened as. */
export type Packing = "tnef" | "zip" | "pdf";

/** Asks for one attachment to be opened. */
export interface OpenRequest {
  readonly open: Packing;
  readonly path: string;
  /** An empty directory. */
  readonly into: string;
  readonly room: Room;
}

/** What came out of an attachment. */
export interface OpenedAttachment {
  readonly files: readonly OpenedFile[];
  /** What was left in it, and why. */
  readonly left: readonly { readonly name: string; readonly reason: string }[];
}

/** A winmail.dat and a PDF are held whole. */
const MAX_HELD_BYTES = 128 * 1024 ** 2;
/** What operating systems leave in the archives that they make. */
const DEBRIS = /(?:^|\/)(?:__MACOSX\/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i;

/**
 * Opens the attachment at `path`; `null` when it is not what it was taken for, such as a spreadsheet, which is a zip
 * too.
 *
 * @throws {EnvelopeError} when it is damaged, encrypted, hostile, or more than there is room for.
 */
export async function openAttachment(
  { open, path, into, room }: OpenRequest,
): Promise<OpenedAttachment | null> {
  const output = new Output(into, room);
  if (open === "zip") return await openZip(path, output);
  const bytes = await readSmall(path, MAX_HELD_BYTES);
  if (bytes === null) {
    throw new EnvelopeError(`Cannot open an attachment: it has more than ${MAX_HELD_BYTES} octets`);
  }
  return open === "tnef" ? await openTnef(bytes, output) : await openPdf(bytes, output);
}

async function openTnef(bytes: Uint8Array, output: Output): Promise<OpenedAttachment> {
  const { files, left } = readTnef(bytes);
  for (const { name, content, isInline } of files) {
    await output.write({ name, isInline, typeOf: (start) => typeOf(start, name) }, [content]);
  }
  return { files: output.files, left };
}

async function openZip(path: string, output: Output): Promise<OpenedAttachment | null> {
  const entries = await readZipEntries(path);
  if (isDocument(entries)) return null;
  const left: { name: string; reason: string }[] = [];
  const wanted: (ZipEntry & { readonly base: string })[] = [];
  for (const entry of entries) {
    const base = memberName(entry.name);
    if (base === null) continue;
    if (DEBRIS.test(entry.name)) left.push({ name: entry.name, reason: "a file of the operating system" });
    else wanted.push({ ...entry, base });
  }
  const bytes = wanted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  checkRatio(bytes, wanted.reduce((sum, { packedBytes }) => sum + packedBytes, 0));
  output.expect(wanted.length, bytes);
  for (const entry of wanted) {
    const name = entry.base;
    await output.write({ name, typeOf: (start) => typeOf(start, name) }, readZipEntry(path, entry));
  }
  return { files: output.files, left };
}

/** Office documents, e-books and programs are zip archives too: what stands in them first tells (OPC, ODF, EPUB, JAR). */
function isDocument(entries: readonly ZipEntry[]): boolean {
  return entries[0]?.name === "mimetype" ||
    entries.some(({ name }) => name === "[Content_Types].xml" || name === "META-INF/MANIFEST.MF");
}

async function openPdf(bytes: Uint8Array, output: Output): Promise<OpenedAttachment> {
  // Loaded only where it is wanted: it takes longer than the rest of the decoder.
  const { findInvoiceXml } = await import("../message/facturx.ts");
  const xml = await findInvoiceXml(bytes);
  if (xml !== undefined) {
    await output.write({ name: xml.name, typeOf: (start) => sniff(start, "application/xml") }, [xml.content]);
  }
  return { files: output.files, left: [] };
}

function typeOf(start: Uint8Array, name: string): string {
  return sniff(start, mediaType(name, start));
}
