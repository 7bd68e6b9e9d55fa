import assert from "node:assert/strict";
import { TempFolder } from "../test/servers/temp_folder.ts";
import { compareFile } from "./compare_listing.ts";

Deno.test({
  name: "a metadata file on a share that hangs is waited for, and nothing else with it",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = await TempFolder.make();
    const path = folder.at("metadata.xml");
    const content = await folder.write(
      "written",
      '<flux><files name="a"><file content="a.pdf"/></files></flux>',
    );
    assert.ok((await new Deno.Command("mkfifo", { args: [path] }).output()).success);
    const comparing = compareFile(path, ["a.pdf"]);
    // It writes when it is told to, or when it has been told nothing for too long.
    const script = 'read -t 20 word; cat "$0" > "$1"; echo "$word"';
    const writer = new Deno.Command("bash", {
      args: ["-c", script, content, path],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    await new Promise((resolve) => setImmediate(resolve));
    const telling = writer.stdin.getWriter();
    await telling.write(new TextEncoder().encode("told\n"));
    await telling.close();

    assert.deepEqual(await comparing, { found: ["a.pdf"], missing: [] });
    assert.equal(new TextDecoder().decode((await writer.output()).stdout), "told\n");
  },
});

Deno.test("a metadata file that is gone by now is not whole", async () => {
  await using folder = await TempFolder.make();
  assert.equal(await compareFile(folder.at("metadata.xml"), ["a.pdf"]), undefined);
});
