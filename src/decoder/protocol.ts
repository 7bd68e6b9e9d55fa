/** What the gateway and its decoder process say to each other: one JSON text per line, each way. */
import type { DecodedEnvelope } from "../envelopes/envelope.ts";
import type { OpenOptions } from "../envelopes/mod.ts";
import type { OpenedAttachment } from "./open_attachment.ts";

/** Asks for one envelope to be decoded. Requests are answered one after another. */
export interface DecodeRequest extends Omit<OpenOptions, "findInvoiceXml"> {
  readonly path: string;
}

/**
 * Why there is no envelope: it is at fault (`envelope`) or of no known kind (`unknown`), a file could not be read or
 * written (`file`), or there is no room for it (`space`).
 */
export type DecodeFault = "envelope" | "unknown" | "file" | "space";

/** What a request leads to: an envelope, or what came out of an attachment. */
export type Decoded = DecodedEnvelope | OpenedAttachment | null;

/** `ready` once after the start; then for each request `begun`, and in the end `done` or `failed`. */
export type DecodeReply =
  | { readonly is: "ready" }
  | { readonly is: "begun" }
  | { readonly is: "done"; readonly decoded: Decoded }
  | { readonly is: "failed"; readonly fault: DecodeFault; readonly message: string };

/** Of a request or reply: both may name all files of an envelope. */
export const MAX_LINE_LENGTH = 64 * 1024 ** 2;

/** Yields the lines of a stream. Throws `RangeError` for one of more than `maxLength` characters. */
export async function* readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  maxLength: number,
): AsyncGenerator<string> {
  // In pieces: a long line would be copied again with every one.
  let pending: string[] = [];
  let length = 0;
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const [first = "", ...more] = text.split("\n");
    pending.push(first);
    length += first.length;
    for (const line of more) {
      yield pending.join("");
      pending = [line];
      length = line.length;
    }
    if (length > maxLength) throw new RangeError(`a line of more than ${maxLength} characters`);
  }
}
