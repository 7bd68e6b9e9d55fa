/** The parser beside saxes, a strict one of another author, on documents that are well-formed and others that are not. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { SaxesParser } from "saxes";
import { EnvelopeError } from "../errors.ts";
import { readXml } from "./xml.ts";

const WINDOW_BYTES = 64 * 1024;
const REFUSED = "refused";

const name = fc.constantFrom("a", "b", "n:PES_Aller", "Fichier", "x-1.2", "_", "é", "日本", "a:b:c");
const character = fc.constantFrom(
  ..."x<>&\"'=/!?-[]; \n\r\t#19é€\u{1f600}\u0001\ufffe",
  "]]>",
  "--",
  "&amp;",
  "&#233;",
  "&#x1F600;",
  "&#0;",
  "&#xD800;",
  "&nbsp;",
  "xmlns",
);
const plain = fc.array(fc.constantFrom(..."xyz é€\n\r\t", "&lt;", "&#13;", "&#x9;", "]", ">", "QUJDRA=="), {
  maxLength: 8,
}).map((parts) => parts.join(""));
const attribute = fc.tuple(name, plain, fc.constantFrom('"', "'"), fc.constantFrom("=", " =\n"))
  .map(([key, value, mark, equals]) => ` ${key}${equals}${mark}${value.replaceAll("]]>", "")}${mark}`);
const attributes = fc.uniqueArray(attribute, {
  maxLength: 3,
  selector: (each) => each.trim().split(/[ =]/)[0],
});
const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  content: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    plain,
    fc.constantFrom("<!-- - > -->", "<?pi x?y?>", "<?pi?>", "<![CDATA[<&]]]]>", "  \r\n "),
    tie("element"),
  ),
  element: fc.tuple(name, attributes, fc.array(tie("content"), { maxLength: 4 }), fc.boolean()).map(
    ([tag, pairs, content, isShort]) =>
      content.length === 0 && isShort
        ? `<${tag}${pairs.join("")}/>`
        : `<${tag}${pairs.join("")} >${content.join("")}</${tag}\n>`,
  ),
}));
const prolog = fc.constantFrom(
  "",
  '<?xml version="1.0"?>',
  "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n",
  "<!-- before -->\n",
  "<?pi before?>",
);
const epilog = fc.constantFrom("", "\n", "<!-- after -->", "<?pi after?>\r\n");
const document = fc.tuple(prolog, element, epilog).map((parts) => parts.join(""));
/** In thousandths of a text; unbiased, for fast-check prefers the ends, where every change does the same. */
const place = fc.noBias(fc.nat(999));
/** What is done at a place: something put in, put in the place of something, or left out. */
const change = fc.record({ place, put: character, over: fc.noBias(fc.nat(3)) });

function changed(text: string, changes: readonly { place: number; put: string; over: number }[]): string {
  return changes.reduce((result, { place, put, over }) => {
    const at = Math.floor(place * result.length / 1000);
    return result.slice(0, at) + (over === 3 ? "" : put) + result.slice(at + over);
  }, text);
}

/** What a reader reports, in a short notation; white space that stands alone counts for nothing. */
class Report {
  text = "";
  #pieces = "";

  open(tag: string, pairs: readonly (readonly [string, string])[]): void {
    this.#flush();
    this.text += `<${tag} ${JSON.stringify(pairs)}>`;
  }

  close(tag: string): void {
    this.#flush();
    this.text += `</${tag}>`;
  }

  add(piece: string): void {
    if (piece.trim() !== "") this.#pieces += piece;
  }

  #flush(): void {
    if (this.#pieces !== "") this.text += JSON.stringify(this.#pieces);
    this.#pieces = "";
  }
}

