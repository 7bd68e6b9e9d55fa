/**
 * The grammar of stunnel.conf, lossless: every line with its file, number and raw text. What the options mean is
 * the business of `stunnel_options.ts`.
 */
import * as path from "node:path";
import { checkFiles } from "./stunnel_files.ts";
import { translate } from "./stunnel_options.ts";
import type { ConfProblem, ConfReading } from "./types.ts";

/** One line as it stands in a file. */
export interface ConfLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly raw: string;
  readonly content:
    | { readonly kind: "ignored" }
    | { readonly kind: "section"; readonly name: string; readonly lenient: boolean }
    | { readonly kind: "option"; readonly name: string; readonly value: string }
    | { readonly kind: "invalid"; readonly reason: string };
}

// stunnel reads into a buffer of 16 KiB and cannot take a longer line.
const MAX_LINE_BYTES = 16 * 1024;
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_INCLUDED_FILES = 1000;

/** Splits one file into lines. Never throws; what is no section, option or comment becomes an `invalid` line. */
export function readLines(text: string, file: string): ConfLine[] {
  const body = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const lines = body.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((raw, index) => ({ file, line: index + 1, raw, content: readLine(raw) }));
}

function readLine(raw: string): ConfLine["content"] {
  if (raw.length > MAX_LINE_BYTES) return { kind: "invalid", reason: "the line is longer than 16 KiB" };
  // isspace() of C, and carriage returns anywhere, as stunnel does.
  const text = raw.replaceAll("\r", "").replace(/^[ \t\v\f]+|[ \t\v\f]+$/g, "");
  if (text === "" || text.startsWith(";") || text.startsWith("#")) return { kind: "ignored" };
  if (text.startsWith("[") && text.endsWith("]")) {
    return { kind: "section", name: text.slice(1, -1), lenient: false };
  }
  const commented = /^\[([^\]]*)\][ \t]+[;#]/.exec(text);
  if (commented) return { kind: "section", name: commented[1] ?? "", lenient: true };
  const split = text.indexOf("=");
  if (split < 0) return { kind: "invalid", reason: 'there is no "=" in it' };
  const name = text.slice(0, split).trimEnd();
  if (name === "") return { kind: "invalid", reason: 'there is no option before "="' };
  return { kind: "option", name, value: text.slice(split + 1).trimStart() };
}

/** Reads the text of one file. Pure: `include` is reported, not followed, and no file named in it is looked at. */
export function parseStunnelConf(text: string, options: { readonly file: string }): ConfReading {
  return translate(readLines(text, options.file));
}

/**
 * Reads a stunnel.conf with what it includes, and looks at the certificates it names. Never throws on bad content: a
 * faulty section yields problems and no service. Relative paths are relative to `relativeTo`, by default the folder of the file.
 */
export async function readStunnelConf(
  file: string,
  options: { readonly relativeTo?: string } = {},
): Promise<ConfReading> {
  const problems: ConfProblem[] = [];
  const folder = path.dirname(path.resolve(file));
  const includes = new Includes(folder, problems);
  const lines = await includes.expand(await includes.readFile(file));
  const reading = translate(lines);
  const checked = await checkFiles(reading.services, options.relativeTo ?? folder);
  return {
    services: checked.services,
    problems: [...problems, ...reading.problems, ...checked.problems].sort(byPlace(lines)),
  };
}

function byPlace(lines: readonly ConfLine[]) {
  const order = new Map(lines.map((line, index) => [`${line.file}\n${line.line}`, index]));
  const rank = (problem: ConfProblem) =>
    problem.line === undefined ? -1 : order.get(`${problem.file}\n${problem.line}`) ?? lines.length;
  return (a: ConfProblem, b: ConfProblem) => rank(a) - rank(b);
}

/** Follows `include = DIR`: regular files in alphabetical order, sections carried over from file to file. */
class Includes {
  #files = 0;
  readonly #root: string;
  readonly #problems: ConfProblem[];
  readonly #open = new Set<string>();

  constructor(root: string, problems: ConfProblem[]) {
    this.#root = root;
    this.#problems = problems;
  }

  async readFile(file: string): Promise<ConfLine[]> {
    try {
      const { size } = await Deno.stat(file);
      if (size > MAX_FILE_BYTES) throw new RangeError("larger than 4 MiB");
      // Bytes that are no UTF-8 must not stop the reading: stunnel takes any.
      return readLines(new TextDecoder().decode(await Deno.readFile(file)), file);
    } catch (error) {
      const message = `Cannot read "${file}": ${reasonOf(error)}`;
      this.#problems.push({ severity: "error", file, message });
      return [];
    }
  }

  async expand(lines: readonly ConfLine[]): Promise<ConfLine[]> {
    const expanded: ConfLine[] = [];
    for (const line of lines) {
      if (line.content.kind !== "option" || line.content.name.toLowerCase() !== "include") {
        expanded.push(line);
        continue;
      }
      expanded.push({ ...line, content: { kind: "ignored" } });
      const folder = path.resolve(path.dirname(line.file), line.content.value);
      for (const file of await this.#list(folder, line)) {
        for (const included of await this.expand(await this.readFile(file))) expanded.push(included);
      }
      this.#open.delete(folder);
    }
    return expanded;
  }

  async #list(folder: string, line: ConfLine): Promise<string[]> {
    const report = (severity: ConfProblem["severity"], message: string, remedy?: string) =>
      void this.#problems.push({
        severity,
        file: line.file,
        line: line.line,
        message,
        ...(remedy === undefined ? {} : { remedy }),
      });
    const inside = path.relative(this.#root, folder);
    if (inside.startsWith("..") || path.isAbsolute(inside)) {
      report(
        "error",
        `Cannot include "${folder}": it lies outside "${this.#root}"`,
        "Move the folder beside the file, or give its files on the command line as well",
      );
      return [];
    }
    if (this.#open.has(folder)) {
      report("error", `Cannot include "${folder}": it includes itself`);
      return [];
    }
    try {
      const names = [];
      for await (const entry of Deno.readDir(folder)) {
        if ((await Deno.stat(path.join(folder, entry.name))).isFile) names.push(entry.name);
      }
      const others = names.filter((name) => !name.endsWith(".conf"));
      if (others.length > 0) {
        report(
          "warning",
          `Left out of "${folder}", as their names do not end in .conf: ${others.sort().join(", ")}`,
        );
      }
      const files = names.filter((name) => name.endsWith(".conf")).sort();
      this.#files += files.length;
      if (this.#files > MAX_INCLUDED_FILES) throw new RangeError(`more than ${MAX_INCLUDED_FILES} files`);
      this.#open.add(folder);
      return files.map((name) => path.join(folder, name));
    } catch (error) {
      report("error", `Cannot include "${folder}": ${reasonOf(error)}`);
      return [];
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it does not exist";
  if (error instanceof Deno.errors.PermissionDenied) return "no right to read it";
  return error instanceof Error ? error.message : String(error);
}
