/** Originals that are moved once they were delivered: never over anything, over volumes too, and again after a crash. */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { disk, fileCall } from "../disk.ts";
import { ItemError } from "../errors.ts";
import { ignoreMissing, isOtherVolume } from "../file_errors.ts";
import { syncPath } from "../sync.ts";
import type { Original } from "./folder_original.ts";

/** Where an original is moved to, and how it is removed when it had to be copied. */
export interface MoveOptions {
  /** Wanted path; it gets a number where that is taken. */
  readonly wanted: string;
  remove(): Promise<void>;
}

/** Moves an original to a free name, which may be on another volume. Can be repeated after a crash at any moment. */
export async function moveOriginal(original: Original, { wanted, remove }: MoveOptions): Promise<void> {
  await disk.mkdir(dirname(wanted), { recursive: true });
  // Killed before it removed what it had copied.
  if (await isCopy(original.path, wanted)) return await remove();
  const target = await reserveName(wanted, original.isDirectory);
  try {
    await replaceEmpty(original.path, target);
  } catch (cause) {
    if (!isOtherVolume(cause)) {
      await disk.remove(target).catch(ignoreMissing);
      throw cause;
    }
    await copyOver(original.path, target);
    // Copying takes its time: what changed meanwhile is a new item, and the copy a mixture.
    if (await original.isUnchanged()) await remove();
    else await disk.remove(target, { recursive: true });
  } finally {
    reserved.delete(target);
  }
}

/** Whether `copyOver` has made one of the other: on another volume, with the same names, sizes and times. */
async function isCopy(path: string, copy: string): Promise<boolean> {
  const [info, copied] = await Promise.all([path, copy].map((one) => disk.lstat(one).catch(() => undefined)));
  if (!info || !copied || info.dev === copied.dev || info.isDirectory !== copied.isDirectory) return false;
  if (!info.isDirectory) {
    return info.size > 0 && info.size === copied.size && info.mtime?.getTime() === copied.mtime?.getTime();
  }
  const names = (await Array.fromAsync(disk.readDir(path))).map(({ name }) => name).sort();
  const copies = (await Array.fromAsync(disk.readDir(copy))).map(({ name }) => name).sort();
  if (names.length === 0 || names.join("\0") !== copies.join("\0")) return false;
  for (const name of names) if (!await isCopy(join(path, name), join(copy, name))) return false;
  return true;
}

/**
 * Copies a file or directory over the empty one at `target`, which may be on another volume. The copy is synced and gets
 * its name in one rename, so that a crash leaves a hidden file but never half a copy under the final name.
 */
export async function copyOver(path: string, target: string): Promise<void> {
  const unfinished = join(dirname(target), `.lanceur-copy-${shortDigest(path)}.part`);
  try {
    await disk.remove(unfinished, { recursive: true }).catch(ignoreMissing);
    await copyTree(path, unfinished);
    await replaceEmpty(unfinished, target);
    await syncPath(dirname(target));
  } catch (cause) {
    await disk.remove(unfinished, { recursive: true }).catch(ignoreMissing);
    await disk.remove(target).catch(ignoreMissing);
    throw cause;
  }
}

/** Renames over what `reserveName` made. Windows renames no directory over another, so there it goes first. */
async function replaceEmpty(path: string, target: string): Promise<void> {
  const isWindowsDirectory = Deno.build.os === "windows" && (await disk.lstat(path)).isDirectory;
  if (isWindowsDirectory) await disk.remove(target);
  await disk.rename(path, target);
}

async function copyTree(path: string, target: string): Promise<void> {
  const info = await disk.lstat(path);
  if (info.isFile) {
    using to = await disk.open(target, { write: true, createNew: true });
    for await (const chunk of disk.chunks(path)) {
      for (let at = 0; at < chunk.length;) {
        const rest = chunk.subarray(at);
        at += await fileCall(target, () => to.write(rest));
      }
    }
    await fileCall(target, () => to.sync());
  } else if (info.isDirectory) {
    await disk.mkdir(target);
    for await (const entry of disk.readDir(path)) {
      await copyTree(join(path, entry.name), join(target, entry.name));
    }
    await syncPath(target);
  } else return;
  await disk.utime(target, info.atime ?? new Date(), info.mtime ?? new Date());
}

const NUMBERED_NAMES = 99;
/** Names taken by this process for a move that is under way. */
const reserved = new Set<string>();

/** Takes a free name by making an empty file or folder there, which a rename may then replace: nothing else is ever overwritten. */
async function reserveName(wanted: string, isDirectory: boolean): Promise<string> {
  for (let number = 1; number <= NUMBERED_NAMES; number++) {
    const path = number === 1 ? wanted : withSuffix(wanted, `${number}`, isDirectory);
    if (await isReserved(path, isDirectory)) return path;
  }
  // A scanner that starts at SCN_0001 every day would otherwise count further each time.
  const path = withSuffix(wanted, crypto.randomUUID().slice(0, 8), isDirectory);
  if (await isReserved(path, isDirectory)) return path;
  throw new ItemError(`Cannot use the name "${path}": it is taken`);
}

async function isReserved(path: string, isDirectory: boolean): Promise<boolean> {
  if (reserved.has(path)) return false;
  reserved.add(path);
  let isOurs = false;
  try {
    isOurs = await isMade(path, isDirectory) || await isLeftover(path, isDirectory);
    return isOurs;
  } finally {
    if (!isOurs) reserved.delete(path);
  }
}

async function isMade(path: string, isDirectory: boolean): Promise<boolean> {
  try {
    if (isDirectory) await disk.mkdir(path);
    else (await disk.open(path, { write: true, createNew: true })).close();
    return true;
  } catch (cause) {
    if (cause instanceof Deno.errors.AlreadyExists) return false;
    throw cause;
  }
}

/** Whether a name was only reserved when a crash came: originals that are moved are never empty. */
async function isLeftover(path: string, isDirectory: boolean): Promise<boolean> {
  const info = await disk.lstat(path);
  if (!isDirectory) return info.isFile && info.size === 0;
  if (!info.isDirectory) return false;
  for await (const _ of disk.readDir(path)) return false;
  return true;
}

function withSuffix(path: string, suffix: string, isDirectory: boolean): string {
  const name = basename(path);
  const extension = isDirectory ? "" : /(?<=.)(\.tar)?\.[^.\s]{1,8}$/i.exec(name)?.[0] ?? "";
  return join(dirname(path), `${name.slice(0, name.length - extension.length)} (${suffix})${extension}`);
}

/** Sixteen letters for a path, for hidden names. */
export function shortDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
