import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { DROPPED, sampleEnvelopes } from "./demo/folder.ts";
import { TempFolder } from "./servers/temp_folder.ts";

Deno.test("the demo delivers every document of its chain, refuses Thumbs.db, and ends by itself", async () => {
  await using folder = await TempFolder.make();
  const root = dirname(new URL(".", import.meta.url).pathname);
  const command = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "demo", "--once", "--folder", folder.at("demo")],
    cwd: root,
  });
  const { code, stdout, stderr } = await command.output();
  const said = new TextDecoder().decode(stdout);
  assert.equal(code, 0, said + new TextDecoder().decode(stderr));
  assert.match(said, /skipped: .*Thumbs\.db/);
  const cold = join("demo", "var", "cold");
  assert.deepEqual(await folder.list(join(cold, "factures")), [
    "Attestation d'assurance été 2026.pdf",
    "Facture n° 2026-041 Électricité.pdf",
  ]);
  assert.deepEqual(await folder.list(join(cold, "courrier")), [
    "Délibération n° 17 signée.pdf",
    "SCN_0001.pdf",
    "SCN_0001_2.pdf",
  ]);
  assert.deepEqual(await Deno.readFile(folder.at(join(cold, "inbox", DROPPED.name))), DROPPED.content);
  const envelopes = await folder.list(join(cold, "adullact"));
  assert.equal(envelopes.length, (await sampleEnvelopes()).length);
  for (const envelope of envelopes) {
    assert.ok((await folder.list(join(cold, "adullact", envelope))).includes("metadata.json"), envelope);
  }
  // What is taken is gone from where it lay, and nothing stays staged.
  assert.deepEqual(await folder.list(join("demo", "var", "inbox")), []);
  assert.deepEqual(await folder.list(join("demo", "var", "adullact")), []);
  assert.deepEqual(await folder.list(join(cold, ".lanceur")), []);
});
