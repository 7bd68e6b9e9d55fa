/** Hands out what the quarantine holds, to be looked at elsewhere. */
import { join } from "node:path";
import { zipChunks, type ZippedFile } from "./delivery/zip_group.ts";
import { ItemError } from "./errors.ts";
import type { Quarantine, QuarantineEntry } from "./quarantine.ts";

/** An original, whole; a directory as one zip, whose size is not known beforehand. */
export interface StoredOriginal {
  readonly name: string;
  readonly sizeBytes?: number;
  readonly content: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Opens the original of an entry; to be read or cancelled. Throws `ItemError` when it is gone. */
export async function originalOf(quarantine: Quarantine, entry: QuarantineEntry): Promise<StoredOriginal> {
  const item = quarantine.item(entry);
  const path = item.path ?? "";
  const info = await Deno.lstat(path).catch((cause) => {
    throw new ItemError(`Cannot read quarantined "${path}": it is missing`, { cause });
  });
  const name = entry.kind === "mail" ? `${entry.id}.eml` : entry.original;
  if (info.isDirectory) {
    return { name: `${name}.zip`, content: ReadableStream.from(zipChunks(filesOf(path))) };
  }
  return { name, sizeBytes: info.size, content: await item.open() };
}

async function* filesOf(folder: string, prefix = ""): AsyncGenerator<ZippedFile> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  for (const { name, isDirectory, isFile } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    // A backslash, a character like others on Linux, would begin a folder where Windows unpacks it.
    const file = { path: join(folder, name), name: `${prefix}${name.replaceAll("\\", "_")}` };
    if (isDirectory) yield* filesOf(file.path, `${file.name}/`);
    else if (isFile) yield file;
  }
}
