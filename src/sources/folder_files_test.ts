import assert from "node:assert/strict";
import { TempFolder } from "../../test/servers/temp_folder.ts";
import { fileKey, listFiles, seeFile } from "./folder_files.ts";

const EVERYTHING = { recursive: false, accepts: () => true, signal: new AbortController().signal };

Deno.test("fileKey() goes by the content where inodes mean nothing", async () => {
  await using temp = await TempFolder.make();
  const then = new Date("2024-03-12T10:00:00Z");
  const keys: string[] = [];
  for (const content of ["one", "two", "one"]) {
    await using folder = await TempFolder.make(temp.path);
    await Deno.utime(await folder.write("SCN.pdf", content), then, then);
    const file = await seeFile(folder.path, "SCN.pdf");
    assert.ok(file?.hasInode);
    const withoutInode = { ...file, hasInode: false, fingerprint: "3|1710237600000|" };
    keys.push(await fileKey(withoutInode));
    assert.equal(await fileKey(withoutInode), keys.at(-1));
    assert.notEqual(await fileKey(file), keys.at(-1));
  }
  assert.equal(keys[0], keys[2]);
  assert.notEqual(keys[0], keys[1]);
});

Deno.test("fileKey() still names a file that cannot be read, and looks again later", async () => {
  await using temp = await TempFolder.make();
  await temp.write("a.pdf");
  const file = await seeFile(temp.path, "a.pdf");
  assert.ok(file);
  const withoutInode = { ...file, hasInode: false };
  await Deno.remove(file.path);
  assert.match(await fileKey(withoutInode), /unread$/);
  await temp.write("a.pdf");
  assert.match(await fileKey(withoutInode), /[0-9a-f]{64}$/);
});

Deno.test("listFiles() lists thousands of files in the order of their names", async () => {
  await using temp = await TempFolder.make();
  const names = Array.from({ length: 2000 }, (_, index) => `${String(index).padStart(5, "0")}.pdf`);
  for (const name of names.toReversed()) await temp.write(name);
  const { files, problems } = await listFiles(temp.path, EVERYTHING);
  assert.deepEqual(files.map((file) => file.name), names);
  assert.deepEqual(problems, []);
  assert.equal((await listFiles(temp.path, { ...EVERYTHING, limit: 10 })).files.length, 10);
});

Deno.test({
  name: "listFiles() reports a name that is not UTF-8, and takes the replacement character itself",
  // Only Linux has file systems that accept any octets as a name.
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using temp = await TempFolder.make();
    await temp.write("odd\uFFFD.pdf");
    const script = "printf x > \"$(printf 'D\\351lib.pdf')\"";
    const { success } = await new Deno.Command("sh", { args: ["-c", script], cwd: temp.path }).output();
    assert.ok(success);
    const { files, problems } = await listFiles(temp.path, EVERYTHING);
    assert.deepEqual(files.map((file) => file.name), ["odd\uFFFD.pdf"]);
    assert.equal(problems.length, 1);
    assert.match(problems[0]?.message ?? "", /lib\.pdf": its name is not UTF-8, rename it/);
  },
});
