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

/** What `metadata.json` says of metadata with these values and file names; `folder` holds both files afterwards. */
async function told(folder: TempFolder, given: object, names: readonly string[]) {
  await folder.write("in/d/metadata.json", JSON.stringify({ ...given, acte_nature: "1", arrete: names }));
  await Deno.mkdir(folder.at("out"));
  await openEnvelope(folder.at("in/d"), { into: folder.at("out"), xml: true });
  return await readMetadata(folder.at("out"));
}

const keys = fc.constantFrom(
  "objet",
  "numero_de_lacte",
  "x",
  "constructor",
  "acte_unique_id",
  "date_ar",
  "siren",
);

Deno.test("values from outside come out in metadata.json as they are", async () => {
  const values = fc.string({ unit: "binary", maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(keys, values),
      fc.array(values, { maxLength: 3 }),
      async (given, names) => {
        await using folder = await TempFolder.make();
        const { metadata } = await told(folder, given, names);
        assert.deepEqual({ ...metadata.values }, { ...given, acte_nature: "1" });
        assert.deepEqual(metadata.files, { arrete: names });
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("values from outside come out in metadata.xml as they are, where XML can write them", async () => {
  const letters = fc.constantFrom(..."aé0<>&\"' \n\r\t𝄞]", "]]>", "&amp;", "<!--");
  const values = fc.string({ unit: letters, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(keys, values),
      fc.array(values, { maxLength: 3 }),
      async (given, names) => {
        await using folder = await TempFolder.make();
        await told(folder, given, names);
        await assertSameAsXml(folder.at("out"));
      },
    ),
    { numRuns: 60 },
  );
});
