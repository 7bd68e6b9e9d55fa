/** The program: reads the command line, runs one command, and alone ends the process. */
import { type CommandLine, helpText, readCommandLine, UsageError } from "./command_line.ts";
import { check } from "./commands/check.ts";
import { EXIT, print, printError, printJson, problemText } from "./commands/output.ts";
import { quarantine } from "./commands/quarantine.ts";
import { reload, status, stop } from "./commands/remote.ts";
import { run } from "./commands/run.ts";
import { start } from "./commands/start.ts";
import { ConfigError, GatewayError } from "./errors.ts";
import { VERSION } from "./gateway.ts";
import { configureLog } from "./log.ts";

const commands: Readonly<Record<CommandLine["command"], (line: CommandLine) => Promise<number>>> = {
  start,
  check,
  run,
  quarantine,
  status,
  reload,
  stop,
};

async function main(args: readonly string[]): Promise<number> {
  configureLog({ level: "info", format: "text" });
  let json = false;
  try {
    const line = readCommandLine(args);
    if ("show" in line) {
      print(line.show === "version" ? VERSION : helpText(line.command));
      return EXIT.ok;
    }
    json = line.json;
    return await commands[line.command](line);
  } catch (error) {
    return fail(error, json);
  }
}

function fail(error: unknown, json: boolean): number {
  if (error instanceof UsageError) {
    printError(error.message);
    return EXIT.usage;
  }
  // Anything but an error of our own making is a bug: its stack says where.
  if (!(error instanceof GatewayError)) throw error;
  const problems = error instanceof ConfigError ? error.problems : [];
  if (json) printJson({ error: error.message, problems });
  for (const problem of problems) printError(problemText(problem));
  if (problems.length === 0) printError(error.message);
  return error instanceof ConfigError ? EXIT.config : EXIT.failed;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
