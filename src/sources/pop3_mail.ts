/** One mail on its way in: whole in memory when small, streamed when large, its size checked at the end. */
import { CutError, SourceError } from "../errors.ts";
import { joined, type Pop3Reader } from "./pop3_framing.ts";

/** Mails up to this size are taken into memory whole, larger ones are streamed, in octets. */
export const WHOLE_MAIL_BYTES = 256 * 1024;

// What a large mail is handed on by.
const STREAM_BYTES = 128 * 1024;
// A server that sends without end must not keep a poll busy for ever; even estimates are nearer than this.
const MAX_GROWTH = 4;
const MAX_EXTRA_BYTES = 512 * 1024 * 1024;
// Some servers count the terminator, or a line end that they do not send.
const MAX_UNSENT_BYTES = "\r\n.\r\n".length;

/** A mail as its octets come in. */
export type MailStream = ReadableStream<Uint8Array<ArrayBuffer>>;

/** A small mail. */
export type WholeMail = Uint8Array<ArrayBuffer>;

/** What is known of a mail whose answer has begun. */
export interface IncomingMailOptions {
  readonly number: number;
  /** Names the server in messages, with its quotes. */
  readonly peer: string;
  /** Octets, by LIST. */
  readonly announcedBytes: number;
  /** Whether this server announces estimates. */
  readonly isEstimate: boolean;
  /** Called once, after the last octet or a failure: the next answer can be read. */
  readonly done: () => void;
  /** Told of what breaks the session; gives back what to throw. */
  readonly fail: (error: unknown) => unknown;
}

/** The rest of an answer to RETR. It has to be read to its end, streamed or skipped. */
export class IncomingMail {
  readonly #reader: Pop3Reader;
  readonly #options: IncomingMailOptions;
  #receivedBytes = 0;

  constructor(reader: Pop3Reader, options: IncomingMailOptions) {
    this.#reader = reader;
    this.#options = options;
    reader.startBody();
  }

  /** The mail when it is small; otherwise what came so far, for `stream` or `skip`. */
  async whole(): Promise<{ readonly mail: WholeMail } | { readonly begun: Uint8Array<ArrayBuffer>[] }> {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    while (this.#receivedBytes <= WHOLE_MAIL_BYTES) {
      const chunk = await this.#next(chunks);
      if (chunk === null) {
        const [first] = chunks;
        return { mail: chunks.length === 1 && first !== undefined ? first : joined(chunks) };
      }
      chunks.push(chunk);
    }
    return { begun: chunks };
  }

  /** The mail, with what has been read of it first. Reads on only when it is asked to. */
  stream(begun: Uint8Array<ArrayBuffer>[]): MailStream {
    return new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: async (controller) => {
        const chunks: Uint8Array<ArrayBuffer>[] = [];
        let isLast = false;
        // A TLS record holds 16 KiB at most: handed on one by one they would cost more than what is in them.
        for (let size = 0; size < STREAM_BYTES && !isLast;) {
          const chunk = begun.shift() ?? await this.#next(chunks);
          if (chunk === null) isLast = true;
          else {
            chunks.push(chunk);
            size += chunk.length;
          }
        }
        if (chunks.length > 0) controller.enqueue(joined(chunks));
        if (isLast) controller.close();
      },
      // Nobody waits for this: a failure shows at the next command.
      cancel: () => void this.skip().catch(() => {}),
    }, { highWaterMark: 0 });
  }

  /** Reads to the end and keeps nothing. */
  async skip(): Promise<void> {
    while (await this.#next() !== null);
  }

  /** `unread` is what came before and has not been handed on. */
  async #next(unread: readonly Uint8Array<ArrayBuffer>[] = []): Promise<Uint8Array<ArrayBuffer> | null> {
    const { number, peer, announcedBytes, done, fail } = this.#options;
    try {
      const chunk = await this.#reader.body();
      if (chunk !== null) {
        this.#receivedBytes += chunk.length;
        if (this.#receivedBytes > announcedBytes * MAX_GROWTH + MAX_EXTRA_BYTES) {
          const state = `it sends far more than the ${announcedBytes} octets it announced`;
          throw new SourceError("unreachable", `Cannot fetch mail ${number} from ${peer}: ${state}`);
        }
        return chunk;
      }
    } catch (error) {
      done();
      throw fail(error);
    }
    const isShort = this.#isShort();
    done();
    if (isShort) {
      const state = `it ended after ${this.#receivedBytes} of the ${announcedBytes} octets announced`;
      throw new CutError(`Cannot fetch mail ${number} from ${peer}: ${state}`, joined(unread));
    }
    return null;
  }

  // More than announced is no loss (many servers count line ends as one octet); less may be half a document.
  // Some count the dots of the stuffing.
  #isShort(): boolean {
    const { announcedBytes, isEstimate } = this.#options;
    return !isEstimate && this.#receivedBytes + this.#reader.stuffedDots + MAX_UNSENT_BYTES < announcedBytes;
  }
}

/** A small mail as a stream. */
export function streamOf(whole: WholeMail): MailStream {
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      if (whole.length > 0) controller.enqueue(whole);
      controller.close();
    },
  });
}
