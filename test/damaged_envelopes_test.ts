/** Whatever happens to an envelope on its way: it is understood, or refused with a reason; nothing else. */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { openEnvelope } from "../src/envelopes/mod.ts";
import { EnvelopeError } from "../src/errors.ts";
import { messagesOf } from "./fixtures/envelopes/messages.ts";
import { assertSameAsXml, readMetadata } from "./metadata_schema.ts";
import { TempFolder } from "./servers/temp_folder.ts";

const FIXTURES = fileURLToPath(new URL("fixtures/envelopes", import.meta.url));

async function subjects(): Promise<string[]> {
  const messages = [...await messagesOf("actes"), ...await messagesOf("chorus")].map(({ path }) => path);
  return [
    ...messages,
    join(FIXTURES, "helios-zip", "PESALR2_12345678900012_240312_001.zip"),
    join(FIXTURES, "actes-targz", "abc-EACT--123456789--20240312-1.tar.gz"),
    join(FIXTURES, "actes-repertoire", "Marché de voirie – réfection de la rue d'Été", "metadata.xml"),
    join(FIXTURES, "chorus-repertoire", "F-42", "metadata.xml"),
  ];
}

/** Opens what is left of an envelope; false when it is refused. */
async function isUnderstood(name: string, bytes: Uint8Array): Promise<boolean> {
  await using folder = await TempFolder.make();
  await Deno.mkdir(folder.at("out"));
  const path = await folder.write(`in/${name}`, bytes);
  try {
    await openEnvelope(path, { into: folder.at("out"), xml: true });
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    assert.match(error.message, /^Cannot \S+/);
    return false;
  }
  await readMetadata(folder.at("out"));
  await assertSameAsXml(folder.at("out"));
  return true;
}

Deno.test("an envelope in which octets change is understood or refused", async () => {
  const paths = await subjects();
  const change = fc.record({ at: fc.nat(), octets: fc.uint8Array({ minLength: 1, maxLength: 4 }) });
  const verdicts = new Set<boolean>();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      async (path, changes) => {
        const bytes = await Deno.readFile(path);
        for (const { at, octets } of changes) {
          const offset = at % bytes.length;
          bytes.set(octets.subarray(0, bytes.length - offset), offset);
        }
        verdicts.add(await isUnderstood(basename(path), bytes));
      },
    ),
    { numRuns: 150 },
  );
  assert.equal(verdicts.size, 2);
});

Deno.test("an envelope that is cut short is refused", async () => {
  const paths = await subjects();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      fc.double({ min: 0, max: 0.98, noNaN: true }),
      async (path, part) => {
        const bytes = await Deno.readFile(path);
        assert.equal(
          await isUnderstood(basename(path), bytes.subarray(0, Math.floor(bytes.length * part))),
          false,
        );
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("values from outside come out as they are, in metadata.json and in metadata.xml", async () => {
  const keys = fc.constantFrom(
    "objet",
    "numero_de_lacte",
    "x",
    "__proto__",
    "constructor",
    "acte_unique_id",
    "date_ar",
    "siren",
  );
  const values = fc.string({ unit: "binary", maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(keys, values, { noNullPrototype: true }),
      fc.array(values, { maxLength: 3 }),
      async (given, names) => {
        const own = JSON.parse(JSON.stringify({ ...given, acte_nature: "1", arrete: names }));
        await using folder = await TempFolder.make();
        await folder.write("in/d/metadata.json", JSON.stringify(own));
        await Deno.mkdir(folder.at("out"));
        await openEnvelope(folder.at("in/d"), { into: folder.at("out"), xml: true });
        const { metadata } = await readMetadata(folder.at("out"));
        const { arrete, ...texts } = own;
        assert.deepEqual({ ...metadata.values }, texts);
        assert.deepEqual(metadata.files, { arrete });
        // XML has no way to write some characters.
        // deno-lint-ignore no-control-regex
        if (
          !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udfff]/.test(
            JSON.stringify(own) + names.join(""),
          )
        ) {
          const isPlain = Object.values(own).flat().every((text) => (text as string).isWellFormed());
          if (isPlain && !/\\u00|\\[bf]/.test(JSON.stringify(own))) await assertSameAsXml(folder.at("out"));
        }
      },
    ),
    { numRuns: 100 },
  );
});
