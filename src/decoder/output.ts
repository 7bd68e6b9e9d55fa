/** The files that come out of an attachment, written under numbers: what they are called is no file system's business. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { EnvelopeError } from "../errors.ts";

/** How much may come out of one mail; what was taken before is already off. */
export interface Room {
  readonly files: number;
  readonly bytes: number;
}

/** One file that came out of an attachment. */
export interface OpenedFile {
  /** Name as found, a base name; empty when there is none. */
  readonly name: string;
  /** Media type, by its first octets where these tell. */
  readonly type: string;
  /** Base name in the output directory. */
  readonly path: string;
  readonly sizeBytes: number;
  /** In lower-case hexadecimal. */
  readonly sha256: string;
  /** Whether it is shown within a text, as logos are. */
  readonly isInline: boolean;
}

const HEAD_BYTES = 1024;

/** What is known of a file before it is written. */
export interface OutputFile {
  readonly name: string;
  readonly isInline?: boolean;
  /** Tells the media type from the first octets. */
  typeOf(start: Uint8Array): string;
}

/** Writes what comes out of one attachment into an empty directory, as far as there is room. */
export class Output {
  readonly files: OpenedFile[] = [];
  readonly #directory: string;
  readonly #room: Room;
  #bytes = 0;

  constructor(directory: string, room: Room) {
    this.#directory = directory;
    this.#room = room;
  }

  /** Throws `EnvelopeError` when more of that size would be too much: to know before unpacking. */
  expect(files: number, bytes: number): void {
    if (this.files.length + files > this.#room.files) {
      throw new EnvelopeError("Cannot open an attachment: too many files come out of the mail");
    }
    if (this.#bytes + bytes > this.#room.bytes) {
      throw new EnvelopeError(
        "Cannot open an attachment: more comes out of the mail than documents.max_opened_size allows",
      );
    }
  }

  /** Writes one file; throws `EnvelopeError` past the room there is, and whatever `chunks` throws. */
  async write(
    { name, typeOf, isInline = false }: OutputFile,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<void> {
    this.expect(1, 0);
    const path = String(this.files.length);
    using file = await Deno.open(join(this.#directory, path), { write: true, createNew: true });
    const hash = createHash("sha256");
    let head: Uint8Array = new Uint8Array(0);
    let sizeBytes = 0;
    for await (const chunk of chunks) {
      this.expect(0, chunk.length);
      this.#bytes += chunk.length;
      sizeBytes += chunk.length;
      if (head.length < HEAD_BYTES) head = joined(head, chunk.subarray(0, HEAD_BYTES - head.length));
      hash.update(chunk);
      for (let written = 0; written < chunk.length;) written += await file.write(chunk.subarray(written));
    }
    this.files.push({ name, type: typeOf(head), path, sizeBytes, sha256: hash.digest("hex"), isInline });
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
