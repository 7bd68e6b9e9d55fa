/** The questions of `new`: each is left out where an option answers it. */
import type { ServiceOptions } from "../../tunnel/types.ts";
import { type CommandLine, suggestion, UsageError } from "../command_line.ts";
import {
  type Provider,
  providerNamed,
  providerOf,
  providerOfServer,
  PROVIDERS,
} from "../config/providers.ts";
import { protocols } from "../sources/mod.ts";
import { afterOf } from "./after.ts";
import { Answers, refuseWord } from "./answers.ts";
import { say } from "./language.ts";
import type { Draft } from "./launcher_text.ts";
import { proofOf } from "./proof.ts";
import { faultOf, type Table, tryAnswers, validate } from "./trial.ts";

/** What the interview needs to know. */
export interface InterviewOptions {
  /** Whether there is a person to ask; without one, what is missing is an error. */
  readonly isAttended: boolean;
  readonly base: string;
  readonly services: readonly ServiceOptions[];
  readonly refuseName: (name: string) => string | undefined;
}

/** What cannot stand beside `--tunnel`: the service says it. */
const DECIDED_BY_TUNNEL = ["server", "provider", "port", "tls", "ca-file"];

/**
 * Asks, and tries to connect; `undefined` when that failed and nothing shall be written.
 *
 * @throws {UsageError} when something is missing and there is nobody to ask; `GivenUp` after Ctrl+C.
 */
export async function interview(line: CommandLine, options: InterviewOptions): Promise<Draft | undefined> {
  const answers = new Answers(line, options.isAttended);
  const service = serviceOf(answers, options);
  const name = await answers.get(say("Name of the launcher", "Nom du lanceur"), {
    option: "NAME",
    given: line.operands[0],
    refuse: options.refuseName,
  });
  const protocol = await protocolOf(answers, service);
  return protocol === "imap" || protocol === "pop3"
    ? await askMail(answers, { ...options, name, protocol, service })
    : await askFolder(answers, { name, protocol });
}

async function protocolOf(answers: Answers, service: ServiceOptions | undefined): Promise<string> {
  const isFolder = answers.value("path") !== undefined;
  const isGuessed = isFolder || service !== undefined || answers.value("account") !== undefined;
  const usual = isFolder ? "folder" : service?.mailProtocol === "pop3" ? "pop3" : "imap";
  const names = Object.keys(protocols);
  return await answers.get(
    say("Documents arrive by", "Les documents arrivent par") + ` ${names.join(", ")}`,
    {
      option: "--protocol",
      given: answers.value("protocol") ?? (isGuessed ? usual : undefined),
      usual,
      refuse: (answer) => refuseWord(answer, names),
    },
  );
}

/** The service that `--tunnel` names. */
function serviceOf(
  answers: Answers,
  { services }: Pick<InterviewOptions, "services">,
): ServiceOptions | undefined {
  const name = answers.value("tunnel");
  if (name === undefined) return undefined;
  const other = DECIDED_BY_TUNNEL.find((option) => answers.value(option) !== undefined);
  if (other !== undefined) {
    throw new UsageError(`Cannot use --${other} beside --tunnel: the service of the .conf file decides it`);
  }
  const usable = usableServices(services);
  const found = usable.find((service) => service.name === name);
  if (found) return found;
  const names = usable.map((service) => service.name);
  throw new UsageError(
    `Cannot use --tunnel ${name}: no .conf file has a service of that name that leads to a mail server${
      suggestion(name, names)
    }`,
  );
}

function usableServices(services: readonly ServiceOptions[]): ServiceOptions[] {
  return services.filter(({ client, verify, mailProtocol }) => client && verify && mailProtocol !== "smtp");
}

async function askFolder(
  answers: Answers,
  { name, protocol }: { name: string; protocol: string },
): Promise<Draft> {
  const path = await answers.get(say("Folder to take from", "Dossier où les prendre"), {
    option: "--path",
    given: answers.value("path"),
    usual: `var/${name}`,
  });
  const listen = { protocol, path, after: await afterOf(answers, protocol, "delete") };
  validate(listen);
  return {
    name,
    description: `${protocol === "adullact" ? "Enveloppes déposées" : "Fichiers déposés"} dans ${path}`,
    schedule: answers.value("schedule") ?? "push",
    listen,
    cold: await coldOf(answers, name),
  };
}

interface MailOptions extends InterviewOptions {
  readonly name: string;
  readonly protocol: "imap" | "pop3";
  readonly service: ServiceOptions | undefined;
}

