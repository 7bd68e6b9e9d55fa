/** `new` tries the answers on the mail server, and lets what is wrong be corrected. */
import * as v from "valibot";
import { startTunnel } from "../../tunnel/mod.ts";
import type { ServiceOptions } from "../../tunnel/types.ts";
import { UsageError } from "../command_line.ts";
import type { Provider } from "../config/providers.ts";
import { suggest } from "../config/suggest.ts";
import { dialService } from "../dial.ts";
import { GatewayError, SourceError } from "../errors.ts";
import { contextFor } from "../launcher_context.ts";
import { protocols } from "../sources/mod.ts";
import type { Protocol, SourceContext } from "../sources/source.ts";
import type { Answers } from "./answers.ts";
import { counted, reported, say } from "./language.ts";
import { plainText, printError } from "./output.ts";
import { askProof, type Proof } from "./proof.ts";

/** Mailboxes named to choose from. */
const MAX_LISTED = 40;

/** `[listen]` without what proves the account. */
export type Table = Readonly<Record<string, unknown>>;

/** Where relative paths begin, and what can be connected through. */
export interface Place {
  readonly base: string;
  readonly services: readonly ServiceOptions[];
}

/** Answers that held. */
export interface Tried {
  readonly listen: Table;
  readonly proof: Proof;
}

/**
 * Signs in with what was answered, asking again for what is wrong; `undefined` when it shall not be written.
 *
 * @throws {UsageError} when an answer can never work.
 */
export async function tryAnswers(
  answers: Answers,
  { listen, proof, provider, place }: Tried & {
    readonly provider: Provider | undefined;
    readonly place: Place;
  },
): Promise<Tried | undefined> {
  let current: Tried = { listen, proof };
  for (;;) {
    const options = { ...current.listen, ...current.proof.listen };
    validate(options);
    try {
      const [peer, account] = [peerOf(options), options["account"]];
      answers.say(say(`Connecting to ${peer} as ${account} …`, `Connexion à ${peer} avec ${account} …`));
      const mailbox = await chooseMailbox(answers, options, place);
      const count = await countOf({ ...options, ...mailbox }, place);
      const there = counted(count, "mail", "courriel");
      answers.say(say(`Signed in: ${there} there.`, `Connecté : ${there}.`));
      return { ...current, listen: { ...current.listen, ...mailbox } };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      printError(plainText(reported(error.message)));
      if (!answers.isAttended) {
        printError(say("Nothing was written; ", "Rien n’a été écrit ; ") + wayOn(error));
        return undefined;
      }
      const word = await askWhat(answers, current, error);
      if (word === "stop") return undefined;
      if (word === "write") return current;
      current = await correct(answers, word, { current, provider });
    }
  }
}

/**
 * Holds answers against the options of their protocol.
 *
 * @throws {UsageError} with the first one that cannot be.
 */
export function validate(listen: Table): void {
  const fault = faultOf(listen);
  if (fault !== undefined) throw new UsageError(`Cannot use these answers: ${fault}`);
}

/** Why answers cannot be, in all or in one of them; `undefined` when they can. */
export function faultOf(listen: Table, key?: string): string | undefined {
  const { issues = [] } = v.safeParse(protocolOf(listen).options, listen);
  const found = issues.map((issue) => ({ at: v.getDotPath(issue) ?? "listen", message: issue.message }));
  const fault = key === undefined ? found[0] : found.find(({ at }) => at === key || at.startsWith(`${key}.`));
  return fault && `${fault.at} ${fault.message}`;
}

function peerOf({ tunnel, server, port }: Table): string {
  if (tunnel !== undefined) return `tunnel service ${tunnel}`;
  return `${server}${port === undefined ? "" : `:${port}`}`;
}

/** What most likely has to be corrected, by what the failure says; sentences of `connection_fault.ts`. */
function suspect(error: GatewayError): string {
  const { message } = error;
  if (error instanceof SourceError && error.fault === "credentials") return "proof";
  if (/ca_file|authority that is not known/.test(message)) return "ca-file";
  if (/speaks? TLS|STARTTLS|STLS|how tls is set/i.test(message)) return "tls";
  if (/secret|the token:/.test(message)) return "proof";
  return "server";
}

function wayOn(error: GatewayError): string {
  return suspect(error) === "ca-file"
    ? say(
      "--ca-file FILE names the certificate of your own authority, --no-connect writes all the same",
      "--ca-file FICHIER nomme le certificat de votre autorité, --no-connect écrit quand même",
    )
    : say("--no-connect writes all the same", "--no-connect écrit quand même");
}

