import assert from "node:assert/strict";
import { expandName, MAX_NAME_CHARACTERS, numbered, safeName } from "./names.ts";

Deno.test("safeName() makes any name harmless on Windows and Linux", async (t) => {
  const cases: readonly [string, string][] = [
    ["facture.pdf", "facture.pdf"],
    ["Délibération n° 12.pdf", "Délibération n° 12.pdf"],
    ["De\u0301libe\u0301ration.pdf", "Délibération.pdf"],
    ["../../etc/passwd", "_.._etc_passwd"],
    ["C:\\temp\\x.pdf", "C__temp_x.pdf"],
    ["..", "document"],
    ["", "document"],
    ["   ", "document"],
    [".htaccess", "htaccess"],
    ["a\u0000b\r\n.pdf", "ab.pdf"],
    ["x\u202efdp.exe", "xfdp.exe"],
    ["CON", "_CON"],
    ["nul.txt", "_nul.txt"],
    ["com1.pdf", "_com1.pdf"],
    ["console.pdf", "console.pdf"],
    ["x.db.", "x.db"],
    ['a<b>c:"d"|e?f*.pdf', "a_b_c__d__e_f_.pdf"],
    ["\ud800.pdf", "\ufffd.pdf"],
  ];
  for (const [name, expected] of cases) {
    await t.step(JSON.stringify(name), () => assert.equal(safeName(name), expected));
  }
});

Deno.test("safeName() keeps the extension of a name that is too long", () => {
  const name = safeName(`${"é".repeat(400)}.pdf`);
  assert.ok([...name].length <= MAX_NAME_CHARACTERS);
  assert.ok(name.endsWith("é.pdf"));
  const wide = safeName(`${"𝒜".repeat(400)}.pdf`);
  assert.ok(new TextEncoder().encode(wide).length <= 255);
  assert.ok(wide.endsWith(".pdf"));
});

Deno.test("numbered() puts the number before the extension and stays within the length", () => {
  assert.equal(numbered("SCN_0001.pdf", 2), "SCN_0001_2.pdf");
  assert.equal(numbered("readme", 12), "readme_12");
  const long = numbered(safeName(`${"a".repeat(300)}.pdf`), 1234);
  assert.equal([...long].length, MAX_NAME_CHARACTERS);
  assert.ok(long.endsWith("_1234.pdf"));
});

Deno.test("expandName() fills in places and keeps the type visible", () => {
  const fields = { name: "scan.pdf", date: "2026-11-23", subject: "Marché 3/4: voirie" };
  assert.equal(expandName("{name}", fields), "scan.pdf");
  assert.equal(expandName("{date} {name}", fields), "2026-11-23 scan.pdf");
  assert.equal(expandName("{subject}", fields), "Marché 3-4- voirie.pdf");
  assert.equal(expandName("{nothing}", fields), "document.pdf");
});

Deno.test("safeName() takes no longer than a name is long", () => {
  // For minutes, with an expression that begins anew at each of the blanks.
  assert.equal(safeName(`a${" .".repeat(500_000)}b.pdf`).length, MAX_NAME_CHARACTERS);
});
