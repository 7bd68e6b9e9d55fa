/**
 * Messages of @CTES, by their root elements. Each is one *flux* of a *transaction*, as in `1-2`: transaction 1 (an act
 * is sent), flux 2 (its acknowledgement).
 */
import { classificationFields } from "./actes_classification.ts";
import { type Code, compact, type Fields, isoDate } from "./fields.ts";
import type { XmlName } from "./xml.ts";
import { child, childText, type XmlElement } from "./xml_tree.ts";

const NAMESPACE = /^http:\/\/www\.interieur\.gouv\.fr\/ACTES#/;

/** Code and label of each message, the one that begins a transaction first. */
const MESSAGES: ReadonlyMap<string, Code> = new Map([
  ["Acte", { code: "1-1", libelle: "Transmission d'un acte" }],
  ["AnomalieActe", { code: "1-3", libelle: "Anomalie dans la transmission d'un acte" }],
  ["CourrierSimple", { code: "2-1", libelle: "Courrier simple" }],
  ["ReponseCourrierSimple", { code: "2-2", libelle: "Réponse à un courrier simple" }],
  ["DemandePieceComplementaire", { code: "3-1", libelle: "Demande de pièces complémentaires" }],
  ["RefusPieceComplementaire", { code: "3-3", libelle: "Refus d'envoi de pièces complémentaires" }],
  ["PieceComplementaire", { code: "3-4", libelle: "Transmission de pièces complémentaires" }],
  ["LettreObservations", { code: "4-1", libelle: "Lettre d'observations" }],
  ["RejetLettreObservations", { code: "4-3", libelle: "Refus de répondre à une lettre d'observations" }],
  ["ReponseLettreObservations", { code: "4-4", libelle: "Réponse à une lettre d'observations" }],
  ["DefereTA", { code: "5-1", libelle: "Déféré au tribunal administratif" }],
  ["Annulation", { code: "6-1", libelle: "Annulation de la transmission d'un acte" }],
  ["DemandeClassification", { code: "7-1", libelle: "Demande de classification" }],
  ["RetourClassification", { code: "7-2", libelle: "Transmission de la classification" }],
  ["ReponseClassificationSansChangement", { code: "7-3", libelle: "Classification à jour" }],
  ["ARActe", { code: "1-2", libelle: "Accusé de réception d'un acte" }],
  ["ARDemandePieceComplementaire", { code: "3-2", libelle: "Accusé de réception d'une demande de pièces" }],
  ["ARPieceComplementaire", { code: "3-5", libelle: "Accusé de réception de pièces complémentaires" }],
  ["ARLettreObservations", { code: "4-2", libelle: "Accusé de réception d'une lettre d'observations" }],
  ["ARReponseRejetLettreObservations", {
    code: "4-5",
    libelle: "Accusé de réception d'une réponse à une lettre d'observations",
  }],
  ["ARAnnulation", { code: "6-2", libelle: "Accusé de réception d'une annulation" }],
  // It answers an envelope, so it is the flux of no transaction.
  ["AnomalieEnveloppe", { code: "AnomalieEnveloppe", libelle: "Anomalie dans une enveloppe" }],
]);
const ENVELOPES: ReadonlySet<string> = new Set(["EnveloppeCLMISILL", "EnveloppeMISILLCL"]);

/** What an element of a message names its file as. */
const ROLES: Readonly<Record<string, string>> = {
  Acte: "acte",
  Annexe: "annexe",
  Formulaire: "message",
  CourrierSimple: "courrier",
  ReponseCourrierSimple: "reponse",
  DemandePieceComplementaire: "demande",
  RefusPieceComplementaire: "reponse",
  PieceComplementaire: "piece_complementaire",
  LettreObservations: "lettre_observations",
  RejetLettreObservations: "reponse",
  ReponseLettreObservations: "reponse",
  PieceJointe: "piece_jointe",
};

/** A file that a message names. */
export interface NamedFile {
  readonly name: string;
  readonly role: string;
}

/** Whether a root element is that of a message or of an envelope of @CTES. */
export function isActes(root: XmlName): boolean {
  return NAMESPACE.test(root.namespace) && (isEnvelope(root) || MESSAGES.has(root.name));
}

/** Whether a root element is that of an envelope, which names the messages. */
export function isEnvelope(root: XmlName): boolean {
  return ENVELOPES.has(root.name);
}

/** The message with this code, such as `1-1`. */
export function messageOf(code: string | undefined): Code | undefined {
  return [...MESSAGES.values()].find((message) => message.code === code);
}

/** Order of messages: what begins a transaction tells more than what answers it; envelopes come last. */
export function rankOf(root: XmlName): number {
  const rank = [...MESSAGES.keys()].indexOf(root.name);
  return rank < 0 ? MESSAGES.size : rank;
}

