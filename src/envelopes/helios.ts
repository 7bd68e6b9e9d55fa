/**
 * Helios: the accounts that a collectivité exchanges with the Trésorerie, in PES V2 (protocole d'échange standard).
 * A PES_Aller holds bordereaux of pièces (mandats, titres) and their attachments (PJ) as base64 of a gzip; the
 * Trésorerie answers by a PES_ACQUIT. Values stand in attributes named `V`. Names and bank data of persons stay out
 * of the fields.
 */
import { EmbeddedFile } from "./embedded.ts";
import type { Contents, EnvelopeKind, FileFacts, Findings } from "./envelope.ts";
import { compact, type Fields, fillIn } from "./fields.ts";
import type { StagedFile } from "./staging.ts";
import { readXml, type XmlEvent, type XmlName } from "./xml.ts";

/** Roles by root element in lower case: emitters do not agree on case. */
const ROOTS: ReadonlyMap<string, string> = new Map([
  ["pes_aller", "pes"],
  ["pes_retour", "retour"],
  ["pes_acquit", "acquit"],
  ["pes_nonacquit", "acquit"],
  ["pes_acquit_retour", "acquit"],
]);

/** Single values, by element and parent. */
const VALUES: ReadonlyMap<string, string> = new Map([
  ["Parametres/TypFic", "type_fichier"],
  ["Parametres/NomFic", "nom_fichier"],
  ["EnTetePES/DteStr", "date"],
  ["EnTetePES/IdPost", "poste"],
  ["EnTetePES/IdColl", "siret"],
  ["EnTetePES/CodCol", "code_collectivite"],
  ["EnTetePES/CodColl", "code_collectivite"],
  ["EnTetePES/CodBud", "code_budget"],
  ["EnTetePES/LibelleColBud", "libelle_budget"],
]);

/** Values that occur many times, by element and parent. A pièce of recettes has no InfoPce. */
const LISTS: ReadonlyMap<string, string> = new Map([
  ["BlocBordereau/Exer", "exercices"],
  ["RefCompta/Exercice", "exercices"],
  ["BlocBordereau/IdBord", "numeros_bordereaux"],
  ["InfoPce/IdPce", "numeros_pieces"],
  ["BlocPiece/IdPce", "numeros_pieces"],
  ["InfoLignePce/Nature", "natures"],
  ["InfoLignePiece/Nature", "natures"],
  ["InfoLignePce/Fonction", "fonctions"],
  ["InfoLignePiece/Fonction", "fonctions"],
  ["Erreur/LibelleAnoAck", "anomalies"],
  ["ElementACQUIT/LibelleAnoAck", "anomalies"],
]);
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
  recognises: (contents) => [...contents.roots.values()].some((root) => roleOf(root) !== undefined),
  decode: decodeHelios,
};

async function decodeHelios(contents: Contents): Promise<Findings> {
  const facts = new Map<StagedFile, FileFacts>();
  let fields: Fields = {};
  const files = [...contents.roots].filter(([, root]) => roleOf(root) !== undefined);
  // What was sent tells more than the answer, which repeats its header.
  files.sort(([, a], [, b]) => rank(a) - rank(b));
  for (const [file, root] of files) {
    using reader = new PesReader(contents, file);
    for await (const events of readXml(file.path, { longTexts: new Set(["Fichier"]) })) {
      await reader.take(events);
    }
    fields = fillIn(fields, { message: root.name, ...reader.fields() });
    if (roleOf(root) === "acquit") fields = fillIn(fields, { etat_acquit: etatAcquit(root, reader.etats) });
    facts.set(file, { role: roleOf(root) ?? "pes" });
    for (const attachment of reader.attachments) {
      facts.set(attachment, { role: "piece_jointe", within: file.name });
    }
  }
  fields = fillIn(fields, compact(metadataFields(contents)) ?? {});
  return { fields, files: facts };
}

function roleOf(root: XmlName): string | undefined {
  return ROOTS.get(root.name.toLowerCase());
}

function rank(root: XmlName): number {
  return [...ROOTS.keys()].indexOf(root.name.toLowerCase());
}

/** An acquit without any element says that everything was taken. */
function etatAcquit(root: XmlName, etats: ReadonlySet<string>): string {
  return root.name.toLowerCase() === "pes_nonacquit" || etats.has("0") ? "KO" : "OK";
}

function metadataFields({ metadata }: Contents): Fields {
  const value = (key: string) => metadata?.values.get(key);
  // Pastell joins what occurs many times.
  const values = (key: string) => (value(key) ?? value(`pes_${key}`))?.split(/,\s*/);
  const etat = value("etat_ack") ?? value("pes_etat_ack");
  return {
    objet: value("objet"),
    date: value("dte_str") ?? value("pes_dte_str"),
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

/** Reads one PES file, event by event, and puts its attachments beside it. */
class PesReader {
  readonly attachments: StagedFile[] = [];
  /** Values of EtatAck: 1 taken, 0 refused. */
  readonly etats = new Set<string>();
  readonly #contents: Contents;
  readonly #file: StagedFile;
  readonly #values: Record<string, string> = {};
  readonly #lists = new Map<string, Set<string>>();
  readonly #path: string[] = [];
  #embedded: EmbeddedFile | undefined;
  #pj = { id: "", name: "" };

  constructor(contents: Contents, file: StagedFile) {
    this.#contents = contents;
    this.#file = file;
  }

  async take(events: readonly XmlEvent[]): Promise<void> {
    for (const event of events) {
      if (event.kind === "open") {
        const key = `${this.#path.at(-1)}/${event.name}`;
        this.#path.push(event.name);
        if (key === "Contenu/Fichier") this.#embedded ??= new EmbeddedFile(this.#contents.staging);
        else this.#value(key, event.attributes.get("V") ?? "");
      } else if (event.kind === "close") {
        this.#path.pop();
        if (event.name === "PJ" && this.#path.at(-1) === "PES_PJ") await this.#endPj();
      } else if (this.#embedded !== undefined && this.#path.at(-1) === "Fichier") {
        await this.#embedded.write(event.text);
      }
    }
  }

  fields(): Fields {
    const { poste, ...values } = this.#values;
    const lists = [...this.#lists].map(([name, values]) => [name, [...values]]);
    return { ...values, ...(poste ? { poste: { code: poste } } : {}), ...Object.fromEntries(lists) };
  }

  #value(key: string, value: string): void {
    if (key === "PJ/IdUnique") this.#pj.id = value;
    else if (key === "PJ/NomPJ") this.#pj.name = value;
    else if (key === "ElementACQUIT/EtatAck") this.etats.add(value);
    if (value === "") return;
    const field = VALUES.get(key);
    if (field !== undefined) this.#values[field] ??= value;
    const list = LISTS.get(key);
    if (list === undefined) return;
    const values = this.#lists.get(list) ?? new Set();
    if (values.size < MAX_LISTED) this.#lists.set(list, values.add(value));
  }

  /** Lets go of an attachment that the message ends in the middle of. */
  [Symbol.dispose](): void {
    this.#embedded?.[Symbol.dispose]();
  }

  async #endPj(): Promise<void> {
    using embedded = this.#embedded;
    const { id, name } = this.#pj;
    this.#embedded = undefined;
    this.#pj = { id: "", name: "" };
    const result = await embedded?.finish(name, id) ?? "empty";
    if (typeof result !== "string") this.attachments.push(result);
    else this.#contents.warn(`the attachment "${name || id}" of "${this.#file.name}" is ${result}`);
  }
}
