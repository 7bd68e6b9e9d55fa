/** Folders that a launcher names: where they are, whether they may be made, what went wrong there. */
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { addPlace, disk } from "../disk.ts";
import { errorText, SourceError } from "../errors.ts";
import type { After } from "./folder_options.ts";
import type { SourceContext } from "./source.ts";

/** The folders of one launcher, as absolute paths. */
export interface Place {
  readonly root: string;
  /** Where settled originals go; absent unless `after` says `move`. */
  readonly target?: string;
}

/**
 * Finds the launcher's folders. One that is missing is made if it lies inside `context.base` (the target of a move: also
 * inside the root, when first needed); elsewhere that is a `SourceError`, since an unmounted share must not be papered over.
 */
export async function openPlace(path: string, after: After, context: SourceContext): Promise<Place> {
  const root = context.path(path);
  await ensurePlace(root, context.base);
  if (typeof after === "string") return { root };
  const target = isAbsolute(after.move) ? resolve(after.move) : join(root, after.move);
  if (isInside(root, target)) {
    throw new SourceError(
      "refused",
      `Cannot move originals to "${target}": it contains the folder they are in`,
    );
  }
  if (!isInside(target, root)) await ensurePlace(target, context.base);
  return { root, target };
}

/** Whether `path` is `folder` or lies below it. Goes by names: links are not resolved. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** What an error of the file system means, for the end of a message. */
export function stateOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it does not exist";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied by the system";
  if (error instanceof Deno.errors.NotCapable) return "the gateway was started without the right to it";
  if (error instanceof Deno.errors.NotADirectory) return "it is not a folder";
  if (isHeld(error)) return "another program has it open (device or resource busy)";
  return errorText(error);
}

/** Linux: a mount point, a file used as a disk; Windows: a file that is open, or locked in part. */
function isHeld(error: unknown): boolean {
  const text = error instanceof Error ? error.message : "";
  return Deno.build.os === "windows" ? /os error 3[23]\)/.test(text) : /os error 16\)/.test(text);
}

/** A `SourceError` about a folder: `unreachable` where waiting can help (a share that went away), else `refused`. */
export function folderError(verb: string, path: string, cause: unknown): SourceError {
  const refused = [
    Deno.errors.NotFound,
    Deno.errors.PermissionDenied,
    Deno.errors.NotCapable,
    Deno.errors.NotADirectory,
  ].some((kind) => cause instanceof kind);
  return new SourceError(refused ? "refused" : "unreachable", `Cannot ${verb} "${path}": ${stateOf(cause)}`, {
    cause,
  });
}

async function ensurePlace(path: string, base: string): Promise<void> {
  addPlace(path);
  const info = await disk.stat(path).catch(async (cause) => {
    if (!(cause instanceof Deno.errors.NotFound)) throw folderError("open the folder", path, cause);
    return await makeFolder(path, base, cause);
  });
  if (!info.isDirectory) {
    throw new SourceError("refused", `Cannot open the folder "${path}": it is not a folder`);
  }
  addPlace(path, info.dev);
}

async function makeFolder(path: string, base: string, missing: Error): Promise<Deno.FileInfo> {
  if (!isInside(path, base)) {
    const state =
      "it does not exist; is the share mounted? Only folders next to launchers.d are made when missing";
    throw new SourceError("refused", `Cannot open the folder "${path}": ${state}`, { cause: missing });
  }
  try {
    await disk.mkdir(path, { recursive: true });
    return await disk.stat(path);
  } catch (cause) {
    throw folderError("make the folder", path, cause);
  }
}
