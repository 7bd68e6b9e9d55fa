/** MAPI properties as TNEF carries them ([MS-OXTNEF] 2.1.3.4): of an attachment, its names and content. */
import { damaged } from "./damage.ts";

/** One property with its values, each as octets; of a type of variable length without padding. */
export interface MapiProperty {
  readonly id: number;
  readonly type: number;
  readonly values: readonly Uint8Array[];
}

/** Types of properties ([MS-OXCDATA] 2.11.1): text in the code page of the message. */
const PT_STRING8 = 0x1e;
/** Text in UTF-16. */
export const PT_UNICODE = 0x1f;
/** An object, such as another winmail.dat. */
export const PT_OBJECT = 0x0d;
const MULTIPLE = 0x1000;
const NAMED_IDS = 0x8000;

/** Octets of one value of a type of fixed length ([MS-OXCDATA] 2.11.1). */
const FIXED: Readonly<Record<number, number>> = {
  0x00: 0,
  0x01: 0,
  0x02: 2,
  0x03: 4,
  0x04: 4,
  0x05: 8,
  0x06: 8,
  0x07: 8,
  0x0a: 4,
  0x0b: 2,
  0x14: 8,
  0x40: 8,
  0x48: 16,
};
const VARIABLE = new Set([PT_STRING8, PT_UNICODE, PT_OBJECT, 0x102]);

/**
 * Reads a list of properties.
 *
 * @throws {EnvelopeError} when it is cut or holds what no property is.
 */
export function readProperties(bytes: Uint8Array): readonly MapiProperty[] {
  const reader = new Reader(bytes);
  const properties: MapiProperty[] = [];
  for (let count = reader.uint32(); count > 0; count--) {
    const type = reader.uint16();
    const id = reader.uint16();
    if (id >= NAMED_IDS) skipName(reader);
    properties.push({ id, type: type & ~MULTIPLE, values: readValues(reader, type) });
  }
  return properties;
}

/** A named property has a set and a number or text beside its id. */
function skipName(reader: Reader): void {
  reader.take(16);
  const isText = reader.uint32() === 1;
  if (isText) reader.padded(reader.uint32());
  else reader.uint32();
}

function readValues(reader: Reader, type: number): readonly Uint8Array[] {
  const single = type & ~MULTIPLE;
  const isVariable = VARIABLE.has(single);
  const fixed = FIXED[single];
  if (!isVariable && fixed === undefined) throw damaged("winmail.dat holds a property of no known type");
  // A value of variable length is counted even where there is only one.
  const count = isVariable || (type & MULTIPLE) !== 0 ? reader.uint32() : 1;
  const values: Uint8Array[] = [];
  for (let index = 0; index < count; index++) {
    const length = isVariable ? reader.uint32() : fixed ?? 0;
    // Values without octets could be counted by billions.
    if (!isVariable && length === 0) break;
    values.push(reader.padded(length));
  }
  return values;
}

/** Reads numbers and octets one after another; throws when they end too early. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Octets that are filled up to a multiple of four. */
  padded(length: number): Uint8Array {
    const value = this.take(length);
    // The last padding of a list is left out by some programs.
    this.#at = Math.min(this.#at + (4 - length % 4) % 4, this.#bytes.length);
    return value;
  }

  #advance(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw damaged("winmail.dat has properties that end too early");
    this.#at += length;
    return start;
  }
}
