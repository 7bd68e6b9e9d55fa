/**
 * Envelopes whose files lie loose in the folder, as Pastell leaves them in its mode "files at the root": what belongs
 * together is known from the metadata file alone.
 */
import { createHash } from "node:crypto";
import type { SeenEnvelope } from "./folder_envelopes.ts";
import { seeFile, type SeenFile } from "./folder_files.ts";
import type { SourceContext } from "./source.ts";

// With the date and letters that Pastell adds where a name is taken.
const METADATA = /^(metadata(_\d{14}_\w+)?\.(xml|json|txt)|manifest\.xml)$/i;

/** Loose files sorted into envelopes. */
export interface LooseGroups {
  readonly envelopes: readonly SeenEnvelope[];
  /** Files that no metadata list, or that more than one does. */
  readonly unlisted: readonly SeenFile[];
}

/** Sorts the files of a folder by the metadata files among them. */
export async function groupLoose(
  files: readonly SeenFile[],
  { compareListing }: Pick<SourceContext, "compareListing">,
): Promise<LooseGroups> {
  const metadata = files.filter(({ name }) => METADATA.test(name));
  const others = new Map(files.filter((file) => !metadata.includes(file)).map((file) => [file.name, file]));
  const names = [...others.keys()];
  const owners = new Map<string, SeenFile[]>();
  for (const file of metadata) {
    const listing = file.sizeBytes === 0 ? undefined : await compareListing(file.path, names);
    const found = typeof listing === "object" ? listing.found : [];
    for (const name of found) owners.set(name, [...owners.get(name) ?? [], file]);
  }
  const isOwn = (name: string, owner: SeenFile) => {
    const all = owners.get(name) ?? [];
    return all.length === 1 && all[0] === owner;
  };
  return {
    envelopes: metadata.map((file) =>
      asLoose(file, [...others.values()].filter(({ name }) => isOwn(name, file)))
    ),
    unlisted: [...others.values()].filter(({ name }) => owners.get(name)?.length !== 1),
  };
}

/** All files of a loose envelope, its metadata first. */
export function looseFiles({ file, files }: SeenEnvelope): readonly SeenFile[] {
  return file === undefined ? files : [file, ...files];
}

/** The fingerprint of a loose envelope as it is now; `undefined` when a file of it is gone. */
export async function seeLooseAgain(root: string, envelope: SeenEnvelope): Promise<string | undefined> {
  const files: SeenFile[] = [];
  for (const { name } of looseFiles(envelope)) {
    const file = await seeFile(root, name);
    if (file === undefined) return undefined;
    files.push(file);
  }
  return fingerprintOf(files);
}

function asLoose(metadata: SeenFile, listed: readonly SeenFile[]): SeenEnvelope {
  const all = [metadata, ...listed];
  const latest = (dates: readonly Date[]) => new Date(Math.max(...dates.map((date) => date.getTime())));
  return {
    name: metadata.name,
    // "metadata" would tell nobody which of them.
    label: (listed[0] ?? metadata).name.replace(/\.[^.]*$/, ""),
    path: metadata.path,
    sizeBytes: all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    modified: latest(all.map(({ modified }) => modified)),
    changed: latest(all.map(({ changed }) => changed)),
    fingerprint: fingerprintOf(all),
    isMarked: false,
    isLoose: true,
    file: metadata,
    files: listed,
  };
}

function fingerprintOf(files: readonly SeenFile[]): string {
  const digest = createHash("sha256");
  for (const { name, fingerprint } of files) digest.update(`${name}\0${fingerprint}\0`);
  return digest.digest("hex");
}
