/** The running gateway: tunnel, launchers with their schedules, status page and control port, wired together. */
import { isDeepStrictEqual } from "node:util";
import { startTunnel, type Tunnel, usualThreads } from "../tunnel/mod.ts";
import { type Configuration, type LauncherConfig, readConfiguration, stampOf } from "./config/mod.ts";
import { type Control, type Controlled, serveControl } from "./control.ts";
import { errorText, ItemError, type Problem } from "./errors.ts";
import { faultyLauncher, needsRestart, refuseUnusable } from "./gateway_rules.ts";
import { dialService, logTunnel } from "./dial.ts";
import { conditionOf } from "./health.ts";
import { Launcher } from "./launcher.ts";
import { logOf } from "./log.ts";
import { Notifier } from "./notify/notifier.ts";
import { notifyTools } from "./notify/tools.ts";
import type { PollReport } from "./poll/report.ts";
import { type DeliveredRow, deliveredRows, findDelivered } from "./redeliver.ts";
import { readSchedule, Schedule } from "./schedule.ts";
import { protocols } from "./sources/mod.ts";
import type { Protocol } from "./sources/source.ts";
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

interface Running {
  readonly launcher: Launcher;
  readonly schedule: Schedule;
}

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
  readonly headline: Headline;
  readonly snapshot: Snapshot;
}

/** Everything a gateway does between start and stop. */
export class Gateway implements GatewayView, Controlled {
  readonly #startedAt = new Date();
  readonly #listeners = new Set<() => void>();
  readonly #running = new Map<string, Running>();
  /** Dry runs under way. */
  readonly #trials = new Set<Launcher>();
  readonly #stopped = Promise.withResolvers<Error | undefined>();
  #reloading: Promise<unknown> = Promise.resolve();
  #control: Control | undefined;
  #page: StatusServer | undefined;
  #notifier: Notifier | undefined;
  #stopping = false;
  #configuration: Configuration;

  readonly stores: Stores;
  readonly tunnel: Tunnel;
  readonly #connections: TunnelHistory;

  private constructor(configuration: Configuration, parts: GatewayParts) {
    this.#configuration = configuration;
    this.stores = parts.stores;
    this.tunnel = parts.tunnel;
    this.#connections = parts.connections;
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
      const gateway = new Gateway(configuration, { stores, tunnel, connections });
      gateway.#control = await serveControl(configuration.gateway.state, gateway);
      gateway.#page = await StatusServer.open(gateway, configuration);
      for (const config of configuration.launchers) gateway.#startLauncher(config);
      gateway.#notifier = await gateway.#startNotifier();
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
    return this.#configuration;
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

  /** Reads launchers.d anew. Nothing changes unless all of it is sound. */
  async reload(): Promise<ReloadResult> {
    const reloading = this.#reloading.then(() => this.#reload());
    this.#reloading = reloading.catch(() => {});
    return await reloading;
  }

  async #reload(): Promise<ReloadResult> {
    const before = this.#configuration;
    const fresh = await readConfiguration(before.directory);
    const problems = [...fresh.problems, ...needsRestart(before, fresh)];
    const errors = problems.filter((problem) => problem.severity === "error");
    if (errors.length > 0 || this.#stopping) {
      for (const { message, file, line } of errors) {
        log.error("reload refused", { reason: message, file, line });
      }
      return { applied: false, problems };
    }
    this.#configuration = fresh;
    this.stores.configuration = fresh;
    await this.tunnel.reload(fresh.services);
    const wanted = new Map(fresh.launchers.map((config) => [config.name, config]));
    await Promise.all([...this.#running].map(async ([name, running]) => {
      if (isDeepStrictEqual(running.launcher.config, wanted.get(name))) return;
      await this.#stopLauncher(name);
    }));
    for (const config of fresh.launchers) if (!this.#running.has(config.name)) this.#startLauncher(config);
    if (!isDeepStrictEqual(before.gateway.status, fresh.gateway.status)) {
      await this.#page?.[Symbol.asyncDispose]();
      this.#page = await StatusServer.open(this, fresh);
    }
    log.info("reloaded", { launchers: fresh.launchers.length, services: fresh.services.length });
    this.#changed();
    return { applied: true, problems };
  }

