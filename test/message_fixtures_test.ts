/** Every message of the fixtures is understood as recorded, and is what the official schemas ask for. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openEnvelope } from "../src/envelopes/mod.ts";
import { deposit, type MessageFixture, messagesOf, recorded } from "./fixtures/envelopes/messages.ts";
import { readMetadata } from "./metadata_schema.ts";
import { TempFolder } from "./servers/temp_folder.ts";
import { validates, whyNoSchemas } from "./xml_schemas.ts";

/** Any of these schemas may be the one. */
const SCHEMAS: Readonly<Record<string, readonly string[]>> = {
  actes: ["actes/actesv1_1.xsd", "actes-without-document-papier/actesv1_1.xsd"],
  chorus: [
    "chorus/CPPFacturePivot_V1_20.xsd",
    "chorus/CPPFacturePivot_V1_22.xsd",
    "chorus/CPPFacturePivot_V2_02.xsd",
    "chorus/CPPStatutPivot_V1_19.xsd",
  ],
  helios: [
    "pes_v5.17/PES_V2/Rev0/PES_Aller.xsd",
    "pes_v5.17/PES_V2/Rev0/PES_V2_Acquit_Autonome.xsd",
    "pes_v5.17/PES_V2/Rev0/PES_V2_Acquit_Autonome_V2.xsd",
    "pes_v5.17/PES_V2/RETOUR/Rev0/PES_Retour.xsd",
  ],
};

/** No schema of `CPPFactureMixte` is published beside that of the pivot, none of `PES_NonAcquit` at all. */
const WITHOUT_SCHEMA: ReadonlySet<string> = new Set(["mixte.xml", "non-acquit.xml"]);

for (const exchange of Object.keys(SCHEMAS)) {
  Deno.test(`every message of ${exchange} is understood as recorded`, async (t) => {
    for (const message of await messagesOf(exchange)) {
      await t.step(message.name, async () => {
        const metadata = await open(message);
        const expected = JSON.parse(await Deno.readTextFile(message.expectedPath));
        assert.deepEqual(recorded(metadata), expected);
      });
    }
  });

  const reason = whyNoSchemas();
  Deno.test({
    name: `every message of ${exchange} is valid${reason === undefined ? "" : ` (skipped: ${reason})`}`,
    ignore: reason !== undefined,
    async fn(t) {
      for (const { name, path } of await messagesOf(exchange)) {
        if (WITHOUT_SCHEMA.has(name)) continue;
        await t.step(name, async () => {
          const results = await Promise.all(
            (SCHEMAS[exchange] ?? []).map((schema) => validates(path, schema)),
          );
          assert(results.some(({ isValid }) => isValid), results.map(({ errors }) => errors).join("\n"));
        });
      }
    },
  });
}

async function open(message: MessageFixture): Promise<unknown> {
  await using folder = await TempFolder.make();
  await deposit(message, folder.at("depot"));
  await Deno.mkdir(folder.at("out"));
  // The name of the deposit must not tell what only the message can.
  await openEnvelope(folder.at("depot"), { into: folder.at("out") });
  return await readMetadata(join(folder.path, "out"));
}
