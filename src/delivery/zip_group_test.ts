import assert from "node:assert/strict";
import { TempFolder } from "../../test/servers/temp_folder.ts";
import { addPlace } from "../disk.ts";
import { zipChunks } from "./zip_group.ts";

/** More than Deno has threads for. */
const HANGING = 60;

Deno.test({
  name: "zips of files that hang while they are read leave threads to others",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = await TempFolder.make();
    const path = folder.at("fifo");
    assert.ok((await new Deno.Command("mkfifo", { args: [path] }).output()).success);
    addPlace(folder.path);
    const writer = await Deno.open(path, { read: true, write: true });
    const zips = Array.from({ length: HANGING }, () => Array.fromAsync(zipChunks([{ path, name: "a" }])));

    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      writer.close();
      late.reject(new Error("no thread was left"));
    }, 10_000);
    // Often: first the files are opened, and only then does the reading hang.
    for (let n = 0; n < 200; n++) await Promise.race([Deno.stat("/"), late.promise]);
    clearTimeout(timer);
    writer.close();
    assert.ok((await Promise.all(zips)).every((chunks) => chunks.length > 0));
  },
});
