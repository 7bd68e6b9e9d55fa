/** What the mailbox protocols share: the options that say where the server is, and the way there. */
import { X509Certificate } from "node:crypto";
import * as v from "valibot";
import { SourceError } from "../errors.ts";
import { secretOption } from "../secret.ts";
import { connectionFault } from "./connection_fault.ts";
import type { Connection, SourceContext } from "./source.ts";

const CONNECT_TIMEOUT_MS = 10_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;

const TOKEN_FORM = 'must be { file = "path" }, a file that always holds a fresh access token, or ' +
  '{ command = ["/usr/local/bin/token", "ged@exemple.fr"] }, a program that prints one';
const VARIABLE_FORM = 'env must be a list of names of environment variables, such as ["CLIENT_SECRET"]';
const COMMAND_FORM =
  'command must be a list of the program and its arguments, such as ["/usr/local/bin/token"]';

const tokenOption = v.union([
  v.strictObject({ file: v.pipe(v.string(TOKEN_FORM), v.nonEmpty("file must be a path")) }, TOKEN_FORM),
  v.strictObject({
    command: v.pipe(
      v.array(v.string(COMMAND_FORM), COMMAND_FORM),
      v.minLength(1, COMMAND_FORM),
      v.maxLength(50, "command must have at most 50 words"),
      v.check(([program = ""]) => program.trim() !== "", COMMAND_FORM),
    ),
    env: v.optional(v.pipe(
      v.array(
        v.pipe(v.string(VARIABLE_FORM), v.regex(/^[A-Za-z_][A-Za-z0-9_]{0,100}$/, VARIABLE_FORM)),
        VARIABLE_FORM,
      ),
      v.maxLength(50, "env must name at most 50 variables"),
    )),
  }, TOKEN_FORM),
], TOKEN_FORM);

const SERVER_FORM =
  'must be a host name or an address alone, such as "pop.gmail.com" (the port has its own option)';
const PORT_FORM = "must be a whole number from 1 to 65535";

/** The entries of `[listen]` that IMAP and POP3 share; `checkMailServer` says how they go together. */
export const mailServerOptions = {
  tunnel: v.optional(v.pipe(
    v.string('must be the name of a service, such as "gmail-pop3"'),
    v.nonEmpty("must name a service of a .conf file"),
    v.description("Service of a .conf file through which the server is reached; instead of server"),
  )),
  server: v.optional(v.pipe(
    v.string(SERVER_FORM),
    // No flags: the JSON Schema for editors keeps the pattern alone.
    v.regex(/^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,252}|\[?[0-9A-Fa-f:.]+\]?)$/, SERVER_FORM),
    v.description("Host name or address of the mail server; instead of tunnel"),
  )),
  port: v.optional(v.pipe(
    v.number(PORT_FORM),
    v.integer(PORT_FORM),
    v.minValue(1, PORT_FORM),
    v.maxValue(65535, PORT_FORM),
    v.description("Port of the server; by default the protocol's own, for TLS or not"),
  )),
  tls: v.optional(v.pipe(
    v.picklist(["implicit", "starttls", "none"], 'must be "implicit", "starttls" or "none"'),
    v.description(
      "How the connection is secured: implicit (the default) from the first octet, starttls after the greeting " +
        "and never without, none not at all: the password travels in clear text",
    ),
  )),
  ca_file: v.optional(v.pipe(
    v.string("must be the path of a PEM file"),
    v.nonEmpty("must be the path of a PEM file"),
    v.description("PEM file of a private certificate authority, trusted beside the public ones"),
  )),
  account: v.pipe(
    v.string('must be the name to sign in with, such as "ged@exemple.fr"'),
    v.nonEmpty("must not be empty"),
    // deno-lint-ignore no-control-regex -- A line end here would start a command of its own.
    v.regex(/^[^\x00-\x1f\x7f]+$/, "must not contain control characters"),
    v.description("Name to sign in with, mostly the mail address"),
  ),
  auth: v.optional(
    v.pipe(
      v.picklist(["password", "xoauth2"], 'must be "password" or "xoauth2"'),
      v.description("What proves the account: its password, or an OAuth 2 access token (xoauth2)"),
    ),
    "password",
  ),
  password: v.optional(v.pipe(
    secretOption,
    v.description("Password of the account, for Gmail an app password: { env }, { file }, or text"),
  )),
  token: v.optional(v.pipe(
    tokenOption,
    v.description(
      'Where the access token is, for auth = "xoauth2", asked anew at each connection: a file, or a program that ' +
        "prints it and may be run only when LANCEUR_RUN names its absolute path in the environment of the gateway. " +
        "Of that environment it gets PATH, HOME, the language, folders and proxies, and what env names: " +
        '{ command = ["/usr/local/bin/token"], env = ["CLIENT_SECRET"] }',
    ),
  )),
};

