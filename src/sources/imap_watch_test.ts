import assert from "node:assert/strict";
import { ImapFixture, mailOf } from "../../test/servers/imap_fixture.ts";
import type { ImapServer } from "../../test/servers/imap_server.ts";
import { Mailbox } from "../../test/servers/mailbox.ts";
import { watchImap } from "./imap_watch.ts";

const QUICK = { idleAfterMs: 1 };

/** Lets turns pass until the server has received a command for the nth time. */
async function received(server: ImapServer, command: string, count = 1): Promise<void> {
  while (server.commands.filter((text) => text === command).length < count) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

Deno.test("watch yields at once, and again for each arrival", async () => {
  const gate = new AbortController();
  await using fixture = await ImapFixture.start({ context: { signal: gate.signal } });
  fixture.inbox.add(mailOf(100));
  const watch = watchImap(fixture.options(), fixture.context, QUICK);
  assert.equal((await watch.next()).done, false);
  for (let round = 0; round < 3; round++) {
    const next = watch.next();
    await received(fixture.server, "IDLE");
    fixture.inbox.add(mailOf(100));
    assert.equal((await next).done, false);
  }
  gate.abort();
  assert.equal((await watch.next()).done, true);
});

Deno.test("an arrival is not lost while nobody waits for it", async () => {
  const gate = new AbortController();
  await using fixture = await ImapFixture.start({ context: { signal: gate.signal } });
  const watch = watchImap(fixture.options(), fixture.context, QUICK);
  await watch.next();
  await received(fixture.server, "IDLE");
  fixture.inbox.add(mailOf(100));
  await fixture.open().then((source) => source[Symbol.asyncDispose]());
  assert.equal((await watch.next()).done, false);
  await watch.return(undefined);
});

Deno.test("an abort ends the watch while it waits, without an error", async () => {
  const gate = new AbortController();
  await using fixture = await ImapFixture.start({ context: { signal: gate.signal } });
  const watch = watchImap(fixture.options(), fixture.context, QUICK);
  await watch.next();
  const next = watch.next();
  await received(fixture.server, "IDLE");
  gate.abort();
  assert.equal((await next).done, true);
});

Deno.test("watch ends with an error when the connection does", async (t) => {
  await t.step("cut", async () => {
    await using fixture = await ImapFixture.start();
    const watch = watchImap(fixture.options(), fixture.context, QUICK);
    await watch.next();
    const next = watch.next();
    await received(fixture.server, "IDLE");
    fixture.server.cut();
    await assert.rejects(next, {
      name: "SourceError",
      fault: "unreachable",
      message: /^Cannot watch the mailbox "INBOX" of "[^"]*": "[^"]*" closed the connection$/,
    });
  });
  await t.step("silent", async () => {
    const at = (name: string) => name === "NOOP" ? "stall" as const : undefined;
    await using fixture = await ImapFixture.start({ faults: { at } });
    const watch = watchImap(fixture.options(), fixture.context, { ...QUICK, silenceMs: 40 });
    await watch.next();
    await assert.rejects(watch.next(), { name: "SourceError", fault: "unreachable" });
  });
  await t.step("silent when IDLE is to be ended", async () => {
    await using fixture = await ImapFixture.start({ faults: { endlessIdle: true } });
    const watch = watchImap(fixture.options(), fixture.context, { ...QUICK, idleMs: 20, silenceMs: 40 });
    await watch.next();
    await assert.rejects(watch.next(), { name: "SourceError", fault: "unreachable" });
  });
});

Deno.test("IDLE is begun anew before the server may lose patience", async () => {
  const gate = new AbortController();
  await using fixture = await ImapFixture.start({ context: { signal: gate.signal } });
  const watch = watchImap(fixture.options(), fixture.context, { ...QUICK, idleMs: 10 });
  await watch.next();
  const next = watch.next();
  await received(fixture.server, "IDLE", 3);
  fixture.inbox.add(mailOf(100));
  assert.equal((await next).done, false);
  gate.abort();
  await watch.next();
});

Deno.test("a server without IDLE is asked with NOOP", async () => {
  const gate = new AbortController();
  const capabilities = ["AUTH=PLAIN"];
  await using fixture = await ImapFixture.start({ capabilities, context: { signal: gate.signal } });
  const watch = watchImap(fixture.options(), fixture.context, { ...QUICK, idleMs: 10 });
  await watch.next();
  const next = watch.next();
  await received(fixture.server, "NOOP");
  fixture.inbox.add(mailOf(100));
  assert.equal((await next).done, false);
  assert.ok(!fixture.server.commands.includes("IDLE"));
  gate.abort();
  await watch.next();
});

Deno.test("the other mailboxes of a launcher are asked about now and then", async () => {
  const gate = new AbortController();
  const other = new Mailbox("Autre");
  const mailboxes = [new Mailbox(), other];
  await using fixture = await ImapFixture.start({ mailboxes, context: { signal: gate.signal } });
  const options = fixture.options({ mailboxes: ["INBOX", "Autre"] });
  const watch = watchImap(options, fixture.context, { ...QUICK, othersMs: 5 });
  await watch.next();
  const next = watch.next();
  await received(fixture.server, "STATUS Autre (UIDNEXT)");
  other.add(mailOf(100));
  assert.equal((await next).done, false);
  gate.abort();
  await watch.next();
});
