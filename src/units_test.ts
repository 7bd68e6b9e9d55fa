import assert from "node:assert/strict";
import * as v from "valibot";
import { durationOption, parseDuration, parseSize, sizeOption } from "./units.ts";

Deno.test("parseSize() reads sizes in decimal and binary units, English and French", async (t) => {
  const cases: [string, number | undefined][] = [
    ["50 MB", 50_000_000],
    ["50MB", 50_000_000],
    ["50 Mo", 50_000_000],
    ["1,5 Go", 1_500_000_000],
    ["1.5 kb", 1500],
    ["2 KiB", 2048],
    ["2 Mio", 2_097_152],
    ["0", 0],
    ["12 B", 12],
    ["12 o", 12],
    ["", undefined],
    ["MB", undefined],
    ["-1 MB", undefined],
    ["5 TB", undefined],
    ["5 M", undefined],
    ["999999999999 GB", undefined],
  ];
  for (const [text, bytes] of cases) {
    await t.step(JSON.stringify(text), () => assert.equal(parseSize(text), bytes));
  }
});

Deno.test("parseDuration() needs a unit", async (t) => {
  const cases: [string, number | undefined][] = [
    ["500ms", 500],
    ["2s", 2000],
    ["1.5 s", 1500],
    ["30m", 1_800_000],
    ["30 min", 1_800_000],
    ["1h", 3_600_000],
    ["7d", 604_800_000],
    ["7j", 604_800_000],
    ["30", undefined],
    ["", undefined],
    ["-2s", undefined],
    ["2 weeks", undefined],
  ];
  for (const [text, milliseconds] of cases) {
    await t.step(JSON.stringify(text), () => assert.equal(parseDuration(text), milliseconds));
  }
});

Deno.test("sizeOption and durationOption give numbers, or say what would be right", () => {
  assert.equal(v.parse(sizeOption, " 50 MB "), 50_000_000);
  assert.equal(v.parse(durationOption, "2s"), 2000);
  const size = v.safeParse(sizeOption, 50);
  assert.equal(size.issues?.[0].message, 'must be a size such as "500 KB", "50 MB" or "1.5 GB"');
  const huge = v.safeParse(sizeOption, "999999999999 GB");
  assert.equal(huge.success, false);
  const duration = v.safeParse(durationOption, "bientôt");
  assert.match(duration.issues?.[0].message ?? "", /must be a time such as/);
});
