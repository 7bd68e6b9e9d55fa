/** Lets imapflow run over a connection of ours, so that tunnels, TLS and their errors are the same everywhere. */
import { createStreamsTransport, type ImapTransport, type StreamsSocket } from "imapflow";
import { setImmediate } from "node:timers";
import { SourceError } from "../errors.ts";
import type { MailConnection } from "./mail_server.ts";
import type { Connection } from "./source.ts";

const READ_BYTES = 16_384;

interface Wire extends StreamsSocket {
  readonly connection: MailConnection;
}

/** A transport for one client over a connection that is open; STARTTLS secures that connection in place. */
export function transportOver(connection: MailConnection): ImapTransport {
  return createStreamsTransport<Wire>({
    open: () => wire(connection, { ready: Promise.resolve(), greeting: new Greeting(connection.peer) }),
    upgrade: (plain) => wire(plain.connection, { ready: plain.connection.startTls() }),
  });
}

interface WireOptions {
  readonly ready: Promise<void>;
  readonly greeting?: Greeting;
}

function wire(connection: MailConnection, { ready, greeting }: WireOptions): Wire {
  // Nothing is read ahead: imapflow stops asking while its consumer is slow, and before TLS starts.
  const reader = {
    async read() {
      const buffer = new Uint8Array(READ_BYTES);
      const count = await connection.read(buffer);
      if (count === null) {
        await lastWordsRead();
        return { done: true };
      }
      const value = buffer.subarray(0, count);
      greeting?.check(value);
      return { done: false, value };
    },
    releaseLock() {},
  };
  const writer = { write: (chunk: Uint8Array) => writeAll(connection, chunk), releaseLock() {} };
  const streams = { readable: { getReader: () => reader }, writable: { getWriter: () => writer } };
  return { connection, opened: ready.then(() => streams), close: () => connection.close() };
}

/** imapflow ends at once when the connection does: a `* BYE` that came just before must be taken in first. */
async function lastWordsRead(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function writeAll(connection: Connection, chunk: Uint8Array): Promise<void> {
  for (let rest = chunk; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
}

/** Sees at once that a server speaks another protocol; imapflow would wait for a greeting until its time is up. */
class Greeting {
  readonly #peer: string;
  #start = "";

  constructor(peer: string) {
    this.#peer = peer;
  }

  check(chunk: Uint8Array): void {
    if (this.#start.length >= 2) return;
    this.#start += String.fromCharCode(...chunk.subarray(0, 60));
    if ("* ".startsWith(this.#start.slice(0, 2))) return;
    const said = this.#start.replace(/[^\x20-\x7e]+/g, " ").trim();
    throw new SourceError(
      "unreachable",
      `Cannot talk to ${this.#peer}: it says "${said}", which is no IMAP greeting; check the port, and how tls is set`,
    );
  }
}
