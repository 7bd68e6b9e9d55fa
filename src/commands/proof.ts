/** The questions of `new` about what proves an account: a password, or an access token. */
import { UsageError } from "../command_line.ts";
import type { Provider } from "../config/providers.ts";
import type { Answers } from "./answers.ts";
import { say } from "./language.ts";

/** What proves the account. */
export interface Proof {
  readonly auth: "password" | "xoauth2";
  /** Of `[listen]`: `password` or `token`, where it lies already. */
  readonly listen: Readonly<Record<string, unknown>>;
  /** A password that was typed, to be kept in a file of its own. */
  readonly password?: string;
}

const OPTIONS = ["password-file", "token-file", "token-command"];

/** Takes it from the options, or asks. */
export async function proofOf(answers: Answers, provider: Provider | undefined): Promise<Proof> {
  const given = OPTIONS.filter((option) => answers.value(option) !== undefined);
  if (given.length > 1) {
    throw new UsageError(`Cannot use --${given[0]} beside --${given[1]}: one of them proves the account`);
  }
  const [file, tokenFile, command] = OPTIONS.map((option) => answers.value(option));
  if (file !== undefined) return { auth: "password", listen: { password: { file } } };
  if (tokenFile !== undefined) return tokenProof({ file: tokenFile });
  if (command !== undefined) return tokenProof({ command: wordsOf(command) });
  return await askProof(answers, provider);
}

/** Asks for it, whatever the options say: they did not hold. */
export async function askProof(answers: Answers, provider: Provider | undefined): Promise<Proof> {
  if (provider?.auth === "xoauth2") return await askToken(answers);
  if (provider?.auth === "either" && answers.isAttended) {
    const kind = await answers.choose(
      say(
        "Sign in by app password, or by token (OAuth)",
        "Connexion par mot de passe d’application (password), ou par jeton OAuth (token)",
      ),
      ["password", "token"],
      "password",
    );
    if (kind === "token") return await askToken(answers);
  }
  const title = provider?.auth === "either"
    ? say("App password", "Mot de passe d’application")
    : say("Password", "Mot de passe");
  const typed = await answers.secret(title, "--password-file");
  // Google shows its app passwords in groups of four.
  const password = provider?.auth === "either" ? typed.replaceAll(/\s/g, "") : typed;
  return { auth: "password", listen: { password }, password };
}

async function askToken(answers: Answers): Promise<Proof> {
  const kind = answers.isAttended
    ? await answers.choose(
      say(
        "The access token comes from a file, or from a command",
        "Le jeton vient d’un fichier (file), ou d’un programme (command)",
      ),
      ["file", "command"],
      "file",
    )
    : "file";
  if (kind === "file") {
    const question = say(
      "File that always holds a fresh token",
      "Fichier qui contient toujours un jeton frais",
    );
    return tokenProof({ file: await answers.get(question, { option: "--token-file or --token-command" }) });
  }
  const question = say(
    "Program that prints a token (absolute path), and its arguments",
    "Programme qui affiche un jeton (chemin absolu), et ses arguments",
  );
  return tokenProof({ command: wordsOf(await answers.get(question, { option: "--token-command" })) });
}

function tokenProof(token: Readonly<Record<string, unknown>>): Proof {
  return { auth: "xoauth2", listen: { auth: "xoauth2", token } };
}

/** The words of a command; those with spaces stand in quotation marks. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([word, ...parts]) =>
    parts.find((part) => part !== undefined) ?? word
  );
}
