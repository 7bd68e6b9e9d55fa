/** The running gateway: tunnel, launchers with their schedules, status page and control port, wired together. */
import { isDeepStrictEqual } from "node:util";
import { startTunnel, type Tunnel, usualThreads } from "../tunnel/mod.ts";
import { type Configuration, readConfiguration, stampOf } from "./config/mod.ts";
import { type Control, type Controlled, serveControl } from "./control.ts";
import { ItemError, needsALook, type Problem } from "./errors.ts";
import { faultyLauncher, needsRestart, refusals, refuseUnusable } from "./gateway_rules.ts";
import { dialService, logTunnel } from "./dial.ts";
import { conditionOf } from "./health.ts";
import { dropHeld, findHeld, heldBy, launcherOf } from "./held.ts";
import { logOf } from "./log.ts";
import { Notifier } from "./notify/notifier.ts";
import { notifyTools } from "./notify/tools.ts";
import { PlaceWatch } from "./place_watch.ts";
import type { PollReport } from "./poll/report.ts";
import { type DeliveredRow, deliveredRows, findDelivered } from "./redeliver.ts";
import { RunningLaunchers } from "./running_launchers.ts";
import { type Headline, headline } from "./status/headline.ts";
import type { Lang } from "./status/texts.ts";
import type {
  ConnectionView,
  GatewayView,
  ItemRow,
  ItemsOptions,
  Original,
  PollView,
  QuarantineRow,
  Snapshot,
} from "./status/view.ts";
import { StatusServer } from "./status_server.ts";
import { openStores, type Stores } from "./stores.ts";
import { originalOf } from "./quarantine_original.ts";
import { TunnelHistory } from "./tunnel_history.ts";
import { VERSION } from "./version.ts";
import { itemRows, launcherView, namedDestinations, tunnelViews } from "./views.ts";

/** How long connections through the tunnel may go on after a stop. */
const DRAIN_MS = 5_000;
const LIST_ITEMS = 50;
const log = logOf("gateway");

interface GatewayParts {
  readonly stores: Stores;
  readonly tunnel: Tunnel;
  readonly connections: TunnelHistory;
}

/** What became of a reload. */
export interface ReloadResult {
  /** False: the running configuration was left as it is, for the errors among `problems`. */
  readonly applied: boolean;
  readonly problems: readonly Problem[];
}

/** The answer to `deno task status`. */
export interface StatusAnswer {
  /** Where the page is, and why it is not open if it is not. */
  readonly page: { readonly address: string; readonly fault?: string | undefined } | undefined;
  readonly headline: Headline;
  readonly snapshot: Snapshot;
}

/** Everything a gateway does between start and stop. */
export class Gateway implements GatewayView, Controlled {
  readonly #startedAt = new Date();
  readonly #listeners = new Set<() => void>();
  readonly #launchers: RunningLaunchers;
  readonly #stopped = Promise.withResolvers<Error | undefined>();
  #reloading: Promise<unknown> = Promise.resolve();
  #control: Control | undefined;
  #page: StatusServer | undefined;
  #notifier: Notifier | undefined;
  #places: PlaceWatch | undefined;
  #stopping = false;
  /** Why the last reload was refused. */
  #refused: readonly Problem[] = [];

  readonly stores: Stores;
  readonly tunnel: Tunnel;
  readonly #connections: TunnelHistory;

