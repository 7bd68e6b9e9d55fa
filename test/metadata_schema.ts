/** Holds what the decoder writes about an envelope to the schema that is published for it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { XMLParser } from "fast-xml-parser";
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

/** What `metadata.xml` in the directory `into` says, in the shape of `metadata.json`. */
export async function readMetadataXml(into: string): Promise<unknown> {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    preserveOrder: true,
    parseTagValue: false,
    trimValues: false,
    htmlEntities: true,
  });
  return parser.parse(await Deno.readTextFile(join(into, "metadata.xml")), true);
}
