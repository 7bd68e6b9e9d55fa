/** The words before TLS towards a server: STARTTLS of POP3, IMAP and SMTP, and HTTP CONNECT through a proxy. */
import { type DialledConnection, type MailProtocol, TunnelError } from "./types.ts";

const MAX_LINE_BYTES = 8 * 1024;
const MAX_LINES = 200;

/** Reads lines of a connection that is not secured yet. */
export class LineReader {
  readonly #connection: Pick<DialledConnection, "read">;
  readonly #chunk = new Uint8Array(2048);
  #text = "";
  #lines = 0;

  constructor(connection: Pick<DialledConnection, "read">) {
    this.#connection = connection;
  }

  /** The next line without its end; `undefined` when the peer hangs up. Throws `TunnelError` beyond the limits. */
  async tryNext(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end).replace(/\r$/, "");
        this.#text = this.#text.slice(end + 1);
        if (++this.#lines > MAX_LINES) {
          throw new TunnelError("starttls", "Cannot talk before TLS: too many lines");
        }
        return line;
      }
      if (this.#text.length > MAX_LINE_BYTES) {
        throw new TunnelError("starttls", "Cannot talk before TLS: a line is too long");
      }
      const count = await this.#connection.read(this.#chunk);
      if (count === null) return undefined;
      for (let at = 0; at < count; at++) this.#text += String.fromCharCode(this.#chunk[at] ?? 0);
    }
  }

  async next(): Promise<string> {
    const line = await this.tryNext();
    if (line === undefined) throw new TunnelError("starttls", "Cannot start TLS: the server hung up");
    return line;
  }

  /** Throws when more was sent than was read: someone on the way may have put it there (CVE-2011-0411). */
  expectEmpty(): void {
    if (this.#text === "") return;
    throw new TunnelError("starttls", "Cannot start TLS: unsecured bytes follow the go-ahead", {
      remedy:
        "Someone on the way may have put them there; connect by another network, or use the server's TLS port",
    });
  }
}

/**
 * Asks a mail server for TLS and returns the greeting for the client. The TLS handshake comes next. Throws `TunnelError`.
 * RFC 2595 (POP3 STLS), RFC 9051 6.2.1 (IMAP), RFC 3207 (SMTP).
 */
export async function askForTls(protocol: MailProtocol, connection: DialledConnection): Promise<string> {
  const lines = new LineReader(connection);
  const dialogue = { pop3: askPop3, imap: askImap, smtp: askSmtp }[protocol];
  const greeting = await dialogue(lines, (line) => writeAll(connection, `${line}\r\n`));
  lines.expectEmpty();
  return greeting;
}

type Say = (line: string) => Promise<void>;

async function askPop3(lines: LineReader, say: Say): Promise<string> {
  const greeting = await lines.next();
  if (!/^\+OK\b/i.test(greeting)) throw unexpected("greeting", greeting);
  await say("STLS");
  const reply = await lines.next();
  if (!/^\+OK\b/i.test(reply)) throw unexpected("STLS", reply);
  return `${greeting}\r\n`;
}

async function askImap(lines: LineReader, say: Say): Promise<string> {
  const greeting = await lines.next();
  // PREAUTH would leave the session unsecured (RFC 9051 11.2).
  if (!/^\* OK\b/i.test(greeting)) throw unexpected("greeting", greeting);
  await say("tls STARTTLS");
  for (;;) {
    const reply = await lines.next();
    if (reply.startsWith("* ")) continue;
    if (!/^tls OK\b/i.test(reply)) throw unexpected("STARTTLS", reply);
    // The real one may announce capabilities that TLS changes.
    return "* OK ready\r\n";
  }
}

async function askSmtp(lines: LineReader, say: Say): Promise<string> {
  const greeting = await replyOf(lines);
  if (greeting.code !== "220") throw unexpected("greeting", greeting.text);
  await say("EHLO localhost");
  const ehlo = await replyOf(lines);
  if (ehlo.code !== "250" || !/^250[- ]STARTTLS\s*$/im.test(ehlo.text)) {
    throw unexpected("EHLO", "STARTTLS is not offered");
  }
  await say("STARTTLS");
  const reply = await replyOf(lines);
  if (reply.code !== "220") throw unexpected("STARTTLS", reply.text);
  return greeting.text;
}

interface SmtpReply {
  readonly code: string;
  readonly text: string;
}

async function replyOf(lines: LineReader): Promise<SmtpReply> {
  let text = "";
  for (;;) {
    const line = await lines.next();
    text += `${line}\r\n`;
    if (!/^\d{3}-/.test(line)) return { code: line.slice(0, 3), text };
  }
}

function unexpected(step: string, reply: string): TunnelError {
  const shown = reply.replaceAll(/[^\x20-\x7e]+/g, " ").trim().slice(0, 120);
  return new TunnelError("starttls", `Cannot start TLS: the server answers ${step} with "${shown}"`, {
    remedy:
      "Check that the server offers STARTTLS on this port, else leave protocol out and use its TLS port",
  });
}

/** Signs in to a mail server over TLS with AUTH PLAIN (RFC 4954), for clients that cannot. Throws `TunnelError`. */
export async function signInToSmtp(
  connection: DialledConnection,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<void> {
  const lines = new LineReader(connection);
  await writeAll(connection, "EHLO localhost\r\n");
  const ehlo = await replyOf(lines);
  if (ehlo.code !== "250") throw new TunnelError("starttls", "Cannot sign in: the server refuses EHLO");
  const secret = toBase64(`\0${username}\0${password}`);
  await writeAll(connection, `AUTH PLAIN ${secret}\r\n`);
  const reply = await replyOf(lines);
  if (reply.code === "235") return;
  throw new TunnelError(
    "starttls",
    `Cannot sign in: the server refuses with ${reply.code.replaceAll(/\D/g, "")}`,
    {
      remedy: "Check protocolUsername and protocolPassword",
    },
  );
}

/** Asks an HTTP proxy for a way to `target` (RFC 9110 9.3.6). Throws `TunnelError`. */
export async function askProxy(
  connection: DialledConnection,
  { target, username, password }: {
    readonly target: string;
    readonly username?: string | undefined;
    readonly password?: string | undefined;
  },
): Promise<void> {
  const lines = new LineReader(connection);
  const authorization = username === undefined
    ? ""
    : `Proxy-Authorization: Basic ${toBase64(`${username}:${password ?? ""}`)}\r\n`;
  await writeAll(connection, `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n`);
  const status = await lines.next();
  const code = /^HTTP\/1\.[01] (\d{3})/.exec(status)?.[1];
  if (code === undefined || !code.startsWith("2")) {
    const answer = code === undefined ? "no HTTP" : `status ${code}`;
    throw new TunnelError("proxy", `Cannot reach "${target}" through the proxy: it answers with ${answer}`, {
      remedy: code === "407"
        ? "Check protocolUsername and protocolPassword"
        : "Ask the proxy's administrator to allow this target",
    });
  }
  while (await lines.next() !== "");
  lines.expectEmpty();
}

function toBase64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

/** Writes all of it, however short each write is. */
export async function writeAll(connection: Pick<DialledConnection, "write">, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) written += await connection.write(bytes.subarray(written));
}
