/** Sends a message as a mail (RFC 5321), over a connection of ours: tunnels, TLS and their errors are the same everywhere. */
import type { Socket } from "node:net";
import { createTransport } from "nodemailer";
import { TunnelError } from "../../tunnel/mod.ts";
import { askForTls } from "../../tunnel/starttls.ts";
import { DeliveryError, errorText, GatewayError } from "../errors.ts";
import { openConnection } from "../sources/mail_server.ts";
import type { SourceContext } from "../sources/source.ts";
import type { Message } from "./message.ts";
import type { NotifyConfig, SmtpOptions } from "./options.ts";
import { SmtpSocket } from "./smtp_socket.ts";

/** What sending needs besides the message. */
export interface MailTools {
  readonly config: NotifyConfig;
  /** Its signal ends the attempt. */
  readonly context: SourceContext;
}

/**
 * Sends; resolves once the server has taken the mail, with the addresses that it refuses where it takes others. Throws
 * `DeliveryError` or `SourceError`.
 */
export async function mailMessage(message: Message, { config, context }: MailTools): Promise<string[]> {
  const { smtp, mail_to: to, mail_from: from = smtp?.account ?? "" } = config;
  if (!smtp) throw new TypeError("Cannot send a mail: no [notify.smtp]");
  return await withTransport(smtp, context, async (transport) => {
    const { rejected } = await transport.sendMail(mailOf(message, { from, to }));
    return rejected.map(String);
  });
}

/** Connects and signs in, and sends nothing. */
export async function tryMailServer({ config: { smtp }, context }: MailTools): Promise<void> {
  if (!smtp) throw new TypeError("Cannot sign in: no [notify.smtp]");
  await withTransport(smtp, context, (transport) => transport.verify());
}

function mailOf(message: Message, { from, to }: { from: string; to: readonly string[] }) {
  const { id, event, host, title, lines } = message;
  const thread = `<${id}@lanceur>`;
  return {
    from: { name: `Lanceur ${host}`, address: from },
    to: [...to],
    subject: `[Lanceur ${host}] ${title}`,
    text: [title, "", ...lines, ""].join("\n"),
    // The same at every attempt: whoever gets it twice sees it once.
    messageId: event === "closed" ? `<${id}.closed@lanceur>` : thread,
    ...(event === "closed" ? { inReplyTo: thread, references: thread } : {}),
    // RFC 3834: no holiday notice is to answer.
    headers: { "Auto-Submitted": "auto-generated" },
  };
}

type Transport = ReturnType<typeof createTransport>;

async function withTransport<T>(
  smtp: SmtpOptions,
  context: SourceContext,
  use: (transport: Transport) => Promise<T>,
): Promise<T> {
  const peer = smtp.tunnel === undefined ? smtp.server : `${smtp.tunnel} (tunnel)`;
  const password = smtp.password === undefined ? undefined : await context.secret(smtp.password);
  const socket = await openSocket(smtp, context);
  const isSecured = smtp.tunnel !== undefined || smtp.tls !== "none";
  const transport = createTransport({
    secure: isSecured,
    secured: isSecured,
    ignoreTLS: true,
    disableFileAccess: true,
    disableUrlAccess: true,
    getSocket: (_: unknown, done: (error: Error | null, options: { connection: Socket }) => void) =>
      // It uses no more of a socket than a stream has, and `setTimeout`.
      done(null, { connection: socket as unknown as Socket }),
    ...(password === undefined ? {} : { auth: { user: smtp.account, pass: password } }),
  });
  try {
    return await use(transport);
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    if (context.signal.aborted) {
      throw new DeliveryError(`Cannot send a mail through "${peer}": no answer in time`, { cause });
    }
    throw new DeliveryError(`Cannot send a mail through "${peer}": ${stateOf(cause, password)}`, { cause });
  } finally {
    transport.close();
    socket.destroy();
  }
}

async function openSocket(smtp: SmtpOptions, context: SourceContext): Promise<SmtpSocket> {
  const { tunnel, server, port, tls, ca_file } = smtp;
  const connection = await openConnection({ tunnel, server, port, tls, ca_file }, {
    context,
    ports: { implicit: 465, plain: tls === "none" ? 25 : 587 },
  });
  if (tunnel !== undefined || tls !== "starttls") return new SmtpSocket(connection);
  try {
    const greeting = await askForTls("smtp", { ...linkOf(connection), closeWrite: () => Promise.resolve() });
    await connection.startTls();
    return new SmtpSocket(connection, greeting);
  } catch (cause) {
    connection.close();
    if (!(cause instanceof TunnelError)) throw cause;
    const text = cause.remedy ? `${cause.message}; ${cause.remedy}` : cause.message;
    throw new DeliveryError(`Cannot secure the connection to ${connection.peer}: ${text}`, { cause });
  }
}

function linkOf(connection: Awaited<ReturnType<typeof openConnection>>) {
  return {
    read: (into: Uint8Array) => connection.read(into),
    write: (from: Uint8Array) => connection.write(from),
    close: () => connection.close(),
  };
}

function stateOf(cause: unknown, password: string | undefined): string {
  const text = errorText(cause).replaceAll(/\s+/g, " ");
  const shown = password === undefined ? text : text.replaceAll(password, "…");
  const isRefused = cause instanceof Error && "code" in cause && cause.code === "EAUTH";
  return `${shown.slice(0, 300)}${isRefused ? "; check account and password of [notify.smtp]" : ""}`;
}
