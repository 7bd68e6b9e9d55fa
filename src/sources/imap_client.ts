/** A signed-in IMAP connection: imapflow with its pitfalls closed, and errors for an administrator. */
import { ImapFlow, type ListResponse, type MailboxLockObject, type MailboxObject } from "imapflow";
import { SourceError } from "../errors.ts";
import { answerOf, imapError, isMailboxMissing, isRefused, refusal, signInError } from "./imap_fault.ts";
import type { ImapOptions } from "./imap_options.ts";
import { transportOver } from "./imap_transport.ts";
import { openConnection } from "./mail_server.ts";
import type { SourceContext } from "./source.ts";

const PORTS = { implicit: 993, plain: 143 };
const GREETING_TIMEOUT_MS = 15_000;
// A server may well think for a minute before it answers a SEARCH.
const SILENCE_TIMEOUT_MS = 120_000;
// A server may drop a client that idles for 29 minutes (RFC 2177).
const IDLE_MS = 25 * 60_000;
// Chunks of mails are far smaller; a server that ignores the range asked for may still send a whole mail.
const MAX_LITERAL_BYTES = 32 * 1024 * 1024;
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const MAX_LISTED_MAILBOXES = 30;

/** What a caller may set beside the launcher's options. */
export interface ImapClientSettings {
  /** How long the server may be silent while an answer is due; then the connection counts as dead. */
  readonly silenceMs?: number;
  /** How soon after the last command IDLE begins, and how long it lasts before it is begun anew. */
  readonly idleAfterMs?: number;
  readonly idleMs?: number;
}

/** How a mailbox is to be opened. */
export interface Opening {
  readonly isReadOnly: boolean;
  /** What is being done, for messages: `list the mails of "INBOX"`. */
  readonly action: string;
}

/** One connection, signed in; commands of several callers take turns. */
export class ImapClient {
  readonly flow: ImapFlow;
  /** Names the server in messages, with quotes. */
  readonly peer: string;
  /** Of whose turn it is. */
  #serving: AbortSignal | undefined;
  readonly #closed = Promise.withResolvers<void>();
  #linkError: unknown;
  #answer: string | undefined;
  #working = 0;

