/** Reads stunnel.conf: a text, or a file with what it includes and the certificates it names. */
import * as path from "node:path";
import { checkFiles } from "./stunnel_files.ts";
import { ConfFiles, LIMITS } from "./stunnel_include.ts";
import { readLines } from "./stunnel_lines.ts";
import { translate } from "./stunnel_options.ts";
import type { ConfProblem, ConfReading } from "./types.ts";

/** Reads the text of one file. Pure: `include` is reported, not followed, and no file named in it is looked at. */
export function parseStunnelConf(text: string, { file }: { readonly file: string }): ConfReading {
  if (text.length <= LIMITS.fileBytes) return translate(readLines(text, file), file);
  const message = `Cannot read "${file}": it is larger than ${LIMITS.fileBytes / 1024 / 1024} MiB`;
  return { services: [], problems: [{ severity: "error", file, message }] };
}

/**
 * Reads a stunnel.conf with what it includes, and looks at the certificates it names. Never throws on bad content: a
 * faulty section yields problems and no service. Relative paths are relative to `relativeTo`, by default the folder of the file.
 */
export async function readStunnelConf(
  file: string,
  options: { readonly relativeTo?: string } = {},
): Promise<ConfReading> {
  const folder = path.dirname(path.resolve(file));
  const files = new ConfFiles(folder);
  const lines = await files.read(file);
  // What could not be read is no empty file: one problem is enough.
  const unread = lines.length === 0 && files.problems.length > 0;
  const reading = unread ? { services: [], problems: [] } : translate(lines, file);
  const checked = await checkFiles(reading.services, options.relativeTo ?? folder);
  return {
    services: checked.services,
    problems: [...files.problems, ...reading.problems, ...checked.problems].sort(byPlace(files.files)),
  };
}

/** By file, in the order of reading, and by line; what concerns a whole file comes first. */
function byPlace(files: readonly string[]) {
  const order = new Map(files.map((file, index) => [file, index]));
  const rank = ({ file }: ConfProblem) => order.get(file) ?? files.length;
  return (left: ConfProblem, right: ConfProblem) =>
    rank(left) - rank(right) || (left.line ?? 0) - (right.line ?? 0);
}
