import assert from "node:assert/strict";
import fc from "fast-check";
import { compareListing } from "./listed_files.ts";
import { foldName } from "./names.ts";

/** What is missing of the files that `listing` lists, when `names` are there. */
async function missing(listing: unknown, names: readonly string[]): Promise<readonly string[] | undefined> {
  const text = typeof listing === "string" ? listing : JSON.stringify(listing);
  const content = new TextEncoder().encode(text);
  return (await compareListing({ source: "metadata.json", content }, names))?.missing;
}

/** How the generations of Pastell write a name to disk. */
const WRITERS: Readonly<Record<string, (name: string) => string>> = {
  "as it is": (name) => name,
  "dashes for separators (3, 4)": (name) => name.replace(/[\\/]/g, "-"),
  "underscores for slashes (transport)": (name) => name.replaceAll("/", "_"),
  "stripped (2.0)": (name) => name.replaceAll(" ", "_").normalize("NFD").replace(/[^\w.-]/g, ""),
  "composed": (name) => name.normalize("NFC"),
  "decomposed, as macOS has it": (name) => name.normalize("NFD"),
};

Deno.test("compareListing() finds every listed file under the names that Pastell writes", async (t) => {
  const letters = fc.constantFrom(..."aZ0 -_.éÉçñœ/\\'’(),–№𝄞");
  const names = fc.string({ unit: letters, minLength: 1, maxLength: 40 });
  for (const [label, written] of Object.entries(WRITERS)) {
    await t.step(label, async () => {
      await fc.assert(
        fc.asyncProperty(names, async (name) => {
          // What nothing is left of cannot be written.
          fc.pre(written(name) !== "");
          assert.deepEqual(await missing({ arrete: [name] }, ["autre.pdf", written(name)]), []);
        }),
        { numRuns: 40 },
      );
    });
  }
});

Deno.test("compareListing() finds files that are named by their field, and no others", async () => {
  const listing = { arrete: ["D.pdf"], autre_document_attache: ["A.pdf", "B.pdf"] };
  const named = ["x.yml_arrete_0", "x.yml_autre_document_attache_0", "x.yml_autre_document_attache_1"];
  assert.deepEqual(await missing(listing, named), []);
  assert.deepEqual(await missing(listing, named.slice(0, 2)), ["B.pdf"]);
  assert.deepEqual(await missing(listing, ["a.yml_arrete_0", "b.yml_arrete_0"]), ["D.pdf", "A.pdf", "B.pdf"]);
});

Deno.test("compareListing() says of no file that it is there when it is not", async () => {
  const names = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((name) =>
    name.isWellFormed()
  );
  await fc.assert(
    fc.asyncProperty(names, names, async (listed, other) => {
      const plain = (name: string) => foldName(name).normalize("NFD").replace(/[^a-z0-9]/g, "");
      fc.pre(plain(listed) !== plain(other) && plain(listed) !== "" && plain(other) !== "");
      assert.deepEqual(await missing({ arrete: [listed] }, [other]), [listed]);
    }),
    { numRuns: 40 },
  );
});

Deno.test("compareListing() tells each file that is listed, once", async () => {
  const listing = '{"fichier_facture_pdf":["F.pdf"],"facture_pj_01":["F.pdf"],"x":["G.pdf"]}';
  const content = new TextEncoder().encode(listing);
  const compared = await compareListing({ source: "metadata.json", content }, ["F.pdf", "autre.pdf"]);
  assert.deepEqual(compared, { found: ["F.pdf"], missing: ["G.pdf"] });
});

Deno.test("compareListing() knows metadata that are not whole", async () => {
  assert.equal(await missing('{"arrete":["a.pdf"', []), undefined);
  assert.equal(await missing("[]", []), undefined);
  assert.deepEqual(await missing("{}", []), []);
});
