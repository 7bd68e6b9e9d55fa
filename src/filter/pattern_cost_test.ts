import assert from "node:assert/strict";
import fc from "fast-check";
import { compilePattern } from "./pattern.ts";

const HARMLESS = [
  String.raw`/.*\.(?!db).*/`,
  String.raw`/(?!debut_nom_fichier).*\..*/`,
  String.raw`/(?!.*\.db[^.]*$).*/i`,
  String.raw`/(?:\d{1,3}\.){3}\d{1,3}/`,
  String.raw`/(?:(?!\.db).)*$/`,
  String.raw`/[A-Z]{2}\d{4}_.*\.pdf/`,
  String.raw`/facture(?:_\d+)*\.pdf/`,
  String.raw`/.*facture.*2024.*\.pdf$/`,
  String.raw`/.*_.*_.*_.*\.pdf/`,
  "/(?:a|b)*c/",
  String.raw`/\w+(?:-\w+)*\.pdf/`,
  "/.{1,255}/",
  String.raw`/(?=.*[0-9])(?=.*[a-z]).*\.pdf/`,
  String.raw`/(?P<an>\d{4})_(?P=an)/`,
];

const EXPONENTIAL = [
  String.raw`/(.*\.)*pdf/`,
  String.raw`/([a-z0-9]+_?)+\.pdf/`,
  String.raw`/(.+)+\.pdf$/`,
  String.raw`/^(\w+\s?)*$/`,
  "/(a*)*b/",
  "/(a|a)*b/",
  "/(?i:a|A)*b/",
  "/(a|A)*b/i",
  "/(é|É)*b/i",
  "/(a|ab|b)*c$/",
  "/(x+x+)+y/",
  "/(?=(a+)+b).*/",
  "/(?<=(a+)+b)./",
  String.raw`/(.|\w)*\.pdf$/`,
  "/(?:[a-c]|[b-d])*$/",
  "/(?:aa|aa)*b/",
  String.raw`/(?:\p{L}|é)*x/u`,
];

const TOO_SLOW = [
  "/(?:a?){50}a{50}/",
  "/(?:a{0,20}){0,20}b/",
  "/.*.*.*.*.*.*x/",
  String.raw`/.*_.*_.*_.*_.*_.*\.pdf/`,
  "/(?:.{1,255}){1,255}/",
  "/x{99999}/",
  "/(((a{20}){20}){20}){20}/",
];

Deno.test("patterns that end soon on any name are accepted", async (t) => {
  for (const pattern of HARMLESS) {
    await t.step(
      pattern,
      () => assert.ok("regex" in compilePattern(pattern), JSON.stringify(compilePattern(pattern))),
    );
  }
});

Deno.test("patterns that can take exponential time are refused", async (t) => {
  for (const pattern of EXPONENTIAL) {
    await t.step(pattern, () => assert.match(JSON.stringify(compilePattern(pattern)), /exponential time/));
  }
});

Deno.test("patterns that can take very long within 255 characters are refused", async (t) => {
  for (const pattern of TOO_SLOW) {
    await t.step(
      pattern,
      () => assert.match(JSON.stringify(compilePattern(pattern)), /too long on a long|too large/),
    );
  }
});

Deno.test("compilePattern() throws on no text at all", () => {
  const piece = fc.constantFrom(
    ..."ab.*+?()[]{}|^$\\/-,:!=<>PiAZdwkx19é".split(""),
    "(?:",
    "(?P<a>",
    "(?P=a)",
    "{2,}",
    "(?!",
    "(?<=",
  );
  const pattern = fc.array(piece, { maxLength: 14 }).map((pieces) => `/${pieces.join("")}/`);
  fc.assert(
    fc.property(fc.oneof(pattern, fc.string(), pattern.map((text) => `${text}u`)), (text) => {
      const compiled = compilePattern(text);
      assert.ok("regex" in compiled || compiled.fault !== "");
    }),
    { numRuns: 3000 },
  );
});
