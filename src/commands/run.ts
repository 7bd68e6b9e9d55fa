/** `deno task run NAME`: one poll of one launcher, by this process or by the gateway that runs already. */
import { startTunnel } from "../../tunnel/mod.ts";
import { type CommandLine, UsageError } from "../command_line.ts";
import { type Configuration, type LauncherConfig, stampOf } from "../config/mod.ts";
import { suggest } from "../config/suggest.ts";
import { ControlClient } from "../control.ts";
import { ConfigError } from "../errors.ts";
import { dialService, logTunnel } from "../dial.ts";
import type { StatusAnswer } from "../gateway.ts";
import { Launcher } from "../launcher.ts";
import type { PollReport } from "../poll/report.ts";
import { onSignals } from "../signals.ts";
import { openStores } from "../stores.ts";
import { readUsable } from "./configuration.ts";
import { say } from "./language.ts";
import { EXIT, print, printJson } from "./output.ts";
import { logAbove, ProgressBar } from "./progress.ts";
import { forecastText, reportText } from "./report_text.ts";

/** How often a gateway is asked how far it is. */
const LOOK_MS = 500;

/** Polls; resolves with 0, or 1 when an item failed or was quarantined. Rejects with the launcher's error. */
export async function run(line: CommandLine): Promise<number> {
  const configuration = await readUsable(line.launchers);
  const [name] = line.operands;
  if (name === undefined) throw new UsageError(missingName("run", configuration));
  const { log, state } = configuration.gateway;
  const isDry = line.switches.has("dry-run");
  using bar = new ProgressBar(name, !line.json);
  logAbove(bar, log);
  const launcher = findLauncher(configuration, name);
  const gateway = await ControlClient.find(state);
  const report = gateway
    ? await pollByGateway(gateway, launcher, { isDry, bar })
    : await pollAlone(configuration, launcher, { isDry, bar });
  bar.end();
  if (line.json) printJson(report);
  else print(isDry ? forecastText(report) : reportText(report));
  return report.failed + report.quarantined > 0 ? EXIT.failed : EXIT.ok;
}

interface RunOptions {
  readonly isDry: boolean;
  readonly bar: ProgressBar;
}

async function pollByGateway(
  gateway: ControlClient,
  launcher: LauncherConfig,
  { isDry, bar }: RunOptions,
): Promise<PollReport> {
  const looking = new AbortController();
  if (bar.isShown) void follow(gateway, launcher.name, { bar, signal: looking.signal });
  try {
    const how = isDry ? "dry-run=yes" : `stamp=${stampOf(launcher)}`;
    const path = `/launchers/${encodeURIComponent(launcher.name)}/run?${how}`;
    return await gateway.ask("POST", path) as PollReport;
  } finally {
    looking.abort();
  }
}

/** Shows how far the gateway's poll is, until aborted. */
async function follow(
  gateway: ControlClient,
  name: string,
  { bar, signal }: { bar: ProgressBar; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    const answer = await gateway.ask("GET", "/status", signal).catch(() => undefined) as
      | StatusAnswer
      | undefined;
    const progress = answer?.snapshot.launchers.find((one) => one.name === name)?.progress;
    if (progress && !signal.aborted) bar.show(progress);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function pollAlone(
  configuration: Configuration,
  config: LauncherConfig,
  { isDry, bar }: RunOptions,
): Promise<PollReport> {
  await using stores = await openStores(configuration);
  // Of the tunnel, only what can go wrong is of interest here.
  await using tunnel = await startTunnel({
    services: configuration.services,
    listen: false,
    log: (entry) => entry.level === "info" || logTunnel(entry),
  });
  await using launcher = new Launcher(config, {
    base: configuration.base,
    stores,
    dial: (service, signal) => dialService(tunnel, service, signal),
    onChange: () => launcher.progress && bar.show(launcher.progress),
    isAttended: true,
  });
  using _ = onSignals(() => launcher.abort());
  return isDry ? await launcher.dryRun() : await launcher.poll({ byHand: true });
}

/** What to say when the name of a launcher is missing: which there are. */
export function missingName(command: string, { launchers, faulty }: Configuration): string {
  const named = [
    ...launchers.map(({ name, enabled }) => enabled ? name : `${name} (disabled)`),
    ...faulty.filter(({ kind }) => kind === "launcher").map(({ name }) => `${name} (faulty)`),
  ];
  const there = named.length === 0
    ? "there is no launcher yet; make one: deno task new NAME"
    : `NAME is one of ${named.join(", ")}`;
  return `Cannot run "${command}": the NAME of a launcher is missing\n    → deno task ${command} NAME; ${there}`;
}

/** The launcher of that name. Throws `ConfigError`, with a suggestion where one is near. */
export function findLauncher({ launchers, faulty, directory }: Configuration, name: string): LauncherConfig {
  const launcher = launchers.find((config) => config.name === name);
  if (launcher) return launcher;
  const problems = faulty.find((one) => one.kind === "launcher" && one.name === name)?.problems;
  if (problems) throw new ConfigError(problems);
  const names = [...launchers, ...faulty.filter(({ kind }) => kind === "launcher")].map(({ name }) => name);
  const near = suggest(name, names);
  throw new ConfigError([{
    severity: "error",
    file: directory,
    message: say(
      `Cannot run launcher "${name}": there is no ${name}.toml`,
      `Impossible de lancer « ${name} » : il n’y a pas de ${name}.toml`,
    ),
    remedy: near !== undefined
      ? say(`did you mean "${near}"?`, `vouliez-vous dire « ${near} » ?`)
      : names.length > 0
      ? say(`there are ${names.join(", ")}`, `il y a ${names.join(", ")}`)
      : say(`make one: deno task new ${name}`, `faites-en un : deno task new ${name}`),
  }]);
}
