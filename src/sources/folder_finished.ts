/** Whether a file has its end: a slow transfer can stand still longer than `settle`. */
import { disk, fileCall } from "../disk.ts";
import type { SeenFile } from "./folder_files.ts";

const ZIP_END = [0x50, 0x4b, 0x05, 0x06];
const ZIP_END_BYTES = 22;
const ZIP_COMMENT_BYTES = 65_535;
const XML_TAIL_BYTES = 4096;
// More than the decoder accepts: what unpacks to that much has no need to be read to its end.
const UNPACKED_MAX_BYTES = 2 * 1024 ** 3;

/**
 * Why a file is not whole: a .zip without its end record (APPNOTE, 4.3.16), a .tar.gz that ends before its gzip stream
 * does, an .xml that does not end with a tag. `undefined` for all others, and for one that is damaged otherwise: the
 * decoder can give the reason.
 */
export async function whyUnfinished(file: SeenFile, signal: AbortSignal): Promise<string | undefined> {
  try {
    if (/\.zip$/i.test(file.name) && !await hasZipEnd(file)) return "a zip without its end";
    if (/\.(tar\.gz|tgz)$/i.test(file.name) && !await hasGzipEnd(file, signal)) {
      return "a tar.gz without its end";
    }
    if (/\.xml$/i.test(file.name) && !await hasXmlEnd(file)) return "an XML file without its end";
  } catch {
    // What cannot be read fails when the item is opened, where the reason can be given.
    signal.throwIfAborted();
  }
  return undefined;
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

/** The end of a gzip stream can be told only by reading all of it. */
async function hasGzipEnd(file: SeenFile, signal: AbortSignal): Promise<boolean> {
  // Loaded when they are needed: a poll by hand is over in the time that takes.
  const [{ createGunzip }, { pipeline }] = await Promise.all([
    import("node:zlib"),
    import("node:stream/promises"),
  ]);
  let unpackedBytes = 0;
  try {
    await pipeline(disk.chunks(file.path), createGunzip(), async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const { length } of chunks) {
        unpackedBytes += length;
        if (unpackedBytes > UNPACKED_MAX_BYTES) return;
      }
    }, { signal });
  } catch (error) {
    signal.throwIfAborted();
    return !(error instanceof Error && "code" in error && error.code === "Z_BUF_ERROR");
  }
  return true;
}

async function hasXmlEnd(file: SeenFile): Promise<boolean> {
  const tail = await readTail(file, XML_TAIL_BYTES);
  // NUL: the other half of a UTF-16 unit.
  return tail.findLast((octet) => octet > 0x20) === 0x3e;
}

async function readTail(file: SeenFile, length: number): Promise<Uint8Array> {
  using handle = await disk.open(file.path, { read: true });
  const tail = new Uint8Array(Math.min(length, file.sizeBytes));
  await handle.seek(file.sizeBytes - tail.length, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < tail.length) {
    const count = await fileCall(file.path, () => handle.read(tail.subarray(filled)));
    if (count === null) break;
    filled += count;
  }
  return tail.subarray(0, filled);
}
