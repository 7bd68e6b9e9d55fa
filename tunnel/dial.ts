/** Reaches the upstream of a service: connects, speaks the words before TLS, and secures the connection. */
import * as net from "node:net";
import { canUseNativeTls, checkPeer, nativeName, type PeerNames, peerNames, secureByNode } from "./peer.ts";
import type { Credentials } from "./pem_files.ts";
import { PlainSocket } from "./plain_socket.ts";
import { askForTls, askProxy, signInToSmtp } from "./starttls.ts";
import { formatAddress } from "./stunnel_values.ts";
import { type Attempt, explain, lacksDescriptors, timedOut, tooManyFiles } from "./tls_errors.ts";
import { type Address, type DialledConnection, type ServiceOptions, TunnelError } from "./types.ts";

/** An upstream that can be talked to. */
export interface Upstream {
  readonly connection: DialledConnection;
  /** What the client is told before anything the upstream sends; empty for most. */
  readonly greeting: string;
  readonly target: string;
  /** Known for node:tls alone. */
  readonly tlsVersion?: string;
}

export interface DialContext {
  readonly credentials: Credentials;
  /** Which of the targets comes first, with `failover = rr`. */
  readonly turn: number;
  readonly signal: AbortSignal;
  /** Given the peer's certificate (DER), where node:tls is used. */
  onCertificate?(der: Uint8Array): void;
}

/** Connects to the first target that can be reached and trusted. Rejects with the `TunnelError` of the first one. */
export function dialUpstream(options: ServiceOptions, context: DialContext): Promise<Upstream> {
  return tryTargets(options, context, (dial) => dial.secured());
}

/** Connects to the first target of a server-mode service that can be reached. Rejects like `dialUpstream`. */
export function dialPlain(options: ServiceOptions, context: DialContext): Promise<PlainSocket> {
  return tryTargets(options, context, (dial) => dial.plain());
}

async function tryTargets<T>(
  options: ServiceOptions,
  context: DialContext,
  reach: (dial: Dial) => Promise<T>,
): Promise<T> {
  const first = options.failover === "rr" ? context.turn % options.connect.length : 0;
  const targets = [...options.connect.slice(first), ...options.connect.slice(0, first)];
  let fault: TunnelError | undefined;
  for (const target of targets) {
    try {
      return await reach(new Dial(options, target, context));
    } catch (error) {
      const explained = explain(error, { target: formatAddress(target) });
      if (explained.kind === "aborted") throw explained;
      fault ??= explained;
    }
  }
  throw fault ?? new TunnelError("configuration", `Cannot connect "${options.name}": it has no target`);
}

class Dial {
  readonly #options: ServiceOptions;
  readonly #target: Address;
  readonly #context: DialContext;
  readonly #attempt: Attempt;
  readonly #names: PeerNames;
  #close: (() => void) | undefined;
  #late: "connect" | "handshake" | undefined;

  constructor(options: ServiceOptions, target: Address, context: DialContext) {
    this.#options = options;
    this.#target = target;
    this.#context = context;
    this.#names = peerNames(options, target);
    const name = this.#names.accepted[0];
    this.#attempt = { target: formatAddress(target), ...(name === undefined ? {} : { name }) };
  }

