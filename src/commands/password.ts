/** `deno task password`: makes the hash of a password for the status page. */
import type { CommandLine } from "../command_line.ts";
import { hashPassword } from "../status/password.ts";
import { ask, askSecret, canAsk } from "./ask.ts";
import { EXIT, print, printError, printJson } from "./output.ts";

const LEAST = 10;

/** Asks for a password, twice on a terminal, or reads a line; prints its hash. Resolves with 1 when it is refused. */
export async function password({ json }: CommandLine): Promise<number> {
  const given = canAsk() ? await askSecret("Password") : await ask("Password");
  const fault = given.length < LEAST
    ? `Cannot use this password: it has fewer than ${LEAST} characters`
    : canAsk() && await askSecret("Once more") !== given
    ? "Cannot use this password: the second one was another"
    : undefined;
  if (fault !== undefined) {
    printError(fault);
    return EXIT.failed;
  }
  const hash = await hashPassword(given);
  if (json) printJson({ password_hash: hash });
  else print(`password_hash = "${hash}"`);
  return EXIT.ok;
}
