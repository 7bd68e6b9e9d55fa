/** A metadata file on a share, compared with the files beside it. */
import { Buffer } from "node:buffer";
import { basename } from "node:path";
import { disk } from "./disk.ts";
import { compareListing, MAX_COMPARED_BYTES } from "./envelopes/listed_files.ts";
import type { SourceContext } from "./sources/source.ts";

/** Like `SourceContext.compareListing`. Rejects when the share cannot be read. */
export const compareFile: SourceContext["compareListing"] = async (path, names) => {
  try {
    const content = await readWithin(path, MAX_COMPARED_BYTES);
    return content === undefined
      ? "oversized"
      : await compareListing({ source: basename(path), content }, names);
  } catch (error) {
    // Taken away, or not to be read yet: what lies beside it must not wait for that.
    const { NotFound, PermissionDenied } = Deno.errors;
    if (error instanceof NotFound || error instanceof PermissionDenied) return undefined;
    throw error;
  }
};

/** The content of a file; `undefined` when it has more octets than that. */
async function readWithin(path: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  // Not as the decoder reads: that keeps the whole process waiting for a share that hangs.
  for await (const piece of disk.chunks(path)) {
    pieces.push(piece);
    sizeBytes += piece.length;
    if (sizeBytes > maxBytes) return undefined;
  }
  return new Uint8Array(Buffer.concat(pieces));
}
