/**
 * Envelopes that are not ours to publish, from the folder that `LANCEUR_SAMPLES` names or `../shared/samples/envelopes`
 * beside the project: whatever they hold, they are decoded, and told in the published shape.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openEnvelope } from "../src/envelopes/mod.ts";
import { assertSameAsXml, readMetadata } from "./metadata_schema.ts";
import { TempFolder } from "./servers/temp_folder.ts";

const FOLDER = Deno.env.get("LANCEUR_SAMPLES") ??
  join(import.meta.dirname ?? "", "..", "..", "shared", "samples", "envelopes");
const reason = existsSync(FOLDER) ? undefined : "no samples are here";

Deno.test({
  name: `every sample is decoded${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  ignore: reason !== undefined,
  async fn(t) {
    for await (const { name: sample, isDirectory } of Deno.readDir(FOLDER)) {
      if (!isDirectory) continue;
      for await (const { name } of Deno.readDir(join(FOLDER, sample))) {
        await t.step(`${sample}: ${name}`, async () => {
          await using folder = await TempFolder.make();
          const options = { into: folder.path, xml: true };
          const { files, warnings } = await openEnvelope(join(FOLDER, sample, name), options);
          assert.deepEqual(warnings, []);
          assert.deepEqual(await folder.list(), files.map((file) => file.name).sort());
          assert.deepEqual((await readMetadata(folder.path)).warnings, []);
          await assertSameAsXml(folder.path);
        });
      }
    }
  },
});
