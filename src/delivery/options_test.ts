import assert from "node:assert/strict";
import * as v from "valibot";
import { deliverOptions, faultOfColdDirectory, faultOfNameTemplate, placeholdersOf } from "./options.ts";

Deno.test("deliverOptions has the documented defaults, group left to the protocol", () => {
  assert.deepEqual(v.parse(deliverOptions, { cold: "inbox" }), {
    cold: "inbox",
    name: "{name}",
    characters: "unicode",
    duplicates: "deliver",
    sidecar: "none",
    personal_data: false,
  });
});

Deno.test("cold must be a plain directory under cold.root", async (t) => {
  for (const path of ["inbox", "compta/factures", "Délibérations 2024", "a.b-c_d"]) {
    await t.step(`accepts ${path}`, () => assert.equal(faultOfColdDirectory(path), undefined));
  }
  const refused = [
    "",
    "/etc",
    "\\\\server\\share",
    "C:/nchp",
    "c:x",
    "a\\b",
    "..",
    "a/../b",
    "a/./b",
    "a//b",
    "a/",
    ".lanceur",
    "a/.x",
    "nul",
    "a/COM1.txt",
    "a.",
    "a /b",
    " a",
    "a:b",
    "a?b",
    "a\u0000b",
    "a\nb",
    "x".repeat(121),
  ];
  for (const path of refused) {
    await t.step(`refuses ${JSON.stringify(path.slice(0, 20))}`, () => {
      assert.equal(typeof faultOfColdDirectory(path), "string");
      assert.equal(v.is(deliverOptions, { cold: path }), false);
    });
  }
});

Deno.test("name must be a file name with placeholders in braces", async (t) => {
  for (const template of ["{name}", "{date} {subject}", "GED_{n}_{id_acte}.pdf"]) {
    await t.step(`accepts ${template}`, () => assert.equal(faultOfNameTemplate(template), undefined));
  }
  for (
    const template of [
      "",
      "  ",
      "{Name}",
      "{name",
      "name}",
      "{{name}}",
      "{}",
      "a/{name}",
      "a\\b",
      "a:b",
      ".{name}",
      "x".repeat(201),
    ]
  ) {
    await t.step(`refuses ${JSON.stringify(template.slice(0, 20))}`, () => {
      assert.equal(typeof faultOfNameTemplate(template), "string");
      assert.equal(v.is(deliverOptions, { cold: "a", name: template }), false);
    });
  }
});

Deno.test("placeholdersOf() lists the placeholders in order", () => {
  assert.deepEqual(placeholdersOf("{date}-{name}-{date}"), ["date", "name", "date"]);
});
