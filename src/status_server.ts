/** Serves the status page at the address of gateway.toml. */
import { isLoopback } from "./config/gateway.ts";
import type { Configuration } from "./config/mod.ts";
import { resolveSecret } from "./config/secrets.ts";
import { explainPort } from "../tunnel/port_errors.ts";
import { GatewayError } from "./errors.ts";
import { logOf } from "./log.ts";
import { createStatusApp } from "./status/app.tsx";
import type { GatewayView } from "./status/view.ts";

const log = logOf("gateway");

/** The page, if it could be opened; disposing ends its event streams and closes it. */
export class StatusServer implements AsyncDisposable {
  readonly #stop: AbortController;
  readonly #server: Deno.HttpServer | undefined;

  private constructor(
    /** Where it is read. */
    readonly address: string,
    { stop, server }: { stop: AbortController; server?: Deno.HttpServer<Deno.NetAddr> },
    /** Why it is not open. */
    readonly fault?: string,
  ) {
    this.#stop = stop;
    this.#server = server;
  }

  /** Opens the page. When it cannot be, log and `fault` say so: that must not keep the documents waiting. */
  static async open(view: GatewayView, { base, gateway }: Configuration): Promise<StatusServer> {
    const { hostname, port, listen, hosts, token, passwordHash, ready } = gateway.status;
    const loopback = isLoopback(hostname);
    const stop = new AbortController();
    try {
      const app = createStatusApp(view, {
        hosts: [...hosts],
        loopback,
        token: token && await resolveSecret(token, base),
        passwordHash: passwordHash && await resolveSecret(passwordHash, base),
        ready,
        signal: stop.signal,
        onError: (error) =>
          log.error("status page: an error within the gateway", {
            error: error instanceof Error ? error.stack : String(error),
          }),
      });
      const server = Deno.serve({ hostname, port, onListen: () => {} }, app.fetch);
      // Port 0 is any free one.
      const address = `http://${listen.replace(/:0$/, `:${server.addr.port}`)}/`;
      if (loopback) log.info("status page", { address });
      else log.warn("status page: other machines can reach it, and have to sign in", { address });
      return new StatusServer(address, { stop, server });
    } catch (error) {
      const fault = error instanceof GatewayError
        ? error.message
        : explainPort(error, { host: hostname, port }).message;
      log.error("status page cannot be opened; choose another [status] listen in gateway.toml", {
        address: listen,
        reason: fault,
      });
      return new StatusServer(`http://${listen}/`, { stop }, fault);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#server?.shutdown();
  }
}
