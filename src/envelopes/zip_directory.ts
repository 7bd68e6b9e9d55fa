/** The central directory of a zip archive, checked (APPNOTE 6.3.10; section numbers are its). */
import { MAX_FILES_EVER } from "./limits.ts";
import { fail, refuse, uint64, ZipBytes } from "./zip_bytes.ts";
import { readZipEnd } from "./zip_end.ts";

/** One member of a zip archive. */
export interface ZipEntry {
  /** Its path in the archive, `/` at the end of a directory's. */
  readonly name: string;
  readonly method: "stored" | "deflated";
  readonly crc: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  /** Where its own header, and where its data begins in the file. */
  readonly headerOffset: number;
  readonly dataOffset: number;
}

const HEADER_BYTES = 46;
const LOCAL_BYTES = 30;
const MAX_DIRECTORY_BYTES = 16 * 1024 ** 2;
// Bits 0, 6 and 13 of the flags (4.4.4): encrypted, strongly encrypted, header masked.
const ENCRYPTED = 0x2041;
const UTF8_NAME = 0x0800;
const SYMLINK_MODE = 0o120000;
// Upper half of code page 850, which French Windows writes (box drawings of 437 occur in no file name).
const CP850 = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤" +
  "ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0";

/**
 * Reads and checks the directory of the zip at `path`.
 *
 * @throws {EnvelopeError} for an archive that is damaged, cut short or ambiguous (data before, behind or shared by
 * members), for encrypted or linked members and for methods other than stored and deflated.
 */
// deno-lint-ignore require-await -- Promised to reject, never to throw.
export async function readZipEntries(path: string): Promise<readonly ZipEntry[]> {
  using zip = ZipBytes.open(path);
  const { count, offset, length } = readZipEnd(zip);
  if (count > MAX_FILES_EVER) fail(`more than ${MAX_FILES_EVER} files`);
  if (length > MAX_DIRECTORY_BYTES) fail(`its directory has more than ${MAX_DIRECTORY_BYTES} bytes`);
  const directory = zip.at(offset, length);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  for (let at = 0; at < length;) {
    const { entry, next } = readEntry(zip, directory, at);
    if (names.has(entry.name)) fail(`"${entry.name}" is there twice`);
    names.add(entry.name);
    // Nothing would come of it, and nobody would know.
    if (/[\\/]$/.test(entry.name) && entry.sizeBytes > 0) {
      fail(`"${entry.name}" is a directory with data in it`);
    }
    entries.push(entry);
    at = next;
  }
  if (entries.length !== count) fail("its directory does not hold as many files as it tells");
  checkOverlap(entries, offset);
  return entries;
}

/** One header of the directory (4.3.12), with what the member's own header (4.3.7) says about the same. */
function readEntry(zip: ZipBytes, directory: DataView, at: number) {
  if (at + HEADER_BYTES > directory.byteLength || directory.getUint32(at, true) !== 0x02014b50) {
    fail("its directory is damaged");
  }
  const flags = directory.getUint16(at + 8, true);
  const methodCode = directory.getUint16(at + 10, true);
  const nameLength = directory.getUint16(at + 28, true);
  const extraAt = at + HEADER_BYTES + nameLength;
  const extraLength = directory.getUint16(at + 30, true);
  const next = extraAt + extraLength + directory.getUint16(at + 32, true);
  if (next > directory.byteLength) fail("its directory is damaged");
  const rawName = bytesAt(directory, at + HEADER_BYTES, nameLength);
  const name = decodeName(rawName, flags);
  if (flags & ENCRYPTED) refuse(`"${name}" is encrypted`);
  if (methodCode !== 0 && methodCode !== 8) {
    refuse(`"${name}" uses compression method ${methodCode}`);
  }
  if (((directory.getUint32(at + 38, true) >>> 16) & 0o170000) === SYMLINK_MODE) fail(`"${name}" is a link`);
  const [sizeBytes, packedBytes, offset] = zip64(
    [
      directory.getUint32(at + 24, true),
      directory.getUint32(at + 20, true),
      directory.getUint32(at + 42, true),
    ],
    new DataView(directory.buffer, directory.byteOffset + extraAt, extraLength),
  );
  const local = zip.at(offset, LOCAL_BYTES + nameLength);
  const sameName = bytesAt(local, LOCAL_BYTES, nameLength).every((byte, index) => byte === rawName[index]);
  if (
    local.getUint32(0, true) !== 0x04034b50 || local.getUint16(8, true) !== methodCode ||
    local.getUint16(26, true) !== nameLength || !sameName
  ) fail(`the header of "${name}" is not what its directory tells`);
  if (local.getUint16(6, true) & ENCRYPTED) refuse(`"${name}" is encrypted`);
  const dataOffset = offset + LOCAL_BYTES + nameLength + local.getUint16(28, true);
  const method: ZipEntry["method"] = methodCode === 0 ? "stored" : "deflated";
  if (method === "stored" && sizeBytes !== packedBytes) fail(`"${name}" has two sizes`);
  const crc = directory.getUint32(at + 16, true);
  return { entry: { name, method, crc, packedBytes, sizeBytes, headerOffset: offset, dataOffset }, next };
}

/** Sizes and offset too large for 32 bits stand in an extra field, in this order (4.5.3). */
function zip64(values: [number, number, number], extra: DataView): [number, number, number] {
  if (!values.includes(0xffffffff)) return values;
  const fields: DataView[] = [];
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const length = extra.getUint16(at + 2, true);
    if (at + 4 + length > extra.byteLength) fail("an extra field is cut short");
    if (extra.getUint16(at, true) === 0x0001) {
      fields.push(new DataView(extra.buffer, extra.byteOffset + at + 4, length));
    }
    at += 4 + length;
  }
  const [field] = fields;
  if (field === undefined || fields.length > 1) fail("a size is in none or several zip64 fields");
  let from = 0;
  return values.map((value) => {
    if (value !== 0xffffffff) return value;
    if (from + 8 > field.byteLength) fail("a zip64 field is cut short");
    from += 8;
    return uint64(field, from - 8);
  }) as [number, number, number];
}

/** Members that share data make small archives grow without end. */
function checkOverlap(entries: readonly ZipEntry[], directoryOffset: number): void {
  let free = 0;
  for (const entry of entries.toSorted((a, b) => a.headerOffset - b.headerOffset)) {
    if (entry.headerOffset < free) fail(`"${entry.name}" shares its data with another file`);
    free = entry.dataOffset + entry.packedBytes;
  }
  if (free > directoryOffset) fail("a file reaches into its directory");
}

function decodeName(bytes: Uint8Array, flags: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    if (flags & UTF8_NAME) fail("a name is not the UTF-8 that it is told to be");
    return Array.from(bytes, (byte) => byte < 0x80 ? String.fromCharCode(byte) : CP850[byte - 0x80]).join("");
  }
}

function bytesAt(view: DataView, offset: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + offset, length);
}
