import assert from "node:assert/strict";
import * as v from "valibot";
import { testContext } from "../../test/servers/context.ts";
import { TempFolder } from "../../test/servers/temp_folder.ts";
import { collect, testSource } from "../../test/suites/source.ts";
import { ItemError, SourceError } from "../errors.ts";
import type { Item } from "../model.ts";
import { folder } from "./folder.ts";
import { seeFile } from "./folder_files.ts";
import { noteFiles, stoodMs } from "./folder_sightings.ts";
import { type Source } from "./source.ts";

const SETTLE = "20ms";

testSource("folder", {
  protocol: folder,
  async start(items) {
    const temp = await TempFolder.make();
    for (const { label, bytes } of items) await temp.write(`${label}.eml`, bytes);
    return {
      options: { protocol: "folder", path: ".", settle: SETTLE, after: "delete" },
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

Deno.test("folder leaves hidden, unfinished and empty files, links and folders alone", async () => {
  await using temp = await TempFolder.make();
  for (const name of ["b.pdf", "a.PDF", "Thumbs.db", "é.pdf", "résumé (1).pdf", "a~b.pdf"]) {
    await temp.write(name);
  }
  for (const name of [".hidden", "x.part", "x.PART", "x.tmp", "x.pdf.crdownload", "x.docx~"]) {
    await temp.write(name);
  }
  await temp.write("empty.pdf", "");
  await temp.write("sub/inside.pdf");
  await Deno.symlink(temp.at("b.pdf"), temp.at("link.pdf"));
  await Deno.symlink(temp.at("sub"), temp.at("linked-folder"));
  await using source = await openFolder(temp, { recursive: false });
  const items = await collect(source);
  const expected = ["Thumbs.db", "a.PDF", "a~b.pdf", "b.pdf", "résumé (1).pdf", "é.pdf"];
  assert.deepEqual(items.map((item) => item.label), expected);
  assert.ok(items.every((item) => item.kind === "file" && item.path === temp.at(item.label) && item.date));
});

Deno.test("folder looks into subfolders when recursive, but through no link, hidden folder or move target", async () => {
  await using temp = await TempFolder.make();
  for (const name of ["a/1.pdf", "a/b/2.pdf", "a.pdf", ".git/no.pdf", "done/no.pdf", "x.part/no.pdf"]) {
    await temp.write(name);
  }
  await Deno.symlink(temp.path, temp.at("a/loop"));
  await using source = await openFolder(temp, { recursive: true, after: { move: "done" } });
  const items = await collect(source);
  assert.deepEqual(
    items.map((item) => item.path),
    ["a.pdf", "a/1.pdf", "a/b/2.pdf"].map((name) => temp.at(name)),
  );
  assert.deepEqual(items.map((item) => item.label), ["a.pdf", "1.pdf", "2.pdf"]);
});

Deno.test("folder yields only what stood still between two looks", async () => {
  await using temp = await TempFolder.make();
  await temp.write("1-still.pdf");
  const growing = await temp.write("2-growing.pdf");
  const touched = await temp.write("3-touched.pdf");
  const replaced = await temp.write("4-replaced.pdf");
  const removed = await temp.write("5-removed.pdf");
  await temp.write("other", "4-replaced.pdf");
  await using source = await openFolder(temp, {});
  const items = source.items()[Symbol.asyncIterator]();
  // The second look at a file is taken when it is its turn: what happens before that is seen.
  assert.equal((await items.next()).value?.label, "1-still.pdf");
  await Deno.writeTextFile(growing, "more", { append: true });
  await Deno.utime(touched, new Date(0), new Date(0));
  const { atime, mtime } = await Deno.stat(replaced);
  await Deno.rename(temp.at("other"), replaced);
  await Deno.utime(replaced, atime ?? new Date(), mtime ?? new Date());
  await Deno.remove(removed);
  assert.equal((await items.next()).done, true);
});

Deno.test("folder takes a second file of the same name for a new item", async () => {
  await using temp = await TempFolder.make();
  const path = await temp.write("SCN_0001.pdf", "one");
  const { atime, mtime } = await Deno.stat(path);
  await using source = await openFolder(temp, {});
  const [first] = await collect(source);
  const second = await temp.write("new", "two");
  await Deno.utime(second, atime ?? new Date(), mtime ?? new Date());
  await Deno.rename(second, path);
  const [next] = await collect(source);
  assert.equal(next?.label, first?.label);
  assert.notEqual(next?.key, first?.key);
});

Deno.test("folder does not stream a file that changed since it was seen", async (t) => {
  const changes: Record<string, (path: string) => Promise<void>> = {
    "grown": (path) => Deno.writeTextFile(path, "more", { append: true }),
    "cut short": (path) => Deno.truncate(path, 3),
    "touched": (path) => Deno.utime(path, new Date(0), new Date(0)),
    "gone": (path) => Deno.remove(path),
    "now a folder": async (path) => {
      await Deno.remove(path);
      await Deno.mkdir(path);
    },
    "now a link": async (path) => {
      await Deno.rename(path, `${path}.real`);
      await Deno.symlink(`${path}.real`, path);
    },
  };
  for (const [name, change] of Object.entries(changes)) {
    await t.step(name, async () => {
      await using temp = await TempFolder.make();
      const path = await temp.write("a.pdf", "0123456789");
      await using source = await openFolder(temp, {});
      const [item] = await collect(source);
      assert.ok(item);
      await change(path);
      await assert.rejects(
        item.open(),
        (error) => error instanceof ItemError && error.message.includes(path),
      );
    });
  }
});

Deno.test("folder errors a stream whose file changes while it is read", async (t) => {
  for (const change of ["grown", "cut short"]) {
    await t.step(change, async () => {
      await using temp = await TempFolder.make();
      const path = await temp.write("a.pdf", new Uint8Array(1_000_000));
      await using source = await openFolder(temp, {});
      const [item] = await collect(source);
      assert.ok(item);
      const reader = (await item.open()).getReader();
      assert.ok((await reader.read()).value);
      if (change === "grown") await Deno.writeTextFile(path, "more", { append: true });
      else await Deno.truncate(path, 200_000);
      await assert.rejects(readToEnd(reader), ItemError);
    });
  }
});

Deno.test("folder streams in pieces, and stops on an abort or when it is closed", async () => {
  await using temp = await TempFolder.make();
  await temp.write("a.pdf", new Uint8Array(1_000_000));
  const gate = new AbortController();
  await using source = await openFolder(temp, {}, gate.signal);
  const [item] = await collect(source);
  assert.ok(item);
  const reader = (await item.open()).getReader();
  const length = (await reader.read()).value?.length ?? 0;
  assert.ok(length > 0 && length <= 256 * 1024, `${length} octets at once`);
  gate.abort(new Error("stopping"));
  await assert.rejects(readToEnd(reader), /stopping/);
  await assert.rejects(item.open(), /stopping/);

  const other = await openFolder(temp, {});
  const [again] = await collect(other);
  assert.ok(again);
  const open = (await again.open()).getReader();
  // Never read: its file must be closed all the same.
  await again.open();
  await other[Symbol.asyncDispose]();
  await assert.rejects(readToEnd(open), { name: "AbortError" });
});

Deno.test("folder stops waiting for files to stand still on an abort", async () => {
  await using temp = await TempFolder.make();
  await temp.write("a.pdf");
  const gate = new AbortController();
  await using source = await openFolder(temp, { settle: "1h" }, gate.signal);
  const next = source.items()[Symbol.asyncIterator]().next();
  gate.abort(new Error("stopping"));
  await assert.rejects(next, /stopping/);
});

Deno.test("folder makes a missing folder next to launchers.d, and refuses one elsewhere", async () => {
  await using temp = await TempFolder.make();
  await using base = await TempFolder.make();
  await using made = await openFolder(base, { path: "var/inbox" });
  assert.deepEqual(await collect(made), []);
  assert.ok((await Deno.stat(base.at("var/inbox"))).isDirectory);
  const file = await base.write("file.pdf");
  const refused: Record<string, unknown>[] = [
    { path: temp.at("unmounted/share") },
    { path: `../${crypto.randomUUID()}` },
    { path: file },
    { path: `${file}/below` },
    { after: { move: temp.at("unmounted") } },
    { after: { move: "." } },
    { path: "var/inbox", after: { move: ".." } },
  ];
  for (const options of refused) {
    await assert.rejects(
      openFolder(base, options),
      (error) => error instanceof SourceError && error.fault === "refused",
    );
  }
  assert.deepEqual(await temp.list(), []);
});

Deno.test({
  name: "folder yields what it can read, then says what it cannot",
  ignore: Deno.uid() === 0 || Deno.build.os === "windows",
  async fn() {
    await using temp = await TempFolder.make();
    await temp.write("closed/a.pdf");
    const secret = await temp.write("secret.pdf");
    await temp.write("z.pdf");
    await Deno.chmod(secret, 0);
    await Deno.chmod(temp.at("closed"), 0);
    try {
      await using source = await openFolder(temp, { recursive: true });
      const items: Item[] = [];
      const listing = (async () => {
        for await (const item of source.items()) items.push(item);
      })();
      await assert.rejects(
        listing,
        (error) => error instanceof SourceError && /closed.*permission denied/.test(error.message),
      );
      assert.deepEqual(items.map((item) => item.label), ["secret.pdf", "z.pdf"]);
      await assert.rejects(
        items[0]?.open() ?? Promise.resolve(),
        /Cannot read ".*secret.pdf": permission denied/,
      );
    } finally {
      await Deno.chmod(temp.at("closed"), 0o700);
    }
  },
});

Deno.test("folder options say what would be right", () => {
  const good = { protocol: "folder", path: "in" };
  assert.deepEqual(v.parse(folder.options, good), { ...good, recursive: false, settle: 2000, after: "keep" });
  assert.deepEqual(v.parse(folder.options, { ...good, after: { move: "done" }, settle: "500ms" }).after, {
    move: "done",
  });
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ path: "" }, /such as "var\/inbox"/],
    [{ path: 3 }, /such as "var\/inbox"/],
    [{ path: "a\0b" }, /NUL/],
    [{ after: "archive" }, /"keep", "delete" or \{ move = "done" \}/],
    [{ after: { move: "" } }, /"keep", "delete" or \{ move = "done" \}/],
    [{ after: { move: "a", copy: "b" } }, /"keep", "delete" or \{ move = "done" \}/],
    [{ settle: 2 }, /such as/],
    [{ settle: "2 fortnights" }, /such as/],
    [{ settle: "2h" }, /one hour/],
    [{ recursive: "yes" }, /true or false/],
  ];
  for (const [options, message] of cases) {
    const result = v.safeParse(folder.options, { ...good, ...options });
    assert.ok(!result.success, JSON.stringify(options));
    assert.match(result.issues[0].message, message);
  }
  assert.ok(!v.safeParse(folder.options, { ...good, recurse: true }).success);
});

Deno.test("folder waits for what is new alone: what was seen as it is for long enough comes first, one that changed since waits anew", async () => {
  await using temp = await TempFolder.make();
  const [old, changed] = [await temp.write("old.pdf"), await temp.write("changed.pdf")];
  await noteFiles([old, changed, temp.at("missing.pdf"), temp.path]);
  const stood = async () => {
    const file = await seeFile(temp.path, "old.pdf");
    return file ? stoodMs(file) : 0;
  };
  while (await stood() < 20) await new Promise((resolve) => setTimeout(resolve, 5));
  await temp.write("changed.pdf", "longer than before");
  await temp.write("new.pdf");
  await using source = await openFolder(temp, { recursive: false });
  const items = await collect(source);
  assert.deepEqual(items.map(({ label }) => label), ["old.pdf", "changed.pdf", "new.pdf"]);
});

async function openFolder(
  temp: TempFolder,
  options: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<Source> {
  const given = v.parse(folder.options, { protocol: "folder", path: ".", settle: SETTLE, ...options });
  return await folder.open(given, testContext({ base: temp.path, ...(signal ? { signal } : {}) }));
}

async function readToEnd(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}
