import assert from "node:assert/strict";
import { Accounts } from "../accounts.ts";
import { testContext } from "../../test/servers/context.ts";
import { ImapFixture, mailOf } from "../../test/servers/imap_fixture.ts";
import type { ImapServer } from "../../test/servers/imap_server.ts";
import { Mailbox } from "../../test/servers/mailbox.ts";
import { imap } from "./imap.ts";
import type { ImapOptions } from "./imap_options.ts";
import type { WatchSettings } from "./imap_shared.ts";
import type { Connection, Source } from "./source.ts";
import { watchImap } from "./imap_watch.ts";

const QUICK: WatchSettings = { idleAfterMs: 1 };

/** Watches and polls of one process. */
class Process {
  readonly accounts = new Accounts();
  readonly gate = new AbortController();
  readonly context = testContext({ accounts: this.accounts, signal: this.gate.signal });

  watch(options: ImapOptions, settings: WatchSettings = QUICK): AsyncGenerator<void> {
    return watchImap(options, this.context, settings);
  }

  async poll(options: ImapOptions, use: (source: Source) => Promise<void> = readAll): Promise<void> {
    await using source = await imap.open(options, this.context);
    await use(source);
    await source.commit();
  }
}

async function readAll(source: Source): Promise<void> {
  for await (const item of source.items()) await new Response(await item.open()).bytes();
}