const anyMailServer = v.strictObject(mailServerOptions);

/** The shared options, as the launcher file gave them. */
export type MailServerOptions = v.InferOutput<typeof anyMailServer>;

/** The rules between the shared options, for the end of a protocol's `v.pipe`: they hold beside other faults. */
export function checkMailServer<T extends MailServerOptions>(): v.RawCheckAction<T> {
  return v.rawCheck<T>(({ dataset, addIssue }) => {
    const given = dataset.value as Record<string, unknown>;
    const has = (key: string) => given[key] !== undefined;
    const complain = (key: string, message: string) => {
      addIssue({
        message,
        path: [{ type: "object", origin: "value", input: given, key, value: given[key] }],
      });
    };
    if (!has("tunnel") && !has("server")) complain("server", "is missing: give server, or tunnel");
    if (has("tunnel")) {
      if (has("server")) complain("server", "cannot stand beside tunnel: give one of them");
      for (const key of ["port", "tls", "ca_file"].filter(has)) {
        complain(key, "cannot stand beside tunnel: the service of the .conf file decides it");
      }
    }
    if (given.tls === "none" && has("ca_file")) complain("ca_file", 'has no meaning with tls = "none"');
    const [needed, useless] = given.auth === "xoauth2" ? ["token", "password"] : ["password", "token"];
    if (!has(needed)) complain(needed, `is missing: auth = "${given.auth ?? "password"}" needs it`);
    if (has(useless)) complain(useless, `has no meaning with auth = "${given.auth ?? "password"}"`);
  });
}

/** The ports of a protocol when the launcher gives none. */
export interface DefaultPorts {
  readonly implicit: number;
  readonly plain: number;
}

/** What `openConnection` needs beside the launcher's options. */
export interface OpenConnectionOptions {
  readonly context: SourceContext;
  readonly ports: DefaultPorts;
}

/**
 * Connects as the options say; with `tls = "starttls"` the caller still has to call `startTls`.
 *
 * @throws {SourceError} with what an administrator can do; the signal's reason when it is aborted.
 */
export async function openConnection(
  options: Partial<MailServerOptions>,
  { context, ports }: OpenConnectionOptions,
): Promise<MailConnection> {
  const { signal } = context;
  signal.throwIfAborted();
  if (options.tunnel !== undefined) {
    const link = await context.dial(options.tunnel, signal);
    return new MailConnection(link, { peer: `"${options.tunnel}" (tunnel)`, signal });
  }
  // The schema's check says so before; this is for the compiler and for callers without a schema.
  if (options.server === undefined) throw new TypeError("Cannot connect: neither server nor tunnel is given");
  const hostname = options.server.replace(/^\[(.*)\]$/, "$1");
  const tls = options.tls ?? "implicit";
  const port = options.port ?? (tls === "implicit" ? ports.implicit : ports.plain);
  const caFile = options.ca_file === undefined ? undefined : context.path(options.ca_file);
  const caCerts = caFile === undefined || tls === "none" ? [] : await readCertificates(caFile);
  const peer = hostname.includes(":") ? `"[${hostname}]:${port}"` : `"${hostname}:${port}"`;
  const tcp = await connectTcp({ hostname, port }, { signal, peer });
  const connection = new MailConnection(tcp, { peer, signal, tcp, hostname, caCerts });
  if (tls === "implicit") await connection.startTls();
  return connection;
}

/**
 * The certificates of a `ca_file`.
 *
 * @throws {SourceError} when it cannot be read, or holds anything but certificates in PEM form.
 */
