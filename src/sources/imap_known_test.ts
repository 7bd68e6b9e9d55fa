import assert from "node:assert/strict";
import { ImapFixture, mailOf } from "../../test/servers/imap_fixture.ts";

Deno.test("items() asks nothing about mails that are known", async () => {
  await using fixture = await ImapFixture.start();
  for (let n = 0; n < 30; n++) fixture.inbox.add(mailOf(100, `m${n}`));
  await using source = await fixture.open();
  const asked: number[] = [];
  const known = (keys: readonly string[]) => {
    asked.push(keys.length);
    return new Set(keys.filter((key) => !/\/(?:7|30)$/.test(key)));
  };
  const items = await Array.fromAsync(source.items(known));
  assert.deepEqual(items.map((item) => Number(item.key.split("/").at(-1))), items.map((_, n) => n + 1));
  assert.deepEqual(items.filter(({ sizeBytes }) => sizeBytes > 0).map(({ label }) => label), [
    "INBOX UID 7",
    "INBOX UID 30",
  ]);
  assert.deepEqual(asked, [30]);
  const fetches = fixture.server.commands.filter((text) => text.startsWith("UID FETCH"));
  assert.deepEqual(fetches.map((text) => text.split(" ")[2]), ["7,30"]);
});
