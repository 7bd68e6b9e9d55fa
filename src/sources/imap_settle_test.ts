import assert from "node:assert/strict";
import { ItemError, SourceError } from "../errors.ts";
import type { Item } from "../model.ts";
import { ImapFixture, mailOf } from "../../test/servers/imap_fixture.ts";
import { Mailbox } from "../../test/servers/mailbox.ts";
import type { Source } from "./source.ts";

const PLAIN = ["AUTH=PLAIN", "SASL-IR", "NAMESPACE"];

async function items(source: Source): Promise<[Item, Item, Item]> {
  const [first, second, third] = await Array.fromAsync(source.items());
  assert.ok(first && second && third);
  return [first, second, third];
}

async function start(capabilities?: readonly string[]): Promise<ImapFixture> {
  const fixture = await ImapFixture.start(capabilities === undefined ? {} : { capabilities });
  for (let index = 1; index <= 3; index++) fixture.inbox.add(mailOf(100, `n${index}`));
  return fixture;
}

/** `1 \Seen`: UID and flags of every mail. */
function state(mailbox: Mailbox | undefined): string[] {
  return mailbox?.mails.map(({ uid, flags }) => [uid, ...flags].join(" ")) ?? [];
}

Deno.test("settle() does what after says to that mail alone, and can be repeated", async (t) => {
  const cases: [unknown, string[], string[]][] = [
    ["keep", ["1", "2", "3"], []],
    ["seen", ["1", "2 \\Seen", "3"], []],
    ["flag", ["1", "2 \\Flagged", "3"], []],
    [{ flag: "$Lanceur" }, ["1", "2 $Lanceur", "3"], []],
    ["delete", ["1", "3"], []],
    [{ move: "Traités" }, ["1", "3"], ["1"]],
  ];
  for (const [after, inbox, moved] of cases) {
    for (const capabilities of [undefined, PLAIN]) {
      await t.step(
        `${JSON.stringify(after)}${capabilities ? ", neither MOVE nor UIDPLUS" : ""}`,
        async () => {
          await using fixture = await start(capabilities);
          await using source = await fixture.open({ after });
          const [, second] = await items(source);
          assert.equal(await second.settle({ kind: "delivered" }), true);
          assert.deepEqual(state(fixture.inbox), inbox);
          assert.equal(await second.settle({ kind: "delivered" }), true);
          await source.commit();
          assert.deepEqual(state(fixture.inbox), inbox);
          assert.deepEqual(state(fixture.server.mailboxes.find(({ name }) => name === "Traités")), moved);
        },
      );
    }
  }
});

Deno.test("settle() touches only what was delivered or quarantined", async () => {
  await using fixture = await start();
  await using source = await fixture.open({ after: "delete" });
  const [first, second, third] = await items(source);
  assert.equal(await first.settle({ kind: "skipped", reason: "name" }), true);
  assert.equal(await second.settle({ kind: "failed", reason: "full" }), false);
  assert.equal(await third.settle({ kind: "quarantined", reason: "damaged" }), true);
  assert.deepEqual(state(fixture.inbox), ["1", "2"]);
});

Deno.test("settle() is satisfied when the mail has gone", async (t) => {
  for (const after of ["seen", "delete", { move: "Traités" }]) {
    await t.step(JSON.stringify(after), async () => {
      await using fixture = await start();
      await using source = await fixture.open({ after });
      const [, second] = await items(source);
      fixture.inbox.remove(2);
      fixture.server.faults.at = (name) => /STORE|MOVE/.test(name) ? "NO no such mail" : undefined;
      assert.equal(await second.settle({ kind: "delivered" }), true);
      assert.deepEqual(state(fixture.inbox), ["1", "3"]);
    });
  }
});

Deno.test("settle() reports what the server refuses, and the mail stays", async (t) => {
  const cases: [unknown, string, RegExp][] = [
    ["seen", "UID STORE", /^Cannot mark as seen UID 1 of "INBOX": the server answered "not yours"$/],
    [{ flag: "x" }, "UID STORE", /^Cannot flag UID 1 of "INBOX": the server answered "not yours"$/],
    ["delete", "UID STORE", /^Cannot delete UID 1 of "INBOX": the server answered "not yours"$/],
    ["delete", "UID EXPUNGE", /^Cannot delete UID 1 of "INBOX": the server answered "not yours"$/],
    [{ move: "Traités" }, "UID MOVE", /^Cannot move UID 1 of "INBOX": the server answered "not yours"$/],
  ];
  for (const [after, command, message] of cases) {
    await t.step(`${command} for ${JSON.stringify(after)}`, async () => {
      await using fixture = await start();
      await using source = await fixture.open({ after });
      const [first] = await items(source);
      fixture.server.faults.at = (name) => name === command ? "NO [NOPERM] not yours" : undefined;
      await assert.rejects(first.settle({ kind: "delivered" }), (error) => {
        assert.ok(error instanceof ItemError, String(error));
        assert.match(error.message, message);
        return true;
      });
      assert.equal(fixture.inbox.mails.length, 3);
      delete fixture.server.faults.at;
      assert.equal(await first.settle({ kind: "delivered" }), true, "can be settled later");
    });
  }
});

Deno.test("a folder that cannot be made stops the launcher, and no mail is moved", async () => {
  await using fixture = await start();
  await using source = await fixture.open({ after: { move: "Traités" } });
  const [first] = await items(source);
  fixture.server.faults.at = (name) => name === "CREATE" ? "NO [NOPERM] not here" : undefined;
  await assert.rejects(first.settle({ kind: "delivered" }), {
    name: "SourceError",
    fault: "refused",
    message: 'Cannot make the mailbox "Traités": the server answered "not here"',
  });
  assert.equal(fixture.inbox.mails.length, 3);
});

