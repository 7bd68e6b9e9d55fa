import assert from "node:assert/strict";
import { basename } from "node:path";
import { TempFolder } from "../../test/servers/temp_folder.ts";
import { ItemError } from "../errors.ts";
import type { OutcomeKind } from "../model.ts";
import type { After } from "./folder_options.ts";
import { copyOver } from "./folder_move.ts";
import { removeLeftovers, settleOriginal } from "./folder_original.ts";

Deno.test("settleOriginal() deletes or moves what was delivered or quarantined, and leaves the rest", async (t) => {
  const cases: [OutcomeKind, After, string[]][] = [
    ["delivered", "keep", ["a.pdf"]],
    ["delivered", "delete", []],
    ["quarantined", "delete", []],
    ["skipped", "delete", ["a.pdf"]],
    ["failed", "delete", ["a.pdf"]],
    ["delivered", { move: "done" }, ["done/"]],
    ["quarantined", { move: "done" }, ["done/"]],
    ["skipped", { move: "done" }, ["a.pdf"]],
  ];
  for (const [kind, after, left] of cases) {
    await t.step(`${kind}, ${JSON.stringify(after)}`, async () => {
      await using temp = await TempFolder.make();
      await temp.write("a.pdf");
      for (const _ of [1, 2]) assert.equal(await settle(temp, "a.pdf", { after, kind }), true);
      assert.deepEqual(await temp.list(), left);
    });
  }
});

Deno.test("settleOriginal() leaves what is no longer the file that was taken", async () => {
  for (const after of ["delete", { move: "done" }] as const) {
    await using temp = await TempFolder.make();
    await temp.write("a.pdf");
    assert.equal(await settle(temp, "a.pdf", { after, isUnchanged: false }), true);
    assert.deepEqual(await temp.list(), ["a.pdf"]);
  }
});

Deno.test("settleOriginal() moves under a free name and never overwrites", async () => {
  await using temp = await TempFolder.make();
  const after = { move: "done" };
  for (const content of ["1", "2", "3"]) {
    await temp.write("SCN.pdf", content);
    await temp.write("acte.tar.gz", content);
    await temp.write("no extension", content);
    for (const name of ["SCN.pdf", "acte.tar.gz", "no extension"]) await settle(temp, name, { after });
    await temp.write("v1.2 final/a.txt", content);
    await settle(temp, "v1.2 final", { after, isDirectory: true });
  }
  assert.deepEqual(await temp.list("done"), [
    "SCN (2).pdf",
    "SCN (3).pdf",
    "SCN.pdf",
    "acte (2).tar.gz",
    "acte (3).tar.gz",
    "acte.tar.gz",
    "no extension",
    "no extension (2)",
    "no extension (3)",
    "v1.2 final (2)/",
    "v1.2 final (3)/",
    "v1.2 final/",
  ]);
  assert.equal(await Deno.readTextFile(temp.at("done/SCN (3).pdf")), "3");
  assert.equal(await Deno.readTextFile(temp.at("done/v1.2 final (2)/a.txt")), "2");
});

Deno.test("settleOriginal() uses the name that a crash left reserved", async () => {
  await using temp = await TempFolder.make();
  await temp.write("SCN.pdf", "1");
  await temp.write("done/SCN.pdf", "");
  await temp.write("acte/a.txt", "1");
  await Deno.mkdir(temp.at("done/acte"));
  await settle(temp, "SCN.pdf", { after: { move: "done" } });
  await settle(temp, "acte", { after: { move: "done" }, isDirectory: true });
  assert.deepEqual(await temp.list("done"), ["SCN.pdf", "acte/"]);
  assert.equal(await Deno.readTextFile(temp.at("done/SCN.pdf")), "1");
  assert.deepEqual(await temp.list("done/acte"), ["a.txt"]);
});

Deno.test("settleOriginal() still finds a name when the first hundred are taken", async () => {
  await using temp = await TempFolder.make();
  await temp.write("done/SCN.pdf", "old");
  for (let number = 2; number <= 99; number++) await temp.write(`done/SCN (${number}).pdf`, "old");
  await temp.write("SCN.pdf", "new");
  await settle(temp, "SCN.pdf", { after: { move: "done" } });
  const names = await temp.list("done");
  assert.equal(names.length, 100);
  const contents = await Promise.all(names.map((name) => Deno.readTextFile(temp.at(`done/${name}`))));
  assert.equal(contents.filter((content) => content === "old").length, 99);
});

Deno.test("settleOriginal() keeps subfolders apart when it moves", async () => {
  await using temp = await TempFolder.make();
  for (const name of ["a/1.pdf", "b/1.pdf"]) {
    await temp.write(name);
    await settle(temp, name, { after: { move: "done" } });
  }
  assert.deepEqual(await temp.list("done/a"), ["1.pdf"]);
  assert.deepEqual(await temp.list("done/b"), ["1.pdf"]);
});

Deno.test("settleOriginal() says what it cannot do, and leaves no placeholder behind", async () => {
  await using temp = await TempFolder.make();
  await temp.write("a.pdf");
  await temp.write("done", "a file where the folder should be");
  await assert.rejects(
    settle(temp, "a.pdf", { after: { move: "done" } }),
    (error) => error instanceof ItemError && error.message.startsWith(`Cannot move "${temp.at("a.pdf")}": `),
  );
  assert.deepEqual(await temp.list(), ["a.pdf", "done"]);
  await Deno.remove(temp.at("done"));
  assert.equal(await settle(temp, "gone.pdf", { after: { move: "done" } }), true);
  assert.deepEqual(await temp.list("done"), []);
});

