import assert from "node:assert/strict";
import * as v from "valibot";
import { openAdullact, SETTLE, XML, ZIP } from "../../test/servers/adullact_folder.ts";
import { testContext } from "../../test/servers/context.ts";
import { TempFolder } from "../../test/servers/temp_folder.ts";
import { collect, testSource } from "../../test/suites/source.ts";
import { SourceError } from "../errors.ts";
import { adullact } from "./adullact.ts";

testSource("adullact", {
  protocol: adullact,
  async start(items) {
    const temp = await TempFolder.make();
    for (const { label, bytes } of items) await temp.write(`${label}.tar.gz`, bytes);
    return {
      options: { protocol: "adullact", path: ".", settle: SETTLE, after: "delete" },
      context: testContext({ base: temp.path }),
      remaining: async () => {
        const names = await temp.list();
        return Promise.all(names.map(async (name) => {
          const { size, mtime, ino } = await Deno.lstat(temp.at(name));
          return `${name} ${size} ${mtime?.toISOString()} ${ino}`;
        }));
      },
      cleanup: () => temp[Symbol.asyncDispose](),
    };
  },
});

Deno.test("adullact yields directories, archives and lone XML files by name, and nothing else", async () => {
  await using temp = await TempFolder.make();
  await temp.write("Délibération 3/acte.pdf", "12345");
  await temp.write("Délibération 3/metadata.xml", XML);
  await temp.write("a7Bc9Xz.zip", ZIP);
  await temp.write("abc-EACT--123456789--20240312-1.tar.gz");
  await temp.write("b.TGZ");
  await temp.write("PESALR2_49101169800000_171227_2045.xml", XML);
  for (
    const name of [
      "acte.pdf",
      "metadata.xml",
      "metadata.json",
      ".hidden.zip",
      "c.zip.part",
      "fichier_termine.txt",
    ]
  ) {
    await temp.write(name);
  }
  await temp.write("empty.zip", "");
  await temp.write(".hidden/metadata.xml", XML);
  await temp.write("e.part/metadata.xml", XML);
  await temp.write("done/metadata.xml", XML);
  await Deno.symlink(temp.at("Délibération 3"), temp.at("link"));
  await Deno.symlink(temp.at("b.TGZ"), temp.at("link.tgz"));
  await using source = await openAdullact(temp, { after: { move: "done" } });
  const items = await collect(source);
  assert.deepEqual(items.map((item) => item.label), [
    "Délibération 3",
    "PESALR2_49101169800000_171227_2045.xml",
    "a7Bc9Xz.zip",
    "abc-EACT--123456789--20240312-1.tar.gz",
    "b.TGZ",
  ]);
  assert.ok(
    items.every((item) => item.kind === "envelope" && item.path === temp.at(item.label) && item.date),
  );
  assert.equal(items[0]?.sizeBytes, 5 + XML.length);
});

Deno.test("adullact takes a directory that can be complete", async (t) => {
  const cases: Record<string, { readonly files: Record<string, string>; readonly isTaken: boolean }> = {
    "an end marker": { files: { "a.pdf": "a", "fichier_termine.txt": "x" }, isTaken: true },
    "an empty end marker of old Pastell": {
      files: { "a.pdf": "a", "transfert_termine.txt": "" },
      isTaken: true,
    },
    "an end marker in capitals": { files: { "a.pdf": "a", "Fichier_Termine.TXT": "x" }, isTaken: true },
    "metadata.xml": { files: { "a.pdf": "a", "metadata.xml": XML }, isTaken: true },
    "metadata.json": { files: { "a.pdf": "a", "metadata.json": "{}" }, isTaken: true },
    "metadata.txt": { files: { "a.pdf": "a", "metadata.txt": "a: b" }, isTaken: true },
    "metadata that have no content yet": { files: { "a.pdf": "a", "metadata.json": "" }, isTaken: false },
    "metadata in a subfolder": { files: { "a.pdf": "a", "sub/metadata.json": "{}" }, isTaken: false },
    "an end marker in a subfolder": {
      files: { "a.pdf": "a", "sub/fichier_termine.txt": "x" },
      isTaken: false,
    },
    "neither": { files: { "a.pdf": "a", "b.xml": XML }, isTaken: false },
    "nothing": { files: {}, isTaken: false },
    "a partial file beside metadata": { files: { "a.pdf.part": "a", "metadata.xml": XML }, isTaken: false },
    "a partial file beside an end marker": {
      files: { "a.PART": "a", "fichier_termine.txt": "x" },
      isTaken: false,
    },
    "a partial file in a subfolder": {
      files: { "s/a.part": "a", "fichier_termine.txt": "x" },
      isTaken: false,
    },
  };
  for (const [name, { files, isTaken }] of Object.entries(cases)) {
    await t.step(name, async () => {
      await using temp = await TempFolder.make();
      await Deno.mkdir(temp.at("acte"));
      for (const [file, content] of Object.entries(files)) await temp.write(`acte/${file}`, content);
      await using source = await openAdullact(temp, {});
      assert.deepEqual((await collect(source)).map((item) => item.label), isTaken ? ["acte"] : []);
    });
  }
});

