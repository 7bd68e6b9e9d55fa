/** When an envelope is complete, when it is waited for, and what is said of one that never ends. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { openAdullact, XML, ZIP } from "../../test/servers/adullact_folder.ts";
import { TempFolder } from "../../test/servers/temp_folder.ts";
import { collect } from "../../test/suites/source.ts";

Deno.test("adullact does not wait for directories with an end marker to stand still", async () => {
  await using temp = await TempFolder.make();
  await temp.write("acte/termine", "");
  await using source = await openAdullact(temp, { settle: "1h", end_markers: ["termine"], partial: [] });
  assert.deepEqual((await collect(source)).map((item) => item.label), ["acte"]);
});

Deno.test("adullact leaves a directory in which something changed between two looks", async (t) => {
  const changes: Record<string, (temp: TempFolder) => Promise<unknown>> = {
    "a file grew": (temp) => Deno.writeTextFile(temp.at("2/a.pdf"), "more", { append: true }),
    "a file was touched": (temp) => Deno.utime(temp.at("2/a.pdf"), new Date(0), new Date(0)),
    "a file came": (temp) => temp.write("2/sub/c.pdf"),
    "a file went": (temp) => Deno.remove(temp.at("2/a.pdf")),
    "a partial file came": (temp) => temp.write("2/b.part"),
    "it went": (temp) => Deno.remove(temp.at("2"), { recursive: true }),
  };
  for (const [name, change] of Object.entries(changes)) {
    await t.step(name, async () => {
      await using temp = await TempFolder.make();
      await temp.write("1/metadata.xml", XML);
      await temp.write("2/a.pdf");
      await temp.write("2/metadata.xml", XML);
      await using source = await openAdullact(temp, {});
      const items = source.items()[Symbol.asyncIterator]();
      // The second look at a directory is taken when it is its turn: what happens before that is seen.
      assert.equal((await items.next()).value?.label, "1");
      await change(temp);
      assert.equal((await items.next()).done, true);
    });
  }
});

Deno.test("adullact waits for the end of an archive or XML file, and tells of one that stays without", async (t) => {
  const comment = new Uint8Array([...ZIP.subarray(0, 20), 5, 0, ...new TextEncoder().encode("hello")]);
  const utf16 = new Uint8Array([0xff, 0xfe, ...[..."<a/>\n"].flatMap((letter) => [letter.charCodeAt(0), 0])]);
  const gzip = new Uint8Array(gzipSync("x".repeat(100_000)));
  const cases: [string, string | Uint8Array, RegExp | undefined][] = [
    ["a.zip", ZIP, undefined],
    ["commented.zip", comment, undefined],
    ["short.zip", ZIP.subarray(0, 21), /a zip without its end/],
    ["long.zip", new Uint8Array(200_000).fill(0x50), /a zip without its end/],
    ["empty.zip", "", /an empty file/],
    ["a.tar.gz", gzip, undefined],
    ["several.tgz", new Uint8Array([...gzip, ...gzip]), undefined],
    ["damaged.tar.gz", "no gzip at all", undefined],
    ["short.tar.gz", gzip.subarray(0, -1), /a tar.gz without its end/],
    ["short.tgz", gzip.subarray(0, 5), /a tar.gz without its end/],
    ["a.xml", XML, undefined],
    ["utf16.xml", utf16, undefined],
    ["short.xml", XML.slice(0, -3), /an XML file without its end/],
    ["blank.xml", "\n\n", /an XML file without its end/],
    ["a.zip.part", ZIP, /"a.zip.part" is the name of a file that is being sent/],
  ];
  for (const [name, content, reason] of cases) {
    await t.step(name, async () => {
      await using temp = await TempFolder.make();
      await temp.write(name, content);
      await using waiting = await openAdullact(temp, {});
      assert.equal((await collect(waiting)).length, reason === undefined ? 1 : 0);
      assert.deepEqual(waiting.unfinished?.filter(({ isLate }) => isLate), []);
      await using source = await openAdullact(temp, { unfinished_after: "0s" });
      assert.equal((await collect(source)).length, reason === undefined ? 1 : 0);
      const [unfinished, ...others] = source.unfinished?.filter(({ isLate }) => isLate) ?? [];
      assert.deepEqual([unfinished?.label, others], [reason && name, []]);
      if (reason !== undefined) assert.match(unfinished?.reason ?? "", reason);
    });
  }
});

Deno.test("adullact waits for what metadata list, and for the marker that may follow, but not for ever", async (t) => {
  const listing = (name: string) => `<flux><files name="arrete"><file content="${name}"/></files></flux>`;
  const cases: Record<string, {
    readonly files: Readonly<Record<string, string>>;
    readonly old?: string;
    readonly first: boolean;
    readonly then: boolean;
    readonly reason?: RegExp;
  }> = {
    "all there": { files: { "a.pdf": "a", "metadata.xml": listing("a.pdf") }, first: true, then: true },
    "metadata larger than any real ones": {
      files: { "a.pdf": "a", "metadata.xml": listing("a.pdf") + " ".repeat(1024 ** 2) },
      first: false,
      then: true,
    },
    "all there, as Pastell writes names": {
      files: { "D\u00e9lib 1-2.pdf": "a", "metadata.xml": listing("De\u0301lib 1/2.pdf") },
      first: true,
      then: true,
    },
    "all there, named by field": {
      files: { "x.yml_arrete_0": "a", "metadata.json": '{"arrete":["D.pdf"]}' },
      first: true,
      then: true,
    },
    "an input manifest": {
      files: { "a.pdf": "a", "manifest.xml": listing("a.pdf") },
      first: true,
      then: true,
    },
    "a listed file is missing": {
      files: { "a.pdf": "a", "metadata.xml": listing("b.pdf") },
      first: false,
      then: true,
    },
    "a listed file is missing, but an end marker is there": {
      files: { "metadata.xml": listing("b.pdf"), "fichier_termine.txt": "" },
      first: true,
      then: true,
    },
    "metadata came first": {
      files: { "metadata.xml": listing("a.pdf"), "a.pdf": "a" },
      old: "metadata.xml",
      first: false,
      then: true,
    },
    "XML metadata half written": {
      files: { "a.pdf": "a", "metadata.xml": listing("a.pdf").slice(0, -4) },
      first: false,
      then: false,
      reason: /"metadata.xml" is not whole/,
    },
    "JSON metadata half written": {
      files: { "metadata.json": '{"acte_nature":' },
      first: false,
      then: false,
      reason: /"metadata.json" is not whole/,
    },
    "metadata without content": {
      files: { "metadata.json": "" },
      first: false,
      then: false,
      reason: /"metadata.json" is not whole/,
    },
    "neither marker nor metadata": {
      files: { "a.pdf": "a" },
      first: false,
      then: false,
      reason: /neither an end marker nor metadata/,
    },
    "a partial file": {
      files: { "a.pdf.part": "a", "fichier_termine.txt": "" },
      first: false,
      then: false,
      reason: /"a.pdf.part" is the name of a file that is being sent/,
    },
  };
  for (const [name, { files, old, first, then, reason }] of Object.entries(cases)) {
    await t.step(name, async () => {
      await using temp = await TempFolder.make();
      for (const [file, content] of Object.entries(files)) await temp.write(`acte/${file}`, content);
      if (old !== undefined) await Deno.utime(temp.at(`acte/${old}`), 1, 1);
      await using waiting = await openAdullact(temp, {});
      assert.equal((await collect(waiting)).length, first ? 1 : 0);
      assert.deepEqual(waiting.unfinished?.filter(({ isLate }) => isLate), []);
      await using source = await openAdullact(temp, { unfinished_after: "0s" });
      assert.equal((await collect(source)).length, then ? 1 : 0);
      assert.equal(source.unfinished?.length, then ? 0 : 1);
      if (reason !== undefined) assert.match(source.unfinished?.[0]?.reason ?? "", reason);
    });
  }
});

Deno.test("adullact takes a directory without marker and metadata when it is told so, after the time given", async () => {
  await using temp = await TempFolder.make();
  await temp.write("123456/acte.pdf");
  await temp.write("vide/sub/.keep");
  const labels = async (options: Record<string, unknown>) => {
    await using source = await openAdullact(temp, options);
    return (await collect(source)).map((item) => item.label);
  };
  assert.deepEqual(await labels({ unfinished_after: "0s" }), []);
  assert.deepEqual(await labels({ unmarked: "take" }), []);
  assert.deepEqual(await labels({ unmarked: "take", unfinished_after: "0s" }), ["123456"]);
});
