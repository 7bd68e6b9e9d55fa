/** tar.gz, the form of an @CTES archive. Members are streamed to disk. */
import { createTarDecoder } from "modern-tar";
import { EnvelopeError } from "../errors.ts";
import { gunzip } from "./gzip.ts";
import { memberName, type UnpackTarget } from "./member.ts";

/** Unpacks the tar.gz at `path`. Throws `EnvelopeError` when it is damaged or holds anything but files and directories. */
export async function unpackTarGz(path: string, target: UnpackTarget): Promise<void> {
  const { readable, writable } = createTarDecoder({ strict: true });
  // modern-tar takes any buffer, which TypeScript tells from what `pipeThrough` asks for.
  const entries = ReadableStream.from(gunzip(path))
    .pipeThrough({ readable, writable: writable as WritableStream<Uint8Array> });
  const seen = new Set<string>();
  try {
    for await (const { header, body } of entries) {
      const name = memberName(header.name);
      if (header.type !== undefined && header.type !== "file" && header.type !== "directory") {
        throw new EnvelopeError(`Cannot unpack "${header.name}": a ${header.type}, not a file`);
      }
      if (header.type === "directory" || name === null || !target.wanted(name)) {
        await body.cancel();
        continue;
      }
      if (seen.has(header.name)) throw new EnvelopeError(`Cannot unpack "${header.name}": it is there twice`);
      seen.add(header.name);
      await target.staging.write(name, body);
    }
  } catch (error) {
    if (!isOfTar(error)) throw error;
    throw new EnvelopeError(`Cannot unpack a tar.gz: ${error.message.replace(/\.$/, "")}`, { cause: error });
  }
}

/** modern-tar throws nothing but this; errors of files have a class of their own, or a code. */
function isOfTar(error: unknown): error is Error {
  return error instanceof Error && error.constructor === Error && !("code" in error);
}