  snapshot(): Snapshot {
    const { gateway, launchers, problems, faulty } = this.#configuration;
    const views = launchers.map((config) => {
      const running = this.#running.get(config.name);
      return launcherView(config, { running, totals: this.stores.ledger.totals(config.id) });
    });
    return {
      version: VERSION,
      startedAt: this.#startedAt,
      launchers: [...views, ...faulty.filter(({ kind }) => kind === "launcher").map(faultyLauncher)],
      tunnels: tunnelViews(this.tunnel, faulty.filter(({ kind }) => kind === "service")),
      problems,
      cold: { root: gateway.cold.root },
      destinations: namedDestinations(gateway).map(({ address: { kind, name }, target }) => ({
        name: `${kind}.${name}`,
        target,
      })),
      quarantine: {
        count: this.stores.quarantine.list().length,
        sizeBytes: this.stores.quarantine.sizeBytes,
        maxBytes: gateway.quarantine.maxBytes,
      },
      silent: this.#notifier?.faults,
      stopping: this.#stopping,
    };
  }

  status(lang: Lang): StatusAnswer {
    const snapshot = this.snapshot();
    return { headline: headline(snapshot, lang), snapshot };
  }

  items(name: string, options: ItemsOptions): ItemRow[] {
    const config = this.#configuration.launchers.find((launcher) => launcher.name === name);
    return config ? itemRows(this.stores.ledger, config.id, options) : [];
  }

  polls(name: string): readonly PollView[] {
    return this.#running.get(name)?.launcher.history.polls() ?? [];
  }

  quarantine(): QuarantineRow[] {
    return this.stores.quarantine.list().reverse().map((entry) => ({ ...entry, at: new Date(entry.at) }));
  }

  connections(service: string): readonly ConnectionView[] {
    return this.#connections.of(service);
  }

  async original(id: string): Promise<Original | undefined> {
    const entry = this.stores.quarantine.find(id);
    return entry && await originalOf(this.stores.quarantine, entry);
  }

  async run(
    name: string,
    { dryRun, stamp }: { dryRun?: boolean; stamp?: string | undefined } = {},
  ): Promise<PollReport> {
    if (dryRun) return await this.#dryRun(name);
    const { launcher } = this.#find(name);
    if (stamp !== undefined && stamp !== stampOf(launcher.config)) {
      throw new ItemError(
        `Cannot run launcher "${name}": its file was changed since the gateway read it; deno task reload first`,
      );
    }
    return await launcher.poll({ byHand: true });
  }

  /** Tries the launcher as it is written now, loaded or not: what a reload would change is seen before. */
  async #dryRun(name: string): Promise<PollReport> {
    const { launchers, services, base } = await readConfiguration(this.#configuration.directory);
    const config = launchers.find((launcher) => launcher.name === name);
    if (!config) throw new ItemError(`Cannot use launcher "${name}": it is not there, or faulty`);
    await using tunnel = await startTunnel({ services, listen: false });
    const dial = (service: string, signal: AbortSignal) => dialService(tunnel, service, signal);
    await using launcher = new Launcher(config, { base, stores: this.stores, dial });
    this.#trials.add(launcher);
    try {
      return await launcher.dryRun();
    } finally {
      this.#trials.delete(launcher);
    }
  }

  pause(name: string): void {
    this.#find(name).schedule.pause();
    this.#remember(name, { paused: true });
  }

  resume(name: string): void {
    const { launcher, schedule } = this.#find(name);
    const wasLocked = launcher.locked;
    launcher.unlock();
    schedule.resume();
    this.#remember(name, { paused: false });
    if (wasLocked) void launcher.tick();
  }

  /** A pause outlives a restart: who has paused a launcher does not expect it to begin again at night. */
  #remember(name: string, memory: { paused: boolean }): void {
    this.stores.ledger.remember(this.#find(name).launcher.config.id, memory);
    this.#changed();
  }