  secured(): Promise<Upstream> {
    return this.#run(async () => {
      const raw = await this.#connect();
      return await this.#limited(
        "handshake",
        () => canUseNativeTls(this.#options) && "setNoDelay" in raw ? this.#native(raw) : this.#node(raw),
      );
    });
  }

  plain(): Promise<PlainSocket> {
    return this.#run(async () => new PlainSocket(await this.#connectSocket()));
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this.#context;
    const abort = () => this.#drop();
    signal.addEventListener("abort", abort, { once: true });
    try {
      if (signal.aborted) throw new TunnelError("aborted", "The connection was given up");
      const result = await work();
      if (signal.aborted) throw new TunnelError("aborted", "The connection was given up");
      return result;
    } catch (error) {
      this.#drop();
      if (signal.aborted) throw new TunnelError("aborted", "The connection was given up", { cause: error });
      if (this.#late === "connect") throw timedOut(this.#attempt, "answer", error);
      if (this.#late === "handshake") throw timedOut(this.#attempt, "finish the TLS handshake", error);
      if ("host" in this.#target && lacksDescriptors(error, this.#target.host)) {
        throw tooManyFiles(this.#attempt, error);
      }
      throw explain(error, this.#attempt);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  async #connect(): Promise<Deno.TcpConn | Deno.UnixConn> {
    const giveUp = new AbortController();
    const { signal } = giveUp;
    this.#close = () => giveUp.abort();
    const target = this.#target;
    const raw = await this.#limited(
      "connect",
      (): Promise<Deno.TcpConn | Deno.UnixConn> =>
        "path" in target
          ? Deno.connect({ transport: "unix", path: target.path })
          : Deno.connect({ hostname: target.host, port: target.port, signal }),
    );
    this.#close = () => raw.close();
    if ("setNoDelay" in raw) {
      raw.setNoDelay(true);
      raw.setKeepAlive(true);
    }
    return raw;
  }

  async #native(raw: Deno.TcpConn): Promise<Upstream> {
    const greeting = await this.#speak(raw);
    const hostname = nativeName(this.#options, this.#target) ?? "";
    const secured = await Deno.startTls(raw, {
      hostname,
      caCerts: [...this.#context.credentials.authorities],
    });
    this.#close = () => secured.close();
    await secured.handshake();
    return await this.#finish(secured, { greeting });
  }

  async #node(raw: DialledConnection): Promise<Upstream> {
    const greeting = await this.#speak(raw);
    const check = { options: this.#options, credentials: this.#context.credentials, names: this.#names };
    const secured = secureByNode(raw, check);
    this.#close = () => secured.close();
    await secured.handshake();
    checkPeer(secured, check);
    this.#context.onCertificate?.(new Uint8Array(secured.socket.getPeerCertificate().raw));
    return await this.#finish(secured, { greeting, tlsVersion: secured.socket.getProtocol() ?? "" });
  }

  async #connectSocket(): Promise<net.Socket> {
    const target = "path" in this.#target ? { path: this.#target.path } : this.#target;
    const socket = net.connect({ ...target, allowHalfOpen: true, noDelay: true });
    this.#close = () => socket.destroy();
    await this.#limited("connect", () =>
      new Promise<void>((resolve, reject) => {
        socket.once("connect", resolve);
        socket.once("error", reject);
        socket.once("close", () => reject(new Deno.errors.ConnectionReset("closed")));
      }));
    socket.removeAllListeners("error").removeAllListeners("close");
    return socket;
  }

  /** The words before TLS; returns the greeting for the client. */
  async #speak(connection: DialledConnection): Promise<string> {
    const { protocol, protocolHost, protocolUsername, protocolPassword } = this.#options;
    if (protocol === undefined) return "";
    if (protocol !== "connect") return await askForTls(protocol, connection);
    await askProxy(connection, {
      target: protocolHost ?? "",
      username: protocolUsername,
      password: protocolPassword,
    });
    return "";
  }

  async #finish(
    connection: DialledConnection,
    facts: { readonly greeting: string; readonly tlsVersion?: string },
  ): Promise<Upstream> {
    const { protocol, protocolUsername: username, protocolPassword: password, verify } = this.#options;
    if (protocol === "smtp" && username !== undefined && password !== undefined) {
      if (!verify) throw new TunnelError("configuration", "Cannot sign in to a server that is not verified");
      await signInToSmtp(connection, { username, password });
    }
    return { connection, target: this.#attempt.target, ...facts };
  }

  async #limited<T>(step: "connect" | "handshake", work: () => Promise<T>): Promise<T> {
    const { connectMs, handshakeMs } = this.#options.timeouts;
    const timer = setTimeout(() => {
      this.#late = step;
      this.#drop();
    }, step === "connect" ? connectMs : handshakeMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  }

  #drop(): void {
    const close = this.#close;
    this.#close = undefined;
    try {
      close?.();
    } catch {
      // Already gone.
    }
  }
}
