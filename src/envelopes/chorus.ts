/**
 * Chorus Pro: invoices between a fournisseur and a collectivité, as "pivot" XML (`CPPFacturePivot`; `CPPFactureMixte` is
 * the form that a fournisseur deposits). Attachments stand in it as base64, mostly of a zip with one file.
 */
import { EmbeddedFile } from "./embedded.ts";
import { type Contents, type EnvelopeKind, fillIn, type Findings } from "./envelope.ts";
import type { StagedFile } from "./staging.ts";
import { readXml, type XmlEvent } from "./xml.ts";

const ROOTS: ReadonlySet<string> = new Set(["CPPFacturePivot", "CPPFactureMixte", "CPPStatut"]);
const UNITS: ReadonlySet<string> = new Set(["CPPFacturePivotUnitaire", "CPPFactureMixteUnitaire"]);

/** Values, by their path within one invoice. */
const VALUES: ReadonlyMap<string, string> = new Map([
  ["Fournisseur/TypeIdentifiant", "fournisseur_type_identifiant"],
  ["Fournisseur/Identifiant", "fournisseur_identifiant"],
  ["Fournisseur/RaisonSociale", "fournisseur"],
  ["Debiteur/Identifiant", "siret"],
  ["Debiteur/Nom", "destinataire"],
  ["Debiteur/CodeService", "service_code"],
  ["Debiteur/NomService", "service"],
  ["DonneesFacture/Id", "numero"],
  ["DonneesFacture/IdCPRO", "id_chorus"],
  ["DonneesFacture/IdFactureOrigine", "facture_origine"],
  ["DonneesFacture/Type", "type_facture"],
  ["DonneesFacture/Cadre", "cadre"],
  ["DonneesFacture/DateEmissionFacture", "date"],
  ["DonneesFacture/DateReception", "date_reception"],
  ["DonneesFacture/Devise", "devise"],
  ["DonneesFacture/Montants/MontantHT", "montant_ht"],
  ["DonneesFacture/Montants/MontantTTC", "montant_ttc"],
  ["DonneesFacture/Montants/MontantNetAPayer", "montant_net_a_payer"],
  ["DonneesFacture/Engagement/NumeroEngagement", "numero_engagement"],
  ["DonneesFacture/Engagement/NumeroMarche", "numero_marche"],
]);
const TYPES: Readonly<Record<string, string>> = { "380": "Facture", "381": "Avoir" };
const TYPE_CODES: Readonly<Record<string, string>> = { FACTURE: "380", AVOIR: "381" };
const MAX_VALUE_LENGTH = 10_000;

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
  },
  claims: (keys, key) =>
    [...keys].some((each) => each.startsWith(key)) ||
    ["fichier_facture", "id_facture_cpp", "statut_cpp", "facture_pj_01", "facture_cadre"].some((each) =>
      keys.has(each)
    ),
  recognises: (contents) => [...contents.roots.values()].some((root) => ROOTS.has(root.name)),
  decode: decodeChorus,
};

async function decodeChorus(contents: Contents): Promise<Findings> {
  const roles = new Map<StagedFile, string>();
  const fields: Record<string, string> = {};
  for (const [file, root] of contents.roots) {
    if (!ROOTS.has(root.name)) continue;
    using reader = new PivotReader(contents, file);
    for await (const events of readXml(file.path, { longTexts: new Set(["Contenu"]) })) {
      await reader.take(events);
    }
    fillIn(fields, { message: root.name, ...reader.fields });
    roles.set(file, root.name === "CPPStatut" ? "statut" : "pivot");
    for (const [attachment, role] of reader.attachments) roles.set(attachment, role);
    if (reader.invoices > 1) {
      contents.warn(`"${file.name}" holds ${reader.invoices} invoices; the fields are those of the first`);
    }
  }
  fillIn(fields, metadataFields(contents));
  fillIn(fields, { type_facture_libelle: TYPES[fields.type_facture ?? ""] });
  return { fields, roles };
}

function metadataFields({ metadata }: Contents): Record<string, string | undefined> {
  const value = (key: string) => metadata?.values.get(key);
  const type = value("type_facture") ?? "";
  return {
    fournisseur_identifiant: value("fournisseur"),
    fournisseur: value("fournisseur_raison_sociale"),
    siret: value("siret"),
    service_code: value("service_destinataire_code"),
    numero: value("no_facture"),
    id_chorus: value("id_facture_cpp"),
    type_facture: TYPE_CODES[type.toUpperCase()] ?? type,
    cadre: value("facture_cadre"),
    date: value("date_facture"),
    date_depot: value("date_depot"),
    montant_ttc: value("montant_ttc"),
    numero_engagement: value("facture_numero_engagement"),
    numero_marche: value("facture_numero_marche"),
    statut: value("statut_cpp"),
    date_statut: value("date_statut_courant"),
  };
}

/** Reads one pivot, event by event, and puts its attachments beside it. */
class PivotReader {
  readonly fields: Record<string, string> = {};
  readonly attachments = new Map<StagedFile, string>();
  invoices = 0;
  readonly #contents: Contents;
  readonly #file: StagedFile;
  /** Names of the elements open within the invoice. */
  readonly #path: string[] = [];
  #inInvoice = false;
  #text = "";
  #embedded: EmbeddedFile | undefined;
  #pj: Record<string, string> = {};

  constructor(contents: Contents, file: StagedFile) {
    this.#contents = contents;
    this.#file = file;
  }

  async take(events: readonly XmlEvent[]): Promise<void> {
    for (const event of events) {
      if (event.kind === "open") this.#open(event.name);
      else if (event.kind === "close") await this.#close(event.name);
      else if (this.#path.at(-1) === "Contenu") await this.#embedded?.write(event.text);
      else if (this.#text.length < MAX_VALUE_LENGTH) this.#text += event.text;
    }
  }

  #open(name: string): void {
    this.#text = "";
    if (UNITS.has(name)) {
      this.invoices++;
      this.#inInvoice = true;
      return;
    }
    if (!this.#inInvoice) return;
    this.#path.push(name);
    if (this.#path.join("/") === "PJ/Contenu") this.#embedded ??= new EmbeddedFile(this.#contents.staging);
  }

  async #close(name: string): Promise<void> {
    if (UNITS.has(name)) this.#inInvoice = false;
    if (!this.#inInvoice) return;
    const path = this.#path.join("/");
    const field = VALUES.get(path);
    const text = this.#text.trim();
    if (field !== undefined && text !== "" && this.invoices === 1) this.fields[field] ??= text;
    else if (this.#path[0] === "PJ" && this.#path.length === 2) this.#pj[name] = text;
    else if (path === "PJ") await this.#endPj();
    this.#path.pop();
    this.#text = "";
  }

  /** Lets go of an attachment that the message ends in the middle of. */
  [Symbol.dispose](): void {
    this.#embedded?.[Symbol.dispose]();
  }

  async #endPj(): Promise<void> {
    using embedded = this.#embedded;
    const { NomPJ: name = "", IdUnique: id = "piece", TypePJ: type } = this.#pj;
    this.#embedded = undefined;
    this.#pj = {};
    const result = await embedded?.finish(name, id) ?? "empty";
    if (typeof result !== "string") this.attachments.set(result, type === "01" ? "facture" : "piece_jointe");
    else this.#contents.warn(`the attachment "${name || id}" of "${this.#file.name}" is ${result}`);
  }
}
