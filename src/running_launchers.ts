/** The launchers of a gateway that run, each with its schedule. */
import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { startTunnel } from "../tunnel/mod.ts";
import { type Configuration, type LauncherConfig, readConfiguration } from "./config/mod.ts";
import { dialService } from "./dial.ts";
import { errorText, ItemError, LedgerError, problemsText } from "./errors.ts";
import { Launcher, type LauncherSurroundings } from "./launcher.ts";
import { logOf } from "./log.ts";
import type { PollReport } from "./poll/report.ts";
import { readSchedule, Schedule } from "./schedule.ts";
import { isInside } from "./sources/folder_place.ts";
import { protocols } from "./sources/mod.ts";
import type { Protocol } from "./sources/source.ts";
import type { Stores } from "./stores.ts";

/** Polls that are told to end do so at once, unless a share or a server keeps them. */
const END_MS = 10_000;

const log = logOf("gateway");

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
  /** Those of them that are to end, and when they have. */
  readonly #ending = new Map<string, Promise<void>>();
  #isOver = false;
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
    const problems = faulty.find((each) => each.kind === "launcher" && each.name === name)?.problems;
    const state = launchers.some((config) => config.name === name)
      ? "it is disabled; write enabled = true into its file, then deno task reload"
      : problems
      ? `it was faulty when the gateway read it (${
        problemsText(problems)
      }); deno task check tells how to mend it, a variable of the environment has to be set where the gateway is started; then deno task reload`
      : "the gateway has not read it yet; deno task reload";
    throw new ItemError(`Cannot run launcher "${name}": ${state}`);
  }

  /**
   * Lets those run that the stores' configuration has: what changed is begun anew, what is gone ends. One whose poll
   * cannot be ended, for a share that does not answer, keeps nobody waiting for long: it follows once it has ended.
   */
  async update(): Promise<void> {
    const names = new Set([
      ...this.#running.keys(),
      ...this.#configuration.launchers.map(({ name }) => name),
    ]);
    const following = Promise.all([...names].map((name) => this.#follow(name)));
    const late = Promise.withResolvers<"late">();
    const timer = setTimeout(() => late.resolve("late"), END_MS);
    const outcome = await Promise.race([following, late.promise]).finally(() => clearTimeout(timer));
    if (outcome !== "late") return;
    const launchers = [...this.#ending.keys()].join(", ");
    log.warn("begun anew once the poll in hand has ended, which waits for a share or a server", {
      launchers,
    });
    following.catch((error) => {
      log.error("not begun anew", { reason: errorText(error) });
      if (error instanceof LedgerError) this.#surroundings.onFatal?.(error);
    });
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
    this.#isOver = true;
    await Promise.all([...this.#running.keys()].map((name) => this.#end(name)));
  }

  /** Lets a launcher run as its file says by now, once those have ended that had its name, its ID or its folder before. */
  async #follow(name: string): Promise<void> {
    const config = this.#wanted(name);
    const outdated = [...this.#running.values()].map(({ launcher }) => launcher.config).filter((its) =>
      !isDeepStrictEqual(its, this.#wanted(its.name)) &&
      (its.name === name || its.id === config?.id || this.#meets(its, config))
    );
    await Promise.all(outdated.map((its) => this.#end(its.name)));
    const wanted = this.#wanted(name);
    const isTaken = this.#running.values().some(({ launcher: { config: its } }) =>
      its.name === name || its.id === wanted?.id
    );
    if (wanted !== undefined && !isTaken && !this.#isOver) this.#start(wanted);
  }

  /** Whether two launchers find the same files: what the poll in hand of one delivers must not be taken by the other. */
  #meets(one: LauncherConfig, other: LauncherConfig | undefined): boolean {
    if (!("path" in one.listen) || other === undefined || !("path" in other.listen)) return false;
    const { base } = this.#configuration;
    const [mine, its] = [resolve(base, one.listen.path), resolve(base, other.listen.path)];
    return isInside(mine, its) || isInside(its, mine);
  }

  #wanted(name: string): LauncherConfig | undefined {
    return this.#configuration.launchers.find((config) => config.name === name);
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

  async #end(name: string): Promise<void> {
    const running = this.#running.get(name);
    if (!running) return;
    const ending = this.#ending.get(name) ?? this.#endRunning(name, running);
    this.#ending.set(name, ending);
    await ending;
  }

  async #endRunning(name: string, { launcher, schedule }: Running): Promise<void> {
    launcher.abort();
    await schedule.stop();
    await launcher[Symbol.asyncDispose]();
    this.#running.delete(name);
    this.#ending.delete(name);
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
      log.warn("push interrupted, begun again soon", {
        launcher: name,
        reason: errorText(error),
      }),
  };
}
