/** The program: reads the command line, runs one command, and alone ends the process. */
import { type CommandLine, readCommandLine, UsageError } from "./command_line.ts";
import { GivenUp } from "./commands/ask.ts";
import { commandHelp, generalHelp } from "./commands/help.ts";
import { loadLanguage, reported, say } from "./commands/language.ts";
import { EXIT, plainText, print, printError, printJson, problemText } from "./commands/output.ts";
import { ConfigError, GatewayError } from "./errors.ts";
import { configureLog } from "./log.ts";
import { VERSION } from "./version.ts";

type Command = (line: CommandLine) => Promise<number>;

// Loaded when asked for: a poll by hand needs no status page, and is over in the time that takes to load.
const commands: Readonly<Record<CommandLine["command"], () => Promise<Command>>> = {
  start: async () => (await import("./commands/start.ts")).start,
  check: async () => (await import("./commands/check.ts")).check,
  new: async () => (await import("./commands/new.ts")).makeLauncher,
  run: async () => (await import("./commands/run.ts")).run,
  quarantine: async () => (await import("./commands/quarantine.ts")).quarantine,
  redeliver: async () => (await import("./commands/redeliver.ts")).redeliver,
  status: async () => (await import("./commands/remote.ts")).status,
  password: async () => (await import("./commands/password.ts")).password,
  reload: async () => (await import("./commands/remote.ts")).reload,
  stop: async () => (await import("./commands/stop.ts")).stop,
  backup: async () => (await import("./commands/backup.ts")).backup,
  completion: async () => (await import("./commands/completion.ts")).completion,
};

async function main(args: readonly string[]): Promise<number> {
  configureLog({ level: "info", format: "text" });
  const json = args.includes("--json");
  try {
    await loadLanguage({ isForPrograms: json });
    const line = readCommandLine(args);
    if ("show" in line) {
      print(line.show === "version" ? VERSION : line.command ? commandHelp(line.command) : generalHelp());
      return EXIT.ok;
    }
    const command = await commands[line.command]();
    return await command(line);
  } catch (error) {
    return fail(error, json);
  }
}

function fail(error: unknown, json: boolean): number {
  if (error instanceof UsageError) {
    if (json) printJson({ error: error.message });
    printError(error.message);
    return EXIT.usage;
  }
  if (error instanceof GivenUp) {
    const message = say("Given up: nothing was done", "Abandonné : rien n’a été fait");
    if (json) printJson({ error: message });
    printError(`\n${message}`);
    return EXIT.interrupted;
  }
  // Anything but an error of our own making is a bug: its stack says where.
  if (!(error instanceof GatewayError)) throw error;
  const problems = error instanceof ConfigError ? error.problems : [];
  if (json) printJson({ error: error.message, problems });
  for (const problem of problems) printError(problemText(problem));
  if (problems.length === 0) printError(plainText(reported(error.message)));
  return error instanceof ConfigError ? EXIT.config : EXIT.failed;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
