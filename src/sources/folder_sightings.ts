/** Since when files have been as they are, from one look to the next: what has stood still already need not do so again. */
import { basename, dirname } from "node:path";
import { seeFile, type SeenFile } from "./folder_files.ts";

interface Sighting {
  readonly fingerprint: string;
  readonly sinceMs: number;
}

/** With more files than this in all folders, some are waited for again. */
const MAX_SIGHTINGS = 50_000;

const sightings = new Map<string, Sighting>();

/** Notes a file as it is now; returns for how long it is known to have been so, 0 for one that is new or has changed. */
export function stoodMs({ path, fingerprint }: Pick<SeenFile, "path" | "fingerprint">): number {
  const now = performance.now();
  const before = sightings.get(path);
  if (before?.fingerprint === fingerprint) return now - before.sinceMs;
  sightings.delete(path);
  sightings.set(path, { fingerprint, sinceMs: now });
  if (sightings.size > MAX_SIGHTINGS) sightings.delete(sightings.keys().next().value ?? "");
  return 0;
}

/** Notes files as they are now, so that a poll that begins later need wait for the rest of the time alone. */
export async function noteFiles(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    // What cannot be looked at is for the poll to tell.
    const file = await seeFile(dirname(path), basename(path)).catch(() => undefined);
    if (file) stoodMs(file);
  }
}
