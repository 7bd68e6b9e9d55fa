/**
 * winmail.dat: what Outlook and Exchange pack a mail's files into for their own kind (Transport Neutral Encapsulation
 * Format, [MS-OXTNEF]). Read whole, in time proportional to its size; nothing in it is believed.
 */
import { damaged, MAX_PARTS } from "./damage.ts";
import { type MapiProperty, PT_OBJECT, PT_UNICODE, readProperties } from "./mapi.ts";
import { decodeName } from "./words.ts";

/** One file in a winmail.dat. */
export interface TnefFile {
  /** Base name; empty when it has none. */
  readonly name: string;
  readonly content: Uint8Array;
  /** Whether it is shown within the text, as logos are. */
  readonly isInline: boolean;
}

/** What a winmail.dat holds, that of mails attached within it included. */
export interface TnefContents {
  readonly files: readonly TnefFile[];
  /** Attachments without content, such as a link to a file elsewhere: their names, and why. */
  readonly left: readonly { readonly name: string; readonly reason: string }[];
}

const SIGNATURE = 0x223e9f78;
const HEADER_BYTES = 9;
const CHECKSUM_BYTES = 2;
/** Mails attached within mails. */
const MAX_DEPTH = 10;

// Attributes ([MS-OXTNEF] 2.1.3.3), type and id in one number.
const OEM_CODEPAGE = 0x00069007;
const ATTACH_REND_DATA = 0x00069002;
const ATTACH_TITLE = 0x00018010;
const ATTACH_TRANSPORT_FILENAME = 0x00069001;
const ATTACH_DATA = 0x0006800f;
const ATTACHMENT = 0x00069005;

// Properties ([MS-OXPROPS]).
const PR_DISPLAY_NAME = 0x3001;
const PR_ATTACH_DATA = 0x3701;
const PR_ATTACH_FILENAME = 0x3704;
const PR_ATTACH_METHOD = 0x3705;
const PR_ATTACH_LONG_FILENAME = 0x3707;
const PR_ATTACH_FLAGS = 0x3714;
const PR_ATTACHMENT_HIDDEN = 0x7ffe;
/** By reference, in three ways, and by web reference: the file is elsewhere. */
const LINK_METHODS = new Set([2, 3, 4, 7]);
/** Shown by the HTML text. */
const ATT_MHTML_REF = 4;
/** What stands before a mail within a mail: IID_IMessage. */
const IID_BYTES = 16;

interface Attachment {
  title: Uint8Array | undefined;
  data: Uint8Array | undefined;
  properties: readonly MapiProperty[];
}

/** Whether octets begin like a winmail.dat. */
function looksLikeTnef(start: Uint8Array): boolean {
  return start.length >= 4 && viewOf(start).getUint32(0, true) === SIGNATURE;
}

/**
 * Takes the files out of a winmail.dat.
 *
 * @throws {EnvelopeError} when it is damaged or cut, by lengths and checksums, or nested too deep.
 */
export function readTnef(bytes: Uint8Array): TnefContents {
  const contents = { files: [], left: [] };
  collect(bytes, { ...contents, depth: 0 });
  return contents;
}

interface Collecting {
  readonly files: TnefFile[];
  readonly left: { name: string; reason: string }[];
  readonly depth: number;
}

function collect(bytes: Uint8Array, into: Collecting): void {
  if (into.depth > MAX_DEPTH) throw damaged(`mails in winmail.dat are nested more than ${MAX_DEPTH} deep`);
  const attachments: Attachment[] = [];
  let codepage = 1252;
  for (const { id, value } of attributes(bytes)) {
    if (id === OEM_CODEPAGE && value.length >= 4) codepage = viewOf(value).getUint32(0, true);
    if (id === ATTACH_REND_DATA) {
      if (attachments.length + into.files.length >= MAX_PARTS) {
        throw damaged(`winmail.dat holds more than ${MAX_PARTS} files`);
      }
      attachments.push({ title: undefined, data: undefined, properties: [] });
    }
    const attachment = attachments.at(-1);
    if (attachment === undefined) continue;
    if (id === ATTACH_TITLE || id === ATTACH_TRANSPORT_FILENAME) attachment.title ??= value;
    else if (id === ATTACH_DATA) attachment.data = value;
    else if (id === ATTACHMENT) attachment.properties = readProperties(value);
  }
  const decoder = decoderOf(codepage);
  for (const attachment of attachments) add(attachment, decoder, into);
}

