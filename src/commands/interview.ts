/** The questions of `new`: each is left out where an option answers it. */
import * as v from "valibot";
import { startTunnel } from "../../tunnel/mod.ts";
import type { ServiceOptions } from "../../tunnel/types.ts";
import { type CommandLine, UsageError } from "../command_line.ts";
import { dialService } from "../dial.ts";
import { GatewayError } from "../errors.ts";
import { contextFor } from "../launcher_context.ts";
import { protocols } from "../sources/mod.ts";
import type { Protocol, SourceContext } from "../sources/source.ts";
import { parseAfter, refuseAfter } from "./after.ts";
import { ask, askSecret } from "./ask.ts";
import type { Draft } from "./launcher_text.ts";
import { counted, plainText, printError } from "./output.ts";
import { type Provider, providerOf, PROVIDERS } from "../config/providers.ts";

/** Mailboxes named to choose from. */
const MAX_LISTED = 40;

/** What the interview needs to know. */
export interface InterviewOptions {
  /** Whether there is a person to ask; without one, what is missing is an error. */
  readonly isAttended: boolean;
  readonly base: string;
  readonly services: readonly ServiceOptions[];
  readonly refuseName: (name: string) => string | undefined;
}

/**
 * Asks, and tries to connect; `undefined` when that failed and nothing shall be written.
 *
 * @throws {UsageError} when something is missing and there is nobody to ask; `GivenUp` after Ctrl+C.
 */
export async function interview(line: CommandLine, options: InterviewOptions): Promise<Draft | undefined> {
  return await new Interview(line, options).run();
}

type Table = Record<string, unknown>;

class Interview {
  readonly #values: CommandLine["values"];
  #password: string | undefined;

  constructor(readonly line: CommandLine, readonly options: InterviewOptions) {
    this.#values = line.values;
  }

