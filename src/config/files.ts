/** Finds and reads the files of launchers.d. */
import { join } from "node:path";
import { errorText, type Problem } from "../errors.ts";
import { readToml, TomlSyntaxError, type TomlTable } from "./toml.ts";

const MAX_FILE_BYTES = 1024 * 1024;

/** The files of launchers.d that mean something, as absolute paths in order of name. */
export interface Listing {
  readonly gateway?: string;
  readonly launchers: readonly string[];
  readonly sections: readonly string[];
  readonly problems: readonly Problem[];
  /** The folder cannot be read. */
  readonly isUnreadable: boolean;
}

/** Lists launchers.d. Other files are none of our business, but for names that an editor has spoilt. */
export async function listFiles(folder: string): Promise<Listing> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (
        !name.startsWith(".") &&
        (await Deno.stat(join(folder, name)).catch(() => undefined))?.isFile !== false
      ) {
        names.push(name);
      }
    }
  } catch (error) {
    const state = error instanceof Deno.errors.NotFound ? "it is missing" : reasonOf(error);
    const problem: Problem = {
      severity: "error",
      file: folder,
      message: `Cannot read the folder "${folder}": ${state}`,
      remedy: "Make it, or name another one with --launchers DIR",
    };
    return { launchers: [], sections: [], problems: [problem], isUnreadable: true };
  }
  names.sort();
  const ending = (pattern: RegExp) =>
    names.filter((name) => pattern.test(name)).map((name) => join(folder, name));
  const problems = ending(/\.(?:toml|conf)\.(?:txt|toml|conf)$/i).map((file): Problem => ({
    severity: "warning",
    file,
    message: `Cannot tell what "${file}" is meant to be: it has two endings`,
    remedy: "Rename it to NAME.toml or NAME.conf; to switch it off, to NAME.toml.disabled",
  }));
  const doubtful = new Set(problems.map(({ file }) => file));
  const plain = (pattern: RegExp) => ending(pattern).filter((file) => !doubtful.has(file));
  const tables = plain(/\.toml$/i);
  const gateway = tables.find((file) => file === join(folder, "gateway.toml"));
  return {
    ...(gateway === undefined ? {} : { gateway }),
    launchers: tables.filter((file) => file !== gateway),
    sections: plain(/\.conf$/i),
    problems,
    isUnreadable: false,
  };
}

/** Reads one TOML file; `problem` says why there is no table. */
export async function readTable(
  file: string,
): Promise<{ readonly table: TomlTable } | { readonly problem: Problem }> {
  const fail = (message: string, remedy: string, line?: number) => ({
    problem: { severity: "error", file, message, remedy, ...(line === undefined ? {} : { line }) } as const,
  });
  let bytes: Uint8Array;
  try {
    if ((await Deno.stat(file)).size > MAX_FILE_BYTES) {
      return fail(`Cannot read "${file}": it is larger than 1 MiB`, "A launcher file is a few lines of TOML");
    }
    bytes = await Deno.readFile(file);
  } catch (error) {
    return fail(`Cannot read "${file}": ${reasonOf(error)}`, "Let the user that runs the gateway read it");
  }
  const text = new TextDecoder().decode(bytes);
  const damaged = text.indexOf("\uFFFD");
  if (damaged >= 0) {
    return fail(
      `Cannot read "${file}": it is not UTF-8 text`,
      "Save it as UTF-8 (accents of another encoding stand on this line)",
      text.slice(0, damaged).split("\n").length,
    );
  }
  try {
    return { table: readToml(text) };
  } catch (error) {
    if (!(error instanceof TomlSyntaxError)) throw error;
    return fail(
      `Cannot read "${file}" as TOML: ${error.message}`,
      "Write KEY = VALUE or [TABLE]; text stands in quotes, and a pattern or a Windows path in single quotes: '/.*\\.pdf/'",
      error.line,
    );
  }
}

/** Why a file or folder cannot be read, for the end of a message. */
export function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it is missing";
  if (error instanceof Deno.errors.NotADirectory) return "it is not a folder";
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return "access is denied";
  }
  return errorText(error);
}
