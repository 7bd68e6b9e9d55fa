/** The files of a configuration: read within limits, `include` followed. */
import * as path from "node:path";
import { type ConfLine, readLines } from "./stunnel_lines.ts";
import { printable } from "./stunnel_values.ts";
import type { ConfProblem } from "./types.ts";

/** How much a configuration may be, with everything it includes. */
export const LIMITS = {
  fileBytes: 1024 * 1024,
  totalBytes: 4 * 1024 * 1024,
  files: 1000,
  includes: 100,
  depth: 8,
};

/** Reads files and follows `include = DIR`: files in alphabetical order, sections carried over from file to file. */
export class ConfFiles {
  readonly problems: ConfProblem[] = [];
  /** Those read so far, in that order. */
  readonly files: string[] = [];
  #bytes = 0;
  #includes = 0;
  readonly #root: string;
  readonly #open = new Set<string>();

  /** Nothing outside `root` is included. */
  constructor(root: string) {
    this.#root = root;
  }

  /** The lines of a file and of what it includes. Never throws. */
  async read(file: string): Promise<ConfLine[]> {
    const text = await this.#text(file);
    const lines: ConfLine[] = [];
    for (const line of readLines(text ?? "", file)) {
      if (line.content.kind !== "option" || line.content.name.toLowerCase() !== "include") lines.push(line);
      else for (const included of await this.#include(line, line.content.value)) lines.push(included);
    }
    return lines;
  }

  async #text(file: string): Promise<string | undefined> {
    this.files.push(file);
    try {
      const bytes = await readBytes(file, LIMITS.fileBytes);
      this.#bytes += bytes.length;
      if (this.#bytes > LIMITS.totalBytes) {
        throw new RangeError(`with all files before it, it is larger than ${mebibytes(LIMITS.totalBytes)}`);
      }
      return decode(bytes);
    } catch (error) {
      const message = printable(`Cannot read "${file}": ${reasonOf(error)}`);
      this.problems.push({ severity: "error", file, message });
      return undefined;
    }
  }

  async #include(line: ConfLine, value: string): Promise<ConfLine[]> {
    const folder = path.resolve(path.dirname(line.file), value);
    const report = (severity: ConfProblem["severity"], message: string, remedy?: string) =>
      void this.problems.push({
        severity,
        file: line.file,
        line: line.line,
        message: printable(message),
        ...(remedy === undefined ? {} : { remedy }),
      });
    if (++this.#includes > LIMITS.includes) {
      const first = this.#includes === LIMITS.includes + 1;
      if (first) report("error", `Cannot include more: there are over ${LIMITS.includes} include lines`);
      return [];
    }
    if (!isInside(folder, this.#root)) {
      report(
        "error",
        `Cannot include "${folder}": it lies outside "${this.#root}"`,
        "Move the folder beside the file, or give its files on the command line as well",
      );
      return [];
    }
    try {
      const real = await Deno.realPath(folder);
      // The first file stands in the root.
      if (this.#open.has(real) || real === await Deno.realPath(this.#root)) {
        throw new RangeError("it includes itself");
      }
      if (this.#open.size >= LIMITS.depth) throw new RangeError(`more than ${LIMITS.depth} folders deep`);
      const { files, others } = await list(folder);
      if (this.files.length + files.length > LIMITS.files) {
        throw new RangeError(`more than ${LIMITS.files} files`);
      }
      if (others.length > 0) {
        const shown = others.length > 10 ? [...others.slice(0, 10), "…"] : others;
        report("warning", `Left out of "${folder}", as their names do not end in .conf: ${shown.join(", ")}`);
      }
      this.#open.add(real);
      const lines: ConfLine[][] = [];
      for (const file of files) lines.push(await this.read(path.join(folder, file)));
      this.#open.delete(real);
      return lines.flat();
    } catch (error) {
      report("error", `Cannot include "${folder}": ${reasonOf(error)}`);
      return [];
    }
  }
}

/** The regular files of a folder, sorted as bytes like alphasort() in the C locale. */
async function list(folder: string): Promise<{ files: string[]; others: string[] }> {
  const names: string[] = [];
  for await (const { name, isFile, isSymlink } of Deno.readDir(folder)) {
    if (isFile || (isSymlink && await isRegular(path.join(folder, name)))) names.push(name);
    if (names.length > 10 * LIMITS.files) throw new RangeError("it holds too many files");
  }
  names.sort();
  return {
    files: names.filter((name) => name.endsWith(".conf")),
    others: names.filter((name) => !name.endsWith(".conf")),
  };
}

async function isRegular(file: string): Promise<boolean> {
  try {
    return (await Deno.stat(file)).isFile;
  } catch {
    return false;
  }
}

function isInside(folder: string, root: string): boolean {
  const way = path.relative(root, folder);
  return way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}

/** At most `limit` bytes; a pipe or a device may have no end. Throws `RangeError` beyond. */
async function readBytes(file: string, limit: number): Promise<Uint8Array> {
  using handle = await Deno.open(file);
  const bytes = new Uint8Array(limit + 1);
  let length = 0;
  while (length <= limit) {
    const count = await handle.read(bytes.subarray(length));
    if (count === null) return bytes.slice(0, length);
    length += count;
  }
  throw new RangeError(`it is larger than ${mebibytes(limit)}`);
}

/** UTF-8; else one byte a character, as old editors wrote it: stunnel takes any bytes. Throws `RangeError` on UTF-16. */
function decode(bytes: Uint8Array): string {
  if (["255,254", "254,255"].includes(bytes.subarray(0, 2).join())) {
    throw new RangeError("it is written in UTF-16; save it as UTF-8");
  }
  try {
    // The one mark that may be there is skipped where the lines are read.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function mebibytes(bytes: number): string {
  return `${bytes / 1024 / 1024} MiB`;
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it does not exist";
  if (error instanceof Deno.errors.PermissionDenied) return "no right to read it";
  if (error instanceof Deno.errors.NotADirectory) return "it is no folder";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  return error instanceof Error ? error.message : String(error);
}
