import assert from "node:assert/strict";
import fc from "fast-check";
import { LATE_MEMBER, lateName, withLateNames } from "./late_names.ts";
import { escapeXml, xmlText } from "./xml_text.ts";

type Item = Readonly<Record<string, string>>;

/** A list as it is written to disk, in pieces of `size` octets, and as it comes out. */
async function filled(
  items: readonly Item[],
  { format, names, size }: {
    readonly format: "json" | "xml";
    readonly names: ReadonlyMap<string, string>;
    readonly size: number;
  },
): Promise<string> {
  const isJson = format === "json";
  const text = items.map((item) => isJson ? JSON.stringify(item) : xmlText("item", item)).join(
    isJson ? ",\n" : "",
  );
  const bytes = new TextEncoder().encode(text);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.slice(at, at + size));
  }
  const written = isJson ? names : new Map([...names].map(([id, name]) => [escapeXml(id), escapeXml(name)]));
  const out = await Array.fromAsync(withLateNames(chunks(), { format, nameOf: (id) => written.get(id) }));
  return new TextDecoder().decode(Uint8Array.from(out.flatMap((chunk) => [...chunk])));
}

Deno.test("names are filled in wherever the list is cut into pieces, and left out where there are none", async () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "é", '"', "\\", "<", "&", "€", ",", "\u{1f600}"),
    maxLength: 6,
  });
  const id = text.filter((each) => each !== "");
  const item = fc.record({ id_unique: id, objet: text, late: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(item, { maxLength: 6 }),
      fc.array(fc.tuple(id, id), { maxLength: 4 }),
      fc.integer({ min: 1, max: 40 }),
      async (given, pairs, size) => {
        const names = new Map(pairs);
        const items = given.map(({ late, ...item }) => ({
          ...item,
          ...(late ? { [LATE_MEMBER]: lateName(item.id_unique) ?? "" } : {}),
        }));
        const expected = given.map(({ late, ...item }) => {
          const name = late ? names.get(item.id_unique) : undefined;
          return name === undefined ? item : { ...item, [LATE_MEMBER]: name };
        });
        const json = await filled(items, { format: "json", names, size });
        assert.deepEqual(JSON.parse(`[${json}]`), expected);
        const xml = await filled(items, { format: "xml", names, size });
        assert.equal(xml, expected.map((each) => xmlText("item", each)).join(""));
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("no text of a message is taken for a placeholder", async () => {
  const names = new Map([["A", "a.pdf"]]);
  const items = [{ id_unique: "A", objet: ',"fichier":"\\u0001A"' }, {
    id_unique: "A",
    objet: "<fichier>\u0001A</fichier>",
  }];
  assert.deepEqual(JSON.parse(`[${await filled(items, { format: "json", names, size: 7 })}]`), items);
  const xml = await filled(items, { format: "xml", names, size: 7 });
  assert.ok(!xml.includes("a.pdf"), xml);
});
