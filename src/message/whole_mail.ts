/** A mail handed over as it is, as an .eml file. */
import type { Document } from "../model.ts";
import type { MailHeaders } from "./headers.ts";
import { MAX_HEADER_BYTES } from "./damage.ts";
import type { Pull } from "./splitter.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The octets of a mail. */
export type MailStream = ReadableStream<Bytes>;

const MAX_STEM_CHARACTERS = 100;

/** A file name without extension for a mail of that subject; empty without one. */
export function stemOf(subject: string): string {
  // A slash is a character of the subject, not a folder.
  return [...subject.replace(/[/\\]/g, "-")].slice(0, MAX_STEM_CHARACTERS).join("").trim();
}

/** The document that a whole mail is, named by its subject. */
export function wholeMail({ subject }: MailHeaders, content: MailStream | Bytes): Document {
  const named = { name: `${stemOf(subject) || "message"}.eml`, type: "message/rfc822" };
  if (!(content instanceof Uint8Array)) return { ...named, content };
  const whole = (atMost: number) => Promise.resolve(content.length > atMost ? undefined : content);
  return { ...named, content: ReadableStream.from([content]), whole };
}

// Room for the headers, which are read before anyone asks for the document.
const MAX_AHEAD_BYTES = 2 * MAX_HEADER_BYTES;

/** Hands a mail over as it is while it is being checked, both at the pace of the slower. */
export class Tap {
  readonly #source: () => Promise<Bytes | null>;
  readonly #queue: Bytes[] = [];
  #queuedBytes = 0;
  #dropped = false;
  #changed = Promise.withResolvers<void>();

  constructor(source: () => Promise<Bytes | null>) {
    this.#source = source;
  }

  /** What the check reads. */
  readonly pull: Pull = async () => {
    while (this.#queuedBytes >= MAX_AHEAD_BYTES && !this.#dropped) await this.#changed.promise;
    if (this.#dropped) return null;
    const chunk = await this.#source();
    if (chunk !== null) {
      this.#queue.push(chunk);
      this.#queuedBytes += chunk.length;
    }
    this.#signal();
    return chunk;
  };

  /** The mail as its one document; throws, and its content with it, what `check` throws. */
  async *documents(headers: MailHeaders, check: () => Promise<void>): AsyncIterable<Document> {
    let outcome: { readonly error?: unknown } | undefined;
    const checked = check().then(() => outcome = {}, (error) => outcome = { error }).then(() =>
      this.#signal()
    );
    const content = new ReadableStream<Bytes>({
      pull: async (controller) => {
        while (this.#queue.length === 0 && outcome === undefined) await this.#changed.promise;
        if (this.#dropped) throw new TypeError("Cannot read a mail: the next document was asked for");
        const chunk = this.#queue.shift();
        if (chunk !== undefined) {
          this.#queuedBytes -= chunk.length;
          this.#signal();
          controller.enqueue(chunk);
        } else if (outcome !== undefined && "error" in outcome) {
          controller.error(outcome.error);
        } else {
          controller.close();
        }
      },
      cancel: () => this.#drop(),
    }, { highWaterMark: 0 });
    try {
      yield wholeMail(headers, content);
      // Nothing is known of a mail that nobody wanted to its end, and nothing of it is delivered.
      if (this.#dropped || outcome === undefined || this.#queue.length > 0) return;
      await checked;
      if ("error" in outcome) throw outcome.error;
    } finally {
      this.#drop();
    }
  }

  #drop(): void {
    this.#dropped = true;
    this.#signal();
  }

  #signal(): void {
    const changed = this.#changed;
    this.#changed = Promise.withResolvers();
    changed.resolve();
  }
}
