/** A mail taken apart into its documents, while it arrives. */
import { ItemError } from "../errors.ts";
import type { Document } from "../model.ts";
import { damaged } from "./damage.ts";
import { type Headers, type MailHeaders, mailHeaders } from "./headers.ts";
import type { DocumentsOptions } from "./options.ts";
import { Splitter } from "./splitter.ts";
import { type LeftOut, Taking } from "./taking.ts";
import { type MailStream, Tap, wholeMail } from "./whole_mail.ts";

/** A mail, or how to open it as often as needed: `both` and `deliver` read it twice. */
export type MailSource = MailStream | (() => Promise<MailStream | Bytes>);

type Bytes = Uint8Array<ArrayBuffer>;

/** A mail whose headers have been read. Disposing drops what has not been read of it. */
export interface TakenMail extends AsyncDisposable {
  readonly headers: MailHeaders;
  /**
   * Yields the documents in order; can be called once. Each content is to be read or cancelled before the next
   * document is asked for. Ends normally only when the mail was whole.
   *
   * @throws {EnvelopeError} when the mail is damaged or beyond the limits: what was yielded before is not to
   * be delivered either.
   * @throws {ItemError} when it takes too long.
   */
  documents(): AsyncIterable<Document>;
  /** Files that were not taken so far, such as images shown within the text. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Reads the headers of a mail and prepares to take its documents out of it. An error of the source itself
 * passes through as it is, here and later.
 *
 * @throws {EnvelopeError} when there are no headers to be read within 1 MiB.
 */
export async function takeApart(source: MailSource, options: DocumentsOptions): Promise<TakenMail> {
  const open = typeof source === "function" ? source : undefined;
  const twice = options.take === "both" || (options.take === "attachments" && options.without === "deliver");
  if (twice && open === undefined) {
    throw new TypeError("Cannot read a mail twice from one stream: give a function that opens it");
  }
  const reader = readerOf(typeof source === "function" ? await source() : source);
  const pull = limited(reader, options);
  const tap = options.take === "message" ? new Tap(pull) : undefined;
  const splitter = new Splitter(tap?.pull ?? pull);
  const leftOut: LeftOut[] = [];
  // A source that failed has said so already.
  const release = () => reader.cancel().catch(() => {});
  try {
    const first = await splitter.readHeaders();
    const headers = mailHeaders(first);
    const documents = tap === undefined
      ? new Taking(options, leftOut).documents(splitter, first)
      : tap.documents(headers, () => readThrough(splitter, first));
    return {
      headers,
      leftOut,
      documents: once(() => withWhole({ documents, headers, options, open, release })),
      [Symbol.asyncDispose]: release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

type Reader = Pick<ReadableStreamDefaultReader<Bytes>, "read" | "cancel">;

function readerOf(content: MailStream | Bytes): Reader {
  if (!(content instanceof Uint8Array)) return content.getReader();
  let rest = content.length === 0 ? undefined : content;
  return {
    read() {
      const value = rest;
      rest = undefined;
      return Promise.resolve(value ? { done: false, value } : { done: true });
    },
    cancel: () => Promise.resolve(),
  };
}

/** Reads within the limits of size and time. A reading that stalls is for the source to end. */
function limited(
  reader: Reader,
  { max_mail_size: maxBytes, max_mail_time: maxMs }: DocumentsOptions,
): () => Promise<Bytes | null> {
  const lastMs = performance.now() + maxMs;
  let sizeBytes = 0;
  return async () => {
    const { value, done } = await reader.read();
    if (done) return null;
    sizeBytes += value.length;
    if (sizeBytes > maxBytes) {
      throw damaged(`it has more than ${maxBytes} octets (documents.max_mail_size), and more than announced`);
    }
    if (performance.now() > lastMs) {
      throw new ItemError(
        `Cannot take the mail apart: it takes more than ${maxMs / 1000} s (documents.max_mail_time)`,
      );
    }
    return value;
  };
}

/** Finds out whether a mail is whole. */
async function readThrough(splitter: Splitter, headers: Headers): Promise<void> {
  let part = await splitter.firstPart(headers);
  while (part !== undefined) part = await splitter.nextPart();
}

interface Whole {
  readonly documents: AsyncIterable<Document>;
  readonly headers: MailHeaders;
  readonly options: DocumentsOptions;
  readonly open: (() => Promise<MailStream | Bytes>) | undefined;
  readonly release: () => Promise<void>;
}

/** The documents, then the mail itself where the launcher wants it. */
async function* withWhole({ documents, headers, options, open, release }: Whole): AsyncIterable<Document> {
  let count = 0;
  try {
    for await (const document of documents) {
      count++;
      yield document;
    }
  } finally {
    await release();
  }
  if (count === 0 && options.without === "quarantine") {
    throw damaged("it has no document, and the launcher says without = quarantine");
  }
  const wanted = options.take === "both" || (count === 0 && options.without === "deliver");
  if (!wanted || open === undefined) return;
  const content = await open();
  try {
    yield wholeMail(headers, content);
  } finally {
    if ("locked" in content && !content.locked) await content.cancel().catch(() => {});
  }
}

function once<Result>(call: () => Result): () => Result {
  let called = false;
  return () => {
    if (called) throw new TypeError("Cannot take the documents of a mail twice: open it again");
    called = true;
    return call();
  };
}
