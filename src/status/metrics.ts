/** The gateway's figures in the Prometheus text format 0.0.4. */
import { cpuUsage } from "node:process";
import type { LauncherView, QuarantineRow, Snapshot, TunnelView } from "./view.ts";

/** What `/metrics` answers with. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const OUTCOMES = ["delivered", "skipped", "quarantined", "failed"] as const;
/** Every state of a launcher. */
export const LAUNCHER_STATES = [
  "idle",
  "polling",
  "waiting",
  "paused",
  "disabled",
  "error",
  "locked",
] as const;
/** Every state of a tunnel service. */
export const TUNNEL_STATES = ["listening", "error", "starting", "stopped", "faulty"] as const;
const SEVERITIES = ["error", "warning", "info"] as const;

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [value: number | undefined, labels?: Labels];

interface Family {
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** Writes all there is to measure; labels are bounded by the configuration. */
export function writeMetrics(snapshot: Snapshot, quarantine: readonly QuarantineRow[]): string {
  const families = {
    ...gatewayFamilies(snapshot),
    ...launcherFamilies(snapshot.launchers, quarantine),
    ...tunnelFamilies(snapshot.tunnels),
    ...processFamilies(snapshot),
  };
  return Object.entries(families).map(([name, family]) => writeFamily(name, family)).join("");
}

function writeFamily(name: string, { type, help, samples }: Family): string {
  const known = samples.filter(([value]) => value !== undefined);
  if (known.length === 0) return "";
  const lines = known.map(([value, labels]) => `${name}${writeLabels(labels)} ${value}\n`);
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function writeLabels(labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}

function seconds(date: Date | undefined): number | undefined {
  return date === undefined ? undefined : date.getTime() / 1000;
}

function gatewayFamilies(snapshot: Snapshot): Record<string, Family> {
  return {
    lanceur_build_info: {
      type: "gauge",
      help: "Always 1; the label says which version runs.",
      samples: [[1, { version: snapshot.version }]],
    },
    lanceur_quarantine_bytes: {
      type: "gauge",
      help: "Bytes in quarantine now.",
      samples: [[snapshot.quarantine.sizeBytes]],
    },
    lanceur_quarantine_max_bytes: {
      type: "gauge",
      help: "Bytes that the quarantine may hold.",
      samples: [[snapshot.quarantine.maxBytes]],
    },
    lanceur_configuration_problems: {
      type: "gauge",
      help: "Problems found in launchers.d when it was last read.",
      samples: SEVERITIES.map((severity) => [
        snapshot.problems.filter((problem) => problem.severity === severity).length,
        { severity },
      ]),
    },
  };
}

function launcherFamilies(
  launchers: readonly LauncherView[],
  quarantine: readonly QuarantineRow[],
): Record<string, Family> {
  function each(value: (launcher: LauncherView) => number | undefined): Sample[] {
    return launchers.map((launcher) => [value(launcher), { launcher: launcher.name }]);
  }
  return {
    lanceur_launcher_state: {
      type: "gauge",
      help: "1 for the state a launcher is in, 0 for the others.",
      samples: launchers.flatMap(({ name, state }) =>
        LAUNCHER_STATES.map((label): Sample => [Number(label === state), { launcher: name, state: label }])
      ),
    },
    lanceur_items_total: {
      type: "counter",
      help: "Items decided, by outcome; one that fails and is delivered later counts as both.",
      samples: launchers.flatMap(({ name, counters }) =>
        OUTCOMES.map((outcome): Sample => [counters?.[outcome], { launcher: name, outcome }])
      ),
    },
    lanceur_items_skipped_total: {
      type: "counter",
      help: "Items skipped, by the option that skipped them; documents: a mail with none to take.",
      samples: launchers.flatMap(({ name, counters }) =>
        Object.entries(counters?.skippedBy ?? {}).map(([rule, items]): Sample => [
          items,
          { launcher: name, rule },
        ])
      ),
    },
    lanceur_documents_delivered_total: {
      type: "counter",
      help: "Documents handed to the COLD.",
      samples: each(({ counters }) => counters?.documents),
    },
    lanceur_polls_total: {
      type: "counter",
      help: "Polls that have ended, by result.",
      samples: launchers.flatMap(({ name, counters }): Sample[] =>
        counters === undefined ? [] : [
          [counters.polls - counters.failedPolls, { launcher: name, result: "ended" }],
          [counters.failedPolls, { launcher: name, result: "failed" }],
        ]
      ),
    },
    lanceur_poll_seconds_total: {
      type: "counter",
      help: "Time spent polling.",
      samples: each(({ counters }) => counters?.pollSeconds),
    },
    lanceur_ledger_items: {
      type: "gauge",
      help: "Items in the ledger by what has become of each so far, those forgotten since included.",
      samples: launchers.flatMap(({ name, totals }) =>
        OUTCOMES.map((outcome): Sample => [totals[outcome], { launcher: name, outcome }])
      ),
    },
    lanceur_items_waiting: {
      type: "gauge",
      help: "Items seen at the source that have no outcome yet.",
      samples: each(({ waiting }) => waiting),
    },
    lanceur_quarantine_items: {
      type: "gauge",
      help: "Items in quarantine now.",
      samples: each(({ name }) => quarantine.filter(({ launcher }) => launcher === name).length),
    },
    lanceur_last_poll_timestamp_seconds: {
      type: "gauge",
      help: "When the last poll that came to its end had begun.",
      samples: each(({ lastPoll }) => seconds(lastPoll?.at)),
    },
    lanceur_last_poll_duration_seconds: {
      type: "gauge",
      help: "How long the last poll took.",
      samples: each(({ lastPoll }) => lastPoll === undefined ? undefined : lastPoll.durationMs / 1000),
    },
    lanceur_last_success_timestamp_seconds: {
      type: "gauge",
      help: "When a poll last came to its end without an error.",
      samples: each(({ lastSuccess }) => seconds(lastSuccess)),
    },
    lanceur_next_poll_timestamp_seconds: {
      type: "gauge",
      help: "When the next poll is due.",
      samples: each(({ nextPoll }) => seconds(nextPoll)),
    },
  };
}

/** Two sections may bear the same name in two files, two samples may not. */
function serviceLabels(tunnels: readonly TunnelView[]): ReadonlyMap<TunnelView, string> {
  return new Map(tunnels.map((tunnel) => {
    const alone = tunnels.filter(({ name }) => name === tunnel.name).length === 1;
    return [tunnel, alone ? tunnel.name : `${tunnel.name} (${tunnel.file}:${tunnel.line ?? 0})`];
  }));
}

function tunnelFamilies(tunnels: readonly TunnelView[]): Record<string, Family> {
  const labels = serviceLabels(tunnels);
  function each(value: (tunnel: TunnelView) => number | undefined): Sample[] {
    return tunnels.map((tunnel) => [value(tunnel), { service: labels.get(tunnel) ?? tunnel.name }]);
  }
  return {
    lanceur_tunnel_state: {
      type: "gauge",
      help: "1 for the state a tunnel service is in, 0 for the others.",
      samples: tunnels.flatMap((tunnel) =>
        TUNNEL_STATES.map((state): Sample => [
          Number(state === tunnel.state),
          { service: labels.get(tunnel) ?? tunnel.name, state },
        ])
      ),
    },
    lanceur_tunnel_connections_total: {
      type: "counter",
      help: "Connections accepted or dialled.",
      samples: each(({ counters }) => counters.connections),
    },
    lanceur_tunnel_connections_active: {
      type: "gauge",
      help: "Connections open now.",
      samples: each(({ counters }) => counters.active),
    },
    lanceur_tunnel_connections_failed_total: {
      type: "counter",
      help: "Connections whose upstream was not reached, not trusted, or cut.",
      samples: each(({ counters }) => counters.failed),
    },
    lanceur_tunnel_connections_refused_total: {
      type: "counter",
      help: "Connections turned away before anything was dialled.",
      samples: each(({ counters }) => counters.refused),
    },
    lanceur_tunnel_bytes_total: {
      type: "counter",
      help: "Bytes carried; in: from clients to the upstream, out: back to them.",
      samples: tunnels.flatMap((tunnel): Sample[] => {
        const service = labels.get(tunnel) ?? tunnel.name;
        return [
          [tunnel.counters.bytesIn, { service, direction: "in" }],
          [tunnel.counters.bytesOut, { service, direction: "out" }],
        ];
      }),
    },
    lanceur_tunnel_certificate_expiry_timestamp_seconds: {
      type: "gauge",
      help: "When the certificate last seen at the upstream ends.",
      samples: each(({ tls }) => seconds(tls?.validTo)),
    },
  };
}

function processFamilies(snapshot: Snapshot): Record<string, Family> {
  const { user, system } = cpuUsage();
  const memory = Deno.memoryUsage();
  return {
    process_start_time_seconds: {
      type: "gauge",
      help: "When the gateway started.",
      samples: [[seconds(snapshot.startedAt)]],
    },
    process_cpu_seconds_total: {
      type: "counter",
      help: "Processor time used.",
      samples: [[(user + system) / 1_000_000]],
    },
    process_resident_memory_bytes: {
      type: "gauge",
      help: "Memory in use, as the system counts it.",
      samples: [[memory.rss]],
    },
    process_heap_bytes: {
      type: "gauge",
      help: "Memory held by the JavaScript heap.",
      samples: [[memory.heapUsed]],
    },
  };
}