/** The attributes of a stream; throws at the first that is not whole. */
function* attributes(bytes: Uint8Array): Iterable<{ id: number; value: Uint8Array }> {
  if (!looksLikeTnef(bytes)) throw damaged("winmail.dat does not begin like one");
  const view = viewOf(bytes);
  for (let at = 6; at < bytes.length;) {
    // What a mail program put behind it, such as a line end.
    if (bytes.length - at < HEADER_BYTES && bytes.subarray(at).every(isPadding)) return;
    if (bytes.length - at < HEADER_BYTES + CHECKSUM_BYTES) throw cut();
    const level = view.getUint8(at);
    if (level !== 1 && level !== 2) throw damaged("winmail.dat is damaged");
    const id = view.getUint32(at + 1, true);
    const length = view.getUint32(at + 5, true);
    at += HEADER_BYTES;
    if (length > bytes.length - at - CHECKSUM_BYTES) throw cut();
    const value = bytes.subarray(at, at + length);
    at += length;
    if (view.getUint16(at, true) !== checksum(value)) throw damaged("winmail.dat has a wrong checksum");
    at += CHECKSUM_BYTES;
    yield { id, value };
  }
}

function add({ title, data, properties }: Attachment, decoder: TextDecoder, into: Collecting): void {
  const text = (id: number) => textOf(properties, { id, decoder });
  const name = decodeName(
    text(PR_ATTACH_LONG_FILENAME) || text(PR_ATTACH_FILENAME) ||
      (title === undefined ? "" : untilNul(decoder.decode(title))) || text(PR_DISPLAY_NAME),
  );
  const content = properties.find(({ id }) => id === PR_ATTACH_DATA);
  const object = content?.type === PT_OBJECT ? content.values[0]?.subarray(IID_BYTES) : undefined;
  if (object !== undefined && looksLikeTnef(object)) {
    return collect(object, { ...into, depth: into.depth + 1 });
  }
  const octets = object ?? data ?? content?.values[0];
  if (octets === undefined) {
    if (!LINK_METHODS.has(numberOf(properties, PR_ATTACH_METHOD))) throw cut();
    into.left.push({ name, reason: "it is a link in winmail.dat, without content" });
    return;
  }
  const isInline = numberOf(properties, PR_ATTACHMENT_HIDDEN) !== 0 ||
    (numberOf(properties, PR_ATTACH_FLAGS) & ATT_MHTML_REF) !== 0;
  into.files.push({ name, content: octets, isInline });
}

function textOf(
  properties: readonly MapiProperty[],
  { id, decoder }: { id: number; decoder: TextDecoder },
): string {
  const property = properties.find((each) => each.id === id);
  const [value] = property?.values ?? [];
  if (property === undefined || value === undefined) return "";
  return untilNul((property.type === PT_UNICODE ? new TextDecoder("utf-16le") : decoder).decode(value));
}

function numberOf(properties: readonly MapiProperty[], wanted: number): number {
  const [value] = properties.find(({ id }) => id === wanted)?.values ?? [];
  if (value === undefined || value.length < 2) return 0;
  return value.length >= 4 ? viewOf(value).getUint32(0, true) : viewOf(value).getUint16(0, true);
}

/** Sum of the octets, in 16 bits. */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at++) sum = (sum + (bytes[at] ?? 0)) & 0xffff;
  return sum;
}

function decoderOf(codepage: number): TextDecoder {
  const label = CODEPAGES[codepage] ??
    (codepage >= 28591 && codepage <= 28606 ? `iso-8859-${codepage - 28590}` : `windows-${codepage}`);
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder("windows-1252");
  }
}

/** Those whose labels do not follow from their number. */
const CODEPAGES: Readonly<Record<number, string>> = {
  932: "shift_jis",
  936: "gbk",
  949: "euc-kr",
  950: "big5",
  20866: "koi8-r",
  21866: "koi8-u",
  20127: "windows-1252",
  65001: "utf-8",
};

function isPadding(byte: number): boolean {
  return byte === 0 || byte === 9 || byte === 10 || byte === 13 || byte === 32;
}

function untilNul(text: string): string {
  return text.replace(/\0.*$/s, "");
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function cut(): Error {
  return damaged("winmail.dat ends too early");
}
