/** Programs that tests run beside ours, and what becomes of a test where one is missing. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Whether a program is there to be started by its name. */
export function isInstalled(program: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program)));
}

/**
 * Gives back why a test is skipped, if it is.
 *
 * @throws {Error} with that reason under `LANCEUR_TEST_SERVERS=required`, so that nothing is skipped in silence.
 */
export function skipped(reason: string | undefined): string | undefined {
  if (reason !== undefined && Deno.env.get("LANCEUR_TEST_SERVERS") === "required") throw new Error(reason);
  return reason;
}
