/** What a content is by its first octets, and what its file name should end in. Labels are not believed. */

import { looksLikeCms } from "./signed_content.ts";

/** First octets enough to tell. */
export const SNIFF_BYTES = 1024;

const MAGIC: readonly (readonly [string, readonly number[]])[] = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38]],
  ["image/tiff", [0x49, 0x49, 0x2a, 0x00]],
  ["image/tiff", [0x4d, 0x4d, 0x00, 0x2a]],
  ["application/zip", [0x50, 0x4b, 0x03, 0x04]],
  ["application/zip", [0x50, 0x4b, 0x05, 0x06]],
  ["application/x-ole-storage", [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
  ["application/gzip", [0x1f, 0x8b, 0x08]],
  ["application/ms-tnef", [0x78, 0x9f, 0x3e, 0x22]],
  ["application/rtf", [0x7b, 0x5c, 0x72, 0x74, 0x66]],
];

/** Declared types that say more than the container found. */
const WITHIN: readonly (readonly [string, RegExp])[] = [
  ["application/zip", /^application\/(?:vnd\.(?:openxmlformats|oasis|ms-)|epub\+zip|java-archive)/],
  ["application/x-ole-storage", /^application\/(?:msword|vnd\.(?:ms-|visio)|mspowerpoint|msexcel)/],
  ["application/pkcs7-mime", /^application\/(?:x-)?pkcs7-signature$/],
  ["application/xml", /\+xml$|^text\/(?:xml|html)$/],
];

const EXTENSIONS: Readonly<Record<string, string>> = {
  "application/pdf": "pdf",
  "application/zip": "zip",
  "application/gzip": "gz",
  "application/rtf": "rtf",
  "application/xml": "xml",
  "application/json": "json",
  "application/msword": "doc",
  "application/vnd.ms-excel": "xls",
  "application/vnd.ms-powerpoint": "ppt",
  "application/vnd.ms-outlook": "msg",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
  "application/vnd.oasis.opendocument.text": "odt",
  "application/vnd.oasis.opendocument.spreadsheet": "ods",
  "application/ms-tnef": "dat",
  "application/vnd.ms-tnef": "dat",
  "application/pkcs7-mime": "p7m",
  "application/x-pkcs7-mime": "p7m",
  "application/pkcs7-signature": "p7s",
  "application/x-pkcs7-signature": "p7s",
  "application/pgp-signature": "asc",
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/gif": "gif",
  "image/tiff": "tif",
  "image/bmp": "bmp",
  "image/webp": "webp",
  "image/svg+xml": "svg",
  "text/plain": "txt",
  "text/html": "html",
  "text/csv": "csv",
  "text/xml": "xml",
  "text/calendar": "ics",
  "text/vcard": "vcf",
  "message/rfc822": "eml",
};

/** The media type of a content: by its first octets where these tell, else as declared. */
export function sniff(start: Uint8Array, declared: string): string {
  const found = containerOf(start);
  if (found === undefined) return declared;
  return WITHIN.some(([container, inner]) => container === found && inner.test(declared)) ? declared : found;
}

/** The extension without its dot for a media type, `bin` when unknown. */
export function extensionFor(type: string): string {
  return EXTENSIONS[type] ?? (type.endsWith("+xml") ? "xml" : "bin");
}

/** `%PDF-` */
const PDF = [0x25, 0x50, 0x44, 0x46, 0x2d] as const;
const latin1 = new TextDecoder("windows-1252");

function containerOf(start: Uint8Array): string | undefined {
  for (const [type, magic] of MAGIC) {
    if (magic.every((byte, index) => start[index] === byte)) return type;
  }
  if (looksLikeCms(start)) return "application/pkcs7-mime";
  const head = start.subarray(0, SNIFF_BYTES);
  if (holdsPdf(head)) return "application/pdf";
  // A BOM, white space, the first angle bracket, or RIFF.
  if (!/[R<\s\u00ef\u00fe\u00ff]/.test(String.fromCharCode(head[0] ?? 0))) return undefined;
  const text = latin1.decode(head);
  if (/^RIFF[^]{4}WEBP/.test(text)) return "image/webp";
  const xml = /^(?:\u00ef\u00bb\u00bf)?\s*<\?xml\s/.test(text) ||
    /^(?:\u00ff\u00fe<\0\?\0x\0m\0l|\u00fe\u00ff\0<\0\?\0x\0m\0l)/.test(text);
  return xml ? "application/xml" : undefined;
}

/** Readers accept a PDF whose first line comes late (ISO 32000-1, annex H). */
function holdsPdf(head: Uint8Array): boolean {
  for (let at = head.indexOf(PDF[0]); at >= 0; at = head.indexOf(PDF[0], at + 1)) {
    const version = head[at + PDF.length] ?? 0;
    if (PDF.every((byte, index) => head[at + index] === byte) && version >= 0x30 && version <= 0x39) {
      return true;
    }
  }
  return false;
}
