/**
 * Threads that accept and relay, all on the same local ports (SO_REUSEPORT): encryption uses every core, and the other
 * work of the process does not hold connections up.
 */
import type { Listener } from "./listener.ts";
import type { SharedCounters } from "./shared_counters.ts";
import { formatAddress } from "./stunnel_values.ts";
import {
  type Address,
  type ServiceOptions,
  TunnelError,
  type TunnelFault,
  type TunnelLog,
  type TunnelLogEntry,
} from "./types.ts";

/** What a thread is told. */
export type Order =
  | {
    readonly order: "listen";
    readonly id: number;
    readonly service: ServiceOptions;
    readonly address: Address;
    readonly memory: SharedArrayBuffer;
    readonly row: number;
    /** See `Sharing`. */
    readonly knocks: SharedArrayBuffer;
    readonly slot: number;
  }
  | { readonly order: "close" | "cut" | "check"; readonly id: number };

/** What a thread tells. */
export type News =
  | { readonly news: "listening"; readonly id: number; readonly port: number }
  | { readonly news: "fault"; readonly id: number; readonly code: string; readonly message: string }
  | { readonly news: "log"; readonly id: number; readonly entry: TunnelLogEntry }
  | { readonly news: "reached"; readonly id: number }
  | {
    readonly news: "failure";
    readonly id: number;
    readonly kind: TunnelFault;
    readonly message: string;
    readonly remedy?: string;
  }
  /** The address is free again. */
  | { readonly news: "closed"; readonly id: number }
  /** Closed, and the last connection has ended. */
  | { readonly news: "idle"; readonly id: number };

/** What a service wants of the threads. */
export interface SharedListening {
  readonly service: ServiceOptions;
  readonly address: TcpAddress;
  readonly counters: SharedCounters;
  /** The first of the rows meant for this address, one per thread. */
  readonly firstRow: number;
  readonly log: TunnelLog;
  onReached(): void;
  onFailure(error: TunnelError): void;
}

type TcpAddress = Extract<Address, { port: number }>;

const RESTART_MS = 1000;
// More than there will ever be listeners.
const KNOCK_SLOTS = 512;

/** Threads of one tunnel; they start with the first address. */
export class Threads {
  readonly count: number;
  readonly #threads: Thread[] = [];
  #lastId = 0;
  #opening: Promise<unknown> = Promise.resolve();
  readonly #knocks: SharedArrayBuffer;

  constructor(count: number) {
    this.count = count;
    this.#knocks = new SharedArrayBuffer(KNOCK_SLOTS * Int32Array.BYTES_PER_ELEMENT);
  }

  /** Opens the address in every thread. Rejects with the system's error, `code` included. */
  listen(listening: SharedListening): Promise<Listener> {
    // One after the other: two services of one port would both find it free, and share it.
    const opened = this.#opening.then(() => this.#listen(listening));
    this.#opening = opened.catch(() => {});
    return opened;
  }

  async #listen(listening: SharedListening): Promise<Listener> {
    const { address } = listening;
    // SO_REUSEPORT would share the port with another gateway in silence: see first whether it is free.
    Deno.listen({ hostname: address.host, port: address.port }).close();
    while (this.#threads.length < this.count) {
      this.#threads.push(new Thread(this.#threads.length, { count: this.count, knocks: this.#knocks }));
    }
    const shares: Share[] = [];
    const order = (what: "close" | "cut" | "check") => {
      for (const [index, share] of shares.entries()) this.#threads[index]?.order(what, share);
    };
    const close = async () => {
      order("close");
      await Promise.all(shares.map((share) => share.closed.promise));
    };
    let { port } = address;
    try {
      for (const [index, thread] of this.#threads.entries()) {
        const share = new Share(++this.#lastId, {
          listening,
          address: { host: address.host, port },
          row: listening.firstRow + index,
        });
        shares.push(share);
        port = await thread.listen(share);
      }
    } catch (error) {
      await close();
      throw error;
    }
    return {
      address: formatAddress({ host: address.host, port }),
      close,
      check: () => order("check"),
      cut: () => order("cut"),
      idle: async () => void await Promise.all(shares.map((share) => share.idle.promise)),
    };
  }

  /** Ends the threads with everything they still serve. */
  stop(): void {
    for (const thread of this.#threads.splice(0)) thread.stop();
  }
}

