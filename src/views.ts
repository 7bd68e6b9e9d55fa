/** What the status page is told of launchers and tunnel services: no secret among it. */
import type { Address, Service, Tunnel } from "../tunnel/mod.ts";
import type { Configuration, GatewayConfig, LauncherConfig } from "./config/mod.ts";
import { problemsText } from "./errors.ts";
import { type Address as DestinationAddress, kindOf, kindsWithSections } from "./delivery/mod.ts";
import type { Launcher } from "./launcher.ts";
import type { Schedule } from "./schedule.ts";
import { placeOf } from "./item_place.ts";
import { itemId, type Ledger } from "./ledger.ts";
import { settingsOf } from "./settings.ts";
import { type Roots, silenceOf } from "./silence.ts";
import type {
  ItemRow,
  ItemsOptions,
  LauncherState,
  LauncherView,
  OutcomeCounts,
  TunnelView,
} from "./status/view.ts";

/** A launcher as the page shows it; `running` is absent for a disabled one. */
export function launcherView(
  config: LauncherConfig,
  { running, totals, roots }: {
    running: { readonly launcher: Launcher; readonly schedule: Schedule } | undefined;
    totals: OutcomeCounts;
    roots: Roots;
  },
): LauncherView {
  const { name, description, enabled, listen } = config;
  const view = { name, description, enabled, protocol: listen.protocol, target: targetOf(config), totals };
  if (!running) return { ...view, state: "disabled", settings: settingsOf(config) };
  const { launcher, schedule } = running;
  const silence = launcher.polling ? silenceOf(config, roots) : undefined;
  return {
    ...view,
    counters: launcher.history.counters,
    activity: launcher.history.activity(new Date()),
    polledAt: launcher.polledAt,
    state: silence ? "error" : stateOf(config, running),
    error: silence ?? launcher.error,
    lastPoll: launcher.lastPoll,
    lastSuccess: launcher.lastSuccess,
    nextPoll: schedule.nextRun ?? undefined,
    progress: launcher.progress,
    unfinished: launcher.unfinished,
    waiting: launcher.left === undefined ? undefined : launcher.left + (launcher.polling ? 0 : totals.failed),
    settings: settingsOf(config),
  };
}

/** Where a launcher listens, in a few words. */
export function targetOf({ listen }: LauncherConfig): string {
  if ("path" in listen) return `${listen.protocol} ${listen.path}`;
  const where = listen.tunnel === undefined ? `${listen.server}` : `via ${listen.tunnel}`;
  return `${listen.protocol} ${where} (${listen.account})`;
}

/** Items of a launcher with their documents, as the page shows them. */
export function itemRows(
  ledger: Ledger,
  { id: scope, listen: { protocol, after } }: LauncherConfig,
  { limit, ...options }: ItemsOptions,
): ItemRow[] {
  return ledger.recent(scope, limit, options).flatMap(
    ({ key, label, title, outcome, reason, at, settled }) => {
      if (outcome === "pending") return [];
      const documents = ledger.documents(scope, key);
      const place = placeOf(key, protocol);
      return [{
        id: itemId(scope, key),
        key,
        label,
        outcome,
        at,
        ...(title ? { title } : {}),
        ...(place ? { place } : {}),
        ...(reason ? { reason } : {}),
        ...(settled && after === "delete" ? { isOriginalDeleted: true } : {}),
        ...(documents.length > 0
          ? { sizeBytes: documents.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) }
          : {}),
        documents: documents.map(({ target }) => target),
      }];
    },
  );
}

/** A destination of gateway.toml, and where it leads, for people. */
export interface NamedDestination {
  readonly address: DestinationAddress;
  readonly target: string;
}

/** The destinations of gateway.toml. */
export function namedDestinations({ sections }: GatewayConfig): NamedDestination[] {
  return kindsWithSections().flatMap(([kind]) =>
    Object.entries(sections[kind] ?? {}).map(([name, section]) => ({
      address: { kind, name },
      target: kindOf(kind).describe(section),
    }))
  );
}

/** Running services, and the sections that cannot run. */
export function tunnelViews(tunnel: Tunnel, faulty: Configuration["faulty"]): TunnelView[] {
  return [...tunnel.services.map(serviceView), ...faulty.map(faultyService)];
}

function stateOf(
  config: LauncherConfig,
  { launcher, schedule }: { launcher: Launcher; schedule: Schedule },
): LauncherState {
  if (launcher.polling) return "polling";
  if (launcher.locked) return "locked";
  if (schedule.paused) return "paused";
  if (launcher.error) return "error";
  return config.schedule === "push" ? "waiting" : "idle";
}

function serviceView(service: Service): TunnelView {
  const { name, options, state, error, counters, lastError, tls, warnings, addresses } = service;
  return {
    name,
    file: options.file,
    line: options.line,
    client: options.client,
    accept: addresses.length > 0 ? [...addresses] : options.accept.map(addressText),
    connect: options.connect.map(addressText),
    state,
    error,
    verification: verificationOf(options),
    counters: { ...counters },
    lastError,
    tls: tls &&
      {
        version: tls.version,
        subject: tls.subject,
        issuer: tls.issuer,
        validTo: tls.validTo,
        fingerprint: tls.fingerprint,
      },
    warnings: [...warnings],
  };
}

function verificationOf(options: Service["options"]): TunnelView["verification"] {
  if (!options.client) return { on: true, text: "server" };
  if (!options.verify) return { on: false, text: "verify = no" };
  const names = [...options.checkHost, ...options.checkIp];
  return { on: true, text: options.verifyPeer ? "verifyPeer" : names.join(", ") };
}

function faultyService({ name, file, problems }: Configuration["faulty"][number]): TunnelView {
  const [first] = problems;
  return {
    name,
    file,
    line: first?.line,
    client: true,
    accept: [],
    connect: [],
    state: "faulty",
    error: {
      message: problemsText(problems),
      remedies: problems.flatMap(({ remedy }) => remedy === undefined ? [] : [remedy]),
    },
    verification: { on: true, text: "" },
    counters: { connections: 0, active: 0, failed: 0, refused: 0, bytesIn: 0, bytesOut: 0 },
    warnings: [],
  };
}

function addressText(address: Address): string {
  return "path" in address ? address.path : `${address.host}:${address.port}`;
}