Deno.test("a connection that ends is never taken for a mail that has gone", async (t) => {
  for (
    const [after, command] of [["seen", "UID STORE"], ["delete", "UID EXPUNGE"], [{ move: "T" }, "UID MOVE"]]
  ) {
    await t.step(`${command}`, async () => {
      await using fixture = await start();
      await using source = await fixture.open({ after });
      const [first] = await items(source);
      fixture.server.faults.at = (name) => name === command ? "cut" : undefined;
      await assert.rejects(first.settle({ kind: "delivered" }), (error) => {
        assert.ok(error instanceof SourceError, String(error));
        return error.fault === "unreachable";
      });
    });
  }
});

Deno.test("without UIDPLUS a mail that someone else marked as deleted is not expunged", async (t) => {
  for (const after of ["delete", { move: "Traités" }]) {
    await t.step(JSON.stringify(after), async () => {
      await using fixture = await start(PLAIN);
      fixture.inbox.mails[2]?.flags.add("\\Deleted");
      await using source = await fixture.open({ after });
      const [first] = await Array.fromAsync(source.items());
      assert.equal(await first?.settle({ kind: "delivered" }), true);
      assert.deepEqual(state(fixture.inbox), ["1 \\Deleted", "2", "3 \\Deleted"]);
      await using again = await fixture.open({ after });
      assert.deepEqual((await Array.fromAsync(again.items())).map(({ label }) => label), ["INBOX UID 2"]);
    });
  }
});

Deno.test("mails settled together share their commands", async () => {
  await using fixture = await ImapFixture.start({ mailboxes: [new Mailbox(), new Mailbox("Autre")] });
  for (let index = 0; index < 200; index++) fixture.server.mailboxes[index % 2]?.add(mailOf(50));
  await using source = await fixture.open({ mailboxes: ["INBOX", "Autre"], after: "seen" });
  const all = await Array.fromAsync(source.items());
  await Promise.all(all.map((item) => item.settle({ kind: "delivered" })));
  const mails = fixture.server.mailboxes.flatMap(({ mails }) => mails);
  assert.ok(mails.every(({ flags }) => flags.has("\\Seen")));
  assert.equal(fixture.server.commands.filter((command) => command.startsWith("UID STORE")).length, 2);
});

Deno.test("settle() works while mails are being read", async () => {
  await using fixture = await start();
  fixture.inbox.add(mailOf(5_000_000));
  await using source = await fixture.open({ after: "delete" });
  const all = await Array.fromAsync(source.items());
  const large = all[3];
  assert.ok(large);
  const reading = large.open().then((stream) => new Response(stream).bytes());
  await Promise.all(all.slice(0, 3).map((item) => item.settle({ kind: "delivered" })));
  assert.equal((await reading).length, large.sizeBytes);
  assert.deepEqual(state(fixture.inbox), ["4"]);
});

Deno.test("on Gmail delete means the bin, and a label can be given", async (t) => {
  const gmail = ["AUTH=PLAIN", "SASL-IR", "NAMESPACE", "MOVE", "UIDPLUS", "X-GM-EXT-1"];
  const start = async (bin: string) => {
    const mailboxes = [new Mailbox(), new Mailbox("[Gmail]/Corbeille", 1, bin)];
    const fixture = await ImapFixture.start({ capabilities: gmail, mailboxes });
    for (let index = 1; index <= 3; index++) fixture.inbox.add(mailOf(100, `n${index}`));
    return fixture;
  };
  const settleSecond = async (fixture: ImapFixture, after: unknown) => {
    await using source = await fixture.open({ after });
    const [, second] = await items(source);
    assert.equal(await second.settle({ kind: "delivered" }), true);
    await source.commit();
  };
  const named = (fixture: ImapFixture, name: string) =>
    state(fixture.server.mailboxes.find((mailbox) => mailbox.name === name));
  await t.step("delete", async () => {
    await using fixture = await start("\\Trash");
    await settleSecond(fixture, "delete");
    assert.deepEqual(state(fixture.inbox), ["1", "3"]);
    assert.deepEqual(named(fixture, "[Gmail]/Corbeille"), ["1"]);
  });
  await t.step("delete, with the bin hidden from IMAP", async () => {
    await using fixture = await start("");
    await settleSecond(fixture, "delete");
    assert.deepEqual(state(fixture.inbox), ["1", "3"]);
    assert.deepEqual(named(fixture, "[Gmail]/Corbeille"), []);
  });
  await t.step("label", async () => {
    await using fixture = await start("\\Trash");
    await settleSecond(fixture, { label: "GED traités" });
    assert.deepEqual(state(fixture.inbox), ["1", "2", "3"]);
    assert.deepEqual(named(fixture, "GED traités"), ["1"]);
  });
});

Deno.test("a label on a server without labels is refused before anything is delivered", async () => {
  await using fixture = await start();
  await assert.rejects(fixture.open({ after: { label: "x" } }), {
    name: "SourceError",
    message:
      /^Cannot settle mails of ".*" with after = \{ label = … \}: it has no labels, as only Gmail does;/,
  });
});

Deno.test("a keyword that the mailbox does not take is a failure in words", async () => {
  await using fixture = await start();
  fixture.server.faults.permanentFlags = "\\Seen \\Flagged \\Deleted";
  await using source = await fixture.open({ after: { flag: "$Lanceur" } });
  const [first] = await items(source);
  await assert.rejects(first.settle({ kind: "delivered" }), {
    name: "ItemError",
    message: /^Cannot flag UID 1 of "INBOX": .*takes no keyword "\$Lanceur"/,
  });
});
