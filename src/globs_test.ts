import assert from "node:assert/strict";
import { matchesAny, matchesGlob } from "./globs.ts";

Deno.test("matchesGlob() matches whole names, without regard to capitals or Unicode form", () => {
  const cases: [string, string, boolean][] = [
    ["a.part", "*.part", true],
    ["a.PART", "*.part", true],
    [".part", "*.part", true],
    ["a.part.pdf", "*.part", false],
    ["a.pdf", "a.pdf", true],
    ["aXpdf", "a.pdf", false],
    ["ab", "a?", true],
    ["a", "a?", false],
    ["a\u{1F600}", "a?", true],
    ["e\u0301t\u00e9", "\u00e9t?", true],
    ["tmp_acte_1.zip", "tmp_*_?.zip", true],
    ["aXbXc", "a*b*c", true],
    ["aXbX", "a*b*c", false],
    ["anything", "*", true],
    ["", "*", true],
    ["", "", true],
    ["a", "", false],
    ["[a]", "[a]", true],
    ["a", "[a]", false],
  ];
  for (const [name, glob, expected] of cases) {
    assert.equal(matchesGlob(name, glob), expected, `${name} ${glob}`);
  }
  assert.equal(matchesAny("a.tmp", ["*.part", "*.tmp"]), true);
  assert.equal(matchesAny("a.tmp", []), false);
});

Deno.test("matchesGlob() ends on patterns that make others back-track without end", () => {
  assert.equal(matchesGlob("a".repeat(255), `${"*a".repeat(100)}b`), false);
});
