import assert from "node:assert/strict";
import { progressText } from "./progress.ts";

Deno.test("progressText() says what is known: share, rate, time left", () => {
  assert.equal(progressText({ done: 0 }, 0), "0 done");
  assert.equal(progressText({ done: 50, label: "a.pdf" }, 10), "50 done, 5.0/s  a.pdf");
  assert.equal(progressText({ done: 0, of: 4 }, 0), "[--------------------] 0 of 4, 0 %");
  assert.equal(
    progressText({ done: 500, of: 2000 }, 5),
    "[#####---------------] 500 of 2000, 25 %, 100/s, 15 s left",
  );
  assert.equal(progressText({ done: 4, of: 4 }, 1), "[####################] 4 of 4, 100 %, 4.0/s");
  assert.match(progressText({ done: 1, of: 10_000 }, 10), /28 h left|27\.8 h left/);
  assert.equal(progressText({ done: 0, of: 0 }, 2), "0 of 0");
});

Deno.test("progressText() lets no name from outside move the cursor", () => {
  assert.equal(progressText({ done: 1, label: "a\x1b[2J\nb" }, 0), "1 done  a�[2J�b");
});
