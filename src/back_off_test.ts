import assert from "node:assert/strict";
import fc from "fast-check";
import { pauseMs } from "./back_off.ts";

const LIMITS = { firstMs: 5000, mostMs: 900_000 };

Deno.test("pauseMs() doubles up to the limit", () => {
  const pauses = [1, 2, 3, 8, 9, 5000].map((failures) => pauseMs(failures, LIMITS, () => 0.5));
  assert.deepEqual(pauses, [5000, 10_000, 20_000, 640_000, 900_000, 900_000]);
});

Deno.test("pauseMs() strays from the doubling by a quarter at most, and never beyond the limit", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, random) => {
        const even = 5000 * 2 ** (failures - 1);
        const pause = pauseMs(failures, LIMITS, () => random);
        assert.ok(pause >= Math.min(0.75 * even, 900_000) - 1 && pause <= Math.min(1.25 * even, 900_000) + 1);
      },
    ),
  );
});

Deno.test("pauses of many clients differ", () => {
  assert.ok(new Set(Array.from({ length: 100 }, () => pauseMs(3, LIMITS))).size > 50);
});