Deno.test("adullact groups loose files by the metadata that list them", async () => {
  await using temp = await TempFolder.make();
  const listing = (...names: string[]) => JSON.stringify({ acte_nature: "1", arrete: names });
  for (const name of ["D\u00e9lib-1.pdf", "B.pdf", "commun.pdf", "seul.pdf", "PES.xml"]) {
    await temp.write(name);
  }
  await temp.write("a.zip", ZIP);
  await temp.write("metadata.json", listing("D\u00e9lib/1.pdf"));
  await temp.write("metadata_20240312103600_ab.json", listing("B.pdf", "commun.pdf"));
  await temp.write("metadata_20240312103601_cd.json", listing("absent.pdf", "commun.pdf"));
  await temp.write("manifest.xml", "<flux>");
  await using waiting = await openAdullact(temp, { loose: true });
  const items = await collect(waiting);
  assert.deepEqual(items.map(({ label, path, beside }) => [label, path, beside]), [
    ["a.zip", temp.at("a.zip"), undefined],
    ["D\u00e9lib-1", temp.at("metadata.json"), [temp.at("D\u00e9lib-1.pdf")]],
  ]);
  await using source = await openAdullact(temp, { loose: true, unfinished_after: "0s" });
  const late = (await collect(source)).map(({ label, beside }) => [label, beside?.length]);
  assert.deepEqual(late, [["a.zip", undefined], ["D\u00e9lib-1", 1], ["B", 1], [
    "metadata_20240312103601_cd",
    0,
  ]]);
  assert.deepEqual(source.unfinished?.map(({ label }) => label).sort(), [
    "PES.xml",
    "commun.pdf",
    "manifest.xml",
    "seul.pdf",
  ]);
});

Deno.test("adullact settles loose files together, and leaves them when one has changed", async () => {
  for (const after of ["delete", { move: "done" }]) {
    await using temp = await TempFolder.make();
    for (const name of ["a.pdf", "b.pdf", "autre.pdf"]) await temp.write(name);
    await temp.write("metadata.json", '{"arrete":["a.pdf","b.pdf"]}');
    await using source = await openAdullact(temp, { after, loose: true });
    const [item] = await collect(source);
    await temp.write("b.pdf", "changed");
    assert.equal(await item?.settle({ kind: "delivered" }), true);
    assert.deepEqual((await temp.list()).length, 4);
    await temp.write("metadata.json", '{"arrete":["a.pdf","b.pdf"]}');
    const [again] = await collect(source);
    assert.notEqual(again?.key, item?.key);
    for (let times = 0; times < 2; times++) assert.equal(await again?.settle({ kind: "delivered" }), true);
    if (after === "delete") assert.deepEqual(await temp.list(), ["autre.pdf"]);
    else assert.deepEqual(await temp.list("done"), ["a.pdf", "b.pdf", "metadata.json"]);
  }
});

Deno.test("adullact keys a directory by all that is in it, except what file managers add", async () => {
  await using temp = await TempFolder.make();
  await temp.write("acte/a.pdf");
  await temp.write("acte/metadata.xml", XML);
  await using source = await openAdullact(temp, {});
  const [first] = await collect(source);
  for (const name of ["Thumbs.db", "desktop.ini", ".DS_Store"]) await temp.write(`acte/${name}`);
  const [same] = await collect(source);
  assert.equal(same?.key, first?.key);
  await Deno.remove(temp.at("acte/a.pdf"));
  await temp.write("acte/b.pdf", "acte/a.pdf");
  await temp.write("acte/metadata.xml", XML);
  const [other] = await collect(source);
  assert.ok(other);
  assert.notEqual(other.key, first?.key);
});

