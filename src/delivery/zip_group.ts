/** `group = "zip"`: all documents of an item in one zip file, made while streaming. */
import { Zip, ZipDeflate } from "fflate";
import { basename } from "node:path";
import { disk } from "../disk.ts";
import type { Stage, StagedFile } from "./staging.ts";

/** A file, and its path within the zip. */
export interface ZippedFile {
  readonly path: string;
  readonly name: string;
}

/** Packs what `gather` has put into the stage's folder; entries carry the names given there. */
export async function zipStage(stage: Stage): Promise<StagedFile> {
  const files = stage.files.map(({ path }) => ({ path, name: basename(path) }));
  const content = ReadableStream.from(zipChunks(files));
  return await stage.addBeside("documents.zip", content);
}

/** A zip of these files, made while it is read. */
export async function* zipChunks(
  files: Iterable<ZippedFile> | AsyncIterable<ZippedFile>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const ready: Uint8Array<ArrayBuffer>[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, chunk) => {
    if (error) failure = error;
    else ready.push(new Uint8Array(chunk));
  });
  for await (const { path, name } of files) {
    const entry = new ZipDeflate(name, { level: 6 });
    zip.add(entry);
    for await (const chunk of disk.chunks(path)) {
      entry.push(chunk);
      yield* ready.splice(0);
    }
    entry.push(new Uint8Array(0), true);
    yield* ready.splice(0);
  }
  zip.end();
  if (failure) throw failure;
  yield* ready.splice(0);
}
