/** One POP3 session below its commands: turns, pipelining, status lines, and what breaks it. */
import { SourceError } from "../errors.ts";
import type { MailConnection } from "./mail_server.ts";
import { joined, latin1, Pop3Reader } from "./pop3_framing.ts";
import { Pop3Refusal } from "./pop3_sign_in.ts";
import { printable } from "./server_words.ts";

const STALL_TIMEOUT_MS = 60_000;
const MAX_LISTING_BYTES = 64 * 1024 * 1024;
const LF = 10;
/** More mails than a mailbox holds; each takes some hundred octets of memory. */
const MAX_LISTING_LINES = 1_000_000;

/** How a session behaves. */
export interface Pop3SessionOptions {
  /** Longest silence while an answer is awaited, in milliseconds; a minute unless given. */
  readonly stallTimeoutMs?: number;
}

/** A status line that was no refusal. */
export interface Pop3Answer {
  /** What follows `+OK`. */
  readonly text: string;
  /** To be called once the rest of the answer has been read: the next one can be. */
  readonly done: () => void;
}

/** What a status line may be: `+OK`; a challenge, `+` and base64; either; or a refusal alone. */
type Expected = "ok" | "challenge" | "either" | "refusal";

/**
 * Sends commands and gives each its answer, in the order of the calls. They are sent at once where `isPipelined`
 * is set, otherwise one by one. Throws `Pop3Refusal` for `-ERR`; every other error ends the session.
 */
export class Pop3Session {
  readonly connection: MailConnection;
  readonly reader: Pop3Reader;
  /** Whether the server announced PIPELINING (RFC 2449, section 6.6). */
  isPipelined = false;
  /** Settles when the last answer asked for so far has been read. */
  #lastTurn: Promise<void> = Promise.resolve();
  #outgoing = "";
  #isFlushing = false;
  #failure: { readonly error: unknown } | undefined;
  #secrets: readonly string[] = [];

  constructor(connection: MailConnection, options: Pop3SessionOptions = {}) {
    this.connection = connection;
    const { stallTimeoutMs = STALL_TIMEOUT_MS } = options;
    this.reader = new Pop3Reader(connection, { peer: connection.peer, stallTimeoutMs });
  }

  /** Names the server in messages, with its quotes. */
  get peer(): string {
    return this.connection.peer;
  }

  /** Keeps these out of messages, should the server repeat them. */
  conceal(secrets: readonly string[]): void {
    this.#secrets = secrets.map(printable);
  }

  /** Drops the connection; can be repeated. */
  close(): void {
    this.fail(new SourceError("unreachable", `Cannot use ${this.peer}: the session has ended`));
  }

  /** One command with a one-line answer. */
  async simple(words: readonly (string | number)[]): Promise<string> {
    const { text, done } = await this.exchange(words);
    done();
    return text;
  }

  /** One command with a multi-line answer of bounded size. */
  async lines(words: readonly string[]): Promise<string[]> {
    const { done } = await this.exchange(words);
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    let lines = 0;
    for await (const chunk of this.rest(done)) {
      sizeBytes += chunk.length;
      for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) lines++;
      if (sizeBytes > MAX_LISTING_BYTES || lines > MAX_LISTING_LINES) {
        throw this.nonsense("a list without end");
      }
      chunks.push(chunk);
    }
    return latin1(joined(chunks)).split("\r\n").filter((line) => line !== "");
  }

  /** What follows a status line. Leaving early ends the session: what is left could be taken for an answer. */
  async *rest(done: () => void): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    let isComplete = false;
    this.reader.startBody();
    try {
      for (let chunk = await this.reader.body(); chunk !== null; chunk = await this.reader.body()) {
        yield chunk;
      }
      isComplete = true;
    } catch (error) {
      throw this.fail(error);
    } finally {
      if (!isComplete) this.close();
      done();
    }
  }

  /** Sends a command and reads its status line; the caller reads what follows, then calls `done`. */
  async exchange(words: readonly (string | number)[]): Promise<Pop3Answer> {
    const line = words.filter((word) => word !== "").join(" ");
    // deno-lint-ignore no-control-regex -- A line end would start a command of its own.
    if (/[\r\n\x00]/.test(line)) {
      throw new TypeError(`Cannot send ${words[0]}: an argument contains a line end`);
    }
    const turn = this.turn();
    // Written before the first wait, so that commands leave in the order of their turns.
    const { isPipelined } = this;
    if (isPipelined) this.send(line);
    const done = await turn;
    try {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (!isPipelined) this.send(line);
      const status = await this.status(`use ${words[0]}`);
      return { text: status.replace(/^\+OK ?/i, ""), done };
    } catch (error) {
      done();
      throw error;
    }
  }

  /** Waits until everything asked for before has been answered. */
  async turn(): Promise<() => void> {
    const before = this.#lastTurn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lastTurn = promise;
    await before;
    return resolve;
  }

  /**
   * Reads a status line.
   *
   * @throws {Pop3Refusal} for `-ERR`, with the session intact.
   */
  async status(action: string, expected: Expected = "ok"): Promise<string> {
    let line: string;
    try {
      if (this.#failure !== undefined) throw this.#failure.error;
      line = await this.reader.line();
    } catch (error) {
      throw this.fail(error);
    }
    if (/^-ERR\b/i.test(line)) throw new Pop3Refusal(`${action} at ${this.peer}`, this.#quoted(line));
    const kind = /^\+OK\b/i.test(line) ? "ok" : isChallenge(line) ? "challenge" : "nonsense";
    if (kind === expected || (kind !== "nonsense" && expected === "either")) return line;
    throw this.fail(this.nonsense(`"${this.#quoted(line).slice(0, 60)}" for an answer`));
  }

  /** A line of the server, safe to print. */
  #quoted(line: string): string {
    return this.#secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), printable(line));
  }

  /** Queues a line; lines of the same moment leave in one write. */
  send(line: string): void {
    this.#outgoing += line + "\r\n";
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    try {
      while (this.#outgoing !== "") {
        let bytes = new TextEncoder().encode(this.#outgoing);
        this.#outgoing = "";
        while (bytes.length > 0) bytes = bytes.subarray(await this.connection.write(bytes));
      }
    } catch (error) {
      // Whoever waits for the answer learns of it.
      this.fail(error);
    } finally {
      this.#isFlushing = false;
    }
  }

  /** Ends the session for a reason; gives back the first one there was. */
  fail(error: unknown): unknown {
    this.#failure ??= { error };
    this.connection.close();
    return this.#failure.error;
  }

  /** The error for what no POP3 server says. */
  nonsense(what: string): SourceError {
    return new SourceError(
      "unreachable",
      `Cannot understand ${this.peer}: it sent ${what}; check that this is a POP3 server, and the port`,
    );
  }
}

/** Whether a status line asks for more (RFC 5034, section 4). */
export function isChallenge(line: string): boolean {
  return /^\+(?: |$)/.test(line);
}
