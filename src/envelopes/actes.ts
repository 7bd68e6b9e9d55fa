/**
 * Actes: what a collectivité sends to the préfecture for legality control (@CTES), and the answers. An act
 * (délibération, arrêté, contrat…) comes with annexes; its number (`numeroActe`) and an `IDActe` identify it.
 */
import { type Contents, type EnvelopeKind, fillIn, type Findings } from "./envelope.ts";
import type { StagedFile } from "./staging.ts";
import type { XmlName } from "./xml.ts";
import { child, childText, descendants, readXmlTree, type XmlElement } from "./xml_tree.ts";

const NAMESPACE = /^http:\/\/www\.interieur\.gouv\.fr\/ACTES#/;

/** Transaction and flux of each message, by its root element. */
const MESSAGES: Readonly<Record<string, string>> = {
  Acte: "1-1",
  ARActe: "1-2",
  AnomalieActe: "1-3",
  CourrierSimple: "2-1",
  ReponseCourrierSimple: "2-2",
  DemandePieceComplementaire: "3-1",
  ARDemandePieceComplementaire: "3-2",
  RefusPieceComplementaire: "3-3",
  PieceComplementaire: "3-4",
  ARPieceComplementaire: "3-5",
  LettreObservations: "4-1",
  ARLettreObservations: "4-2",
  RejetLettreObservations: "4-3",
  ReponseLettreObservations: "4-4",
  ARReponseRejetLettreObservations: "4-5",
  DefereTA: "5-1",
  Annulation: "6-1",
  ARAnnulation: "6-2",
  DemandeClassification: "7-1",
  RetourClassification: "7-2",
  ReponseClassificationSansChangement: "7-3",
};
const ENVELOPES = new Set(["EnveloppeCLMISILL", "EnveloppeMISILLCL", "AnomalieEnveloppe"]);

const NATURES: Readonly<Record<string, string>> = {
  "1": "Délibérations",
  "2": "Actes réglementaires",
  "3": "Actes individuels",
  "4": "Contrats, conventions et avenants",
  "5": "Documents budgétaires et financiers",
  "6": "Autres",
  "7": "Actes hors préfecture",
};
const NATURE_CODES: Readonly<Record<string, string>> = {
  DE: "1",
  AR: "2",
  AI: "3",
  CC: "4",
  BF: "5",
  AU: "6",
};

// The number of the act may itself hold dashes, so the name is read from both ends.
const FILE_NAME =
  /^(?:\w{2}_\w{2}-)?(\d{3}|02[AB])-(\d{9})-(\d{8})-(.{1,15})-(DE|AR|AI|CC|BF|AU)-(\d-\d)(?:_\d+)?\.\w+$/;

/** Actes, by metadata of Pastell, an @CTES archive or the messages alone. */
export const actes: EnvelopeKind = {
  type: "acte_nature",
  messages: ["aractes", "aractes_annulation"],
  roles: {
    arrete: "acte",
    autre_document_attache: "annexe",
    acte_tamponne: "acte_tamponne",
    annexes_tamponnees: "annexe_tamponnee",
    bordereau: "bordereau",
    aractes: "accuse_reception",
    aractes_annulation: "accuse_reception_annulation",
    type_piece_fichier: "typologie",
    signature: "signature",
    document_signe: "bordereau_signature",
    bordereau_signature: "bordereau_signature",
    iparapheur_historique: "historique",
    echange_prefecture: "echange_prefecture",
    echange_prefecture_ar: "accuse_reception_echange",
    reponse_prefecture_file: "reponse_prefecture",
    sae_bordereau: "archivage",
    sae_archive: "archivage",
    ar_sae: "archivage",
    reply_sae: "archivage",
  },
  claims: (keys, key) => keys.has(key),
  recognises: (contents) => [...contents.roots.values()].some(isActes),
  decode: decodeActes,
};

async function decodeActes(contents: Contents): Promise<Findings> {
  const roles = new Map<StagedFile, string>();
  const fields: Record<string, string> = {};
  const byName = new Map(contents.staging.files.map((file) => [file.source, file]));
  const messages: { file: StagedFile; root: XmlElement }[] = [];
  for (const [file, root] of contents.roots) {
    if (isActes(root)) messages.push({ file, root: await readXmlTree(file.path) });
  }
  // What Pastell deposits is an act, though the only message beside it may be the acknowledgement.
  if (contents.metadata?.values.has("acte_nature")) fields.message = "1-1";
  // The message that a transaction begins with tells more than the answers to it.
  messages.sort((a, b) => rank(a.root.name) - rank(b.root.name));
  for (const { file, root } of messages) {
    const isEnvelope = ENVELOPES.has(root.name);
    if (isEnvelope) fillIn(fields, envelopeFields(root));
    else fillIn(fields, messageFields(root));
    roles.set(file, isEnvelope ? "enveloppe" : root.name.startsWith("AR") ? "accuse_reception" : "message");
    for (const { role, name } of namedFiles(root)) {
      const named = byName.get(name);
      if (named !== undefined) roles.set(named, role);
      // An acknowledgement repeats what the act named; only the act brings the files along.
      else if (!root.name.startsWith("AR")) contents.warn(`the message names "${name}", which is not there`);
    }
  }
  fillIn(fields, metadataFields(contents));
  fillIn(fields, idActeFields(fields.id_acte ?? ""));
  for (const { source } of contents.staging.files) fillIn(fields, fileNameFields(source));
  const nature = NATURES[fields.nature ?? ""];
  if (nature !== undefined) fields.nature_libelle = nature;
  return { fields, roles };
}

