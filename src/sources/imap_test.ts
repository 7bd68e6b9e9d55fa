import assert from "node:assert/strict";
import { ItemError, SourceError } from "../errors.ts";
import type { Item } from "../model.ts";
import { ACCOUNT, ImapFixture, mailOf, PASSWORD } from "../../test/servers/imap_fixture.ts";
import { Mailbox } from "../../test/servers/mailbox.ts";
import { collect, testSource } from "../../test/suites/source.ts";
import { imap } from "./imap.ts";
import { keyPrefix } from "./imap_mail.ts";

const MEBIBYTE = 1 << 20;

testSource("imap", {
  protocol: imap,
  async start(seeds) {
    const fixture = await ImapFixture.start();
    for (const { bytes } of seeds) fixture.inbox.add(bytes);
    return {
      options: fixture.options({ after: "delete" }),
      context: fixture.context,
      remaining: () => fixture.inbox.mails.map((mail) => `${mail.uid} ${[...mail.flags].join(" ")}`),
      cleanup: async () => await fixture[Symbol.asyncDispose](),
    };
  },
});

async function read(item: Item | undefined): Promise<Uint8Array<ArrayBuffer>> {
  assert.ok(item);
  return await new Response(await item.open()).bytes();
}

Deno.test("items() names account, server, mailbox, UIDVALIDITY and UID", async () => {
  await using fixture = await ImapFixture.start({ mailboxes: [new Mailbox("INBOX", 42)] });
  fixture.inbox.add("gone\r\n");
  fixture.inbox.add("Subject: a\r\n\r\nb\r\n", new Date("2026-03-01T10:11:12Z"));
  fixture.inbox.remove(1);
  await using source = await fixture.open();
  const [item] = await collect(source);
  assert.equal(item?.key, `${ACCOUNT}@127.0.0.1/INBOX/42/2`);
  assert.equal(item?.label, "INBOX UID 2");
  assert.equal(item?.kind, "mail");
  assert.equal(item?.sizeBytes, 17);
  assert.deepEqual(item?.date, new Date("2026-03-01T10:11:12Z"));
});

Deno.test("leftovers() are mails marked as deleted, where that is how originals go", async () => {
  await using fixture = await ImapFixture.start();
  fixture.inbox.add("a\r\n");
  fixture.inbox.add("b\r\n").flags.add("\\Deleted");
  const leftovers = async (after: unknown) => {
    await using source = await fixture.open({ after });
    assert.deepEqual((await collect(source)).map(({ label }) => label), ["INBOX UID 1"]);
    return (await Array.fromAsync(source.leftovers?.() ?? [])).map(({ label }) => label);
  };
  assert.deepEqual(await leftovers("delete"), ["INBOX UID 2"]);
  assert.deepEqual(await leftovers("keep"), []);
  // With the server's MOVE, a mail goes in one step.
  assert.deepEqual(await leftovers({ move: "done" }), []);
});

Deno.test("keys cannot be made to look like those of another mailbox", () => {
  const base = { account: "a/b%", server: "[::1]" };
  const options = (more: object) =>
    ({ ...base, protocol: "imap" as const, ...more }) as Parameters<typeof keyPrefix>[0];
  assert.equal(keyPrefix(options({})), "a%2Fb%25@::1");
  assert.equal(keyPrefix(options({ server: "IMAP.Exemple.FR" })), "a%2Fb%25@imap.exemple.fr");
  assert.equal(keyPrefix(options({ server: undefined, tunnel: "x@y/z" })), "a%2Fb%25@x%40y%2Fz");
});

Deno.test("items() takes all mailboxes in the order given, with names in any script", async () => {
  const [inbox, factures] = [new Mailbox(), new Mailbox("Reçues & payées/2026")];
  await using fixture = await ImapFixture.start({ mailboxes: [inbox, factures] });
  inbox.add("1\r\n");
  inbox.add("2\r\n");
  factures.add("3\r\n");
  await using source = await fixture.open({ mailboxes: ["Reçues & payées/2026", "inbox"] });
  const items = await collect(source);
  assert.deepEqual(items.map(({ label }) => label), [
    "Reçues & payées/2026 UID 1",
    "INBOX UID 1",
    "INBOX UID 2",
  ]);
  assert.equal(items[0]?.key, `${ACCOUNT}@127.0.0.1/Reçues & payées%2F2026/1/1`);
  const texts = await Promise.all(items.map(async (item) => new TextDecoder().decode(await read(item))));
  assert.deepEqual(texts, ["3\r\n", "1\r\n", "2\r\n"]);
});