  async run(): Promise<Draft | undefined> {
    const name = await this.#answer(this.line.operands[0], "Name of the launcher", {
      option: "NAME",
      refuse: this.options.refuseName,
    });
    const usual = this.#values["path"] === undefined ? "imap" : "folder";
    const isGuessed = this.#values["path"] !== undefined || this.#values["account"] !== undefined;
    const protocol = await this.#answer(
      this.#values["protocol"] ?? (isGuessed ? usual : undefined),
      `Documents arrive by ${Object.keys(protocols).join(", ")}`,
      {
        option: "--protocol",
        usual,
        refuse: (answer) => Object.hasOwn(protocols, answer) ? undefined : `There is no "${answer}"`,
      },
    );
    return protocol === "imap" || protocol === "pop3"
      ? await this.#mail(name, protocol)
      : await this.#folder(name, protocol);
  }

  async #folder(name: string, protocol: string): Promise<Draft | undefined> {
    const path = await this.#answer(this.#values["path"], "Folder to take from", {
      option: "--path",
      usual: `var/${name}`,
    });
    const after = await this.#after(protocol, "delete");
    const listen = { protocol, path, after };
    this.#validate(listen);
    return {
      name,
      description: `${protocol === "adullact" ? "Enveloppes déposées" : "Fichiers déposés"} dans ${path}`,
      schedule: this.#values["schedule"] ?? "push",
      listen,
      cold: await this.#cold(name),
    };
  }

  async #mail(name: string, protocol: "imap" | "pop3"): Promise<Draft | undefined> {
    const address = await this.#answer(this.#values["account"], "Mail address to sign in with", {
      option: "--account",
    });
    const named = this.#values["provider"];
    const isOther = this.#values["server"] !== undefined;
    const provider = named !== undefined ? PROVIDERS[named] : isOther ? undefined : providerOf(address);
    if (provider) this.#say(`${provider.title}: ${provider[protocol]}. ${provider.hint}.`);
    let listen = await this.#listenOf(address, { protocol, provider });
    const tokenFile = await this.#tokenFile(provider);
    const passwordFile = this.#values["password-file"];
    if (tokenFile !== undefined) listen["auth"] = "xoauth2";
    else if (passwordFile === undefined) this.#password = await this.#secret(provider);
    if (!this.line.switches.has("no-connect")) {
      const tried = await this.#connect(listen, { tokenFile, passwordFile, provider });
      if (tried === undefined) return undefined;
      listen = tried;
    }
    const after = await this.#after(protocol, "keep");
    const sinceDays = this.#sinceDays();
    this.#validate({ ...listen, after, ...this.#secretOf({ tokenFile, passwordFile }) });
    return {
      name,
      description: `Courriel de ${address}`,
      schedule: this.#values["schedule"] ?? (protocol === "imap" ? "push" : "*/10 * * * *"),
      listen: { ...listen, after },
      ...(this.#password === undefined ? {} : { password: this.#password }),
      ...(passwordFile === undefined ? {} : { passwordFile }),
      ...(tokenFile === undefined ? {} : { tokenFile }),
      ...(sinceDays === undefined ? {} : { sinceDays }),
      cold: await this.#cold(name),
    };
  }

  async #listenOf(
    address: string,
    { protocol, provider }: { protocol: "imap" | "pop3"; provider: Provider | undefined },
  ): Promise<Table> {
    const domain = address.slice(address.lastIndexOf("@") + 1);
    const server = await this.#answer(this.#values["server"] ?? provider?.[protocol], "Mail server", {
      option: "--server",
      ...(address.includes("@") ? { usual: `${protocol === "imap" ? "imap" : "pop"}.${domain}` } : {}),
    });
    const port = this.#values["port"];
    if (port !== undefined && !/^\d{1,5}$/.test(port)) {
      throw new UsageError(`Cannot use --port ${port}: it is not a number`);
    }
    const tls = this.#values["tls"];
    const isLocalPart = provider?.account === "local part" && address.includes("@");
    return {
      protocol,
      server,
      ...(port === undefined ? {} : { port: Number(port) }),
      ...(tls === undefined ? {} : { tls }),
      account: isLocalPart ? address.slice(0, address.lastIndexOf("@")) : address,
    };
  }

  async #tokenFile(provider: Provider | undefined): Promise<string | undefined> {
    const given = this.#values["token-file"];
    if (given !== undefined || provider?.auth !== "xoauth2" || this.#values["password-file"] !== undefined) {
      return given;
    }
    return await this.#answer(undefined, "File with the access token", { option: "--token-file" });
  }

  async #secret(provider: Provider | undefined): Promise<string> {
    if (!this.options.isAttended) throw this.#missing("--password-file");
    const secret = await askSecret(provider?.title === "Gmail" ? "App password" : "Password");
    // Google shows its app passwords in groups of four.
    return provider?.title === "Gmail" ? secret.replaceAll(/\s/g, "") : secret;
  }

  #secretOf(
    { tokenFile, passwordFile }: { tokenFile: string | undefined; passwordFile: string | undefined },
  ) {
    if (tokenFile !== undefined) return { token: { file: tokenFile } };
    return { password: passwordFile === undefined ? this.#password ?? "" : { file: passwordFile } };
  }

  /** Signs in with what was answered, asking again for what is wrong; the answers that held. */
  async #connect(
    listen: Table,
    secrets: {
      tokenFile: string | undefined;
      passwordFile: string | undefined;
      provider: Provider | undefined;
    },
  ): Promise<Table | undefined> {
    for (;;) {
      const options = { ...listen, ...this.#secretOf(secrets) };
      this.#validate(options);
      const port = listen["port"] === undefined ? "" : `:${listen["port"]}`;
      this.#say(`Connecting to ${listen["server"]}${port} as ${listen["account"]} …`);
      try {
        const mailbox = await this.#chooseMailbox(options);
        const chosen = { ...options, ...mailbox };
        this.#say(`Signed in: ${counted(await this.#count(chosen), "mail")} there.`);
        return { ...listen, ...mailbox };
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        printError(plainText(error.message));
        if (!this.options.isAttended) {
          printError("Nothing was written; --no-connect writes all the same");
          return undefined;
        }
        const what = await ask("Correct password, account, server or port; write all the same; or stop", {
          usual: "password",
          refuse: (answer) =>
            /^(?:password|account|server|port|write|stop)$/.test(answer) ? undefined : "One of these words",
        });
        if (what === "stop") return undefined;
        if (what === "write") return listen;
        if (what === "password") this.#password = await this.#secret(secrets.provider);
        else listen[what] = what === "port" ? Number(await ask("port")) : await ask(what);
      }
    }
  }

  async #chooseMailbox(options: Table): Promise<Table> {
    const given = this.#values["mailbox"];
    const { mailboxes } = protocolOf(options);
    if (!mailboxes) return {};
    const names = await this.#withContext((context) => mailboxes(parsed(options), context));
    const list = names.slice(0, MAX_LISTED).map(plainText).join(", ");
    this.#say(
      `Mailboxes: ${list}${names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more` : ""}`,
    );
    const mailbox = given ?? (this.options.isAttended
      ? await ask("Mailbox to take from", {
        usual: "INBOX",
        refuse: (answer) => names.includes(answer) ? undefined : `There is no mailbox "${answer}"`,
      })
      : "INBOX");
    return mailbox === "INBOX" ? {} : { mailbox };
  }

  async #count(options: Table): Promise<number> {
    return await this.#withContext(async (context) => {
      await using source = await protocolOf(options).open(parsed(options), context);
      let count = 0;
      for await (const _ of source.items()) count++;
      return count;
    });
  }

  async #withContext<T>(use: (context: SourceContext) => Promise<T>): Promise<T> {
    const { base, services } = this.options;
    await using tunnel = await startTunnel({ services, listen: false });
    const { signal } = new AbortController();
    return await use(contextFor({ base, signal, dial: (name, signal) => dialService(tunnel, name, signal) }));
  }

  async #after(protocol: string, usual: string): Promise<unknown> {
    const given = this.#values["after"];
    const refuse = (answer: string) => refuseAfter(answer, protocol);
    if (given !== undefined || !this.options.isAttended) {
      const fault = refuse(given ?? "keep");
      if (fault !== undefined) throw new UsageError(`Cannot use --after ${given}: ${fault}`);
      return parseAfter(given ?? "keep");
    }
    return parseAfter(
      await ask("Once delivered, the original: keep, delete, move:WHERE …", { usual, refuse }),
    );
  }

  #sinceDays(): number | undefined {
    const given = this.#values["since-days"];
    if (given === undefined) return undefined;
    if (/^[1-9]\d{0,4}$/.test(given)) return Number(given);
    throw new UsageError(`Cannot use --since-days ${given}: it is not a number of days`);
  }

  async #cold(name: string): Promise<string> {
    const given = this.#values["cold"] ?? (this.options.isAttended ? undefined : name);
    return await this.#answer(given, "COLD directory", { option: "--cold", usual: name });
  }

  async #answer(
    given: string | undefined,
    question: string,
    { option, usual, refuse }: {
      option: string;
      usual?: string;
      refuse?: (answer: string) => string | undefined;
    },
  ): Promise<string> {
    if (given !== undefined) {
      const fault = refuse?.(given);
      if (fault !== undefined) throw new UsageError(fault);
      return given;
    }
    if (!this.options.isAttended) throw this.#missing(option);
    return await ask(question, { ...(usual === undefined ? {} : { usual }), ...(refuse ? { refuse } : {}) });
  }

  #missing(option: string): UsageError {
    return new UsageError(
      `Cannot make a launcher: ${option} is missing, and there is no terminal to ask on; see deno task new --help`,
    );
  }

  #validate(listen: Table): void {
    const { issues } = v.safeParse(protocolOf(listen).options, listen);
    const [issue] = issues ?? [];
    if (!issue) return;
    const key = v.getDotPath(issue) ?? "listen";
    throw new UsageError(`Cannot use these answers: ${key} ${issue.message}`);
  }

  #say(text: string): void {
    if (!this.line.json) printError(text);
  }
}

function protocolOf(listen: Table): Protocol {
  const name = listen["protocol"] as keyof typeof protocols;
  return protocols[name] as Protocol;
}

/** Checked before: this only fills in defaults. */
function parsed(listen: Table): unknown {
  return v.parse(protocolOf(listen).options, listen);
}
