/** A header block (RFC 5322, 2.2): its fields by name. */
import { decodeRaw, decodeText, parseStructured, type StructuredHeader } from "./words.ts";

/** What is known of a mail before its documents are; every text is decoded and on one line. */
export interface MailHeaders {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly date?: Date;
  /** With its angle brackets, as it stands. */
  readonly messageId?: string;
}

/** The fields of one header block. */
export class Headers {
  readonly #fields = new Map<string, string>();
  /** The first line that is no header field, if there is one. */
  readonly stray: string | undefined;

  constructor(block: Uint8Array) {
    const text = decodeRaw(block, () => charsetOf(block));
    let stray: string | undefined;
    let name = "";
    let parts: string[] = [];
    const keep = () => {
      // The first of two counts, as in most mail programs.
      if (name !== "" && !this.#fields.has(name)) this.#fields.set(name, parts.join("").trim());
    };
    for (const line of text.split(/\r?\n/)) {
      if (line.startsWith(" ") || line.startsWith("\t")) {
        parts.push(line);
        continue;
      }
      const colon = line.indexOf(":");
      const field = colon < 0 ? "" : line.slice(0, colon).trimEnd();
      if (!/^[!-~]+$/.test(field)) {
        if (line !== "" && !/^>?From /.test(line)) stray ??= line;
        continue;
      }
      keep();
      name = field.toLowerCase();
      parts = [line.slice(colon + 1)];
    }
    keep();
    this.stray = stray;
  }

  /** The first field of that name in lower case, unfolded, not yet decoded. */
  get(name: string): string | undefined {
    return this.#fields.get(name);
  }

  structured(name: string): StructuredHeader | undefined {
    const field = this.#fields.get(name);
    return field === undefined ? undefined : parseStructured(field);
  }
}

/** The headers of a block that ends with an empty line; `undefined` when it is not whole, or not made of fields alone. */
export function headersOfBlock(block: Uint8Array): MailHeaders | undefined {
  const headers = new Headers(block);
  const tail = String.fromCharCode(...block.subarray(-4));
  return headers.stray === undefined && /\r?\n\r?\n$/.test(tail) ? mailHeaders(headers) : undefined;
}

/** The headers of a mail that people know. */
export function mailHeaders(headers: Headers): MailHeaders {
  const date = parseDate(headers.get("date") ?? "");
  const messageId = decodeText(headers.get("message-id") ?? "");
  return {
    from: decodeText(headers.get("from") ?? headers.get("sender") ?? ""),
    to: decodeText(headers.get("to") ?? ""),
    subject: decodeText(headers.get("subject") ?? ""),
    ...(date === undefined ? {} : { date }),
    ...(messageId === "" ? {} : { messageId }),
  };
}

function parseDate(text: string): Date | undefined {
  // Comments such as (CET), and the dates that JavaScript makes of nearly any number, are left out.
  const plain = text.slice(0, 200).replace(/\([^()]*\)/g, " ");
  if (!/\d{1,2}[\s-]+[A-Za-z]{3,}[\s-]+\d{2,4}|\d{4}-\d\d-\d\d/.test(plain)) return undefined;
  const date = new Date(plain);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** The charset that a block declares, for raw 8-bit in its own lines. */
function charsetOf(block: Uint8Array): string | undefined {
  const text = new TextDecoder("windows-1252").decode(block);
  return /^content-type:[^\n]*(?:\n[ \t][^\n]*)*?charset\s*=\s*"?([^\s";]{1,80})/im.exec(text)?.[1];
}
