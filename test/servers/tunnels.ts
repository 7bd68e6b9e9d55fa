/** Tunnels to servers of a test: an authority both sides know, services written for it, and what they log. */
import assert from "node:assert/strict";
import {
  type Address,
  parseStunnelConf,
  type Service,
  type ServiceOptions,
  startTunnel,
  type Tunnel,
  type TunnelLogEntry,
  type TunnelOptions,
} from "../../tunnel/mod.ts";
import { createAuthority } from "./certificates.ts";
import { startTlsServer, type TlsPeer, type TlsServer, type TlsServerOptions } from "./tls_server.ts";

/** What is changed of a service as the configuration file gives it. */
export type Changes = Partial<ServiceOptions>;

export const authority = await createAuthority();
export const certificate = await authority.issue();

/** The authority's certificate, as `CAfile` names it. */
export const caFile = await Deno.makeTempFile({ suffix: ".pem" });
await Deno.writeTextFile(caFile, authority.pem);
globalThis.addEventListener("unload", () => Deno.removeSync(caFile));

/** The two ways TLS is done towards a server, each with what makes a service take it. */
export const PATHS: Readonly<Record<string, Changes>> = {
  "native TLS": {},
  // Native TLS checks one name only.
  "node:tls": { checkHost: ["localhost", "also.example"] },
};

/** Time limits of which a test can wait for the last, without hurrying a server that does answer. */
export const SOON = { connectMs: 10_000, handshakeMs: 10_000, idleMs: 60_000, closeMs: 200 };

/** For servers that never answer: the test waits for these. */
export const HASTY = { ...SOON, connectMs: 300, handshakeMs: 300 };

/** A client-mode service on a free port, that trusts the tests' authority. */
export function clientService(connect: number | Address, changes: Changes = {}): ServiceOptions {
  const port = typeof connect === "number" ? connect : 1;
  const text =
    `[test]\nclient = yes\naccept = 127.0.0.1:0\nconnect = localhost:${port}\nCAfile = ${caFile}\n`;
  const [service] = parseStunnelConf(text, { file: "test.conf" }).services;
  assert(service);
  return { ...service, ...(typeof connect === "number" ? {} : { connect: [connect] }), ...changes };
}

/** What a tunnel has logged. */
export class TunnelJournal {
  readonly entries: TunnelLogEntry[] = [];
  readonly #watchers = new Set<() => void>();

  readonly log = (entry: TunnelLogEntry): void => {
    this.entries.push(entry);
    for (const wake of this.#watchers) wake();
  };

  /** All of it, one line each, as text. */
  get text(): string {
    return this.entries.map((entry) => JSON.stringify(entry)).join("\n");
  }

  /** Resolves with the first `count` entries of that message, of one service if it is named, when there are so many. */
  async logged(
    message: string | RegExp,
    { count = 1, service }: { readonly count?: number; readonly service?: string } = {},
  ): Promise<TunnelLogEntry[]> {
    for (;;) {
      const found = this.entries.filter((entry) =>
        (service === undefined || entry.properties.service === service) &&
        (typeof message === "string" ? entry.message === message : message.test(entry.message))
      );
      if (found.length >= count) return found.slice(0, count);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#watchers.add(resolve);
      await promise;
      this.#watchers.delete(resolve);
    }
  }
}

/** One service that runs. */
export interface RunningService extends AsyncDisposable {
  readonly tunnel: Tunnel;
  readonly service: Service;
  /** Where it listens first; empty when nowhere. */
  readonly address: string;
  readonly journal: TunnelJournal;
}

/** Starts a tunnel of one service. */
export async function startService(
  options: ServiceOptions,
  settings: Pick<TunnelOptions, "threads" | "probeDelayMs"> = {},
): Promise<RunningService> {
  const journal = new TunnelJournal();
  const tunnel = await startTunnel({ services: [options], log: journal.log, ...settings });
  const [service] = tunnel.services;
  assert(service);
  return {
    tunnel,
    service,
    address: service.addresses[0] ?? "",
    journal,
    [Symbol.asyncDispose]: () => tunnel[Symbol.asyncDispose](),
  };
}

/** Starts a server and a service to it. */
export async function startBoth(
  server: Partial<TlsServerOptions>,
  changes: Changes = {},
): Promise<RunningService & { readonly server: TlsServer }> {
  const stack = new AsyncDisposableStack();
  const upstream = stack.use(await startTlsServer({ certificate, ...server }));
  const running = stack.use(await startService(clientService(upstream.port, changes)));
  return { ...running, server: upstream, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** A server's part that repeats what it hears and ends when its client has. */
export async function echo(peer: TlsPeer): Promise<void> {
  peer.socket.on("data", (chunk) => void peer.send(chunk).catch(() => {}));
  await peer.ended();
  peer.closeNotify();
}

/** A server's part that says one thing and ends. */
export function say(text: string): (peer: TlsPeer) => Promise<void> {
  return async (peer) => {
    await peer.send(text);
    peer.closeNotify();
  };
}

/** Resolves when it holds: for counters, which give no sign when they change. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
