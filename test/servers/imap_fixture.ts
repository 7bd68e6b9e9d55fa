/** An IMAP server with one account, and a source opened on it. */
import * as v from "valibot";
import { imap } from "../../src/sources/imap.ts";
import type { ImapOptions } from "../../src/sources/imap_options.ts";
import type { Source, SourceContext } from "../../src/sources/source.ts";
import { testContext, type TestContextOptions } from "./context.ts";
import { type ImapServer, type ImapServerOptions, startImapServer } from "./imap_server.ts";
import { Mailbox } from "./mailbox.ts";

/** The fixture's account and its password. */
export const ACCOUNT = "ged@exemple.fr";
export const PASSWORD = "geheim-7";

/** What a test may set; without it one empty INBOX is served in clear text. */
export interface ImapFixtureOptions extends Partial<ImapServerOptions> {
  /** Entries of `[listen]` beside those that lead to the server. */
  readonly listen?: Readonly<Record<string, unknown>>;
  readonly context?: TestContextOptions;
}

/** A server and the way to it. */
export class ImapFixture implements AsyncDisposable {
  private constructor(
    readonly server: ImapServer,
    readonly inbox: Mailbox,
    private readonly given: ImapFixtureOptions,
  ) {}

  static async start(options: ImapFixtureOptions = {}): Promise<ImapFixture> {
    const inbox = options.mailboxes?.find(({ name }) => name === "INBOX") ?? new Mailbox();
    const users = { [ACCOUNT]: PASSWORD };
    const server = await startImapServer({ mailboxes: [inbox], users, ...options });
    return new ImapFixture(server, inbox, options);
  }

  get context(): SourceContext {
    return testContext(this.given.context);
  }

  /** The launcher's options, checked as a launcher file's would be. */
  options(listen: Readonly<Record<string, unknown>> = {}): ImapOptions {
    return v.parse(imap.options, {
      protocol: "imap",
      server: this.server.hostname,
      port: this.server.port,
      tls: "none",
      account: ACCOUNT,
      password: PASSWORD,
      ...this.given.listen,
      ...listen,
    });
  }

  async open(listen?: Readonly<Record<string, unknown>>): Promise<Source> {
    return await imap.open(this.options(listen), this.context);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}

/** A mail of about `bytes` octets. */
export function mailOf(bytes: number, subject = "courrier"): Uint8Array<ArrayBuffer> {
  const head = `Message-ID: <${subject}@exemple.fr>\r\nSubject: ${subject}\r\n\r\n`;
  const line = `${"0123456789".repeat(7)}\r\n`;
  const body = line.repeat(Math.max(0, Math.ceil((bytes - head.length) / line.length)));
  return new TextEncoder().encode(`${head}${body}`);
}
