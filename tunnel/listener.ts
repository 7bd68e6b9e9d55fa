/** Opens local addresses and hands over what connects. */
import * as net from "node:net";
import { formatAddress } from "./stunnel_values.ts";
import type { Address } from "./types.ts";

/** An open local address. */
export interface Listener {
  /** Really bound, as `host:port` or a path. */
  readonly address: string;
  /** Stops listening; connections live on. Resolves when the address is free. */
  close(): Promise<void>;
  /** To be called when the process has run out of descriptors: makes sure that the listener survives it. */
  check(): void;
  /** Cuts the connections that other threads accepted. */
  cut(): void;
  /** Resolves when it is closed and the last connection that other threads accepted has ended. */
  idle(): Promise<void>;
}

const BACKLOG = 511;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 1000;
const PULSE_MS = 30_000;
const ANSWER_MS = 2000;
// With four threads one in a thousand questions remains without an answer of its own.
const MOST_KNOCKS = 24;
const FIRST_DYNAMIC_PORT = 49_152;

/** Who else listens on the same port, and from which ports each of them asks whether it still lives. */
export interface Sharing {
  /** One port for each listener of every thread; 0 while it does not ask. */
  readonly knocks: Int32Array;
  /** Which of them is ours. */
  readonly slot: number;
}

/** Listens for plain clients, with `sharing` beside other threads. Rejects with the system's error. */
export async function listenPlain(
  address: Address,
  accept: (socket: net.Socket) => void,
  sharing?: Sharing,
): Promise<Listener> {
  const listener = new PlainListener(address, { accept, sharing });
  await listener.open();
  return listener;
}

/**
 * A server of node:net on Deno 2.9 stops accepting for ever, and says nothing, once accepting has failed for want of a
 * descriptor. So it is asked from time to time whether it still lives, and opened anew when not.
 */
class PlainListener implements Listener {
  #target: Address;
  #server: net.Server | undefined;
  #closed = false;
  #checking = false;
  #acceptedSince = false;
  #knocked: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #accept: (socket: net.Socket) => void;
  readonly #shared: boolean;
  readonly #sharing: Sharing;

  constructor(
    address: Address,
    { accept, sharing }: {
      readonly accept: (socket: net.Socket) => void;
      readonly sharing: Sharing | undefined;
    },
  ) {
    this.#target = address;
    this.#accept = accept;
    this.#shared = sharing !== undefined;
    this.#sharing = sharing ?? { knocks: new Int32Array(1), slot: 0 };
  }

  get address(): string {
    return formatAddress(this.#target);
  }

  async open(): Promise<void> {
    if ("path" in this.#target) await removeLeftover(this.#target.path);
    const server = net.createServer(
      { allowHalfOpen: true, pauseOnConnect: true, noDelay: true },
      (socket) => this.#take(socket),
    );
    const target = "path" in this.#target ? { path: this.#target.path } : this.#target;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      const sharing = this.#shared ? { reusePort: true } : {};
      server.listen({ ...target, ...sharing, backlog: BACKLOG }, resolve);
    });
    server.removeAllListeners("error").on("error", () => this.check());
    const bound = server.address();
    // The same port again when it is opened anew.
    if (bound !== null && typeof bound !== "string") this.#target = { host: bound.address, port: bound.port };
    if (this.#closed) return void server.close();
    this.#server = server;
    this.#schedule(PULSE_MS);
  }

  close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#server?.close();
    this.#server = undefined;
    return Promise.resolve();
  }

  cut(): void {}

  idle(): Promise<void> {
    return Promise.resolve();
  }

