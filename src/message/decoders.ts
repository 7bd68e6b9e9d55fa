/** Content transfer encodings (RFC 2045, 6), octet-exact and strict: what was cut must not pass for whole. */
import { EnvelopeError } from "../errors.ts";
import { damaged } from "./damage.ts";
import { UuDecoder } from "./uuencode.ts";

/** Decodes a content piece by piece; `push` and `end` throw `EnvelopeError` on what cannot be whole. */
export interface Decoder {
  push(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
  /** The last octets; throws when something is missing. */
  end(): Uint8Array<ArrayBuffer>;
}

// What is not ASCII is no base64, whatever it becomes here: this is the fastest.
const characters = new TextDecoder("utf-8", { ignoreBOM: true });
const NOTHING = new Uint8Array(0);
const IDENTITY = new Set(["", "7bit", "8bit", "binary", "7-bit", "8-bit", "7", "8", "none", "utf-8", "raw"]);

/** Hands the octets on, copied, since those of a mail may share one buffer. */
export const identity: Decoder = { push: (bytes) => bytes.slice(), end: () => NOTHING };

/** The decoder for a `Content-Transfer-Encoding`; `undefined` for one that nobody knows. */
export function decoderFor(encoding: string): Decoder | undefined {
  if (encoding === "base64") return new Base64Decoder();
  if (encoding === "quoted-printable") return new QuotedPrintableDecoder();
  if (/^(?:x-)?uu(?:e|encode)$/.test(encoding)) return new UuDecoder();
  return IDENTITY.has(encoding) ? identity : undefined;
}

/** A decoder that ends where the given one fails: for texts, of which nothing is handed over. */
export function lenient(decoder: Decoder): Decoder {
  let failed = false;
  const attempt = (decode: () => Uint8Array<ArrayBuffer>) => {
    if (failed) return NOTHING;
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      failed = true;
      return NOTHING;
    }
  };
  return { push: (bytes) => attempt(() => decoder.push(bytes)), end: () => attempt(() => decoder.end()) };
}

/** RFC 2045, 6.8, refusing what its decoders may ignore: a foreign character is a sign of damage. */
class Base64Decoder implements Decoder {
  #rest = "";
  #padded = false;

  push(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const text = this.#rest + characters.decode(bytes);
    if (this.#padded) {
      if (/\S/.test(text)) throw damaged("base64 goes on after its end");
      return NOTHING;
    }
    const decoded = new Uint8Array(Math.ceil(text.length / 4) * 3);
    try {
      const { read, written } = decoded.setFromBase64(text, { lastChunkHandling: "stop-before-partial" });
      const padding = text.indexOf("=");
      this.#padded = padding >= 0 && padding < read;
      this.#rest = text.slice(read).replace(/\s+/g, "");
      return decoded.subarray(0, written);
    } catch (cause) {
      throw damaged("base64 contains what is no base64", { cause });
    }
  }

  end(): Uint8Array<ArrayBuffer> {
    if (this.#rest !== "") throw damaged("base64 ends too early");
    return NOTHING;
  }
}

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const EQUALS = 61;
// More white space than this at the end of a line is no accident of transport and is kept.
const MAX_HELD_BLANKS = 4096;

/** RFC 2045, 6.7. An `=` before anything but two digits is kept as it is, as all mail programs do. */
class QuotedPrintableDecoder implements Decoder {
  /** White space that is dropped if the line ends after it. */
  #blanks: number[] = [];
  /** Octets from an `=` on, until it is clear what they mean. */
  #escape: number[] | undefined;

  push(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const output = new Uint8Array(bytes.length + this.#blanks.length + (this.#escape?.length ?? 0));
    let length = 0;
    const put = (values: readonly number[]) => {
      output.set(values, length);
      length += values.length;
    };
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (this.#escape !== undefined) {
        const resolved = this.#resolve(this.#escape, byte);
        if (resolved === undefined) continue;
        this.#escape = undefined;
        put(resolved.output);
        if (resolved.consumed) continue;
      }
      if (byte === EQUALS) {
        put(this.#blanks.splice(0));
        this.#escape = [byte];
      } else if (byte === SPACE || byte === TAB) {
        if (this.#blanks.push(byte) > MAX_HELD_BLANKS) put(this.#blanks.splice(0));
      } else if (byte === LF || byte === CR) {
        this.#blanks.length = 0;
        output[length++] = byte;
      } else {
        if (this.#blanks.length > 0) put(this.#blanks.splice(0));
        output[length++] = byte;
      }
    }
    return output.subarray(0, length);
  }

  end(): Uint8Array<ArrayBuffer> {
    const escape = this.#escape ?? [];
    // A soft line break whose line end was taken with the boundary leaves a lone "=".
    if (escape.length === 0 || isSoftBreak(escape)) return NOTHING;
    throw damaged("quoted-printable ends too early");
  }

  #resolve(escape: number[], byte: number): { output: readonly number[]; consumed: boolean } | undefined {
    const first = escape[1];
    if (first !== undefined && hexValue(first) >= 0) {
      const [high, low] = [hexValue(first), hexValue(byte)];
      return low < 0 ? { output: escape, consumed: false } : { output: [high * 16 + low], consumed: true };
    }
    if (byte === LF) return { output: [], consumed: true };
    const goesOn = first === undefined
      ? hexValue(byte) >= 0 || byte === CR || byte === SPACE || byte === TAB
      : escape.at(-1) !== CR && (byte === CR || byte === SPACE || byte === TAB);
    if (goesOn && escape.length < MAX_HELD_BLANKS) {
      escape.push(byte);
      return undefined;
    }
    return { output: escape, consumed: false };
  }
}

function isSoftBreak(escape: readonly number[]): boolean {
  return escape.slice(1).every((byte) => byte === SPACE || byte === TAB || byte === CR);
}

function hexValue(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
