/** Checks what a configuration file points to: secrets, folders, files. Only looks, never makes anything. */
import { resolve } from "node:path";
import { addPlace, statWithin } from "../disk.ts";
import { ConfigError } from "../errors.ts";
import type { TokenCommand } from "../secret.ts";
import { isInside } from "../sources/folder_place.ts";
import { reasonOf } from "./files.ts";
import { nameOf } from "./issues.ts";
import type { Report } from "./report.ts";
import { hasVariable, nameOfPlace, resolveSecret } from "./secrets.ts";
import type { SecretPlace } from "./secrets.ts";
import { isTable } from "./shape.ts";
import { mayRun, runRemedy } from "./token_command.ts";
import type { Path } from "./toml.ts";

/** A share that does not answer must not keep everything else from being read, and from starting. */
const ANSWER_MS = 5000;

/** Checks that a secret is there, and that it is kept as a secret should be. */
export async function checkSecret(
  report: Report,
  path: Path,
  { base, missing = "lacking" }: {
    readonly base: string;
    /** How grave it is that the secret is not there. */
    readonly missing?: "lacking" | "passing" | "warning";
  },
): Promise<void> {
  const secret = valueAt(report.table.value, path);
  const name = nameOf(path);
  if (typeof secret === "string" && secret !== "") {
    report.add("warning", path, {
      message: `Cannot keep ${name} secret: it is written in this file as text`,
      remedy:
        `Put it into a file that only the gateway may read: ${name} = { file = "NAME.secret" }, or into an ` +
        `environment variable: ${name} = { env = "NAME" }`,
    });
    return;
  }
  const place = placeOf(secret);
  if (!place) return;
  if ("command" in place) return await checkCommand(report, path, { token: place, base });
  try {
    await resolveSecret(place, base);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const { message, remedy = "" } of error.problems) {
      report.add(missing, path, {
        message: `Cannot read ${name}${message.slice("Cannot read the secret".length)}`,
        remedy: capitalised(remedy),
      });
    }
    return;
  }
  if (!("file" in place) || Deno.build.os === "windows") return;
  const { mode } = await Deno.stat(resolve(base, place.file));
  if (mode === null || (mode & 0o077) === 0) return;
  report.add("warning", path, {
    message: `Cannot keep ${name} secret: the ${
      nameOfPlace(place, base)
    } is open to other users of this machine`,
    remedy: "Take the rights away from group and others: chmod 600",
  });
}

/** Checks that a program may be run; it is not run. */
async function checkCommand(
  report: Report,
  path: Path,
  { token: { command: [program = ""], env = [] }, base }: { token: TokenCommand; base: string },
): Promise<void> {
  if (!await mayRun(program, base)) {
    report.add("lacking", path, {
      message: `Cannot run "${program}" for ${nameOf(path)}: this process may not`,
      remedy: capitalised(runRemedy(program)),
    });
  }
  for (const name of env.filter((name) => !hasVariable(name))) {
    report.add("lacking", [...path, "env"], {
      message: `Cannot give ${nameOfPlace({ env: name }, base)} to "${program}": it is not set`,
      remedy: "Set it for the process that runs the gateway",
    });
  }
}

/** Checks a folder that is made if missing inside `base`, and must be there elsewhere. */
export async function checkFolder(
  report: Report,
  path: Path,
  { folder, base, missing = "passing" }: {
    readonly folder: string;
    readonly base: string;
    /** How grave it is that the folder is missing or closed. */
    readonly missing?: "passing" | "lacking";
  },
): Promise<void> {
  const target = resolve(base, folder);
  const name = nameOf(path);
  // What hangs must not take the turns of what lies in no place.
  addPlace(target);
  const info = await statWithin(ANSWER_MS, target).catch((error: unknown) => error);
  if (info instanceof Deno.errors.NotFound || info instanceof Deno.errors.NotADirectory) {
    if (isInside(target, base) && info instanceof Deno.errors.NotFound) return;
    report.add(missing, path, {
      message: `Cannot find the folder of ${name}, "${target}": it is missing`,
      remedy:
        `If it is a share, mount it; otherwise make the folder (only inside "${base}" is it made on its own)`,
      folder: target,
    });
  } else if (info instanceof Deno.errors.TimedOut) {
    report.add(missing, path, {
      message: `Cannot look into the folder of ${name}, "${target}": it does not answer`,
      remedy: "See that the server of this share is up, and the network to it",
      folder: target,
    });
  } else if (info instanceof Error) {
    report.add(missing, path, {
      message: `Cannot look into the folder of ${name}, "${target}": ${reasonOf(info)}`,
      remedy: "Let the user that runs the gateway read and write there",
    });
  } else if (!(info as Deno.FileInfo).isDirectory) {
    report.add("error", path, {
      message: `Cannot use "${target}" for ${name}: it is not a folder`,
      remedy: `Name a folder in ${name}`,
    });
  }
}

/** Checks that a file named in a launcher file is there and can be read. */
export async function checkFile(
  report: Report,
  path: Path,
  { target, remedy, missing = "lacking" }: {
    readonly target: string;
    readonly remedy: string;
    /** How grave it is that the file is not there. */
    readonly missing?: "lacking" | "passing" | "warning";
  },
): Promise<void> {
  try {
    if (!(await Deno.stat(target)).isFile) throw new Error("it is not a file");
    (await Deno.open(target)).close();
  } catch (error) {
    report.add(missing, path, {
      message: `Cannot read ${nameOf(path)} "${target}": ${reasonOf(error)}`,
      remedy,
    });
  }
}

/** The value at a path of a table as written, of whatever type it is. */
export function valueAt(table: unknown, path: Path): unknown {
  let value: unknown = table;
  for (const step of path) {
    value = isTable(value) && Object.hasOwn(value, step) ? value[String(step)] : undefined;
  }
  return value;
}

/** The text at a path, when it is text. */
export function textAt(table: unknown, path: Path): string | undefined {
  const value = valueAt(table, path);
  return typeof value === "string" ? value : undefined;
}

function placeOf(secret: unknown): SecretPlace | undefined {
  if (!isTable(secret)) return undefined;
  const { env, file, command } = secret;
  if (isWords(command) && command.length > 0) return { command, env: isWords(env) ? env : [] };
  if (Object.keys(secret).length !== 1) return undefined;
  if (typeof env === "string" && env !== "") return { env };
  return typeof file === "string" && file !== "" ? { file } : undefined;
}

function isWords(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((word) => typeof word === "string");
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
