import assert from "node:assert/strict";
import { Pace } from "./progress.ts";

Deno.test("Pace tells no rate within the first second", () => {
  const pace = new Pace(0);
  pace.note({ done: 5, bytes: 500 }, 600);
  assert.equal(pace.rate({ done: 9, bytes: 900 }, 900), undefined);
});

Deno.test("Pace tells the rate of the last twenty seconds, not of the whole poll", () => {
  const pace = new Pace(0);
  let done = 0;
  for (let atMs = 0; atMs <= 60_000; atMs += 100) {
    // Ten a second for half a minute, then one a second.
    done += atMs <= 30_000 ? 1 : 0.1;
    pace.note({ done, bytes: done * 1000 }, atMs);
  }
  const rate = pace.rate({ done, bytes: done * 1000 }, 60_000);
  assert.ok(rate);
  assert.ok(Math.abs(rate.itemsPerSecond - 1) < 0.05, `${rate.itemsPerSecond}`);
  assert.ok(Math.abs(rate.bytesPerSecond - 1000) < 50, `${rate.bytesPerSecond}`);
});

Deno.test("Pace falls when nothing gets done any more", () => {
  const pace = new Pace(0);
  pace.note({ done: 10, bytes: 0 }, 1000);
  assert.equal(pace.rate({ done: 10, bytes: 0 }, 2000)?.itemsPerSecond, 5);
  assert.equal(pace.rate({ done: 10, bytes: 0 }, 10_000)?.itemsPerSecond, 1);
});
