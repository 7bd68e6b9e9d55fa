/** The connections of one service: admitted, served, counted and cut. */
import { dialPlain, dialUpstream, type Upstream } from "./dial.ts";
import { InProcessConnection } from "./in_process.ts";
import { PemFiles } from "./pem_files.ts";
import { SocketConnection } from "./plain_socket.ts";
import { CertificateProbe } from "./probe.ts";
import type { SessionContext } from "./session.ts";
import type { SharedCounters } from "./shared_counters.ts";
import {
  type DialledConnection,
  type Service,
  type ServiceCounters,
  type ServiceOptions,
  TunnelError,
  type TunnelLog,
} from "./types.ts";

export interface ConnectionsOptions {
  readonly service: ServiceOptions;
  readonly log: TunnelLog;
  readonly counters: SharedCounters;
  /** The row of `counters` that is written here. */
  readonly row: number;
  /** See `TunnelOptions`. */
  readonly probeDelayMs?: number | undefined;
  /** The upstream was reached and trusted. */
  onReached?(): void;
  /** A connection failed or was refused. */
  onFailure?(error: TunnelError): void;
}

/** What one thread serves of a service. */
export class Connections {
  #lastError: Service["lastError"];
  #turn = 0;
  readonly #sessions = new Map<AbortController, Promise<void>>();
  readonly #own: ServiceCounters;
  readonly #options: ConnectionsOptions;
  readonly pem: PemFiles;
  readonly probe: CertificateProbe;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    this.#own = options.counters.row(options.row);
    this.pem = new PemFiles(options.service);
    this.probe = new CertificateProbe(options.service, options.probeDelayMs);
  }

  get lastError(): Service["lastError"] {
    return this.#lastError;
  }

  /** Resolves when the last connection has ended. */
  async idle(): Promise<void> {
    while (this.#sessions.size > 0) await Promise.all(this.#sessions.values());
  }

  /** Cuts every connection. */
  async cut(): Promise<void> {
    for (const session of this.#sessions.keys()) session.abort();
    this.probe.stop();
    await Promise.all([this.idle(), this.probe.stopped]);
  }

  /** Serves a client that has connected; beyond the limit it is only told so. */
  accept(serve: (context: SessionContext) => Promise<void>): void {
    const session = new AbortController();
    const admitted = this.#admit();
    if (!admitted) this.noteFailure(this.#tooMany(), "refused");
    const { service, log } = this.#options;
    const served = serve({
      options: service,
      counters: this.#own,
      signal: session.signal,
      admitted,
      giveUp: () => session.abort(),
      load: () => this.pem.load(),
      dial: () => this.#reach(session.signal),
      dialPlain: async () =>
        await dialPlain(service, {
          credentials: { authorities: [] },
          turn: this.#turn++,
          signal: session.signal,
        }),
      failed: (error) => this.noteFailure(error),
      refused: (error) => this.noteFailure(error, "refused"),
      log: (level, message, properties) =>
        log({ level, message, properties: { service: service.name, ...properties } }),
    }).finally(() => {
      this.#sessions.delete(session);
      if (admitted) this.#own.active--;
    });
    this.#sessions.set(session, served);
  }

  /** See `Service.dial`. */
  async dial(signal?: AbortSignal): Promise<DialledConnection> {
    if (!this.#admit()) {
      this.#own.refused++;
      throw this.#tooMany();
    }
    const session = new AbortController();
    const ended = Promise.withResolvers<void>();
    const abort = () => session.abort();
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
    this.#sessions.set(session, ended.promise);
    const done = () => {
      signal?.removeEventListener("abort", abort);
      if (!this.#sessions.delete(session)) return;
      this.#own.active--;
      ended.resolve();
    };
    const { mailProtocol, truncation } = this.#options.service;
    try {
      const { connection, greeting } = await this.#reach(session.signal);
      return new InProcessConnection(connection, {
        greeting,
        counters: this.#own,
        mailProtocol,
        truncation,
        signal: session.signal,
        done,
      });
    } catch (error) {
      done();
      throw this.noteFailure(error);
    }
  }

  /** Counts and remembers; returns it as a `TunnelError`. */
  noteFailure(cause: unknown, counter: "failed" | "refused" = "failed"): TunnelError {
    const error = cause instanceof TunnelError
      ? cause
      : new TunnelError("tls", cause instanceof Error ? cause.message : String(cause), { cause });
    if (error.kind === "aborted") return error;
    this.#own[counter]++;
    this.remember(error);
    this.#options.onFailure?.(error);
    return error;
  }

  /** Makes it the last error that is shown. */
  remember({ message, remedy }: TunnelError): void {
    this.#lastError = { message, ...(remedy === undefined ? {} : { remedy }), at: new Date() };
  }

  /** Threads that accept in the same instant may exceed the limit by one each. */
  #admit(): boolean {
    const { counters, service } = this.#options;
    if (counters.total.active >= service.maxConnections) return false;
    this.#own.connections++;
    this.#own.active++;
    return true;
  }

  async #reach(signal: AbortSignal): Promise<Upstream> {
    const { service } = this.#options;
    const context = { turn: this.#turn++, signal };
    if (!service.client) {
      const socket = await dialPlain(service, { credentials: { authorities: [] }, ...context });
      return { connection: new SocketConnection(socket), greeting: "", target: "" };
    }
    const credentials = await this.pem.load();
    try {
      const upstream = await dialUpstream(service, { credentials, ...context });
      this.#options.onReached?.();
      return upstream;
    } catch (error) {
      throw await this.probe.refine(error, credentials);
    }
  }

  #tooMany(): TunnelError {
    return new TunnelError(
      "limit",
      `Cannot serve another connection: ${this.#options.service.maxConnections} are open`,
      {
        remedy: "Raise max-connections in the section, or see which program opens so many",
      },
    );
  }
}
