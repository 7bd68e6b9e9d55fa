/** Gzip files (RFC 1952), several members counting as one stream (2.2). */
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { EnvelopeError } from "../errors.ts";
import { readChunks } from "./file_chunks.ts";
import { checkRatio } from "./member.ts";

const CHUNK_BYTES = 64 * 1024;

/** Yields what the gzip file at `path` unpacks to; throws `EnvelopeError` when it is damaged, cut short or a bomb. */
export async function* gunzip(path: string): AsyncGenerator<Uint8Array> {
  const { size: packedBytes } = await Deno.stat(path);
  // Not DecompressionStream: Deno's fails on a second member and on padding.
  const unzipped = pipeline(Readable.from(readChunks(path, CHUNK_BYTES)), createGunzip(), () => {});
  let unpackedBytes = 0;
  try {
    for await (const chunk of unzipped) {
      unpackedBytes += chunk.length;
      checkRatio(unpackedBytes, packedBytes);
      yield chunk;
    }
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    if (!code.startsWith("Z_")) throw cause;
    throw new EnvelopeError("Cannot unpack a gzip file: it is damaged or cut short", { cause });
  }
}
