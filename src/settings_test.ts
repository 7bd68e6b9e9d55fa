import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { TestFolder } from "./config/testing.ts";
import { settingsOf } from "./settings.ts";
import { durationText, parseDuration, parseSize, sizeText } from "./units.ts";

const LAUNCHER = `
schedule = "push"
[listen]
protocol = "folder"
path = "in"
settle = "2s"
[filter]
max_size = "50 MB"
min_size = "1500 B"
[documents]
min_image_size = "20 KB"
max_mail_time = "10m"
[deliver]
cold = "in"
`;

Deno.test("settingsOf() writes sizes and times as one does in the file", async () => {
  await using folder = await TestFolder.of({ "a.toml": LAUNCHER });
  const { launchers: [launcher] } = await folder.read();
  assert.ok(launcher);
  const settings = new Map(settingsOf(launcher).map(({ name, value }) => [name, value]));
  for (
    const [name, value] of [
      ["listen.settle", "2s"],
      ["filter.max_size", "50 MB"],
      ["filter.min_size", "1500 B"],
      ["documents.min_image_size", "20 KB"],
      ["documents.max_mail_time", "10m"],
      ["schedule", "push"],
    ] as const
  ) assert.equal(settings.get(name), value, name);
});

Deno.test("every option of a launcher that is a size or a time is written as one", async () => {
  const path = join(import.meta.dirname ?? "", "../launchers.d/launcher.schema.json");
  const schema: unknown = JSON.parse(await Deno.readTextFile(path));
  for (const [name, pattern] of patternsOf(schema)) {
    const value = pattern.includes("|KB|") ? 5_000_000 : pattern.includes("ms|s|") ? 7_200_000 : undefined;
    if (value === undefined) continue;
    const config: unknown = name.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
    // Only what settingsOf() reads of it.
    const settings = settingsOf(config as Parameters<typeof settingsOf>[0]);
    assert.match(settings[0]?.value ?? "", /^(?:5 MB|2h)$/, name);
  }
});

Deno.test("sizes and times are read back as they were written", () => {
  fc.assert(fc.property(fc.nat({ max: 999_999_999 }), (amount) => {
    assert.equal(parseSize(sizeText(amount)), amount);
    assert.equal(parseDuration(durationText(amount)), amount);
  }));
});

/** Options of sections with the pattern of their text: `filter.max_size`. */
function patternsOf(node: unknown, path: readonly string[] = []): [name: string, pattern: string][] {
  if (typeof node !== "object" || node === null) return [];
  const own: [string, string][] = "pattern" in node && typeof node.pattern === "string"
    ? [[path.join("."), node.pattern]]
    : [];
  const inner = Object.entries(node).flatMap(([key, value]) => {
    const isName = /^(?:properties|anyOf|allOf|oneOf|items|\d+)$/.test(key) === false;
    return patternsOf(value, isName ? [...path, key] : path);
  });
  return [...own, ...inner];
}
