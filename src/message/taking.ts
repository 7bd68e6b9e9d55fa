/** Goes through the parts of a mail and hands over those that are documents. */
import type { Document } from "../model.ts";
import { Content } from "./content.ts";
import { damaged, MAX_PARTS } from "./damage.ts";
import { decoderFor, identity, lenient } from "./decoders.ts";
import { Headers, mailHeaders } from "./headers.ts";
import type { DocumentsOptions } from "./options.ts";
import { type FilePart, filePart, isInlineImage, roleOf } from "./part_role.ts";
import { CMS_HEAD_BYTES, cmsKind, looksLikeCms, SignedContentDecoder } from "./signed_content.ts";
import { extensionFor, sniff, SNIFF_BYTES } from "./sniff.ts";
import type { Pull, Splitter } from "./splitter.ts";
import { findReferences, mayHoldUuFile, uuFiles } from "./text_part.ts";
import { stemOf } from "./whole_mail.ts";

/** A text below this is looked through in one go. */
const SMALL_TEXT_BYTES = 64 * 1024;
/** Octets of an attached mail in which its subject is looked for. */
const SUBJECT_BYTES = 16 * 1024;

/** A part that was not taken, for the report. */
export interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

/** Why an image is no document; `undefined` for what is one, or is no image. `sizeBytes` may be the size at least. */
export function reasonAgainstImage(
  { type, isInline, sizeBytes }: { type: string; isInline: boolean; sizeBytes: number },
  { inline_images: takesInline, min_image_size: least }: DocumentsOptions,
): string | undefined {
  if (!type.startsWith("image/")) return undefined;
  if (!takesInline && isInline) return "an image within the text (documents.inline_images)";
  return sizeBytes < least ? `an image below ${least} octets (documents.min_image_size)` : undefined;
}

/** What the handling of one part needs of the mail around it. */
interface Reading {
  readonly splitter: Splitter;
  readonly read: Pull;
  /** Content-IDs that the texts so far refer to. */
  readonly referred: Set<string>;
}

/** A part whose content has been looked at. */
interface Opened {
  readonly content: Content;
  readonly reading: Reading;
}

/** The documents of one mail and of the mails opened within it; adds to `leftOut` what it leaves. */
export class Taking {
  readonly #options: DocumentsOptions;
  readonly #leftOut: LeftOut[];
  #count = 0;

  constructor(options: DocumentsOptions, leftOut: LeftOut[]) {
    this.#options = options;
    this.#leftOut = leftOut;
  }

  /** Yields the documents of a mail whose headers have been read. */
  async *documents(splitter: Splitter, headers: Headers): AsyncIterable<Document> {
    const reading = { splitter, read: () => splitter.readContent(), referred: new Set<string>() };
    for (
      let part = await splitter.firstPart(headers);
      part !== undefined;
      part = await splitter.nextPart()
    ) {
      const file = filePart(part);
      const role = roleOf(file);
      if (role.kind === "left") this.#leave(file, role.reason);
      else if (role.kind === "text") yield* this.#text(file, reading);
      else if (role.kind === "message") yield* this.#message(file, reading);
      else if (role.kind === "fragment") throw damaged("it is one piece of a mail that was sent in several");
      else if (role.kind === "encrypted" && this.#options.signed === "open") {
        throw sealed("encrypted (OpenPGP)");
      } else yield* this.#file(file, reading);
    }
  }

