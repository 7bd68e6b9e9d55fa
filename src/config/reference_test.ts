import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { readConfiguration } from "./mod.ts";
import { REFERENCE_FOLDER, referenceFiles } from "./reference.ts";

Deno.test("the generated files of launchers.d are fresh", async (t) => {
  for (const [name, text] of referenceFiles()) {
    await t.step(name, async () => {
      const message =
        `stale: deno run --allow-read --allow-write=launchers.d --allow-env --allow-sys=hostname,osRelease src/config/reference.ts --write`;
      assert.equal(await Deno.readTextFile(`${REFERENCE_FOLDER}${name}`), text, message);
    });
  }
});

Deno.test("every option of the reference says what it means", () => {
  const rows = (referenceFiles().get("README.md") ?? "").split("\n").filter((line) => line.startsWith("| `"));
  assert.ok(rows.length > 40);
  assert.deepEqual(rows.filter((row) => /\|\s*\|$/.test(row)), []);
});

Deno.test("the schemas for editors refuse unknown keys and give the choices", () => {
  const schema = JSON.parse(referenceFiles().get("launcher.schema.json") ?? "");
  assert.equal(schema.additionalProperties, false);
  assert.deepEqual(schema.properties.deliver.properties.group.enum, ["flat", "directory", "zip"]);
  assert.deepEqual(schema.required, ["listen", "deliver"]);
  assert.ok((schema.properties.listen.oneOf ?? schema.properties.listen.anyOf).length >= 4);
});

Deno.test("the launchers.d that ships has no errors, and names its schema", async () => {
  const shipped = await readConfiguration(REFERENCE_FOLDER);
  assert.deepEqual(shipped.problems.filter(({ severity }) => severity === "error"), []);
  assert.equal(shipped.base, dirname(join(REFERENCE_FOLDER, ".")));
  assert.deepEqual(
    shipped.launchers.map(({ name, enabled, schedule }) => [name, enabled, schedule]),
    [
      ["adullact", true, "push"],
      ["gmail-imap", false, "push"],
      ["gmail-pop3", false, "*/10 * * * *"],
      ["inbox", true, "push"],
    ],
  );
  assert.deepEqual(shipped.services.map(({ name }) => name), ["gmail-pop3", "gmail-smtp"]);
  for await (const { name } of Deno.readDir(REFERENCE_FOLDER)) {
    if (!name.endsWith(".toml")) continue;
    const kind = name === "gateway.toml" ? "gateway" : "launcher";
    const text = await Deno.readTextFile(`${REFERENCE_FOLDER}${name}`);
    assert.ok(text.startsWith(`#:schema ./${kind}.schema.json\n`), name);
  }
});
