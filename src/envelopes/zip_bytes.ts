/** The octets of a zip archive, wherever its records lie. */
import { EnvelopeError } from "../errors.ts";

/** A zip that may be sound, but is encrypted, or packed in a way that is not read here. */
export class UnreadableZipError extends EnvelopeError {}

/** An open archive. */
export class ZipBytes implements Disposable {
  readonly #file: Deno.FsFile;
  /** Of the whole archive. */
  readonly sizeBytes: number;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
    this.sizeBytes = file.statSync().size;
  }

  static open(path: string): ZipBytes {
    return new ZipBytes(Deno.openSync(path));
  }

  /** So many octets from `offset` on; throws `EnvelopeError` when the archive does not have them. */
  at(offset: number, length: number): DataView {
    if (offset < 0 || offset + length > this.sizeBytes) fail("it is cut short or damaged");
    // In the decoder, which has nothing else to do, and once for every member.
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      const count = this.#file.readSync(bytes.subarray(filled));
      if (count === null) fail("it is cut short");
      filled += count;
    }
    return new DataView(bytes.buffer);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** A number of 64 bits; throws `EnvelopeError` for one that no file can have. */
export function uint64(view: DataView, offset: number): number {
  const value = view.getBigUint64(offset, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) fail("a size beyond all measure");
  return Number(value);
}

/** Throws `EnvelopeError`. */
export function fail(state: string): never {
  throw new EnvelopeError(`Cannot unpack a zip: ${state}`);
}

/** Throws `UnreadableZipError`. */
export function refuse(state: string): never {
  throw new UnreadableZipError(`Cannot unpack a zip: ${state}`);
}
