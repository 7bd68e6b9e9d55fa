import assert from "node:assert/strict";
import { startImapServer } from "../test/servers/imap_server.ts";
import { listenLines, withLauncher } from "../test/servers/launcher_project.ts";
import { TempFolder } from "../test/servers/temp_folder.ts";
import { readConfiguration } from "./config/mod.ts";
import { Launcher } from "./launcher.ts";
import { LauncherHistory } from "./launcher_history.ts";
import { Ledger } from "./ledger.ts";
import type { Fault, PollView } from "./status/view.ts";
import { openStores } from "./stores.ts";

const INBOX = `schedule = "0 4 * * *"
[listen]
protocol = "folder"
path = "inbox"
settle = "10ms"
[deliver]
cold = "inbox"
`;

Deno.test("Launcher tells how far a poll is: items of how many, octets, what is left", async () => {
  await using folder = await TempFolder.make();
  await folder.write("launchers.d/inbox.toml", INBOX);
  for (let number = 0; number < 5; number += 1) await folder.write(`inbox/${number}.txt`, "x".repeat(100));
  const configuration = await readConfiguration(folder.at("launchers.d"));
  const [config] = configuration.launchers;
  assert.ok(config, JSON.stringify(configuration.problems));
  await using stores = await openStores(configuration);
  const seen: string[] = [];
  await using launcher = new Launcher(config, {
    base: configuration.base,
    stores,
    dial: () => Promise.reject(new TypeError("There is no tunnel")),
    onChange: () => {
      const { progress, left } = launcher;
      const now = progress ? `${progress.done}/${progress.of} ${progress.bytes} left ${left}` : "over";
      // A sign may come before the first item is counted: it tells nothing new.
      if (seen.at(-1) !== now) seen.push(now);
    },
  });
  await launcher.poll();
  assert.deepEqual(seen, [
    "0/undefined 0 left undefined",
    "0/5 0 left 5",
    "1/5 100 left 4",
    "2/5 200 left 3",
    "3/5 300 left 2",
    "4/5 400 left 1",
    "5/5 500 left 0",
    "over",
  ]);
  await folder.write("inbox/new.txt", "y");
  seen.length = 0;
  await launcher.poll();
  assert.deepEqual(seen.slice(1), ["5/6 0 left 1", "6/6 1 left 0", "over"]);
});

Deno.test("an error tells what has to be mended: a busy server is no matter of the network, a folder none of servers", async () => {
  const login = (answer: `NO ${string}`) => ({ mailboxes: [], users: {}, faults: { refuseSignIn: answer } });
  await using busy = await startImapServer(login("NO [UNAVAILABLE] later"));
  await using wrong = await startImapServer(login("NO [AUTHENTICATIONFAILED] no"));
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const imap = (port: number) => listenLines("imap", port);
  const noToken = imap(busy.port).replace(
    /password = .*/,
    'auth = "xoauth2"\ntoken = { command = ["false"] }',
  );
  const cases: readonly (readonly [lines: string, fault: Fault])[] = [
    [imap(port), "unreachable"],
    [imap(busy.port), "busy"],
    [imap(wrong.port), "credentials"],
    [imap(wrong.port).replace('tls = "none"', 'tls = "implicit"'), "tls"],
    [noToken, "secret"],
    ['[listen]\nprotocol = "folder"\npath = "inbox"\nsettle = "1ms"\n', "folder"],
  ];
  for (const [lines, fault] of cases) {
    await withLauncher(lines, async ({ folder, launcher }) => {
      await folder.write("inbox", "no folder");
      await assert.rejects(launcher.poll());
      assert.equal(launcher.error?.fault, fault, launcher.error?.message);
    });
  }
});

Deno.test("LauncherHistory tells the day by the hour and skips by rule, what came before it included", async () => {
  await using folder = await TempFolder.make();
  using ledger = Ledger.open(folder.at("ledger.sqlite"));
  const reason = 'filter.name[1]: "x" does not match';
  ledger.decide("a", { key: "1", label: "x" }, { outcome: "skipped", reason });
  const history = new LauncherHistory("a", ledger);
  const now = new Date();
  const before = new Date(now.getTime() - 23 * 3_600_000);
  assert.deepEqual(history.activity(now).skippedBy, { "filter.name": 1 });
  history.decided({ outcome: "delivered", reason: null, documents: 3 }, now);
  history.decided({ outcome: "skipped", reason: "x.png: a logo", documents: 0 }, before);
  const { hours, skippedBy } = history.activity(now);
  assert.equal(hours.length, 24);
  assert.deepEqual([hours[23]?.delivered, hours[23]?.skipped, hours[0]?.skipped], [1, 1, 1]);
  assert.deepEqual(skippedBy, { "documents": 1, "filter.name": 1 });
  const later = history.activity(new Date(now.getTime() + 3_600_000));
  assert.deepEqual(later.skippedBy, { "filter.name": 1 });
  const { delivered, skipped, documents } = history.counters;
  assert.deepEqual([delivered, skipped, documents], [1, 1, 3]);
});

Deno.test("LauncherHistory shows polls without any event as one, and remembers the others", async () => {
  await using folder = await TempFolder.make();
  using ledger = Ledger.open(folder.at("ledger.sqlite"));
  const history = new LauncherHistory("a", ledger);
  const nothing = { delivered: 0, skipped: 0, quarantined: 0, failed: 0 };
  const poll = (number: number, delivered = 0) => ({
    ...nothing,
    at: new Date(number),
    durationMs: 10,
    known: 5,
    delivered,
  });
  for (const [number, delivered] of [[1, 2], [2, 0], [3, 0], [4, 1]] as const) {
    history.ended(poll(number, delivered));
  }
  for (const number of [5, 6]) history.broke(new Date(number), "Cannot reach it");
  const rows = (list: readonly PollView[]) =>
    list.map(({ at, delivered, times, error }) => [at.getTime(), delivered, times, error]);
  assert.deepEqual(rows(history.polls()), [
    [6, 0, 2, "Cannot reach it"],
    [4, 1, 1, undefined],
    [3, 0, 2, undefined],
    [1, 2, 1, undefined],
  ]);
  assert.deepEqual(rows(new LauncherHistory("a", ledger).polls()), [
    [5, 0, 1, "Cannot reach it"],
    [4, 1, 1, undefined],
    [1, 2, 1, undefined],
  ]);
  assert.deepEqual([history.counters.polls, history.counters.failedPolls], [6, 2]);
});
