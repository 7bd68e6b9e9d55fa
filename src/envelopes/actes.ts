/**
 * Actes: what a collectivité sends to the préfecture for legality control (@CTES), and the answers. An act
 * (délibération, arrêté, contrat…) comes with annexes; its number (`numeroActe`) and an `IDActe` identify it.
 */
import { classificationMatieres } from "./actes_classification.ts";
import { MATIERES, NATURES } from "./actes_codes.ts";
import {
  acteFields,
  envelopeFields,
  isActes,
  isEnvelope,
  messageFields,
  messageOf,
  namedFiles,
  ouiNon,
  rankOf,
  roleOf,
} from "./actes_messages.ts";
import { readEnvelopeName, readFileName, readIdActe } from "./actes_names.ts";
import { readTypology, type Typology } from "./actes_typology.ts";
import type { Contents, EnvelopeKind, FileFacts, Findings } from "./envelope.ts";
import { type Code, codeOf, compact, type Fields, fillIn, isoDate } from "./fields.ts";
import { filesByName } from "./listed_files.ts";
import { foldName, writtenNames } from "./names.ts";
import type { StagedFile } from "./staging.ts";
import { readXmlTree, type XmlElement } from "./xml_tree.ts";

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
    iparapheur_annexe_sortie: "annexe",
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

interface Message {
  readonly file: StagedFile;
  readonly root: XmlElement;
}

async function decodeActes(contents: Contents): Promise<Findings> {
  const all: Message[] = [];
  for (const [file, root] of contents.roots) {
    if (isActes(root)) all.push({ file, root: await readXmlTree(file.path) });
  }
  // What begins a transaction tells more than the answers to it.
  all.sort((a, b) => rankOf(a.root) - rankOf(b.root));
  const messages = all.filter(({ root }) => !isEnvelope(root));
  const typology = await readTypology(contents);
  const told = messages.map(({ file, root }) => messageFields(root, file.name));
  const fields = fillAll([
    { message: isSentAct(contents) ? messageOf("1-1") : told[0]?.["message"] },
    ...messages.filter(({ root }) => root.name === "Acte").map(({ root }) => acteFields(root)),
    documentsOfMetadata(contents),
    ...messages.map(({ root }) => ({ ...acteFields(root), ...transactionFields(root) })),
    ...all.map(({ root }) => envelopeFields(root, contents.wishes)),
    metadataFields(contents),
  ]);
  const names = [
    contents.name,
    ...contents.staging.files.map(({ source }) => source),
    ...all.flatMap(({ root }) => namedFiles(root).map(({ name }) => name)),
  ];
  const named = names.map((name) => {
    const { message, fields } = readFileName(name) ?? { fields: readEnvelopeName(name) };
    return { ...fields, message: messageOf(message) };
  });
  const whole = fillAll([fields, readIdActe(String(fields["id_acte"] ?? "")), ...named]);
  const labelled = { ...withLabels(whole, { messages, typology, contents }), messages: told };
  return { fields: compact(labelled) ?? {}, files: fileFacts(all, { contents, typology }) };
}

/**
 * What Pastell deposits is an act, though the only message beside it may be the acknowledgement. Nature 7 is published
 * without going to the préfecture.
 */
function isSentAct({ metadata }: Contents): boolean {
  const nature = metadata?.values.get("acte_nature");
  return nature !== undefined && nature !== "7";
}

/** Each fills in what the ones before it leave open. */
function fillAll(parts: readonly Fields[]): Fields {
  return parts.reduce((fields, part) => fillIn(fields, compact(part) ?? {}), {});
}

/** What a message tells of its transaction that the act's own fields hold too. */
function transactionFields(root: XmlElement): Fields {
  const { id_acte, date_reception, date_courrier } = messageFields(root, "");
  return { id_acte, date_courrier, date_ar: root.name === "ARActe" ? date_reception : undefined };
}

/** Adds labels to codes, and types of pieces to documents. */
function withLabels(
  fields: Fields,
  { messages, typology, contents }: {
    readonly messages: readonly Message[];
    readonly typology: Typology;
    readonly contents: Contents;
  },
): Fields {
  const { nature, matiere, document, annexes } = fields as ActeCodes;
  const matieres = Object.fromEntries(
    messages.flatMap(({ root }) => classificationMatieres(root)).map((
      { code, libelle },
    ) => [code, libelle ?? ""]),
  );
  const byName = filesByName(contents.staging.files);
  const described = ({ nom }: Named) => {
    const written = writtenNames(nom).map(foldName).find((name) => byName.has(name));
    return { nom, fichier: byName.get(written ?? "")?.name, type_pj: typology(nom) };
  };
  return {
    ...fields,
    nature: codeOf(nature?.code, NATURES),
    matiere: codeOf(matiere?.code, matieres, matiere?.libelle),
    matiere_principale: codeOf(matiere?.code.split(".")[0], MATIERES),
    document: document && described(document),
    annexes: annexes?.map(described),
  };
}

type Named = { readonly nom: string };

interface ActeCodes {
  readonly nature?: Code;
  readonly matiere?: Code;
  readonly document?: Named;
  readonly annexes?: readonly Named[];
}

/** Roles of messages and of the files that they name, and types of pieces of all files. */
function fileFacts(
  all: readonly Message[],
  { contents, typology }: { readonly contents: Contents; readonly typology: Typology },
): Map<StagedFile, FileFacts> {
  const facts = new Map<StagedFile, FileFacts>();
  for (const file of contents.staging.files) {
    const type = typology(file.name) ?? typology(file.source);
    if (type !== undefined) facts.set(file, { fields: { type_pj: type } });
  }
  const byName = new Map(contents.staging.files.map((file) => [foldName(file.source), file]));
  for (const { root } of all) {
    for (const { name, role } of namedFiles(root)) {
      const file = byName.get(foldName(name));
      if (file !== undefined) facts.set(file, { ...facts.get(file), role });
      // An answer repeats what the act named; only the act brings the files along.
      else if (!/^(AR|Anomalie)/.test(root.name)) {
        contents.warn(`the message names "${name}", which is not there`);
      }
    }
  }
  for (const { file, root } of all) facts.set(file, { ...facts.get(file), role: roleOf(root) });
  return facts;
}

/** Pastell gives files names of their own: what repeats the act names them as they were sent. */
function documentsOfMetadata({ metadata }: Contents): Fields {
  const listed = (key: string) => (metadata?.files.get(key) ?? []).map(({ original }) => ({ nom: original }));
  return { document: listed("arrete")[0], annexes: listed("autre_document_attache") };
}

function metadataFields({ metadata }: Contents): Fields {
  const value = (key: string) => metadata?.values.get(key);
  const [, matiere, libelle] = /^\s*([\d.]+)(?:\s+(.*))?$/.exec(value("classification") ?? "") ?? [];
  return {
    nature: { code: value("acte_nature") },
    nature_detail: { code: value("nature_autre_detail") },
    numero: value("numero_de_lacte"),
    date: isoDate(value("date_de_lacte")),
    objet: value("objet"),
    matiere: { code: matiere, libelle },
    id_acte: value("acte_unique_id"),
    siren: value("siren") ?? value("pa_entity_siren"),
    date_ar: isoDate(value("date_ar")),
    date_publication: isoDate(value("acte_publication_date")),
    document_papier: ouiNon(value("document_papier")),
  };
}
