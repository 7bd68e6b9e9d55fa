/**
 * The metadata that Pastell (the exchange platform of Adullact) puts beside the files it deposits: XML, JSON, YAML in
 * `metadata.txt`, or the `manifest.xml` of its input side. All say the same: text values and lists of files, by key.
 */
import { EnvelopeError } from "../errors.ts";
import { decodeText, readSmall } from "./file_chunks.ts";
import { MAX_MESSAGE_BYTES } from "./limits.ts";
import type { StagedFile } from "./staging.ts";
import { readXmlTree } from "./xml_tree.ts";
import { parseSimpleYaml } from "./yaml.ts";

/** A file as metadata name it. */
export interface ListedFile {
  /** Its name in the deposit. */
  readonly name: string;
  /** Its name before Pastell renamed it. */
  readonly original: string;
}

/** Metadata of a deposit, whatever their format. */
export interface SourceMetadata {
  /** The file that they were read from. */
  readonly file: StagedFile;
  /** `type` of an input manifest; deposits do not carry it. */
  readonly flux: string | null;
  readonly values: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, readonly ListedFile[]>;
}

/** Where metadata are, and under which name they came. */
export interface MetadataPlace extends Pick<StagedFile, "path" | "source"> {
  /** All of it, where it has been read already. */
  readonly content?: Uint8Array<ArrayBuffer>;
}

type Listed = Omit<SourceMetadata, "file">;

const NAMES = ["metadata.xml", "metadata.json", "metadata.txt", "manifest.xml"];
/** What Pastell makes of such a name where it is taken: date and random letters behind it. */
const NUMBERED = /^metadata_\d{14}_\w+\.(xml|json|txt)$/i;
const MAX_KEYS = 10_000;

/**
 * The metadata among `files`; `null` when there are none. A file of another name counts if it is XML and `isFlux`.
 *
 * @throws {EnvelopeError} when a file that is named as metadata cannot be read.
 */
export async function readSourceMetadata(
  files: readonly StagedFile[],
  isFlux: (file: StagedFile) => boolean,
): Promise<SourceMetadata | null> {
  const named = NAMES.map((name) => files.find((file) => file.source.toLowerCase() === name));
  const file = named.find((each) => each !== undefined) ??
    files.find(({ source }) => NUMBERED.test(source)) ??
    files.find(isFlux);
  if (file === undefined) return null;
  return { file, ...await readMetadataFile(file) };
}

/**
 * Reads one metadata file; its format goes by the extension of `source`.
 *
 * @throws {EnvelopeError} when it cannot be read.
 */
export async function readMetadataFile(file: MetadataPlace): Promise<Listed> {
  const source = file.source.toLowerCase();
  const metadata = source.endsWith(".json")
    ? await readJson(file)
    : source.endsWith(".txt")
    ? await readYaml(file)
    : await readFlux(file);
  if (metadata.values.size + metadata.files.size > MAX_KEYS) {
    throw damaged(file, `more than ${MAX_KEYS} keys`);
  }
  return metadata;
}

/** `<flux><data name="…" value="…"/><files name="…"><file content="…"/></files></flux>` */
async function readFlux(file: MetadataPlace): Promise<Listed> {
  const root = await readXmlTree(file.path, file.content);
  if (root.name !== "flux") throw damaged(file, `its root is ${root.name}, not flux`);
  const values = new Map<string, string>();
  const files = new Map<string, readonly ListedFile[]>();
  for (const element of root.children) {
    const key = element.attributes.get("name");
    if (key === undefined) continue;
    if (element.name === "data") values.set(key, element.attributes.get("value") ?? "");
    if (element.name !== "files") continue;
    const listed = element.children.filter((each) => each.name === "file").map((each) => {
      const name = each.attributes.get("content") ?? "";
      return { name, original: each.attributes.get("name_original") ?? name };
    });
    files.set(key, listed);
  }
  return { flux: root.attributes.get("type") ?? null, values, files };
}

async function readJson(file: MetadataPlace): Promise<Listed> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readWhole(file));
  } catch (error) {
    // The message of a SyntaxError quotes the text.
    throw error instanceof SyntaxError ? damaged(file, "not valid JSON") : error;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw damaged(file, "no JSON object");
  }
  return fromEntries(file, Object.entries(parsed));
}

async function readYaml(file: MetadataPlace): Promise<Listed> {
  return fromEntries(file, [...parseSimpleYaml(await readWhole(file))]);
}

/** In JSON and YAML a list is one of files, by their original names. */
function fromEntries(file: MetadataPlace, entries: readonly [string, unknown][]): Listed {
  const values = new Map<string, string>();
  const files = new Map<string, readonly ListedFile[]>();
  for (const [key, value] of entries) {
    if (Array.isArray(value)) files.set(key, value.map(String).map((name) => ({ name, original: name })));
    else if (typeof value !== "object") values.set(key, String(value));
    else if (value === null) values.set(key, "");
    else throw damaged(file, `the value of "${key}" is neither text nor a list`);
  }
  return { flux: null, values, files };
}

async function readWhole(file: MetadataPlace): Promise<string> {
  const bytes = file.content ?? await readSmall(file.path, MAX_MESSAGE_BYTES);
  if (bytes === null) throw damaged(file, `larger than ${MAX_MESSAGE_BYTES} bytes`);
  return decodeText(bytes);
}

function damaged(file: MetadataPlace, state: string): EnvelopeError {
  return new EnvelopeError(`Cannot read metadata "${file.source}": ${state}`);
}
