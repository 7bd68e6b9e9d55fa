/** Finding envelopes in a folder. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { disk } from "../disk.ts";
import { SourceError } from "../errors.ts";
import { matchesAny } from "../globs.ts";
import { isNameable, listFiles, type SeenFile } from "./folder_files.ts";
import { groupLoose } from "./folder_loose.ts";
import { folderError } from "./folder_place.ts";
import type { SourceContext } from "./source.ts";

/** An envelope as it was seen at one moment. */
export interface SeenEnvelope {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly modified: Date;
  /** When anything in it last changed. */
  readonly changed: Date;
  /** Equal for as long as nothing in it is written to, replaced, added or taken away. */
  readonly fingerprint: string;
  /** Whether an end marker says that it is complete, so that it need not be seen to stand still. */
  readonly isMarked: boolean;
  /** A name in it, or its own, that says that it is still being sent. */
  readonly partial?: string;
  /** The file, where the envelope is one, or the metadata of loose files; absent for a directory. */
  readonly file?: SeenFile;
  /** What is in it, where it is a directory; names are paths below it. What else belongs to it, where that lies loose. */
  readonly files: readonly SeenFile[];
  /** Whether its files lie loose in the folder. */
  readonly isLoose?: true;
  /** What a person calls it, where that is not its name. */
  readonly label?: string;
}

/** What tells an envelope, and a complete one, from what else is there. */
export interface EnvelopeRules {
  readonly endMarkers: readonly string[];
  /** Globs. */
  readonly partial: readonly string[];
  /** A folder that is not looked into: where originals are moved to. */
  readonly except?: string | undefined;
  /** Given where files lie loose: reads what metadata list. */
  readonly compareListing?: SourceContext["compareListing"] | undefined;
  readonly signal: AbortSignal;
}

/** The envelopes of a folder in the order of their names, and why some may be missing. */
export interface EnvelopeListing {
  readonly envelopes: readonly SeenEnvelope[];
  readonly problems: readonly SourceError[];
  /** Loose files that belong to no envelope that can be told. */
  readonly unlisted: readonly SeenFile[];
}

const ARCHIVE = /\.(zip|tar\.gz|tgz)$/i;
const ARCHIVE_OR_XML = /\.(zip|tar\.gz|tgz|xml)$/i;
const METADATA = /^(metadata\.(xml|json|txt)|manifest\.xml)$/i;
// What file managers add to a directory they show does not make it a new envelope.
const LITTER = /^(\..*|thumbs\.db|desktop\.ini)$/i;
// The decoder refuses fewer. What is beyond is not looked at.
const FILES_MAX = 100_001;

/**
 * Lists what is an envelope, or will be one when it is complete, never following links. Throws `SourceError` when the
 * folder cannot be read.
 */
export async function listEnvelopes(root: string, rules: EnvelopeRules): Promise<EnvelopeListing> {
  const { partial, signal, except, compareListing } = rules;
  function accepts(name: string): boolean {
    if (compareListing !== undefined) return !LITTER.test(name) && !matchesName(name, rules.endMarkers);
    return !LITTER.test(name) && !METADATA.test(name) &&
      (ARCHIVE_OR_XML.test(name) || matchesAny(name, partial));
  }
  const { files, problems: fileProblems } = await listFiles(root, { recursive: false, accepts, signal });
  const isAlone = ({ name }: SeenFile) => matchesAny(name, partial);
  const loose = compareListing &&
    await groupLoose(files.filter((file) => !isAlone(file)), { compareListing });
  // Beside loose files an XML file is one of them; an archive is whole by itself.
  const unlisted = loose?.unlisted.filter(({ name }) => !ARCHIVE.test(name)) ?? [];
  const alone = loose
    ? [...files.filter(isAlone), ...loose.unlisted.filter(({ name }) => ARCHIVE.test(name))]
    : files;
  const envelopes = [...alone.map((file) => asEnvelope(file, partial)), ...loose?.envelopes ?? []];
  const problems = [...fileProblems];
  for (const name of await listDirectories(root, problems)) {
    if (join(root, name) === except || LITTER.test(name)) continue;
    try {
      const envelope = await seeEnvelope(root, name, rules);
      if (envelope) envelopes.push(envelope);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      problems.push(error);
    }
  }
  return { envelopes: envelopes.sort((a, b) => a.name < b.name ? -1 : 1), problems, unlisted };
}

/** Looks at a directory; `undefined` when it is gone, or empty. Throws `SourceError` when it cannot be read. */
export async function seeEnvelope(
  root: string,
  name: string,
  rules: EnvelopeRules,
): Promise<SeenEnvelope | undefined> {
  const path = join(root, name);
  const accepts = (entry: string) => !LITTER.test(entry);
  const files = await listContents(path, {
    recursive: true,
    accepts,
    limit: FILES_MAX,
    signal: rules.signal,
  });
  if (files.length === 0) return undefined;
  const names = [name, ...files.map((file) => file.name.slice(file.name.lastIndexOf("/") + 1))];
  const partial = names.find((each) => matchesAny(each, rules.partial));
  const digest = createHash("sha256");
  for (const file of files) digest.update(`${file.name}\0${file.fingerprint}\0`);
  return {
    name,
    path,
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    modified: latest(files.map((file) => file.modified)),
    changed: latest(files.map((file) => file.changed)),
    fingerprint: digest.digest("hex"),
    isMarked: files.some((file) => matchesName(file.name, rules.endMarkers)),
    ...(partial === undefined ? {} : { partial }),
    files,
  };
}

/** The metadata file of loose files, or at the top of a directory, if there is one. */
export function metadataOf({ file, files, isLoose }: SeenEnvelope): SeenFile | undefined {
  return isLoose ? file : files.find((file) => METADATA.test(file.name));
}

async function listContents(
  path: string,
  options: Parameters<typeof listFiles>[1],
): Promise<readonly SeenFile[]> {
  try {
    const { files, problems } = await listFiles(path, options);
    if (problems[0]) throw problems[0];
    return files;
  } catch (error) {
    const isGone = error instanceof SourceError && error.cause instanceof Deno.errors.NotFound;
    if (isGone) return [];
    throw error;
  }
}

async function listDirectories(root: string, problems: SourceError[]): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of disk.readDir(root)) {
      if (entry.isDirectory && await isNameable(join(root, entry.name), problems)) names.push(entry.name);
    }
  } catch (cause) {
    throw folderError("list the folder", root, cause);
  }
  return names;
}

function matchesName(name: string, names: readonly string[]): boolean {
  return names.some((given) => given.toLowerCase() === name.toLowerCase());
}

function latest(dates: readonly Date[]): Date {
  return new Date(dates.reduce((last, date) => Math.max(last, date.getTime()), 0));
}

function asEnvelope(file: SeenFile, partial: readonly string[]): SeenEnvelope {
  const { name, path, sizeBytes, modified, changed, fingerprint } = file;
  return {
    name,
    path,
    sizeBytes,
    modified,
    changed,
    fingerprint,
    isMarked: false,
    ...(matchesAny(name, partial) ? { partial: name } : {}),
    file,
    files: [],
  };
}