export async function readCertificates(path: string): Promise<string[]> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    const state = cause instanceof Deno.errors.NotFound ? "there is no such file" : String(cause);
    throw new SourceError("tls", `Cannot read ca_file "${path}": ${state}`, { cause });
  }
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  if (blocks === null) {
    const found = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text)?.[1];
    const state = found === undefined
      ? 'it is not a PEM file; it should begin with "-----BEGIN CERTIFICATE-----"'
      : `it holds a ${found.toLowerCase()}, not a certificate`;
    throw new SourceError("tls", `Cannot use ca_file "${path}": ${state}`);
  }
  for (const [index, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch (cause) {
      const state = `certificate ${index + 1} of ${blocks.length} is damaged`;
      throw new SourceError("tls", `Cannot use ca_file "${path}": ${state}`, { cause });
    }
  }
  return blocks;
}

interface MailConnectionOptions {
  readonly peer: string;
  readonly signal: AbortSignal;
  /** Absent behind a tunnel: it has been secured there. */
  readonly tcp?: Deno.TcpConn;
  readonly hostname?: string;
  readonly caCerts?: string[];
}

/**
 * A connection to a mail server: ends with the poll's signal, can be secured on the way, and says what
 * went wrong in a `SourceError`.
 */
export class MailConnection implements Connection {
  /** Names the other end in messages, with its quotes: `"pop.gmail.com:995"`. */
  readonly peer: string;
  #link: Connection;
  #isClosed = false;
  readonly #options: MailConnectionOptions;
  readonly #onAbort = () => this.close();

  constructor(link: Connection, options: MailConnectionOptions) {
    this.#link = link;
    this.#options = options;
    this.peer = options.peer;
    options.signal.addEventListener("abort", this.#onAbort);
    if (options.signal.aborted) this.close();
  }

  async read(into: Uint8Array): Promise<number | null> {
    try {
      return await this.#link.read(into);
    } catch (cause) {
      throw this.#fault(`read from ${this.peer}`, cause);
    }
  }

  async write(from: Uint8Array): Promise<number> {
    try {
      return await this.#link.write(from);
    } catch (cause) {
      throw this.#fault(`write to ${this.peer}`, cause);
    }
  }

  /** Can be repeated. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    try {
      this.#link.close();
    } catch (error) {
      // A connection that broke by itself is gone already.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  /**
   * Secures the connection and verifies the server; nothing may be being read or written.
   *
   * @throws {SourceError} when the server cannot be trusted or does not speak TLS; the connection is closed then.
   */
  async startTls(): Promise<void> {
    const { tcp, hostname, caCerts = [] } = this.#options;
    if (tcp === undefined || hostname === undefined) {
      throw new TypeError(`Cannot start TLS with ${this.peer}: the tunnel secures it`);
    }
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.close();
    }, HANDSHAKE_TIMEOUT_MS);
    try {
      const secured = await Deno.startTls(tcp, { hostname, caCerts });
      this.#link = secured;
      await secured.handshake();
    } catch (cause) {
      this.close();
      if (!isLate) throw this.#fault(`secure the connection to ${this.peer}`, cause);
      const seconds = HANDSHAKE_TIMEOUT_MS / 1000;
      throw new SourceError(
        "tls",
        `Cannot secure the connection to ${this.peer}: no TLS answer within ${seconds} s; check that this port speaks TLS`,
        { cause },
      );
    } finally {
      clearTimeout(timer);
    }
  }

  #fault(action: string, cause: unknown): unknown {
    const { signal, hostname } = this.#options;
    if (signal.aborted) return signal.reason;
    return connectionFault(cause, { action, hostname });
  }
}

async function connectTcp(
  address: { readonly hostname: string; readonly port: number },
  { signal, peer }: { readonly signal: AbortSignal; readonly peer: string },
): Promise<Deno.TcpConn> {
  const attempt = new AbortController();
  const giveUp = () => attempt.abort();
  const timer = setTimeout(giveUp, CONNECT_TIMEOUT_MS);
  signal.addEventListener("abort", giveUp);
  try {
    const tcp = await Deno.connect({ ...address, signal: attempt.signal });
    tcp.setNoDelay(true);
    return tcp;
  } catch (cause) {
    signal.throwIfAborted();
    if (!attempt.signal.aborted) {
      throw connectionFault(cause, { action: `connect to ${peer}`, hostname: address.hostname });
    }
    throw new SourceError(
      "unreachable",
      `Cannot connect to ${peer}: no answer within ${
        CONNECT_TIMEOUT_MS / 1000
      } s; check the name, the port and the firewall`,
      { cause },
    );
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
  }
}
