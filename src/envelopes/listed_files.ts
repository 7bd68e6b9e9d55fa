/** The files that metadata list, found among those that came. */
import type { ListedFile, SourceMetadata } from "./source_metadata.ts";
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
  const bySource = new Map(staging.files.map((file) => [file.source.normalize("NFC"), file]));
  const byKey = new Map<string, readonly StagedFile[]>();
  const missing: { key: string; name: string }[] = [];
  const renames = new Map<StagedFile, string>();
  for (const [key, listed] of metadata.files) {
    const found: StagedFile[] = [];
    for (const [index, each] of listed.entries()) {
      const file = findFile(bySource, each, `.yml_${key}_${index}`);
      if (file === undefined) {
        missing.push({ key, name: each.original });
        continue;
      }
      found.push(file);
      if (isPastellName(file.source)) renames.set(file, each.original);
    }
    byKey.set(key, found);
  }
  for (const [file, name] of renames) await staging.rename(file, name);
  return { byKey, missing };
}

function findFile(
  bySource: ReadonlyMap<string, StagedFile>,
  listed: ListedFile,
  pastellEnd: string,
): StagedFile | undefined {
  for (const name of writtenNames(listed.name)) {
    const file = bySource.get(name);
    if (file !== undefined) return file;
  }
  // JSON and YAML list original names even where the files are named by field.
  const [byField, second] = [...bySource.values()].filter((file) =>
    foldName(file.source).endsWith(pastellEnd)
  );
  return second === undefined ? byField : undefined;
}

function isPastellName(name: string): boolean {
  return /\.yml_[0-9a-z_]+_\d+$/.test(name);
}
