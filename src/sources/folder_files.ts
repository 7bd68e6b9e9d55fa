/** Finding files in a folder and telling whether one is still the same. */
import { createHash } from "node:crypto";
import { join, sep } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { disk } from "../disk.ts";
import { SourceError } from "../errors.ts";
import { folderError } from "./folder_place.ts";

/** A file as it was seen at one moment. */
export interface SeenFile {
  readonly path: string;
  /** Its path within the folder that was listed, parts separated by `/` on every system. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly modified: Date;
  /** When its content, its name or its rights last changed: a copy can bring an old `modified` along. */
  readonly changed: Date;
  /** Equal for as long as the file is neither written to nor replaced. */
  readonly fingerprint: string;
  /** False where the file system has no inode that means anything. */
  readonly hasInode: boolean;
}

/** What `listFiles` is to look at. */
export interface ListOptions {
  readonly recursive: boolean;
  readonly signal: AbortSignal;
  /** Asked for each file and folder by base name; what it refuses is neither listed nor entered. */
  accepts(name: string): boolean;
  /** A folder that is not entered: where originals are moved to. */
  readonly except?: string | undefined;
  /** Files beyond this many are left out; no limit unless given. */
  readonly limit?: number;
}

/** The regular files of a folder in the order of their names, and why some may be missing. */
export interface Listing {
  readonly files: readonly SeenFile[];
  /** Subfolders that cannot be read and names that cannot be expressed: the files found are good all the same. */
  readonly problems: readonly SourceError[];
}

const LSTATS_AT_ONCE = 64;

/** Lists regular files, never following links. Throws `SourceError` when the folder itself cannot be read. */
export async function listFiles(root: string, options: ListOptions): Promise<Listing> {
  const names: string[] = [];
  const problems: SourceError[] = [];
  await walk(root, "", { options, names, problems });
  const files: SeenFile[] = [];
  for (let start = 0; start < names.length; start += LSTATS_AT_ONCE) {
    options.signal.throwIfAborted();
    const batch = names.slice(start, start + LSTATS_AT_ONCE);
    for (const file of await Promise.all(batch.map((name) => seeOrExplain(root, name, problems)))) {
      if (file) files.push(file);
    }
  }
  return { files: files.sort((a, b) => a.name < b.name ? -1 : 1), problems };
}

/** Looks at one file; `undefined` when it is gone, or no regular file. Throws `SourceError` when that cannot be told. */
export async function seeFile(root: string, name: string): Promise<SeenFile | undefined> {
  const path = join(root, name);
  let info: Deno.FileInfo;
  try {
    info = await disk.lstat(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw folderError("look at", path, cause);
  }
  if (!info.isFile) return undefined;
  return {
    path,
    name,
    sizeBytes: info.size,
    modified: info.mtime ?? new Date(0),
    changed: new Date(Math.max(info.mtime?.getTime() ?? 0, info.ctime?.getTime() ?? 0)),
    fingerprint: fingerprintOf(info),
    hasInode: Boolean(info.ino),
  };
}

/** Size, time (ms, all that Deno gives) and inode in one text. */
export function fingerprintOf(info: Deno.FileInfo): string {
  return `${info.size}|${info.mtime?.getTime() ?? 0}|${info.ino || ""}`;
}

async function seeOrExplain(
  root: string,
  name: string,
  problems: SourceError[],
): Promise<SeenFile | undefined> {
  try {
    return await seeFile(root, name);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    problems.push(error);
    return undefined;
  }
}

/** Waits so that a second look can tell what stood still; rejects with the reason of an abort. */
export async function standStill(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await delay(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

const digests = new Map<string, string>();
const DIGESTS_KEPT = 10_000;

/**
 * The ledger key of a file: path, size, time and inode, so that the second `SCN_0001.pdf` is a new item. Without an inode
 * its content stands in; that is read again only when the rest has changed.
 */
export async function fileKey(file: SeenFile): Promise<string> {
  if (file.hasInode) return `${file.name}|${file.fingerprint}`;
  const seen = `${file.path}|${file.fingerprint}`;
  const digest = digests.get(seen) ?? await contentDigest(file.path);
  // What cannot be read fails when the item is opened, where the reason can be given.
  if (digest === undefined) return `${file.name}|${file.fingerprint}unread`;
  digests.set(seen, digest);
  if (digests.size > DIGESTS_KEPT) digests.delete(digests.keys().next().value ?? "");
  return `${file.name}|${file.fingerprint}${digest}`;
}

async function contentDigest(path: string): Promise<string | undefined> {
  try {
    const hash = createHash("sha256");
    for await (const chunk of disk.chunks(path)) hash.update(chunk);
    return hash.digest("hex");
  } catch {
    return undefined;
  }
}

interface Walk {
  readonly options: ListOptions;
  readonly names: string[];
  readonly problems: SourceError[];
}

async function walk(root: string, below: string, state: Walk): Promise<void> {
  const { options, names, problems } = state;
  options.signal.throwIfAborted();
  const folder = join(root, below);
  const subfolders: string[] = [];
  try {
    for await (const entry of disk.readDir(folder)) {
      if (!options.accepts(entry.name)) continue;
      const name = below === "" ? entry.name : `${below}/${entry.name}`;
      if (names.length >= (options.limit ?? Infinity)) return;
      if (entry.isDirectory && join(root, name) !== options.except) subfolders.push(name);
      if (entry.isFile && await isNameable(join(root, name), problems)) names.push(name);
    }
  } catch (cause) {
    const error = folderError("list the folder", folder, cause);
    if (below === "") throw error;
    if (!(cause instanceof Deno.errors.NotFound)) problems.push(error);
    return;
  }
  if (!options.recursive) return;
  for (const name of subfolders) await walk(root, name, state);
}

/**
 * Whether a name can be used. One in another charset (an old NAS) is listed with U+FFFD and then cannot be found: that is
 * added to `problems`, or it would lie there unseen.
 */
export async function isNameable(path: string, problems: SourceError[]): Promise<boolean> {
  if (!path.slice(path.lastIndexOf(sep)).includes("\uFFFD")) return true;
  try {
    await disk.lstat(path);
    return true;
  } catch (cause) {
    problems.push(
      new SourceError("refused", `Cannot take "${path}": its name is not UTF-8, rename it`, { cause }),
    );
    return false;
  }
}
