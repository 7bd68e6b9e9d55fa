/** Server-sent events: tells open pages that something changed, at most twice a second. */
import type { GatewayView } from "./view.ts";

const INTERVAL_MS = 500;
const HEARTBEAT_MS = 15_000;
const MAX_STREAMS = 64;
const QUEUE = 2;

const ENCODER = new TextEncoder();
const CHANGED = ENCODER.encode("event: status\ndata: changed\n\n");
const HEARTBEAT = ENCODER.encode(": still here\n\n");
const HELLO = ENCODER.encode("retry: 2000\nevent: status\ndata: hello\n\n");

type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;

/** Every open `/events` stream of one page. Without streams it holds neither timer nor subscription. */
export class Events {
  readonly #view: GatewayView;
  readonly #signal: AbortSignal | undefined;
  readonly #streams = new Set<Controller>();
  #unsubscribe: (() => void) | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastMs = -Infinity;

  constructor(view: GatewayView, signal?: AbortSignal) {
    this.#view = view;
    this.#signal = signal;
    // Streams never end by themselves: a server that shuts down would wait for them.
    signal?.addEventListener("abort", () => this.#closeAll(), { once: true });
  }

  /** A new stream, or undefined when there are too many or the gateway stops. */
  open(): ReadableStream<Uint8Array<ArrayBuffer>> | undefined {
    if (this.#streams.size >= MAX_STREAMS || this.#stopping) return undefined;
    let own: Controller | undefined;
    return new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        own = controller;
        controller.enqueue(HELLO);
        this.#streams.add(controller);
        if (this.#streams.size === 1) this.#begin();
      },
      cancel: () => {
        if (own !== undefined && this.#streams.delete(own) && this.#streams.size === 0) this.#end();
      },
    }, { highWaterMark: QUEUE });
  }

  /** Tells open pages of something that the gateway has no part in. */
  nudge(): void {
    if (this.#streams.size > 0) this.#changed();
  }

  get #stopping(): boolean {
    return this.#signal?.aborted === true || this.#view.snapshot().stopping === true;
  }

  #begin(): void {
    this.#unsubscribe = this.#view.onChange(() => this.#changed());
    this.#heartbeat = setInterval(() => this.#send(HEARTBEAT, QUEUE), HEARTBEAT_MS);
  }

  #end(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #changed(): void {
    if (this.#timer !== undefined) return;
    const waitMs = Math.max(0, this.#lastMs + INTERVAL_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#lastMs = performance.now();
      this.#send(CHANGED, 1);
      if (this.#stopping) this.#closeAll();
    }, waitMs);
  }

  /**
   * Sends to those with that much room. A full queue holds at least one event not yet read, since a
   * heartbeat only enters an empty one: that event will show this change too.
   */
  #send(chunk: Uint8Array<ArrayBuffer>, room: number): void {
    for (const controller of this.#streams) {
      if ((controller.desiredSize ?? 0) >= room) controller.enqueue(chunk);
    }
  }

  #closeAll(): void {
    if (this.#streams.size === 0) return;
    for (const controller of this.#streams) controller.close();
    this.#streams.clear();
    this.#end();
  }
}
