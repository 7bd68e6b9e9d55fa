/**
 * An IMAP4rev1 server in memory, for tests and the demo: enough for imapflow and common clients, and ready
 * to misbehave on demand. Clear text, TLS from the first octet, or STARTTLS.
 */
import { ImapSession } from "./imap_session.ts";
import { Mailbox, type StoredMail } from "./mailbox.ts";

const CAPABILITIES: readonly string[] = [
  "SASL-IR",
  "LITERAL+",
  "AUTH=PLAIN",
  "AUTH=XOAUTH2",
  "ID",
  "NAMESPACE",
  "ENABLE",
  "IDLE",
  "MOVE",
  "UIDPLUS",
];

/** What happens instead of an answer: nothing ever, the line cut, a farewell, or a completion such as `NO no`. */
export type ImapFault = "stall" | "cut" | { readonly bye: string } | `${"OK" | "NO" | "BAD"} ${string}`;

/** How the server misbehaves; may be changed while it runs. */
export interface ImapFaults {
  /** Instead of the greeting; with `* BYE` the connection ends after it. */
  greeting?: string;
  /** Completion of every sign-in, such as `NO [UNAVAILABLE] later`. */
  refuseSignIn?: `${"NO" | "BAD"} ${string}`;
  /** Asked before each command, with its name (`UID FETCH`) and its text after the tag. */
  at?: (name: string, text: string) => ImapFault | undefined;
  /** RFC822.SIZE instead of the truth. */
  announcedBytes?: (mail: StoredMail) => number;
  /** What PERMANENTFLAGS lists; system flags and any keyword unless given. */
  permanentFlags?: string;
  /** Every number of a SEARCH and every row of a FETCH comes twice, and a row of another mail with it. */
  repeats?: boolean;
  /** The end of IDLE is never answered. */
  endlessIdle?: boolean;
  /** Writes in pieces of so many octets. */
  chunkBytes?: number;
  /** Cuts the line once the server has sent so many octets, counted since its start. */
  cutAfterBytes?: number;
}

/** What a test or the demo may set; the rest has harmless defaults. */
export interface ImapServerOptions {
  readonly mailboxes: Mailbox[];
  /** Passwords by account. */
  readonly users?: Readonly<Record<string, string>>;
  /** OAuth 2 access tokens by account. */
  readonly tokens?: Readonly<Record<string, string>>;
  /** Certificate and key, PEM; without them there is no TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** With `tls`: secured from the first octet (the default), or by STARTTLS. */
  readonly security?: "implicit" | "starttls";
  /** Replaces what is announced beside IMAP4rev1. */
  readonly capabilities?: readonly string[];
  /** What ID answers. */
  readonly id?: Readonly<Record<string, string>>;
  readonly faults?: ImapFaults;
}

/** What the sessions of one server share. */
export interface ImapServerState {
  readonly mailboxes: Mailbox[];
  readonly users: Readonly<Record<string, string>>;
  readonly tokens: Readonly<Record<string, string>>;
  readonly capabilities: readonly string[];
  readonly id: Readonly<Record<string, string>>;
  readonly faults: ImapFaults;
  readonly commands: string[];
  /** Octets sent to all clients so far, before TLS. */
  sentBytes: number;
  /** Resolves when the server ends: what a stalled session waits for. */
  readonly stalled: Promise<void>;
  newMailbox(name: string): Mailbox;
}

/** A running server; disposing it ends every connection. */
export interface ImapServer extends AsyncDisposable {
  readonly hostname: string;
  readonly port: number;
  readonly mailboxes: readonly Mailbox[];
  /** Every command of every client after its tag, without passwords and literals. */
  readonly commands: readonly string[];
  readonly faults: ImapFaults;
  /** Octets sent to all clients so far, before TLS. */
  readonly sentBytes: number;
  /** How many clients there were so far. */
  readonly clientCount: number;
  /** How many there are. */
  readonly clientsNow: number;
  /** How many of them there were at once, at most. */
  readonly clientPeak: number;
  /** Cuts every connection that is open now. */
  cut(): void;
}

/** Starts a server on a free port of 127.0.0.1. */
export function startImapServer(options: ImapServerOptions): Promise<ImapServer> {
  return Promise.resolve(new RunningServer(options));
}

class RunningServer implements ImapServer {
  readonly hostname = "127.0.0.1";
  readonly port: number;
  readonly #state: ImapServerState;
  readonly #listener: Deno.TcpListener;
  readonly #inner: Deno.TlsListener | undefined;
  readonly #security: "none" | "implicit" | "starttls";
  readonly #open = new Set<Deno.Conn>();
  /** The client's side of a secured connection, by the port that its octets come from. */
  readonly #outer = new Map<number, Deno.Conn>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #stalled = Promise.withResolvers<void>();
  #clientCount = 0;
  #clientsNow = 0;
  #clientPeak = 0;

