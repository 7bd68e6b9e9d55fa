/** `[deliver]` of a launcher file: into which COLD directory, under which names, grouped how. */
import * as v from "valibot";

/** Placeholders that every document can fill, whatever it came from. */
export const PLACEHOLDERS: readonly string[] = [
  "name",
  "date",
  "from",
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

// What Windows, where EzGED runs, does not allow in a file name, besides control characters.
const FORBIDDEN = /[<>:"/\\|?*\p{Cc}]/u;
const RESERVED = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;
const PLACEHOLDER = /\{([a-z][a-z0-9_]*)\}/g;

function words(text: string): string[] {
  return text.split(" ");
}

/** The placeholders of a name template, in order, without braces. */
export function placeholdersOf(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map((match) => match[1] ?? "");
}

/** Says what keeps a text from being a directory under `cold.root`; `undefined` when nothing does. */
export function faultOfColdDirectory(path: string): string | undefined {
  if (path === "") return "must not be empty";
  if (path.length > 120) return "must not be longer than 120 characters";
  if (/^[A-Za-z]:/.test(path) || path.startsWith("/") || path.startsWith("\\")) {
    return "must be a directory under cold.root, not an absolute path";
  }
  if (path.includes("\\")) return "must have / between directories, not \\";
  for (const part of path.split("/")) {
    if (part === "") return "must not contain an empty directory name";
    if (part === "." || part === "..") return `must not contain "${part}"`;
    if (part.startsWith(".")) return "must not begin with a dot";
    if (/[. ]$/.test(part) || part.startsWith(" ")) {
      return "must not end in a dot or begin or end with a space";
    }
    if (FORBIDDEN.test(part)) return 'must not contain < > : " | ? * or control characters';
    if (RESERVED.test(part)) return `must not be a name reserved by Windows (${part})`;
  }
  return undefined;
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

const coldDirectory = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    const fault = dataset.typed ? faultOfColdDirectory(dataset.value) : undefined;
    if (fault !== undefined) addIssue({ message: fault });
  }),
  v.description(
    "The COLD's waiting directory under `cold.root`, such as `factures` or `compta/factures`; made if missing.",
  ),
);

const nameTemplate = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    const fault = dataset.typed ? faultOfNameTemplate(dataset.value) : undefined;
    if (fault !== undefined) addIssue({ message: fault });
  }),
  v.description(
    "Name of each delivered file. Placeholders: `{name}` as found, `{date}` of arrival, `{from}`, `{subject}`, `{message_id}` of the mail, `{n}` number within the item, `{sha256}` of the content, and for envelopes fields of their metadata such as `{type}` or `{numero}`. A name already taken gets a suffix.",
  ),
);

/** The options of `[deliver]`. `group` has no default here: it is `directory` for Adullact, `flat` otherwise. */
export const deliverOptions = v.strictObject({
  cold: coldDirectory,
  name: v.optional(nameTemplate, "{name}"),
  group: v.optional(v.pipe(
    v.picklist(["flat", "directory", "zip"]),
    v.description(
      "`flat`: files side by side (default); `directory`: all files of one item arrive in a directory, in one rename (default of `adullact`); `zip`: in one zip file.",
    ),
  )),
  sidecar: v.optional(
    v.pipe(
      v.picklist(["none", "json", "xml"]),
      v.description(
        "A file with what is known of the document (sender, subject, date…) beside each one. Leave it at `none` when the COLD's indexer takes every format: it would take the sidecar too.",
      ),
    ),
    "none",
  ),
});

/** How a document is grouped with the others of its item. */
export type Grouping = "flat" | "directory" | "zip";

/** `[deliver]`, read. */
export interface DeliverConfig {
  /** Directory under `cold.root`, `/` between parts; safe to join. */
  readonly cold: string;
  readonly name: string;
  readonly group: Grouping;
  readonly sidecar: "none" | "json" | "xml";
}
