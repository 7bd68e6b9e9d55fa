/**
 * TLS by node:tls: the server's side, and for clients what native TLS cannot do (pins, a newer minimum version, another
 * server name, client certificates, UNIX sockets).
 */
import { Duplex } from "node:stream";
import * as tls from "node:tls";
import type { DialledConnection } from "./types.ts";

// node:tls on Deno decrypts whatever it is given, read or not: it is given no more than this ahead of the reader.
const AHEAD_BYTES = 64 * 1024;
const RECORD_BYTES = 16 * 1024 + 512;

/**
 * A TLS connection over a raw one, with back-pressure both ways. `read` rejects with `UnexpectedEof` when the peer ends
 * without close_notify.
 */
export class NodeTlsConnection implements DialledConnection {
  readonly #raw: DialledConnection;
  readonly #socket: tls.TLSSocket;
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;
  #pulling = false;
  #wanted = false;
  #closed = false;
  #secured = false;
  #last: ReturnType<typeof setTimeout> | undefined;
  readonly #transport: Duplex;

  constructor(
    raw: DialledConnection,
    role: "client" | "server",
    secure: (transport: Duplex) => tls.TLSSocket,
  ) {
    this.#raw = raw;
    this.#transport = new Duplex({
      allowHalfOpen: true,
      read: () => {
        this.#wanted = true;
        this.#pull();
      },
      write: (chunk: Uint8Array, _encoding, done) => void writeWhole(raw, chunk).then(() => done(), done),
      // The raw connection must stay open for what the peer still says.
      final: (done) => done(),
    });
    this.#transport.on("error", (error) => this.#fail(error));
    this.#socket = secure(this.#transport);
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("data", (chunk: Uint8Array) => {
      this.#queue.push(chunk);
      this.#queuedBytes += chunk.length;
      this.#wakeUp();
    });
    this.#socket.on("end", () => {
      this.#ended = true;
      this.#wakeUp();
    });
    this.#socket.on("close", () => this.#fail(new Deno.errors.UnexpectedEof("closed")));
    // A client's "secure" comes before the peer is checked, and a server has no "secureConnect".
    this.#socket.once(role === "client" ? "secureConnect" : "secure", () => {
      this.#secured = true;
      this.#wakeUp();
    });
  }

  get socket(): tls.TLSSocket {
    return this.#socket;
  }

  /** Resolves when the handshake is done, rejects when it fails. */
  async handshake(): Promise<void> {
    while (!this.#secured) {
      if (this.#error !== undefined) throw this.#error;
      await new Promise<void>((wake) => void (this.#wake = wake));
    }
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#queue.length === 0) {
      if (this.#ended) return null;
      if (this.#error !== undefined) throw this.#error;
      await new Promise<void>((wake) => void (this.#wake = wake));
    }
    const chunk = this.#queue[0] ?? new Uint8Array();
    const count = Math.min(into.length, chunk.length);
    into.set(chunk.subarray(0, count));
    if (count === chunk.length) this.#queue.shift();
    else this.#queue[0] = chunk.subarray(count);
    this.#queuedBytes -= count;
    this.#pull();
    return count;
  }

  write(from: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#error !== undefined) reject(this.#error);
      else this.#socket.write(from, (error) => error ? reject(error) : resolve(from.length));
    });
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve) => void this.#socket.end(() => resolve()));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#last);
    this.#fail(new Deno.errors.Interrupted("closed"));
    this.#socket.destroy();
    this.#transport.destroy();
    this.#raw.close();
  }

  #pull(): void {
    if (this.#pulling || this.#closed || !this.#wanted || this.#queuedBytes >= AHEAD_BYTES) return;
    this.#pulling = true;
    this.#wanted = false;
    const buffer = new Uint8Array(RECORD_BYTES);
    this.#raw.read(buffer).then((count) => {
      this.#pulling = false;
      if (count === null) this.#rawEnded();
      else this.#transport.push(buffer.subarray(0, count));
    }, (error) => this.#fail(error));
  }

  /** A close_notify would have come before the end of the raw connection. */
  #rawEnded(): void {
    if (this.#closed) return;
    this.#last = setTimeout(() => {
      if (!this.#ended) this.#fail(new Deno.errors.UnexpectedEof("peer closed without close_notify"));
    });
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#wakeUp();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

async function writeWhole(raw: DialledConnection, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await raw.write(bytes.subarray(written));
}
