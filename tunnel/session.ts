/** One connection through a service, from accept to its end. */
import * as tls from "node:tls";
import type { Upstream } from "./dial.ts";
import { isClientHello, refusal } from "./mail_words.ts";
import { NodeTlsConnection } from "./node_tls.ts";
import type { Credentials } from "./pem_files.ts";
import { type PlainSocket, SocketConnection } from "./plain_socket.ts";
import { relay, type RelayEnd } from "./relay.ts";
import { offerTls, readGreeting } from "./server_starttls.ts";
import { writeAll } from "./starttls.ts";
import {
  type DialledConnection,
  type ServiceCounters,
  type ServiceOptions,
  TunnelError,
  type TunnelLogEntry,
} from "./types.ts";

/** What a service lends its sessions. */
export interface SessionContext {
  readonly options: ServiceOptions;
  readonly counters: ServiceCounters;
  /** Aborted when the session is to end at once. */
  readonly signal: AbortSignal;
  /** False when the service is full: tell the client, and no more. */
  readonly admitted: boolean;
  giveUp(): void;
  load(): Promise<Credentials>;
  dial(): Promise<Upstream>;
  dialPlain(): Promise<PlainSocket>;
  /** Counts and remembers; returns it as a `TunnelError`. */
  failed(error: unknown): TunnelError;
  refused(error: TunnelError): TunnelError;
  log(level: TunnelLogEntry["level"], message: string, properties: Record<string, unknown>): void;
}

// How long a client may take to read why it was turned away.
const FAREWELL_MS = 2000;
let lastId = 0;

/** Serves a plain client: dials the upstream and copies. Never rejects. */
export async function serveClient(plain: PlainSocket, context: SessionContext): Promise<void> {
  const session = new Session(context, plain.remote);
  if (!context.admitted) return await session.refuse(plain, "too many connections are open");
  let saidHello = false;
  plain.peek().then((first) => {
    if (first === null || !isClientHello(first)) return;
    saidHello = true;
    context.giveUp();
  }, () => context.giveUp());
  try {
    const upstream = await context.dial();
    if (upstream.greeting !== "") await plain.write(new TextEncoder().encode(upstream.greeting));
    const end = await session.relay(plain, upstream.connection);
    if (!saidHello) session.over(end, upstream);
  } catch (cause) {
    if (saidHello || context.signal.aborted) plain.reset();
    else {
      const error = context.failed(cause);
      session.tell("warn", error.message, { kind: error.kind });
      await session.refuse(plain, error.message);
    }
  }
  if (saidHello) session.tell("warn", context.refused(tlsOnPlainPort()).message, {});
  await plain.closed();
}

function tlsOnPlainPort(): TunnelError {
  return new TunnelError("tls", "Cannot serve a program that speaks TLS on this plain port", {
    remedy: "Turn TLS and STARTTLS off in that program for this local address: the tunnel secures the connection",
  });
}

/** Serves a TLS client of a server-mode service: secures it and copies to the plain backend. Never rejects. */
export async function serveSecured(raw: Deno.Conn, context: SessionContext): Promise<void> {
  const session = new Session(context, remoteOf(raw));
  let client: DialledConnection = raw;
  if (!context.admitted) return raw.close();
  let backend: PlainSocket | undefined;
  try {
    if ("setNoDelay" in raw) {
      (raw as Deno.TcpConn).setNoDelay(true);
      (raw as Deno.TcpConn).setKeepAlive(true);
    }
    const { mailProtocol, protocol } = context.options;
    const credentials = await context.load();
    if (protocol !== undefined && protocol !== "connect") {
      backend = await session.limited(raw, () => reachBackend(context, raw));
      const asked = await session.limited(raw, async () => {
        const greeting = await readGreeting(protocol, new SocketConnection(backend!));
        return await offerTls(protocol, raw, greeting);
      });
      if (!asked) throw new TunnelError("aborted", "The client left before TLS");
    }
  } catch {
    client.close();
  }
}
