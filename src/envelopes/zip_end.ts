/** Where the directory of a zip archive is: the record at its end, and that of zip64 (APPNOTE 6.3.10; section numbers are its). */
import { fail, uint64, type ZipBytes } from "./zip_bytes.ts";

/** Where the directory is, and how many members it has. */
export interface ZipEnd {
  readonly count: number;
  readonly offset: number;
  readonly length: number;
}

const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const RECORD_BYTES = 56;
const MAX_COMMENT_BYTES = 0xffff;

/** Reads the end of an archive. Throws `EnvelopeError` when it has none, or none that all readers understand alike. */
export function readZipEnd(zip: ZipBytes): ZipEnd {
  const { at, view } = findEnd(zip);
  const told = {
    volumes: [view.getUint16(4, true), view.getUint16(6, true)],
    countHere: view.getUint16(8, true),
    count: view.getUint16(10, true),
    length: view.getUint32(12, true),
    offset: view.getUint32(16, true),
  };
  const large = readZip64(zip, at);
  if (large !== undefined) {
    // Where this record tells something itself, both have to tell the same: readers differ on which they believe.
    const agrees = (own: number, limit: number, theirs: number) => own === limit || own === theirs;
    if (
      !agrees(told.count, 0xffff, large.count) || !agrees(told.length, 0xffffffff, large.length) ||
      !agrees(told.offset, 0xffffffff, large.offset)
    ) fail("its two records of its end do not tell the same");
  } else if (told.countHere !== told.count || told.volumes.some((volume) => volume !== 0)) {
    fail("one of several volumes");
  }
  const { count, offset, length, end } = large ?? { ...told, end: at };
  // Readers differ on what is in front of the first member, so nothing may be.
  if (offset + length !== end) fail("its directory is not where it tells");
  return { count, offset, length };
}

/** The record that ends an archive (4.3.16). */
function findEnd(zip: ZipBytes): { readonly at: number; readonly view: DataView } {
  const tailBytes = Math.min(zip.sizeBytes, END_BYTES + MAX_COMMENT_BYTES);
  const tail = zip.at(zip.sizeBytes - tailBytes, tailBytes);
  for (let at = tailBytes - END_BYTES; at >= 0; at--) {
    if (tail.getUint32(at, true) !== 0x06054b50) continue;
    // It ends with a comment that reaches to the end of the file.
    if (at + END_BYTES + tail.getUint16(at + 20, true) !== tailBytes) continue;
    return { at: zip.sizeBytes - tailBytes + at, view: new DataView(tail.buffer, at, END_BYTES) };
  }
  fail("no end of directory, it is damaged or not yet whole");
}

/** The record of zip64 (4.3.14), right in front of its locator (4.3.15), which is right in front of the end. */
function readZip64(zip: ZipBytes, end: number): (ZipEnd & { readonly end: number }) | undefined {
  const locatorAt = end - LOCATOR_BYTES;
  if (locatorAt < 0) return undefined;
  const locator = zip.at(locatorAt, LOCATOR_BYTES);
  if (locator.getUint32(0, true) !== 0x07064b50) return undefined;
  if (locator.getUint32(4, true) !== 0 || locator.getUint32(16, true) > 1) fail("one of several volumes");
  const at = uint64(locator, 8);
  const record = zip.at(at, RECORD_BYTES);
  if (record.getUint32(0, true) !== 0x06064b50 || at + 12 + uint64(record, 4) !== locatorAt) {
    fail("no zip64 end of directory where it tells");
  }
  const count = uint64(record, 32);
  if (record.getUint32(16, true) !== 0 || record.getUint32(20, true) !== 0 || uint64(record, 24) !== count) {
    fail("one of several volumes");
  }
  return { count, length: uint64(record, 40), offset: uint64(record, 48), end: at };
}
