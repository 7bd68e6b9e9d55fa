import assert from "node:assert/strict";
import { SourceError } from "../errors.ts";
import { Pop3Reader } from "./pop3_framing.ts";
import { IncomingMail } from "./pop3_mail.ts";

/** An answer without end, and how often it was read. */
function startEndless(announcedBytes: number) {
  const state = { readCount: 0, doneCount: 0, failures: [] as unknown[] };
  const reader = new Pop3Reader({
    read(into) {
      state.readCount++;
      into.fill(0x61);
      return Promise.resolve(into.length);
    },
    write: (from) => Promise.resolve(from.length),
    close() {},
  }, { peer: '"test:110"', stallTimeoutMs: 60_000 });
  const mail = new IncomingMail(reader, {
    number: 1,
    peer: '"test:110"',
    announcedBytes,
    isEstimate: false,
    done: () => state.doneCount++,
    fail: (error) => (state.failures.push(error), error),
  });
  return { mail, state };
}

Deno.test("a mail too large for memory is read on only as its stream is read", async () => {
  const { mail, state } = startEndless(1e9);
  const received = await mail.whole();
  assert.ok("begun" in received);
  const reader = mail.stream(received.begun).getReader();
  for (let round = 0; round < 5; round++) {
    await reader.read();
    const before = state.readCount;
    // One whole turn of the event loop: what was going to be read unasked has been.
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.equal(state.readCount, before);
  }
  assert.equal(state.doneCount, 0);
});

Deno.test("a mail that goes on far beyond its size ends the session", async () => {
  const { mail, state } = startEndless(10);
  await assert.rejects(mail.skip(), (error) => {
    assert.ok(error instanceof SourceError);
    return /Cannot fetch mail 1 from "test:110": it sends far more than the 10 octets/.test(error.message);
  });
  assert.equal(state.doneCount, 1);
  assert.equal(state.failures.length, 1);
});
