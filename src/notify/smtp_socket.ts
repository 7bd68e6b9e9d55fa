/** A connection of ours as the socket that nodemailer talks through. */
import { Duplex } from "node:stream";
import type { Connection } from "../sources/source.ts";

const READ_BYTES = 16_384;

/** Lets nodemailer use an open connection; `greeting` is what was read of it already. Destroying it closes the link. */
export class SmtpSocket extends Duplex {
  readonly #connection: Connection;

  constructor(connection: Connection, greeting = "") {
    super();
    this.#connection = connection;
    if (greeting !== "") this.push(greeting);
  }

  override _read(): void {
    const buffer = new Uint8Array(READ_BYTES);
    this.#connection.read(buffer).then(
      (count) => this.push(count === null ? null : buffer.slice(0, count)),
      (error) => this.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.#writeAll(chunk).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    // Nothing follows QUIT.
    this.#connection.close();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#connection.close();
    done(error);
  }

  /** Nodemailer sets one; ours ends the whole attempt instead. */
  setTimeout(): this {
    return this;
  }

  async #writeAll(chunk: Uint8Array): Promise<void> {
    for (let rest = chunk; rest.length > 0;) rest = rest.subarray(await this.#connection.write(rest));
  }
}
