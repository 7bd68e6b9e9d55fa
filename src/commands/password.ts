/** `deno task password`: makes the hash of a password for the status page. */
import type { CommandLine } from "../command_line.ts";
import { hashPassword } from "../status/password.ts";
import { ask, askSecret, canAsk } from "./ask.ts";
import { say } from "./language.ts";
import { EXIT, print, printError, printJson } from "./output.ts";

const LEAST = 10;

/** Asks for a password, twice on a terminal, or reads a line; prints its hash. Resolves with 1 when it is refused. */
export async function password({ json }: CommandLine): Promise<number> {
  const question = say("Password", "Mot de passe");
  const given = canAsk() ? await askSecret(question) : await ask(question);
  const fault = given.length < LEAST
    ? say(
      `Cannot use this password: it has fewer than ${LEAST} characters`,
      `Impossible d’employer ce mot de passe : il a moins de ${LEAST} caractères`,
    )
    : canAsk() && await askSecret(say("Once more", "Encore une fois")) !== given
    ? say(
      "Cannot use this password: the second one was another",
      "Impossible d’employer ce mot de passe : le second était un autre",
    )
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
