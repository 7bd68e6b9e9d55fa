/**
 * A TLS tunnel that takes the place of stunnel: plain local ports for programs without TLS, verified TLS to the outside.
 */
import { TunnelService } from "./service.ts";
import { Threads } from "./threads.ts";
import type { Service, ServiceOptions, Tunnel, TunnelOptions } from "./types.ts";

export { parseStunnelConf, readStunnelConf } from "./stunnel_conf.ts";
export * from "./types.ts";

const MOST_THREADS = 4;

/** As many threads as are worth their memory on this machine. */
export function usualThreads(): number {
  return Math.min(MOST_THREADS, navigator.hardwareConcurrency);
}

/** Starts services. Never rejects because of one of them: `Service.state` and `error` tell. */
export async function startTunnel(options: TunnelOptions): Promise<Tunnel> {
  const tunnel = new RunningTunnel(options);
  await tunnel.reload(options.services);
  return tunnel;
}

class RunningTunnel implements Tunnel {
  #services: TunnelService[] = [];
  // Their ports are closed, their connections live on.
  readonly #retiring = new Set<TunnelService>();
  #draining = false;
  #change: Promise<void> = Promise.resolve();
  readonly #options: TunnelOptions;
  readonly #threads: Threads | undefined;

  constructor(options: TunnelOptions) {
    this.#options = options;
    const { threads = 0 } = options;
    if (threads > 0) this.#threads = new Threads(threads);
  }

  get services(): readonly Service[] {
    return this.#services;
  }

  service(name: string): Service | undefined {
    return this.#services.find((service) => service.name === name);
  }

  reload(services: readonly ServiceOptions[]): Promise<void> {
    // One after the other: two at once would open the same ports.
    this.#change = this.#change.then(() => this.#reload(services));
    return this.#change;
  }

  async #reload(services: readonly ServiceOptions[]): Promise<void> {
    if (this.#draining) return;
    const former = Map.groupBy(this.#services, (service) => fingerprint(service.options));
    const started: TunnelService[] = [];
    const next = services.map((options) => {
      const kept = former.get(fingerprint(options))?.shift();
      if (kept !== undefined) return kept;
      const service = new TunnelService(options, {
        log: this.#options.log ?? (() => {}),
        threads: this.#threads,
        probeDelayMs: this.#options.probeDelayMs,
      });
      started.push(service);
      return service;
    });
    // Their ports may be wanted by the new ones.
    const removed = [...former.values()].flat();
    await Promise.all(removed.map((service) => this.#retire(service)));
    this.#services = next;
    if (this.#options.listen !== false) await Promise.all(started.map((service) => service.start()));
  }

  async #retire(service: TunnelService): Promise<void> {
    this.#retiring.add(service);
    await service.stop();
    void service.idle().then(() => service.cut()).then(() => this.#retiring.delete(service));
  }

  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    await this.#change;
    const all = [...this.#services, ...this.#retiring];
    await Promise.all(all.map((service) => service.stop()));
    let timer;
    const grace = new Promise<void>((resolve) => void (timer = setTimeout(resolve, graceMs)));
    await Promise.race([Promise.all(all.map((service) => service.idle())), grace]);
    clearTimeout(timer);
    await Promise.all(all.map((service) => service.cut()));
    this.#threads?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain(0);
  }
}

/** What makes a service the same: everything but the line, which moves with every comment above it. */
function fingerprint({ line: _line, ...options }: ServiceOptions): string {
  return JSON.stringify(options);
}