function readByPeer(text: string): string {
  const parser = new SaxesParser();
  const report = new Report();
  const local = (qualified: string) => qualified.slice(qualified.indexOf(":") + 1);
  parser.on("opentag", (tag) => {
    const pairs = Object.entries(tag.attributes).filter(([key]) => !/^xmlns(?::|$)/.test(key));
    report.open(local(tag.name), pairs.map(([key, value]) => [local(key), value]));
  });
  parser.on("closetag", (tag) => report.close(local(tag.name)));
  parser.on("text", (piece) => report.add(piece));
  parser.on("cdata", (piece) => report.add(piece));
  parser.on("doctype", () => parser.fail("a DTD"));
  try {
    parser.write(text).close();
    return report.text;
  } catch {
    return REFUSED;
  }
}

async function readByUs(bytes: Uint8Array, longTexts: ReadonlySet<string>): Promise<string> {
  const path = await Deno.makeTempFile();
  const report = new Report();
  try {
    await Deno.writeFile(path, bytes);
    for await (const events of readXml(path, { longTexts })) {
      for (const event of events) {
        if (event.kind === "open") report.open(event.name, [...event.attributes]);
        else if (event.kind === "close") report.close(event.name);
        else report.add(event.text);
      }
    }
    return report.text;
  } catch (error) {
    assert(error instanceof EnvelopeError, String(error));
    return REFUSED;
  } finally {
    await Deno.remove(path);
  }
}

/** The text in an encoding, with what tells of it before the text, and the text as it can be in that encoding. */
function encoded(text: string, encoding: string): { bytes: Uint8Array; text: string } {
  if (encoding === "utf-8") return { bytes: new TextEncoder().encode(text), text };
  if (encoding === "utf-16le") {
    const marked = `\ufeff${text}`;
    const units = Uint16Array.from({ length: marked.length }, (_, i) => marked.charCodeAt(i));
    return { bytes: new Uint8Array(units.buffer), text };
  }
  const declared = `<?xml version="1.0" encoding="iso-8859-1"?>${text.replace(/[^\0-\xff]/g, "\xff")}`;
  return { bytes: Uint8Array.from(declared, (each) => each.charCodeAt(0)), text: declared };
}

async function compare(text: string, encoding: string): Promise<string> {
  // What follows the target of an instruction is white space or its end (2.6), about which saxes is lax.
  fc.pre(!/<\?[^\s?]+\?[^>]/.test(text));
  // Encodings are none of its business.
  fc.pre(!/^<\?xml[^>]*encoding\s*=\s*["'](?!UTF-8["'])/.test(text));
  const document = encoded(text.toWellFormed(), encoding);
  const expected = readByPeer(document.text);
  assert.equal(await readByUs(document.bytes, new Set()), expected);
  const withoutSpace = (found: string) => found.replace(/\s|\\[nrt]/g, "");
  assert.equal(withoutSpace(await readByUs(document.bytes, new Set(["Fichier"]))), withoutSpace(expected));
  return expected;
}

const encoding = fc.constantFrom("utf-8", "utf-16le", "iso-8859-1");

Deno.test("readXml() reads well-formed documents as saxes does", async () => {
  await fc.assert(
    fc.asyncProperty(document, fc.constantFrom("utf-8", "utf-16le"), async (text, encoding) => {
      // Pieces of text may come together as the end of a CDATA section.
      fc.pre(!text.replaceAll("<![CDATA[<&]]]]>", "").includes("]]>"));
      assert.notEqual(await compare(text, encoding), REFUSED);
    }),
    { numRuns: 300 },
  );
});

Deno.test("readXml() refuses what saxes refuses, and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(
      document,
      fc.array(change, { minLength: 1, maxLength: 3 }),
      encoding,
      async (text, changes, encoding) => {
        await compare(changed(text, changes), encoding);
      },
    ),
    { numRuns: 1500 },
  );
});

Deno.test("readXml() reads the same wherever its window ends", async () => {
  const padding = fc.record({ place, before: fc.noBias(fc.nat(60)) });
  await fc.assert(
    fc.asyncProperty(document, padding, encoding, async (text, { place, before }, encoding) => {
      const at = Math.floor(place * text.length / 1000);
      await compare(text.slice(0, at) + " ".repeat(WINDOW_BYTES - before) + text.slice(at), encoding);
    }),
    { numRuns: 200 },
  );
});
