/** Serves the status page at the address of gateway.toml. */
import { isLoopback } from "./config/gateway.ts";
import type { Configuration } from "./config/mod.ts";
import { resolveSecret } from "./config/secrets.ts";
import { explainPort } from "../tunnel/port_errors.ts";
import { GatewayError } from "./errors.ts";
import { logOf } from "./log.ts";
import { createStatusApp } from "./status/app.tsx";
import type { GatewayView } from "./status/view.ts";

/** How long until a page that could not be opened is tried again. */
const RETRY_MS = 60_000;

const log = logOf("gateway");

/** The page; disposing ends its event streams and closes it. */
export class StatusServer implements AsyncDisposable {
  readonly #view: GatewayView;
  readonly #configuration: Configuration;
  readonly #stop = new AbortController();
  #server: Deno.HttpServer<Deno.NetAddr> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #fault: string | undefined;

  private constructor(view: GatewayView, configuration: Configuration) {
    this.#view = view;
    this.#configuration = configuration;
  }

  /**
   * Opens the page. When it cannot be, log and `fault` say so, for that must not keep the documents waiting, and it is
   * tried again until it can.
   */
  static async open(
    view: GatewayView,
    configuration: Configuration,
    { retryMs = RETRY_MS }: { retryMs?: number } = {},
  ): Promise<StatusServer> {
    const page = new StatusServer(view, configuration);
    await page.#open();
    if (page.fault !== undefined) page.#timer = setInterval(() => void page.#open(), retryMs);
    return page;
  }

  /** Where it is read. */
  get address(): string {
    const { listen } = this.#configuration.gateway.status;
    // Port 0 is any free one.
    return `http://${this.#server ? listen.replace(/:0$/, `:${this.#server.addr.port}`) : listen}/`;
  }

  /** Why it is not open. */
  get fault(): string | undefined {
    return this.#fault;
  }

  async #open(): Promise<void> {
    const { hostname, port, listen } = this.#configuration.gateway.status;
    try {
      const app = await this.#app();
      if (this.#stop.signal.aborted || this.#server) return;
      this.#server = Deno.serve({ hostname, port, onListen: () => {} }, app.fetch);
    } catch (error) {
      const fault = error instanceof GatewayError
        ? error.message
        : explainPort(error, { host: hostname, port }).message;
      // Said once, not at every attempt.
      if (fault === this.#fault) return;
      this.#fault = fault;
      log.error("status page cannot be opened; choose another [status] listen in gateway.toml", {
        address: listen,
        reason: fault,
      });
      return;
    }
    this.#fault = undefined;
    clearInterval(this.#timer);
    const { address } = this;
    if (isLoopback(hostname)) log.info("status page", { address });
    else log.warn("status page: other machines can reach it, and have to sign in", { address });
  }

  async #app(): Promise<ReturnType<typeof createStatusApp>> {
    const { base, gateway: { status: { hostname, hosts, token, passwordHash, ready } } } =
      this.#configuration;
    return createStatusApp(this.#view, {
      hosts: [...hosts],
      loopback: isLoopback(hostname),
      token: token && await resolveSecret(token, base),
      passwordHash: passwordHash && await resolveSecret(passwordHash, base),
      ready,
      signal: this.#stop.signal,
      onError: (error) =>
        log.error("status page: an error within the gateway", {
          error: error instanceof Error ? error.stack : String(error),
        }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#server?.shutdown();
  }
}
