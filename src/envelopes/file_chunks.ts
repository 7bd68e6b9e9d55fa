/** Files read in pieces. */

/** Yields the octets of the file at `path` from `from` on, `length` of them if given, in pieces of at most `chunkBytes`. */
export async function* readChunks(
  path: string,
  chunkBytes: number,
  range: { readonly from?: number; readonly length?: number } = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  using file = await Deno.open(path);
  if (range.from !== undefined) await file.seek(range.from, Deno.SeekMode.Start);
  let left = range.length ?? Infinity;
  while (left > 0) {
    const chunk = new Uint8Array(Math.min(chunkBytes, left));
    // In the decoder, which has nothing else to do.
    const count = file.readSync(chunk);
    if (count === null) return;
    left -= count;
    yield chunk.subarray(0, count);
  }
}

/** All octets of a file of at most `maxBytes`; `null` when it is larger. */
export async function readSmall(path: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | null> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  if (size > maxBytes) return null;
  const bytes = new Uint8Array(size);
  for (let filled = 0; filled < size;) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) return bytes.subarray(0, filled);
    filled += count;
  }
  return bytes;
}

/** Text that may be UTF-8, with or without byte order mark, or else Windows-1252, as old deposits have it. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