async function askWhat(answers: Answers, { listen, proof }: Tried, error: GatewayError): Promise<string> {
  const proofWord = proof.auth === "xoauth2" ? "token" : "password";
  const authority = listen["tls"] === "none" ? [] : ["ca-file"];
  const way = listen["tunnel"] === undefined ? ["server", "port", "tls", ...authority] : [];
  const guess = suspect(error);
  const usual = guess === "proof" ? proofWord : way.includes(guess) ? guess : "stop";
  const words = [proofWord, "account", ...way];
  return await answers.choose(
    say(
      `Correct ${words.join(", ")}; write all the same; or stop`,
      `Corriger ${words.join(", ")} ; écrire quand même (write) ; ou arrêter (stop)`,
    ),
    [...words, "write", "stop"],
    usual,
  );
}

async function correct(
  answers: Answers,
  word: string,
  { current: { listen, proof }, provider }: { current: Tried; provider: Provider | undefined },
): Promise<Tried> {
  if (word === "password" || word === "token") return { listen, proof: await askProof(answers, provider) };
  const key = word.replace("-", "_");
  const withAnswer = (answer: string) => ({ ...listen, [key]: word === "port" ? Number(answer) : answer });
  const [english = word, french = word] = QUESTIONS[word] ?? [];
  const answer = await answers.get(say(english, french), {
    option: `--${word}`,
    usual: usualOf(word, listen),
    refuse: (answer) => faultOf({ ...withAnswer(answer), ...proof.listen }),
  });
  return { listen: withAnswer(answer), proof };
}

const QUESTIONS: Readonly<Record<string, readonly [english: string, french: string]>> = {
  account: ["Account", "Compte"],
  server: ["Mail server", "Serveur de courriel"],
  port: ["Port", "Port"],
  tls: [
    "TLS implicit (from the first octet), by starttls, or none",
    "TLS implicit (dès le premier octet), par starttls, ou none (aucun)",
  ],
  "ca-file": [
    "PEM file with the certificate of the authority that signs the server's",
    "Fichier PEM avec le certificat de l’autorité qui signe celui du serveur",
  ],
};

function usualOf(word: string, { server, account, tls = "implicit" }: Table): string | undefined {
  if (word === "server") return String(server);
  if (word === "account") return String(account);
  return word === "tls" ? (tls === "implicit" ? "starttls" : "implicit") : undefined;
}

async function chooseMailbox(answers: Answers, options: Table, place: Place): Promise<Table> {
  const { mailboxes } = protocolOf(options);
  if (!mailboxes) return {};
  const names = await withContext(place, (context) => mailboxes(parsed(options), context));
  const list = names.slice(0, MAX_LISTED).map(plainText).join(", ");
  const rest = names.length > MAX_LISTED
    ? say(` and ${names.length - MAX_LISTED} more`, ` et ${names.length - MAX_LISTED} autres`)
    : "";
  answers.say(`${say("Mailboxes:", "Boîtes :")} ${list}${rest}`);
  const mailbox = answers.value("mailbox") ??
    (answers.isAttended
      ? await answers.get(say("Mailbox to take from", "Boîte où les prendre"), {
        option: "--mailbox",
        usual: "INBOX",
        refuse: (answer) => refuseMailbox(answer, names),
      })
      : "INBOX");
  return mailbox === "INBOX" ? {} : { mailbox };
}

function refuseMailbox(answer: string, names: readonly string[]): string | undefined {
  if (names.includes(answer)) return undefined;
  const near = suggest(answer, names);
  const hint = near === undefined
    ? ""
    : say(`; did you mean "${plainText(near)}"?`, ` ; vouliez-vous dire « ${plainText(near)} » ?`);
  const name = plainText(answer);
  return say(`There is no mailbox "${name}"`, `Il n’y a pas de boîte « ${name} »`) + hint;
}

async function countOf(options: Table, place: Place): Promise<number> {
  return await withContext(place, async (context) => {
    await using source = await protocolOf(options).open(parsed(options), context);
    let count = 0;
    for await (const _ of source.items()) count++;
    return count;
  });
}

async function withContext<T>(
  { base, services }: Place,
  use: (context: SourceContext) => Promise<T>,
): Promise<T> {
  await using tunnel = await startTunnel({ services, listen: false });
  const { signal } = new AbortController();
  return await use(contextFor({ base, signal, dial: (name, signal) => dialService(tunnel, name, signal) }));
}

function protocolOf(listen: Table): Protocol {
  const name = listen["protocol"] as keyof typeof protocols;
  return protocols[name] as Protocol;
}

/** Checked before: this only fills in defaults. */
function parsed(listen: Table): unknown {
  return v.parse(protocolOf(listen).options, listen);
}
