/**
 * Formats of invoices behind an attachment, and their key figures: UBL, CII (UN/CEFACT; it is also what Factur-X has
 * inside a PDF), PES_Facture, or nothing but a PDF. Elements go by their local names, in the versions that circulate.
 */
import { Buffer } from "node:buffer";
import { EnvelopeError } from "../errors.ts";
import { type Code, codeOf, compact, type Fields, isoDate, type Labels } from "./fields.ts";
import { readSmall } from "./file_chunks.ts";
import { MAX_MESSAGE_BYTES } from "./limits.ts";
import { mediaType } from "./media_type.ts";
import type { StagedFile, Staging } from "./staging.ts";
import { looksLikeXml, readRoot } from "./xml.ts";
import { child, children, childText, readXmlTree, type XmlElement } from "./xml_tree.ts";

/** Finds the XML of an invoice in a PDF. Throws `EnvelopeError` when nobody can tell. */
export type FindInvoiceXml = (pdf: Uint8Array) => Promise<{ readonly content: Uint8Array } | undefined>;

/** What reading an invoice needs besides the file. */
export interface InvoiceTools {
  readonly staging: Staging;
  /** Without it a PDF is a PDF. */
  readonly findInvoiceXml?: FindInvoiceXml | undefined;
}

// Larger ones are scans; an invoice made by a program has some hundred kilobytes.
const MAX_PDF_BYTES = 32 * 1024 ** 2;

const FORMATS: Labels = {
  pdf: "PDF",
  facturx: "Factur-X",
  ubl: "UBL",
  cii: "CII (UN/CEFACT)",
  pes_facture: "PES_Facture",
};

/** UN/CEFACT 1001, as far as invoices use it. */
const TYPES: Labels = {
  "380": "Facture",
  "381": "Avoir",
  "384": "Facture rectificative",
  "386": "Facture d'acompte",
  "389": "Facture établie par l'acheteur",
  "396": "Avoir global",
};

/**
 * The format of an invoice and its key figures; `undefined` when the file is neither an invoice as XML nor a PDF. What is
 * damaged in an attachment is no fault of the message: it then has a format, but no figures.
 */
export async function readInvoice(file: StagedFile, tools: InvoiceTools): Promise<Fields | undefined> {
  try {
    if (looksLikeXml(file.head)) return await readXmlInvoice(file);
    if (mediaType(file.name, file.head) === "application/pdf") return await readPdf(file, tools);
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
  }
  return undefined;
}

/** Whether what `readInvoice` gave is an invoice for programs: any document can be a PDF. */
export function isStructured(invoice: Fields | undefined): boolean {
  return invoice !== undefined && (invoice["format"] as Code).code !== "pdf";
}

async function readPdf(
  file: StagedFile,
  { staging, findInvoiceXml }: InvoiceTools,
): Promise<Fields | undefined> {
  const pdf = { format: codeOf("pdf", FORMATS) };
  const bytes = await readSmall(file.path, MAX_PDF_BYTES);
  if (bytes === null || findInvoiceXml === undefined || !canHoldFiles(bytes)) return pdf;
  try {
    const xml = await findInvoiceXml(bytes);
    if (xml === undefined) return pdf;
    return { ...await readEmbedded(xml.content, staging), format: codeOf("facturx", FORMATS) };
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    return pdf;
  }
}

/** The figures of an XML inside a PDF; nothing when it cannot be read. */
async function readEmbedded(xml: Uint8Array, staging: Staging): Promise<Fields | undefined> {
  using writer = await staging.createScratch("facture.xml.partielle");
  await writer.write(xml);
  const scratch = writer.finish();
  try {
    return await readXmlInvoice(scratch);
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    return undefined;
  } finally {
    await staging.remove(scratch);
  }
}

/** Taking a PDF apart takes its time, and most have nothing in them. An object stream can hide what is looked for. */
function canHoldFiles(pdf: Uint8Array): boolean {
  const bytes = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.length);
  return bytes.includes("EmbeddedFile") || bytes.includes("/ObjStm");
}

async function readXmlInvoice({ path, sizeBytes }: StagedFile): Promise<Fields | undefined> {
  const { name } = await readRoot(path);
  const read = READERS[name];
  if (read === undefined) return undefined;
  const [format, figures] = read;
  const isReadable = sizeBytes <= MAX_MESSAGE_BYTES;
  const fields = isReadable ? compact(figures(await readXmlTree(path))) : undefined;
  return { format: codeOf(format, FORMATS), ...fields };
}

type Reader = readonly [format: string, figures: (root: XmlElement) => Fields];

const READERS: Readonly<Record<string, Reader>> = {
  Invoice: ["ubl", ublFigures],
  CreditNote: ["ubl", ublFigures],
  CrossIndustryInvoice: ["cii", ciiFigures],
  CrossIndustryDocument: ["cii", ciiFigures],
  PES_Facture: ["pes_facture", pesFigures],
  PES_Aller: ["pes_facture", (root) => pesFigures(child(root, "PES_Facture"))],
};