/** The role of a message's own file. */
export function roleOf(root: XmlName): string {
  if (isEnvelope(root)) return "enveloppe";
  if (root.name === "ARAnnulation") return "accuse_reception_annulation";
  if (root.name.startsWith("AR")) return "accuse_reception";
  return root.name.startsWith("Anomalie") ? "anomalie" : "message";
}

/** What one message tells, the act that it repeats left out. */
export function messageFields(root: XmlElement, file: string): Fields {
  const courrier = child(root, "InfosCourrierPref") ?? root;
  const anomalie = {
    date: isoDate(childText(root, "Date")),
    nature: childText(root, "Nature"),
    detail: childText(root, "Detail"),
  };
  return compact({
    fichier: file,
    message: MESSAGES.get(root.name) ?? { code: root.name },
    id_acte: courrier.attributes.get("IDActe"),
    date_reception: isoDate(root.attributes.get("DateReception")),
    date_courrier: isoDate(courrier.attributes.get("DateCourrierPref")),
    date_depot: isoDate(childText(root, "DateDepot")),
    date_classification: isoDate(
      childText(root, "DateClassification") || childText(root, "ClassificationDateVersionEnCours"),
    ),
    description_pieces: childText(root, "DescriptionPieces"),
    motif: childText(root, "Motif"),
    nature_illegalite: childText(root, "NatureIllegalite"),
    anomalie: /^Anomalie/.test(root.name) ? anomalie : undefined,
    documents: namedFiles(root).map(({ name }) => name),
    ...classificationFields(root),
  }) ?? {};
}

/** What a message tells of the act itself: `Acte` does, and what repeats it (`ActeRecu`). */
export function acteFields(root: XmlElement): Fields {
  const acte = root.name === "Acte" ? root : child(root, "ActeRecu");
  if (acte === undefined) return {};
  const matieres = [1, 2, 3, 4, 5]
    .map((level) => child(acte, `CodeMatiere${level}`)?.attributes.get("CodeMatiere"))
    .filter((code) => code !== undefined && code !== "");
  return {
    nature: asCode(acte.attributes.get("CodeNatureActe")),
    numero: acte.attributes.get("NumeroInterne"),
    date: isoDate(acte.attributes.get("Date")),
    objet: childText(acte, "Objet"),
    matiere: asCode(matieres.join(".")),
    id_acte_precedent: child(acte, "PrecedentIdentifiantActe")?.attributes.get("IDActe"),
    date_classification: isoDate(childText(acte, "ClassificationDateVersion")),
    document_papier: ouiNon(childText(acte, "DocumentPapier")),
    document: asDocument(childText(acte, "Document", "NomFichier")),
    annexes: (child(acte, "Annexes")?.children ?? [])
      .map((annexe) => asDocument(childText(annexe, "NomFichier")))
      .filter((annexe) => annexe !== undefined),
  };
}

/** What an envelope tells of who sends it to whom. */
export function envelopeFields(
  root: XmlElement,
  { personalData }: { readonly personalData: boolean },
): Fields {
  const emetteur = child(root, "Emetteur") ?? child(root, "EnveloppeRecue", "Emetteur");
  const sender = emetteur?.children.find((each) => /^ID(CL|SGAR|Pref|SousPref)$/.test(each.name));
  const referent = child(emetteur, "Referent");
  return {
    siren: sender?.attributes.get("SIREN") ?? child(root, "Destinataire")?.attributes.get("SIREN"),
    departement: sender?.attributes.get("Departement"),
    arrondissement: sender?.attributes.get("Arrondissement"),
    nature_collectivite: sender?.attributes.get("Nature"),
    emetteur: sender === undefined
      ? undefined
      : sender.name === "IDCL"
      ? "collectivité"
      : SENDERS[sender.name],
    referent: {
      nom: childText(referent, "Nom"),
      telephone: personalData ? childText(referent, "Telephone") : "",
      courriel: personalData ? childText(referent, "Email") : "",
    },
  };
}

const SENDERS: Readonly<Record<string, string>> = {
  IDSGAR: "SGAR",
  IDPref: "préfecture",
  IDSousPref: "sous-préfecture",
};

/** The files that a message names, each with what it is to it. */
export function namedFiles(root: XmlElement): readonly NamedFile[] {
  const named: NamedFile[] = [];
  visit(root, ROLES[root.name] ?? "acte");
  return named;

  function visit(element: XmlElement, role: string): void {
    const name = childText(element, "NomFichier");
    if (name !== "") named.push({ name, role });
    for (const each of element.children) visit(each, ROLES[each.name] ?? role);
  }
}

/** `1`, `O`, `on`… as tools of this field write yes; everything else that is not empty is no. */
export function ouiNon(text: string | undefined): string | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  return /^(1|o|oui|on|true|checked)$/i.test(text.trim()) ? "oui" : "non";
}

function asCode(code: string | undefined): Code | undefined {
  return code ? { code } : undefined;
}

function asDocument(name: string): Fields | undefined {
  return name === "" ? undefined : { nom: name };
}
