/** The text of `--help`: of one command, or of all. */
import {
  COMMAND_NAMES,
  type CommandName,
  COMMON_OPTIONS,
  describe,
  type OptionDescription,
} from "./catalogue.ts";

/** What one command does, its options, examples and exit codes. */
export function commandHelp(name: CommandName): string {
  const { form, does, options, examples, exits } = describe(name);
  return [
    `Usage: deno task ${[name, form].filter((word) => word !== "").join(" ")}`,
    "",
    capitalised(does) + ".",
    "",
    ...optionLines({ ...options, ...COMMON_OPTIONS }),
    "",
    "Examples:",
    ...examples.flatMap(([typed, does]) => [`  deno task ${typed}`, `      ${does}`]),
    "",
    `Exit: ${exits}; 64 a misspelt command line.`,
  ].join("\n");
}

/** All commands in one line each. */
export function generalHelp(): string {
  return [
    "Lanceur: a gateway from mailboxes and folders to the COLD of a document system.",
    "",
    "Usage: deno task COMMAND, where COMMAND is one of",
    ...table(COMMAND_NAMES.map((name) => [name, describe(name).does])),
    "",
    "and, with a --help of their own,",
    ...table([
      ["tunnel", "the TLS tunnel alone, in place of stunnel"],
      ["demo", "the whole chain on this machine, with a mail server of its own"],
    ]),
    "",
    "Options of all commands:",
    ...optionLines(COMMON_OPTIONS),
    "",
    "Examples:",
    ...COMMAND_NAMES.map((name) => `  deno task ${describe(name).examples[0]?.[0]}`),
    "",
    "More about one: deno task COMMAND --help",
    "Exit: 0 well; 1 an item or a launcher failed; 64 misspelt command line; 69 no gateway runs; 78 configuration.",
  ].join("\n");
}

function optionLines(options: Readonly<Record<string, OptionDescription>>): string[] {
  return table(
    Object.entries(options).map(([name, { value, meaning, choices }]) => [
      `--${name}${value === undefined ? "" : ` ${value}`}`,
      choices === undefined ? meaning : `${meaning}: ${choices.join(", ")}`,
    ]),
  );
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