  private constructor(parts: GatewayParts) {
    this.stores = parts.stores;
    this.tunnel = parts.tunnel;
    this.#connections = parts.connections;
    this.#launchers = new RunningLaunchers(parts.stores, {
      dial: (service, signal) => dialService(parts.tunnel, service, signal),
      onChange: () => this.#changed(),
      onFatal: (error) => this.stop(error),
    });
  }

  /**
   * Starts everything in `configuration` that can run; faulty launchers and sections are shown in error.
   *
   * @throws {ConfigError} when gateway.toml is faulty or nothing can run.
   */
  static async start(configuration: Configuration): Promise<Gateway> {
    refuseUnusable(configuration);
    const stores = await openStores(configuration);
    try {
      const connections = new TunnelHistory();
      const tunnel = await startTunnel({
        services: configuration.services,
        log: (entry) => {
          logTunnel(entry);
          connections.note(entry);
        },
        threads: usualThreads(),
      });
      const gateway = new Gateway({ stores, tunnel, connections });
      gateway.#control = await serveControl(configuration.gateway.state, gateway);
      gateway.#page = await StatusServer.open(gateway, configuration);
      await gateway.#launchers.update();
      gateway.#notifier = await gateway.#startNotifier();
      gateway.#places = new PlaceWatch({
        problems: () => gateway.configuration.problems,
        onChange: () => gateway.#changed(),
      });
      return gateway;
    } catch (error) {
      await stores[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Resolves when the gateway has stopped: with the error that forced it, if one did. */
  get finished(): Promise<Error | undefined> {
    return this.#stopped.promise;
  }

  get configuration(): Configuration {
    return this.stores.configuration;
  }

  /** Begins to stop; a second call changes nothing. `finished` tells when it is over. */
  stop(reason?: Error): void {
    if (this.#stopping) return;
    this.#stopping = true;
    log.info("stopping");
    this.#shutDown(reason).then(
      () => this.#stopped.resolve(reason),
      (error) => this.#stopped.resolve(reason ?? error),
    );
  }

  /** Reads launchers.d anew. Nothing changes unless all of it is sound, but for folders in use that have gone, or hang. */
  async reload(): Promise<ReloadResult> {
    const reloading = this.#reloading.then(() => this.#reload());
    this.#reloading = reloading.catch(() => {});
    return await reloading;
  }

  async #reload(): Promise<ReloadResult> {
    const before = this.stores.configuration;
    const fresh = await readConfiguration(before.directory);
    const problems = [...fresh.problems, ...needsRestart(before, fresh)];
    const errors = refusals(problems, before);
    if (errors.length > 0 || this.#stopping) {
      for (const { message, file, line } of errors) {
        log.error("reload refused", { reason: message, file, line });
      }
      this.#refused = errors.map(refusedProblem);
      this.#changed();
      return { applied: false, problems };
    }
    this.#refused = [];
    this.stores.configuration = fresh;
    await this.tunnel.reload(fresh.services);
    await this.#launchers.update();
    if (this.#page?.fault !== undefined || !isDeepStrictEqual(before.gateway.status, fresh.gateway.status)) {
      await this.#page?.[Symbol.asyncDispose]();
      this.#page = await StatusServer.open(this, fresh);
    }
    log.info("reloaded", { launchers: fresh.launchers.length, services: fresh.services.length });
    this.#changed();
    return { applied: true, problems };
  }

  snapshot(): Snapshot {
    const { base, gateway, launchers, problems, faulty } = this.stores.configuration;
    const roots = { base, cold: gateway.cold.root };
    const views = launchers.map((config) => {
      const running = this.#launchers.get(config.name);
      return launcherView(config, { running, totals: this.stores.ledger.totals(config.id), roots });
    });
    return {
      version: VERSION,
      startedAt: this.#startedAt,
      launchers: [
        ...views,
        ...faulty.filter(({ kind }) => kind === "launcher").map((one) =>
          faultyLauncher(one, this.#startedAt)
        ),
      ],
      tunnels: tunnelViews(this.tunnel, faulty.filter(({ kind }) => kind === "service")),
      problems: [...this.#refused, ...problems]
        .filter((problem) => needsALook(problem) && !this.#places?.isOver(problem))
        .map(({ folder: _, ...problem }) => problem),
      cold: { root: gateway.cold.root },
      destinations: namedDestinations(gateway).map(({ address: { kind, name }, target }) => ({
        name: `${kind}.${name}`,
        target,
      })),
      quarantine: {
        count: heldBy(this.stores).length,
        sizeBytes: this.stores.quarantine.sizeBytes,
        maxBytes: gateway.quarantine.maxBytes,
      },
      silent: this.#notifier?.faults,
      stopping: this.#stopping,
    };
  }

  status(lang: Lang): StatusAnswer {
    const snapshot = this.snapshot();
    const page = this.#page && { address: this.#page.address, fault: this.#page.fault };
    return { headline: headline(snapshot, lang, { pageFault: page?.fault }), snapshot, page };
  }

  items(name: string, options: ItemsOptions): ItemRow[] {
    const config = this.stores.configuration.launchers.find((launcher) => launcher.name === name);
    return config ? itemRows(this.stores.ledger, config, options) : [];
  }

  polls(name: string): readonly PollView[] {
    return this.#launchers.get(name)?.launcher.history.polls() ?? [];
  }

  quarantine(): QuarantineRow[] {
    return heldBy(this.stores).reverse().map(({ entry }) => ({ ...entry, at: new Date(entry.at) }));
  }

  connections(service: string): readonly ConnectionView[] {
    return this.#connections.of(service);
  }

  async original(id: string): Promise<Original | undefined> {
    const held = heldBy(this.stores).find(({ entry }) => entry.id === id);
    return held && await originalOf(held.store, held.entry);
  }

  async run(
    name: string,
    { dryRun, stamp }: { dryRun?: boolean; stamp?: string | undefined } = {},
  ): Promise<PollReport> {
    if (dryRun) return await this.#launchers.dryRun(name);
    const { launcher } = this.#launchers.find(name);
    if (stamp !== undefined && stamp !== stampOf(launcher.config)) {
      throw new ItemError(
        `Cannot run launcher "${name}": its file was changed since the gateway read it; deno task reload first`,
      );
    }
    return await launcher.poll({ byHand: true });
  }

  pause(name: string): void {
    this.#launchers.find(name).schedule.pause();
    this.#remember(name, { paused: true });
  }

  resume(name: string): void {
    const { launcher, schedule } = this.#launchers.find(name);
    const wasLocked = launcher.locked;
    launcher.unlock();
    schedule.resume();
    this.#remember(name, { paused: false });
    if (wasLocked) void launcher.tick();
  }

  /** A pause outlives a restart: who has paused a launcher does not expect it to begin again at night. */
  #remember(name: string, memory: { paused: boolean }): void {
    this.stores.ledger.remember(this.#launchers.find(name).launcher.config.id, memory);
    this.#changed();
  }

  async retry(id: string): Promise<PollReport> {
    const { entry } = findHeld(this.stores, id, "retry");
    const { name } = launcherOf(entry, this.stores.configuration);
    return await this.#launchers.find(name).launcher.retry(entry);
  }

  delivered(name: string): readonly DeliveredRow[] {
    return deliveredRows(this.#launchers.find(name).launcher.config, this.stores.ledger, LIST_ITEMS);
  }

  async redeliver(id: string): Promise<PollReport> {
    const { config, row } = findDelivered(id, this.stores.configuration, this.stores.ledger);
    return await this.#launchers.find(config.name).launcher.redeliver(row);
  }

  async drop(id: string): Promise<string> {
    await dropHeld(this.stores, id);
    this.#changed();
    return id;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #startNotifier(): Promise<Notifier> {
    return await Notifier.start({
      state: this.stores.configuration.gateway.state,
      tools: () =>
        notifyTools(
          this.stores.configuration,
          (service, signal) => dialService(this.tunnel, service, signal),
        ),
      condition: () => conditionOf(this.snapshot(), this.quarantine()),
    });
  }

  async #shutDown(reason: Error | undefined): Promise<void> {
    this.#changed();
    this.#launchers.abortTrials();
    await this.#reloading;
    await Promise.all([
      reason ? this.#notifier?.lastWords(reason.message) : this.#notifier?.[Symbol.asyncDispose](),
      this.#launchers.stop(),
      this.tunnel.drain(DRAIN_MS),
    ]);
    await this.tunnel[Symbol.asyncDispose]();
    await this.#control?.[Symbol.asyncDispose]();
    this.#places?.[Symbol.dispose]();
    this.#listeners.clear();
    await this.#page?.[Symbol.asyncDispose]();
    await this.stores[Symbol.asyncDispose]();
    log.info("stopped");
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Of a refused reload: what runs is well, but is not what is written. */
function refusedProblem({ folder: _, ...problem }: Problem): Problem {
  const { message, remedy = "Mend it" } = problem;
  return {
    ...problem,
    severity: "warning",
    message: `Cannot reload: ${message}`,
    remedy: `${remedy}; then deno task reload`,
  };
}
