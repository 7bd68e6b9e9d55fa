import assert from "node:assert/strict";
import fc from "fast-check";
import type { DecodedEnvelope } from "../envelopes/envelope.ts";
import type { OpenedAttachment } from "./open_attachment.ts";
import { readLines } from "./protocol.ts";
import { readReply } from "./reply.ts";

const CONTENT = { type: "application/pdf", sizeBytes: 3, sha256: "0".repeat(64) };
const ENVELOPE: DecodedEnvelope = {
  type: "helios",
  flux: null,
  name: "PES",
  fields: { numero: "1" },
  files: [{ name: "été.pdf", role: "pes", ...CONTENT }, {
    name: "metadata.json",
    role: "metadonnees",
    ...CONTENT,
    isOwn: true,
  }],
  warnings: ["w"],
};
const ATTACHMENT: OpenedAttachment = {
  files: [{ name: "", path: "0", ...CONTENT, isInline: false }],
  left: [{ name: "a", reason: "r" }],
};

function done(decoded: unknown): string {
  return JSON.stringify({ is: "done", decoded });
}

Deno.test("readReply() takes what a decoder says", () => {
  assert.deepEqual(readReply(done(ENVELOPE), "envelope"), { is: "done", decoded: ENVELOPE });
  assert.deepEqual(readReply(done(ATTACHMENT), "attachment"), { is: "done", decoded: ATTACHMENT });
  assert.deepEqual(readReply(done(null), "attachment"), { is: "done", decoded: null });
  const failed = { is: "failed", fault: "space", message: "No space left" } as const;
  assert.deepEqual(readReply(JSON.stringify(failed), "envelope"), failed);
  for (const is of ["ready", "begun"] as const) {
    assert.deepEqual(readReply(JSON.stringify({ is }), "envelope"), { is });
  }
});

Deno.test("readReply() takes nothing that a decoder in foreign hands may say", async (t) => {
  const [file] = ENVELOPE.files;
  const [opened] = ATTACHMENT.files;
  const named = (name: string) => done({ ...ENVELOPE, files: [{ ...file, name }] });
  const cases: [string, "envelope" | "attachment", string][] = [
    ["a path upwards", "envelope", named("../../../etc/cron.d/x")],
    ["an absolute path", "envelope", named("/etc/passwd")],
    ["a path of Windows", "envelope", named("..\\x")],
    ["the directory itself", "envelope", named(".")],
    ["the directory above", "envelope", named("..")],
    ["no name", "envelope", named("")],
    ["a name with NUL", "envelope", named("a\0b")],
    ["a name without end", "envelope", named("a".repeat(256))],
    ["an envelope named like a path", "envelope", done({ ...ENVELOPE, name: "../x" })],
    ["a size below nothing", "envelope", done({ ...ENVELOPE, files: [{ ...file, sizeBytes: -1 }] })],
    ["a size that is none", "envelope", done({ ...ENVELOPE, files: [{ ...file, sizeBytes: "1" }] })],
    ["a hash that is none", "envelope", done({ ...ENVELOPE, files: [{ ...file, sha256: "x" }] })],
    ["an unknown type", "envelope", done({ ...ENVELOPE, type: "x" })],
    ["fields that are no texts", "envelope", done({ ...ENVELOPE, fields: { a: { b: 1 } } })],
    ["an attachment for an envelope", "envelope", done(ATTACHMENT)],
    ["nothing for an envelope", "envelope", done(null)],
    ["an envelope for an attachment", "attachment", done(ENVELOPE)],
    ["an opened file elsewhere", "attachment", done({ ...ATTACHMENT, files: [{ ...opened, path: "../0" }] })],
    ["another fault", "envelope", JSON.stringify({ is: "failed", fault: "x", message: "m" })],
    ["another word", "envelope", JSON.stringify({ is: "x" })],
    ["no JSON", "envelope", "{"],
    ["more than is known", "envelope", JSON.stringify({ is: "begun", x: 1 })],
  ];
  for (const [name, asked, line] of cases) {
    await t.step(name, () => assert.throws(() => readReply(line, asked)));
  }
});

Deno.test("readLines() yields lines however they are cut, and refuses one that is too long", async () => {
  const line = fc.string({ unit: fc.constantFrom("a", "é", "\u{1f600}", " "), maxLength: 20 });
  const stream = (bytes: Uint8Array<ArrayBuffer>, size: number) =>
    ReadableStream.from(
      Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.slice(n * size, (n + 1) * size)),
    );
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 30 }), async (lines, size) => {
      const bytes = new TextEncoder().encode(lines.map((each) => `${each}\n`).join(""));
      assert.deepEqual(await Array.fromAsync(readLines(stream(bytes, size), 100)), lines);
    }),
  );
  const long = new TextEncoder().encode("x".repeat(101));
  await assert.rejects(Array.fromAsync(readLines(stream(long, 10), 100)), RangeError);
});

Deno.test("readLines() takes time in proportion to the length of a line", async () => {
  const piece = new TextEncoder().encode("x".repeat(1000));
  const pieces = ReadableStream.from(Array.from({ length: 20_000 }, () => piece));
  assert.deepEqual(await Array.fromAsync(readLines(pieces, 30_000_000)), []);
});
