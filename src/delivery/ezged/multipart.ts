/** A file as `multipart/form-data` with one part, streamed from disk (RFC 7578). */
import { DeliveryError, ItemError } from "../../errors.ts";
import type { Body } from "./wire.ts";

/** The file to send. */
export interface Upload {
  readonly path: string;
  /** The name it is to have there. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Called when all but the last line has been sent: from then on the upload may count. */
  readonly beforeEnd?: () => void;
}

/** The file as the part `file` of a form. Reading throws `ItemError` when the file is not what it was. */
export function multipart({ path, name, sizeBytes, beforeEnd }: Upload): Body {
  const boundary = `lanceur-${crypto.getRandomValues(new Uint8Array(16)).toHex()}`;
  const encoder = new TextEncoder();
  const head = encoder.encode(
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${escaped(name)}"\r\n` +
      "Content-Type: application/octet-stream\r\n\r\n",
  );
  const tail = encoder.encode(`\r\n--${boundary}--\r\n`);
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    sizeBytes: head.length + sizeBytes + tail.length,
    async *chunks() {
      yield head;
      yield* fileChunks(path, sizeBytes);
      beforeEnd?.();
      yield tail;
    },
  };
}

async function* fileChunks(path: string, sizeBytes: number): AsyncGenerator<Uint8Array> {
  const file = await Deno.open(path).catch((cause) => {
    if (cause instanceof Deno.errors.NotFound) {
      throw new ItemError(`Cannot send "${path}": it is missing from the outbox`, { cause });
    }
    throw new DeliveryError(`Cannot read "${path}": ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  });
  let left = sizeBytes;
  for await (const chunk of file.readable) {
    left -= chunk.length;
    if (left < 0) break;
    yield chunk;
  }
  if (left !== 0) throw new ItemError(`Cannot send "${path}": it is not as long as it was`);
}

/** What may not stand between the quotes (the form-data escapes of the HTML standard). */
function escaped(name: string): string {
  return name.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");
}
