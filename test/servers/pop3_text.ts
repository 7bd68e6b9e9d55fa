/** Mails as they stand in POP3 answers. */
import { Buffer } from "node:buffer";

/** What ends a multi-line answer, after the last line end. */
export const TERMINATOR = Buffer.from(".\r\n");

/** A mail as it stands in an answer: dots at the start of a line doubled, the last line ended (RFC 1939, section 3). */
export function stuffed(raw: Uint8Array): Buffer {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const pieces: Buffer[] = [];
  let from = 0;
  for (let dot = bytes.indexOf(0x2e); dot >= 0; dot = bytes.indexOf(0x2e, dot + 1)) {
    if (dot > 0 && (bytes[dot - 1] !== 0x0a || bytes[dot - 2] !== 0x0d)) continue;
    pieces.push(bytes.subarray(from, dot + 1));
    from = dot;
  }
  pieces.push(bytes.subarray(from));
  const isEnded = bytes.length === 0 || (bytes.at(-1) === 0x0a && bytes.at(-2) === 0x0d);
  return Buffer.concat(isEnded ? pieces : [...pieces, Buffer.from("\r\n")]);
}

/** The header of a mail and its first lines, as TOP gives them. */
export function topOf(raw: Uint8Array, lineCount: number): Uint8Array {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const header = bytes.indexOf("\r\n\r\n");
  if (header < 0) return bytes;
  let end = header + 4;
  for (let line = 0; line < lineCount; line++) {
    const next = bytes.indexOf("\r\n", end);
    if (next < 0) return bytes;
    end = next + 2;
  }
  return bytes.subarray(0, end);
}
