/** The words before TLS towards a client of a server-mode service: STARTTLS of POP3, IMAP and SMTP. */
import { LineReader, writeAll } from "./starttls.ts";
import { type DialledConnection, type MailProtocol, TunnelError } from "./types.ts";

/**
 * Greets the client and answers it until it asks for TLS, whose handshake comes next. False when it leaves without.
 * Throws `TunnelError` when unsecured bytes follow its request (CVE-2011-0411).
 */
export async function offerTls(
  protocol: MailProtocol,
  client: DialledConnection,
  greeting: string,
): Promise<boolean> {
  const lines = new LineReader(client);
  const say = (text: string) => writeAll(client, `${text}\r\n`);
  await writeAll(client, greeting);
  const answer = { pop3: answerPop3, imap: answerImap, smtp: answerSmtp }[protocol];
  for (;;) {
    const line = await lines.tryNext();
    if (line === undefined) return false;
    const { reply, then } = answer(line);
    if (then === "secure") lines.expectEmpty();
    await say(reply);
    if (then !== undefined) return then === "secure";
  }
}

/** The server's own greeting, for the client; IMAP's is replaced, since it may announce what needs TLS first. */
export async function readGreeting(protocol: MailProtocol, server: DialledConnection): Promise<string> {
  const lines = new LineReader(server);
  let greeting = "";
  for (;;) {
    const line = await lines.next();
    greeting += `${line}\r\n`;
    if (protocol !== "smtp" || !/^\d{3}-/.test(line)) break;
  }
  if (!/^(\+OK|\* OK|220)/i.test(greeting)) {
    throw new TunnelError(
      "refused",
      `Cannot use the server: it greets with "${greeting.slice(0, 80).trim()}"`,
    );
  }
  return protocol === "imap" ? `* OK [CAPABILITY ${IMAP_CAPABILITY}] ready\r\n` : greeting;
}

interface Answer {
  readonly reply: string;
  readonly then?: "secure" | "leave";
}

const IMAP_CAPABILITY = "IMAP4rev1 STARTTLS LOGINDISABLED";

function answerPop3(line: string): Answer {
  switch (line.trim().toUpperCase()) {
    case "STLS":
      return { reply: "+OK begin TLS", then: "secure" };
    case "CAPA":
      return { reply: "+OK capabilities\r\nSTLS\r\n." };
    case "NOOP":
      return { reply: "+OK" };
    case "QUIT":
      return { reply: "+OK bye", then: "leave" };
    default:
      return { reply: "-ERR say STLS first" };
  }
}

function answerImap(line: string): Answer {
  const [, tag = "*", command = ""] = /^([^\s(){%*"\\]+) (\S+)/.exec(line) ?? [];
  switch (command.toUpperCase()) {
    case "STARTTLS":
      return { reply: `${tag} OK begin TLS`, then: "secure" };
    case "CAPABILITY":
      return { reply: `* CAPABILITY ${IMAP_CAPABILITY}\r\n${tag} OK` };
    case "NOOP":
      return { reply: `${tag} OK` };
    case "LOGOUT":
      return { reply: `* BYE bye\r\n${tag} OK`, then: "leave" };
    default:
      return { reply: `${tag} BAD say STARTTLS first` };
  }
}

function answerSmtp(line: string): Answer {
  switch (line.trim().split(" ")[0]?.toUpperCase()) {
    case "STARTTLS":
      return { reply: "220 begin TLS", then: "secure" };
    case "EHLO":
      return { reply: "250-localhost\r\n250 STARTTLS" };
    case "HELO":
    case "NOOP":
      return { reply: "250 ok" };
    case "QUIT":
      return { reply: "221 bye", then: "leave" };
    default:
      return { reply: "530 5.7.0 say STARTTLS first" };
  }
}