/** One address in one thread. */
class Share {
  readonly listening = Promise.withResolvers<number>();
  readonly closed = Promise.withResolvers<void>();
  readonly idle = Promise.withResolvers<void>();
  closing = false;

  constructor(
    readonly id: number,
    readonly what: {
      readonly listening: SharedListening;
      readonly address: TcpAddress;
      readonly row: number;
    },
  ) {
    // Who opened it hears of a fault; later openings after a crash have nobody to hear it.
    this.listening.promise.catch(() => {});
  }

  gone(): void {
    this.closed.resolve();
    this.idle.resolve();
  }
}

class Thread {
  #worker: Worker;
  #stopped = false;
  #restart: ReturnType<typeof setTimeout> | undefined;
  readonly #shares = new Map<number, Share>();
  readonly #index: number;
  readonly #all: { readonly count: number; readonly knocks: SharedArrayBuffer };

  constructor(index: number, all: { readonly count: number; readonly knocks: SharedArrayBuffer }) {
    this.#index = index;
    this.#all = all;
    this.#worker = this.#start();
  }

  /** Resolves with the port once it is open. */
  listen(share: Share): Promise<number> {
    this.#shares.set(share.id, share);
    this.#ask(share);
    return share.listening.promise;
  }

  order(order: "close" | "cut" | "check", share: Share): void {
    if (order === "close") share.closing = true;
    if (this.#shares.has(share.id)) this.#send({ order, id: share.id });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#restart);
    this.#worker.terminate();
    for (const share of this.#shares.values()) share.gone();
  }

  #start(): Worker {
    const worker = new Worker(new URL("./thread.ts", import.meta.url).href, {
      type: "module",
      name: `tunnel ${this.#index + 1}`,
    });
    worker.onmessage = ({ data }: MessageEvent<readonly News[]>) => {
      for (const news of data) this.#hear(news);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#crashed(event.message);
    };
    return worker;
  }

  #ask({ id, what: { listening: { service, counters }, address, row } }: Share): void {
    const { knocks } = this.#all;
    this.#send({
      order: "listen",
      id,
      service,
      address,
      memory: counters.memory,
      row,
      knocks,
      slot: id % KNOCK_SLOTS,
    });
  }

  #send(order: Order): void {
    this.#worker.postMessage(order);
  }

  #hear(news: News): void {
    const share = this.#shares.get(news.id);
    if (share === undefined) return;
    const { listening } = share.what;
    switch (news.news) {
      case "listening":
        return share.listening.resolve(news.port);
      case "fault":
        this.#shares.delete(share.id);
        share.gone();
        return share.listening.reject(Object.assign(new Error(news.message), { code: news.code }));
      case "log":
        return listening.log(this.#numbered(news.entry));
      case "reached":
        return listening.onReached();
      case "failure": {
        const { kind, message, remedy } = news;
        return listening.onFailure(new TunnelError(kind, message, remedy === undefined ? {} : { remedy }));
      }
      case "closed":
        return share.closed.resolve();
      case "idle":
        this.#shares.delete(share.id);
        return share.gone();
    }
  }

  /** Every thread counts its connections from 1: makes the ids of all of them differ. */
  #numbered(entry: TunnelLogEntry): TunnelLogEntry {
    const { connection } = entry.properties;
    if (typeof connection !== "number") return entry;
    return {
      ...entry,
      properties: { ...entry.properties, connection: connection * (this.#all.count + 1) + this.#index + 1 },
    };
  }

  /** Its connections are lost; the ports are opened again in a new thread. */
  #crashed(message: string): void {
    if (this.#stopped) return;
    this.#worker.terminate();
    for (const share of this.#shares.values()) {
      const { listening, row } = share.what;
      listening.counters.row(row).active = 0;
      listening.log({
        level: "error",
        message: `A thread of the tunnel has failed, its connections are lost: ${message}`,
        properties: { service: listening.service.name },
      });
      if (!share.closing) continue;
      this.#shares.delete(share.id);
      share.gone();
    }
    this.#restart = setTimeout(() => {
      this.#worker = this.#start();
      for (const share of this.#shares.values()) this.#ask(share);
    }, RESTART_MS);
  }
}
