import assert from "node:assert/strict";
import { octets } from "../../test/fixtures/mails/build.ts";
import { packedMails } from "../../test/fixtures/mails/corpus_packed.ts";
import type { TempFolder } from "../../test/servers/temp_folder.ts";
import { withProject } from "../../test/servers/mail_project.ts";

/** Every file below a folder, by its path there, as binary strings. */
async function filesBelow(folder: TempFolder, path: string, prefix = ""): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of await folder.list(path).catch(() => [])) {
    if (name.endsWith("/")) Object.assign(files, await filesBelow(folder, `${path}/${name}`, prefix + name));
    else {files[prefix + name] = new TextDecoder("latin1").decode(
        await Deno.readFile(folder.at(`${path}/${name}`)),
      );}
  }
  return files;
}

Deno.test("what is packed in the documents of a mail arrives, byte for byte, or the mail is quarantined", async (t) => {
  for (const { rule, raw, files = {}, outcome = "delivered", reason, ...tables } of await packedMails()) {
    await t.step(rule, async () => {
      await withProject(tables, async ({ folder, inbox, poll }) => {
        inbox.add(octets(raw));
        const { items } = await poll();
        assert.deepEqual(items.map((item) => item.outcome), [outcome], items[0]?.reason ?? "");
        if (reason !== undefined) assert.match(items[0]?.reason ?? "", reason);
        const found = await filesBelow(folder, "var/cold/courrier");
        assert.deepEqual(
          Object.keys(found).sort(),
          Object.keys(files).map((name) => name.normalize()).sort(),
        );
        for (const [name, content] of Object.entries(files)) {
          if (content === null) continue;
          assert.ok(found[name] === new TextDecoder("latin1").decode(octets(content)), `${name} differs`);
        }
        const told = items[0]?.documents.map((path) => path.slice(folder.at("var/cold/courrier/").length));
        assert.deepEqual(told?.sort(), Object.keys(found).sort());
        assert.deepEqual(await folder.list("var/cold/.lanceur"), []);
        assert.equal((await poll()).items.length, 0);
      });
    });
  }
});

Deno.test("a dry run tells what would come out of a mail, and does nothing", async (t) => {
  const mails = (await packedMails()).filter((_, index) => index % 8 === 1);
  for (const { rule, raw, files: _, outcome = "delivered", ...tables } of mails) {
    await t.step(rule, async () => {
      await withProject(tables, async ({ folder, inbox, poll, dryRun }) => {
        inbox.add(octets(raw));
        const [forecast] = (await dryRun()).items;
        assert.equal(forecast?.outcome, outcome);
        assert.deepEqual(await filesBelow(folder, "var/cold"), {});
        const [item] = (await poll()).items;
        assert.deepEqual(forecast?.documents, item?.documents);
      });
    });
  }
});