  private constructor(
    options: ImapOptions,
    { link, secret, settings }: {
      readonly link: Awaited<ReturnType<typeof openConnection>>;
      readonly secret: string;
      readonly settings: ImapClientSettings;
    },
  ) {
    this.peer = link.peer;
    const { account, auth, tls = "implicit" } = options;
    // imapflow reports many refusals as `false` and tells the reason only to its logger.
    const logger = {
      isLevelEnabled: (level: string) => level === "warn",
      debug() {},
      info() {},
      error() {},
      warn: (entry: unknown) => {
        if (typeof entry === "object" && entry !== null && "err" in entry) this.#answer = answerOf(entry.err);
      },
    };
    this.flow = new ImapFlow({
      host: options.server ?? options.tunnel ?? "",
      port: options.port ?? (tls === "implicit" ? PORTS.implicit : PORTS.plain),
      // What lies behind a tunnel is secured there. imapflow goes on in clear text when doSTARTTLS is not set.
      secure: tls === "implicit",
      doSTARTTLS: tls === "starttls",
      transport: transportOver(link),
      auth: auth === "xoauth2" ? { user: account, accessToken: secret } : { user: account, pass: secret },
      clientInfo: { name: "Lanceur", version: "", vendor: "", "support-url": "" },
      logger,
      greetingTimeout: GREETING_TIMEOUT_MS,
      socketTimeout: settings.silenceMs ?? SILENCE_TIMEOUT_MS,
      maxIdleTime: settings.idleMs ?? IDLE_MS,
      ...(settings.idleAfterMs === undefined ? {} : { autoIdleDelay: settings.idleAfterMs }),
      maxLineLength: MAX_LINE_BYTES,
      maxLiteralSize: MAX_LITERAL_BYTES,
      maxResponseSize: MAX_LINE_BYTES + MAX_LITERAL_BYTES,
      disableCompression: true,
      disableAutoEnable: true,
      disableIMAP4rev2: true,
    });
    // Without a listener a silent server would end the process.
    this.flow.on("error", (error: unknown) => this.#linkError ??= error);
    this.flow.on("close", () => this.#closed.resolve());
  }

  /**
   * Connects and signs in. The context's signal ends only that: who uses the connection has it `serve` a signal.
   *
   * @throws {SourceError} `credentials` only when the server refused them; the signal's reason when it is aborted.
   */
  static async connect(
    options: ImapOptions,
    context: SourceContext,
    settings: ImapClientSettings = {},
  ): Promise<ImapClient> {
    const { signal } = context;
    const secret = await secretOf(options, context);
    // Belongs to the account: another launcher may go on with it when the one that has opened it is gone.
    const connecting = new AbortController();
    const onAbort = () => connecting.abort(signal.reason);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    try {
      const link = await openConnection(options, {
        context: { ...context, signal: connecting.signal },
        ports: PORTS,
      });
      const client = new ImapClient(options, { link, secret, settings });
      await client.#signIn(options, secret).finally(() => {
        if (client.flow.isClosed) link.close();
      });
      return client;
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  async #signIn({ account, auth }: ImapOptions, secret: string): Promise<void> {
    try {
      await this.flow.connect();
    } catch (error) {
      this.close();
      throw signInError(error, { peer: this.peer, linkError: this.#linkError, account, auth, secret });
    }
  }

  /** Whether RFC822.SIZE is a guess: Exchange saves itself the trouble unless told otherwise (EnableExactRFC822Size). */
  get announcesEstimates(): boolean {
    return /exchange/i.test(`${this.flow.serverInfo?.name ?? ""} ${this.flow.greeting ?? ""}`);
  }

  /** Whether something is being done in a mailbox. */
  get isBusy(): boolean {
    return this.#working > 0;
  }

  /** Whether the connection has ended, so that no command can succeed. */
  get isClosed(): boolean {
    return this.flow.isClosed || !this.flow.usable;
  }

  /** Resolves when the connection has ended, for whatever reason. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /**
   * Opens the mailbox, keeps it open while `work` runs, and lets nobody else in meanwhile.
   *
   * @throws {SourceError} which explains what failed; for a missing mailbox it names those that exist.
   */
  async within<T>(
    path: string,
    { isReadOnly, action }: Opening,
    work: (mailbox: MailboxObject) => Promise<T>,
  ): Promise<T> {
    this.#working++;
    try {
      const lock = await this.#lock(path, isReadOnly);
      try {
        const { mailbox } = this.flow;
        if (mailbox === false) throw refusal(undefined, action);
        this.#answer = undefined;
        return await work(mailbox);
      } finally {
        lock.release();
      }
    } catch (error) {
      throw this.explain(error, action);
    } finally {
      this.#working--;
    }
  }

  async #lock(path: string, isReadOnly: boolean): Promise<MailboxLockObject> {
    try {
      return await this.flow.getMailboxLock(path, { readOnly: isReadOnly });
    } catch (error) {
      if (isMailboxMissing(error) || (isRefused(error) && await this.#isNoMailbox(path))) {
        throw await this.#missing(path);
      }
      throw error;
    }
  }

  /** Whether a path is that of a mere folder for mailboxes, which imapflow takes for a mailbox. */
  async #isNoMailbox(path: string): Promise<boolean> {
    return (await this.mailboxes()).some((mailbox) => mailbox.path === path && !isSelectable(mailbox));
  }

  /** What to throw for a failed command. */
  explain(error: unknown, action: string): unknown {
    if (this.#serving?.aborted) return this.#serving.reason;
    return imapError(error, { peer: this.peer, action, linkError: this.#linkError });
  }

  /** What to throw when the connection has ended outside of one's turn. */
  ended(action: string): unknown {
    return imapError(this.gone(), { peer: this.peer, action, linkError: this.#linkError });
  }

  /** What to throw when imapflow only says `false`: the refusal, or that the connection has ended. */
  refused(action: string): unknown {
    if (this.isClosed) return this.explain(this.gone(), action);
    return refusal(this.#answer, action);
  }

  /** Why the connection is no longer there. */
  gone(): unknown {
    return this.#linkError ?? Object.assign(new Error("closed"), { code: "NoConnection" });
  }

  /** Whether mailboxes are Gmail's labels. */
  get isGmail(): boolean {
    return this.flow.capabilities.has("X-GM-EXT-1");
  }

  /** The paths of all mailboxes. */
  async paths(): Promise<string[]> {
    return (await this.mailboxes()).map(({ path }) => path);
  }

  /** All mailboxes, with what the server says of each. */
  async mailboxes(): Promise<ListResponse[]> {
    try {
      return await this.flow.list();
    } catch (error) {
      throw this.explain(error, `list the mailboxes of ${this.peer}`);
    }
  }

  /** Ends with this signal, one at a time, until the function that it returns is called. */
  serve(signal: AbortSignal): () => void {
    const onAbort = () => this.close();
    this.#serving = signal;
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) this.close();
    return () => {
      signal.removeEventListener("abort", onAbort);
      if (this.#serving === signal) this.#serving = undefined;
    };
  }

  /** Says goodbye; the connection is closed either way. */
  async logout(): Promise<void> {
    await this.flow.logout();
    this.close();
  }

  /** Drops the connection; can be repeated. */
  close(): void {
    this.flow.close();
  }

  async #missing(path: string): Promise<unknown> {
    const paths = (await this.mailboxes()).filter(isSelectable).map((mailbox) => mailbox.path);
    const shown = paths.slice(0, MAX_LISTED_MAILBOXES).map((name) => `"${name}"`).join(", ");
    const more = paths.length > MAX_LISTED_MAILBOXES
      ? ` and ${paths.length - MAX_LISTED_MAILBOXES} more`
      : "";
    return new SourceError(
      "refused",
      `Cannot open the mailbox "${path}" of ${this.peer}: it does not exist; there are ${shown}${more}`,
    );
  }
}

function isSelectable({ flags }: ListResponse): boolean {
  return !flags.has("\\NonExistent") && !flags.has("\\Noselect");
}

async function secretOf(options: ImapOptions, context: SourceContext): Promise<string> {
  const [what, given] = options.auth === "xoauth2"
    ? ["token", options.token]
    : ["password", options.password];
  if (given === undefined) throw new TypeError(`Cannot sign in: no ${what} is given`);
  const secret = options.auth === "xoauth2"
    ? (await context.secret(given)).trim()
    : await context.secret(given);
  if (secret === "") {
    throw new SourceError("credentials", `Cannot sign in as "${options.account}": the ${what} is empty`);
  }
  return secret;
}
