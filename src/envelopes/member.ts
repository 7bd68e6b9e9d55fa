/** What holds for every member of an archive, whatever its format. */
import { EnvelopeError } from "../errors.ts";
import { MAX_DEPTH, MAX_RATIO, RATIO_FREE_BYTES } from "./limits.ts";
import type { Staging } from "./staging.ts";

/** Where the files of a container go, and which of them. */
export interface UnpackTarget {
  readonly staging: Staging;
  /** Whether to take the file with this base name. */
  wanted(name: string): boolean;
}

/**
 * The base name of an archive member; `null` for a directory.
 *
 * @throws {EnvelopeError} for a path that leads out of the archive.
 */
export function memberName(path: string): string | null {
  const parts = path.split(/[\\/]/);
  if (parts[0] === "" || /^[a-z]:/i.test(path) || parts.includes("..") || path.includes("\0")) {
    throw new EnvelopeError(
      `Cannot unpack "${path.replaceAll("\0", "")}": the path leads out of the archive`,
    );
  }
  if (parts.length > MAX_DEPTH + 1) {
    throw new EnvelopeError(`Cannot unpack "${path}": directories nested more than ${MAX_DEPTH} deep`);
  }
  return parts.at(-1) || null;
}

/** Throws `EnvelopeError` when `unpackedBytes` out of `packedBytes` can only be meant to fill the disk. */
export function checkRatio(unpackedBytes: number, packedBytes: number): void {
  if (unpackedBytes > RATIO_FREE_BYTES && unpackedBytes > packedBytes * MAX_RATIO) {
    throw new EnvelopeError(
      `Cannot unpack: it grows more than ${MAX_RATIO} times, as a decompression bomb does`,
    );
  }
}