Deno.test("open() names a mailbox that is missing, and those that exist", async () => {
  await using fixture = await ImapFixture.start({ mailboxes: [new Mailbox(), new Mailbox("Archivé")] });
  await assert.rejects(fixture.open({ mailboxes: ["INBOX", "Factures"] }), (error) => {
    assert.ok(error instanceof SourceError);
    assert.equal(error.fault, "refused");
    assert.match(
      error.message,
      /^Cannot open the mailbox "Factures" of "127\.0\.0\.1:\d+": it does not exist; /,
    );
    assert.match(error.message, /there are "INBOX", "Archivé"$/);
    return true;
  });
});

Deno.test("items() leaves out what is read already, too old, or thrown away", async (t) => {
  await using fixture = await ImapFixture.start();
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
  fixture.inbox.add("1\r\n", daysAgo(30));
  fixture.inbox.add("2\r\n", daysAgo(7.1)).flags.add("\\Seen");
  fixture.inbox.add("3\r\n", daysAgo(6.9));
  fixture.inbox.add("4\r\n").flags.add("\\Seen");
  fixture.inbox.add("5\r\n").flags.add("\\Deleted");
  const cases: [string, object, number[]][] = [
    ["nothing said", {}, [1, 2, 3, 4]],
    ["unseen_only", { unseen_only: true }, [1, 3]],
    ["since_days, to the hour", { since_days: 7 }, [3, 4]],
    ["both", { unseen_only: true, since_days: 7 }, [3]],
  ];
  for (const [name, listen, uids] of cases) {
    await t.step(name, async () => {
      await using source = await fixture.open({ ...listen });
      const labels = (await collect(source)).map(({ label }) => label);
      assert.deepEqual(labels, uids.map((uid) => `INBOX UID ${uid}`));
    });
  }
});

Deno.test("items() lists thousands of mails with a handful of commands", async () => {
  await using fixture = await ImapFixture.start();
  for (let index = 0; index < 12_000; index++) fixture.inbox.add("x\r\n");
  for (let uid = 1; uid < 3000; uid += 2) fixture.inbox.remove(uid);
  await using source = await fixture.open();
  const items = await collect(source);
  assert.equal(items.length, 10_500);
  assert.equal(items[0]?.label, "INBOX UID 2");
  assert.equal(items.at(-1)?.label, "INBOX UID 12000");
  const fetches = fixture.server.commands.filter((command) => command.startsWith("UID FETCH"));
  assert.ok(fetches.length < 10, `${fetches.length} commands`);
  assert.ok(fetches.every((command) => command.length < 4200));
  assert.ok(fetches.every((command) => !command.includes("BODY")));
});

Deno.test("a mail that the server lists twice, or without being asked, is one mail", async () => {
  await using fixture = await ImapFixture.start({ faults: { repeats: true } });
  for (let index = 0; index < 5; index++) fixture.inbox.add(`Subject: ${index}\r\n\r\nx\r\n`);
  await using source = await fixture.open();
  const items = await collect(source);
  assert.deepEqual(items.map(({ label }) => label), [1, 2, 3, 4, 5].map((uid) => `INBOX UID ${uid}`));
  const known = new Set([items[2]?.key ?? ""]);
  const again = await Array.fromAsync(source.items((keys) => known.intersection(new Set(keys))));
  assert.equal(again.length, 5);
  const kept = await source.kept?.(items[3]?.key ?? "");
  assert.equal(kept?.label, "INBOX UID 4");
});

Deno.test("open() gives large and small mails octet for octet, however the answers are split", async (t) => {
  const sizes = [1, 300, 256 * 1024 + 1, MEBIBYTE - 1, MEBIBYTE, MEBIBYTE + 1, 3 * MEBIBYTE];
  for (const chunkBytes of [100_000, 16_384, 4099]) {
    await t.step(`pieces of ${chunkBytes}`, async () => {
      await using fixture = await ImapFixture.start({ faults: { chunkBytes } });
      for (const size of sizes) {
        fixture.inbox.add(crypto.getRandomValues(new Uint8Array(Math.min(size, 65_536))));
      }
      for (const size of sizes.slice(2)) fixture.inbox.add(mailOf(size).slice(0, size));
      await using source = await fixture.open();
      const items = await collect(source);
      source.expect?.(items);
      for (const [index, item] of items.entries()) {
        assert.deepEqual(await read(item), fixture.inbox.mails[index]?.raw);
      }
    });
  }
  await t.step("single octets", async () => {
    await using fixture = await ImapFixture.start({ faults: { chunkBytes: 1 } });
    fixture.inbox.add(mailOf(500));
    await using source = await fixture.open();
    assert.deepEqual(await read((await collect(source))[0]), fixture.inbox.mails[0]?.raw);
  });
});

