/**
 * HTTP to one EzGED: one connection per call, so that no call is lost on a connection the server was about to
 * close; a length instead of chunks, which PHP behind IIS does not read; and knowledge of whether all of it was sent.
 */
import type { ClientRequest, IncomingMessage } from "node:http";
import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { rootCertificates } from "node:tls";
import { DeliveryError, GatewayError } from "../../errors.ts";
import { networkState } from "./network_state.ts";

const CONNECT_TIMEOUT_MS = 10_000;
/** Longest pause while a file is being sent. */
const STALL_TIMEOUT_MS = 60_000;
/** No answer that is used here is anywhere near that long. */
const MAX_REPLY_BYTES = 1024 * 1024;

/** What is sent with a POST. */
export interface Body {
  readonly type: string;
  readonly sizeBytes: number;
  chunks(): AsyncIterable<Uint8Array>;
}

/** One call. */
export interface Call {
  /** Below `/data/`, with its query. */
  readonly path: string;
  readonly cookie?: string;
  /** Makes it a POST. */
  readonly body?: Body;
  /** Heeded until all is sent; from then on the answer counts. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** An answer, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** `name=value` of each cookie it sets. */
  readonly cookies: readonly string[];
  readonly location: string | undefined;
}

/** No usable answer. `mayHaveRun`: all of the call was sent, so that EzGED may have done what it asks. */
export class WireError extends DeliveryError {
  constructor(readonly mayHaveRun: boolean, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Where and how to call. */
export interface WireOptions {
  /** EzGED's address, without `/data`. */
  readonly url: string;
  /** Authorities trusted beside the public ones, PEM. */
  readonly authorities: readonly string[];
  /** How long an answer may take. */
  readonly timeoutMs: number;
}

/** The way to one EzGED. */
export class Wire {
  readonly #base: URL;

  constructor(readonly options: WireOptions) {
    this.#base = new URL(`${options.url.replace(/\/+$/, "")}/data/`);
  }

  /** Calls once. Throws `WireError` without an answer, and the signal's reason when it is aborted before all is sent. */
  async call(call: Call): Promise<Answer> {
    const exchange = new Exchange(this.#open(call), call.body?.sizeBytes ?? 0);
    const { signal, timeoutMs = this.options.timeoutMs } = call;
    const onAbort = () => exchange.abort(signal?.reason);
    try {
      signal?.throwIfAborted();
      signal?.addEventListener("abort", onAbort);
      await exchange.connected(this.#base.protocol === "https:");
      await exchange.send(call.body);
      signal?.removeEventListener("abort", onAbort);
      return await exchange.answer(timeoutMs);
    } catch (cause) {
      if (signal?.aborted && !exchange.isSent) throw signal.reason;
      // The file or the journal, not the network.
      if (cause instanceof GatewayError) throw cause;
      const state = exchange.lateness ?? networkState(cause, this.#base.hostname);
      throw new WireError(exchange.isSent, `Cannot reach EzGED at "${this.options.url}": ${state}`, {
        cause,
      });
    } finally {
      signal?.removeEventListener("abort", onAbort);
      exchange.end();
    }
  }

  #open({ path, cookie, body }: Call): ClientRequest {
    const url = new URL(path, this.#base);
    const { authorities } = this.options;
    const options = {
      method: body ? "POST" : "GET",
      agent: false as const,
      headers: {
        accept: "application/json, */*",
        connection: "close",
        ...(cookie ? { cookie } : {}),
        ...(body ? { "content-type": body.type, "content-length": String(body.sizeBytes) } : {}),
      },
    };
    if (url.protocol === "http:") return requestPlain(url, options);
    const ca = authorities.length > 0 ? { ca: [...rootCertificates, ...authorities] } : {};
    return requestSecure(url, { ...options, ...ca });
  }
}

/** One request and its answer. */
class Exchange {
  readonly #request: ClientRequest;
  readonly #reply: Promise<IncomingMessage>;
  readonly #failure: Promise<never>;
  #left: number;
  #isConnected = false;
  /** What was waited for too long. */
  lateness: string | undefined;

  constructor(request: ClientRequest, bodyBytes: number) {
    this.#request = request;
    this.#left = bodyBytes;
    this.#reply = new Promise((resolve) => request.once("response", resolve));
    this.#failure = new Promise((_, reject) => request.on("error", reject));
    this.#failure.catch(() => {});
  }

  /** Whether the server may have got all of it. */
  get isSent(): boolean {
    return this.#isConnected && this.#left <= 0;
  }

  async connected(isSecure: boolean): Promise<void> {
    const isOpen = new Promise<void>((resolve) => {
      this.#request.once("socket", (socket) => socket.once(isSecure ? "secureConnect" : "connect", resolve));
    });
    // Nothing of the body goes out before the server is known to be the right one.
    this.#request.flushHeaders();
    await this.#within(CONNECT_TIMEOUT_MS, isOpen, "no connection");
    this.#isConnected = true;
  }

  async send(body: Body | undefined): Promise<void> {
    for await (const chunk of body?.chunks() ?? []) {
      this.#left -= chunk.length;
      // One by one: over TLS, a stream piped into a request never ends in this Deno.
      await this.#within(STALL_TIMEOUT_MS, this.#write(chunk), "nothing taken");
    }
    this.#request.end();
  }

  async answer(timeoutMs: number): Promise<Answer> {
    return await this.#within(timeoutMs, this.#read(), "no answer");
  }

  abort(reason: unknown): void {
    if (!this.isSent) this.#request.destroy(reason instanceof Error ? reason : new Error("aborted"));
  }

  end(): void {
    this.#request.destroy();
  }

  async #write(chunk: Uint8Array): Promise<void> {
    await new Promise<void>((resolve, reject) =>
      this.#request.write(chunk, (error) => error ? reject(error) : resolve())
    );
  }

  async #read(): Promise<Answer> {
    const reply = await this.#reply;
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of reply) {
      bytes += chunk.length;
      if (bytes > MAX_REPLY_BYTES) throw new Error("its answer is longer than any answer of EzGED");
      chunks.push(chunk);
    }
    if (!reply.complete) throw new Error("its answer was cut short");
    return {
      status: reply.statusCode ?? 0,
      text: await new Blob(chunks as BlobPart[]).text(),
      cookies: (reply.headers["set-cookie"] ?? []).map((cookie) => cookie.split(";")[0]?.trim() ?? ""),
      location: reply.headers.location,
    };
  }

  /** Waits for one thing, for its time; a failure of the request ends the wait. */
  async #within<T>(timeoutMs: number, wanted: Promise<T>, state: string): Promise<T> {
    const timer = setTimeout(() => {
      this.lateness = `${state} within ${timeoutMs / 1000} s`;
      this.#request.destroy(new Error(this.lateness));
    }, timeoutMs);
    try {
      return await Promise.race([wanted, this.#failure]);
    } finally {
      clearTimeout(timer);
    }
  }
}
