/** The command line: what can be typed, what it means, and help for it. */
import { parseArgs } from "node:util";
import { suggest } from "./config/suggest.ts";

/** The commands of deno.json's tasks. */
export const COMMANDS = [
  "start",
  "check",
  "run",
  "quarantine",
  "redeliver",
  "status",
  "reload",
  "stop",
] as const;

/** One command as it was typed. */
export interface CommandLine {
  readonly command: (typeof COMMANDS)[number];
  /** What follows the command, options left out. */
  readonly operands: readonly string[];
  readonly launchers: string;
  readonly json: boolean;
  readonly connect: boolean;
  readonly dryRun: boolean;
}

/** What was typed makes no sense; the message says what would. Exit 64 (EX_USAGE of sysexits). */
export class UsageError extends Error {}

const HELP: Readonly<
  Record<CommandLine["command"], readonly [usage: string, does: string, operands: number]>
> = {
  start: ["start", "runs the gateway: tunnels, launchers, status page", 0],
  check: [
    "check [--connect]",
    "validates launchers.d and says how to mend every problem; with --connect signs in everywhere",
    0,
  ],
  run: ["run NAME [--dry-run]", "polls one launcher once, now", 1],
  quarantine: [
    "quarantine list | show ID | retry ID… | drop ID…",
    "shows and treats what could not be processed",
    Infinity,
  ],
  redeliver: [
    "redeliver NAME | ID…",
    "lists what a launcher has delivered last; delivers those items again",
    Infinity,
  ],
  status: ["status", "says whether all is well", 0],
  reload: ["reload", "lets the running gateway read launchers.d anew", 0],
  stop: ["stop", "lets the running gateway finish what is in hand and end", 0],
};

/** Help for one command, or for all. */
export function helpText(command?: string): string {
  const rows = COMMANDS.filter((name) => command === undefined || name === command).map((name) => {
    const [usage, does] = HELP[name];
    return `  deno task ${usage}\n      ${does}`;
  });
  return [
    "Lanceur: a gateway from mailboxes and folders to the COLD of a document system.",
    "",
    ...rows,
    "",
    "Options of all commands",
    "  --launchers DIR   folder of the configuration (launchers.d)",
    "  --json            result on standard output as JSON; the log goes to standard error",
    "  --help, --version",
    "",
    "Examples",
    "  deno task check --connect",
    "  deno task run inbox --dry-run",
    "  deno task quarantine list",
    "",
    "Exit codes: 0 well; 1 an item or a launcher failed; 64 misspelt command; 69 no gateway runs; 78 configuration.",
  ].join("\n");
}

/**
 * Reads the arguments; `"help"` or `"version"` when that was asked for.
 *
 * @throws {UsageError} with a suggestion where one is near.
 */
export function readCommandLine(
  args: readonly string[],
): CommandLine | { show: "help" | "version"; command?: string } {
  const { values, positionals } = parse(args);
  const [name, ...operands] = positionals;
  if (values.version) return { show: "version" };
  if (values.help || name === "help") {
    return { show: "help", ...(name && name !== "help" ? { command: name } : {}) };
  }
  if (name === undefined) throw new UsageError("Which command? See --help");
  const command = COMMANDS.find((known) => known === name);
  if (!command) throw new UsageError(`Cannot run command "${name}": unknown${suggestion(name, COMMANDS)}`);
  const [usage, , most] = HELP[command];
  if (operands.length > most || (["run", "redeliver"].includes(command) && operands.length === 0)) {
    throw new UsageError(`Cannot run "${command}" with these arguments: the form is "${usage}"`);
  }
  const connect = values.connect === true;
  const dryRun = values["dry-run"] === true;
  if (connect && command !== "check") throw new UsageError("Cannot use --connect here: it belongs to check");
  if (dryRun && command !== "run") throw new UsageError("Cannot use --dry-run here: it belongs to run");
  return {
    command,
    operands,
    launchers: values.launchers ?? "launchers.d",
    json: values.json === true,
    connect,
    dryRun,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        launchers: { type: "string" },
        json: { type: "boolean" },
        connect: { type: "boolean" },
        "dry-run": { type: "boolean" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "V" },
      },
    });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const [, option = ""] = /'(--?[\w-]+)/.exec(message) ?? [];
    const near = suggestion(option, [
      "--launchers",
      "--json",
      "--connect",
      "--dry-run",
      "--help",
      "--version",
    ]);
    throw new UsageError(`Cannot read the command line: ${message.split(". ")[0]}${near}`, { cause });
  }
}

function suggestion(word: string, candidates: readonly string[]): string {
  const near = suggest(word, candidates);
  return near === undefined ? `; there are ${candidates.join(", ")}` : `; did you mean "${near}"?`;
}
