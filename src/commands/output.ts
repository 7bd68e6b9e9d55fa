/** Results go to standard output: text for people, one JSON document for programs. */
import type { Problem } from "../errors.ts";

/** Exit codes, after sysexits.h where it has one. */
export const EXIT = { ok: 0, failed: 1, usage: 64, notRunning: 69, config: 78 } as const;

/** Writes one line, or several, to standard output. */
export function print(text: string): void {
  writeAll(Deno.stdout, text + "\n");
}

/** Writes one line to standard error: for what is not the result. */
export function printError(text: string): void {
  writeAll(Deno.stderr, text + "\n");
}

/** Writes a result as JSON. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** A problem as a compiler prints one, with the remedy below it. */
export function problemText({ severity, file, line, message, remedy }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return `${place}: ${severity}: ${message}${remedy === undefined ? "" : `\n    → ${remedy}`}`;
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
