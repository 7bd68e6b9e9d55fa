/** Results go to standard output: text for people, one JSON document for programs. */
import { relative } from "node:path";
import type { Problem } from "../errors.ts";
import { harmless } from "../log.ts";
import { reported, say } from "./language.ts";

/** Exit codes, after sysexits.h where it has one. */
export const EXIT = { ok: 0, failed: 1, usage: 64, notRunning: 69, config: 78, interrupted: 130 } as const;

/** Writes one line, or several, to standard output. */
export function print(text: string): void {
  writeAll(Deno.stdout, text + "\n");
}

/** Writes one line to standard error: for what is not the result. */
export function printError(text: string): void {
  writeAll(Deno.stderr, text + "\n");
}

/** Writes a result as JSON, which a terminal may show, too. */
export function printJson(value: unknown): void {
  print(harmless(JSON.stringify(value, null, 2)));
}

/** A problem as a compiler prints one, with the remedy below it. */
export function problemText({ severity, file, line, message, remedy }: Problem): string {
  const place = line === undefined ? nearPath(file) : `${nearPath(file)}:${line}`;
  const said = plainText(`${place}: ${severityText(severity)}${say(": ", " : ")}${reported(message)}`);
  return `${said}${remedy === undefined ? "" : `\n    → ${plainText(reported(remedy))}`}`;
}

/** How bad something is, in a word. */
export function severityText(severity: Problem["severity"]): string {
  return say(severity, { error: "erreur", warning: "avertissement", info: "information" }[severity]);
}

/** A path as short as it can be typed here. */
export function nearPath(path: string): string {
  const near = relative(Deno.cwd(), path);
  return near === "" || near.startsWith("..") ? path : near;
}

/** A stranger's text, such as a file's name, on a terminal: control characters must not move the cursor. */
export function plainText(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "�");
}

/** What an item is called: what people know it by, and its label where that is another. */
export function itemText(
  { title, label }: { readonly title?: string | undefined; readonly label: string },
): string {
  return plainText(title ? `${title} (${label})` : label);
}

/** A moment to the minute, in UTC. */
export function minuteText(at: Date | string): string {
  return new Date(at).toISOString().slice(0, 16).replace("T", " ");
}

function writeAll(to: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let offset = 0; offset < bytes.length;) offset += to.writeSync(bytes.subarray(offset));
  } catch (error) {
    // The reader (head, a closed terminal) has seen enough; the work is done all the same.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
