import assert from "node:assert/strict";
import { problemText } from "./output.ts";

Deno.test("problemText() lets no name move the cursor", () => {
  const text = problemText({
    severity: "warning",
    file: "launchers.d/\u001b[2Ja.toml",
    line: 3,
    message: 'Cannot use "\u009b2J\u202e"',
    remedy: 'Rename "\r\n\u0007"',
  });
  assert.equal(
    text,
    'launchers.d/�[2Ja.toml:3: warning: Cannot use "�2J�"\n    → Rename "���"',
  );
});
