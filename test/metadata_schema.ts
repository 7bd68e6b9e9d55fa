/** Holds what the decoder writes about an envelope to the schema that is published for it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { SaxesParser } from "saxes";
import schema from "../src/envelopes/metadata.schema.json" with { type: "json" };

const validate = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false })
  .compile(schema);

/** `metadata.json` in the directory `into`; fails when it does not have the published shape. */
// deno-lint-ignore no-explicit-any
export async function readMetadata(into: string): Promise<any> {
  const metadata = JSON.parse(await Deno.readTextFile(join(into, "metadata.json")));
  assertMetadata(metadata);
  return metadata;
}

/** Fails when `metadata` does not have the published shape. */
export function assertMetadata(metadata: unknown): void {
  assert(validate(metadata), JSON.stringify(validate.errors, null, 2));
}

/** Fails when `metadata.xml` in the directory `into` says anything else than `metadata.json` there. */
export async function assertSameAsXml(into: string): Promise<void> {
  const { metadata, ...json } = await readMetadata(into);
  const root = parseXml(await Deno.readTextFile(join(into, "metadata.xml")));
  const own = root.children.find(({ name }) => name === "metadata");
  const rest = { ...root, children: root.children.filter((each) => each !== own) };
  assert.deepEqual(valueOf(rest), plain(json));
  const named = (list: string) =>
    own?.children.find(({ name }) => name === list)?.children.map(({ attributes, text }) => [
      attributes["name"],
      text,
    ]) ?? [];
  const files = Object.entries((metadata?.files ?? {}) as Record<string, string[]>);
  assert.deepEqual(named("values"), Object.entries(metadata?.values ?? {}));
  assert.deepEqual(named("files"), files.flatMap(([key, names]) => names.map((name) => [key, name])));
}

interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

/** By another parser than the one that the product reads envelopes with. */
function parseXml(text: string): XmlElement {
  const parser = new SaxesParser();
  const open: XmlElement[] = [{ name: "", attributes: {}, children: [], text: "" }];
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const element = { name, attributes, children: [], text: "" };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on("text", (piece) => {
    const innermost = open.at(-1);
    if (innermost) innermost.text += piece;
  });
  parser.on("closetag", () => void open.pop());
  parser.write(text).close();
  const root = open[0]?.children[0];
  assert(root);
  return root;
}

function valueOf(element: XmlElement): unknown {
  if (element.children.length === 0) return textOf(element.text);
  if (element.children.every(({ name }) => name === "item")) return element.children.map(valueOf);
  return Object.fromEntries(element.children.map((each) => [each.name, valueOf(each)]));
}

/** What of JSON an XML without types can tell. */
function plain(value: unknown): unknown {
  if (value === null || typeof value !== "object") return textOf(String(value));
  if (Object.keys(value).length === 0) return "";
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(
    Object.entries(value).filter(([, each]) => each !== null).map(([name, each]) => [name, plain(each)]),
  );
}

/** An empty list has lines of its own. */
function textOf(text: string): string {
  return text.trim() === "" ? "" : text;
}
