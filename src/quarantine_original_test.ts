import assert from "node:assert/strict";
import { unzipSync } from "fflate";
import { TempFolder } from "../test/servers/temp_folder.ts";
import type { Item } from "./model.ts";
import { Quarantine } from "./quarantine.ts";
import { originalOf } from "./quarantine_original.ts";

const ADMISSION = { launcher: "a", scope: "a", reason: "damaged", attempts: 1 };

function itemOf(item: Pick<Item, "kind" | "label"> & Partial<Item>): Item {
  return {
    key: item.label,
    sizeBytes: 3,
    open: () => Promise.resolve(ReadableStream.from([new TextEncoder().encode("raw")])),
    settle: () => Promise.resolve(true),
    ...item,
  };
}

Deno.test("originalOf() hands out a mail as it is, under a file name", async () => {
  await using folder = await TempFolder.make();
  const quarantine = await Quarantine.open(folder.at("quarantine"));
  const entry = await quarantine.admit(itemOf({ kind: "mail", label: "UID 1" }), ADMISSION);
  const { name, sizeBytes, content } = await originalOf(quarantine, entry);
  assert.deepEqual([name, sizeBytes, await new Response(content).text()], [`${entry.id}.eml`, 3, "raw"]);
});

Deno.test("originalOf() hands out a directory as a zip with everything in it", async () => {
  await using folder = await TempFolder.make();
  await folder.write("acte/metadata.xml", "<a/>");
  await folder.write("acte/pièces/Délibération.pdf", "%PDF");
  const quarantine = await Quarantine.open(folder.at("quarantine"));
  const item = itemOf({ kind: "envelope", label: "acte", path: folder.at("acte") });
  const { name, sizeBytes, content } = await originalOf(quarantine, await quarantine.admit(item, ADMISSION));
  assert.deepEqual([name, sizeBytes], ["acte.zip", undefined]);
  const files = unzipSync(await new Response(content).bytes());
  const texts = Object.entries(files).map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]);
  assert.deepEqual(texts, [["metadata.xml", "<a/>"], ["pièces/Délibération.pdf", "%PDF"]]);
});

Deno.test({
  name: "originalOf() writes no path into a zip that leads out of the folder where Windows unpacks it",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = await TempFolder.make();
    await folder.write("acte/..\\..\\a.bat", "x");
    const quarantine = await Quarantine.open(folder.at("quarantine"));
    const item = itemOf({ kind: "envelope", label: "acte", path: folder.at("acte") });
    const { content } = await originalOf(quarantine, await quarantine.admit(item, ADMISSION));
    assert.deepEqual(Object.keys(unzipSync(await new Response(content).bytes())), [".._.._a.bat"]);
  },
});

Deno.test("originalOf() says when the original is gone", async () => {
  await using folder = await TempFolder.make();
  const quarantine = await Quarantine.open(folder.at("quarantine"));
  const entry = await quarantine.admit(itemOf({ kind: "mail", label: "UID 1" }), ADMISSION);
  await Deno.remove(folder.at(`quarantine/${entry.id}/mail.eml`));
  await assert.rejects(originalOf(quarantine, entry), /it is missing/);
});
