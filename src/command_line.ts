/** The command line: what was typed, and what it means. */
import { parseArgs } from "node:util";
import { COMMAND_NAMES, type CommandName, describe, optionsOf } from "./commands/catalogue.ts";
import { suggest } from "./config/suggest.ts";
import { errorText } from "./errors.ts";

/** One command as it was typed. */
export interface CommandLine {
  readonly command: CommandName;
  /** What follows the command, options left out. */
  readonly operands: readonly string[];
  readonly launchers: string;
  readonly json: boolean;
  /** Switches that were given, without dashes. */
  readonly switches: ReadonlySet<string>;
  /** Options that have a value, without dashes. */
  readonly values: Readonly<Record<string, string>>;
}

/** What was asked for instead of a command. */
export interface Question {
  readonly show: "help" | "version";
  readonly command?: CommandName;
}

/** What was typed makes no sense; the message says what would. Exit 64 (EX_USAGE of sysexits). */
export class UsageError extends Error {}

/**
 * Reads the arguments.
 *
 * @throws {UsageError} with a suggestion where one is near.
 */
export function readCommandLine(args: readonly string[]): CommandLine | Question {
  const { positionals: words } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
    options: typesOf(allOptions()),
  });
  const first = words[0] === "help" ? words[1] : words[0];
  const command = COMMAND_NAMES.find((known) => known === first);
  const known = command === undefined ? allOptions() : optionsOf(command);
  const { values, positionals } = parse(args, known, command);
  if (values["version"] === true) return { show: "version" };
  if (values["help"] === true || positionals[0] === "help" || first === undefined) {
    if (command === undefined && first !== undefined) throw unknownCommand(first);
    return { show: "help", ...(command === undefined ? {} : { command }) };
  }
  if (command === undefined) throw unknownCommand(first);
  const [, ...operands] = positionals;
  refuseOperands(command, operands);
  const given = Object.entries(values);
  const texts = given.filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return {
    command,
    operands,
    launchers: values["launchers"] === undefined ? "launchers.d" : String(values["launchers"]),
    json: values["json"] === true,
    switches: new Set(given.filter(([, value]) => value === true).map(([option]) => option)),
    values: Object.fromEntries(texts),
  };
}

/** `; did you mean "X"?`, or what there is. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const near = suggest(word, candidates);
  if (near !== undefined) return `; did you mean "${near}"?`;
  return candidates.length === 0 ? "" : `; there are ${candidates.join(", ")}`;
}

function unknownCommand(name: string): UsageError {
  return new UsageError(`Cannot run command "${name}": unknown${suggestion(name, COMMAND_NAMES)}`);
}

function refuseOperands(command: CommandName, operands: readonly string[]): void {
  const { form, operands: [least, most], lacks, examples } = describe(command);
  if (operands.length >= least && operands.length <= most) return;
  const surplus = operands[most] ?? "";
  const what = operands.length < least ? `${lacks} is missing` : `"${surplus}" is one word too many`;
  const near = operands.length < least ? undefined : suggest(surplus, Object.keys(optionsOf(command)));
  const words = ["deno task", command, form].filter((word) => word !== "").join(" ");
  const example = form === "" ? "" : `, such as deno task ${examples[0]?.[0]}`;
  throw new UsageError(
    `Cannot run "${[command, ...operands].join(" ")}": ${what}${
      near === undefined ? "" : `; did you mean "--${near}"?`
    }\n    → ${words}${example}`,
  );
}

type Known = ReturnType<typeof optionsOf>;

function allOptions(): Known {
  return Object.assign({}, ...COMMAND_NAMES.map(optionsOf));
}

function parse(args: readonly string[], known: Known, command: CommandName | undefined) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: typesOf(known) });
  } catch (cause) {
    throw new UsageError(explain(cause, known, command), { cause });
  }
}

function typesOf(known: Known) {
  const options: Record<string, { type: "string" | "boolean"; short?: string }> = {};
  for (const [name, { value }] of Object.entries(known)) {
    options[name] = { type: value === undefined ? "boolean" : "string" };
  }
  options["help"] = { type: "boolean", short: "h" };
  options["version"] = { type: "boolean", short: "V" };
  return options;
}

function explain(cause: unknown, known: Known, command: CommandName | undefined): string {
  const message = errorText(cause);
  const code = cause instanceof Error && "code" in cause ? cause.code : "";
  const [, option = ""] = /'(?:-\w, )?(--?[\w-]+)/.exec(message) ?? [];
  const { value, meaning } = known[option.slice(2)] ?? {};
  if (code === "ERR_PARSE_ARGS_INVALID_OPTION_VALUE" && meaning !== undefined) {
    return value === undefined
      ? `Cannot use ${option} like this: it takes no value`
      : `Cannot use ${option} like this: ${value} is missing (${meaning})`;
  }
  if (code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    return `Cannot read the command line: ${message.split(/[.\n]/)[0]}`;
  }
  const owner = COMMAND_NAMES.find((name) => Object.hasOwn(describe(name).options, option.slice(2)));
  const where = command === undefined ? "" : ` of ${command}`;
  if (command !== undefined && owner !== undefined) {
    return `Cannot use ${option} with ${command}: it belongs to ${owner}`;
  }
  const near = suggestion(option, Object.keys(known).map((name) => `--${name}`));
  return `Cannot use ${option}: there is no such option${where}${near}`;
}
