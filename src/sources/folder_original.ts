/** What becomes of an original once the ledger knows its outcome: left, deleted, or moved. */
import { join } from "node:path";
import { disk } from "../disk.ts";
import { ItemError } from "../errors.ts";
import type { Outcome } from "../model.ts";
import { moveOriginal, shortDigest } from "./folder_move.ts";
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
    const remove = () => removeOriginal(original, place.root);
    if (place.target === undefined) await remove();
    else await moveOriginal(original, { wanted: join(place.target, original.name), remove });
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
    for await (const entry of disk.readDir(root)) {
      if (entry.name.startsWith(LEFTOVER)) await disk.remove(join(root, entry.name), { recursive: true });
    }
  } catch {
    // Hidden names are never taken, so what stays does no harm.
  }
}

async function removeOriginal({ path, name, isDirectory }: Original, root: string): Promise<void> {
  if (!isDirectory) return await disk.remove(path);
  // Half a directory would look like a new envelope after a crash: it is hidden before it is emptied.
  const hidden = join(root, `${LEFTOVER}${shortDigest(`${name}|${crypto.randomUUID()}`)}`);
  await disk.rename(path, hidden);
  await disk.remove(hidden, { recursive: true });
}

async function isGone(path: string): Promise<boolean> {
  try {
    await disk.lstat(path);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}