  constructor(options: ImapServerOptions) {
    this.#state = {
      mailboxes: options.mailboxes,
      users: options.users ?? {},
      tokens: options.tokens ?? {},
      capabilities: options.capabilities ?? CAPABILITIES,
      id: options.id ?? { name: "Test" },
      faults: options.faults ?? {},
      commands: [],
      sentBytes: 0,
      stalled: this.#stalled.promise,
      newMailbox: (name) => new Mailbox(name),
    };
    this.#security = options.tls === undefined ? "none" : options.security ?? "implicit";
    this.#listener = Deno.listen({ hostname: this.hostname, port: 0 });
    this.port = this.#listener.addr.port;
    // Deno secures a server's connection only as it is accepted. So clients come in on a plain listener,
    // and their octets are passed to this one when TLS begins; cutting the outer side gives a truncation.
    this.#inner = options.tls === undefined
      ? undefined
      : Deno.listenTls({ hostname: this.hostname, port: 0, ...options.tls });
    this.#track(this.#acceptAll(this.#listener, (conn) => this.#serveOuter(conn)));
    if (this.#inner !== undefined) {
      this.#track(this.#acceptAll(this.#inner, (conn) => this.#serveInner(conn)));
    }
  }

  get mailboxes(): readonly Mailbox[] {
    return this.#state.mailboxes;
  }

  get commands(): readonly string[] {
    return this.#state.commands;
  }

  get faults(): ImapFaults {
    return this.#state.faults;
  }

  get sentBytes(): number {
    return this.#state.sentBytes;
  }

  get clientCount(): number {
    return this.#clientCount;
  }

  get clientsNow(): number {
    return this.#clientsNow;
  }

  get clientPeak(): number {
    return this.#clientPeak;
  }

  cut(): void {
    for (const conn of this.#open) close(conn);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.#inner?.close();
    this.#stalled.resolve();
    this.cut();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #track(work: Promise<unknown>): void {
    const tracked = work.catch(() => {}).finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  async #acceptAll<C extends Deno.Conn>(
    listener: AsyncIterable<C>,
    serve: (conn: C) => Promise<void>,
  ): Promise<void> {
    try {
      for await (const conn of listener) {
        this.#open.add(conn);
        this.#track(
          serve(conn).finally(() => {
            this.#open.delete(conn);
            close(conn);
          }),
        );
      }
    } catch {
      // The listener was closed.
    }
  }

  async #serveOuter(conn: Deno.TcpConn): Promise<void> {
    this.#clientCount++;
    this.#clientsNow++;
    this.#clientPeak = Math.max(this.#clientPeak, this.#clientsNow);
    conn.setNoDelay(true);
    await this.#converse(conn).finally(() => this.#clientsNow--);
  }

  async #converse(conn: Deno.TcpConn): Promise<void> {
    if (this.#security === "implicit") return await this.#passToInner(conn);
    const canStartTls = this.#security === "starttls";
    const end = await new ImapSession(conn, this.#state, { canStartTls, isGreeted: false }).run();
    if (end === "starttls") await this.#passToInner(conn);
  }

  async #serveInner(conn: Deno.TlsConn): Promise<void> {
    const isGreeted = this.#security === "starttls";
    const end = await new ImapSession(conn, this.#state, { canStartTls: false, isGreeted }).run();
    const outer = this.#outer.get(portOf(conn.remoteAddr));
    // Closing only the inner side would say goodbye to the client in good TLS form.
    if (end === "cut" && outer !== undefined) close(outer);
  }

  async #passToInner(outer: Deno.Conn): Promise<void> {
    if (this.#inner === undefined) return;
    const inner = await Deno.connect({ hostname: this.hostname, port: portOf(this.#inner.addr) });
    const port = portOf(inner.localAddr);
    inner.setNoDelay(true);
    this.#open.add(inner);
    this.#outer.set(port, outer);
    try {
      await Promise.race([pass(outer, inner), pass(inner, outer)]);
    } finally {
      this.#open.delete(inner);
      this.#outer.delete(port);
      close(inner);
      close(outer);
    }
  }
}

function portOf(address: Deno.Addr): number {
  return "port" in address ? address.port : 0;
}

async function pass(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const chunk = new Uint8Array(1 << 16);
  try {
    for (let count = await from.read(chunk); count !== null; count = await from.read(chunk)) {
      for (let rest = chunk.subarray(0, count); rest.length > 0;) {
        rest = rest.subarray(await to.write(rest));
      }
    }
  } catch {
    // Either side has gone; the other is closed in turn.
  }
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It is closed already.
  }
}
