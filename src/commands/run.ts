/** `deno task run NAME`: one poll of one launcher, by this process or by the gateway that runs already. */
import { startTunnel } from "../../tunnel/mod.ts";
import type { CommandLine } from "../command_line.ts";
import { type Configuration, type LauncherConfig, readConfiguration } from "../config/mod.ts";
import { suggest } from "../config/suggest.ts";
import { ControlClient } from "../control.ts";
import { ConfigError } from "../errors.ts";
import { dialService, logTunnel } from "../dial.ts";
import { Launcher } from "../launcher.ts";
import { configureLog } from "../log.ts";
import { dryRun } from "../poll/dry_run.ts";
import type { PollReport } from "../poll/report.ts";
import { openStores } from "../stores.ts";
import { EXIT, print, printError, printJson } from "./output.ts";

/** Polls; resolves with 0, or 1 when an item failed or was quarantined. Rejects with the launcher's error. */
export async function run(line: CommandLine): Promise<number> {
  const configuration = await readConfiguration(line.launchers);
  configureLog(configuration.gateway.log);
  const name = line.operands[0] ?? "";
  const launcher = findLauncher(configuration, name);
  const gateway = await ControlClient.find(configuration.gateway.state);
  const report = gateway
    ? await gateway.ask(
      "POST",
      `/launchers/${encodeURIComponent(name)}/run${line.dryRun ? "?dry-run=yes" : ""}`,
    ) as PollReport
    : await pollAlone(configuration, launcher, line);
  if (line.json) printJson(report);
  else print(reportText(report, line.dryRun));
  return report.failed + report.quarantined > 0 ? EXIT.failed : EXIT.ok;
}

async function pollAlone(
  configuration: Configuration,
  config: LauncherConfig,
  line: CommandLine,
): Promise<PollReport> {
  await using stores = await openStores(configuration);
  await using tunnel = await startTunnel({ services: configuration.services, listen: false, log: logTunnel });
  await using launcher = new Launcher(config, {
    base: configuration.base,
    stores,
    dial: (service, signal) => dialService(tunnel, service, signal),
    ...(line.json || !Deno.stderr.isTerminal() ? {} : { onChange: () => showProgress(launcher) }),
  });
  const stop = () => launcher.abort();
  Deno.addSignalListener("SIGINT", stop);
  try {
    if (!line.dryRun) return await launcher.poll({ byHand: true });
    const { root } = configuration.gateway.cold;
    return await dryRun(config, { ledger: stores.ledger, root, open: () => launcher.open() });
  } finally {
    Deno.removeSignalListener("SIGINT", stop);
  }
}

function showProgress({ progress }: Launcher): void {
  if (!progress || progress.done % 25 !== 0 || progress.done === 0) return;
  printError(`  ${progress.done} items`);
}

/** The launcher of that name. Throws `ConfigError`, with a suggestion where one is near. */
export function findLauncher({ launchers, faulty, directory }: Configuration, name: string): LauncherConfig {
  const launcher = launchers.find((config) => config.name === name);
  if (launcher) return launcher;
  const problems = faulty.find((one) => one.kind === "launcher" && one.name === name)?.problems;
  if (problems) throw new ConfigError(problems);
  const near = suggest(name, launchers.map((config) => config.name));
  throw new ConfigError([{
    severity: "error",
    file: directory,
    message: `Cannot run launcher "${name}": there is no ${name}.toml`,
    remedy: near === undefined ? "deno task check names all launchers" : `did you mean "${near}"?`,
  }]);
}

function reportText(report: PollReport, isDry: boolean): string {
  const lines = report.items.map(({ outcome, label, reason, documents }) =>
    [
      `${outcome}: ${label}${reason === null ? "" : ` (${reason})`}`,
      ...documents.map((path) => `    → ${path}`),
    ].join("\n")
  );
  const { delivered, skipped, quarantined, failed, known } = report;
  const sum =
    `${delivered} delivered, ${skipped} skipped, ${quarantined} quarantined, ${failed} failed, ${known} known`;
  return [...lines, isDry ? `Dry run, nothing was changed: ${sum}` : sum].join("\n");
}
