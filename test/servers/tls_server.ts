/** A TLS server that misbehaves on demand: openssl cannot leave out close_notify, reset or hang when told to. */
import { Buffer } from "node:buffer";
import * as net from "node:net";
import * as tls from "node:tls";
import type { IssuedCertificate } from "./certificates.ts";

/** A connection to the server, after what `before` did. */
export interface TlsPeer {
  readonly socket: tls.TLSSocket;
  /** Server name the client sent; empty for none. */
  readonly sni: string;
  /** Everything received so far. */
  received(): Uint8Array;
  /** Resolves when the client's text contains `text`; rejects when it ends before. */
  until(text: string): Promise<void>;
  /** Resolves with how the client ended: close_notify, or without. */
  ended(): Promise<"close_notify" | "cut">;
  /** Resolves when the system has taken all of it. */
  send(data: string | Uint8Array): Promise<void>;
  /** Sends close_notify; reading goes on. */
  closeNotify(): void;
  /** Ends the TCP connection without close_notify. */
  truncate(): void;
  /** Resets the TCP connection. */
  reset(): void;
  close(): void;
}

export interface TlsServerOptions {
  readonly certificate: IssuedCertificate;
  /** What to do with each connection once it is secured. */
  serve?(peer: TlsPeer): void | Promise<void>;
  /** On the raw socket, before TLS; false ends there (plain text, hang, STARTTLS refused). */
  before?(socket: net.Socket): boolean | Promise<boolean>;
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
  readonly maxVersion?: "TLSv1.2" | "TLSv1.3";
  readonly host?: string;
  readonly port?: number;
  /** Authorities of client certificates, which are then required. */
  readonly clientCa?: string;
}

export interface TlsServer extends AsyncDisposable {
  readonly port: number;
  /** TCP connections accepted. */
  readonly accepted: number;
}

/** Starts the server on 127.0.0.1. Disposing cuts every connection. */
export async function startTlsServer(options: TlsServerOptions): Promise<TlsServer> {
  const sockets = new Set<net.Socket>();
  let accepted = 0;
  let closing = false;
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    // It waited to be accepted while the server was closed.
    if (closing) return void socket.destroy();
    accepted++;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    void secure(socket, options);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: options.host ?? "127.0.0.1", port: options.port ?? 0 }, resolve);
  });
  const bound = server.address();
  return {
    port: bound !== null && typeof bound === "object" ? bound.port : 0,
    get accepted() {
      return accepted;
    },
    async [Symbol.asyncDispose]() {
      closing = true;
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function secure(raw: net.Socket, options: TlsServerOptions): Promise<void> {
  if (options.before !== undefined && !await options.before(raw)) return;
  const { minVersion, maxVersion, clientCa } = options;
  const socket = new tls.TLSSocket(raw, {
    isServer: true,
    ...options.certificate,
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  });
  socket.on("error", () => {});
  socket.once("secure", () => void options.serve?.(new Peer(raw, socket)));
}

class Peer implements TlsPeer {
  readonly socket: tls.TLSSocket;
  readonly #raw: net.Socket;
  readonly #chunks: Uint8Array[] = [];
  #end: "close_notify" | "cut" | undefined;
  readonly #watchers = new Set<() => void>();

  constructor(raw: net.Socket, socket: tls.TLSSocket) {
    this.#raw = raw;
    this.socket = socket;
    const wake = () => this.#watchers.forEach((watcher) => watcher());
    socket.on("data", (chunk: Uint8Array) => {
      this.#chunks.push(chunk);
      wake();
    });
    socket.on("end", () => {
      this.#end ??= "close_notify";
      wake();
    });
    raw.on("close", () => {
      this.#end ??= "cut";
      wake();
    });
  }

  get sni(): string {
    const name: unknown = "servername" in this.socket ? this.socket.servername : "";
    return typeof name === "string" ? name : "";
  }

  received(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#chunks));
  }

  until(text: string): Promise<void> {
    const wanted = () => new TextDecoder().decode(this.received()).includes(text);
    return this.#when(() => {
      if (wanted()) return true;
      if (this.#end !== undefined) throw new Error(`the client ended before it sent ${JSON.stringify(text)}`);
      return false;
    });
  }

  async ended(): Promise<"close_notify" | "cut"> {
    await this.#when(() => this.#end !== undefined);
    return this.#end ?? "cut";
  }

  send(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.write(data, (error) => error ? reject(error) : resolve());
    });
  }

  closeNotify(): void {
    this.socket.end();
  }

  truncate(): void {
    this.#raw.end();
  }

  reset(): void {
    this.#raw.resetAndDestroy();
  }

  close(): void {
    this.socket.destroy();
    this.#raw.destroy();
  }

  #when(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const watcher = () => {
        try {
          if (!condition()) return;
          resolve();
        } catch (error) {
          reject(error);
        }
        this.#watchers.delete(watcher);
      };
      this.#watchers.add(watcher);
      watcher();
    });
  }
}
