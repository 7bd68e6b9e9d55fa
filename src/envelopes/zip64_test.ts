import assert from "node:assert/strict";
import fc from "fast-check";
import { strToU8, zipSync } from "fflate";
import { extraField, zip64, type Zip64End, type Zip64Member } from "../../test/fixtures/build_zip64.ts";
import { patch, refusesToUnpack, unpackBytes } from "../../test/unpacked.ts";
import { EnvelopeError } from "../errors.ts";

const A = { name: "a.txt", data: strToU8("bonjour ".repeat(50)) };
const B = { name: "é.pdf", data: strToU8("%PDF-1.7") };
const CONTENTS = new Map([[A.name, A.data], [B.name, B.data]]);
/** Of a field that some program writes for itself. */
const OTHER = Uint8Array.of(0x55, 0x54, 5, 0, 1, 0, 0, 0, 0);

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function archive(member: Partial<Zip64Member>, end: Zip64End = {}): Uint8Array {
  return zip64([{ ...A, ...member }, B], end);
}

Deno.test("unpack() reads zip64 in all its forms", async (t) => {
  const directoryAt = Number(
    new DataView(zip64([A, B]).buffer).getBigUint64(zip64([A, B]).length - 50, true),
  );
  const plain = zipSync({ [A.name]: A.data, [B.name]: B.data });
  const cases: [string, Uint8Array][] = [
    ["stored", zip64([A, B])],
    ["deflated", archive({ isDeflated: true })],
    [
      "streamed, with descriptors of 64 bits",
      zip64([{ ...A, isStreamed: true }, { ...B, isStreamed: true }]),
    ],
    ["streamed and deflated", archive({ isDeflated: true, isStreamed: true })],
    ["another extra field in front", archive({ extra: (zip64) => joined(OTHER, zip64) })],
    ["another extra field behind", archive({ extra: (zip64) => joined(zip64, OTHER) })],
    [
      "a zip64 field with more than is needed",
      archive({ extra: (zip64) => joined(Uint8Array.of(1, 0, 28, 0), zip64.subarray(4), new Uint8Array(4)) }),
    ],
    ["told in the record of 32 bits too", archive({}, { told: { count: 2, offset: directoryAt } })],
    ["a longer record", archive({}, { recordLength: 52n, between: new Uint8Array(8) })],
    ["a zip64 field that nothing needs", withField(plain)],
  ];
  for (const [label, bytes] of cases) {
    await t.step(label, async () => assert.deepEqual(await unpackBytes(bytes), CONTENTS));
  }
});

Deno.test("unpack() refuses zip64 that lies", async (t) => {
  const huge = 2n ** 63n;
  const cases: [string, Uint8Array, RegExp][] = [
    ["no zip64 field", archive({ extra: () => OTHER }), /none or several zip64 fields/],
    [
      "two zip64 fields",
      archive({ extra: (zip64) => joined(zip64, extraField(1n, 1n, 0n)) }),
      /none or several/,
    ],
    [
      "a zip64 field cut short",
      archive({ extra: (zip64) => joined(Uint8Array.of(1, 0, 16, 0), zip64.subarray(4, 20)) }),
      /field is cut short/,
    ],
    ["a field that reaches beyond", archive({ extra: (zip64) => patch(zip64, 2, 25) }), /field is cut short/],
    ["a size beyond all measure", archive({ size: huge, packed: huge }), /beyond all measure/],
    ["an offset beyond all measure", archive({ offset: 2n ** 64n - 1n }), /beyond all measure/],
    ["an offset beyond the file", archive({ offset: 2n ** 40n }), /cut short or damaged/],
    ["an offset where no member is", archive({ offset: 3n }), /not what its directory tells/],
    ["two sizes", archive({ size: 9n }), /has two sizes/],
    ["a size that is too large", archive({ isDeflated: true, size: 401n }), /size is not the one/],
    ["a size that is too small", archive({ isDeflated: true, size: 399n }), /size is not the one/],
    ["a size that no disk holds", archive({ isDeflated: true, size: 2n ** 50n }), /bomb/],
    ["data that reaches into the next member", archive({ size: 430n, packed: 430n }), /shares its data/],
    [
      "data that reaches into the directory",
      zip64([{ ...A, size: 2n ** 33n, packed: 2n ** 33n }]),
      /reaches into its directory/,
    ],
    ["more members than there are", archive({}, { count: 3n }), /as many files/],
    ["more members than are read", archive({}, { count: 2n ** 40n }), /more than \d+ files/],
    ["a directory too large to read", archive({}, { length: 2n ** 40n }), /not where it tells/],
    ["a directory that is elsewhere", archive({}, { offset: 1n }), /not where it tells/],
    ["a directory beyond all measure", archive({}, { offset: huge }), /beyond all measure/],
    ["no record", archive({}, { recordSignature: 0 }), /no zip64 end/],
    ["a record elsewhere", archive({}, { locatorOffset: 0n }), /no zip64 end/],
    ["a record beyond the file", archive({}, { locatorOffset: 2n ** 40n }), /cut short or damaged/],
    ["a record of another length", archive({}, { recordLength: 45n }), /no zip64 end/],
    ["a record that reaches past its locator", archive({}, { recordLength: huge }), /beyond all measure/],
    ["octets between record and locator", archive({}, { between: new Uint8Array(7) }), /no zip64 end/],
    ["several volumes, by the locator", archive({}, { volumes: 2 }), /several volumes/],
    ["several volumes, by the record", archive({}, { countHere: 1n }), /several volumes/],
    ["another count in the record of 32 bits", archive({}, { told: { count: 1 } }), /do not tell the same/],
    ["another offset in the record of 32 bits", archive({}, { told: { offset: 1 } }), /do not tell the same/],
    ["another length in the record of 32 bits", archive({}, { told: { length: 1 } }), /do not tell the same/],
    ["32 bits that are not enough", patch(archive({}), -42, 0), /not where it tells/],
  ];
  for (const [label, bytes, reason] of cases) await t.step(label, () => refusesToUnpack(bytes, reason));
});

Deno.test("unpack() brings back what is in a zip64 archive, or says that it is damaged, whatever octets change", async () => {
  const contents = (files: Iterable<Uint8Array>) => [...files].map((each) => each.toHex()).sort();
  const member = fc.record({
    data: fc.uint8Array({ maxLength: 60 }),
    isDeflated: fc.boolean(),
    isStreamed: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(member, { minLength: 1, maxLength: 4 }),
      fc.nat(),
      fc.nat(255),
      async (members, position, octet) => {
        const bytes = zip64(members.map((each, index) => ({ ...each, name: `${index}.bin` })));
        const expected = contents(members.map(({ data }) => data));
        assert.deepEqual(contents((await unpackBytes(bytes)).values()), expected);
        try {
          const damaged = await unpackBytes(patch(bytes, position % bytes.length, octet));
          assert.deepEqual(contents(damaged.values()), expected);
        } catch (error) {
          if (!(error instanceof EnvelopeError)) throw error;
        }
      },
    ),
    { numRuns: 150 },
  );
});

/** The archive with a zip64 field in its first header, which needs none: some programs reserve the room. */
function withField(zip: Uint8Array): Uint8Array {
  const end = zip.slice(-22);
  const view = new DataView(end.buffer);
  const at = view.getUint32(16, true);
  const field = extraField(1n, 1n);
  const nameEnd = at + 46 + A.name.length;
  const header = patch(zip.subarray(at, nameEnd), 30, field.length);
  view.setUint32(12, view.getUint32(12, true) + field.length, true);
  return joined(zip.subarray(0, at), header, field, zip.subarray(nameEnd, -22), end);
}