Deno.test("removeLeftovers() removes what a crash left of directories being deleted, and nothing else", async () => {
  await using temp = await TempFolder.make();
  await temp.write(".lanceur-removed-0123456789abcdef/metadata.xml");
  await temp.write(".hidden/a");
  await temp.write("acte/metadata.xml");
  await settle(temp, "acte", { after: "delete", isDirectory: true });
  await removeLeftovers(temp.path);
  assert.deepEqual(await temp.list(), [".hidden/"]);
  await removeLeftovers(temp.at("missing"));
});

Deno.test("copyOver() copies a file or a directory, times included, in place of the empty one", async () => {
  await using temp = await TempFolder.make();
  const then = new Date("2024-03-12T10:00:00Z");
  const file = await temp.write("a.pdf", new Uint8Array(300_000).fill(7));
  await Deno.utime(file, then, then);
  await temp.write("envelope/sub/b.pdf", "b");
  await temp.write("target.pdf", "");
  await Deno.mkdir(temp.at("target"));
  await copyOver(file, temp.at("target.pdf"));
  await copyOver(temp.at("envelope"), temp.at("target"));
  assert.deepEqual(await Deno.readFile(temp.at("target.pdf")), await Deno.readFile(file));
  assert.equal((await Deno.stat(temp.at("target.pdf"))).mtime?.getTime(), then.getTime());
  assert.equal(await Deno.readTextFile(temp.at("target/sub/b.pdf")), "b");
  assert.deepEqual(await temp.list(), ["a.pdf", "envelope/", "target.pdf", "target/"]);
});

Deno.test("copyOver() leaves nothing behind when it fails", async () => {
  await using temp = await TempFolder.make();
  await temp.write("target.pdf", "");
  await assert.rejects(copyOver(temp.at("missing.pdf"), temp.at("target.pdf")), Deno.errors.NotFound);
  assert.deepEqual(await temp.list(), []);
});

const otherVolume = await findOtherVolume();

Deno.test({
  name: "settleOriginal() moves to another volume",
  ignore: otherVolume === undefined,
  async fn() {
    await using temp = await TempFolder.make();
    await using other = await TempFolder.make(otherVolume);
    const after = { move: other.path };
    for (const content of ["1", "2"]) {
      await temp.write("a.pdf", content);
      await temp.write("acte/metadata.xml", content);
      await settle(temp, "a.pdf", { after, target: other.path });
      await settle(temp, "acte", { after, target: other.path, isDirectory: true });
    }
    assert.deepEqual(await temp.list(), []);
    assert.deepEqual(await other.list(), ["a (2).pdf", "a.pdf", "acte (2)/", "acte/"]);
    assert.equal(await Deno.readTextFile(other.at("a (2).pdf")), "2");
    assert.equal(await Deno.readTextFile(other.at("acte (2)/metadata.xml")), "2");
  },
});

Deno.test({
  name: "settleOriginal() removes an original whose copy on another volume a crash left complete",
  ignore: otherVolume === undefined,
  async fn() {
    await using temp = await TempFolder.make();
    await using other = await TempFolder.make(otherVolume);
    await temp.write("a.pdf", "1");
    await temp.write("acte/metadata.xml", "1");
    await other.write("a.pdf", "");
    await Deno.mkdir(other.at("acte"));
    await copyOver(temp.at("a.pdf"), other.at("a.pdf"));
    await copyOver(temp.at("acte"), other.at("acte"));
    await settle(temp, "a.pdf", { after: { move: other.path }, target: other.path });
    await settle(temp, "acte", { after: { move: other.path }, target: other.path, isDirectory: true });
    assert.deepEqual(await temp.list(), []);
    assert.deepEqual(await other.list(), ["a.pdf", "acte/"]);
  },
});

interface Options {
  readonly after: After;
  readonly kind?: OutcomeKind;
  readonly isDirectory?: boolean;
  readonly isUnchanged?: boolean;
  readonly target?: string;
}

async function settle(temp: TempFolder, name: string, options: Options): Promise<boolean> {
  const { after, kind = "delivered", isDirectory = false, isUnchanged = true } = options;
  const target = typeof after === "string" ? undefined : options.target ?? temp.at(after.move);
  const place = target === undefined ? { root: temp.path } : { root: temp.path, target };
  const original = {
    path: temp.at(name),
    name,
    isDirectory,
    isUnchanged: () => Promise.resolve(isUnchanged),
  };
  return await settleOriginal(original, { after, place, outcome: { kind } });
}

/** A folder that a rename from the temporary folder cannot reach, where this machine has one that may be written to. */
async function findOtherVolume(): Promise<string | undefined> {
  for (const path of ["/dev/shm", "/run/lock", "/var/tmp", Deno.cwd()]) {
    try {
      await using here = await TempFolder.make();
      await using there = await TempFolder.make(path);
      const file = await here.write("a");
      await Deno.rename(file, there.at(basename(file)));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EXDEV") return path;
    }
  }
  return undefined;
}
