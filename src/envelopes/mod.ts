/**
 * Envelopes opened and understood: container, metadata, type, messages. Runs in the decoder process, for its input is
 * hostile until proven otherwise. A new kind of envelope is one more line in `KINDS`.
 */
import { basename } from "node:path";
import { EnvelopeError, shortened, UnknownEnvelopeError } from "../errors.ts";
import { actes } from "./actes.ts";
import { copyFiles, unpack } from "./archive.ts";
import { chorus } from "./chorus.ts";
import {
  type Contents,
  type DecodedEnvelope,
  DEFAULT_END_MARKERS,
  DEFAULT_KEYS,
  type EnvelopeKeys,
  type EnvelopeKind,
} from "./envelope.ts";
import { helios } from "./helios.ts";
import type { FindInvoiceXml } from "./invoice.ts";
import { findListedFiles, type ListedFiles } from "./listed_files.ts";
import { mediaType } from "./media_type.ts";
import { writeMetadata } from "./metadata.ts";
import { safeName, withoutArchiveExtension } from "./names.ts";
import { readSourceMetadata, type SourceMetadata } from "./source_metadata.ts";
import { METADATA_NAME, METADATA_XML_NAME, type StagedFile, Staging } from "./staging.ts";
import { looksLikeXml, readRoot, type XmlName } from "./xml.ts";

const MAX_WARNINGS = 1000;

/** In detection order: the first that claims the metadata, then the first that recognises the content. */
const KINDS: readonly EnvelopeKind[] = [actes, helios, chorus];

/** How to open an envelope. */
export interface OpenOptions {
  /** An empty directory; all that is written goes there. After an error the caller removes it. */
  readonly into: string;
  /** The envelope's name, where that of its file says nothing. */
  readonly name?: string;
  /** Files that belong to it besides the one at `path`. */
  readonly beside?: readonly string[];
  readonly keys?: EnvelopeKeys;
  readonly endMarkers?: readonly string[];
  readonly personalData?: boolean;
  readonly xml?: boolean;
  /** How many files it may have, those embedded in its messages included; `MAX_FILES` unless given. */
  readonly maxFiles?: number;
  /** Finds the invoice in a PDF; without it, Factur-X is told as any PDF. */
  readonly findInvoiceXml?: FindInvoiceXml;
}

/**
 * Decodes the envelope at `path`: a directory, a zip, a tar.gz or a lone XML file.
 *
 * @throws {EnvelopeError} when it is damaged, of no known type, hostile or too large.
 */
export async function openEnvelope(path: string, options: OpenOptions): Promise<DecodedEnvelope> {
  const name = options.name ?? basename(path);
  const wishes = { personalData: options.personalData ?? false, xml: options.xml ?? false };
  await using staging = new Staging(options.into, {
    own: [METADATA_NAME, ...(wishes.xml ? [METADATA_XML_NAME] : [])],
    ...(options.maxFiles !== undefined && { maxFiles: options.maxFiles }),
  });
  const { beside, endMarkers = DEFAULT_END_MARKERS } = options;
  await (beside ? copyFiles([path, ...beside], staging) : unpack(path, staging, { name, endMarkers }));
  if (staging.files.length === 0) throw new EnvelopeError(`Cannot decode "${name}": there is no file in it`);

  const { roots, faults } = await readRoots(staging.files);
  const metadata = await readSourceMetadata(staging.files, (file) => roots.get(file)?.name === "flux");
  const listed = metadata === null ? null : await findListedFiles(metadata, staging);
  const warnings = new Warnings();
  const warn = (message: string) => warnings.add(message);
  for (const { key, name } of listed?.missing ?? []) {
    warn(`the metadata list "${name}" under "${key}", which is not there`);
  }
  const { findInvoiceXml } = options;
  const contents = { name, staging, metadata, listed, roots, wishes, findInvoiceXml, warn };

  const kind = detect(contents, options.keys ?? DEFAULT_KEYS);
  if (kind === undefined) {
    // Nothing was recognised, perhaps because the one file that tells the type cannot be read.
    for (const fault of faults.values()) throw new UnknownEnvelopeError(fault.message, { cause: fault });
    throw new UnknownEnvelopeError(
      `Cannot decode "${name}": neither its metadata nor its files are those of ${
        KINDS.map((each) => each.type).join(", ")
      }`,
    );
  }
  for (const file of kind.messages.flatMap((key) => listed?.byKey.get(key) ?? [])) {
    const fault = faults.get(file);
    if (fault !== undefined) throw fault;
  }
  const findings = await kind.decode(contents);
  const roles = rolesByMetadata(kind, metadata, listed);
  const keys = keysByFile(listed);
  const files = staging.files.map((file) => ({
    role: roles.get(file) ?? "autre",
    ...findings.files.get(file),
    file,
    type: mediaType(file.name, file.head),
    keys: keys.get(file) ?? [],
  }));
  const known = {
    type: kind.type,
    name: safeName(withoutArchiveExtension(name)),
    metadata,
    findings,
    warnings: warnings.told,
    files,
  };
  return await writeMetadata(known, { staging, xml: wishes.xml });
}

/** What is odd about one envelope, as far as anybody reads. */
class Warnings {
  readonly #told: string[] = [];
  #count = 0;

  /** All of them, or the first ones and how many more there are. */
  get told(): readonly string[] {
    const more = this.#count - this.#told.length;
    return more === 0 ? this.#told : [...this.#told, `${more} more warnings are not told`];
  }

  add(message: string): void {
    if (this.#count++ < MAX_WARNINGS) this.#told.push(shortened(message));
  }
}

function detect(contents: Contents, keys: EnvelopeKeys): EnvelopeKind | undefined {
  const { metadata } = contents;
  const present = new Set([...metadata?.values.keys() ?? [], ...metadata?.files.keys() ?? []]);
  return KINDS.find((kind) => kind.claims(present, keys[kind.type])) ??
    KINDS.find((kind) => kind.recognises(contents));
}

/** Root elements of all XML files. One that cannot be read is a fault only if it turns out to be a message. */
async function readRoots(files: readonly StagedFile[]) {
  const roots = new Map<StagedFile, XmlName>();
  const faults = new Map<StagedFile, EnvelopeError>();
  for (const file of files) {
    if (!looksLikeXml(file.head)) continue;
    try {
      roots.set(file, await readRoot(file.path));
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      faults.set(file, error);
    }
  }
  return { roots, faults };
}

/** Where two keys list the same file, the first role counts. */
function rolesByMetadata(
  kind: EnvelopeKind,
  metadata: SourceMetadata | null,
  listed: ListedFiles | null,
): Map<StagedFile, string> {
  const roles = new Map<StagedFile, string>();
  for (const [key, role] of Object.entries(kind.roles)) {
    for (const file of listed?.byKey.get(key) ?? []) if (!roles.has(file)) roles.set(file, role);
  }
  if (metadata !== null) roles.set(metadata.file, "metadonnees");
  return roles;
}

function keysByFile(listed: ListedFiles | null): Map<StagedFile, string[]> {
  const keys = new Map<StagedFile, string[]>();
  for (const [key, files] of listed?.byKey ?? []) {
    for (const file of files) keys.set(file, [...keys.get(file) ?? [], key]);
  }
  return keys;
}
