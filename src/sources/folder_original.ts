/** What becomes of an original once the ledger knows its outcome: left, deleted, or moved. */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { ItemError } from "../errors.ts";
import type { Outcome } from "../model.ts";
import type { After } from "./folder_options.ts";
import { type Place, stateOf } from "./folder_place.ts";

/** A file or directory that was taken. */
export interface Original {
  readonly path: string;
  /** Its path within the launcher's folder, parts separated by `/`. */
  readonly name: string;
  readonly isDirectory: boolean;
  /** Whether what lies at `path` is still what was taken. */
  isUnchanged(): Promise<boolean>;
}

/** Where and how originals are settled. */
export interface SettleOptions {
  readonly after: After;
  readonly place: Place;
  readonly outcome: Outcome;
}

/**
 * Deletes or moves an original that was delivered or quarantined; leaves every other, and one that is gone or has
 * changed since it was taken, for that is a new item. Resolves `true`: nothing is left to do. Throws `ItemError` when the
 * system refuses. Can be repeated.
 */
export async function settleOriginal(original: Original, options: SettleOptions): Promise<boolean> {
  const { after, place, outcome } = options;
  if (outcome.kind !== "delivered" && outcome.kind !== "quarantined") return true;
  if (after === "keep") return true;
  const verb = after === "delete" ? "delete" : "move";
  try {
    if (!await original.isUnchanged()) return true;
    if (place.target === undefined) await removeOriginal(original, place.root);
    else await moveOriginal(original, join(place.target, original.name), place.root);
    return true;
  } catch (cause) {
    if (await isGone(original.path)) return true;
    throw new ItemError(`Cannot ${verb} "${original.path}": ${stateOf(cause)}`, { cause });
  }
}

const LEFTOVER = ".lanceur-removed-";

/** Removes what a crash left of directories that were being deleted. Throws nothing: the next poll tries again. */
export async function removeLeftovers(root: string): Promise<void> {
  try {
    for await (const entry of Deno.readDir(root)) {
      if (entry.name.startsWith(LEFTOVER)) await Deno.remove(join(root, entry.name), { recursive: true });
    }
  } catch {
    // Hidden names are never taken, so what stays does no harm.
  }
}

async function removeOriginal({ path, name, isDirectory }: Original, root: string): Promise<void> {
  if (!isDirectory) return await Deno.remove(path);
  // Half a directory would look like a new envelope after a crash: it is hidden before it is emptied.
  const hidden = join(root, `${LEFTOVER}${shortDigest(`${name}|${crypto.randomUUID()}`)}`);
  await Deno.rename(path, hidden);
  await Deno.remove(hidden, { recursive: true });
}

async function moveOriginal(original: Original, wanted: string, root: string): Promise<void> {
  await Deno.mkdir(dirname(wanted), { recursive: true });
  const target = await reserveName(wanted, original.isDirectory);
  try {
    await replaceEmpty(original.path, target);
  } catch (cause) {
    if (!isOtherVolume(cause)) {
      await Deno.remove(target).catch(ignoreMissing);
      throw cause;
    }
    await copyOver(original.path, target);
    // Copying takes its time: what changed meanwhile is a new item, and the copy a mixture.
    if (await original.isUnchanged()) await removeOriginal(original, root);
    else await Deno.remove(target, { recursive: true });
  }
}

/**
 * Copies a file or directory over the empty one at `target`, which may be on another volume. The copy is synced and gets
 * its name in one rename, so that a crash leaves a hidden file but never half a copy under the final name.
 */
export async function copyOver(path: string, target: string): Promise<void> {
  const unfinished = join(dirname(target), `.lanceur-copy-${shortDigest(path)}.part`);
  try {
    await Deno.remove(unfinished, { recursive: true }).catch(ignoreMissing);
    await copyTree(path, unfinished);
    await replaceEmpty(unfinished, target);
    await syncFolder(dirname(target));
  } catch (cause) {
    await Deno.remove(unfinished, { recursive: true }).catch(ignoreMissing);
    await Deno.remove(target).catch(ignoreMissing);
    throw cause;
  }
}

/** Renames over what `reserveName` made. Windows renames no directory over another, so there it goes first. */
async function replaceEmpty(path: string, target: string): Promise<void> {
  const isWindowsDirectory = Deno.build.os === "windows" && (await Deno.lstat(path)).isDirectory;
  if (isWindowsDirectory) await Deno.remove(target);
  await Deno.rename(path, target);
}

async function copyTree(path: string, target: string): Promise<void> {
  const info = await Deno.lstat(path);
  if (info.isFile) {
    using from = await Deno.open(path, { read: true });
    using to = await Deno.open(target, { write: true, createNew: true });
    await from.readable.pipeTo(to.writable, { preventClose: true });
    await to.sync();
  } else if (info.isDirectory) {
    await Deno.mkdir(target);
    for await (const entry of Deno.readDir(path)) {
      await copyTree(join(path, entry.name), join(target, entry.name));
    }
    await syncFolder(target);
  } else return;
  await Deno.utime(target, info.atime ?? new Date(), info.mtime ?? new Date());
}

/** Makes renames in a folder durable; Windows cannot sync folders and does not need it. */
async function syncFolder(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using folder = await Deno.open(path, { read: true });
  await folder.sync();
}

const NUMBERED_NAMES = 99;

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
  try {
    if (isDirectory) await Deno.mkdir(path);
    else (await Deno.open(path, { write: true, createNew: true })).close();
    return true;
  } catch (cause) {
    if (cause instanceof Deno.errors.AlreadyExists) return false;
    throw cause;
  }
}

function withSuffix(path: string, suffix: string, isDirectory: boolean): string {
  const name = basename(path);
  const extension = isDirectory ? "" : /(?<=.)(\.tar)?\.[^.\s]{1,8}$/i.exec(name)?.[0] ?? "";
  return join(dirname(path), `${name.slice(0, name.length - extension.length)} (${suffix})${extension}`);
}

function isOtherVolume(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EXDEV" ||
    // Windows: ERROR_NOT_SAME_DEVICE, which has no POSIX code.
    error instanceof Error && error.message.includes("os error 17)") && Deno.build.os === "windows";
}

async function isGone(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

function shortDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
