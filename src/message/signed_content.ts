/**
 * S/MIME and signed files (.p7m): the content within a CMS SignedData (RFC 5652, 5.1), read while it arrives. Signatures
 * are not verified: that is for whoever relies on them, with the original at hand.
 */
import { damaged } from "./damage.ts";
import type { Decoder } from "./decoders.ts";
import { concat } from "./uuencode.ts";

/**
 * What a CMS structure turns out to be: `signed` with its content in it; `detached`, a signature of something elsewhere;
 * `encrypted`; `compressed`; `other`, such as a time stamp or a chain of certificates.
 */
export type CmsKind = "signed" | "detached" | "encrypted" | "compressed" | "other";

/** Octets from the start that are enough to tell the kind. */
export const CMS_HEAD_BYTES = 16 * 1024;

const SIGNED_DATA = "2a864886f70d010702";
/** Content that is just octets, not a structure that only programs read. */
const DATA = "2a864886f70d010701";
const KINDS: Readonly<Record<string, CmsKind>> = {
  // envelopedData, encryptedData, authEnvelopedData.
  "2a864886f70d010703": "encrypted",
  "2a864886f70d010706": "encrypted",
  "2a864886f70d0109100117": "encrypted",
  "2a864886f70d0109100109": "compressed",
};
/** Where things are: numbers of the elements from the outside in. */
const TYPE_PATH = "0.0";
const CONTENT_TYPE_PATH = "0.1.0.2.0";
const ENCAPSULATED_PATH = "0.1.0.2";
const CONTENT_PATH = "0.1.0.2.1.0";
const MAX_DEPTH = 30;
const MAX_OID_BYTES = 32;

const OCTET_STRING = 4;
const OBJECT_IDENTIFIER = 6;
const CONSTRUCTED = 0x20;

interface Frame {
  /** Offset at which it ends; `undefined` when an end-of-contents marks it (X.690, 8.1.3.6). */
  readonly end: number | undefined;
  /** Offset that nothing in it may reach beyond. */
  readonly limit: number;
  readonly path: string;
  children: number;
}

/** Whether octets begin like a CMS structure: a SEQUENCE, and in it the OID of one. */
export function looksLikeCms(start: Uint8Array): boolean {
  if (start[0] !== 0x30) return false;
  const length = start[1] ?? 0;
  const at = length > 0x80 ? 2 + (length & 0x7f) : 2;
  const oid = start.subarray(at + 2, at + 12).toHex();
  return start[at] === OBJECT_IDENTIFIER && /^2a864886f70d01(?:070[236]|091001)/.test(oid);
}

/** What kind of structure begins with these octets; `other` also when they are none or do not suffice. */
export function cmsKind(start: Uint8Array): CmsKind {
  const decoder = new SignedContentDecoder();
  try {
    decoder.push(start);
  } catch {
    // Damage further on is told when the whole is read.
  }
  return decoder.kind ?? "other";
}

/** Takes the content out of a SignedData; throws when it is cut, or holds none. */
export class SignedContentDecoder implements Decoder {
  readonly #frames: Frame[] = [{ end: undefined, limit: Infinity, path: "", children: 0 }];
  #rest: Uint8Array = new Uint8Array(0);
  /** Offset of `#rest` in the whole. */
  #offset = 0;
  /** Octets of the present primitive element that are still to come, and whether they are content. */
  #left = 0;
  #isContent = false;
  #ended = false;
  #kind: CmsKind | undefined;

  /** `undefined` until enough has been read to tell. */
  get kind(): CmsKind | undefined {
    return this.#kind;
  }

