import fc from "fast-check";
import assert from "node:assert/strict";
import { stuffed } from "../../test/servers/pop3_text.ts";
import { SourceError } from "../errors.ts";
import { joined, latin1, Pop3Reader } from "./pop3_framing.ts";
import type { Connection } from "./source.ts";

/** A connection that gives these pieces, one for each read, then its end. */
function connectionOf(pieces: readonly Uint8Array[]): Connection {
  const left = pieces.filter((piece) => piece.length > 0);
  return {
    read(into) {
      const piece = left.shift();
      if (piece === undefined) return Promise.resolve(null);
      const size = Math.min(piece.length, into.length);
      into.set(piece.subarray(0, size));
      if (size < piece.length) left.unshift(piece.subarray(size));
      return Promise.resolve(size);
    },
    write: (from) => Promise.resolve(from.length),
    close() {},
  };
}

function readerOf(...pieces: (string | Uint8Array)[]): Pop3Reader {
  const bytes = pieces.map((piece) => typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
  return new Pop3Reader(connectionOf(bytes), { peer: '"test:110"', stallTimeoutMs: 60_000 });
}

async function readBody(reader: Pop3Reader): Promise<Uint8Array> {
  reader.startBody();
  const chunks: Uint8Array[] = [];
  for (let chunk = await reader.body(); chunk !== null; chunk = await reader.body()) chunks.push(chunk);
  return joined(chunks);
}

function split(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let from = 0, index = 0; from < bytes.length; index++) {
    const size = sizes.length === 0 ? bytes.length : sizes[index % sizes.length] ?? 1;
    pieces.push(bytes.subarray(from, from + size));
    from += size;
  }
  return pieces;
}

Deno.test("body() undoes the stuffing and nothing else", async (t) => {
  const cases: [string, string][] = [
    [".\r\n", ""],
    ["\r\n.\r\n", "\r\n"],
    ["a\r\n.\r\n", "a\r\n"],
    ["..\r\n.\r\n", ".\r\n"],
    ["...\r\n..x\r\n.\r\n", "..\r\n.x\r\n"],
    ["a.\r\nb\r\n.\r\n", "a.\r\nb\r\n"],
    ["a\n.\nb\r.\r\n.\r\n", "a\n.\nb\r.\r\n"],
    ["\n.\r\n.\r\n", "\n.\r\n"],
    [".\rx\r\n.\r\n", "\rx\r\n"],
    ["\r\n\r\n..\r\n\r\n.\r\n", "\r\n\r\n.\r\n\r\n"],
  ];
  for (const [sent, expected] of cases) {
    await t.step(JSON.stringify(sent), async () => {
      for (const size of [1, 2, 3, 4, 100]) {
        const reader = readerOf(...split(new TextEncoder().encode(`${sent}+OK next\r\n`), [size]));
        assert.equal(latin1(await readBody(reader)), expected);
        assert.equal(await reader.line(), "+OK next");
      }
    });
  }
});

Deno.test("the framing gives the same messages for any split of any octets", async () => {
  const line = fc.oneof(
    fc.constantFrom(".", "..", ".\r", "...", "", "\r", "\n", ".\n", "+OK", "-ERR"),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => latin1(bytes)),
  );
  const message = fc.array(line, { maxLength: 12 }).map((lines) =>
    Uint8Array.from(lines.map((text) => text + "\r\n").join(""), (char) => char.charCodeAt(0))
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 5 }), sizes, async (messages, cuts) => {
      const ok = new TextEncoder().encode("+OK here it is\r\n");
      const end = new TextEncoder().encode(".\r\n");
      const sent = joined(messages.flatMap((one) => [ok, stuffed(one), end]));
      const reader = readerOf(...split(sent, cuts));
      for (const expected of messages) {
        assert.equal(await reader.line(), "+OK here it is");
        assert.equal(latin1(await readBody(reader)), latin1(expected));
      }
      assert.equal(reader.bufferedBytes, 0);
    }),
    { numRuns: 500 },
  );
});

Deno.test("body() keeps every octet value, and gives chunks that later reads leave alone", async () => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7919) >> 3);
  const mail = joined([bytes, new TextEncoder().encode("\r\n")]);
  const reader = readerOf(stuffed(mail), ".\r\n");
  assert.deepEqual(await readBody(reader), mail);
});

Deno.test("stuffedDots counts the dots that were added to one answer", async () => {
  const reader = readerOf("..a\r\n..\r\nb.\r\n.\r\n", "..\r\n.\r\n");
  await readBody(reader);
  assert.equal(reader.stuffedDots, 2);
  await readBody(reader);
  assert.equal(reader.stuffedDots, 1);
});

Deno.test("line() takes lines with and without CR, and refuses one without end", async () => {
  const reader = readerOf("+OK a\r", "\n-ERR", " b\n", "\r\n", "x".repeat(100_000));
  assert.deepEqual([await reader.line(), await reader.line(), await reader.line()], ["+OK a", "-ERR b", ""]);
  await assert.rejects(
    reader.line(),
    /Cannot understand "test:110": it sent a line of more than 8192 octets/,
  );
});

Deno.test("the end of the connection within an answer is a failure, never an end of mail", async () => {
  for (const sent of ["", "+O", "+OK"]) await assert.rejects(readerOf(sent).line(), SourceError);
  for (const sent of ["", "a\r\n", "a\r\n.", "a\r\n.\r", "..\r\n"]) {
    await assert.rejects(
      readBody(readerOf(sent)),
      (error) => error instanceof SourceError && error.fault === "unreachable",
    );
  }
});
