/** Turns how things are now into incidents: what begins, what is told when, what is over. */
import type { Incident, Incidents } from "./incident.ts";

/** One thing that is watched, as it is now. */
export interface Health {
  readonly kind: "launcher" | "service" | "space" | "gateway";
  readonly name: string;
  /** `unknown`: too early to tell (no poll yet), or nobody's concern (paused): what was wrong stays so. */
  readonly state: "well" | "ill" | "unknown";
  readonly reason?: string;
  /** Since when it is ill, where known. */
  readonly since?: Date;
}

/** One entry of the quarantine. */
export interface Quarantined {
  readonly id: string;
  readonly launcher: string;
}

/** How things are now. */
export interface Condition {
  readonly health: readonly Health[];
  readonly quarantine: readonly Quarantined[];
}

/** Several entries of one poll make one message: they are waited for, for so long at most. */
const GATHER_MS = 10_000;
/** What could not be told for so long is not told any more once it is over. */
const STALE_MS = 86_400_000;

/** Brings the incidents up to date with `condition`. */
export function review(incidents: Incidents, condition: Condition, afterMs: number): void {
  const now = Date.now();
  for (const health of condition.health) reviewHealth(incidents, health, afterMs);
  reviewQuarantine(incidents, condition.quarantine, afterMs);
  const keys = new Set(condition.health.map(keyOf));
  for (const incident of [...incidents.all]) {
    // Its launcher or section was taken away.
    if (incident.kind !== "quarantine" && !keys.has(incident.key)) incident.over ??= now;
    if (incident.over === null) continue;
    const isSaid = incident.told.every((channel) => incident.toldOver.includes(channel));
    if (isSaid || now - incident.over > STALE_MS) incidents.remove(incident);
  }
}

function reviewHealth(incidents: Incidents, health: Health, afterMs: number): void {
  const key = keyOf(health);
  const open = incidents.all.find((incident) => incident.key === key && incident.over === null);
  if (health.state === "well") {
    if (open) open.over = Date.now();
    return;
  }
  if (health.state === "unknown") return;
  const { kind, name, reason = "" } = health;
  if (open) {
    open.reason = reason;
    return;
  }
  // Never in the future: the clock may have been set back.
  const since = Math.min(health.since?.getTime() ?? Date.now(), Date.now());
  const due = kind === "space" ? since : since + afterMs;
  incidents.add({ key, kind, name, since, due, reason });
}

function reviewQuarantine(incidents: Incidents, quarantine: readonly Quarantined[], afterMs: number): void {
  const now = Date.now();
  const there = new Set(quarantine.map(({ id }) => id));
  const batches = incidents.all.filter(({ kind }) => kind === "quarantine");
  for (const batch of batches) {
    if (batch.over === null && !batch.entries.some((id) => there.has(id))) batch.over = now;
  }
  const known = new Set(batches.flatMap(({ entries }) => entries));
  const fresh = quarantine.filter(({ id }) => !known.has(id));
  for (const [launcher, entries] of Map.groupBy(fresh, ({ launcher }) => launcher)) {
    const ids = entries.map(({ id }) => id);
    const own = batches.filter(({ name }) => name === launcher);
    const untold = own.find(({ told, over }) => told.length === 0 && over === null);
    if (untold) {
      untold.entries.push(...ids);
      continue;
    }
    const gather = now + Math.min(GATHER_MS, afterMs);
    const [first = ""] = ids;
    incidents.add({
      key: `quarantine:${launcher}:${first}`,
      kind: "quarantine",
      name: launcher,
      since: now,
      due: Math.max(gather, ...own.map(({ due }) => Math.min(due, now) + afterMs)),
      reason: "",
      entries: ids,
    });
  }
}

/** What is to be said on a channel now. */
export function dueOn(incidents: Incidents, channel: string, { ill }: { ill: ReadonlySet<string> }) {
  const now = Date.now();
  const due: { incident: Incident; event: "opened" | "closed" }[] = [];
  for (const incident of incidents.all) {
    const { told, toldOver, over } = incident;
    if (over !== null) {
      if (told.includes(channel) && !toldOver.includes(channel)) due.push({ incident, event: "closed" });
      continue;
    }
    const isSure = incident.kind === "quarantine" || ill.has(incident.key);
    if (isSure && incident.due <= now && !told.includes(channel)) due.push({ incident, event: "opened" });
  }
  return due;
}

/** What tells one watched thing from another. */
export function keyOf({ kind, name }: Pick<Health, "kind" | "name">): string {
  return `${kind}:${name}`;
}