function ublFigures(root: XmlElement): Fields {
  const text = (...path: string[]) => childText(root, ...path);
  const party = (name: string) => {
    const found = child(root, name, "Party");
    return {
      nom: childText(found, "PartyLegalEntity", "RegistrationName") || childText(found, "PartyName", "Name"),
      identifiant: childText(found, "PartyLegalEntity", "CompanyID") ||
        childText(found, "PartyIdentification", "ID"),
    };
  };
  return {
    profil: text("ProfileID") || text("CustomizationID"),
    numero: text("ID"),
    type_facture: typeOf(
      text("InvoiceTypeCode") || text("CreditNoteTypeCode") || (root.name === "CreditNote" ? "381" : "380"),
    ),
    date: isoDate(text("IssueDate")),
    vendeur: party("AccountingSupplierParty"),
    acheteur: party("AccountingCustomerParty"),
    reference_acheteur: text("BuyerReference"),
    numero_engagement: text("OrderReference", "ID"),
    numero_marche: text("ContractDocumentReference", "ID"),
    devise: text("DocumentCurrencyCode"),
    montant_ht: text("LegalMonetaryTotal", "TaxExclusiveAmount"),
    montant_tva: text("TaxTotal", "TaxAmount"),
    montant_ttc: text("LegalMonetaryTotal", "TaxInclusiveAmount"),
    montant_net_a_payer: text("LegalMonetaryTotal", "PayableAmount"),
  };
}

/** D16B, and D13B under its older names, as ZUGFeRD 1 has it. */
function ciiFigures(root: XmlElement): Fields {
  const document = child(root, "ExchangedDocument") ?? child(root, "HeaderExchangedDocument");
  const transaction = child(root, "SupplyChainTradeTransaction") ??
    child(root, "SpecifiedSupplyChainTradeTransaction");
  const agreement = child(transaction, "ApplicableHeaderTradeAgreement") ??
    child(transaction, "ApplicableSupplyChainTradeAgreement");
  const settlement = child(transaction, "ApplicableHeaderTradeSettlement") ??
    child(transaction, "ApplicableSupplyChainTradeSettlement");
  const sums = child(settlement, "SpecifiedTradeSettlementHeaderMonetarySummation") ??
    child(settlement, "SpecifiedTradeSettlementMonetarySummation");
  const context = child(root, "ExchangedDocumentContext") ?? child(root, "SpecifiedExchangedDocumentContext");
  const party = (name: string) => {
    const found = child(agreement, name);
    return {
      nom: childText(found, "Name"),
      identifiant: childText(found, "SpecifiedLegalOrganization", "ID") || childText(found, "ID") ||
        childText(found, "GlobalID"),
    };
  };
  const referenced = (name: string) =>
    childText(agreement, name, "IssuerAssignedID") || childText(agreement, name, "ID");
  return {
    profil: childText(context, "GuidelineSpecifiedDocumentContextParameter", "ID"),
    numero: childText(document, "ID"),
    type_facture: typeOf(childText(document, "TypeCode")),
    date: isoDate(childText(document, "IssueDateTime", "DateTimeString")),
    vendeur: party("SellerTradeParty"),
    acheteur: party("BuyerTradeParty"),
    reference_acheteur: childText(agreement, "BuyerReference"),
    numero_engagement: referenced("BuyerOrderReferencedDocument"),
    numero_marche: referenced("ContractReferencedDocument"),
    devise: childText(settlement, "InvoiceCurrencyCode"),
    montant_ht: childText(sums, "TaxBasisTotalAmount"),
    montant_tva: childText(sums, "TaxTotalAmount"),
    montant_ttc: childText(sums, "GrandTotalAmount"),
    montant_net_a_payer: childText(sums, "DuePayableAmount"),
  };
}

/** Values stand in attributes named `V`. One file can hold many invoices: the figures are those of the first. */
function pesFigures(root: XmlElement | undefined): Fields {
  const invoices = children(root, "FactureIndiv");
  const [first] = invoices;
  const value = (...path: string[]) => child(first, ...path)?.attributes.get("V");
  return {
    numero: value("NumeroFacture"),
    date: isoDate(value("DateEmission")),
    objet: value("Objet"),
    montant_ht: value("TotalAPayer", "MtTotalHT"),
    montant_tva: value("TotalAPayer", "MtTotalTVA"),
    montant_ttc: value("TotalAPayer", "MtTotalTTC"),
    nombre: invoices.length > 1 ? String(invoices.length) : undefined,
  };
}

function typeOf(code: string): Code | undefined {
  return codeOf(code, TYPES);
}
