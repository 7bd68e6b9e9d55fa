/** `[deliver]` of a launcher file: into which COLD directory, under which names, grouped how. */
import * as v from "valibot";
import { FORBIDDEN } from "./cold_name.ts";
import { addressOf, destinations, kindOf } from "./mod.ts";

export { faultOfColdDirectory } from "./cold_name.ts";

/** Placeholders that every document can fill, whatever it came from. */
export const PLACEHOLDERS: readonly string[] = [
  "name",
  "date",
  "from",
  "to",
  "subject",
  "message_id",
  "n",
  "sha256",
];

/** Further placeholders: the fields of Actes, Helios and Chorus Pro envelopes. A collectivité's own metadata may add some. */
export const ENVELOPE_PLACEHOLDERS: readonly string[] = [
  ...words("type envelope message"),
  ...words("nature nature_libelle nature_detail numero objet matiere matiere_libelle id_acte"),
  ...words("id_acte_precedent date_classification document_papier date_ar date_courrier date_publication"),
  ...words("detail siren departement arrondissement nature_collectivite referent"),
  ...words("type_fichier nom_fichier poste_comptable siret code_collectivite code_budget libelle_budget"),
  ...words("exercice bordereaux pieces natures fonctions anomalies etat_acquit"),
  ...words("fournisseur fournisseur_identifiant fournisseur_type_identifiant destinataire service"),
  ...words("service_code id_chorus facture_origine type_facture type_facture_libelle cadre date_reception"),
  ...words("date_depot devise montant_ht montant_ttc montant_net_a_payer numero_engagement numero_marche"),
  ...words("statut date_statut"),
];

const PLACEHOLDER = /\{([a-z][a-z0-9_]*)\}/g;

function words(text: string): string[] {
  return text.split(" ");
}

/** The placeholders of a name template, in order, without braces. */
export function placeholdersOf(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map((match) => match[1] ?? "");
}

/** Says what keeps a text from being a name template; `undefined` when nothing does. */
export function faultOfNameTemplate(template: string): string | undefined {
  if (template.trim() === "") return "must not be empty";
  if (template.length > 200) return "must not be longer than 200 characters";
  const literal = template.replace(PLACEHOLDER, "");
  if (/[{}]/.test(literal)) {
    return "must have placeholders of lower-case letters between braces, such as {name}";
  }
  if (FORBIDDEN.test(literal)) return 'must not contain / \\ < > : " | ? * or control characters';
  if (template.startsWith(".")) return "must not begin with a dot";
  return undefined;
}

const nameTemplate = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    const fault = dataset.typed ? faultOfNameTemplate(dataset.value) : undefined;
    if (fault !== undefined) addIssue({ message: fault });
  }),
  v.description(
    "Name of each delivered file. Placeholders: `{name}` as found, `{date}` of arrival, `{from}`, `{to}`, `{subject}`, `{message_id}` of the mail, `{n}` number within the item, `{sha256}` of the content, and for envelopes fields of their metadata such as `{type}` or `{numero}`. A name already taken gets a suffix.",
  ),
);

type Kinds = typeof destinations;
type Together<Union> = (Union extends unknown ? (part: Union) => void : never) extends
  (all: infer All) => void ? All
  : never;
/** The options that choose a destination, of all kinds. */
type DestinationEntries = Together<Kinds[keyof Kinds]["deliver"]>;

const destinationEntries = Object.assign(
  {},
  ...Object.values(destinations).map(({ deliver }) => deliver),
) as DestinationEntries;

const deliverEntries = {
  ...destinationEntries,
  name: v.optional(nameTemplate, "{name}"),
  characters: v.optional(
    v.pipe(
      v.picklist(["unicode", "latin1", "ascii"], 'must be "unicode", "latin1" or "ascii"'),
      v.description(
        "Characters that names of files may have: all (`unicode`, the default), those of Western Europe (`latin1`), or none but plain ones (`ascii`); others are written with these, œ as oe and Привет as Privet. Names within an envelope's directory stay as its metadata have them.",
      ),
    ),
    "unicode",
  ),
  group: v.optional(v.pipe(
    v.picklist(["flat", "directory", "zip"]),
    v.description(
      "`flat`: files side by side (default); `directory`: all files of one item arrive in a directory, in one rename (default of `adullact` into a folder); `zip`: in one zip file.",
    ),
  )),
  duplicates: v.optional(
    v.pipe(
      v.picklist(["deliver", "skip", "mark"], 'must be "deliver", "skip" or "mark"'),
      v.description(
        "A document whose very content this launcher has delivered before, from another mail or file: `deliver` it again (default), `skip` it, or deliver it with `_doublon` behind its name (`mark`). Envelopes, and items in a `directory` or `zip`, are compared as a whole. Compared with what was delivered since the option was set.",
      ),
    ),
    "deliver",
  ),
  sidecar: v.optional(
    v.pipe(
      v.picklist(["none", "json", "xml"]),
      v.description(
        "A file with what is known of the document (sender, subject, date…) beside each one. Leave it at `none` when the COLD's indexer takes every format: it would take the sidecar too. An envelope always has its `metadata.json`; with `xml` it has a `metadata.xml`, too.",
      ),
    ),
    "none",
  ),
  personal_data: v.optional(
    v.pipe(
      v.boolean("must be true or false"),
      v.description(
        "Whether bank accounts (IBAN), personal numbers (NIR), addresses of persons, and in Helios names of natural persons may stand in the `metadata.json` of an envelope. The files of the envelope are delivered as they are in any case.",
      ),
    ),
    false,
  ),
};

/** The options of `[deliver]`. `group` has no default here: it depends on protocol and destination. */
export const deliverOptions = v.pipe(
  v.strictObject(deliverEntries),
  v.rawCheck(({ dataset, addIssue }) => {
    const given = dataset.value as Readonly<Record<string, unknown>>;
    for (const { key, message } of kindOf(addressOf(given).kind).faults(given)) {
      const path = [{ type: "object", origin: "value", input: given, key, value: given[key] }] as const;
      // Without a message: what is said of any option that is missing.
      if (message === undefined) {
        addIssue({ input: undefined, received: "undefined", path: [...path], message: "is missing" });
      } else addIssue({ message, path: [...path] });
    }
  }),
);

/** How a document is grouped with the others of its item. */
export type Grouping = "flat" | "directory" | "zip";

/** `[deliver]`, read. */
export type DeliverConfig = Omit<Readonly<v.InferOutput<typeof deliverOptions>>, "group"> & {
  readonly group: Grouping;
  /** How the files of one envelope are grouped, in a mail too. */
  readonly envelopeGroup: Grouping;
};
