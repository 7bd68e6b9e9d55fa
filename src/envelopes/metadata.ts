/**
 * `metadata.json`: what the decoder writes about an envelope, beside its files; `metadata.xml` says the same. The shape
 * is that of `metadata.schema.json`.
 */
import type { DecodedEnvelope, DecodedFile, EnvelopeType, FileFacts, Findings } from "./envelope.ts";
import { type Fields, flatten } from "./fields.ts";
import type { WrittenList } from "./fields_list.ts";
import { jsonChunks, xmlChunks } from "./metadata_text.ts";
import type { SourceMetadata } from "./source_metadata.ts";
import { METADATA_NAME, METADATA_XML_NAME, type StagedFile, type Staging } from "./staging.ts";

/** All of `metadata.json` but the members of `fields` that are long lists. Later versions may add members; they change none. */
export interface MetadataFile {
  readonly version: 1;
  readonly type: EnvelopeType;
  /** The Pastell flux that made the envelope, or `null` when nothing tells. */
  readonly flux: string | null;
  /** Name of the directory or archive that arrived. */
  readonly name: string;
  /** What the decoder understood; which members depends on the type. */
  readonly fields: Fields;
  /** Every file beside this one, made while it is written: there may be many. */
  readonly files: Iterable<MetadataFileEntry>;
  /** The metadata that came with the envelope, as they were; `null` when there were none. */
  readonly metadata: {
    /** The file they were read from, by its name beside this one. */
    readonly file: string;
    readonly values: Readonly<Record<string, string>>;
    /** Original names of the listed files, by key, the missing ones included. */
    readonly files: Readonly<Record<string, readonly string[]>>;
  } | null;
  readonly warnings: readonly string[];
}

/** One file of an envelope. */
export interface MetadataFileEntry extends Omit<DecodedFile, "isOwn"> {
  /** Its name within the envelope, where that was not safe or not unique. */
  readonly source?: string;
  /** The keys under which the metadata list it. */
  readonly keys?: readonly string[];
  /** The message that it was embedded in, by its name beside this one. */
  readonly within?: string;
  /** What the message tells of it. */
  readonly fields?: Fields;
}

/** What is known when everything in an envelope has been read. */
export interface Known {
  readonly type: EnvelopeType;
  readonly name: string;
  readonly metadata: SourceMetadata | null;
  readonly findings: Findings;
  readonly warnings: readonly string[];
  /** Of every file, in order. */
  readonly files: readonly KnownFile[];
}

/** What is known of one file. */
export interface KnownFile extends FileFacts {
  readonly role: string;
  readonly file: StagedFile;
  readonly type: string;
  readonly keys: readonly string[];
}

/** Writes `metadata.json`, and `metadata.xml` if `xml`; returns what a caller gets to know about the envelope. */
export async function writeMetadata(
  known: Known,
  { staging, xml }: { readonly staging: Staging; readonly xml: boolean },
): Promise<DecodedEnvelope> {
  const { type, name, metadata, findings, warnings } = known;
  const flux = metadata?.flux ?? null;
  const lists = findings.lists ?? new Map<string, WrittenList>();
  const content: MetadataFile = {
    version: 1,
    type,
    flux,
    name,
    fields: findings.fields,
    files: { [Symbol.iterator]: () => known.files.values().map(entryOf) },
    metadata: metadata && {
      file: metadata.file.name,
      values: Object.fromEntries(metadata.values),
      files: Object.fromEntries(
        [...metadata.files].map(([key, listed]) => [key, listed.map((file) => file.original)]),
      ),
    },
    warnings,
  };
  const named = findings.named ?? new Map<string, StagedFile>();
  const own = [
    decodedFile(
      await staging.writeOwn(METADATA_NAME, jsonChunks(content, { lists, named })),
      { role: "metadonnees", type: "application/json" },
    ),
  ];
  if (xml) {
    const file = await staging.writeOwn(METADATA_XML_NAME, xmlChunks(content, { lists, named }));
    own.push(decodedFile(file, { role: "metadonnees", type: "application/xml" }));
  }
  for (const list of lists.values()) {
    await staging.remove(list.json);
    if (list.xml !== null) await staging.remove(list.xml);
  }
  const files = known.files.map((each) => decodedFile(each.file, each));
  return {
    type,
    flux,
    name,
    fields: { ...flatten(findings.shown ?? {}), ...flatten(findings.fields) },
    files: [...files, ...own.map((file) => ({ ...file, isOwn: true as const }))],
    warnings,
  };
}

function decodedFile(file: StagedFile, facts: { role: string; type: string }): DecodedFile {
  const { name, sizeBytes, sha256 } = file;
  return { name, role: facts.role, type: facts.type, sizeBytes, sha256 };
}

function entryOf(known: KnownFile): MetadataFileEntry {
  const { file, keys, within, fields } = known;
  return {
    ...decodedFile(file, known),
    ...(file.source === file.name ? {} : { source: file.source }),
    ...(keys.length === 0 ? {} : { keys }),
    ...(within === undefined ? {} : { within }),
    ...(fields === undefined ? {} : { fields }),
  };
}
