/** `deno task start`: the gateway until it is told to stop. */
import type { CommandLine } from "../command_line.ts";
import { type Configuration, readConfiguration } from "../config/mod.ts";
import { needsALook } from "../errors.ts";
import { refuseUnusable } from "../gateway_rules.ts";
import { Gateway } from "../gateway.ts";
import { configureLog, logOf } from "../log.ts";
import { onSignals } from "../signals.ts";
import { VERSION } from "../version.ts";
import { languageOf, say } from "./language.ts";
import { EXIT, printError } from "./output.ts";
import { headlineText } from "./status_text.ts";

const log = logOf("gateway");

/** Runs until SIGTERM, SIGINT, `stop` or an error that ends the process; resolves with the exit code. */
export async function start({ launchers }: CommandLine): Promise<number> {
  const configuration = await readConfiguration(launchers);
  // What keeps it from starting is said once, where a person reads it.
  refuseUnusable(configuration);
  configureLog(configuration.gateway.log);
  const gateway = await Gateway.start(configuration);
  const isWatched = Deno.stderr.isTerminal();
  // A person at the terminal gets them with the headline.
  if (!isWatched) logProblems(configuration);
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
  if (isWatched) printError(welcomeText(gateway));
  const error = await gateway.finished;
  // The listeners stay to the end: a signal that comes late must not kill a process that ends by itself.
  if (error) log.error("ended by an error", { reason: error.message });
  return error ? EXIT.failed : EXIT.ok;
}

function logProblems({ problems }: Configuration): void {
  for (const { severity, message, remedy, file, line } of problems.filter(needsALook)) {
    log[severity === "warning" ? "warn" : severity](message, { file, line, remedy });
  }
}

/** What a person who has just started it wants to know. */
function welcomeText(gateway: Gateway): string {
  const how = say(
    "Lanceur runs. Ctrl+C ends it; from another terminal, deno task status says how it is, deno task stop ends it.",
    "Lanceur tourne. Ctrl+C l’arrête ; d’un autre terminal, deno task status dit comment il va, deno task stop l’arrête.",
  );
  return `\n${how}\n${headlineText(gateway.status(languageOf()))}\n`;
}
