/** One connection through a server-mode service: TLS towards the client, plain towards the backend. */
import * as tls from "node:tls";
import { refusal } from "./mail_words.ts";
import { NodeTlsConnection } from "./node_tls.ts";
import { type PlainSocket, SocketConnection } from "./plain_socket.ts";
import { offerTls, readGreeting } from "./server_starttls.ts";
import { closeQuietly, Session, type SessionContext } from "./session.ts";
import { writeAll } from "./starttls.ts";
import { formatAddress } from "./stunnel_values.ts";
import { explain, explainClient } from "./tls_errors.ts";
import { TunnelError } from "./types.ts";

/** Serves a TLS client: secures it and copies to the backend. Never rejects. */
export async function serveSecured(
  raw: Deno.TcpConn | Deno.UnixConn,
  context: SessionContext,
): Promise<void> {
  const remote = raw.remoteAddr.transport === "tcp"
    ? formatAddress({ host: raw.remoteAddr.hostname, port: raw.remoteAddr.port })
    : "unix";
  const session = new Session(context, remote);
  if (!context.admitted) return raw.close();
  const serving = new SecuredSession(raw, context, session);
  try {
    await serving.run();
  } catch (cause) {
    if (!context.signal.aborted) {
      // What our own words name concerns the backend; the rest is of the handshake.
      const error = cause instanceof TunnelError
        ? context.failed(cause)
        : context.refused(explainClient(cause, remote));
      session.tell("info", error.message, { kind: error.kind });
    }
  }
  await serving.close();
}

class SecuredSession {
  #client: NodeTlsConnection | undefined;
  #backend: PlainSocket | undefined;
  readonly #raw: Deno.TcpConn | Deno.UnixConn;
  readonly #context: SessionContext;
  readonly #session: Session;

  constructor(raw: Deno.TcpConn | Deno.UnixConn, context: SessionContext, session: Session) {
    this.#raw = raw;
    this.#context = context;
    this.#session = session;
  }

  async run(): Promise<void> {
    const { signal, options } = this.#context;
    const raw = this.#raw;
    if ("setNoDelay" in raw) {
      raw.setNoDelay(true);
      raw.setKeepAlive(true);
    }
    const abort = () => closeQuietly(this.#client ?? raw);
    signal.addEventListener("abort", abort, { once: true });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      abort();
    }, options.timeouts.handshakeMs);
    try {
      if (!await this.#secure()) return;
    } catch (error) {
      if (late) throw new Deno.errors.TimedOut();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    const client = this.#client;
    if (client === undefined) return;
    const backend = this.#backend ?? await this.#reachBackend(client);
    const target = options.connect[0] === undefined ? "" : formatAddress(options.connect[0]);
    await this.#session.relay(backend, {
      connection: client,
      target,
      tlsVersion: client.socket.getProtocol() ?? "",
    });
    signal.removeEventListener("abort", abort);
  }

  async close(): Promise<void> {
    closeQuietly(this.#client ?? this.#raw);
    this.#backend?.close();
    await this.#backend?.closed();
  }

  /** Up to the end of the TLS handshake; false when the client left before. */
  async #secure(): Promise<boolean> {
    const { options } = this.#context;
    const { cert, key } = await this.#context.load();
    if (cert === undefined || key === undefined) {
      throw new TunnelError("configuration", `Cannot secure "${options.name}": it has no certificate`);
    }
    const { protocol } = options;
    if (protocol !== undefined && protocol !== "connect") {
      // The backend greets first, so that a client is not asked to secure a connection to nowhere.
      let greeting;
      try {
        this.#backend = await this.#context.dialPlain();
        greeting = await readGreeting(protocol, new SocketConnection(this.#backend));
      } catch (error) {
        await writeAll(
          this.#raw,
          refusal(protocol, `tunnel: ${explain(error, { target: "backend" }).message}`),
        );
        throw error;
      }
      if (!await offerTls(protocol, this.#raw, greeting)) return false;
    }
    const { minVersion } = options;
    this.#client = new NodeTlsConnection(
      this.#raw,
      "server",
      (socket) => new tls.TLSSocket(socket, { isServer: true, cert, key, minVersion }),
    );
    await this.#client.handshake();
    return true;
  }

  async #reachBackend(client: NodeTlsConnection): Promise<PlainSocket> {
    try {
      return this.#backend = await this.#context.dialPlain();
    } catch (error) {
      const { mailProtocol } = this.#context.options;
      if (mailProtocol !== undefined) {
        const { message } = explain(error, { target: "backend" });
        await writeAll(client, refusal(mailProtocol, `tunnel: ${message}`));
        await client.closeWrite();
      }
      throw error;
    }
  }
}
