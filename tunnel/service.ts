/** One accept/connect pair: its ports, its limits, its counters. */
import { Connections } from "./connections.ts";
import { type Listener, listenPlain, listenSecured } from "./listener.ts";
import { canUseNativeTls } from "./peer.ts";
import type { Credentials } from "./pem_files.ts";
import { PlainSocket } from "./plain_socket.ts";
import { explainPort, type PortError } from "./port_errors.ts";
import { serveSecured } from "./server_session.ts";
import { serveClient } from "./session.ts";
import { SharedCounters } from "./shared_counters.ts";
import { inOpeningOrder, isStoodFor } from "./every_address.ts";
import { formatAddress, isLocal } from "./stunnel_values.ts";
import type { Threads } from "./threads.ts";
import type {
  Address,
  DialledConnection,
  Service,
  ServiceCounters,
  ServiceOptions,
  ServiceState,
  ServiceTls,
  TunnelError,
  TunnelLog,
  TunnelLogEntry,
} from "./types.ts";

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5000;

/** A running service. Never throws because its port or its upstream fails. */
export class TunnelService implements Service {
  readonly options: ServiceOptions;
  #state: ServiceState = "starting";
  #error: PortError | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #retryMs = FIRST_RETRY_MS;
  #opening: Promise<void> = Promise.resolve();
  readonly #unopened = new Set<Address>();
  readonly #listeners = new Set<Listener>();
  /** Closed ones, whose connections may live on. */
  readonly #former = new Set<Listener>();
  readonly #counters: SharedCounters;
  readonly #connections: Connections;
  /** What is being found out about the upstream's certificate. */
  readonly #looking = new Set<Promise<void>>();
  readonly #log: TunnelLog;
  readonly #threads: Threads | undefined;

  constructor(
    options: ServiceOptions,
    { log, threads, probeDelayMs }: {
      readonly log: TunnelLog;
      readonly threads?: Threads | undefined;
      readonly probeDelayMs?: number | undefined;
    },
  ) {
    this.options = options;
    this.#log = log;
    this.#threads = threads;
    this.#counters = SharedCounters.make(1 + options.accept.length * (threads?.count ?? 0));
    this.#connections = new Connections({
      service: options,
      log,
      counters: this.#counters,
      row: 0,
      probeDelayMs,
      onReached: () => this.#onReached(),
      onFailure: (error) => this.#onFailure(error),
    });
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

  get counters(): ServiceCounters {
    return this.#counters.total;
  }

  get lastError(): Service["lastError"] {
    return this.#connections.lastError;
  }

  get addresses(): readonly string[] {
    return [...this.#listeners].map((listener) => listener.address);
  }

  get tls(): ServiceTls {
    return { detectsTruncation: true, ...this.#connections.probe.found };
  }

  get warnings(): readonly string[] {
    const { client, verify, accept, unsafeListen } = this.options;
    const { pem, probe } = this.#connections;
    const exposed = accept.filter((address) => client && unsafeListen && !isLocal(address)).map(
      formatAddress,
    );
    return [
      ...(client && !verify
        ? ["The server is not verified (verify = no): passwords can be stolen on the way"]
        : []),
      ...(exposed.length > 0 ? [`Passwords cross the network in clear text (${exposed.join(", ")})`] : []),
      ...(pem.fault === undefined ? [] : [`The former certificate stays in use: ${pem.fault}`]),
      ...probe.warnings,
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
    const closing = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of closing) this.#former.add(listener);
    await Promise.all(closing.map((listener) => listener.close()));
    this.#error = undefined;
    this.#say("info", "service stopped", {});
  }

  /** Resolves when it is stopped and the last connection has ended. */
  async idle(): Promise<void> {
    await Promise.all([this.#connections.idle(), ...[...this.#former].map((listener) => listener.idle())]);
  }

  /** Cuts every connection. */
  async cut(): Promise<void> {
    for (const listener of this.#former) listener.cut();
    await Promise.all([this.#connections.cut(), this.idle()]);
    await Promise.all(this.#looking);
  }

  dial(signal?: AbortSignal): Promise<DialledConnection> {
    return this.#connections.dial(signal);
  }

  async #open(): Promise<void> {
    let fault: PortError | undefined;
    let hopeless = true;
    for (const address of inOpeningOrder(this.#unopened)) {
      if (this.options.client && !this.options.unsafeListen && !isLocal(address)) {
        fault ??= exposedError(address);
        continue;
      }
      hopeless = false;
      try {
        const listener = await this.#listen(address);
        this.#unopened.delete(address);
        this.#listeners.add(listener);
        this.#say("info", "listening", { address: listener.address });
      } catch (error) {
        if (isStoodFor(address, { error, accept: this.options.accept, open: this.addresses })) {
          this.#unopened.delete(address);
        } else fault ??= explainPort(error, address);
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
    this.#retry = setTimeout(() => void this.start(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    Deno.unrefTimer(Number(this.#retry));
  }

  /** Opens one address: in every thread where that is possible, else here. */
  #listen(address: Address): Promise<Listener> {
    const { client } = this.options;
    const connections = this.#connections;
    if (!client) {
      return listenSecured(address, (raw) => connections.accept((context) => serveSecured(raw, context)));
    }
    if (this.#threads === undefined || "path" in address || !canUseNativeTls(this.options)) {
      return listenPlain(
        address,
        (socket) => connections.accept((context) => serveClient(new PlainSocket(socket), context)),
      );
    }
    return this.#threads.listen({
      service: this.options,
      address,
      counters: this.#counters,
      firstRow: 1 + this.options.accept.indexOf(address) * this.#threads.count,
      log: this.#log,
      onReached: () => this.#onReached(),
      onFailure: (error) => {
        connections.remember(error);
        this.#onFailure(error);
      },
    });
  }

  #onReached(): void {
    this.#look((credentials) => this.#connections.probe.schedule(credentials));
  }

  #onFailure(error: TunnelError): void {
    if (error.kind === "descriptors") { for (const listener of this.#listeners) listener.check(); }
    if (!error.kind.startsWith("certificate")) return;
    // For what the page shows of the certificate; the reason is told already.
    this.#look((credentials) => this.#connections.probe.refine(error, credentials));
  }

  /** Goes on with the service's certificates; a file that cannot be read is told by the connection that needs it. */
  #look(work: (credentials: Credentials) => unknown): void {
    const looking = this.#connections.pem.load().then(async (credentials) => void await work(credentials))
      .catch(() => {}).finally(() => this.#looking.delete(looking));
    this.#looking.add(looking);
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
