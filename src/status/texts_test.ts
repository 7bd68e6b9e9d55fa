import assert from "node:assert/strict";
import { TEXTS } from "./texts.ts";

/** Every text that is no function, by its path. */
function strings(value: unknown, path: string): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => strings(inner, `${path}.${key}`));
}

Deno.test("every text is there in both languages, and was translated", () => {
  const french = strings(TEXTS.fr, "");
  const english = new Map(strings(TEXTS.en, ""));
  assert.equal(french.length, english.size);
  const same = french.filter(([path, text]) => english.get(path) === text).map(([, text]) => text);
  // Words that French and English share.
  const shared = ["Actions", "COLD", "Configuration", "Date", "Documents", "Information", "Navigation"];
  shared.push("Pause", "Service", "Source", "Total", "Tunnels");
  assert.deepEqual(same.sort(), shared.sort());
});

Deno.test("French punctuation does not break from its word", () => {
  for (const [path, text] of strings(TEXTS.fr, "")) {
    assert.ok(!/ [:;!?»]|« /.test(text), `${path}: ${text}`);
  }
});
