import assert from "node:assert/strict";
import { EnvelopeError } from "../errors.ts";
import { parseSimpleYaml } from "./yaml.ts";

Deno.test("parseSimpleYaml() reads the scalars and lists that Pastell writes", () => {
  const yaml = [
    "---",
    "# commentaire",
    "acte_nature: '1'",
    "objet: 'Rue de l''Été : réfection'",
    'detail: "ligne 1\\nligne\\t2 \\u00e9 \\"q\\""',
    "date_de_lacte: 2024-03-12 # date",
    "vide: ''",
    "rien:",
    "nul: null",
    "arrete:",
    "    - 'Délib: 1.pdf'",
    "    - b.pdf",
    "annexes: [ 'a, b.pdf' , c.pdf,]",
    '"clé : q" : x',
    "aucun: {  }",
    "texte: |",
    "  une",
    "  deux",
    "fin: ok",
  ].join("\r\n");
  assert.deepEqual(Object.fromEntries(parseSimpleYaml(yaml)), {
    acte_nature: "1",
    objet: "Rue de l'Été : réfection",
    detail: 'ligne 1\nligne\t2 é "q"',
    date_de_lacte: "2024-03-12",
    vide: "",
    rien: "",
    nul: "",
    arrete: ["Délib: 1.pdf", "b.pdf"],
    annexes: ["a, b.pdf", "c.pdf"],
    "clé : q": "x",
    aucun: [],
    texte: "une\ndeux",
    fin: "ok",
  });
});

Deno.test("parseSimpleYaml() takes off the quotes that Pastell up to 2.0 escaped, and only those", async (t) => {
  const cases: [string, string][] = [
    ['\\"1\\"', "1"],
    ["'\\\"L\\''eau\\\"'", "L'eau"],
    ['"\\\\\\"1\\\\\\""', "1"],
    ["'\"citation\"'", '"citation"'],
  ];
  for (const [written, value] of cases) {
    await t.step(written, () => assert.equal(parseSimpleYaml(`k: ${written}`).get("k"), value));
  }
});

Deno.test("parseSimpleYaml() refuses what it does not know, by line", async (t) => {
  for (
    const yaml of [
      "a: &x 1",
      "a: !php/object x",
      "a: {b: 1}",
      "a: [b",
      "a: [b, , c]",
      "a: ['b' c]",
      "a:b",
      '"a" b: c',
      "- x",
      "a:\n  b: 1",
      "texte libre",
      'a: "b',
    ]
  ) {
    await t.step(yaml, () => assert.throws(() => parseSimpleYaml(yaml), EnvelopeError));
  }
});

Deno.test("parseSimpleYaml() takes time in proportion to the length of a text", async (t) => {
  const long = 2_000_000;
  const cases: [string, string][] = [
    ["keys without a value", "a:\n".repeat(long / 3)],
    ["a list of many", `a: [${"a,".repeat(long / 2)}]`],
    ["blanks in a list", `a: [${" ".repeat(long)}'b']`],
    ["blanks before a quote in a list", `a: [a${" ".repeat(long)}'b']`],
    ["blanks in a value", `a: a${" ".repeat(long)}b`],
    ["blanks where a colon should be", `a${" ".repeat(long)}b`],
    ["blanks behind a quoted key", `"a"${" ".repeat(long)}b`],
    ["an open quote", `a: "${"\\".repeat(long)}`],
    ["an open quote in a list", `a: ["${"b,".repeat(long / 2)}]`],
    ["blanks alone", `${" ".repeat(long)}\u00a0b`],
  ];
  for (const [name, text] of cases) {
    await t.step(name, () => {
      try {
        parseSimpleYaml(text);
      } catch (error) {
        assert.ok(error instanceof EnvelopeError, String(error));
      }
    });
  }
});
