/** What a gateway refuses to start or reload with, and how it shows what cannot run. */
import type { Configuration } from "./config/mod.ts";
import { ConfigError, type Problem } from "./errors.ts";
import { foldersOf } from "./silence.ts";
import type { Snapshot } from "./status/view.ts";

/** Throws `ConfigError` when gateway.toml is faulty or nothing can run. */
export function refuseUnusable(configuration: Configuration): void {
  const { gatewayFaulty, launchers, services, directory, problems } = configuration;
  if (gatewayFaulty) throw new ConfigError(problems.filter(({ severity }) => severity === "error"));
  if (launchers.some(({ enabled }) => enabled) || services.length > 0) return;
  throw new ConfigError([...problems, {
    severity: "error",
    file: directory,
    message:
      `Cannot start with "${directory}": it has no enabled launcher and no tunnel service that could run`,
    remedy: "enable a launcher (NAME.toml), or mend the problems named above",
  }]);
}

/** What a reload cannot change. */
export function needsRestart(before: Configuration, fresh: Configuration): Problem[] {
  if (fresh.gatewayFaulty) return [];
  const moved = before.gateway.state !== fresh.gateway.state ||
    before.gateway.cold.root !== fresh.gateway.cold.root;
  return moved
    ? [{
      severity: "error",
      file: `${fresh.directory}/gateway.toml`,
      message: "Cannot change state or cold.root while the gateway runs",
      remedy: "stop the gateway and start it again",
    }]
    : [];
}

/** The errors for which a reload is refused: not that a folder which is in use already has gone, or hangs, as shares do. */
export function refusals(problems: readonly Problem[], before: Configuration): Problem[] {
  const { base, launchers, gateway: { cold } } = before;
  const used = launchers.flatMap((config) => foldersOf(config, { base, cold: cold.root }));
  return problems.filter(({ severity, folder }) =>
    severity === "error" && (folder === undefined || !used.includes(folder))
  );
}

/** A launcher that cannot run, as the page shows it: since the gateway was started, for a reload refuses such files. */
export function faultyLauncher(
  { name, problems }: Configuration["faulty"][number],
  since: Date,
): Snapshot["launchers"][number] {
  const [first] = problems;
  return {
    name,
    protocol: "",
    target: "",
    enabled: true,
    state: "error",
    error: {
      message: problems.map(({ message }) => message).join("; "),
      remedy: first?.remedy,
      since,
      fault: "configuration",
    },
    totals: { delivered: 0, skipped: 0, quarantined: 0, failed: 0 },
  };
}
