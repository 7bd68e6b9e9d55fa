import assert from "node:assert/strict";
import fc from "fast-check";
import { namerFor } from "./characters.ts";
import { safeName } from "./names.ts";

Deno.test("namerFor() writes names with the characters that are wanted", async (t) => {
  const cases: [name: string, latin1: string, ascii: string][] = [
    ["Facture n° 12 – été.pdf", "Facture n° 12 - été.pdf", "Facture ndeg 12 - ete.pdf"],
    ["L’œuvre “à 5 €”….pdf", "L'oeuvre _à 5 EUR_....pdf", "L'oeuvre _a 5 EUR_....pdf"],
    ["e\u0301te\u0301.pdf", "été.pdf", "ete.pdf"],
    ["Łódź.pdf", "Lódz.pdf", "Lodz.pdf"],
    ["Привет.pdf", "Privet.pdf", "Privet.pdf"],
    ["Ελλάδα.pdf", "Ellada.pdf", "Ellada.pdf"],
    ["日本.pdf", "RiBen.pdf", "RiBen.pdf"],
    ["a⁄b：c.pdf", "a_b_c.pdf", "a_b_c.pdf"],
    ["plain_name-1.pdf", "plain_name-1.pdf", "plain_name-1.pdf"],
  ];
  const [unicode, latin1, ascii] = await Promise.all(
    ["unicode", "latin1", "ascii"].map((characters) => namerFor(characters as "unicode")),
  );
  for (const [name, inLatin1, inAscii] of cases) {
    await t.step(name, () => {
      assert.equal(unicode?.(name), safeName(name));
      assert.equal(latin1?.(name), inLatin1);
      assert.equal(ascii?.(name), inAscii);
    });
  }
});

Deno.test("namerFor() gives safe names of the wanted characters, whatever comes in", async () => {
  const latin1 = await namerFor("latin1");
  const ascii = await namerFor("ascii");
  const property = fc.property(fc.string({ unit: "binary", maxLength: 300 }), (name) => {
    for (
      const [named, wanted] of [[latin1(name), /^[ -~\u00a0-\u00ff]+$/], [ascii(name), /^[ -~]+$/]] as const
    ) {
      assert.match(named, wanted);
      assert.equal(named, safeName(named));
      assert.ok(named.length <= 120, named);
    }
  });
  fc.assert(property, { numRuns: 2000 });
});
