/** The last connections of each tunnel service, gathered from what the tunnel reports; in memory only. */
import type { TunnelLogEntry } from "../tunnel/mod.ts";
import type { ConnectionView } from "./status/view.ts";

/** How many are kept of each service. */
const KEPT = 50;

/** Gathers what ended, and what went wrong, by service. */
export class TunnelHistory {
  readonly #services = new Map<string, ConnectionView[]>();

  /** Notes an entry of the tunnel's log; one that is about no service or no connection is passed over. */
  note({ level, message, properties }: TunnelLogEntry, at: Date = new Date()): void {
    const { service, client, target, tls, end, reason, bytesIn, bytesOut, durationMs } = properties;
    const isBad = level === "warn" || level === "error";
    const hasEnded = typeof durationMs === "number";
    if (typeof service !== "string" || (!hasEnded && !isBad)) return;
    const connections = this.#services.get(service) ?? [];
    connections.unshift({
      at,
      isBad,
      // How it ended says more than that it did.
      message: textOf(reason) ?? (hasEnded ? textOf(end) : undefined) ?? message,
      client: textOf(client),
      target: textOf(target),
      tls: textOf(tls),
      bytesIn: numberOf(bytesIn),
      bytesOut: numberOf(bytesOut),
      durationMs: numberOf(durationMs),
    });
    connections.length = Math.min(connections.length, KEPT);
    this.#services.set(service, connections);
  }

  /** Those of a service, newest first. */
  of(service: string): readonly ConnectionView[] {
    return this.#services.get(service) ?? [];
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
