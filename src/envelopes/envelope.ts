/**
 * An "Adullact" envelope: what one deposit of a French public-sector exchange is made of. Three types exist:
 * `acte_nature` (Actes: collectivité and préfecture), `helios` (PES V2: collectivité and Trésorerie) and
 * `chorus_fact` (Chorus Pro: collectivité and fournisseur). Their names are those of EzGED.
 */
import type { Fields } from "./fields.ts";
import type { WrittenList } from "./fields_list.ts";
import type { FindInvoiceXml } from "./invoice.ts";
import type { ListedFiles } from "./listed_files.ts";
import type { SourceMetadata } from "./source_metadata.ts";
import type { StagedFile, Staging } from "./staging.ts";
import type { XmlName } from "./xml.ts";

/** The three types of envelope, in detection order. */
export const ENVELOPE_TYPES = ["acte_nature", "helios", "chorus_fact"] as const;

/** What kind of exchange an envelope belongs to. */
export type EnvelopeType = typeof ENVELOPE_TYPES[number];

/** The metadata key that tells each type. EzGED's own rule is not public, so a user can name others. */
export type EnvelopeKeys = Readonly<Record<EnvelopeType, string>>;

/** The keys looked for unless told otherwise. */
export const DEFAULT_KEYS: EnvelopeKeys = {
  acte_nature: "acte_nature",
  helios: "helios",
  chorus_fact: "chorus_fact",
};

/** Files that only say that a deposit is complete; they are not part of what is handed over. */
export const DEFAULT_END_MARKERS: readonly string[] = ["fichier_termine.txt", "transfert_termine.txt"];

/** One file that came out of an envelope. */
export interface DecodedFile {
  /** Base name in the output directory: Unicode NFC, safe on every file system, unique within the envelope. */
  readonly name: string;
  /** What it is to the envelope: `acte`, `annexe`, `pes`, `piece_jointe`, `facture`, `metadonnees`, `autre`… */
  readonly role: string;
  /** Media type, by content first. */
  readonly type: string;
  readonly sizeBytes: number;
  /** In lower-case hexadecimal. */
  readonly sha256: string;
  /** Whether the decoder wrote it about the envelope, which had no such file. */
  readonly isOwn?: true;
}

/** An envelope decoded whole. */
export interface DecodedEnvelope {
  readonly type: EnvelopeType;
  /** The Pastell flux that made it, known only where an input manifest names it. */
  readonly flux: string | null;
  /** Name of the directory or archive, without the archive's extension, safe as a file name. */
  readonly name: string;
  /** What was understood, as far as it is short text: for names of files. All of it is in `metadata.json`. */
  readonly fields: Readonly<Record<string, string>>;
  /** Every file in the output directory; those that the decoder writes about the envelope come last. */
  readonly files: readonly DecodedFile[];
  /** What is odd, though no reason to refuse the envelope: a listed file that is missing, for instance. */
  readonly warnings: readonly string[];
}

/** What the user wants to be told about an envelope. */
export interface Wishes {
  /** Whether bank accounts and personal numbers and addresses may stand in `metadata.json`. */
  readonly personalData: boolean;
  /** Whether `metadata.xml` is written beside `metadata.json`. */
  readonly xml: boolean;
}

/** An envelope laid open in the output directory, before anyone has made sense of it. */
export interface Contents {
  readonly name: string;
  /** Where the files are; embedded files are added to it. */
  readonly staging: Staging;
  /** Parsed metadata or manifest; `null` when there is none. */
  readonly metadata: SourceMetadata | null;
  /** The name of the root element of each file that is XML. */
  readonly roots: ReadonlyMap<StagedFile, XmlName>;
  /** The files that the metadata list; `null` when there are no metadata. */
  readonly listed: ListedFiles | null;
  /** How the user wants it told. */
  readonly wishes: Wishes;
  /** Finds the invoice in a PDF, where the caller can. */
  readonly findInvoiceXml?: FindInvoiceXml | undefined;
  /** Adds to what will be `warnings`. */
  warn(message: string): void;
}

/** What a kind of envelope found out. */
export interface Findings {
  readonly fields: Fields;
  /** More members of the fields: lists that may be too long to hold. */
  readonly lists?: ReadonlyMap<string, WrittenList>;
  /** Files by the ids that stand for their names in the lists (`lateName`). */
  readonly named?: ReadonlyMap<string, StagedFile>;
  /** Fields that names of files can use although they stand in a list. */
  readonly shown?: Fields;
  /** Files without a role get that which the metadata implies, or `autre`. */
  readonly files: ReadonlyMap<StagedFile, FileFacts>;
}

/** What a kind of envelope knows about one file. */
export interface FileFacts {
  readonly role?: string;
  /** Name of the message that it was embedded in. */
  readonly within?: string;
  readonly fields?: Fields;
}

/** What a new kind of envelope implements. */
export interface EnvelopeKind {
  readonly type: EnvelopeType;
  /** Whether metadata with these keys tell this kind; `key` is the configured one. */
  claims(keys: ReadonlySet<string>, key: string): boolean;
  /** Whether the content tells this kind, for envelopes without usable metadata. */
  recognises(contents: Contents): boolean;
  /** Metadata keys of the XML messages: an envelope is damaged if one of these files is. */
  readonly messages: readonly string[];
  /** Metadata keys of files, and the role of the files they list. */
  readonly roles: Readonly<Record<string, string>>;
  /** Reads fields and extracts embedded files, or throws `EnvelopeError`. */
  decode(contents: Contents): Promise<Findings>;
}