  async retry(id: string): Promise<PollReport> {
    const entry = this.stores.quarantine.find(id);
    if (!entry) throw new ItemError(`Cannot retry "${id}": it is not in quarantine`);
    return await this.#find(entry.launcher).launcher.retry(entry);
  }

  delivered(name: string): readonly DeliveredRow[] {
    return deliveredRows(this.#find(name).launcher.config, this.stores.ledger, LIST_ITEMS);
  }

  async redeliver(id: string): Promise<PollReport> {
    const { config, row } = findDelivered(id, this.#configuration, this.stores.ledger);
    return await this.#find(config.name).launcher.redeliver(row);
  }

  async drop(id: string): Promise<string> {
    if (!await this.stores.quarantine.drop(id)) {
      throw new ItemError(`Cannot drop "${id}": it is not in quarantine`);
    }
    this.#changed();
    return id;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #find(name: string): Running {
    const running = this.#running.get(name);
    if (running) return running;
    const state = this.#configuration.launchers.some((config) => config.name === name)
      ? "it is disabled; write enabled = true into its file, then deno task reload"
      : this.#configuration.faulty.some((faulty) => faulty.kind === "launcher" && faulty.name === name)
      ? "it was faulty when the gateway read it; deno task reload, if it is mended"
      : "the gateway has not read it yet; deno task reload";
    throw new ItemError(`Cannot run launcher "${name}": ${state}`);
  }

  #startLauncher(config: LauncherConfig): void {
    if (!config.enabled) return;
    const launcher = new Launcher(config, {
      base: this.#configuration.base,
      stores: this.stores,
      dial: (service, signal) => dialService(this.tunnel, service, signal),
      onChange: () => this.#changed(),
      onFatal: (error) => this.stop(error),
    });
    const pushes = config.listen.protocol === "imap" || config.listen.protocol === "pop3" ? "mail" : "folder";
    const protocol = protocols[config.listen.protocol] as Protocol;
    const memory = this.stores.ledger.memory(config.id);
    const schedule = new Schedule({
      timetable: readSchedule(config.schedule, {
        pushes,
        ...(config.timezone ? { timezone: config.timezone } : {}),
      }),
      lastRun: memory.polledAt,
      run: () => launcher.tick(),
      ...(config.schedule === "push" && protocol.watch
        ? {
          watch: (signal: AbortSignal) => launcher.watch(signal),
          onWatchError: (error: unknown) =>
            log.warn("push interrupted, begun again soon", {
              launcher: config.name,
              reason: errorText(error),
            }),
        }
        : {}),
    });
    if (memory.paused) schedule.pause();
    this.#running.set(config.name, { launcher, schedule });
    schedule.start();
  }

  async #stopLauncher(name: string): Promise<void> {
    const running = this.#running.get(name);
    if (!running) return;
    running.launcher.abort();
    await running.schedule.stop();
    await running.launcher[Symbol.asyncDispose]();
    this.#running.delete(name);
  }

  async #startNotifier(): Promise<Notifier> {
    return await Notifier.start({
      state: this.#configuration.gateway.state,
      tools: () =>
        notifyTools(this.#configuration, (service, signal) => dialService(this.tunnel, service, signal)),
      condition: () => conditionOf(this.snapshot(), this.quarantine()),
    });
  }

  async #shutDown(reason: Error | undefined): Promise<void> {
    this.#changed();
    for (const trial of this.#trials) trial.abort();
    await this.#reloading;
    await Promise.all([
      reason ? this.#notifier?.lastWords(reason.message) : this.#notifier?.[Symbol.asyncDispose](),
      ...[...this.#running.keys()].map((name) => this.#stopLauncher(name)),
      this.tunnel.drain(DRAIN_MS),
    ]);
    await this.tunnel[Symbol.asyncDispose]();
    await this.#control?.[Symbol.asyncDispose]();
    this.#listeners.clear();
    await this.#page?.[Symbol.asyncDispose]();
    await this.stores[Symbol.asyncDispose]();
    log.info("stopped");
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
