/** The plain side of a connection: node:net, since only it can send a TCP reset. */
import type { Socket } from "node:net";
import type { DialledConnection } from "./types.ts";

// One chunk of node:net is at most 64 KiB: some of them keep both sides busy, and bound what a connection holds.
const QUEUE_LIMIT_BYTES = 256 * 1024;
const KEEPALIVE_IDLE_MS = 60_000;

/**
 * A socket that is read chunk by chunk and written with back-pressure. It must have been made with `allowHalfOpen` and
 * paused.
 */
export class PlainSocket {
  readonly #socket: Socket;
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #ended = false;
  #error: Error | undefined;
  #news: PromiseWithResolvers<void> | undefined;
  readonly #onClose: (() => void)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEPALIVE_IDLE_MS);
    socket.on("data", this.#take);
    socket.on("end", this.#finish);
    socket.on("error", this.#fail);
    socket.on("close", this.#leave);
    socket.resume();
  }

  get remote(): string {
    const { remoteAddress, remotePort } = this.#socket;
    return remoteAddress === undefined ? "unix" : `${remoteAddress}:${remotePort}`;
  }

  /** The next chunk; `null` at the end. Rejects when the connection breaks. One call at a time. */
  async next(): Promise<Uint8Array | null> {
    await this.peek();
    const chunk = this.#queue.shift();
    if (chunk === undefined) return null;
    this.#queuedBytes -= chunk.length;
    if (this.#queuedBytes < QUEUE_LIMIT_BYTES && this.#socket.isPaused()) this.#socket.resume();
    return chunk;
  }

  /** Waits like `next`, and leaves the chunk where it is. */
  async peek(): Promise<Uint8Array | null> {
    while (this.#queue.length === 0) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) return null;
      this.#news ??= Promise.withResolvers();
      await this.#news.promise;
    }
    return this.#queue[0] ?? null;
  }

  /** Resolves when the system has taken all of it; rejects when the connection breaks. `bytes` may then be used again. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve());
    });
  }

  /** Says that nothing more will be written; reading goes on. */
  end(): void {
    this.#socket.end();
  }

  /** Ends with a TCP reset: the peer cannot take it for a clean end. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Resolves when the socket is gone. */
  closed(): Promise<void> {
    if (this.#socket.closed) return Promise.resolve();
    return new Promise((resolve) => this.#onClose.push(resolve));
  }

  readonly #take = (chunk: Uint8Array): void => {
    this.#queue.push(chunk);
    this.#queuedBytes += chunk.length;
    if (this.#queuedBytes >= QUEUE_LIMIT_BYTES) this.#socket.pause();
    this.#wakeUp();
  };

  readonly #finish = (): void => {
    this.#ended = true;
    this.#wakeUp();
  };

  readonly #fail = (error: Error): void => {
    this.#error ??= error;
    this.#wakeUp();
  };

  readonly #leave = (): void => {
    if (!this.#ended) this.#error ??= new Error("the connection was closed");
    this.#wakeUp();
    for (const done of this.#onClose.splice(0)) done();
  };

  #wakeUp(): void {
    this.#news?.resolve();
    this.#news = undefined;
  }
}

/** A plain socket as a connection, for a program in this process. */
export class SocketConnection implements DialledConnection {
  readonly #socket: PlainSocket;
  #rest: Uint8Array = new Uint8Array();

  constructor(socket: PlainSocket) {
    this.#socket = socket;
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (this.#rest.length === 0) {
      const chunk = await this.#socket.next();
      if (chunk === null) return null;
      this.#rest = chunk;
    }
    const count = Math.min(into.length, this.#rest.length);
    into.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return count;
  }

  async write(from: Uint8Array): Promise<number> {
    await this.#socket.write(from);
    return from.length;
  }

  closeWrite(): Promise<void> {
    this.#socket.end();
    return Promise.resolve();
  }

  close(): void {
    this.#socket.close();
  }
}
