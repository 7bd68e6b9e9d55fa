/** Whether a file has its end: a slow transfer can stand still longer than `settle`. */
import type { SeenFile } from "./folder_files.ts";

const GIVE_UP_MS = 10 * 60_000;
const ZIP_END = [0x50, 0x4b, 0x05, 0x06];
const ZIP_END_BYTES = 22;
const ZIP_COMMENT_BYTES = 65_535;
const XML_TAIL_BYTES = 4096;

/**
 * Whether a .zip has its end record (APPNOTE, 4.3.16) and an .xml ends with a tag; true of other files. True, too, of a
 * file not touched for ten minutes: it is damaged, and has to be looked at rather than waited for.
 */
export async function isFinished(file: SeenFile): Promise<boolean> {
  const isZip = /\.zip$/i.test(file.name);
  if (!isZip && !/\.xml$/i.test(file.name)) return true;
  if (Date.now() - file.modified.getTime() > GIVE_UP_MS) return true;
  try {
    return await (isZip ? hasZipEnd(file) : hasXmlEnd(file));
  } catch {
    // What cannot be read fails when the item is opened, where the reason can be given.
    return true;
  }
}

async function hasZipEnd(file: SeenFile): Promise<boolean> {
  for (const length of [ZIP_END_BYTES, ZIP_END_BYTES + ZIP_COMMENT_BYTES]) {
    const tail = await readTail(file, length);
    for (let at = tail.length - ZIP_END_BYTES; at >= 0; at--) {
      if (ZIP_END.every((octet, index) => tail[at + index] === octet)) return true;
    }
  }
  return false;
}

async function hasXmlEnd(file: SeenFile): Promise<boolean> {
  const tail = await readTail(file, XML_TAIL_BYTES);
  // NUL: the other half of a UTF-16 unit.
  return tail.findLast((octet) => octet > 0x20) === 0x3e;
}

async function readTail(file: SeenFile, length: number): Promise<Uint8Array> {
  using handle = await Deno.open(file.path, { read: true });
  const tail = new Uint8Array(Math.min(length, file.sizeBytes));
  await handle.seek(file.sizeBytes - tail.length, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < tail.length) {
    const count = await handle.read(tail.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return tail.subarray(0, filled);
}
