import assert from "node:assert/strict";
import { TempFolder } from "../test/servers/temp_folder.ts";
import { readConfiguration } from "./config/mod.ts";
import { Launcher } from "./launcher.ts";
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
