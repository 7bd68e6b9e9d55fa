import assert from "node:assert/strict";
import { DeliveryError, EnvelopeError, ItemError } from "../errors.ts";
import { failureOf, ruleOf, stackWithoutQuotes, withoutQuotes } from "./told.ts";

Deno.test("ruleOf() knows rules of the filter, and takes no name of an attachment for one", () => {
  assert.equal(ruleOf('filter.name[2]: "a" does not match /b/'), "filter.name");
  assert.equal(ruleOf("filter.max_size: 2 octets are above 1; a.pdf: an image"), "filter.max_size");
  assert.equal(ruleOf("filter.dupont: an image within the text"), "documents");
  assert.equal(ruleOf("filter.from"), "documents");
});

Deno.test("withoutQuotes() leaves out all that an error quotes, whatever signs are in it", () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [new EnvelopeError('Cannot open "a" Dupont "b": wrong checksum'), 'Cannot open "…": wrong checksum'],
    [
      new ItemError('Cannot read "INBOX UID 1": the server answered "NO"'),
      'Cannot read "…": the server answered "…"',
    ],
    [
      new ItemError("Cannot insert at EzGED: Duplicate entry 'L'été' for key"),
      "Cannot insert at EzGED: Duplicate entry '…' for key",
    ],
    ["it is damaged", "it is damaged"],
  ];
  for (const [error, expected] of cases) assert.equal(withoutQuotes(error), expected);
});

Deno.test("stackWithoutQuotes() keeps where an error came from, not what a library quotes in it", () => {
  try {
    JSON.parse("Dupont");
    assert.fail();
  } catch (error) {
    assert.ok(String(error).includes("Dupont"));
    const told = stackWithoutQuotes(error);
    assert.match(told, /^SyntaxError: Unexpected token '…'.*\n\s+at [^]*told_test\.ts/);
    assert.ok(!told.includes("Dupont"));
  }
});

Deno.test("failureOf() names the COLD directory that cannot be written, not the document", () => {
  const error = new DeliveryError('Cannot write "/srv/cold/factures/Dupont.pdf": the disk is full');
  assert.deepEqual(failureOf(error, "/srv/cold"), {
    reason: 'Cannot write "/srv/cold/factures/…": the disk is full',
  });
});
