import assert from "node:assert/strict";
import { suggest } from "./suggest.ts";

const KEYS = ["password", "protocol", "path", "port", "since_days", "n"];

Deno.test("suggest() finds what was meant, and nothing when nothing is near", async (t) => {
  const cases: [string, string | undefined][] = [
    ["pasword", "password"],
    ["passwrod", "password"],
    ["Password", "password"],
    ["since-days", "since_days"],
    ["prot", "port"],
    ["colour", undefined],
    ["x", undefined],
    ["", undefined],
    ["p".repeat(100_000), undefined],
  ];
  for (const [word, expected] of cases) {
    await t.step(word.slice(0, 20) || "nothing", () => assert.equal(suggest(word, KEYS), expected));
  }
});
