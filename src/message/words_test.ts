import assert from "node:assert/strict";
import fc from "fast-check";
import libmime from "libmime";
import { decodeText, oneLine, parseStructured } from "./words.ts";

const NAMES = ["name", "filename", "charset", "boundary", "x"];

/** Parameters as programs write them, and as only some do. */
const parameter = fc.tuple(
  fc.constantFrom(";", "; ", " ; ", ";\t", ";;", ""),
  fc.constantFrom(...NAMES, "Name", "filename*", "filename*0", "filename*1*", "__proto__", "na me"),
  fc.constantFrom("=", "=", "=", " = ", ""),
  fc.oneof(
    fc.stringMatching(/^[a-z0-9_.-]{0,12}$/),
    fc.stringMatching(/^"[ -!#-[\]-~é]{0,20}"$/),
    fc.constantFrom(
      "utf-8''Re%C3%A7u%201.pdf",
      "UTF-8'fr'a%E9",
      "iso-8859-1''a%E9",
      '"a\\"b"',
      '"a" b',
      "a b",
      '"',
    ),
    fc.string({ unit: fc.constantFrom(..."ab;=\"'*% \té()") }),
  ),
).map((parts) => parts.join(""));

Deno.test("parseStructured() reads what libmime reads", () => {
  fc.assert(
    fc.property(fc.array(parameter, { minLength: 1, maxLength: 4 }), (parameters) => {
      const text = `text/plain;${parameters.join("")}`;
      const { params } = libmime.parseHeaderValue(text);
      const header = parseStructured(text);
      assert.equal(header.value, "text/plain");
      // Another charset than the one declared is tried then, which is a rule of our own.
      if (Object.values(params).some((value) => value.includes("\ufffd"))) return;
      for (const name of [...NAMES, "filename*", "constructor", "__proto__"]) {
        assert.equal(header.parameter(name), Object.hasOwn(params, name) ? params[name] : undefined, name);
      }
    }),
    { numRuns: 3000 },
  );
});

/** A header with encoded words in all states. */
const encoded = fc.array(
  fc.oneof(
    fc.constantFrom(
      "=?utf-8?q?",
      "=?UTF-8?B?",
      "=?iso-8859-1?Q?",
      "=?utf-8*fr?q?",
      "?=",
      "?= ",
      " ",
      "=C3=A9",
      "=a",
      "w6k=",
    ),
    fc.constantFrom("77u/", "=EF=BF=BD", "été", "_", "%41", "%", "?", "=", "YWJj", "\t", "\u00a0"),
    fc.stringMatching(/^[!-~]{0,6}$/),
  ),
  { maxLength: 8 },
).map((parts) => parts.join(""));

Deno.test("decodeText() decodes words as libmime does", () => {
  fc.assert(
    fc.property(encoded, (text) => {
      const decoded = libmime.decodeWords(text);
      // Another charset than the one declared is tried then, which is a rule of our own.
      if (!decoded.includes("\ufffd")) assert.equal(decodeText(text), oneLine(decoded));
    }),
    { numRuns: 5000 },
  );
});
