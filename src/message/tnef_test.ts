import assert from "node:assert/strict";
import fc from "fast-check";
import { octets, PDF, PNG, XML } from "../../test/fixtures/mails/build.ts";
import { attribute, tnef, uint32 } from "../../test/fixtures/mails/build_tnef.ts";
import { EnvelopeError } from "../errors.ts";
import { readTnef } from "./tnef.ts";

/** Names and contents as binary strings. */
function filesOf(raw: string): [string, string][] {
  return readTnef(octets(raw)).files.map((
    { name, content },
  ) => [name, new TextDecoder("latin1").decode(content)]);
}

function expected(...files: [string, string][]): [string, string][] {
  return files.map(([name, content]) => [name, new TextDecoder("latin1").decode(octets(content))]);
}

Deno.test("readTnef() gives the files of a winmail.dat, byte for byte", async (t) => {
  const inner = tnef([{ title: "dedans.pdf", content: PDF }, { title: "x.xml", content: XML }]);
  const cases: [string, string, [string, string][]][] = [
    ["by its title", tnef([{ title: "FACTU~1.PDF", content: PDF }]), expected(["FACTU~1.PDF", PDF])],
    [
      "by its long name in Unicode",
      tnef([{ title: "FACTU~1.PDF", longName: "Facture n° 12 – été.pdf", content: PDF }]),
      expected(["Facture n° 12 – été.pdf", PDF]),
    ],
    ["in windows-1252", tnef([{ title: "pi\xe8ce \x80.pdf", content: PDF }]), expected(["pièce €.pdf", PDF])],
    [
      "in the code page that is told",
      tnef([{ title: "\xf4\xe0\xea\xf2.pdf", content: PDF }], { codepage: 1251 }),
      expected(["факт.pdf", PDF]),
    ],
    [
      "in a code page that nobody knows",
      tnef([{ title: "\xe9.pdf", content: PDF }], { codepage: 7 }),
      expected(["é.pdf", PDF]),
    ],
    [
      "without folders",
      tnef([{ longName: String.raw`..\..\C:\x.pdf`, content: PDF }]),
      expected(["x.pdf", PDF]),
    ],
    ["without a name", tnef([{ content: PDF }]), expected(["", PDF])],
    [
      "content among the properties",
      tnef([{ title: "a", content: PDF, isProperty: true }]),
      expected(["a", PDF]),
    ],
    ["nothing", tnef([{ title: "vide", content: "" }]), expected(["vide", ""])],
    ["none", tnef([]), []],
    [
      "those of a mail within a mail",
      tnef([{ title: "avant", content: "1" }, { longName: "Transfert", message: inner }, {
        title: "apres",
        content: "2",
      }]),
      expected(["avant", "1"], ["dedans.pdf", PDF], ["x.xml", XML], ["apres", "2"]),
    ],
    ["with line ends behind it", `${tnef([{ title: "a", content: PDF }])}\r\n\r\n`, expected(["a", PDF])],
  ];
  for (const [rule, raw, files] of cases) await t.step(rule, () => assert.deepEqual(filesOf(raw), files));
});

Deno.test("readTnef() tells images of the text, and links, from files", () => {
  const raw = tnef([{ title: "logo.png", content: PNG, isHidden: true }, { title: "lien", isLink: true }, {
    title: "a",
    content: "",
  }]);
  const { files, left } = readTnef(octets(raw));
  assert.deepEqual(files.map(({ name, isInline }) => [name, isInline]), [["logo.png", true], ["a", false]]);
  assert.deepEqual(left.map(({ name }) => name), ["lien"]);
});

Deno.test("readTnef() notices every cut and every octet altered within a file", () => {
  const whole = tnef([{ title: "a.pdf", longName: "b.pdf", content: PDF }]);
  const first = tnef([]).length;
  // Between two files nothing tells that one is missing.
  for (let length = first + 1; length < whole.length; length++) {
    let found: unknown;
    try {
      found = filesOf(whole.slice(0, length));
    } catch (error) {
      assert.ok(error instanceof EnvelopeError, String(error));
      continue;
    }
    // Its content was whole, and only its long name was not.
    assert.deepEqual(found, expected(["a.pdf", PDF]), `cut after ${length} octets`);
  }
  const at = whole.indexOf(PDF) + 5;
  assert.throws(() => filesOf(whole.slice(0, at) + "#" + whole.slice(at + 1)), /wrong checksum/);
});

Deno.test("readTnef() refuses what is hostile, at once", async (t) => {
  const count = (properties: string) =>
    tnef([]) + attribute(2, 0x00069002, "") + attribute(2, 0x00069005, properties);
  let deep = tnef([{ title: "a", content: "1" }]);
  for (let level = 0; level < 12; level++) deep = tnef([{ message: deep }]);
  const cases: [string, string, RegExp][] = [
    ["no winmail.dat", PDF, /does not begin like one/],
    ["nothing", "", /does not begin like one/],
    [
      "a length beyond its end",
      tnef([]) + `\x02${uint32(0x0006800f)}${uint32(0xffffffff)}abc`,
      /ends too early/,
    ],
    ["a level that is none", tnef([]) + `\x07${"x".repeat(40)}`, /is damaged/],
    ["4 billion properties", count(uint32(0xffffffff)), /end too early/],
    [
      "4 billion values of nothing",
      count(uint32(1) + "\x00\x10\x01\x00" + uint32(0xffffffff)),
      /ends too early/,
    ],
    [
      "4 billion values of 4 octets",
      count(uint32(1) + "\x03\x10\x01\x00" + uint32(0xffffffff)),
      /end too early/,
    ],
    ["a type that is none", count(uint32(1) + "\x99\x00\x01\x00" + uint32(0)), /no known type/],
    ["mails nested without end", deep, /nested more than/],
    [
      "files without end",
      tnef(Array.from({ length: 1001 }, () => ({ content: "" }))),
      /more than 1000 files/,
    ],
  ];
  for (const [rule, raw, reason] of cases) {
    await t.step(rule, () => {
      assert.throws(
        () => readTnef(octets(raw)),
        (error) => error instanceof EnvelopeError && reason.test(error.message),
      );
    });
  }
});

Deno.test("readTnef() never throws anything but EnvelopeError", () => {
  const seed = tnef([
    { title: "a.pdf", longName: "été.pdf", content: PDF },
    { message: tnef([{ title: "b", content: XML, isProperty: true }]) },
  ]);
  const edits = fc.array(fc.record({ at: fc.nat(seed.length - 1), octet: fc.nat(255) }), { maxLength: 8 });
  const property = fc.property(edits, fc.nat(seed.length), (changes, length) => {
    const bytes = octets(seed.slice(0, length));
    for (const { at, octet } of changes) if (at < bytes.length) bytes[at] = octet;
    try {
      readTnef(bytes);
    } catch (error) {
      assert.ok(error instanceof EnvelopeError, error instanceof Error ? error.stack : String(error));
    }
  });
  fc.assert(property, { numRuns: 5000 });
});
