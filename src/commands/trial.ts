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
import { counted, plainText, printError } from "./output.ts";
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
      answers.say(`Connecting to ${peerOf(options)} as ${options["account"]} …`);
      const mailbox = await chooseMailbox(answers, options, place);
      const count = await countOf({ ...options, ...mailbox }, place);
      answers.say(`Signed in: ${counted(count, "mail")} there.`);
      return { ...current, listen: { ...current.listen, ...mailbox } };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      printError(plainText(error.message));
      if (!answers.isAttended) {
        printError(`Nothing was written; ${wayOn(error)}`);
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
  if (/speak TLS|STARTTLS|STLS/i.test(message)) return "tls";
  if (/secret|the token:/.test(message)) return "proof";
  return "server";
}

function wayOn(error: GatewayError): string {
  return suspect(error) === "ca-file"
    ? "--ca-file FILE names the certificate of your own authority, --no-connect writes all the same"
    : "--no-connect writes all the same";
}

async function askWhat(answers: Answers, { listen, proof }: Tried, error: GatewayError): Promise<string> {
  const proofWord = proof.auth === "xoauth2" ? "token" : "password";
  const authority = listen["tls"] === "none" ? [] : ["ca-file"];
  const way = listen["tunnel"] === undefined ? ["server", "port", "tls", ...authority] : [];
  const guess = suspect(error);
  const usual = guess === "proof" ? proofWord : way.includes(guess) ? guess : "stop";
  const words = [proofWord, "account", ...way];
  return await answers.choose(
    `Correct ${words.join(", ")}; write all the same; or stop`,
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
  const answer = await answers.get(QUESTIONS[word] ?? word, {
    option: `--${word}`,
    usual: usualOf(word, listen),
    refuse: (answer) => faultOf({ ...withAnswer(answer), ...proof.listen }),
  });
  return { listen: withAnswer(answer), proof };
}

const QUESTIONS: Readonly<Record<string, string>> = {
  account: "Account",
  server: "Mail server",
  port: "Port",
  tls: "TLS implicit (from the first octet), by starttls, or none",
  "ca-file": "PEM file with the certificate of the authority that signs the server's",
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
  const rest = names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more` : "";
  answers.say(`Mailboxes: ${list}${rest}`);
  const mailbox = answers.value("mailbox") ??
    (answers.isAttended
      ? await answers.get("Mailbox to take from", {
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
  return `There is no mailbox "${plainText(answer)}"${
    near === undefined ? "" : `; did you mean "${plainText(near)}"?`
  }`;
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
