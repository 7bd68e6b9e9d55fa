/** The files that metadata list, found among those that came. */
import { EnvelopeError } from "../errors.ts";
import { type ListedFile, readMetadataFile, type SourceMetadata } from "./source_metadata.ts";
import type { StagedFile, Staging } from "./staging.ts";
import { foldName, writtenNames } from "./names.ts";

/** Files by metadata key, and the names of those that did not come. */
export interface ListedFiles {
  readonly byKey: ReadonlyMap<string, readonly StagedFile[]>;
  readonly missing: readonly { readonly key: string; readonly name: string }[];
}

/**
 * Finds every listed file under the name that Pastell may have given it, and gives those that it named by their field
 * (`<id>.yml_<field>_<n>`, without an extension) their own names back.
 */
export async function findListedFiles(metadata: SourceMetadata, staging: Staging): Promise<ListedFiles> {
  const bySource = new Map(staging.files.map((file) => [file.source, file]));
  const byKey = new Map<string, StagedFile[]>();
  const missing: { key: string; name: string }[] = [];
  const renames = new Map<StagedFile, string>();
  for (const { key, listed, name } of matchListed(metadata.files, [...bySource.keys()])) {
    const file = bySource.get(name ?? "");
    const found = byKey.get(key) ?? [];
    byKey.set(key, found);
    if (file === undefined) {
      missing.push({ key, name: listed.original });
      continue;
    }
    found.push(file);
    if (isPastellName(file.source)) renames.set(file, listed.original);
  }
  for (const [file, name] of renames) await staging.rename(file, name);
  return { byKey, missing };
}

/**
 * Octets of a metadata file that is compared, for that is not done in the decoder: tens of milliseconds. Those of
 * Pastell have some thousand; one with ten thousand files has a million.
 */
export const MAX_COMPARED_BYTES = 1024 ** 2;

/**
 * Which of `names` a metadata file lists, and what it lists besides; `undefined` when it is not whole, or no metadata of
 * Pastell. `source` is the name of the file.
 */
export async function compareListing(
  { source, content }: { readonly source: string; readonly content: Uint8Array<ArrayBuffer> },
  names: readonly string[],
): Promise<{ readonly found: readonly string[]; readonly missing: readonly string[] } | undefined> {
  try {
    const { files } = await readMetadataFile({ path: source, source, content });
    const matches = matchListed(files, names);
    const found = new Set(matches.flatMap(({ name }) => name ?? []));
    const missing = matches.filter(({ name }) => name === undefined).map(({ listed }) => listed.name);
    return { found: [...found], missing };
  } catch (error) {
    if (error instanceof EnvelopeError) return undefined;
    throw error;
  }
}

/** Files by their names, as they came and as they are called here, in the form of `foldName`; of two the first. */
export function filesByName(files: readonly StagedFile[]): ReadonlyMap<string, StagedFile> {
  const byName = new Map<string, StagedFile>();
  for (const file of files) {
    for (const name of [file.source, file.name].map(foldName)) if (!byName.has(name)) byName.set(name, file);
  }
  return byName;
}

interface Match {
  readonly key: string;
  readonly listed: ListedFile;
  /** The name among those given under which it came. */
  readonly name: string | undefined;
}

function matchListed(files: SourceMetadata["files"], names: readonly string[]): readonly Match[] {
  const byName = new Map(names.map((name) => [name.normalize("NFC"), name]));
  const byFieldEnd = Map.groupBy(names, (name) => fieldEndOf(name));
  return [...files].flatMap(([key, all]) =>
    all.map((listed, index) => {
      const written = writtenNames(listed.name).find((name) => byName.has(name));
      if (written !== undefined) return { key, listed, name: byName.get(written) };
      // JSON and YAML list original names even where the files are named by field.
      const [byField, second] = byFieldEnd.get(`.yml_${key}_${index}`) ?? [];
      return { key, listed, name: second === undefined ? byField : undefined };
    })
  );
}

function isPastellName(name: string): boolean {
  return fieldEndOf(name) !== undefined;
}

function fieldEndOf(name: string): string | undefined {
  return /\.yml_[0-9a-z_]+_\d+$/.exec(foldName(name))?.[0];
}
