/** A plain TCP client that tells a clean end from a reset, for tests of the tunnel. */
import { Buffer } from "node:buffer";
import * as net from "node:net";

/** What a client saw in the end. */
export interface Ending {
  readonly text: string;
  /** `EOF`, or the code of the error, such as `ECONNRESET`. */
  readonly end: string;
}

/** A connected client. */
export class PlainClient {
  readonly #socket: net.Socket;
  readonly #chunks: Buffer[] = [];
  #end: string | undefined;
  #news = Promise.withResolvers<void>();

  private constructor(socket: net.Socket, options: { readonly paused?: boolean }) {
    this.#socket = socket;
    const note = (end: string) => {
      this.#end ??= end;
      this.#wake();
    };
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#wake();
    });
    if (options.paused === true) socket.pause();
    socket.on("end", () => note("EOF"));
    socket.on("error", (error) => note("code" in error ? String(error.code) : error.message));
    socket.on("close", () => note("closed"));
  }

  /** Connects to `host:port` or a path. With `paused` it reads nothing until `resume`. */
  static async connect(address: string, options: { readonly paused?: boolean } = {}): Promise<PlainClient> {
    const colon = address.lastIndexOf(":");
    const target = address.startsWith("/")
      ? { path: address }
      : { host: address.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(address.slice(colon + 1)) };
    const socket = net.connect({ ...target, allowHalfOpen: true, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    socket.removeAllListeners("error");
    return new PlainClient(socket, options);
  }

  send(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(data, (error) => error ? reject(error) : resolve());
    });
  }

  /** Sends FIN; reading goes on. */
  half(): void {
    this.#socket.end();
  }

  resume(): void {
    this.#socket.resume();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  received(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#chunks));
  }

  /** Resolves with all text so far once it contains `text`. Rejects when the connection ends before. */
  async until(text: string): Promise<string> {
    for (;;) {
      const all = new TextDecoder().decode(this.received());
      if (all.includes(text)) return all;
      if (this.#end !== undefined) throw new Error(`${this.#end} after ${JSON.stringify(all)}`);
      await this.#news.promise;
    }
  }

  /** Resolves when the connection has ended, however, and closes this side too. */
  async ending(): Promise<Ending> {
    while (this.#end === undefined) await this.#news.promise;
    const end = this.#end;
    await this.close();
    return { text: new TextDecoder().decode(this.received()), end };
  }

  async close(): Promise<void> {
    if (this.#socket.closed) return;
    const closed = new Promise((resolve) => this.#socket.once("close", resolve));
    this.#socket.destroy();
    await closed;
  }

  #wake(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
