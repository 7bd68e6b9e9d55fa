/** The launchers of a gateway that run, each with its schedule. */
import { isDeepStrictEqual } from "node:util";
import { startTunnel } from "../tunnel/mod.ts";
import { type Configuration, type LauncherConfig, readConfiguration } from "./config/mod.ts";
import { dialService } from "./dial.ts";
import { errorText, ItemError } from "./errors.ts";
import { Launcher, type LauncherSurroundings } from "./launcher.ts";
import { logOf } from "./log.ts";
import type { PollReport } from "./poll/report.ts";
import { readSchedule, Schedule } from "./schedule.ts";
import { protocols } from "./sources/mod.ts";
import type { Protocol } from "./sources/source.ts";
import type { Stores } from "./stores.ts";

/** A launcher that runs, and when it polls. */
export interface Running {
  readonly launcher: Launcher;
  readonly schedule: Schedule;
}

/** Starts, finds and stops launchers, by their names. */
export class RunningLaunchers {
  readonly #stores: Stores;
  readonly #surroundings: Pick<LauncherSurroundings, "dial" | "onChange" | "onFatal">;
  readonly #running = new Map<string, Running>();
  /** Dry runs under way. */
  readonly #trials = new Set<Launcher>();

  constructor(stores: Stores, surroundings: Pick<LauncherSurroundings, "dial" | "onChange" | "onFatal">) {
    this.#stores = stores;
    this.#surroundings = surroundings;
  }

  /** The launcher of that name; `undefined` when it does not run. */
  get(name: string): Running | undefined {
    return this.#running.get(name);
  }

  /**
   * The launcher of that name.
   *
   * @throws {ItemError} when it does not run, with what mends that.
   */
  find(name: string): Running {
    const running = this.#running.get(name);
    if (running) return running;
    const { launchers, faulty } = this.#configuration;
    const state = launchers.some((config) => config.name === name)
      ? "it is disabled; write enabled = true into its file, then deno task reload"
      : faulty.some((each) => each.kind === "launcher" && each.name === name)
      ? "it was faulty when the gateway read it; deno task reload, if it is mended"
      : "the gateway has not read it yet; deno task reload";
    throw new ItemError(`Cannot run launcher "${name}": ${state}`);
  }

  /** Lets those run that the stores' configuration has: what changed is begun anew, what is gone ends. */
  async update(): Promise<void> {
    const { launchers } = this.#configuration;
    const wanted = new Map(launchers.map((config) => [config.name, config]));
    await Promise.all([...this.#running].map(async ([name, { launcher }]) => {
      if (!isDeepStrictEqual(launcher.config, wanted.get(name))) await this.#stop(name);
    }));
    for (const config of launchers) if (!this.#running.has(config.name)) this.#start(config);
  }

  /** Tries a launcher as it is written now, loaded or not: what a reload would change is seen before. */
  async dryRun(name: string): Promise<PollReport> {
    const { launchers, services, base } = await readConfiguration(this.#configuration.directory);
    const config = launchers.find((launcher) => launcher.name === name);
    if (!config) throw new ItemError(`Cannot use launcher "${name}": it is not there, or faulty`);
    await using tunnel = await startTunnel({ services, listen: false });
    const dial = (service: string, signal: AbortSignal) => dialService(tunnel, service, signal);
    await using launcher = new Launcher(config, { base, stores: this.#stores, dial });
    this.#trials.add(launcher);
    try {
      return await launcher.dryRun();
    } finally {
      this.#trials.delete(launcher);
    }
  }

  /** Lets dry runs end early. */
  abortTrials(): void {
    for (const trial of this.#trials) trial.abort();
  }

  /** Ends all; resolves when no poll runs any more. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.#stop(name)));
  }

  get #configuration(): Configuration {
    return this.#stores.configuration;
  }

  #start(config: LauncherConfig): void {
    if (!config.enabled) return;
    const { base } = this.#configuration;
    const launcher = new Launcher(config, { base, stores: this.#stores, ...this.#surroundings });
    const { paused, polledAt } = this.#stores.ledger.memory(config.id);
    const schedule = new Schedule({
      timetable: readSchedule(config.schedule, {
        pushes: "account" in config.listen ? "mail" : "folder",
        ...(config.timezone ? { timezone: config.timezone } : {}),
      }),
      lastRun: polledAt,
      run: () => launcher.tick(),
      ...watchOf(launcher),
    });
    if (paused) schedule.pause();
    this.#running.set(config.name, { launcher, schedule });
    schedule.start();
  }

  async #stop(name: string): Promise<void> {
    const running = this.#running.get(name);
    if (!running) return;
    running.launcher.abort();
    await running.schedule.stop();
    await running.launcher[Symbol.asyncDispose]();
    this.#running.delete(name);
  }
}

/** What wakes a launcher whose schedule is push, where its protocol can tell. */
function watchOf(launcher: Launcher): Pick<Schedule["scheduled"], "watch" | "onWatchError"> {
  const { name, schedule, listen } = launcher.config;
  const protocol = protocols[listen.protocol] as Protocol;
  if (schedule !== "push" || !protocol.watch) return {};
  return {
    watch: (signal) => launcher.watch(signal),
    onWatchError: (error) =>
      logOf("gateway").warn("push interrupted, begun again soon", {
        launcher: name,
        reason: errorText(error),
      }),
  };
}
