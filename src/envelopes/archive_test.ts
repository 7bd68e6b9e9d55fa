import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { strToU8, type Zippable, zipSync } from "fflate";
import { packTar, type TarEntry } from "modern-tar";
import { MAX_UNPACKED, patch, refusesToUnpack, unpackBytes } from "../../test/unpacked.ts";
import { EnvelopeError } from "../errors.ts";
import { foldName } from "./names.ts";

/** Where the first header of the central directory is. */
function directoryOffset(zip: Uint8Array): number {
  return new DataView(zip.buffer, zip.byteOffset).getUint32(zip.length - 6, true);
}

async function tarGz(...entries: TarEntry[]): Promise<Uint8Array> {
  return gzipSync(await packTar(entries));
}

function file(name: string, body = "x"): TarEntry {
  return { header: { name, size: body.length, type: "file" }, body };
}

const A_ZIP = zipSync({
  "a.txt": strToU8("bonjour ".repeat(50)),
  "b.bin": [strToU8("stored"), { level: 0 }],
});

Deno.test("unpack() takes zip members out, stored and deflated, without end markers and directories", async () => {
  const tree: Zippable = {
    "a/é.txt": strToU8("1"),
    "fin.txt": strToU8(""),
    "b/É.txt": strToU8("2"),
    "vide": strToU8(""),
  };
  assert.deepEqual(
    [...(await unpackBytes(zipSync(tree))).keys()].sort(),
    ["vide", "É (2).txt", "é.txt"].sort(),
  );
  assert.deepEqual(
    await unpackBytes(A_ZIP),
    new Map([
      ["a.txt", strToU8("bonjour ".repeat(50))],
      ["b.bin", strToU8("stored")],
    ]),
  );
});

Deno.test("unpack() reads zip names of French Windows, which are neither UTF-8 nor code page 437", async () => {
  const zip = zipSync({ "XX.pdf": strToU8("1") });
  const cp850 = [0x82, 0xd2];
  const named = patch(patch(zip, 30, ...cp850), directoryOffset(zip) + 46, ...cp850);
  assert.deepEqual([...(await unpackBytes(named)).keys()], ["éÊ.pdf"]);
});

Deno.test("unpack() refuses hostile and damaged zips", async (t) => {
  const at = directoryOffset(A_ZIP);
  const cases: [string, Uint8Array, RegExp][] = [
    ["parent directory", zipSync({ "../x.txt": strToU8("1") }), /leads out/],
    ["parent directory behind backslashes", zipSync({ "a\\..\\..\\x": strToU8("1") }), /leads out/],
    ["absolute path", zipSync({ "/etc/x": strToU8("1") }), /leads out/],
    ["drive letter", zipSync({ "C:x": strToU8("1") }), /leads out/],
    ["deep directories", zipSync({ ["d/".repeat(20) + "x"]: strToU8("1") }), /nested/],
    ["encrypted", patch(A_ZIP, at + 8, 0x01), /"a.txt" is encrypted/],
    ["encrypted in the member's header only", patch(A_ZIP, 6, 0x01), /"a.txt" is encrypted/],
    ["other compression", patch(patch(A_ZIP, at + 10, 12), 8, 12), /method 12/],
    ["methods differ", patch(A_ZIP, 8, 0), /not what its directory tells/],
    ["names differ", patch(A_ZIP, 30, 0x7a), /not what its directory tells/],
    ["symbolic link", patch(A_ZIP, at + 40, 0x00, 0xa0), /is a link/],
    ["wrong CRC", patch(A_ZIP, at + 16, 0xff, 0xff), /"a.txt": wrong checksum/],
    ["wrong size", patch(A_ZIP, at + 24, 0x01, 0x00), /size is not the one/],
    [
      "damaged data",
      patch(A_ZIP, 36, 0xff, 0xff, 0xff),
      /"a.txt": (its compressed data is damaged|its size|wrong checksum)/,
    ],
    ["cut short", A_ZIP.subarray(0, -30), /not yet whole/],
    ["octets behind", new Uint8Array([...A_ZIP, 0]), /not yet whole/],
    ["octets in front", new Uint8Array([0x50, 0x4b, ...A_ZIP]), /not where it tells/],
    ["fewer members than told", patch(patch(A_ZIP, -12, 3), -14, 3), /as many files/],
    ["twice the same name", zipTwice(), /there twice/],
    ["shared data", zipShared(), /shares its data/],
    ["bomb", zipSync({ bombe: new Uint8Array(40_000_000) }, { level: 9 }), /bomb/],
    ["bomb that lies about its size", lyingBomb(), /size is not the one/],
    ["more files than an envelope has", zipSync(manyFiles(MAX_UNPACKED + 1)), /more than 100 files/],
    ["a directory with data", zipSync({ "d/": strToU8("1") }), /"d\/" is a directory with data/],
    ["a directory with data, of Windows", zipSync({ "d\\": strToU8("1") }), /is a directory with data/],
    ["one of several volumes", patch(A_ZIP, -16, 1), /several volumes/],
  ];
  for (const [label, archive, reason] of cases) await t.step(label, () => refusesToUnpack(archive, reason));
});

