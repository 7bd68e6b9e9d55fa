/** Whether the gateway does all it is configured to do, for load balancers and monitors. */
import type { Snapshot } from "./view.ts";

/** The answer of `/readyz`; `reasons` is empty when ready. */
export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/**
 * Not ready: a stopping gateway, a launcher in error or locked, a service that is not listening, a faulty file. With
 * `counting`, only these launchers count.
 */
export function readiness(snapshot: Snapshot, counting?: readonly string[]): Readiness {
  const reasons: string[] = [];
  if (snapshot.stopping) reasons.push("the gateway is stopping");
  for (const { name, state, error } of snapshot.launchers) {
    if ((state !== "error" && state !== "locked") || counting?.includes(name) === false) continue;
    reasons.push(`launcher ${name}: ${state}${error === undefined ? "" : `: ${error.message}`}`);
  }
  for (const name of counting ?? []) {
    if (snapshot.launchers.every((launcher) => launcher.name !== name)) {
      reasons.push(`launcher ${name}: it is not there`);
    }
  }
  for (const { name, state, error } of snapshot.tunnels) {
    if (state === "listening") continue;
    reasons.push(`tunnel ${name}: ${state}${error === undefined ? "" : `: ${error.message}`}`);
  }
  for (const { severity, file, line, message } of snapshot.problems) {
    if (severity === "error") reasons.push(`configuration ${file}${line ? `:${line}` : ""}: ${message}`);
  }
  return { ready: reasons.length === 0, reasons };
}
