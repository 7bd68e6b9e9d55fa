/** `metadata.json` and `metadata.xml` as text, in pieces: long lists are copied from where they were written. */
import type { WrittenList } from "./fields_list.ts";
import { readChunks } from "./file_chunks.ts";
import { withLateNames } from "./late_names.ts";
import type { MetadataFile } from "./metadata.ts";
import type { StagedFile } from "./staging.ts";
import { escapeXml, xmlText } from "./xml_text.ts";

/** Long lists, and the files that are named in them by an id. */
interface Lists {
  readonly lists: ReadonlyMap<string, WrittenList>;
  readonly named: ReadonlyMap<string, StagedFile>;
}

const CHUNK_BYTES = 64 * 1024;

/** As JSON; `fields` come last. */
export async function* jsonChunks(
  content: MetadataFile,
  { lists, named }: Lists,
): AsyncGenerator<Uint8Array> {
  const { version, type, flux, name, files, metadata, warnings, fields } = content;
  const members = (given: object) => indented(given, "").slice(2, -2);
  yield encode(`{\n${members({ version, type, flux, name })},\n  "files": [`);
  yield* together(separated(files, (file) => `\n    ${indented(file, "    ")}`));
  yield encode(`\n  ],\n${members({ metadata, warnings })},\n  "fields": {`);
  let separator = "\n";
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    yield encode(`${separator}    ${JSON.stringify(name)}: ${indented(value, "    ")}`);
    separator = ",\n";
  }
  for (const [name, { json }] of lists) {
    yield encode(`${separator}    ${JSON.stringify(name)}: [\n`);
    yield* withLateNames(readChunks(json.path, CHUNK_BYTES), {
      format: "json",
      nameOf: (id) => named.get(id)?.name,
    });
    yield encode("\n    ]");
    separator = ",\n";
  }
  yield encode("\n  }\n}\n");
}

/** As XML: members in the same order, items of lists as `<item>`; keys that came with the envelope as attributes. */
export async function* xmlChunks(content: MetadataFile, { lists, named }: Lists): AsyncGenerator<Uint8Array> {
  const { version, type, flux, name, files, metadata, warnings, fields } = content;
  yield encode([
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<envelope>",
    xmlText("version", String(version)),
    xmlText("type", type),
    ...(flux === null ? [] : [xmlText("flux", flux)]),
    xmlText("name", name),
    "<files>",
    "",
  ].join("\n"));
  yield* together(
    Iterator.from(files).map((file) =>
      `${xmlText("item", { ...file, sizeBytes: String(file.sizeBytes) })}\n`
    ),
  );
  yield encode([
    "</files>",
    ...(metadata === null ? [] : metadataLines(metadata)),
    xmlText("warnings", warnings),
    "<fields>",
    ...Object.entries(fields).flatMap(([tag, value]) => value === undefined ? [] : [xmlText(tag, value)]),
    "",
  ].join("\n"));
  const names = new Map(named.entries().map(([id, file]) => [escapeXml(id), escapeXml(file.name)]));
  for (const [tag, { xml }] of lists) {
    yield encode(`<${tag}>\n`);
    if (xml !== null) {
      yield* withLateNames(readChunks(xml.path, CHUNK_BYTES), {
        format: "xml",
        nameOf: (id) => names.get(id),
      });
    }
    yield encode(`\n</${tag}>\n`);
  }
  yield encode("</fields>\n</envelope>\n");
}

/** One text per item, with a comma between two. */
function* separated<T>(items: Iterable<T>, textOf: (item: T) => string): Generator<string> {
  let separator = "";
  for (const item of items) {
    yield separator + textOf(item);
    separator = ",";
  }
}

/** Texts, some at a time. */
function* together(texts: Iterable<string>): Generator<Uint8Array> {
  let gathered = "";
  for (const text of texts) {
    gathered += text;
    if (gathered.length < CHUNK_BYTES) continue;
    yield encode(gathered);
    gathered = "";
  }
  yield encode(gathered);
}

function metadataLines(metadata: NonNullable<MetadataFile["metadata"]>): string[] {
  const element = (tag: string, key: string, text: string) =>
    `<${tag} name="${escapeXml(key)}">${escapeXml(text)}</${tag}>`;
  return [
    "<metadata>",
    xmlText("file", metadata.file),
    "<values>",
    ...Object.entries(metadata.values).map(([key, value]) => element("value", key, value)),
    "</values>",
    "<files>",
    ...Object.entries(metadata.files).flatMap(([key, names]) =>
      names.map((name) => element("file", key, name))
    ),
    "</files>",
    "</metadata>",
  ];
}

function indented(value: unknown, indent: string): string {
  return JSON.stringify(value, null, 2).replaceAll("\n", `\n${indent}`);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
