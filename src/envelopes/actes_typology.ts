/** Types of pieces (`99_DE`, `21_RP`…) of the files of an act: from Pastell's list, from its metadata, from file names. */
import { readFileName } from "./actes_names.ts";
import type { Contents } from "./envelope.ts";
import type { Code } from "./fields.ts";
import { decodeText, readSmall } from "./file_chunks.ts";
import { filesByName } from "./listed_files.ts";
import { foldName } from "./names.ts";
import type { StagedFile } from "./staging.ts";

const KEY = "type_piece_fichier";
const MAX_BYTES = 1024 ** 2;

/** Looks up the type of a file by its name. */
export type Typology = (name: string) => Code | undefined;

/** Reads what the envelope tells of types. A list that cannot be read is a warning: it only says more about the files. */
export async function readTypology(contents: Contents): Promise<Typology> {
  const types = new Map<string, Code>();
  for (const [name, type] of metadataTypes(contents)) types.set(foldName(name), type);
  const byName = filesByName(contents.staging.files);
  const lists = (contents.metadata?.files.get(KEY) ?? []).map(({ original }) =>
    byName.get(foldName(original))
  );
  for (const file of new Set(lists)) {
    if (file === undefined) continue;
    const entries = await readList(file);
    if (entries === null) contents.warn(`the types of pieces in "${file.name}" cannot be read`);
    for (const [name, type] of entries ?? []) types.set(foldName(name), type);
  }
  return (name) => {
    const code = readFileName(name)?.typePiece;
    return types.get(foldName(name)) ?? (code === undefined ? undefined : { code });
  };
}

/** `[{"filename":"…","typologie":"Délibération (99_DE)"}]` */
async function readList(file: StagedFile): Promise<readonly [name: string, type: Code][] | null> {
  const bytes = await readSmall(file.path, MAX_BYTES);
  const parsed = bytes === null ? null : parseJson(decodeText(bytes));
  if (!Array.isArray(parsed)) return null;
  return parsed.flatMap((entry: unknown) => {
    const { filename, typologie } = (entry ?? {}) as Record<string, unknown>;
    const type = typeof typologie === "string" ? readType(typologie) : undefined;
    return typeof filename === "string" && type !== undefined ? [[filename, type]] : [];
  });
}

/** `type_acte` holds the code of the act, `type_pj` a JSON list of those of its annexes, in their order. */
function* metadataTypes({ metadata }: Contents): Generator<[name: string, type: Code]> {
  const acte = readType(metadata?.values.get("type_acte") ?? "");
  const codes = parseJson(metadata?.values.get("type_pj") ?? "");
  const [document] = metadata?.files.get("arrete") ?? [];
  if (document !== undefined && acte !== undefined) yield [document.original, acte];
  for (const [index, annexe] of (metadata?.files.get("autre_document_attache") ?? []).entries()) {
    const type = Array.isArray(codes) ? readType(String(codes[index] ?? "")) : undefined;
    if (type !== undefined) yield [annexe.original, type];
  }
}

/** `Délibération (99_DE)`, or the code alone. */
function readType(text: string): Code | undefined {
  const [, libelle = "", code] = /^(?:(.*?)\s*\()?(\w{2}_\w{2})\)?$/.exec(text.trim()) ?? [];
  if (code === undefined) return undefined;
  return libelle === "" ? { code } : { code, libelle };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
