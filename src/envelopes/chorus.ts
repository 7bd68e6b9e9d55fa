/**
 * Chorus Pro: invoices between a fournisseur and a collectivité, as "pivot" XML (`CPPFacturePivot`; `CPPFactureMixte` is
 * the form that a fournisseur deposits). Attachments stand in it as base64, mostly of a zip with one file.
 */
import { CADRES, STATUTS, TYPE_CODES, TYPES } from "./chorus_codes.ts";
import { PivotReader } from "./chorus_pivot.ts";
import type { Contents, EnvelopeKind, FileFacts, Findings } from "./envelope.ts";
import { codeOf, compact, type Fields, fillIn, isoDate } from "./fields.ts";
import { FieldsList } from "./fields_list.ts";
import { readInvoice } from "./invoice.ts";
import type { StagedFile } from "./staging.ts";
import { readXml, type XmlName } from "./xml.ts";

/** Roles by root element. */
const ROOTS: ReadonlyMap<string, string> = new Map([
  ["CPPFacturePivot", "pivot"],
  ["CPPFactureMixte", "pivot"],
  ["CPPStatut", "statut"],
]);

const INVOICE_KEYS = ["facture_pj_01", "fichier_facture_pdf"];

/** Chorus Pro, by metadata of Pastell or the pivot alone. */
export const chorus: EnvelopeKind = {
  type: "chorus_fact",
  messages: ["fichier_facture"],
  roles: {
    fichier_facture: "pivot",
    facture_pj_01: "facture",
    fichier_facture_pdf: "facture",
    facture_pj_02: "piece_jointe",
    histo_statut_cpp: "historique",
    iparapheur_historique: "historique",
    bordereau: "bordereau",
    document_original: "original",
    json_metadata: "metadonnees",
  },
  claims: (keys, key) =>
    [...keys].some((each) => each.startsWith(key)) ||
    ["fichier_facture", "id_facture_cpp", "statut_cpp", "facture_pj_01", "facture_cadre"].some((each) =>
      keys.has(each)
    ),
  recognises: (contents) => [...contents.roots.values()].some((root) => roleOf(root) !== undefined),
  decode: decodeChorus,
};

async function decodeChorus(contents: Contents): Promise<Findings> {
  const files = new Map<StagedFile, FileFacts>();
  const pivots = [...contents.roots].filter(([, root]) => roleOf(root) !== undefined);
  // Invoices before what only tells how far they are.
  pivots.sort(([, a], [, b]) => Number(roleOf(a) === "statut") - Number(roleOf(b) === "statut"));
  let fields: Fields = { message: pivots[0]?.[1].name };
  let shown: Fields | undefined;
  using factures = await FieldsList.create(contents.staging, contents.wishes);
  const told = compact(factureMetadata(contents)) ?? {};
  for (const [file, root] of pivots) {
    using reader = new PivotReader(file, contents);
    for await (const events of readXml(file.path, { longTexts: new Set(["Contenu"]) })) {
      for (const event of events) {
        const facture = await reader.take(event);
        if (facture === undefined) continue;
        const whole = isSame(facture, told, factures.items) ? fillIn(facture, told) : facture;
        shown ??= whole;
        factures.add(whole);
      }
      await factures.flush();
    }
    fields = fillIn(fields, reader.flux);
    files.set(file, { role: roleOf(root) ?? "pivot" });
    for (const [attachment, facts] of reader.attachments) files.set(attachment, facts);
  }
  // Pastell lays invoices beside the pivot, under other names where these were taken.
  for (const file of INVOICE_KEYS.flatMap((key) => contents.listed?.byKey.get(key) ?? [])) {
    if (files.has(file)) continue;
    const facture = await readInvoice(file, contents);
    if (facture !== undefined) files.set(file, { fields: { facture } });
  }
  if (factures.items === 0 && Object.keys(told).length > 0) factures.add(shown = told);
  fields = fillIn(fields, compact(metadataFields(contents)) ?? {});
  const lists = new Map([["factures", await factures.finish()]]);
  return { fields: compact(fields) ?? {}, lists, ...(shown === undefined ? {} : { shown }), files };
}

function roleOf(root: XmlName): string | undefined {
  return ROOTS.get(root.name);
}

/** The metadata tell of one invoice: that of their number, or the first if they have none. */
function isSame(facture: Fields, told: Fields, before: number): boolean {
  return told["numero"] === undefined ? before === 0 : facture["numero"] === told["numero"];
}

function factureMetadata({ metadata }: Contents): Fields {
  const value = (key: string) => metadata?.values.get(key);
  const type = value("type_facture") ?? "";
  return {
    numero: value("no_facture"),
    id_chorus: value("id_facture_cpp"),
    type_facture: codeOf(TYPE_CODES[type.toUpperCase()] ?? type, TYPES),
    cadre: codeOf(value("facture_cadre"), CADRES),
    date: isoDate(value("date_facture")),
    fournisseur: { identifiant: value("fournisseur"), nom: value("fournisseur_raison_sociale") },
    destinataire: { identifiant: value("siret"), service_code: value("service_destinataire_code") },
    numero_engagement: value("facture_numero_engagement"),
    numero_marche: value("facture_numero_marche"),
    montant_ttc: value("montant_ttc"),
  };
}

function metadataFields({ metadata }: Contents): Fields {
  const value = (key: string) => metadata?.values.get(key);
  return {
    id_chorus: value("id_facture_cpp"),
    statut: codeOf(value("statut_cpp"), STATUTS),
    date_statut: isoDate(value("date_statut_courant")),
    date_depot: isoDate(value("date_depot")),
    date_mise_a_disposition: isoDate(value("date_mise_a_dispo")),
    numero_mandat: value("numero_mandat"),
  };
}