Deno.test("unpack() takes members out of a tar.gz, of several gzip members too", async () => {
  const tar = await packTar([
    { header: { name: "d/", size: 0, type: "directory" } },
    file("./d/é.xml"),
    file("n".repeat(150) + ".pdf"),
    file("fin.txt"),
  ]);
  const twoMembers = new Uint8Array([...gzipSync(tar.subarray(0, 700)), ...gzipSync(tar.subarray(700))]);
  assert.deepEqual([...(await unpackBytes(twoMembers)).keys()].sort(), ["n".repeat(150) + ".pdf", "é.xml"]);
});

Deno.test("unpack() refuses hostile and damaged tar.gz", async (t) => {
  const whole = await tarGz(file("a.txt", "x".repeat(5000)));
  const cases: [string, Uint8Array, RegExp][] = [
    ["parent directory", await tarGz(file("../a")), /leads out/],
    ["absolute path", await tarGz(file("/a")), /leads out/],
    [
      "symbolic link",
      await tarGz({ header: { name: "a", size: 0, type: "symlink", linkname: "/etc/passwd" } }),
      /symlink/,
    ],
    [
      "hard link",
      await tarGz({ header: { name: "a", size: 0, type: "link", linkname: "b" } }),
      /a link, not a file/,
    ],
    ["device", await tarGz({ header: { name: "a", size: 0, type: "character-device" } }), /character-device/],
    ["fifo", await tarGz({ header: { name: "a", size: 0, type: "fifo" } }), /fifo/],
    ["twice the same name", await tarGz(file("a"), file("a")), /there twice/],
    ["gzip cut short", whole.subarray(0, -5), /damaged or cut short/],
    ["gzip with a wrong CRC", patch(whole, -6, 0xff, 0xff), /damaged or cut short/],
    [
      "tar cut short",
      gzipSync((await packTar([file("a", "x".repeat(5000))])).subarray(0, 1024)),
      /truncated/,
    ],
    ["something behind its end", gzipSync(joined(await packTar([file("a")]), strToU8("x"))), /Invalid EOF/],
    ["a number that is none", gzipSync(patch(await packTar([file("a")]), 124, 0x39)), /checksum|number/],
    ["no tar in it", gzipSync("x".repeat(2000)), /tar/],
    ["bomb", gzipSync(new Uint8Array(40_000_000)), /bomb/],
    [
      "more files than an envelope has",
      await tarGz(...Object.keys(manyFiles(MAX_UNPACKED + 1)).map((name) => file(name))),
      /more than 100 files/,
    ],
  ];
  for (const [label, archive, reason] of cases) await t.step(label, () => refusesToUnpack(archive, reason));
});

Deno.test("unpack() reads a stored member that ends with a data descriptor, whatever stands in its data", async () => {
  // A reader that goes by the descriptor's signature ends here, and loses the rest.
  const data = new Uint8Array([1, 2, 0x50, 0x4b, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]);
  const zip = zipSync({ "a.bin": data }, { level: 0 });
  const at = directoryOffset(zip);
  const local = patch(patch(zip.subarray(0, at), 6, 0x08), 14, ...new Array(12).fill(0));
  const descriptor = new Uint8Array([0x50, 0x4b, 7, 8, ...zip.subarray(14, 26)]);
  const header = patch(zip.subarray(at, -22), 8, 0x08);
  const end = zip.slice(-22);
  new DataView(end.buffer).setUint32(16, at + descriptor.length, true);
  const described = new Uint8Array([...local, ...descriptor, ...header, ...end]);
  assert.deepEqual(await unpackBytes(described), new Map([["a.bin", data]]));
});

