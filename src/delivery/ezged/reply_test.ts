import assert from "node:assert/strict";
import { identifierOf, numberOf, parseReply } from "./reply.ts";

Deno.test("an answer is understood whatever wraps it", async (t) => {
  const cases: [string, string, number | undefined, number][] = [
    ["as documented", '{"errorcode":0,"errormsg":"","rows":[{"a":1}],"count":1}', 0, 1],
    ["numbers as text", '{"errorcode":"-18","rows":[],"count":false}', -18, 0],
    ["rows as an object", '{"errorcode":0,"rows":{"sessionid":"x"}}', 0, 1],
    ["a byte order mark", '\ufeff{"errorcode":0}', 0, 0],
    ["a warning of PHP before it", '<b>Warning</b>: x in y\n{"errorcode":401,"rows":null}', 401, 0],
    ["an upload", '{"success":true,"filePath":"C:\\\\a.pdf"}', undefined, 0],
    ["rows that are none", '{"errorcode":0,"rows":[1,"a",null,[],{"a":1}]}', 0, 1],
  ];
  for (const [name, text, code, rows] of cases) {
    await t.step(name, () => {
      const reply = parseReply(text);
      assert.deepEqual([reply?.errorCode, reply?.rows.length], [code, rows]);
    });
  }
});

Deno.test("what is no answer of EzGED's is not taken for one", () => {
  const texts = [
    "",
    "null",
    "[]",
    "1",
    '"ok"',
    "{",
    "{}",
    '{"error":0}',
    '{"errorcode":"zero"}',
    "<html>{}</html>",
  ];
  for (const text of [...texts, '{"errorcode":0.5e400}x', "{".repeat(100_000)]) {
    assert.equal(parseReply(text), undefined, text.slice(0, 50));
  }
});

Deno.test("success is read in every way PHP writes it, and a path only when it can be one", () => {
  for (
    const [text, success] of [["true", true], ['"true"', true], ["1", true], ['"0"', false], ["false", false]]
  ) {
    assert.equal(parseReply(`{"success":${text}}`)?.success, success);
  }
  for (const path of ["", 7, null, "a\u0000b", "x".repeat(1001)]) {
    assert.equal(parseReply(JSON.stringify({ success: true, filePath: path }))?.filePath, undefined);
  }
});

Deno.test("messages are one line of limited length, keys are plain", () => {
  const errormsg = "a\r\n\u001b[31mb\u202e" + "c".repeat(500);
  const message = parseReply(JSON.stringify({ errorcode: 1, errormsg }))?.message ?? "";
  assert.match(message, /^a \[31mb c+$/);
  assert.ok(message.length <= 200);
  assert.deepEqual([12, "12", "a-b_c.1"].map(identifierOf), ["12", "12", "a-b_c.1"]);
  assert.deepEqual(
    [0, "0", "", null, "a b", "a&b", {}, "x".repeat(129)].map(identifierOf),
    Array(8).fill(undefined),
  );
  assert.deepEqual(["3", " 4 ", 5, "x", null, ""].map(numberOf), [3, 4, 5, undefined, undefined, undefined]);
});
