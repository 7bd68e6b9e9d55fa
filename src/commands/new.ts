/** `deno task new NAME`: makes a launcher from a few answers, and tries it before anything is written. */
import { dirname, join, relative, resolve } from "node:path";
import { type CommandLine, suggestion, UsageError } from "../command_line.ts";
import { type Configuration, readConfiguration } from "../config/mod.ts";
import { ConfigError } from "../errors.ts";
import { NAME_PATTERN } from "../config/launcher.ts";
import { ControlClient } from "../control.ts";
import { canAsk, GivenUp } from "./ask.ts";
import { readUsable } from "./configuration.ts";
import { describe } from "./catalogue.ts";
import { interview } from "./interview.ts";
import { type Draft, launcherText } from "./launcher_text.ts";
import { say } from "./language.ts";
import { EXIT, nearPath, print, printError, printJson, problemText } from "./output.ts";

/** Makes a launcher; resolves with 0, or 1 when it could not be tried and nothing was written. */
export async function makeLauncher(line: CommandLine): Promise<number> {
  refuseChoices(line.values);
  const configuration = await readUsable(line.launchers);
  const { directory } = configuration;
  try {
    const isAttended = canAsk() && !line.json;
    const draft = await interview(line, {
      isAttended,
      base: configuration.base,
      services: configuration.services,
      refuseName: (name) => refuseName(name, configuration),
    });
    if (draft === undefined) return EXIT.failed;
    const written = await write(draft, configuration);
    if (line.json) printJson({ launcher: draft.name, ...written });
    else await tell(draft, { ...written, configuration });
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
    const folder = nearPath(directory);
    printError(say(`\nNothing was written to ${folder}`, `\nRien n’a été écrit dans ${folder}`));
    return EXIT.interrupted;
  }
}

function refuseChoices(values: CommandLine["values"]): void {
  for (const [option, { choices }] of Object.entries(describe("new").options)) {
    const given = values[option];
    if (given === undefined || !choices || choices.includes(given)) continue;
    throw new UsageError(`Cannot use --${option} ${given}${suggestion(given, choices)}`);
  }
}

function refuseName(name: string, { directory, launchers, faulty }: Configuration): string | undefined {
  if (!NAME_PATTERN.test(name)) {
    return say(
      `Cannot use "${name}" as a name: letters without accents, digits, dots, dashes and underscores alone`,
      `Impossible de nommer un lanceur « ${name} » : lettres sans accents, chiffres, points, tirets et _ seulement`,
    );
  }
  const isTaken = [...launchers, ...faulty].some((one) => one.name.toLowerCase() === name.toLowerCase());
  if (isTaken || name.toLowerCase() === "gateway") {
    const file = nearPath(join(directory, `${name}.toml`));
    return say(
      `Cannot make "${name}": there is ${file} already`,
      `Impossible de faire « ${name} » : ${file} existe déjà`,
    );
  }
  return undefined;
}

interface Written {
  readonly file: string;
  readonly secret: string | undefined;
}

/** Writes the launcher and its secret, or neither. */
async function write(draft: Draft, { directory, base, gateway }: Configuration): Promise<Written> {
  const file = join(directory, `${draft.name}.toml`);
  const made: string[] = [];
  try {
    let secret: string | undefined;
    if (draft.password !== undefined) {
      secret = await writeSecret(join(gateway.state, "secrets"), draft.name, draft.password);
      made.push(secret);
    }
    const hasSchema = await Deno.stat(join(directory, "launcher.schema.json")).then(() => true, () => false);
    const secretPath = secret === undefined ? undefined : pathIn(base, secret);
    await Deno.writeTextFile(file, launcherText(draft, { hasSchema, secretPath }), { createNew: true });
    made.push(file);
    const fresh = await readConfiguration(directory);
    const errors = fresh.problems.filter((problem) => problem.file === file && problem.severity === "error");
    if (errors.length > 0) throw new ConfigError(errors);
    return { file, secret };
  } catch (error) {
    for (const path of made) await Deno.remove(path).catch(() => {});
    throw faultOfWriting(error, file);
  }
}

/** The system's refusal in words; passes on what is an error of our own. */
function faultOfWriting(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !(error.name in Deno.errors)) return error;
  const message = `Cannot write "${nearPath(file)}" and what belongs to it: ${error.message}`;
  const remedy = "Let this account write there, or run this as the account of the gateway";
  return new ConfigError([{ severity: "error", file, message, remedy }], { cause: error });
}

async function writeSecret(folder: string, name: string, password: string): Promise<string> {
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  for (let number = 1;; number++) {
    const path = join(folder, `${name}${number === 1 ? "" : `-${number}`}.secret`);
    try {
      await Deno.writeTextFile(path, `${password}\n`, { createNew: true, mode: 0o600 });
      return path;
    } catch (error) {
      // Of a launcher that is no longer there, or of another one that shares it.
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}

function pathIn(base: string, path: string): string {
  const near = relative(base, resolve(path));
  return (near.startsWith("..") ? resolve(path) : near).replaceAll("\\", "/");
}

async function tell(
  { name, listen }: Draft,
  { file, secret, configuration }: Written & { readonly configuration: Configuration },
): Promise<void> {
  const { directory, gateway: { state } } = configuration;
  const where = dirname(file) === resolve("launchers.d") ? "" : ` --launchers ${nearPath(directory)}`;
  const fresh = await readConfiguration(directory);
  const kept = secret === undefined
    ? ""
    : say(`, and the password in ${nearPath(secret)}`, `, et le mot de passe dans ${nearPath(secret)}`);
  print(say("Written: ", "Écrit : ") + nearPath(file) + kept);
  for (const problem of fresh.problems) if (problem.file === file) print(problemText(problem));
  const isRunning = await ControlClient.find(state) !== undefined;
  const rights = rightsOf(listen);
  print(
    `${say("Next:", "Ensuite :")}\n` +
      `  ${rights}deno task run ${name} --dry-run${where}   ${
        say("what it would take", "ce qu’il prendrait")
      }\n` +
      `  ${isRunning ? "" : rights}deno task ${isRunning ? "reload" : "start"}${where}   ${
        say("lets it work", "le met au travail")
      }`,
  );
}

/** What stands before a task that has to run the program which prints the token. */
function rightsOf({ token }: Draft["listen"]): string {
  const program =
    typeof token === "object" && token !== null && "command" in token && Array.isArray(token.command)
      ? String(token.command[0])
      : "";
  return program === "" || Deno.build.os === "windows" ? "" : `LANCEUR_RUN=${program} `;
}
