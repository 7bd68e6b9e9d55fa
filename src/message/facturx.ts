/**
 * Factur-X (ZUGFeRD): an invoice as a PDF for people with the same invoice as XML attached inside it (EN 16931; ISO
 * 19005-3). Runs in the decoder: a PDF can be made to take any time.
 */
import {
  decodePDFRawStream,
  PDFArray,
  PDFContext,
  PDFDict,
  PDFDocument,
  PDFHexString,
  PDFName,
  type PDFObject,
  PDFRawStream,
  PDFString,
} from "@cantoo/pdf-lib";
import { EnvelopeError } from "../errors.ts";

/** Names that the XML of an invoice or an order has: Factur-X, ZUGFeRD 1 and 2.0, XRechnung, Order-X. */
const XML_NAMES = new Set(["factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "order-x.xml"]);
/** Octets of one stream once unpacked; an invoice's XML has some tens of thousands. */
const MAX_STREAM_BYTES = 64 * 1024 ** 2;
/** Nodes of the tree of attachments that are looked at. */
const MAX_NODES = 10_000;

/** The invoice in a PDF. */
export interface InvoiceXml {
  /** As attached, in lower case. */
  readonly name: string;
  readonly content: Uint8Array;
}

/**
 * Finds the XML of an invoice in a PDF; `undefined` when there is none.
 *
 * @throws {EnvelopeError} when the PDF is damaged or encrypted, so that nobody can tell.
 */
export async function findInvoiceXml(pdf: Uint8Array): Promise<InvoiceXml | undefined> {
  limitUnpacking();
  try {
    const document = await PDFDocument.load(pdf, { updateMetadata: false, warnOnInvalidObjects: false });
    for (const file of fileSpecifications(document.catalog)) {
      const name = (textOf(file, "UF") ?? textOf(file, "F") ?? "").toLowerCase();
      if (!XML_NAMES.has(name)) continue;
      const embedded = dictOf(file, "EF");
      const stream = embedded?.lookup(PDFName.of("F")) ?? embedded?.lookup(PDFName.of("UF"));
      if (!(stream instanceof PDFRawStream)) continue;
      return { name, content: decodePDFRawStream(stream).decode() };
    }
    return undefined;
  } catch (cause) {
    // The library's messages may quote the content.
    const state = cause instanceof Error && cause.message.includes("encrypted") ? "encrypted" : "damaged";
    throw new EnvelopeError(`Cannot look for an invoice in the PDF: it is ${state}`, { cause });
  }
}

/** The files attached to a PDF: those of the document itself, then those of its tree of names (ISO 32000-1, 7.9.6). */
function* fileSpecifications(catalog: PDFDict): Iterable<PDFDict> {
  for (const file of elementsOf(catalog, "AF")) if (file instanceof PDFDict) yield file;
  const names = dictOf(catalog, "Names");
  const waiting = [names === undefined ? undefined : dictOf(names, "EmbeddedFiles")];
  for (let nodes = 0; waiting.length > 0 && nodes < MAX_NODES; nodes++) {
    const node = waiting.pop();
    if (node === undefined) continue;
    for (const [index, value] of elementsOf(node, "Names").entries()) {
      // Names and files take turns.
      if (index % 2 === 1 && value instanceof PDFDict) yield value;
    }
    for (const kid of elementsOf(node, "Kids")) if (kid instanceof PDFDict) waiting.push(kid);
  }
}

function elementsOf(dict: PDFDict, key: string): (PDFObject | undefined)[] {
  const array = dict.lookup(PDFName.of(key));
  if (!(array instanceof PDFArray)) return [];
  return Array.from({ length: Math.min(array.size(), MAX_NODES) }, (_, index) => array.lookup(index));
}

function dictOf(dict: PDFDict, key: string): PDFDict | undefined {
  const value = dict.lookup(PDFName.of(key));
  return value instanceof PDFDict ? value : undefined;
}

function textOf(dict: PDFDict, key: string): string | undefined {
  const value = dict.lookup(PDFName.of(key));
  return value instanceof PDFString || value instanceof PDFHexString ? value.decodeText() : undefined;
}

let isLimited = false;

/** Keeps the library from unpacking without end: all of its filters ask one method for room. */
function limitUnpacking(): void {
  if (isLimited) return;
  const dict = PDFContext.create().obj({ Filter: "FlateDecode" });
  const filter: object = decodePDFRawStream(PDFRawStream.of(dict, new Uint8Array([0x78, 0x9c])));
  let shared = Object.getPrototypeOf(filter);
  while (!Object.hasOwn(shared, "ensureBuffer")) shared = Object.getPrototypeOf(shared);
  const ensureBuffer = shared.ensureBuffer;
  shared.ensureBuffer = function (octets: number) {
    if (octets > MAX_STREAM_BYTES) throw new RangeError("a stream unpacks beyond measure");
    return ensureBuffer.call(this, octets);
  };
  isLimited = true;
}