  push(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const pieces: Uint8Array[] = [];
    // What follows the structure, such as a line end, belongs to the mail around it.
    if (this.#ended) return concat(pieces);
    this.#rest = this.#rest.length === 0 ? bytes : concat([this.#rest, bytes]);
    while (!this.#ended) {
      if (this.#left > 0) {
        const piece = this.#take(Math.min(this.#left, this.#rest.length));
        this.#left -= piece.length;
        if (this.#isContent && piece.length > 0) pieces.push(piece);
        if (this.#left > 0) break;
      }
      this.#closeFrames();
      if (this.#ended || !this.#element()) break;
    }
    // Copied, since the octets of a mail may share one buffer.
    this.#rest = this.#ended ? new Uint8Array(0) : this.#rest.slice();
    return concat(pieces);
  }

  end(): Uint8Array<ArrayBuffer> {
    if (!this.#ended) throw damaged("a signed part of it (S/MIME) ends too early");
    if (this.#kind !== "signed") throw damaged("a signed part of it (S/MIME) has no content");
    return new Uint8Array(0);
  }

  /** Reads the header of the next element (X.690, 8.1); false when it has not arrived whole. */
  #element(): boolean {
    const header = headerOf(this.#rest);
    if (header === undefined) return false;
    const { tag, length, bytes } = header;
    const parent = this.#frames.at(-1);
    if (parent === undefined) return false;
    if (tag === 0 && length === 0) {
      if (parent.end !== undefined || this.#frames.length === 1) throw broken();
      this.#take(bytes);
      this.#frames.pop();
      this.#closed(parent);
      return true;
    }
    const path = parent.path === "" ? String(parent.children) : `${parent.path}.${parent.children}`;
    const isOid = path === TYPE_PATH || path === CONTENT_TYPE_PATH;
    if (isOid) {
      if (tag !== OBJECT_IDENTIFIER || length === undefined || length > MAX_OID_BYTES) throw broken();
      // The OID decides; it is looked at whole.
      if (this.#rest.length < bytes + length) return false;
    }
    parent.children++;
    this.#take(bytes);
    const end = length === undefined ? undefined : this.#offset + length;
    if ((end ?? this.#offset) > parent.limit) throw broken();
    if (isOid) this.#oid(path, this.#take(length ?? 0));
    else if ((tag & CONSTRUCTED) !== 0 && (length === undefined || isOpened(path))) {
      if (this.#frames.length > MAX_DEPTH) throw broken();
      this.#frames.push({ end, limit: end ?? parent.limit, path, children: 0 });
    } else {
      if (length === undefined) throw broken();
      this.#isContent = isWithin(path, CONTENT_PATH);
      if (this.#isContent && tag !== OCTET_STRING) throw broken();
      this.#left = length;
    }
    if (isWithin(path, CONTENT_PATH)) this.#kind ??= "signed";
    return true;
  }

  #oid(path: string, value: Uint8Array): void {
    const oid = value.toHex();
    if (path === TYPE_PATH && oid !== SIGNED_DATA) this.#kind ??= KINDS[oid] ?? "other";
    if (path === CONTENT_TYPE_PATH && oid !== DATA) this.#kind ??= "other";
  }

  #closeFrames(): void {
    for (let frame = this.#frames.at(-1); frame?.end === this.#offset; frame = this.#frames.at(-1)) {
      this.#frames.pop();
      this.#closed(frame);
    }
    const [outermost] = this.#frames;
    if (this.#frames.length === 1 && (outermost?.children ?? 0) > 0) this.#ended = true;
  }

  #closed({ path, children }: Frame): void {
    if (path === ENCAPSULATED_PATH && children === 1) this.#kind ??= "detached";
  }

  #take(count: number): Uint8Array {
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    this.#offset += count;
    return taken;
  }
}

/** Whether the elements in this one are looked at: those around the content, and the pieces of it. */
function isOpened(path: string): boolean {
  return isWithin(CONTENT_PATH, path) || isWithin(path, CONTENT_PATH);
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`);
}

/** Tag, length (`undefined`: indefinite) and size of an element's header; `undefined` when it is not all there. */
function headerOf(bytes: Uint8Array): { tag: number; length: number | undefined; bytes: number } | undefined {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) return undefined;
  // Tag numbers above 30 do not occur in CMS.
  if ((tag & 0x1f) === 0x1f) throw broken();
  if (first < 0x80) return { tag, length: first, bytes: 2 };
  const count = first & 0x7f;
  if (count === 0) {
    if ((tag & CONSTRUCTED) === 0) throw broken();
    return { tag, length: undefined, bytes: 2 };
  }
  if (count > 6) throw broken();
  if (bytes.length < 2 + count) return undefined;
  let length = 0;
  for (const byte of bytes.subarray(2, 2 + count)) length = length * 256 + byte;
  return { tag, length, bytes: 2 + count };
}

function broken(): Error {
  return damaged("a signed part of it (S/MIME) is damaged");
}