  check(): void {
    this.#acceptedSince = false;
    if (!this.#checking && !this.#closed) this.#schedule(LONGEST_PAUSE_MS);
  }

  #take(socket: net.Socket): void {
    this.#acceptedSince = true;
    const from = socket.remotePort ?? 0;
    const { knocks, slot } = this.#sharing;
    if (from === 0 || !isOwnMachine(socket) || !knocks.includes(from)) return this.#accept(socket);
    if (knocks[slot] === from) this.#knocked?.();
    socket.destroy();
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#pulse(), delayMs);
    // The listener itself keeps the process alive.
    Deno.unrefTimer(Number(this.#timer));
  }

  async #pulse(): Promise<void> {
    this.#checking = true;
    const alive = this.#acceptedSince || await this.#answers();
    this.#acceptedSince = false;
    this.#checking = false;
    if (this.#closed) return;
    if (alive) return this.#schedule(PULSE_MS);
    this.#server?.close();
    this.#server = undefined;
    await this.open().catch(() => this.#schedule(LONGEST_PAUSE_MS));
  }

  /** Whether a connection to our own address is accepted, and by this thread. */
  async #answers(): Promise<boolean> {
    const target = this.#target;
    if ("path" in target) return await this.#answersOn(target.path);
    for (let attempt = 0; attempt < MOST_KNOCKS; attempt++) {
      const answer = await this.#knock(reachable(target.host), target.port);
      if (answer !== "another") return answer === "here";
    }
    return true;
  }

  /** Connects from a port that all threads know; the system chooses which of them takes it. */
  async #knock(host: string, port: number): Promise<"here" | "another" | "nobody"> {
    const { knocks, slot } = this.#sharing;
    const from = FIRST_DYNAMIC_PORT + Math.floor(Math.random() * (0x10000 - FIRST_DYNAMIC_PORT));
    knocks[slot] = from;
    const { promise, resolve } = Promise.withResolvers<"here" | "another" | "nobody">();
    this.#knocked = () => resolve("here");
    const socket = net.connect({ host, port, localAddress: host, localPort: from });
    socket.on(
      "error",
      (error) => resolve("code" in error && error.code === "EADDRINUSE" ? "another" : "nobody"),
    );
    socket.on("end", () => resolve("another")).on("close", () => resolve("another")).resume();
    const timer = setTimeout(() => resolve("nobody"), ANSWER_MS);
    const answer = await promise;
    clearTimeout(timer);
    this.#knocked = undefined;
    socket.destroy();
    knocks[slot] = 0;
    return answer;
  }

  async #answersOn(path: string): Promise<boolean> {
    try {
      using connection = await Deno.connect({ transport: "unix", path });
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ANSWER_MS);
      // Ends when a service is done with an idle client.
      connection.read(new Uint8Array(1)).then(() => resolve(), () => resolve());
      await promise;
      clearTimeout(timer);
      return this.#acceptedSince;
    } catch {
      return false;
    }
  }
}

function isOwnMachine({ remoteAddress, localAddress }: net.Socket): boolean {
  return remoteAddress === localAddress;
}

function reachable(host: string): string {
  return host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
}

/** Listens for TLS clients, whose handshake is the caller's business. Rejects with the system's error. */
export async function listenSecured(
  address: Address,
  accept: (connection: Deno.TcpConn | Deno.UnixConn) => void,
): Promise<Listener> {
  if ("path" in address) await removeLeftover(address.path);
  const listener = "path" in address
    ? Deno.listen({ transport: "unix", path: address.path })
    : Deno.listen({ hostname: address.host, port: address.port });
  void acceptAll(listener, accept);
  const { addr } = listener;
  const bound = addr.transport === "tcp" ? { host: addr.hostname, port: addr.port } : address;
  return {
    address: formatAddress(bound),
    close: () => Promise.resolve(listener.close()),
    check: () => {},
    cut: () => {},
    idle: () => Promise.resolve(),
  };
}

/** Removes the socket of a program that was killed, where nobody listens any more: it would keep the path for ever. */
async function removeLeftover(path: string): Promise<void> {
  try {
    if (!(await Deno.lstat(path)).isSocket) return;
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    // What keeps it from being removed is said when the path cannot be opened.
    if (error instanceof Deno.errors.ConnectionRefused) await Deno.remove(path).catch(() => {});
  }
}

async function acceptAll(
  listener: Deno.TcpListener | Deno.UnixListener,
  accept: (connection: Deno.TcpConn | Deno.UnixConn) => void,
): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    try {
      accept(await listener.accept());
      pauseMs = FIRST_PAUSE_MS;
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
      // No descriptor free, or a client that has gone already.
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }
}
