import assert from "node:assert/strict";
import { FieldsList } from "./fields_list.ts";
import { Staging } from "./staging.ts";

Deno.test("FieldsList writes items of any depth as JSON and as XML, and is no file of the envelope", async () => {
  const root = await Deno.makeTempDir();
  try {
    const staging = new Staging(root);
    using list = await FieldsList.create(staging, { xml: true });
    list.openFields();
    list.add("17 < 18", "numero");
    list.add("", "vide");
    list.openList("pieces");
    for (const numero of ["1", "2"]) {
      list.openFields();
      list.add(numero, "numero");
      list.add({ code: "01", libelle: "é & è" }, "type");
      list.close();
    }
    list.close();
    list.close();
    list.add("x");
    assert.equal(list.items, 2);
    assert.throws(() => list.add("sans nom", "nom"), RangeError);
    const { json, xml } = await list.finish();
    assert(xml !== null);
    assert.deepEqual(JSON.parse(`[${await Deno.readTextFile(json.path)}]`), [
      {
        numero: "17 < 18",
        pieces: [
          { numero: "1", type: { code: "01", libelle: "é & è" } },
          { numero: "2", type: { code: "01", libelle: "é & è" } },
        ],
      },
      "x",
    ]);
    const piece = (numero: string) =>
      `<item><numero>${numero}</numero><type><code>01</code><libelle>é &amp; è</libelle></type></item>`;
    assert.equal(
      await Deno.readTextFile(xml.path),
      `<item><numero>17 &lt; 18</numero><pieces>${piece("1")}${piece("2")}</pieces></item><item>x</item>`,
    );
    assert.deepEqual(staging.files, []);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("FieldsList writes to disk while it grows", async () => {
  const root = await Deno.makeTempDir();
  try {
    const staging = new Staging(root);
    using list = await FieldsList.create(staging, { xml: false });
    for (let n = 0; n < 20_000; n++) {
      list.add({ numero: String(n) });
      await list.flush();
    }
    const [file] = await Array.fromAsync(Deno.readDir(root));
    assert((await Deno.stat(`${root}/${file?.name}`)).size > 300_000);
    const { json } = await list.finish();
    assert.equal(JSON.parse(`[${await Deno.readTextFile(json.path)}]`).length, 20_000);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
