/** One accept/connect pair: its ports, its limits, its counters. */
import { dialPlain, dialUpstream } from "./dial.ts";
import { InProcessConnection } from "./in_process.ts";
import { type Listener, listenPlain, listenSecured } from "./listener.ts";
import { PemFiles } from "./pem_files.ts";
import { PlainSocket, SocketConnection } from "./plain_socket.ts";
import { explainPort, type PortError } from "./port_errors.ts";
import { CertificateProbe } from "./probe.ts";
import { serveSecured } from "./server_session.ts";
import { serveClient, type SessionContext } from "./session.ts";
import { formatAddress, isLocal } from "./stunnel_values.ts";
import {
  type Address,
  type DialledConnection,
  type Service,
  type ServiceCounters,
  type ServiceOptions,
  type ServiceState,
  type ServiceTls,
  TunnelError,
  type TunnelLog,
  type TunnelLogEntry,
} from "./types.ts";

const RETRY_MS = 5000;

/** A running service. Never throws because its port or its upstream fails. */
export class TunnelService implements Service {
  readonly options: ServiceOptions;
  readonly counters: ServiceCounters = {
    connections: 0,
    active: 0,
    refused: 0,
    failed: 0,
    bytesIn: 0,
    bytesOut: 0,
  };
  #state: ServiceState = "starting";
  #error: PortError | undefined;
  #lastError: Service["lastError"];
  #turn = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #opening: Promise<void> = Promise.resolve();
  readonly #unopened = new Set<Address>();
  readonly #listeners = new Set<Listener>();
  readonly #sessions = new Map<AbortController, Promise<void>>();
  readonly #pem: PemFiles;
  readonly #probe: CertificateProbe;
  readonly #log: TunnelLog;

  constructor(options: ServiceOptions, log: TunnelLog) {
    this.options = options;
    this.#log = log;
    this.#pem = new PemFiles(options);
    this.#probe = new CertificateProbe(options);
    for (const address of options.accept) this.#unopened.add(address);
  }

  get name(): string {
    return this.options.name;
  }

  get state(): ServiceState {
    return this.#state;
  }

  get error(): PortError | undefined {
    return this.#error;
  }

  get lastError(): Service["lastError"] {
    return this.#lastError;
  }

