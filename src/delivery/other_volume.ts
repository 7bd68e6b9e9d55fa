/**
 * Into a COLD directory that is a volume of its own (a mount, a junction, a DFS link): nothing can be renamed there from
 * the staging directory, so it is copied under a hidden name, synced, and renamed there. What was copied whole is renamed
 * to `….copied` before the copy gets its name: by that a repair tells what has arrived from what has not.
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { disk } from "../disk.ts";
import { DeliveryError } from "../errors.ts";
import { ignoreMissing, isOtherVolume } from "../file_errors.ts";
import type { Move } from "./destination.ts";
import { isThere, onDisk, syncPath } from "./staging.ts";

const COPIED = ".copied";

/** Moves what is staged to its target, by a rename where that can be done, else by a copy. Throws `DeliveryError`. */
export async function moveTo({ staged, target }: Move): Promise<void> {
  try {
    await disk.rename(staged, target);
  } catch (cause) {
    // Between volumes Linux does not look whether the file is there.
    const isOther = isOtherVolume(cause);
    if (isOther && await isThere(staged)) await copyTo(staged, target);
    else if ((isOther || cause instanceof Deno.errors.NotFound) && await isThere(staged + COPIED)) {
      await finish(staged, target);
    } else await onDisk(target, Promise.reject(cause));
  }
}

/**
 * Whether something of a document is still to be moved. What was copied whole and has its name by now is done: what is
 * left of it in the staging directory is removed.
 */
export async function isLeft({ staged, target }: Move): Promise<boolean> {
  if (await isThere(staged)) return true;
  if (!await isThere(staged + COPIED)) return false;
  if (await isThere(copyOf(staged, target))) return true;
  await expectVolume({ staged, target });
  await onDisk(staged, disk.remove(staged + COPIED, { recursive: true }));
  return false;
}

/** The path that was staged, of a name found in the staging directory. */
export function stagedPath(path: string): string {
  return path.endsWith(COPIED) ? path.slice(0, -COPIED.length) : path;
}

async function copyTo(staged: string, target: string): Promise<void> {
  const copy = copyOf(staged, target);
  // Half a copy of an attempt that a crash has ended.
  await onDisk(copy, disk.remove(copy, { recursive: true }).catch(ignoreMissing));
  try {
    await copyTree(staged, copy);
  } catch (error) {
    await disk.remove(copy, { recursive: true }).catch(() => {});
    throw error;
  }
  await syncPath(dirname(copy));
  await onDisk(staged, disk.rename(staged, staged + COPIED));
  await syncPath(dirname(staged));
  await finish(staged, target);
}

async function finish(staged: string, target: string): Promise<void> {
  await onDisk(target, disk.rename(copyOf(staged, target), target));
  await syncPath(dirname(target));
  await onDisk(staged, disk.remove(staged + COPIED, { recursive: true }));
}

/** On the target's volume, hidden, and the same for one document at every attempt. */
function copyOf(staged: string, target: string): string {
  const name = createHash("sha256").update(staged).digest("hex").slice(0, 16);
  return join(dirname(target), `.lanceur-${name}.part`);
}

/** A volume that is not mounted now holds the copy: its mount point tells nothing. */
async function expectVolume({ staged, target }: Pick<Move, "staged" | "target">): Promise<void> {
  const [here, there] = await Promise.all(
    [staged, target].map((path) => disk.stat(dirname(path)).catch(() => null)),
  );
  if (here && there && here.dev !== there.dev) return;
  throw new DeliveryError(
    `Cannot finish deliveries to "${
      dirname(target)
    }": the volume that was there is not; is the share mounted?`,
  );
}

async function copyTree(from: string, to: string): Promise<void> {
  if ((await onDisk(from, disk.lstat(from))).isDirectory) {
    await onDisk(to, disk.mkdir(to));
    for await (const { name } of disk.readDir(from)) await copyTree(join(from, name), join(to, name));
  } else await onDisk(to, disk.copyFile(from, to));
  await syncPath(to);
}
