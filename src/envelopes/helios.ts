/**
 * Helios: the accounts that a collectivité exchanges with the Trésorerie, in PES V2 (protocole d'échange standard).
 * A PES_Aller holds bordereaux of pièces (mandats, titres) and their attachments (PJ) as base64 of a gzip; the
 * Trésorerie answers by a PES_ACQUIT, and tells by PES_Retour what became of the pièces. Values stand in attributes
 * named `V`.
 */
import type { Contents, EnvelopeKind, FileFacts, Findings } from "./envelope.ts";
import { codeOf, compact, type Fields, fillIn, isoDate } from "./fields.ts";
import { HeliosLists, type Members } from "./helios_lists.ts";
import { PesReader } from "./helios_reader.ts";
import { HeliosReferences } from "./helios_references.ts";
import type { StagedFile } from "./staging.ts";
import { readXml, type XmlName } from "./xml.ts";

/** Root elements, in the order of what they tell: what was sent tells more than the answer, which repeats its header. */
const ROOTS: readonly { readonly name: string; readonly role: string }[] = [
  { name: "PES_Aller", role: "pes" },
  { name: "PES_Retour", role: "retour" },
  { name: "PES_ACQUIT", role: "acquit" },
  { name: "PES_NonAcquit", role: "acquit" },
  { name: "PES_ACQUIT_RETOUR", role: "acquit" },
];
/** Distinct texts of one kind, and attachments that are missing. */
const MAX_LISTED = 500;

/** Helios, by metadata of Pastell or the PES files alone. */
export const helios: EnvelopeKind = {
  type: "helios",
  messages: ["fichier_pes", "fichier_pes_signe", "fichier_reponse", "pes_acquit"],
  roles: {
    fichier_pes: "pes",
    fichier_pes_signe: "pes_signe",
    fichier_reponse: "acquit",
    pes_acquit: "acquit",
    visuel_pdf: "visuel",
    document_signe: "bordereau_signature",
    iparapheur_historique: "historique",
    ar_sae: "archivage",
    reply_sae: "archivage",
  },
  claims: (keys, key) =>
    [...keys].some((each) => each.startsWith(key)) ||
    ["fichier_pes", "pes_acquit", "pes_etat_ack", "envoi_tdt_helios", "id_retour"].some((each) =>
      keys.has(each)
    ) ||
    (keys.has("id_coll") && keys.has("cod_bud")),
  recognises: (contents) => [...contents.roots.values()].some((root) => rankOf(root) >= 0),
  decode: decodeHelios,
};

async function decodeHelios(contents: Contents): Promise<Findings> {
  const messages = [...contents.roots].filter(([, root]) => rankOf(root) >= 0);
  messages.sort(([, a], [, b]) => rankOf(a) - rankOf(b));
  using lists = new HeliosLists(contents);
  const references = new HeliosReferences();
  const files = new Map<StagedFile, FileFacts>();
  const attachments = new Map<StagedFile, { readonly within: string; readonly told: Members }>();
  const gathered = new Map<string, Set<string>>();
  const named = new Map<string, StagedFile>();
  const seen = new Set<string>();
  let fields: Fields = {};
  for (const [file, root] of messages) {
    const { name = root.name, role = "pes" } = ROOTS[rankOf(root)] ?? {};
    using reader = new PesReader(file, {
      contents,
      lists,
      references,
      gathered,
      named,
      isRepeat: isSecond(seen, name),
    });
    for await (const events of readXml(file.path, { longTexts: new Set(["Fichier"]) })) {
      await reader.take(events);
    }
    const etat = role === "acquit" ? { etat_acquit: etatAcquit(name, reader.etats) } : {};
    fields = fillIn(fields, compact({ message: name, ...headerOf(reader.fields), ...etat }) ?? {});
    files.set(file, { role });
    for (const [attachment, told] of reader.attachments) {
      if (!attachments.has(attachment)) attachments.set(attachment, { within: file.name, told });
    }
    if (reader.untold > 0) {
      contents.warn(
        `"${file.name}" is too long to be told whole: ${reader.untold} pièces or parts of them are in it alone`,
      );
    }
  }
  for (const [attachment, { within, told }] of attachments) {
    const pieces = references.to(told["id_unique"]);
    files.set(attachment, { role: "piece_jointe", within, fields: compact({ ...told, pieces }) ?? {} });
  }
  const listed = [...gathered].map(([name, texts]) => [name, [...texts]] as const);
  fields = fillIn(fields, {
    ...Object.fromEntries(listed),
    ...compact({ ids_pj_absentes: references.open.slice(0, MAX_LISTED) }),
  });
  fields = fillIn(fields, compact(metadataFields(contents)) ?? {});
  return { fields, lists: await lists.finish(), files, named };
}

function rankOf(root: XmlName): number {
  // Emitters do not agree on case.
  return ROOTS.findIndex(({ name }) => name.toLowerCase() === root.name.toLowerCase());
}

/**
 * Whether a message of this kind and name has been read before: Pastell deposits a PES and its signed copy. Their names
 * tell messages apart for the Trésorerie too.
 */
function isSecond(seen: Set<string>, kind: string): (nomFichier: string) => boolean {
  return (nomFichier) => {
    const key = `${kind} ${nomFichier}`;
    const isKnown = seen.has(key);
    seen.add(key);
    return isKnown;
  };
}

function headerOf({ id_poste, libelle_poste, ...header }: Members): Fields {
  const poste = codeOf(text(id_poste), {}, text(libelle_poste));
  return { ...header, poste };
}

/** An acquit without any element says that everything was taken. */
function etatAcquit(name: string, etats: ReadonlySet<string>): string {
  return name === "PES_NonAcquit" || etats.has("0") ? "KO" : "OK";
}

function metadataFields({ metadata }: Contents): Fields {
  const value = (key: string) => metadata?.values.get(key);
  // Pastell joins what occurs many times.
  const values = (key: string) => (value(key) ?? value(`pes_${key}`))?.split(/,\s*/);
  const etat = value("etat_ack") ?? value("pes_etat_ack");
  return {
    objet: value("objet"),
    date: isoDate(value("dte_str") ?? value("pes_dte_str")),
    siret: value("id_coll") ?? value("pes_id_coll"),
    code_budget: value("cod_bud") ?? value("pes_cod_bud"),
    exercices: values("exercice"),
    numeros_bordereaux: values("id_bordereau"),
    numeros_pieces: values("id_pce"),
    natures: values("id_nature"),
    fonctions: values("id_fonction"),
    etat_acquit: etat === "1" ? "OK" : etat === "2" ? "KO" : undefined,
  };
}

function text(value: Fields[string]): string | undefined {
  return typeof value === "string" ? value : undefined;
}
