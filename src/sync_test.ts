import assert from "node:assert/strict";
import { TempFolder } from "../test/servers/temp_folder.ts";
import { syncPath } from "./sync.ts";

Deno.test("syncPath() syncs files and directories, and throws what a file system says", async () => {
  await using folder = await TempFolder.make();
  await syncPath(await folder.write("a"));
  await syncPath(folder.path);
  await assert.rejects(syncPath(folder.at("missing")), Deno.errors.NotFound);
});

Deno.test({
  name: "syncPath() lets a directory be that its file system cannot sync",
  // Its directories answer EINVAL, as those of some network shares do.
  ignore: Deno.build.os !== "linux",
  async fn() {
    // A process of its own: /proc is open to one with every right alone.
    const module = new URL("./sync.ts", import.meta.url);
    const program =
      `import { syncPath } from "${module}"; await syncPath("/proc/self"); console.log("well");`;
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", program] }).output();
    assert.equal(new TextDecoder().decode(stdout), "well\n");
  },
});