async function received(server: ImapServer, command: string, count: number): Promise<void> {
  while (server.commands.filter((text) => text === command).length < count) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

Deno.test("polls borrow the connection that watches, and it goes on watching", async () => {
  await using fixture = await ImapFixture.start();
  const process = new Process();
  const watch = process.watch(fixture.options());
  await watch.next();
  for (let round = 1; round <= 3; round++) {
    const next = watch.next();
    await received(fixture.server, "IDLE", round);
    fixture.inbox.add(mailOf(100, `m${round}`));
    assert.equal((await next).done, false);
    let count = 0;
    await process.poll(fixture.options({ after: "seen" }), async (source) => {
      for await (const item of source.items()) {
        count++;
        await item.settle({ kind: "delivered" });
      }
    });
    assert.equal(count, round);
  }
  assert.equal(fixture.server.clientCount, 1);
  process.gate.abort();
  await watch.next();
});

Deno.test("launchers of one account share one connection, each told of its own mailboxes", async () => {
  const other = new Mailbox("Autre");
  const inbox = new Mailbox();
  await using fixture = await ImapFixture.start({ mailboxes: [inbox, other] });
  const process = new Process();
  const settings = { ...QUICK, othersMs: 5 };
  const watches = [
    process.watch(fixture.options(), settings),
    process.watch(fixture.options({ mailbox: "Autre" }), settings),
    process.watch(fixture.options({ mailboxes: ["INBOX", "Autre"] }), settings),
  ];
  for (const watch of watches) await watch.next();
  await received(fixture.server, "STATUS Autre (UIDNEXT)", 1);
  const [first, second, both] = watches.map((watch) => watch.next());
  other.add(mailOf(100));
  await Promise.all([second, both]);
  const again = watches[2]?.next();
  inbox.add(mailOf(100));
  await Promise.all([first, again]);
  assert.equal(fixture.server.clientCount, 1);
  process.gate.abort();
  for (const watch of watches) assert.equal((await watch.next()).done, true);
});

Deno.test("what arrives while a poll is in another mailbox is told when it ends", async () => {
  const other = new Mailbox("Autre");
  await using fixture = await ImapFixture.start({ mailboxes: [new Mailbox(), other] });
  const process = new Process();
  const watch = process.watch(fixture.options());
  await watch.next();
  const next = watch.next();
  await process.poll(fixture.options({ mailbox: "Autre" }), async (source) => {
    await readAll(source);
    fixture.inbox.add(mailOf(100));
  });
  // Known from before the poll, or not: another look costs little, a mail unseen is late.
  await process.poll(fixture.options({ mailbox: "Autre" }), async (source) => {
    await readAll(source);
    fixture.inbox.add(mailOf(100));
  });
  assert.equal((await next).done, false);
  await watch.return(undefined);
});

Deno.test("a poll does not wait for a watched connection that is dead", async (t) => {
  const cases: [string, WatchSettings][] = [["cut", QUICK], ["silent", { ...QUICK, aliveMs: 20 }]];
  for (const [name, settings] of cases) {
    await t.step(name, async () => {
      await using fixture = await ImapFixture.start();
      fixture.inbox.add(mailOf(100));
      const process = new Process();
      const watch = process.watch(fixture.options(), settings);
      await watch.next();
      const next = watch.next();
      next.catch(() => {});
      await received(fixture.server, "IDLE", 1);
      if (name === "cut") fixture.server.cut();
      else fixture.server.faults.at = (command) => command === "NOOP" ? "stall" : undefined;
      await process.poll(fixture.options());
      await assert.rejects(next, { name: "SourceError", fault: "unreachable" });
      assert.equal(fixture.server.clientCount, 2);
    });
  }
});

Deno.test("a look without commit, as a dry run is, leaves the connection to the watch", async () => {
  await using fixture = await ImapFixture.start();
  fixture.inbox.add(mailOf(100));
  const process = new Process();
  const watch = process.watch(fixture.options());
  await watch.next();
  const next = watch.next();
  {
    await using source = await imap.open(fixture.options(), process.context);
    await readAll(source);
  }
  fixture.inbox.add(mailOf(100));
  assert.equal((await next).done, false);
  assert.equal(fixture.server.clientCount, 1);
  await watch.return(undefined);
});

Deno.test("a poll that ends in the middle of something takes the connection with it, and the watch says so", async () => {
  await using fixture = await ImapFixture.start();
  fixture.inbox.add(mailOf(100));
  const process = new Process();
  const watch = process.watch(fixture.options());
  await watch.next();
  const next = watch.next();
  next.catch(() => {});
  {
    await using source = await imap.open(fixture.options(), process.context);
    fixture.server.faults.at = (command) => command === "UID SEARCH" ? "stall" : undefined;
    Array.fromAsync(source.items()).catch(() => {});
    await received(fixture.server, "UID SEARCH UNDELETED", 1);
  }
  await assert.rejects(next, { name: "SourceError" });
  delete fixture.server.faults.at;
  await process.poll(fixture.options());
  assert.equal(fixture.server.clientCount, 2);
});

Deno.test("a poll that is aborted ends at once, though the connection was made for another", async () => {
  await using fixture = await ImapFixture.start();
  fixture.inbox.add(mailOf(100));
  const process = new Process();
  const watch = process.watch(fixture.options());
  await watch.next();
  const next = watch.next();
  next.catch(() => {});
  const gate = new AbortController();
  const context = testContext({ accounts: process.accounts, signal: gate.signal });
  fixture.server.faults.at = (command) => command === "UID SEARCH" ? "stall" : undefined;
  await using source = await imap.open(fixture.options(), context);
  const listing = Array.fromAsync(source.items());
  await received(fixture.server, "UID SEARCH UNDELETED", 1);
  gate.abort(new Error("stopping"));
  await assert.rejects(listing, /stopping/);
  await assert.rejects(next);
});

Deno.test("a launcher that goes leaves the connection it opened to the others, their poll that runs included", async (t) => {
  await using fixture = await ImapFixture.start();
  for (let n = 0; n < 3; n++) fixture.inbox.add(mailOf(3_000_000, `m${n}`));
  const direct = fixture.options();
  const { server: _server, port: _port, tls: _tls, ...rest } = direct;
  for (
    const [name, options] of [["direct", direct], ["through a tunnel", { ...rest, tunnel: "imap" }]] as const
  ) {
    await t.step(name, async () => {
      const process = new Process();
      const before = fixture.server.clientCount;
      const gate = new AbortController();
      const dial = (_: string, signal: AbortSignal) => dialled(fixture.server, signal);
      const contextOf = (signal: AbortSignal) => testContext({ accounts: process.accounts, signal, dial });
      const goes = watchImap(options, contextOf(gate.signal), QUICK);
      await goes.next();
      const context = contextOf(process.gate.signal);
      const stays = watchImap(options, context, QUICK);
      await stays.next();
      let count = 0;
      {
        await using source = await imap.open(options, context);
        for await (const item of source.items()) {
          if (count === 1) {
            gate.abort(new Error("reloaded"));
            assert.equal((await goes.next()).done, true);
          }
          await new Response(await item.open()).bytes();
          count++;
        }
        await source.commit();
      }
      assert.equal(count, fixture.inbox.mails.length);
      const next = stays.next();
      fixture.inbox.add(mailOf(100));
      assert.equal((await next).done, false);
      assert.equal(fixture.server.clientCount, before + 1);
      process.gate.abort();
      assert.equal((await stays.next()).done, true);
      while (fixture.server.clientsNow > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    });
  }
});

/** What a tunnel service does: the connection lasts as long as the signal lets it. */
async function dialled({ hostname, port }: ImapServer, signal: AbortSignal): Promise<Connection> {
  const connection = await Deno.connect({ hostname, port });
  signal.addEventListener("abort", () => connection.close(), { once: true });
  return connection;
}

Deno.test("polls of one account take turns, polls of others do not wait", async () => {
  await using fixture = await ImapFixture.start({ users: { "ged@exemple.fr": "geheim-7", autre: "x" } });
  for (let n = 0; n < 20; n++) fixture.inbox.add(mailOf(5000, `m${n}`));
  const process = new Process();
  const held = await imap.open(fixture.options(), process.context);
  await process.poll(fixture.options({ account: "autre", password: "x" }));
  await held[Symbol.asyncDispose]();
  await using other = await ImapFixture.start();
  await Promise.all([1, 2, 3, 4].map(() => process.poll(other.options())));
  assert.deepEqual([other.server.clientCount, other.server.clientPeak], [4, 1]);
});