function isActes(root: XmlName): boolean {
  return NAMESPACE.test(root.namespace) && (ENVELOPES.has(root.name) || MESSAGES[root.name] !== undefined);
}

function rank(name: string): number {
  const order = Object.keys(MESSAGES).filter((each) => !each.startsWith("AR"));
  return ENVELOPES.has(name) ? 200 : order.includes(name) ? order.indexOf(name) : 100;
}

function messageFields(root: XmlElement): Record<string, string | undefined> {
  const acte = root.name === "Acte" ? root : child(root, "ActeRecu") ?? root;
  const matieres = [1, 2, 3, 4, 5].map((level) =>
    child(acte, `CodeMatiere${level}`)?.attributes.get("CodeMatiere")
  );
  return {
    message: MESSAGES[root.name],
    nature: acte.attributes.get("CodeNatureActe"),
    numero: acte.attributes.get("NumeroInterne"),
    date: acte.attributes.get("Date"),
    objet: childText(acte, "Objet"),
    matiere: matieres.filter((code) => code !== undefined && code !== "").join("."),
    id_acte: root.attributes.get("IDActe"),
    id_acte_precedent: child(acte, "PrecedentIdentifiantActe")?.attributes.get("IDActe"),
    date_classification: childText(acte, "ClassificationDateVersion"),
    document_papier: childText(acte, "DocumentPapier"),
    date_ar: root.attributes.get("DateReception"),
    date_courrier: root.attributes.get("DateCourrierPref"),
    detail: childText(root, "Detail"),
  };
}

function envelopeFields(root: XmlElement): Record<string, string | undefined> {
  const emetteur = child(root, "Emetteur");
  const sender = emetteur?.children.find((each) => /^ID(CL|SGAR|Pref|SousPref)$/.test(each.name));
  return {
    siren: sender?.attributes.get("SIREN") ?? child(root, "Destinataire")?.attributes.get("SIREN"),
    departement: sender?.attributes.get("Departement"),
    arrondissement: sender?.attributes.get("Arrondissement"),
    nature_collectivite: sender?.attributes.get("Nature"),
    referent: childText(emetteur, "Referent", "Nom"),
  };
}

function* namedFiles(root: XmlElement): Generator<{ role: string; name: string }> {
  for (const element of descendants(root)) {
    const role = element.name === "Annexe" ? "annexe" : element.name === "Formulaire" ? "message" : "acte";
    const name = childText(element, "NomFichier");
    if (name !== "") yield { role, name };
  }
}

function metadataFields({ metadata }: Contents): Record<string, string | undefined> {
  const value = (key: string) => metadata?.values.get(key);
  const classification = /^\s*([\d.]+)(?:\s+(.*))?$/.exec(value("classification") ?? "");
  return {
    nature: value("acte_nature"),
    nature_detail: value("nature_autre_detail"),
    numero: value("numero_de_lacte"),
    date: value("date_de_lacte"),
    objet: value("objet"),
    matiere: classification?.[1],
    matiere_libelle: classification?.[2],
    id_acte: value("acte_unique_id"),
    siren: value("siren") ?? value("pa_entity_siren"),
    date_ar: value("date_ar"),
    date_publication: value("acte_publication_date"),
    document_papier: value("document_papier"),
  };
}

/** DPT-SIREN-YYYYMMDD-NUMERO-NAT */
function idActeFields(idActe: string): Record<string, string | undefined> {
  const [, departement, siren] = /^(\w{3})-(\d{9})-\d{8}-/.exec(idActe) ?? [];
  return { departement, siren };
}

/** Names contradict the message now and then, so they only fill in. */
function fileNameFields(name: string): Record<string, string | undefined> {
  const [, departement, siren, date, numero, nature, message] = FILE_NAME.exec(name) ?? [];
  return {
    departement,
    siren,
    date: date?.replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3"),
    numero,
    nature: NATURE_CODES[nature ?? ""],
    message,
  };
}
