import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { octets, PDF, XML } from "../../test/fixtures/mails/build.ts";
import { INVOICE_XML, pdfWith, pdfWithTree, zip } from "../../test/fixtures/mails/build_packed.ts";
import { tnef } from "../../test/fixtures/mails/build_tnef.ts";
import { TempFolder } from "../../test/servers/temp_folder.ts";
import { EnvelopeError } from "../errors.ts";
import { createDecoder, type Decoder, type Packing } from "./client.ts";

const ROOM = { files: 100, bytes: 1024 ** 2 };

/** A decoder for attachments in a temporary folder, each opened into a folder of its own there. */
async function withDecoder(
  use: (open: (as: Packing, raw: string, options?: object) => ReturnType<Decoder["open"]>) => Promise<void>,
): Promise<void> {
  await using folder = await TempFolder.make();
  await using decoder = createDecoder({ read: [], write: [folder.path] });
  let count = 0;
  await use(async (as, raw, options = {}) => {
    const path = await folder.write(`attachment-${count}`, octets(raw));
    const into = folder.at(`into-${count++}`);
    await Deno.mkdir(into);
    const opened = await decoder.open(path, { as, into, room: ROOM, ...options });
    for (const file of opened?.files ?? []) {
      assert.equal((await Deno.stat(join(into, file.path))).size, file.sizeBytes);
    }
    return opened;
  });
}

Deno.test("Decoder.open() says what came out of an attachment", async () => {
  const winmail = tnef([{ title: "a.pdf", content: PDF }, { title: "lien", isLink: true }]);
  await withDecoder(async (open) => {
    const inWinmail = await open("tnef", winmail);
    assert.deepEqual(inWinmail?.files.map(({ name, type }) => [name, type]), [["a.pdf", "application/pdf"]]);
    assert.deepEqual(inWinmail?.left.map(({ name }) => name), ["lien"]);
    const inZip = await open("zip", zip({ "a/b.docx": zip({ "[Content_Types].xml": XML }), "c.csv": "a;b" }));
    assert.deepEqual(inZip?.files.map(({ name, type }) => [name, type]), [
      ["b.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
      ["c.csv", "text/csv"],
    ]);
    const inPdf = await open("pdf", await pdfWith({ "Factur-X.xml": INVOICE_XML }));
    assert.deepEqual(inPdf?.files.map(({ name, type }) => [name, type]), [[
      "factur-x.xml",
      "application/xml",
    ]]);
    assert.equal(await open("zip", zip({ "[Content_Types].xml": XML })), null);
  });
});

Deno.test("Decoder.open() unpacks no stream of a PDF beyond measure", async () => {
  const bomb = await pdfWith({ "factur-x.xml": "\0".repeat(65 * 1024 ** 2) });
  assert.ok(bomb.length < 200_000);
  await withDecoder(async (open) => {
    await assert.rejects(
      open("pdf", bomb),
      (error) => error instanceof EnvelopeError && /damaged/.test(error.message),
    );
  });
});

Deno.test("Decoder.open() is killed at its deadline", async () => {
  const large = tnef([{ title: "a.bin", content: "x".repeat(20 * 1024 ** 2) }]);
  await withDecoder(async (open) => {
    await assert.rejects(
      open("tnef", large, { deadlineMs: 1, name: "winmail.dat" }),
      (error) =>
        error instanceof EnvelopeError && /"winmail.dat": it takes more than 0.001 s/.test(error.message),
    );
  });
});

Deno.test("Decoder.open() never fails with anything but EnvelopeError, whatever became of an attachment", async () => {
  const seeds: [Packing, string][] = [
    [
      "tnef",
      tnef([{ title: "a.pdf", longName: "b.pdf", content: PDF }, { message: tnef([{ content: XML }]) }]),
    ],
    ["zip", zip({ "a.pdf": PDF, "d/b.xml": XML })],
    ["zip", zip({ "a.zip": zip({ "a.pdf": PDF }) }, 0)],
    ["pdf", await pdfWith({ "factur-x.xml": INVOICE_XML })],
    ["pdf", await pdfWithTree("factur-x.xml", INVOICE_XML)],
  ];
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat(20),
    insert: fc.oneof(
      fc.constantFrom(
        "\xff\xff\xff\xff",
        "\0\0\0\0",
        "<<",
        ">>",
        "[",
        "(",
        "stream\n",
        "1 0 R",
        "/Kids",
        "endobj",
      ),
      fc.string({ unit: "binary", maxLength: 4 }).map((text) => text.replace(/[^\0-\xff]/gu, "")),
    ),
  });
  await withDecoder(async (open) => {
    const property = fc.asyncProperty(
      fc.constantFrom(...seeds),
      fc.array(edit, { maxLength: 5 }),
      async ([as, seed], edits) => {
        let raw = seed;
        for (const { at, remove, insert } of edits) {
          const start = Math.floor(at * raw.length);
          raw = raw.slice(0, start) + insert + raw.slice(start + remove);
        }
        try {
          await open(as, raw, { deadlineMs: 20_000 });
        } catch (error) {
          assert.ok(error instanceof EnvelopeError, error instanceof Error ? error.stack : String(error));
        }
      },
    );
    await fc.assert(property, { numRuns: 500 });
  });
});
