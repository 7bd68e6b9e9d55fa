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
const ANSWER_MS = 500;
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
 * descriptor. So it is asked whether it still lives, soon after it has accepted and from time to time, and opened anew
 * when not.
 */
class PlainListener implements Listener {
  #target: Address;
  #server: net.Server | undefined;
  #closed = false;
  #checking = false;
  #suspected = false;
  #acceptedSince = false;
  #pauseMs = FIRST_PAUSE_MS;
  #pulsing: Promise<void> = Promise.resolve();
  #knocked: (() => void) | undefined;
  #giveUp: (() => void) | undefined;
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

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#server?.close();
    this.#server = undefined;
    this.#giveUp?.();
    await this.#pulsing;
  }

  cut(): void {}

  idle(): Promise<void> {
    return Promise.resolve();
  }

  check(): void {
    if (this.#suspected || this.#closed) return;
    this.#suspected = true;
    if (!this.#checking) this.#schedule(this.#pauseMs);
  }

  #take(socket: net.Socket): void {
    const from = socket.remotePort ?? 0;
    const { knocks, slot } = this.#sharing;
    if (from !== 0 && isOwnMachine(socket) && knocks.includes(from)) {
      if (knocks[slot] === from) this.#knocked?.();
      return void socket.destroy();
    }
    // Accepting may have failed right after this one. On a UNIX socket the question itself looks like a client, which
    // only a suspicion is worth.
    if (!this.#acceptedSince && !this.#suspected && !this.#checking && from !== 0) {
      this.#schedule(LONGEST_PAUSE_MS);
    }
    this.#acceptedSince = true;
    this.#accept(socket);
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void (this.#pulsing = this.#pulse()), delayMs);
    // The listener itself keeps the process alive.
    Deno.unrefTimer(Number(this.#timer));
  }

  async #pulse(): Promise<void> {
    this.#checking = true;
    const state = this.#server === undefined ? "dead" : await this.#state();
    this.#checking = false;
    if (this.#closed) return;
    this.#acceptedSince = false;
    if (state === "lives") {
      this.#suspected = false;
      this.#pauseMs = FIRST_PAUSE_MS;
      return this.#schedule(PULSE_MS);
    }
    if (state === "dead") {
      this.#server?.close();
      this.#server = undefined;
      await this.open().catch(() => {});
      if (this.#closed) return;
    }
    // One that was opened for want of descriptors may have stopped again.
    this.#suspected = true;
    this.#schedule(this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  /** Whether a connection to our own address is accepted, and by this thread; "unknown" without a descriptor to ask. */
  async #state(): Promise<"lives" | "dead" | "unknown"> {
    const target = this.#target;
    if ("path" in target) return this.#suspected ? await this.#stateOf(target.path) : "lives";
    // Another thread that has stopped accepting leaves its share of the questions without an answer.
    let silences = this.#shared ? 2 : 1;
    for (let attempt = 0; attempt < MOST_KNOCKS; attempt++) {
      const answer = await this.#knock(reachable(target.host), target.port);
      if (answer === "here") return "lives";
      if (answer === "unasked") return "unknown";
      if (answer === "nobody" && --silences === 0) return "dead";
    }
    return "lives";
  }

  /** Connects from a port that all threads know; the system chooses which of them takes it. */
  async #knock(host: string, port: number): Promise<"here" | "another" | "nobody" | "unasked"> {
    const { knocks, slot } = this.#sharing;
    const from = FIRST_DYNAMIC_PORT + Math.floor(Math.random() * (0x10000 - FIRST_DYNAMIC_PORT));
    knocks[slot] = from;
    const { promise, resolve } = Promise.withResolvers<"here" | "another" | "nobody" | "unasked">();
    this.#knocked = () => resolve("here");
    this.#giveUp = () => resolve("unasked");
    const socket = net.connect({ host, port, localAddress: host, localPort: from });
    socket.on("error", (error) => {
      const code = "code" in error ? error.code : "";
      if (code === "EMFILE" || code === "ENFILE") resolve("unasked");
      else resolve(code === "EADDRINUSE" || code === "EADDRNOTAVAIL" ? "another" : "nobody");
    });
    socket.on("end", () => resolve("another")).on("close", () => resolve("another")).resume();
    const answer = await within(ANSWER_MS, promise) ?? "nobody";
    this.#knocked = undefined;
    this.#giveUp = undefined;
    if (!socket.closed) {
      const closed = new Promise((done) => socket.once("close", done));
      socket.destroy();
      await closed;
    }
    knocks[slot] = 0;
    return answer;
  }

  async #stateOf(path: string): Promise<"lives" | "dead" | "unknown"> {
    this.#acceptedSince = false;
    try {
      using connection = await Deno.connect({ transport: "unix", path });
      const ended = Promise.withResolvers<void>();
      this.#giveUp = ended.resolve;
      // Ends when a service is done with an idle client.
      connection.read(new Uint8Array(1)).then(() => ended.resolve(), () => ended.resolve());
      await within(ANSWER_MS, ended.promise);
      return this.#acceptedSince ? "lives" : "dead";
    } catch (error) {
      return error instanceof Deno.errors.ConnectionRefused ? "dead" : "unknown";
    } finally {
      this.#giveUp = undefined;
    }
  }
}

/** What the promise resolves with, if it does so in time. */
async function within<T>(limitMs: number, promise: Promise<T>): Promise<T | undefined> {
  let timer;
  const late = new Promise<undefined>((resolve) => {
    // In two steps: what came while the process was busy is seen between them.
    timer = setTimeout(() => void (timer = setTimeout(() => resolve(undefined), limitMs / 2)), limitMs / 2);
  });
  const result = await Promise.race([promise, late]);
  clearTimeout(timer);
  return result;
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
