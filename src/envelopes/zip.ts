/** Zip archives, read by their central directory and streamed to disk (APPNOTE 6.3.10; section numbers are its). */
import { crc32 } from "node:zlib";
import { EnvelopeError } from "../errors.ts";
import { checkRatio, memberName, type UnpackTarget } from "./member.ts";
import { readChunks } from "./file_chunks.ts";
import { tooManyFiles } from "./staging.ts";
import { readZipEntries, type ZipEntry } from "./zip_directory.ts";

// Deno inflates each chunk it is given at once: 16 KiB become at most 16 MiB.
const CHUNK_BYTES = 16 * 1024;

/**
 * Unpacks the zip at `path`. Sizes and CRC of every member are checked against the central directory.
 *
 * @throws {EnvelopeError} when it is damaged, cut short, encrypted, ambiguous, or grows beyond measure.
 */
export async function unpackZip(path: string, target: UnpackTarget): Promise<void> {
  const entries = await readZipEntries(path);
  const { maxFiles, remainingBytes } = target.staging;
  if (entries.length > maxFiles) throw tooManyFiles("Cannot unpack a zip", maxFiles);
  const unpackedBytes = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  checkRatio(unpackedBytes, entries.reduce((sum, entry) => sum + entry.packedBytes, 0));
  if (unpackedBytes > remainingBytes) {
    throw new EnvelopeError(`Cannot unpack a zip: ${unpackedBytes} bytes, more than an envelope may have`);
  }
  for (const entry of entries) {
    const name = memberName(entry.name);
    if (name !== null && target.wanted(name)) await target.staging.write(name, readZipEntry(path, entry));
  }
}

/** Yields the octets of one member; throws `EnvelopeError` at its end if size or CRC differ from the directory's. */
export async function* readZipEntry(path: string, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const range = { from: entry.dataOffset, length: entry.packedBytes };
  const packed = readChunks(path, CHUNK_BYTES, range);
  const chunks = entry.method === "stored"
    ? packed
    : ReadableStream.from(packed).pipeThrough(new DecompressionStream("deflate-raw"));
  let sizeBytes = 0;
  let crc = 0;
  try {
    for await (const chunk of chunks) {
      sizeBytes += chunk.length;
      if (sizeBytes > entry.sizeBytes) break;
      crc = crc32(chunk, crc);
      yield chunk;
    }
  } catch (cause) {
    // What DecompressionStream throws for any fault of the data.
    if (!(cause instanceof TypeError)) throw cause;
    throw new EnvelopeError(`Cannot unpack "${entry.name}": its compressed data is damaged`, { cause });
  }
  // Deno ends a deflate stream that is cut short without an error.
  if (sizeBytes !== entry.sizeBytes) {
    throw new EnvelopeError(`Cannot unpack "${entry.name}": its size is not the one that the zip tells`);
  }
  if (crc !== entry.crc) throw new EnvelopeError(`Cannot unpack "${entry.name}": wrong checksum`);
}
