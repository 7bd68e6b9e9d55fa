import assert from "node:assert/strict";
import { join } from "node:path";
import { ConfigError } from "../errors.ts";
import { resolveSecret, secretStamp } from "./secrets.ts";

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("resolveSecret() gives text, the variable, or the file without one line end", async () => {
  await inFolder(async (folder) => {
    Deno.env.set("LANCEUR_TEST_SECRET", "from env\n");
    await Deno.writeTextFile(join(folder, "a.secret"), "päss word \n\n");
    await Deno.writeTextFile(join(folder, "b.secret"), "windows\r\n");
    await Deno.writeTextFile(join(folder, "c.secret"), "\uFEFFnotepad");
    assert.equal(await resolveSecret("as text", folder), "as text");
    assert.equal(await resolveSecret({ env: "LANCEUR_TEST_SECRET" }, folder), "from env\n");
    assert.equal(await resolveSecret({ file: "a.secret" }, folder), "päss word \n");
    assert.equal(await resolveSecret({ file: join(folder, "b.secret") }, "/nowhere"), "windows");
    assert.equal(await resolveSecret({ file: "c.secret" }, folder), "notepad");
    Deno.env.delete("LANCEUR_TEST_SECRET");
  });
});

Deno.test("resolveSecret() says what is missing and how to mend it, never the value", async (t) => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "empty.secret"), "\n");
    await Deno.writeFile(join(folder, "utf16.secret"), new Uint8Array([0xff, 0xfe, 0x68, 0, 0x75, 0]));
    await Deno.writeTextFile(join(folder, "large.secret"), "hunter2".repeat(10_000));
    const cases: [string, { env: string } | { file: string }, RegExp][] = [
      [
        "variable not set",
        { env: "LANCEUR_TEST_MISSING" },
        /environment variable LANCEUR_TEST_MISSING is not set/,
      ],
      ["no name of a variable", { env: "hunter2=x" }, /environment variable named there is not set/],
      ["file missing", { file: "none.secret" }, /file ".*none\.secret" is missing/],
      ["password as file name", { file: "hunter2" }, /file named there is missing/],
      ["file empty", { file: "empty.secret" }, /is empty/],
      ["UTF-16", { file: "utf16.secret" }, /is not UTF-8/],
      ["oversized", { file: "large.secret" }, /larger than 64 KiB/],
      ["a folder", { file: "./" }, /is not a file/],
    ];
    for (const [name, secret, message] of cases) {
      await t.step(name, async () => {
        await assert.rejects(resolveSecret(secret, folder), (error) => {
          assert.ok(error instanceof ConfigError);
          assert.match(error.message, message);
          assert.ok(error.problems[0]?.remedy);
          assert.doesNotMatch(JSON.stringify(error.problems), /hunter2/);
          return true;
        });
      });
    }
  });
});

Deno.test("secretStamp() changes with the secret, and does not hold it", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "a.secret");
    const secret = { file: "a.secret" };
    const missing = await secretStamp(secret, folder);
    await Deno.writeTextFile(file, "one");
    await Deno.utime(file, 1000, 1000);
    const first = await secretStamp(secret, folder);
    assert.equal(await secretStamp(secret, folder), first);
    await Deno.utime(file, 1000, 2000);
    const second = await secretStamp(secret, folder);
    assert.equal(new Set([missing, first, second]).size, 3);

    assert.equal(await secretStamp("hunter2", folder), await secretStamp("hunter2", "/elsewhere"));
    assert.notEqual(await secretStamp("hunter2", folder), await secretStamp("hunter3", folder));
    assert.doesNotMatch(await secretStamp("hunter2", folder), /hunter/);

    Deno.env.set("LANCEUR_TEST_SECRET", "one");
    const env = await secretStamp({ env: "LANCEUR_TEST_SECRET" }, folder);
    Deno.env.set("LANCEUR_TEST_SECRET", "two");
    assert.notEqual(await secretStamp({ env: "LANCEUR_TEST_SECRET" }, folder), env);
    Deno.env.delete("LANCEUR_TEST_SECRET");
    assert.equal(await secretStamp({ env: "LANCEUR_TEST_SECRET" }, folder), "env:missing");
  });
});
