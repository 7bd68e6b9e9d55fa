/** The central directory of a zip archive, checked (APPNOTE 6.3.10; section numbers are its). */
import { EnvelopeError } from "../errors.ts";
import { MAX_FILES_EVER } from "./limits.ts";

/** One member of a zip archive. */
export interface ZipEntry {
  /** Its path in the archive, `/` at the end of a directory's. */
  readonly name: string;
  readonly method: "stored" | "deflated";
  readonly crc: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  /** Where its data begins in the file. */
  readonly dataOffset: number;
}

const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const HEADER_BYTES = 46;
const LOCAL_BYTES = 30;
const MAX_COMMENT_BYTES = 0xffff;
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
export async function readZipEntries(path: string): Promise<readonly ZipEntry[]> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  const { count, offset, length } = await readEnd(file, size);
  if (count > MAX_FILES_EVER) fail(`more than ${MAX_FILES_EVER} files`);
  if (length > MAX_DIRECTORY_BYTES) fail(`its directory has more than ${MAX_DIRECTORY_BYTES} bytes`);
  const directory = await readAt(file, offset, length);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  for (let at = 0; at < length;) {
    const { entry, next } = await readEntry(file, directory, at);
    if (names.has(entry.name)) fail(`"${entry.name}" is there twice`);
    names.add(entry.name);
    entries.push(entry);
    at = next;
  }
  if (entries.length !== count) fail("its directory does not hold as many files as it tells");
  checkOverlap(entries, offset);
  return entries;
}

/** Where the central directory is (4.3.16, 4.3.14 for zip64). */
async function readEnd(file: Deno.FsFile, size: number) {
  const tailBytes = Math.min(size, END_BYTES + MAX_COMMENT_BYTES);
  const tail = await readAt(file, size - tailBytes, tailBytes);
  let at = tailBytes - END_BYTES;
  // The record ends with a comment that reaches to the end of the file.
  while (
    at >= 0 &&
    !(tail.getUint32(at, true) === 0x06054b50 && at + END_BYTES + tail.getUint16(at + 20, true) === tailBytes)
  ) at--;
  if (at < 0) fail("no end of directory, it is damaged or not yet whole");
  if (tail.getUint16(at + 4, true) !== tail.getUint16(at + 6, true)) fail("one of several volumes");
  let end = size - tailBytes + at;
  let count = tail.getUint16(at + 10, true);
  let length = tail.getUint32(at + 12, true);
  let offset = tail.getUint32(at + 16, true);
  if (count === 0xffff || length === 0xffffffff || offset === 0xffffffff) {
    const locator = await readAt(file, end - LOCATOR_BYTES, LOCATOR_BYTES);
    if (locator.getUint32(0, true) === 0x07064b50) {
      end = toNumber(locator.getBigUint64(8, true));
      const record = await readAt(file, end, 56);
      if (record.getUint32(0, true) !== 0x06064b50) fail("no zip64 end of directory");
      count = toNumber(record.getBigUint64(32, true));
      length = toNumber(record.getBigUint64(40, true));
      offset = toNumber(record.getBigUint64(48, true));
    }
  }
  // Readers differ on what is in front of the first member, so nothing may be.
  if (offset + length !== end) fail("its directory is not where it tells");
  return { count, offset, length };
}

/** One header of the directory (4.3.12), with what the member's own header (4.3.7) says about the same. */
async function readEntry(file: Deno.FsFile, directory: DataView, at: number) {
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
  if (flags & ENCRYPTED) fail(`"${name}" is encrypted`);
  if (methodCode !== 0 && methodCode !== 8) fail(`"${name}" uses compression method ${methodCode}`);
  if (((directory.getUint32(at + 38, true) >>> 16) & 0o170000) === SYMLINK_MODE) fail(`"${name}" is a link`);
  const [sizeBytes, packedBytes, offset] = zip64(
    [
      directory.getUint32(at + 24, true),
      directory.getUint32(at + 20, true),
      directory.getUint32(at + 42, true),
    ],
    new DataView(directory.buffer, directory.byteOffset + extraAt, extraLength),
  );
  const local = await readAt(file, offset, LOCAL_BYTES + nameLength);
  const sameName = bytesAt(local, LOCAL_BYTES, nameLength).every((byte, index) => byte === rawName[index]);
  if (
    local.getUint32(0, true) !== 0x04034b50 || local.getUint16(8, true) !== methodCode ||
    local.getUint16(26, true) !== nameLength || !sameName
  ) fail(`the header of "${name}" is not what its directory tells`);
  if (local.getUint16(6, true) & ENCRYPTED) fail(`"${name}" is encrypted`);
  const dataOffset = offset + LOCAL_BYTES + nameLength + local.getUint16(28, true);
  const method: ZipEntry["method"] = methodCode === 0 ? "stored" : "deflated";
  if (method === "stored" && sizeBytes !== packedBytes) fail(`"${name}" has two sizes`);
  const crc = directory.getUint32(at + 16, true);
  return { entry: { name, method, crc, packedBytes, sizeBytes, dataOffset }, next };
}

/** Sizes and offset too large for 32 bits stand in an extra field, in this order (4.5.3). */
function zip64(values: [number, number, number], extra: DataView): [number, number, number] {
  if (!values.includes(0xffffffff)) return values;
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const end = at + 4 + extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) !== 0x0001) {
      at = end;
      continue;
    }
    let from = at + 4;
    return values.map((value) => {
      if (value !== 0xffffffff) return value;
      if (from + 8 > Math.min(end, extra.byteLength)) fail("a zip64 field is cut short");
      from += 8;
      return toNumber(extra.getBigUint64(from - 8, true));
    }) as [number, number, number];
  }
  return values;
}

/** Members that share data make small archives grow without end. */
function checkOverlap(entries: readonly ZipEntry[], directoryOffset: number): void {
  let free = 0;
  for (const entry of entries.toSorted((a, b) => a.dataOffset - b.dataOffset)) {
    if (entry.dataOffset < free) fail(`"${entry.name}" shares its data with another file`);
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

async function readAt(file: Deno.FsFile, offset: number, length: number): Promise<DataView> {
  const { size } = await file.stat();
  if (offset < 0 || offset + length > size) fail("it is cut short or damaged");
  await file.seek(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) fail("it is cut short");
    filled += count;
  }
  return new DataView(bytes.buffer);
}

function bytesAt(view: DataView, offset: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + offset, length);
}

function toNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) fail("a size beyond all measure");
  return Number(value);
}

function fail(state: string): never {
  throw new EnvelopeError(`Cannot unpack a zip: ${state}`);
}
