/** Gzip files (RFC 1952), several members counting as one stream (2.2). */
import { pipeline, Readable } from "node:stream";
import { createGunzip, gunzipSync } from "node:zlib";
import { EnvelopeError } from "../errors.ts";
import { readChunks } from "./file_chunks.ts";
import { checkRatio } from "./member.ts";

const CHUNK_BYTES = 64 * 1024;
const MAX_SMALL_BYTES = 8 * 1024 ** 2;

/** What `packed` unpacks to; `null` when that is more than 8 MiB. Throws `EnvelopeError` when it is damaged or cut short. */
export function gunzipSmall(packed: Uint8Array): Uint8Array | null {
  try {
    return gunzipSync(packed, { maxOutputLength: MAX_SMALL_BYTES });
  } catch (cause) {
    const code = codeOf(cause);
    if (code === "ERR_BUFFER_TOO_LARGE") return null;
    throw code.startsWith("Z_") ? damaged(cause) : cause;
  }
}

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
    throw codeOf(cause).startsWith("Z_") ? damaged(cause) : cause;
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}

function damaged(cause: unknown): EnvelopeError {
  return new EnvelopeError("Cannot unpack a gzip file: it is damaged or cut short", { cause });
}
