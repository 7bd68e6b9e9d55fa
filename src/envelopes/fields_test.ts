import assert from "node:assert/strict";
import { codeOf, compact, fillIn, flatten, isoDate } from "./fields.ts";

Deno.test("isoDate() reads the forms of this field and drops what is no day of the calendar", async (t) => {
  const cases: [string, string | undefined][] = [
    ["2024-03-12", "2024-03-12"],
    [" 2024-03-12 ", "2024-03-12"],
    ["20240312", "2024-03-12"],
    ["20240312103600", "2024-03-12"],
    ["12/03/2024", "2024-03-12"],
    ["12/03/2024 10:36", "2024-03-12"],
    ["2024-03-12 10:36", "2024-03-12T10:36"],
    ["2024-03-12T10:36:05.123+02:00", "2024-03-12T10:36:05+02:00"],
    ["2024-03-12Z", "2024-03-12"],
    ["2024-02-30", undefined],
    ["2024-13-01", undefined],
    ["hier", undefined],
    ["", undefined],
  ];
  for (const [text, expected] of cases) await t.step(text, () => assert.equal(isoDate(text), expected));
});

Deno.test("codeOf() adds the given label, else the known one, and is nothing without a code", () => {
  assert.deepEqual(codeOf("1", { "1": "un" }), { code: "1", libelle: "un" });
  assert.deepEqual(codeOf("1", { "1": "un" }, "premier"), { code: "1", libelle: "premier" });
  assert.deepEqual(codeOf("toString", { "1": "un" }), { code: "toString" });
  assert.equal(codeOf("", {}), undefined);
});

Deno.test("compact() leaves out what is empty, all the way down", () => {
  assert.deepEqual(compact({ a: "", b: { c: undefined }, d: ["", { e: "" }], f: ["x", ""], g: "y" }), {
    f: ["x"],
    g: "y",
  });
  assert.equal(compact({ a: { b: "" } }), undefined);
});

Deno.test("fillIn() keeps what is there, and mixes no code with the label of another", () => {
  const filled = fillIn(
    { a: "1", code: { code: "1" }, other: { code: "2" }, empty: "" },
    { a: "2", b: "3", code: { code: "1", libelle: "un" }, other: { code: "1", libelle: "un" }, empty: "x" },
  );
  assert.deepEqual(filled, {
    a: "1",
    b: "3",
    code: { code: "1", libelle: "un" },
    other: { code: "2" },
    empty: "x",
  });
});

Deno.test("flatten() makes short texts for names of files", () => {
  assert.deepEqual(
    flatten({
      a: "1",
      nature: { code: "1", libelle: "un" },
      tiers: { nom: "x" },
      b: ["1", "2"],
      c: [{ d: "" }],
    }),
    { a: "1", nature: "1", nature_libelle: "un", tiers_nom: "x", b: "1, 2" },
  );
});
