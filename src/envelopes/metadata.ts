/** `metadata.json`: what the decoder writes about an envelope, beside its files. */
import type { DecodedEnvelope, DecodedFile, EnvelopeType } from "./envelope.ts";
import type { SourceMetadata } from "./source_metadata.ts";
import type { StagedFile, Staging } from "./staging.ts";

/** The shape of `metadata.json`. Later versions may add members; they change none. */
export interface MetadataFile {
  readonly version: 1;
  readonly type: EnvelopeType;
  /** The Pastell flux that made the envelope, or `null` when nothing tells. */
  readonly flux: string | null;
  /** Name of the directory or archive that arrived. */
  readonly name: string;
  /** What the decoder understood; names depend on the type: see `actes.ts`, `helios.ts`, `chorus.ts`. */
  readonly fields: Readonly<Record<string, string>>;
  /** The metadata that came with the envelope, as they were; `null` when there were none. */
  readonly metadata: {
    /** The file they were read from, by its name beside this one. */
    readonly file: string;
    readonly values: Readonly<Record<string, string>>;
    /** Original names of the listed files, by key, the missing ones included. */
    readonly files: Readonly<Record<string, readonly string[]>>;
  } | null;
  /** Every file beside this one. */
  readonly files: readonly MetadataFileEntry[];
  readonly warnings: readonly string[];
}

/** One file of an envelope. */
export interface MetadataFileEntry extends DecodedFile {
  /** Its name within the envelope, where that was not safe or not unique. */
  readonly source?: string;
}

/** Writes `metadata.json` and returns what a caller gets to know about the envelope. */
export async function writeMetadata(
  envelope: DecodedEnvelope,
  context: { readonly staging: Staging; readonly metadata: SourceMetadata | null },
): Promise<DecodedEnvelope> {
  const { staging, metadata } = context;
  const sources = new Map(staging.files.map((file) => [file.name, file.source]));
  const content: MetadataFile = {
    version: 1,
    type: envelope.type,
    flux: envelope.flux,
    name: envelope.name,
    fields: envelope.fields,
    metadata: metadata && {
      file: metadata.file.name,
      values: Object.fromEntries(metadata.values),
      files: Object.fromEntries(
        [...metadata.files].map(([key, listed]) => [key, listed.map((file) => file.original)]),
      ),
    },
    files: envelope.files.map((file) => {
      const source = sources.get(file.name);
      return source === undefined || source === file.name ? file : { ...file, source };
    }),
    warnings: envelope.warnings,
  };
  const own = await staging.writeOwn(new TextEncoder().encode(JSON.stringify(content, null, 2) + "\n"));
  return { ...envelope, files: [...envelope.files, decodedFile(own, "metadonnees", "application/json")] };
}

/** What a caller gets to know about a file. */
export function decodedFile(file: StagedFile, role: string, type: string): DecodedFile {
  const { name, sizeBytes, sha256 } = file;
  return { name, role, type, sizeBytes, sha256 };
}
