import assert from "node:assert/strict";
import fc from "fast-check";
import { EnvelopeError } from "../errors.ts";
import { readRoot, readXml, type XmlEvent } from "./xml.ts";

async function withFile<Result>(
  content: string | Uint8Array,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
    return await use(path);
  } finally {
    await Deno.remove(path);
  }
}

/** All events, in a short notation, neighbouring texts joined. */
function read(content: string | Uint8Array): Promise<string> {
  return withFile(content, async (path) => {
    const batches = await Array.fromAsync(readXml(path, { longTexts: new Set(["L"]) }));
    return batches.flat().map(show).join("");
  });
}

function show(event: XmlEvent): string {
  if (event.kind === "text") return event.text;
  if (event.kind === "close") return `</${event.name}>`;
  return `<${[event.name, ...[...event.attributes].map(([name, value]) => `${name}=${value}`)].join(" ")}>`;
}

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), littleEndian);
  return new Uint8Array(view.buffer);
}

Deno.test("readXml() yields local names, values, references and CDATA", async () => {
  const xml =
    `<?xml version="1.0"?>\r\n<!-- c --><p:a xmlns:p="u" p:x="&lt;1&#233;"><b/>t&amp;<![CDATA[<u>]]></p:a>\n`;
  assert.equal((await read(xml)).trim(), "<a x=<1é><b></b>t&<u></a>");
});

Deno.test("readXml() honours declared encodings and byte order marks", async (t) => {
  const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const cases: [string, Uint8Array][] = [
    ["UTF-8 by default", new TextEncoder().encode("<a>é</a>")],
    [
      "UTF-8 with a mark, whatever is declared",
      new TextEncoder().encode('\ufeff<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'),
    ],
    ["ISO-8859-1", latin1('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>')],
    ["windows-1252", latin1("<?xml version='1.0' encoding='Windows-1252' ?><a>é</a>")],
    ["UTF-16, little end first", utf16("\ufeff<a>é</a>", true)],
    ["UTF-16, big end first", utf16("\ufeff<a>é</a>", false)],
  ];
  for (const [label, bytes] of cases) {
    await t.step(label, async () => assert.equal(await read(bytes), "<a>é</a>"));
  }
});

Deno.test("readXml() gives long texts in pieces, past the limit of other texts", async () => {
  const text = "QUJD".repeat(2_000_000);
  await withFile(`<a><L k="1>2">${text}</L><b>x</b><L/><L>&amp;</L></a>`, async (path) => {
    let longest = 0;
    const shown: string[] = [];
    for await (const events of readXml(path, { longTexts: new Set(["L"]) })) {
      for (const event of events) {
        shown.push(show(event));
        longest = Math.max(longest, show(event).length);
      }
    }
    assert(longest <= 64 * 1024);
    assert.equal(shown.join(""), `<a><L k=1>2>${text}</L><b>x</b><L></L><L>&</L></a>`);
  });
});

Deno.test("readXml() finds the same in a long text as in any other, wherever a chunk ends", async () => {
  const piece = fc.constantFrom(
    "QUJD",
    "<!-- > -->",
    "<![CDATA[x>y]]>",
    "\n",
    "&amp;",
    "<L a='>'>z</L>",
    "<b/>",
    "é",
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 8 }),
      fc.integer({ min: -60, max: 60 }),
      async (pieces, shift) => {
        const body = `<L>${pieces.join("")}</L>`;
        const padded = `<a>${" ".repeat(64 * 1024 - 30 + shift)}${body}</a>`;
        assert.equal((await read(padded)).replace(/ {9,}/, ""), await read(`<a>${body}</a>`));
      },
    ),
    { numRuns: 40, examples: [[["QUJD", "&amp;"], 12]] },
  );
});

Deno.test("readXml() refuses what is not well-formed, and never quotes it", async (t) => {
  const cases: [string, RegExp][] = [
    ["", /not well-formed|no root/],
    ["<a><secret></a>", /not well-formed at line and column 1:1\d$/],
    ["<a>", /not well-formed/],
    ["<a/><b/>", /not well-formed/],
    ["x<a/>", /not well-formed/],
    ["<a x='1' x='2'/>", /not well-formed/],
    ["<a>&secret;</a>", /not well-formed/],
    ["<a>\u0001</a>", /not well-formed/],
    ["<a>]]></a>", /not well-formed/],
    ["<a>&#xD800;</a>", /not well-formed/],
    ["<a b='1'c='2'/>", /not well-formed at line and column 1:9$/],
    ["<?xml version='1.0'?>\n\n<a>\n</b></a>", /not well-formed at line and column 4:1$/],
    [`<a ${Array.from({ length: 1002 }, (_, n) => `x${n}=''`).join(" ")}/>`, /not well-formed/],
    ["<!DOCTYPE a><a/>", /DTD/],
    ["<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", /DTD/],
    [`<a x="${"y".repeat(5_000_000)}"/>`, /longer than/],
    [`<a><L><![CDATA[${"y".repeat(5_000_000)}]]></L></a>`, /longer than/],
    ["<a><L>" + "x".repeat(300_000), /not well-formed/],
  ];
  for (const [xml, reason] of cases) {
    await t.step(xml.slice(0, 40), () =>
      assert.rejects(read(xml), (error: unknown) => {
        assert(error instanceof EnvelopeError, String(error));
        assert.match(error.message, reason);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      }));
  }
});

Deno.test("readXml() refuses an endless tag in UTF-16 too", async () => {
  await assert.rejects(read(utf16(`\ufeff<a x="${"y".repeat(5_000_000)}"/>`, true)), /longer than/);
});

Deno.test("readXml() gives a long text that is no base64 whole, wherever the window ends", async () => {
  for (const text of ["é".repeat(200_000), "a\r\n".repeat(60_000), "€\r".repeat(60_000)]) {
    const expected = text.replace(/\r\n?/g, "\n");
    assert.equal(await read(`<a><L>${text}</L></a>`), `<a><L>${expected}</L></a>`);
  }
});

Deno.test("readRoot() tells the namespace that the root declares for itself", async () => {
  const root = (xml: string) => withFile(xml, readRoot);
  assert.deepEqual(await root('<n:a xmlns:n="u" xmlns="v">'), { name: "a", namespace: "u" });
  assert.deepEqual(await root('<a xmlns:n="u" xmlns="v"/>'), { name: "a", namespace: "v" });
  assert.deepEqual(await root("<a/>"), { name: "a", namespace: "" });
});