Deno.test("reading a mail does not mark it as seen", async () => {
  await using fixture = await ImapFixture.start();
  fixture.inbox.add(mailOf(100));
  fixture.inbox.add(mailOf(2 * MEBIBYTE));
  for (const after of ["keep", "delete"]) {
    await using source = await fixture.open({ after });
    const items = await collect(source);
    source.expect?.(items);
    for (const item of items) await read(item);
    await source.commit();
  }
  assert.deepEqual(fixture.inbox.mails.map(({ flags }) => flags.size), [0, 0]);
  assert.ok(fixture.server.commands.every((command) => !/BODY\[/.test(command)));
  assert.ok(fixture.server.commands.includes("EXAMINE INBOX"), "after = keep opens read-only");
});

Deno.test("expect() fetches small mails many at a time, and within bounds", async () => {
  await using fixture = await ImapFixture.start();
  for (let index = 0; index < 300; index++) fixture.inbox.add(mailOf(2000, `n${index}`));
  await using source = await fixture.open();
  const items = await collect(source);
  source.expect?.(items);
  for (const [index, item] of items.entries()) {
    assert.deepEqual(await read(item), fixture.inbox.mails[index]?.raw);
  }
  const bodies = fixture.server.commands.filter((command) => command.includes("BODY.PEEK[]"));
  assert.equal(bodies.length, 3);
});

Deno.test("expect() is only a hint: skipped, repeated and foreign items are read all the same", async () => {
  await using fixture = await ImapFixture.start();
  for (let index = 0; index < 40; index++) fixture.inbox.add(mailOf(100_000, `n${index}`));
  await using source = await fixture.open();
  const items = await collect(source);
  source.expect?.(items);
  const order = [0, 5, 6, 39, 1, 1, 20, 39];
  for (const index of order) assert.deepEqual(await read(items[index]), fixture.inbox.mails[index]?.raw);
  source.expect?.(items.slice(30));
  const last = items.slice(30).map(read);
  for (const [index, bytes] of (await Promise.all(last)).entries()) {
    assert.deepEqual(bytes, fixture.inbox.mails[30 + index]?.raw);
  }
});

Deno.test("expect() goes on past mails that nobody opens", async () => {
  await using fixture = await ImapFixture.start();
  for (let index = 0; index < 200; index++) fixture.inbox.add(mailOf(100_000, `n${index}`));
  await using source = await fixture.open();
  const items = await collect(source);
  source.expect?.(items);
  for (let index = 19; index < items.length; index += 20) {
    assert.deepEqual(await read(items[index]), fixture.inbox.mails[index]?.raw);
  }
  assert.ok(!fixture.server.commands.some((command) => command.includes("BODY.PEEK[]<")));
});

Deno.test("expect() does not hold much more than was announced", async () => {
  await using fixture = await ImapFixture.start({ faults: { announcedBytes: () => 10 } });
  for (let index = 0; index < 5; index++) fixture.inbox.add(mailOf(100_000, `n${index}`));
  await using source = await fixture.open({ exact_sizes: false });
  const items = await collect(source);
  source.expect?.(items);
  for (const [index, item] of items.entries()) {
    assert.deepEqual(await read(item), fixture.inbox.mails[index]?.raw);
  }
  const one = fixture.server.commands.filter((command) => command.includes("BODY.PEEK[]<"));
  assert.equal(one.length, items.length);
});

Deno.test("open() refuses a mail that is not as long as announced", async (t) => {
  const cases: [string, number, (size: number) => number][] = [
    ["shorter", 500, (size) => size + 100],
    ["longer", 500, (size) => size - 100],
    ["large and shorter", 3 * MEBIBYTE, (size) => size + 1],
    ["large and longer", 3 * MEBIBYTE, (size) => size - 1],
    ["longer than a whole number of chunks", 2 * MEBIBYTE, () => MEBIBYTE],
  ];
  for (const [name, bytes, announce] of cases) {
    for (const isExpected of [false, true]) {
      await t.step(`${name}${isExpected ? ", fetched ahead" : ""}`, async () => {
        const faults = { announcedBytes: ({ raw }: { raw: Uint8Array }) => announce(raw.length) };
        await using fixture = await ImapFixture.start({ faults });
        fixture.inbox.add(mailOf(bytes));
        await using source = await fixture.open();
        const items = await collect(source);
        if (isExpected) source.expect?.(items);
        await assert.rejects(read(items[0]), (error) => {
          assert.ok(error instanceof ItemError);
          assert.match(
            error.message,
            /^Cannot read "INBOX UID 1": the server announced \d+ octets and sent \d+; /,
          );
          return true;
        });
      });
    }
  }
});

Deno.test("open() takes estimated sizes where they are known as such", async (t) => {
  const announcedBytes = ({ raw }: { raw: Uint8Array }) => raw.length - 7;
  const id = { name: "Microsoft.Exchange.Imap4.Imap4Server", version: "15.20" };
  const greeting = "* OK The Microsoft Exchange IMAP4 service is ready.";
  const cases: [string, object, object][] = [
    ["by option", { faults: { announcedBytes } }, { exact_sizes: false }],
    ["by what the server calls itself", { faults: { announcedBytes }, id }, {}],
    ["by its greeting", { faults: { announcedBytes, greeting } }, {}],
  ];
  for (const [name, server, listen] of cases) {
    await t.step(name, async () => {
      await using fixture = await ImapFixture.start({ ...server });
      fixture.inbox.add(mailOf(800));
      fixture.inbox.add(mailOf(2 * MEBIBYTE));
      await using source = await fixture.open({ ...listen });
      const items = await collect(source);
      source.expect?.(items);
      for (const [index, item] of items.entries()) {
        assert.deepEqual(await read(item), fixture.inbox.mails[index]?.raw);
      }
    });
  }
});

Deno.test("open() says that a mail has gone, and the others can still be read", async () => {
  await using fixture = await ImapFixture.start();
  for (let index = 0; index < 3; index++) fixture.inbox.add(mailOf(100, `n${index}`));
  await using source = await fixture.open();
  const items = await collect(source);
  fixture.inbox.remove(2);
  source.expect?.(items);
  assert.equal((await read(items[0])).length > 0, true);
  await assert.rejects(read(items[1]), {
    name: "ItemError",
    message: 'Cannot read "INBOX UID 2": it is no longer there',
  });
  assert.equal((await read(items[2])).length > 0, true);
});

Deno.test("open() leaves a mail that the server cannot give to that mail alone", async (t) => {
  const cases: [string, `${"NO" | "BAD"} ${string}`, typeof ItemError | typeof SourceError][] = [
    ["damaged on the server", "NO [SERVERBUG] internal error", ItemError],
    ["refused without a code", "NO cannot be converted", ItemError],
    ["the server wants us to wait", "NO [LIMIT] too much", SourceError],
    ["the server is unavailable", "NO [UNAVAILABLE] try later", SourceError],
  ];
  for (const [name, completion, expected] of cases) {
    await t.step(name, async () => {
      await using fixture = await ImapFixture.start();
      fixture.inbox.add(mailOf(100));
      await using source = await fixture.open();
      const items = await collect(source);
      fixture.server.faults.at = (command, text) => {
        return command === "UID FETCH" && text.includes("BODY") ? completion : undefined;
      };
      source.expect?.(items);
      await assert.rejects(read(items[0]), (error) => error instanceof expected);
      assert.ok(!fixture.server.commands.some((command) => command.includes(PASSWORD)));
    });
  }
});

Deno.test("a poll ends when the server numbers its mails anew meanwhile", async () => {
  const other = new Mailbox("Autre");
  await using fixture = await ImapFixture.start({ mailboxes: [new Mailbox(), other] });
  fixture.inbox.add(mailOf(100));
  other.add(mailOf(100));
  await using source = await fixture.open({ mailboxes: ["INBOX", "Autre"] });
  const items = await collect(source);
  fixture.inbox.uidValidity = 2;
  await assert.rejects(read(items[0]), {
    name: "SourceError",
    message: /numbered its mails anew \(UIDVALIDITY\)/,
  });
});

Deno.test("a connection that ends while a mail is read is never a shorter mail", async (t) => {
  for (const bytes of [2000, 3 * MEBIBYTE]) {
    for (const at of [0, 0.3, 0.9]) {
      await t.step(`${bytes} octets, cut at ${at}`, async () => {
        await using fixture = await ImapFixture.start();
        fixture.inbox.add(mailOf(bytes));
        await using source = await fixture.open();
        const items = await collect(source);
        fixture.server.faults.cutAfterBytes = fixture.server.sentBytes + Math.ceil(bytes * at);
        await assert.rejects(read(items[0]), (error) => {
          assert.ok(error instanceof SourceError);
          assert.equal(error.fault, "unreachable");
          return true;
        });
      });
    }
  }
});

Deno.test("a slow reader holds the server back", async () => {
  await using fixture = await ImapFixture.start();
  fixture.inbox.add(mailOf(40 * MEBIBYTE));
  await using source = await fixture.open();
  const [item] = await collect(source);
  assert.ok(item);
  const reader = (await item.open()).getReader();
  await reader.read();
  await reader.read();
  const sentBytes = fixture.server.sentBytes;
  assert.ok(sentBytes < 4 * MEBIBYTE, `${sentBytes} octets were sent`);
  await reader.cancel();
  assert.equal((await read(item)).length, item.sizeBytes);
});

Deno.test("commit() says goodbye", async () => {
  await using fixture = await ImapFixture.start();
  await using source = await fixture.open();
  await collect(source);
  await source.commit();
  assert.equal(fixture.server.commands.at(-1), "LOGOUT");
});

Deno.test("imap offers push", () => assert.equal(typeof imap.watch, "function"));
