/** One connection through a service, from accept to its end. */
import type { Upstream } from "./dial.ts";
import { isClientHello, refusal } from "./mail_words.ts";
import type { Credentials } from "./pem_files.ts";
import type { PlainSocket } from "./plain_socket.ts";
import { relay, type RelayEnd } from "./relay.ts";
import { explain } from "./tls_errors.ts";
import {
  type DialledConnection,
  type ServiceCounters,
  type ServiceOptions,
  TunnelError,
  type TunnelLogEntry,
} from "./types.ts";

/** What a service lends its sessions. */
export interface SessionContext {
  readonly options: ServiceOptions;
  readonly counters: ServiceCounters;
  /** Aborted when the session is to end at once. */
  readonly signal: AbortSignal;
  /** False when the service is full: tell the client, and no more. */
  readonly admitted: boolean;
  giveUp(): void;
  load(): Promise<Credentials>;
  dial(): Promise<Upstream>;
  dialPlain(): Promise<PlainSocket>;
  /** Counts and remembers; returns it as a `TunnelError`. */
  failed(error: unknown): TunnelError;
  refused(error: TunnelError): TunnelError;
  log(level: TunnelLogEntry["level"], message: string, properties: Record<string, unknown>): void;
}

// How long a client may take to read why it was turned away.
const FAREWELL_MS = 2000;
let lastId = 0;

/** What every session does: it has an id in the log, counts its bytes, and says how it ended. */
export class Session {
  readonly #id = ++lastId;
  readonly #startedAtMs = performance.now();
  #bytesIn = 0;
  #bytesOut = 0;
  readonly #context: SessionContext;
  readonly #remote: string;

  constructor(context: SessionContext, remote: string) {
    this.#context = context;
    this.#remote = remote;
    this.tell("debug", "accepted", {});
  }

  tell(level: TunnelLogEntry["level"], message: string, properties: Record<string, unknown>): void {
    this.#context.log(level, message, { connection: this.#id, client: this.#remote, ...properties });
  }

  /** Copies until both sides have ended, and logs how that was. */
  async relay(
    plain: PlainSocket,
    { connection, target, tlsVersion }: Pick<Upstream, "connection" | "target" | "tlsVersion">,
  ): Promise<RelayEnd> {
    const { options, counters, signal } = this.#context;
    const { client, timeouts, truncation, mailProtocol } = options;
    let fault: TunnelError | undefined;
    const end = await relay(plain, connection, {
      idleMs: timeouts.idleMs,
      closeMs: timeouts.closeMs,
      // A backend waits for the end of a client that left; mail loses nothing to it.
      truncation: client ? truncation : "eof",
      // A server is told that its client left; a client is never told that its server ended well when it did not.
      goodbye: client,
      mailProtocol,
      signal,
      refusal: (error) => {
        if (!client || mailProtocol === undefined) return undefined;
        fault = error instanceof Deno.errors.UnexpectedEof ? noGreeting(target) : explain(error, { target });
        return refusal(mailProtocol, `tunnel: ${fault.message}`);
      },
      onBytes: (direction, bytes) => {
        if ((direction === "up") === client) {
          this.#bytesIn += bytes;
          counters.bytesIn += bytes;
        } else {
          this.#bytesOut += bytes;
          counters.bytesOut += bytes;
        }
      },
    });
    this.tell(isClean(end) && fault === undefined ? "info" : "warn", "connection ended", {
      end,
      ...(fault === undefined ? {} : { reason: fault.message }),
      target,
      ...(tlsVersion === undefined ? {} : { tls: tlsVersion }),
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      durationMs: Math.round(performance.now() - this.#startedAtMs),
    });
    if (fault !== undefined) this.#context.failed(fault);
    else if (client && (end === "truncated" || end === "tls reset")) {
      this.#context.failed(cutShort(end, target));
    }
    return end;
  }

  /** Turns a plain client away: in the words of its protocol where that is known, else by a reset. */
  async refuse(plain: PlainSocket, reason: string): Promise<void> {
    const { mailProtocol } = this.#context.options;
    if (mailProtocol === undefined) return plain.reset();
    let timer;
    try {
      await plain.write(new TextEncoder().encode(refusal(mailProtocol, `tunnel: ${reason}`)));
      plain.end();
      // Closing with unread bytes would reset the connection before the client has read the reason.
      const expired = new Promise<void>((resolve) => void (timer = setTimeout(resolve, FAREWELL_MS)));
      await Promise.race([drain(plain), expired]);
    } catch {
      // Gone already.
    }
    clearTimeout(timer);
    plain.close();
  }
}

async function drain(plain: PlainSocket): Promise<void> {
  while (await plain.next() !== null);
}

function isClean(end: RelayEnd): boolean {
  return end === "done" || end === "goodbye" || end === "left" || end === "plain reset" || end === "cut";
}

function noGreeting(target: string): TunnelError {
  return new TunnelError(
    "truncated",
    `Cannot connect to "${target}": the server hung up without a greeting`,
    {
      remedy: "Check the port; the server may refuse this address, or have too many connections",
    },
  );
}

function cutShort(end: "truncated" | "tls reset", target: string): TunnelError {
  return end === "truncated"
    ? new TunnelError(
      "truncated",
      `Cannot trust the end of "${target}": the server left without closing TLS`,
      {
        remedy: "If this server always does so, set truncation = eof in the section",
      },
    )
    : new TunnelError("reset", `Cannot go on with "${target}": the server reset the connection`);
}

/** Serves a plain client: dials the upstream and copies. Never rejects. */
export async function serveClient(plain: PlainSocket, context: SessionContext): Promise<void> {
  const session = new Session(context, plain.remote);
  if (!context.admitted) return await session.refuse(plain, "too many connections are open");
  let saidHello = false;
  plain.peek().then((first) => {
    if (first === null || !isClientHello(first)) return;
    saidHello = true;
    context.giveUp();
  }, () => context.giveUp());
  try {
    const upstream = await context.dial();
    if (upstream.greeting !== "") await plain.write(new TextEncoder().encode(upstream.greeting));
    await session.relay(plain, upstream);
  } catch (cause) {
    if (context.signal.aborted) plain.reset();
    else {
      const error = context.failed(cause);
      session.tell("warn", error.message, { kind: error.kind });
      await session.refuse(plain, error.message);
    }
  }
  if (saidHello) session.tell("warn", context.refused(tlsOnPlainPort()).message, {});
  await plain.closed();
}

function tlsOnPlainPort(): TunnelError {
  return new TunnelError("tls", "Cannot serve a program that speaks TLS on this plain port", {
    remedy:
      "Turn TLS and STARTTLS off in that program for this local address: the tunnel secures the connection",
  });
}

/** A connection whose bytes nobody needs any more. */
export function closeQuietly(connection: Pick<DialledConnection, "close">): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}
