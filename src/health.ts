/** What notifications watch: how launchers, services and the quarantine are, taken from what the page shows. */
import type { Condition, Health } from "./notify/watch.ts";
import type { LauncherView, QuarantineRow, Snapshot, TunnelView } from "./status/view.ts";

/** A gateway that has run for so long has started well. */
const STARTED_WELL_MS = 60_000;

/** How everything is now. */
export function conditionOf(snapshot: Snapshot, quarantine: readonly QuarantineRow[]): Condition {
  const { launchers, tunnels, startedAt } = snapshot;
  const isOld = Date.now() - startedAt.getTime() >= STARTED_WELL_MS;
  return {
    health: [
      ...launchers.flatMap((launcher) => launcher.state === "disabled" ? [] : [healthOfLauncher(launcher)]),
      ...tunnels.map(healthOfService),
      { kind: "space", name: "", ...spaceOf(snapshot.quarantine) },
      { kind: "gateway", name: "", state: isOld ? "well" : "unknown" },
    ],
    quarantine,
  };
}

function healthOfLauncher({ name, state, error, lastSuccess }: LauncherView): Health {
  const watched = { kind: "launcher", name } as const;
  // Whoever paused it knows.
  if (state === "paused") return { ...watched, state: "unknown" };
  if (error) return { ...watched, state: "ill", since: error.since, reason: error.message };
  return { ...watched, state: lastSuccess === undefined ? "unknown" : "well" };
}

function healthOfService({ name, state, error }: TunnelView): Health {
  const watched = { kind: "service", name } as const;
  if (state === "listening") return { ...watched, state: "well" };
  if (state !== "error" && state !== "faulty") return { ...watched, state: "unknown" };
  return { ...watched, state: "ill", ...(error ? { reason: error.message } : {}) };
}

function spaceOf(
  { sizeBytes = 0, maxBytes = Infinity }: Snapshot["quarantine"],
): Pick<Health, "state" | "reason"> {
  if (sizeBytes < maxBytes / 2) return { state: "well" };
  return {
    state: "ill",
    reason: `${megabytes(sizeBytes)} of ${megabytes(maxBytes)} (max_size of [quarantine])`,
  };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
