/** uuencode (IEEE Std 1003.1, uuencode): files that old programs put straight into the text of a mail. */
import { damaged } from "./damage.ts";
import type { Decoder } from "./decoders.ts";

const LF = 10;
// "begin 644 " and a file name; a line of data has 61 octets and perhaps a checksum.
const MAX_LINE_BYTES = 2048;
const NOTHING = new Uint8Array(0);

/** Cuts octets into lines without their line ends; of a line beyond 2 KiB only the start is kept. */
export class Lines {
  #rest: Uint8Array = NOTHING;

  *push(bytes: Uint8Array): Iterable<Uint8Array> {
    let start = 0;
    for (let newline = bytes.indexOf(LF); newline >= 0; newline = bytes.indexOf(LF, start)) {
      const line = bytes.subarray(start, newline);
      start = newline + 1;
      const whole = this.#rest.length === 0 ? line : joined(this.#rest, line);
      this.#rest = NOTHING;
      yield whole.at(-1) === 13 ? whole.subarray(0, -1) : whole;
    }
    this.#rest = joined(this.#rest, bytes.subarray(start));
  }

  end(): Uint8Array {
    return this.#rest;
  }
}

/** The name in a `begin` line; `undefined` when it is none. */
export function uuName(line: Uint8Array): Uint8Array | undefined {
  // b, e: nearly every line is told apart by its first octet.
  if (line[0] !== 98 || line[1] !== 101 || line.length > MAX_LINE_BYTES) return undefined;
  const begin = /^begin [0-7]{3,4} +(?=\S)/.exec(String.fromCharCode(...line.subarray(0, 64)));
  return begin === null ? undefined : line.subarray(begin[0].length);
}

/** The octets of a data line, empty for the last one; `undefined` when it is none. */
export function uuLine(line: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const first = line[0];
  if (first === undefined) return NOTHING;
  if (first < 32 || first > 96) return undefined;
  const length = (first - 32) & 63;
  const characters = Math.ceil(length / 3) * 4;
  // One more is a checksum; up to four fewer are spaces that were lost at the line's end.
  if (line.length - 1 > characters + 1 || line.length - 1 < characters - 4) return undefined;
  const output = new Uint8Array(Math.ceil(length / 3) * 3);
  for (let group = 0; group < characters / 4; group++) {
    let bits = 0;
    for (let index = 1; index <= 4; index++) {
      const byte = line[group * 4 + index] ?? 32;
      if (byte < 32 || byte > 96) return undefined;
      bits = bits << 6 | ((byte - 32) & 63);
    }
    output.set([bits >> 16, (bits >> 8) & 255, bits & 255], group * 3);
  }
  return output.subarray(0, length);
}

/** Whether a line is the `end` after the data. */
export function isUuEnd(line: Uint8Array): boolean {
  return line.length >= 3 && line[0] === 101 && line[1] === 110 && line[2] === 100 &&
    line.subarray(3).every((byte) => byte === 32 || byte === 9);
}

/** A whole content that is one uuencoded file (`Content-Transfer-Encoding: x-uuencode`). */
export class UuDecoder implements Decoder {
  readonly #lines = new Lines();
  #state: "before" | "data" | "after" = "before";

  push(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    return concat([...this.#lines.push(bytes)].map((line) => this.#line(line)));
  }

  end(): Uint8Array<ArrayBuffer> {
    const rest = this.#line(this.#lines.end());
    if (this.#state !== "after") throw damaged("uuencode ends too early");
    return rest;
  }

  #line(line: Uint8Array): Uint8Array<ArrayBuffer> {
    if (this.#state === "before" && uuName(line) !== undefined) this.#state = "data";
    else if (this.#state === "data" && isUuEnd(line)) this.#state = "after";
    else if (this.#state === "data") return dataOf(line);
    return NOTHING;
  }
}

/** The octets of a line that must be data. */
export function dataOf(line: Uint8Array): Uint8Array<ArrayBuffer> {
  const data = uuLine(line);
  if (data === undefined) throw damaged("uuencode contains what is no uuencode");
  return data;
}

/** All of them in one. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function joined(rest: Uint8Array, more: Uint8Array): Uint8Array {
  return rest.length > MAX_LINE_BYTES ? rest : concat([rest, more.subarray(0, MAX_LINE_BYTES + 1)]);
}