  get addresses(): readonly string[] {
    return [...this.#listeners].map((listener) => listener.address);
  }

  get tls(): ServiceTls {
    return { detectsTruncation: true, ...this.#probe.found };
  }

  get warnings(): readonly string[] {
    const { client, verify, accept, unsafeListen } = this.options;
    const exposed = accept.filter((address) => client && unsafeListen && !isLocal(address)).map(
      formatAddress,
    );
    return [
      ...(client && !verify
        ? ["The server is not verified (verify = no): passwords can be stolen on the way"]
        : []),
      ...(exposed.length > 0 ? [`Passwords cross the network in clear text (${exposed.join(", ")})`] : []),
      ...(this.#pem.fault === undefined ? [] : [`The former certificate stays in use: ${this.#pem.fault}`]),
      ...this.#probe.warnings,
    ];
  }

  /** Opens the ports; what cannot be opened is tried again every few seconds. */
  start(): Promise<void> {
    this.#opening = this.#open();
    return this.#opening;
  }

  /** Closes the ports; connections live on. */
  async stop(): Promise<void> {
    if (this.#state === "stopped") return;
    this.#state = "stopped";
    clearTimeout(this.#retry);
    await this.#opening;
    for (const listener of this.#listeners) listener.close();
    this.#listeners.clear();
    this.#error = undefined;
    this.#say("info", "service stopped", {});
  }

  /** Resolves when the last connection has ended. */
  async idle(): Promise<void> {
    while (this.#sessions.size > 0) await Promise.all(this.#sessions.values());
  }

  /** Cuts every connection. */
  async cut(): Promise<void> {
    for (const session of this.#sessions.keys()) session.abort();
    this.#probe.stop();
    await Promise.all([this.idle(), this.#probe.stopped]);
  }

  async dial(signal?: AbortSignal): Promise<DialledConnection> {
    if (this.counters.active >= this.options.maxConnections) {
      this.counters.refused++;
      throw this.#tooMany();
    }
    const session = new AbortController();
    const ended = Promise.withResolvers<void>();
    const abort = () => session.abort();
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
    this.counters.connections++;
    this.counters.active++;
    this.#sessions.set(session, ended.promise);
    const done = () => {
      signal?.removeEventListener("abort", abort);
      if (!this.#sessions.delete(session)) return;
      this.counters.active--;
      ended.resolve();
    };
    try {
      const { connection, greeting } = await this.#reach(session.signal);
      return new InProcessConnection(connection, {
        greeting,
        counters: this.counters,
        mailProtocol: this.options.mailProtocol,
        truncation: this.options.truncation,
        signal: session.signal,
        done,
      });
    } catch (error) {
      done();
      throw this.#noteFailure(error);
    }
  }

  async #open(): Promise<void> {
    let fault: PortError | undefined;
    let hopeless = true;
    for (const address of this.#unopened) {
      if (this.options.client && !this.options.unsafeListen && !isLocal(address)) {
        fault ??= exposedError(address);
        continue;
      }
      hopeless = false;
      try {
        const listener = this.options.client
          ? await listenPlain(
            address,
            (socket) => this.#accept((context) => serveClient(new PlainSocket(socket), context)),
          )
          : await listenSecured(address, (raw) => this.#accept((context) => serveSecured(raw, context)));
        this.#unopened.delete(address);
        this.#listeners.add(listener);
        this.#say("info", "listening", { address: listener.address });
      } catch (error) {
        fault ??= explainPort(error, address);
      }
    }
    // Stopped meanwhile: stop() closes what was opened.
    if (this.#state === "stopped") return;
    if (fault !== undefined && fault.message !== this.#error?.message) {
      this.#say("error", fault.message, { remedies: fault.remedies });
    }
    this.#error = fault;
    this.#state = this.#listeners.size > 0 ? "listening" : "error";
    if (this.#unopened.size === 0 || hopeless) return;
    this.#retry = setTimeout(() => void this.start(), RETRY_MS);
    Deno.unrefTimer(Number(this.#retry));
  }

  #accept(serve: (context: SessionContext) => Promise<void>): void {
    const session = new AbortController();
    const admitted = this.counters.active < this.options.maxConnections;
    if (admitted) {
      this.counters.connections++;
      this.counters.active++;
    } else {
      this.counters.refused++;
      this.#noteFailure(this.#tooMany(), "refused");
    }
    const served = serve({
      options: this.options,
      counters: this.counters,
      signal: session.signal,
      admitted,
      giveUp: () => session.abort(),
      load: () => this.#pem.load(),
      dial: () => this.#reach(session.signal),
      dialPlain: async () =>
        await dialPlain(this.options, {
          credentials: { authorities: [] },
          turn: this.#turn++,
          signal: session.signal,
        }),
      failed: (error) => this.#noteFailure(error),
      refused: (error) => {
        this.counters.refused++;
        return this.#noteFailure(error, "refused");
      },
      log: (level, message, properties) => this.#say(level, message, properties),
    }).finally(() => {
      this.#sessions.delete(session);
      if (admitted) this.counters.active--;
    });
    this.#sessions.set(session, served);
  }

  async #reach(signal: AbortSignal) {
    const context = { turn: this.#turn++, signal };
    if (!this.options.client) {
      const socket = await dialPlain(this.options, { credentials: { authorities: [] }, ...context });
      return { connection: new SocketConnection(socket), greeting: "", target: "" };
    }
    const credentials = await this.#pem.load();
    try {
      const upstream = await dialUpstream(this.options, { credentials, ...context });
      this.#probe.schedule(credentials);
      return upstream;
    } catch (error) {
      throw await this.#probe.refine(error, credentials);
    }
  }

  #noteFailure(cause: unknown, counter: "failed" | "refused" = "failed"): TunnelError {
    const error = cause instanceof TunnelError
      ? cause
      : new TunnelError("tls", cause instanceof Error ? cause.message : String(cause), { cause });
    if (error.kind === "aborted") return error;
    if (counter === "failed") this.counters.failed++;
    const { message, remedy } = error;
    this.#lastError = { message, ...(remedy === undefined ? {} : { remedy }), at: new Date() };
    if (error.kind === "limit") { for (const listener of this.#listeners) listener.check(); }
    return error;
  }

  #tooMany(): TunnelError {
    return new TunnelError(
      "limit",
      `Cannot serve another connection: ${this.options.maxConnections} are open`,
      {
        remedy: "Raise max-connections in the section, or see which program opens so many",
      },
    );
  }

  #say(level: TunnelLogEntry["level"], message: string, properties: Record<string, unknown>): void {
    this.#log({ level, message, properties: { service: this.options.name, ...properties } });
  }
}

function exposedError(address: Address): PortError {
  return {
    message: `Cannot listen on "${formatAddress(address)}": other machines could reach it in clear text`,
    remedies: ["Listen on 127.0.0.1", "Add unsafe-listen = yes to the section to accept the danger"],
  };
}
