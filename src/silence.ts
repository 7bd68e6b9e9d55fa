/** Launchers whose poll waits for a share that does not answer. */
import { resolve } from "node:path";
import type { LauncherConfig } from "./config/mod.ts";
import { addressOf } from "./delivery/mod.ts";
import { silentPlaces } from "./disk.ts";
import type { LauncherError } from "./status/view.ts";

/** A disk that spins up, or is written to by everybody, answers sooner. */
export const SILENT_MS = 30_000;

/** Where the relative paths of launchers begin, and the COLD root. */
export interface Roots {
  readonly base: string;
  readonly cold: string;
}

/** Why a running poll of that launcher does not go on: a folder of its own that has not answered for half a minute. */
export function silenceOf(config: LauncherConfig, roots: Roots): LauncherError | undefined {
  const folders = foldersOf(config, roots);
  const silent = silentPlaces(SILENT_MS).find(({ path }) => folders.includes(path));
  if (silent === undefined) return undefined;
  const since = new Date(Date.now() - silent.silentMs);
  return { message: `Cannot go on in "${silent.path}": it does not answer`, since, fault: "silent" };
}

/** The folders that a launcher uses and that may be shares. */
export function foldersOf({ listen, deliver }: LauncherConfig, { base, cold }: Roots): string[] {
  const folders = addressOf(deliver).kind === "cold" ? [cold] : [];
  if (!("path" in listen)) return folders;
  const root = resolve(base, listen.path);
  const moved = typeof listen.after === "object" ? [resolve(root, listen.after.move)] : [];
  return [...folders, root, ...moved];
}