Deno.test("adullact settles a whole directory, unless something came into it", async () => {
  for (const after of ["delete", { move: "done" }]) {
    await using temp = await TempFolder.make();
    for (const name of ["1", "2"]) {
      await temp.write(`${name}/sub/a.pdf`);
      await temp.write(`${name}/metadata.xml`, XML);
    }
    {
      await using source = await openAdullact(temp, { after });
      const items = await collect(source);
      await temp.write("2/late.pdf");
      for (const item of [...items, ...items]) assert.equal(await item.settle({ kind: "delivered" }), true);
      await source.commit();
    }
    if (after === "delete") assert.deepEqual(await temp.list(), ["2/"]);
    else assert.deepEqual(await temp.list("done/1"), ["metadata.xml", "sub/"]);
    assert.deepEqual(await temp.list("2"), ["late.pdf", "metadata.xml", "sub/"]);
  }
});

Deno.test("adullact streams archives, and refuses to stream a directory", async () => {
  await using temp = await TempFolder.make();
  await temp.write("a.zip", ZIP);
  await temp.write("b/metadata.xml", XML);
  await using source = await openAdullact(temp, {});
  const [zip, directory] = await collect(source);
  assert.ok(zip && directory);
  assert.deepEqual(await new Response(await zip.open()).bytes(), ZIP);
  await assert.rejects(directory.open(), TypeError);
});

Deno.test({
  name: "adullact yields what it can read, then says what it cannot",
  ignore: Deno.uid() === 0 || Deno.build.os === "windows",
  async fn() {
    await using temp = await TempFolder.make();
    await temp.write("closed/metadata.xml", XML);
    await temp.write("open/metadata.xml", XML);
    await Deno.chmod(temp.at("closed"), 0);
    try {
      await using source = await openAdullact(temp, {});
      const labels: string[] = [];
      const listing = (async () => {
        for await (const item of source.items()) labels.push(item.label);
      })();
      await assert.rejects(listing, (error) => error instanceof SourceError && /closed/.test(error.message));
      assert.deepEqual(labels, ["open"]);
    } finally {
      await Deno.chmod(temp.at("closed"), 0o700);
    }
  },
});

Deno.test("adullact stops waiting for envelopes to stand still on an abort", async () => {
  await using temp = await TempFolder.make();
  await temp.write("acte/metadata.xml", XML);
  const gate = new AbortController();
  await using source = await openAdullact(temp, { settle: "1h" }, gate.signal);
  const next = source.items()[Symbol.asyncIterator]().next();
  gate.abort(new Error("stopping"));
  await assert.rejects(next, /stopping/);
});

Deno.test("adullact settles what was delivered, also when the gateway is stopping", async () => {
  await using temp = await TempFolder.make();
  await temp.write("acte/metadata.xml", XML);
  const gate = new AbortController();
  await using source = await openAdullact(temp, { after: "delete" }, gate.signal);
  const [item] = await collect(source);
  gate.abort();
  assert.equal(await item?.settle({ kind: "delivered" }), true);
  assert.deepEqual(await temp.list(), []);
});

Deno.test("adullact watches the inside of directories", async () => {
  await using temp = await TempFolder.make();
  await Deno.mkdir(temp.at("acte"));
  const given = v.parse(adullact.options, { protocol: "adullact", path: "." });
  const wakeUps = adullact.watch?.(given, testContext({ base: temp.path }))[Symbol.asyncIterator]();
  assert.ok(wakeUps);
  await wakeUps.next();
  await temp.write("acte/metadata.xml", XML);
  assert.ok(!(await wakeUps.next()).done);
  await wakeUps.return?.();
});

Deno.test("adullact options have the names that Pastell uses, and say what would be right", () => {
  const given = { protocol: "adullact", path: "in" };
  assert.deepEqual(v.parse(adullact.options, given), {
    ...given,
    settle: 2000,
    unfinished_after: 600_000,
    unmarked: "wait",
    loose: false,
    after: "keep",
    end_markers: ["fichier_termine.txt", "transfert_termine.txt"],
    partial: ["*.part"],
    keys: { acte_nature: "acte_nature", helios: "helios", chorus_fact: "chorus_fact" },
  });
  const keys = { helios: "pes" };
  assert.equal(v.parse(adullact.options, { ...given, keys }).keys.helios, "pes");
  for (
    const wrong of [
      { end_markers: "x" },
      { partial: [""] },
      { keys: { pes: "x" } },
      { keys: { helios: "" } },
      { recursive: true },
    ]
  ) {
    assert.ok(!v.safeParse(adullact.options, { ...given, ...wrong }).success, JSON.stringify(wrong));
  }
});