async function askMail(answers: Answers, options: MailOptions): Promise<Draft | undefined> {
  const { name, protocol } = options;
  const address = await answers.get(say("Mail address to sign in with", "Adresse de la boîte"), {
    option: "--account",
    given: answers.value("account"),
    refuse: (account) => faultOf({ protocol, account }, "account"),
  });
  const way = await wayOf(answers, { ...options, address });
  const { provider } = way;
  if (provider) {
    const server = way.listen["server"] === undefined ? "" : `${way.listen["server"]}. `;
    answers.say(`${provider.title}${say(":", " :")} ${server}${say(provider.hint, provider.hintFr)}.`);
  }
  const isLocalPart = provider?.account === "local part" && address.includes("@");
  const account = isLocalPart ? address.slice(0, address.lastIndexOf("@")) : address;
  const mailbox = protocol === "imap" ? answers.value("mailbox") : undefined;
  const listen = { protocol, ...way.listen, account, ...(mailbox === undefined ? {} : { mailbox }) };
  const proof = await proofOf(answers, provider);
  const tried = answers.line.switches.has("no-connect")
    ? { listen, proof }
    : await tryAnswers(answers, { listen, proof, provider, place: options });
  if (tried === undefined) return undefined;
  const after = await afterOf(answers, protocol, "keep");
  const sinceDays = sinceDaysOf(answers);
  validate({ ...tried.listen, after, ...tried.proof.listen });
  const { password, listen: proven } = tried.proof;
  return {
    name,
    description: `Courriel de ${address}`,
    schedule: answers.value("schedule") ?? (protocol === "imap" ? "push" : "*/10 * * * *"),
    // A password that was typed goes to a file of its own.
    listen: { ...tried.listen, after, ...(password === undefined ? proven : {}) },
    ...(password === undefined ? {} : { password }),
    ...(sinceDays === undefined ? {} : { sinceDays }),
    cold: await coldOf(answers, name),
  };
}

interface Way {
  /** Of `[listen]`: the way to the server. */
  readonly listen: Table;
  readonly provider: Provider | undefined;
}

async function wayOf(answers: Answers, options: MailOptions & { readonly address: string }): Promise<Way> {
  const { protocol, service, address } = options;
  if (service) return { listen: { tunnel: service.name }, provider: providerOf(address) };
  const named = answers.value("provider");
  const isOther = answers.value("server") !== undefined;
  const known = named !== undefined ? providerNamed(named) : isOther ? undefined : providerOf(address);
  const server = await serverOf(answers, { ...options, known });
  if (usableServices(options.services).some(({ name }) => name === server) && !isOther) {
    return { listen: { tunnel: server }, provider: undefined };
  }
  const provider = known ?? providerNamed(server) ?? providerOfServer(server);
  const port = answers.value("port");
  if (port !== undefined && !/^\d{1,5}$/.test(port)) {
    throw new UsageError(`Cannot use --port ${port}: it is not a number`);
  }
  const [tls, caFile] = [answers.value("tls"), answers.value("ca-file")];
  return {
    listen: {
      server: providerNamed(server)?.[protocol] ?? server,
      ...(port === undefined ? {} : { port: Number(port) }),
      ...(tls === undefined ? {} : { tls }),
      ...(caFile === undefined ? {} : { ca_file: caFile }),
    },
    provider,
  };
}

async function serverOf(
  answers: Answers,
  { protocol, services, address, known }: MailOptions & {
    readonly address: string;
    readonly known: Provider | undefined;
  },
): Promise<string> {
  const domain = address.slice(address.lastIndexOf("@") + 1);
  const through = usableServices(services).filter(({ mailProtocol = protocol }) => mailProtocol === protocol);
  const others = [
    `${say("a provider", "un fournisseur")} (${Object.keys(PROVIDERS).join(", ")})`,
    ...(through.length === 0 ? [] : [
      `${say("a tunnel service", "un service de tunnel")} (${through.map(({ name }) => name).join(", ")})`,
    ]),
  ];
  return await answers.get(
    [say("Mail server", "Serveur de courriel"), ...others].join(say(", or ", ", ou ")),
    {
      option: "--server",
      given: answers.value("server") ?? known?.[protocol],
      ...(address.includes("@") ? { usual: `${protocol === "imap" ? "imap" : "pop"}.${domain}` } : {}),
      refuse: (server) => faultOf({ protocol, server }, "server"),
    },
  );
}

function sinceDaysOf(answers: Answers): number | undefined {
  const given = answers.value("since-days");
  if (given === undefined) return undefined;
  if (/^[1-9]\d{0,4}$/.test(given)) return Number(given);
  throw new UsageError(`Cannot use --since-days ${given}: it is not a number of days`);
}

async function coldOf(answers: Answers, name: string): Promise<string> {
  const given = answers.value("cold") ?? (answers.isAttended ? undefined : name);
  return await answers.get(say("COLD directory", "Répertoire COLD"), {
    option: "--cold",
    given,
    usual: name,
  });
}
