/** The containers of an envelope: a directory, a flat zip, a tar.gz, or a lone XML file. */
import { basename, join } from "node:path";
import { EnvelopeError } from "../errors.ts";
import { readChunks } from "./file_chunks.ts";
import { MAX_DEPTH } from "./limits.ts";
import type { UnpackTarget } from "./member.ts";
import { foldName } from "./names.ts";
import type { Staging } from "./staging.ts";
import { unpackTarGz } from "./tar.ts";
import { looksLikeXml } from "./xml.ts";
import { unpackZip } from "./zip.ts";

/** What is taken out of a container. */
export interface UnpackOptions {
  /** The container's name, where that of the file says nothing. */
  readonly name: string;
  /** Base names of files to leave out. */
  readonly endMarkers: readonly string[];
}

/**
 * Copies every file of the container at `path` into `staging`, subdirectories made flat.
 *
 * @throws {EnvelopeError} when it is damaged, encrypted, a bomb, or holds links, devices or names that lead outside.
 */
export async function unpack(path: string, staging: Staging, options: UnpackOptions): Promise<void> {
  const markers = new Set(options.endMarkers.map(foldName));
  const wanted = (name: string) => !markers.has(foldName(name));
  const info = await Deno.lstat(path);
  if (info.isDirectory) return await copyDirectory(path, { staging, wanted, depth: 0 });
  if (!info.isFile) throw new EnvelopeError(`Cannot open "${options.name}": neither a file nor a directory`);
  const head = await readHead(path);
  if (head[0] === 0x50 && head[1] === 0x4b) return await unpackZip(path, { staging, wanted });
  if (head[0] === 0x1f && head[1] === 0x8b) return await unpackTarGz(path, { staging, wanted });
  if (!looksLikeXml(head)) {
    throw new EnvelopeError(`Cannot open "${options.name}": neither a zip, a tar.gz nor an XML file`);
  }
  await staging.copy(options.name, path);
}

/** Copies loose files into `staging`. Throws `EnvelopeError` when one is a link. */
export async function copyFiles(paths: readonly string[], staging: Staging): Promise<void> {
  for (const path of paths) {
    if (!(await Deno.lstat(path)).isFile) {
      throw new EnvelopeError(`Cannot take "${basename(path)}": a link or device, not a file`);
    }
    await staging.copy(basename(path), path);
  }
}

async function copyDirectory(path: string, target: UnpackTarget & { depth: number }): Promise<void> {
  if (target.depth > MAX_DEPTH) {
    throw new EnvelopeError(
      `Cannot open "${basename(path)}": directories nested more than ${MAX_DEPTH} deep`,
    );
  }
  const entries = await Array.fromAsync(Deno.readDir(path));
  // Whatever the file system's order, the same envelope gives the same result.
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const entryPath = join(path, entry.name);
    if (entry.isDirectory) {
      await copyDirectory(entryPath, { ...target, depth: target.depth + 1 });
    } else if (!entry.isFile) {
      throw new EnvelopeError(`Cannot take "${entry.name}": a link or device, not a file`);
    } else if (target.wanted(entry.name)) {
      await target.staging.copy(entry.name, entryPath);
    }
  }
}

async function readHead(path: string): Promise<Uint8Array> {
  for await (const chunk of readChunks(path, 512)) return chunk;
  throw new EnvelopeError(`Cannot open "${basename(path)}": it is empty`);
}