Deno.test("unpack() leaves an archive within an archive closed", async () => {
  const bomb = zipSync({ bombe: new Uint8Array(40_000_000) }, { level: 9 });
  assert.deepEqual(await unpackBytes(zipSync({ "a.zip": bomb })), new Map([["a.zip", bomb]]));
  const archive = await tarGz(file("x"));
  const packed = gzipSync(
    await packTar([{ header: { name: "a.tar.gz", size: archive.length, type: "file" }, body: archive }]),
  );
  assert.deepEqual(await unpackBytes(packed), new Map([["a.tar.gz", Uint8Array.from(archive)]]));
});

Deno.test("unpack() brings back what was packed as tar.gz, or says that it is damaged, whatever octets change", async () => {
  const content = fc.uint8Array({ maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(content, { minLength: 1, maxLength: 4 }),
      fc.nat(),
      fc.nat(255),
      async (bodies, position, octet) => {
        const entries = bodies.map((body, index): TarEntry => ({
          header: { name: `${index}.bin`, size: body.length, type: "file" },
          body,
        }));
        const archive = await tarGz(...entries);
        const expected = new Map(bodies.map((body, index) => [`${index}.bin`, body]));
        assert.deepEqual(new Map([...await unpackBytes(archive)].sort()), expected);
        try {
          const damaged = await unpackBytes(patch(archive, position % archive.length, octet));
          assert.deepEqual(new Map([...damaged].sort()), expected);
        } catch (error) {
          if (!(error instanceof EnvelopeError)) throw error;
        }
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("unpack() refuses what is no container", async () => {
  await refusesToUnpack(new Uint8Array(), /empty/);
  await refusesToUnpack(strToU8("%PDF-1.4"), /neither a zip/);
});

Deno.test("unpack() brings back what was zipped, or says that it is damaged, whatever octets change", async () => {
  const names = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 })
    .filter((name) => !/[\\/\0]|^.:|\.\./.test(name) && name.isWellFormed());
  const files = fc.dictionary(names, fc.uint8Array({ maxLength: 300 }), {
    minKeys: 1,
    maxKeys: 5,
    noNullPrototype: true,
  });
  await fc.assert(
    fc.asyncProperty(files, fc.nat(), fc.nat(255), async (tree, position, octet) => {
      const wanted = Object.entries(tree).filter(([name]) => foldName(name) !== "fin.txt");
      const zip = zipSync(tree);
      const contents = (unpacked: Iterable<Uint8Array>) => [...unpacked].map((each) => each.toHex()).sort();
      const expected = contents(wanted.map(([, bytes]) => bytes));
      assert.deepEqual(contents((await unpackBytes(zip)).values()), expected);
      try {
        const damaged = await unpackBytes(patch(zip, position % zip.length, octet));
        // Names and times are not covered by a checksum; contents are.
        assert.deepEqual(contents(damaged.values()), expected);
      } catch (error) {
        if (!(error instanceof EnvelopeError)) throw error;
      }
    }),
    { numRuns: 60 },
  );
});

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  return Uint8Array.from([...first, ...second]);
}

function manyFiles(count: number): Record<string, Uint8Array> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}.txt`, strToU8("x")]));
}

function zipTwice(): Uint8Array {
  const zip = zipSync({ "aa": strToU8("1"), "ab": strToU8("2") }, { level: 0 });
  const text = Array.from(zip, (octet) => String.fromCharCode(octet)).join("");
  return Uint8Array.from(text.replaceAll("ab", "aa"), (character) => character.charCodeAt(0));
}

/** A member whose data is another member, header and all, that the directory names too. */
function zipShared(): Uint8Array {
  const inner = zipSync({ "in": strToU8("1") }, { level: 0 });
  const outer = zipSync({ "out": inner.subarray(0, directoryOffset(inner)) }, { level: 0 });
  const header = patch(inner.subarray(directoryOffset(inner), -22), 42, 30 + "out".length);
  const end = outer.subarray(-22);
  const lengthOfBoth = header.length + new DataView(end.buffer, end.byteOffset).getUint16(12, true);
  return new Uint8Array([
    ...outer.subarray(0, -22),
    ...header,
    ...patch(patch(patch(end, 8, 2), 10, 2), 12, lengthOfBoth),
  ]);
}

function lyingBomb(): Uint8Array {
  const zip = zipSync({ b: new Uint8Array(40_000_000) }, { level: 9 });
  return patch(zip, directoryOffset(zip) + 24, 100, 0, 0, 0);
}
