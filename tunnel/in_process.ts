/** An upstream connection handed to a program in this process: counted, and cut short only with an error. */
import { Goodbye } from "./mail_words.ts";
import { type DialledConnection, type MailProtocol, type ServiceCounters, TunnelError } from "./types.ts";

export interface InProcessOptions {
  /** Read before anything the upstream sends. */
  readonly greeting: string;
  readonly counters: ServiceCounters;
  readonly mailProtocol: MailProtocol | undefined;
  readonly truncation: "reset" | "eof";
  /** Aborting closes the connection. */
  readonly signal: AbortSignal;
  /** Called once, when it is closed. */
  done(): void;
}

/** What `dial` returns. */
export class InProcessConnection implements DialledConnection {
  #greeting: Uint8Array;
  #last = 0;
  #closed = false;
  readonly #goodbye: Goodbye;
  readonly #connection: DialledConnection;
  readonly #options: InProcessOptions;
  readonly #onAbort = () => this.close();

  constructor(connection: DialledConnection, options: InProcessOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#greeting = new TextEncoder().encode(options.greeting);
    this.#goodbye = new Goodbye(options.mailProtocol);
    options.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  async read(into: Uint8Array): Promise<number | null> {
    const count = this.#greeting.length > 0 ? this.#takeGreeting(into) : await this.#readUpstream(into);
    if (count === null) return null;
    this.#options.counters.bytesOut += count;
    this.#last = into[count - 1] ?? 0;
    return count;
  }

  async write(from: Uint8Array): Promise<number> {
    const count = await this.#connection.write(from);
    this.#goodbye.sent(from.subarray(0, count));
    this.#options.counters.bytesIn += count;
    return count;
  }

  closeWrite(): Promise<void> {
    return this.#connection.closeWrite();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    try {
      this.#connection.close();
    } finally {
      this.#options.done();
    }
  }

  #takeGreeting(into: Uint8Array): number {
    const count = Math.min(into.length, this.#greeting.length);
    into.set(this.#greeting.subarray(0, count));
    this.#greeting = this.#greeting.subarray(count);
    return count;
  }

  async #readUpstream(into: Uint8Array): Promise<number | null> {
    try {
      return await this.#connection.read(into);
    } catch (cause) {
      if (this.#closed) throw new TunnelError("aborted", "The connection was closed", { cause });
      if (!(cause instanceof Deno.errors.UnexpectedEof)) {
        throw new TunnelError("reset", "Cannot read on: the server reset the connection", { cause });
      }
      const ended = this.#options.truncation === "eof" || this.#goodbye.said && this.#last === 0x0a;
      if (ended) return null;
      throw new TunnelError("truncated", "Cannot read on: the server left without closing TLS", {
        cause,
        remedy: "If this server always does so, set truncation = eof in the section",
      });
    }
  }
}
