import assert from "node:assert/strict";
import fc from "fast-check";
import { foldName, freeName, safeName, withoutArchiveExtension } from "./names.ts";

Deno.test("safeName() keeps good names and mends the others", async (t) => {
  const cases: [string, string][] = [
    ["Délibération 2024-017.pdf", "Délibération 2024-017.pdf"],
    ["E\u0301te\u0301.pdf", "Été.pdf"],
    ["../../etc/passwd", "..-..-etc-passwd"],
    ["a\u202egnp.exe", "a-gnp.exe"],
    ['Objet : "x" ?.pdf', "Objet - -x- -.pdf"],
    ["FAC_1.pdf ", "FAC_1.pdf"],
    ["CON.txt", "_CON.txt"],
    ["..", "document"],
    ["", "document"],
    ["\ud800.pdf", "\ufffd.pdf"],
    ["é".repeat(499) + ".tar.gz", "é".repeat(96) + ".tar.gz"],
  ];
  for (const [name, safe] of cases) await t.step(name.slice(0, 30), () => assert.equal(safeName(name), safe));
});

Deno.test("safeName() is safe for any name, and changes nothing the second time", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 400 }), (name) => {
    const safe = safeName(name);
    assert.equal(safeName(safe), safe);
    assert.doesNotMatch(safe, /[\\/\0]|^\.{0,2}$|[. ]$/);
    assert(new TextEncoder().encode(safe).length <= 200);
  }));
});

Deno.test("freeName() numbers a taken name before its extension, case aside", () => {
  const taken = new Set(["a.tar.gz", "été.pdf", "été (2).pdf"].map(foldName));
  assert.deepEqual(freeName("ÉTÉ.PDF", taken), { name: "ÉTÉ (3).PDF", number: 3 });
  assert.deepEqual(freeName("a.tar.gz", taken), { name: "a (2).tar.gz", number: 2 });
  assert.deepEqual(freeName("a.tar.gz", taken, 7), { name: "a (7).tar.gz", number: 7 });
  assert.deepEqual(freeName("libre", taken), { name: "libre", number: 1 });
});

Deno.test("withoutArchiveExtension() takes off what only says how it is packed", () => {
  assert.deepEqual(["a.zip", "b.tar.gz", "c.XML", "1.2 Voirie", ".zip"].map(withoutArchiveExtension), [
    "a",
    "b",
    "c",
    "1.2 Voirie",
    ".zip",
  ]);
});

Deno.test("safeName() takes time in proportion to the length of a name", () => {
  assert.equal(safeName(`a${". ".repeat(1_000_000)}b`), "a");
});
