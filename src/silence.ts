/** Shares that no longer answer: said in the log, and by the launchers whose poll waits for one. */
import { resolve } from "node:path";
import type { LauncherConfig } from "./config/mod.ts";
import { addressOf } from "./delivery/mod.ts";
import { silentPlaces } from "./disk.ts";
import { logOf } from "./log.ts";
import type { LauncherError } from "./status/view.ts";

/** A disk that spins up, or is written to by everybody, answers sooner. */
const SILENT_MS = 30_000;
const LOOK_MS = 5000;

const log = logOf("disk");

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

/** Says in the log, and by `onChange`, when a place falls silent and when it answers again, until disposed. */
export function watchSilence(onChange: () => void): Disposable {
  let known = new Set<string>();
  const timer = setInterval(() => {
    const silent = new Set(silentPlaces(SILENT_MS).map(({ path }) => path));
    const fresh = silent.difference(known);
    const over = known.difference(silent);
    known = silent;
    for (const path of fresh) log.error("a folder does not answer; is the server of the share up?", { path });
    for (const path of over) log.info("a folder answers again", { path });
    if (fresh.size + over.size > 0) onChange();
  }, LOOK_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function foldersOf({ listen, deliver }: LauncherConfig, { base, cold }: Roots): string[] {
  const folders = addressOf(deliver).kind === "cold" ? [cold] : [];
  if (!("path" in listen)) return folders;
  const root = resolve(base, listen.path);
  const moved = typeof listen.after === "object" ? [resolve(root, listen.after.move)] : [];
  return [...folders, root, ...moved];
}