  async *#file(file: FilePart, reading: Reading): AsyncIterable<Document> {
    const content = contentOf(file, reading.read);
    const start = await content.peek(SNIFF_BYTES);
    if (this.#options.signed === "open" && looksLikeCms(start)) {
      return yield* this.#cms(file, { content, reading });
    }
    yield* this.#document(file, { content, type: sniff(start, file.part.type), reading });
  }

  /** A CMS structure: what was signed in it where there is such a thing, else the file that it is. */
  async *#cms(file: FilePart, { content, reading }: Opened): AsyncIterable<Document> {
    const kind = cmsKind(await content.peek(CMS_HEAD_BYTES));
    if (kind === "encrypted") throw sealed("encrypted (S/MIME)");
    if (kind === "compressed") throw sealed("compressed (S/MIME)");
    if (kind !== "signed") {
      const type = sniff(await content.peek(SNIFF_BYTES), file.part.type);
      return yield* this.#document(file, { content, type, reading });
    }
    const inner = new Content(pullOf(content.pieces()), new SignedContentDecoder());
    const start = await inner.peek(SNIFF_BYTES);
    const name = file.name.replace(/\.p7[ms]$/i, "");
    const type = sniff(start, "application/octet-stream");
    const isFile = type !== "application/octet-stream" || /\.[a-z0-9]{1,8}$/i.test(name);
    if (isFile && !looksLikeMime(start)) {
      return yield* this.#document({ ...file, name }, { content: inner, type, reading });
    }
    const splitter = reading.splitter.within(pullOf(inner.pieces()));
    yield* this.documents(splitter, await splitter.readHeaders());
  }

  async *#document(
    file: FilePart,
    { content, type, reading: { referred } }: Opened & { readonly type: string },
  ): AsyncIterable<Document> {
    const reason = type.startsWith("image/")
      ? await this.#reasonAgainstImage(file, { content, referred })
      : undefined;
    if (reason !== undefined) return this.#leave(file, reason);
    yield* this.#yield(content, { name: file.name, type });
  }

  async #reasonAgainstImage(
    file: FilePart,
    { content, referred }: { content: Content; referred: ReadonlySet<string> },
  ): Promise<string | undefined> {
    const { min_image_size: least } = this.#options;
    const isInline = isInlineImage(file, referred);
    const sizeBytes = least > 0 ? (await content.peek(least)).length : least;
    return reasonAgainstImage({ type: "image/*", isInline, sizeBytes }, this.#options);
  }

  async *#message(file: FilePart, { splitter, read }: Reading): AsyncIterable<Document> {
    const content = contentOf(file, read);
    if (this.#options.attached_messages === "keep") {
      const stem = file.name.replace(/\.eml$/i, "") || stemOf(await subjectOf(content));
      const name = stem === "" ? "" : `${stem}.eml`;
      return yield* this.#yield(content, { name, type: "message/rfc822" });
    }
    const inner = splitter.within(pullOf(content.pieces()));
    yield* this.documents(inner, await inner.readHeaders());
  }

  /** Texts are no documents, but they say which images belong to them, and old programs put files into them. */
  async *#text(file: FilePart, { read, referred }: Reading): AsyncIterable<Document> {
    const { type, parents } = file.part;
    const text = () => new Content(read, lenient(decoderFor(file.encoding) ?? identity));
    // Without a multipart around it there is nothing that it could refer to.
    if (type === "text/html" && parents.length > 0) return await findReferences(text(), referred);
    if (type !== "text/plain") return;
    const content = text();
    const whole = await content.peek(SMALL_TEXT_BYTES);
    if (whole.length < SMALL_TEXT_BYTES && !mayHoldUuFile(whole)) return;
    for await (const { name, pieces } of uuFiles(content.pieces())) {
      const next = pullOf(pieces());
      const file = new Content(next, identity);
      const found = sniff(await file.peek(SNIFF_BYTES), "application/octet-stream");
      yield* this.#yield(file, { name, type: found });
      // The text goes on after the file, also when nobody wanted it.
      while (await next() !== null);
    }
  }

  async *#yield(content: Content, { name, type }: { name: string; type: string }): AsyncIterable<Document> {
    const number = ++this.#count;
    // Of uuencoded files a text of any part can hold one in every 24 octets.
    if (number > MAX_PARTS) throw damaged(`it has more than ${MAX_PARTS} documents`);
    let stream: Document["content"] | undefined;
    yield {
      name: name || `document-${number}.${extensionFor(type)}`,
      type,
      get content() {
        return stream ??= content.stream();
      },
      whole: (atMost) => content.whole(atMost),
    };
    await content.finish();
  }

  #leave(file: FilePart, reason: string): void {
    this.#leftOut.push({ name: file.name || file.part.type, reason });
  }
}

function contentOf({ encoding }: FilePart, read: Pull): Content {
  const decoder = decoderFor(encoding);
  if (decoder === undefined) throw damaged("a document in it has a transfer encoding that is not known");
  return new Content(read, decoder);
}

/** The subject of an attached mail, as far as its first octets tell. */
async function subjectOf(content: Content): Promise<string> {
  const start = await content.peek(SUBJECT_BYTES);
  const text = new TextDecoder("windows-1252").decode(start.subarray(0, SUBJECT_BYTES));
  const end = text.search(/\r?\n\r?\n/);
  return mailHeaders(new Headers(start.subarray(0, end < 0 ? SUBJECT_BYTES : end))).subject;
}

/** Whether a signed content begins with header lines, a Content-Type among them. */
function looksLikeMime(start: Uint8Array): boolean {
  const text = new TextDecoder("windows-1252").decode(start);
  return /^(?:[!-9;-~]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)*?content-type:/i.test(text);
}

function sealed(how: string): Error {
  return damaged(
    `a part of it is ${how} and cannot be opened here; with signed = "keep" under [documents] it is delivered as it is`,
  );
}

function pullOf(pieces: AsyncIterable<Uint8Array>): Pull {
  const iterator = pieces[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await iterator.next();
    return done === true ? null : value;
  };
}
