/** `deno task start`: the gateway until it is told to stop. */
import type { CommandLine } from "../command_line.ts";
import { readConfiguration } from "../config/mod.ts";
import { needsALook } from "../errors.ts";
import { refuseUnusable } from "../gateway_rules.ts";
import { Gateway } from "../gateway.ts";
import { configureLog, logOf } from "../log.ts";
import { onSignals } from "../signals.ts";
import { VERSION } from "../version.ts";
import { EXIT } from "./output.ts";

/** Runs until SIGTERM, SIGINT, `stop` or an error that ends the process; resolves with the exit code. */
export async function start({ launchers }: CommandLine): Promise<number> {
  const configuration = await readConfiguration(launchers);
  // What keeps it from starting is said once, where a person reads it.
  refuseUnusable(configuration);
  configureLog(configuration.gateway.log);
  const log = logOf("gateway");
  for (const { severity, message, remedy, file, line } of configuration.problems.filter(needsALook)) {
    log[severity === "warning" ? "warn" : severity](message, { file, line, remedy });
  }
  const gateway = await Gateway.start(configuration);
  // Task runners and service managers send a signal twice: the second one changes nothing.
  onSignals(() => gateway.stop());
  // Windows sends it when a console window is closed: there only `deno task reload` reloads.
  if (Deno.build.os !== "windows") onSignals(() => void gateway.reload(), ["SIGHUP"]);
  const running = configuration.launchers.filter(({ enabled }) => enabled).length;
  log.info("started", {
    version: VERSION,
    launchers: running,
    services: configuration.services.length,
    pid: Deno.pid,
  });
  const error = await gateway.finished;
  // The listeners stay to the end: a signal that comes late must not kill a process that ends by itself.
  if (error) log.error("ended by an error", { reason: error.message });
  return error ? EXIT.failed : EXIT.ok;
}
