import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { TempFolder } from "../test/servers/temp_folder.ts";
import { itemId, Ledger } from "./ledger.ts";

const NOTHING = { delivered: 0, skipped: 0, quarantined: 0, failed: 0 };

Deno.test("Ledger tells outcomes by the hour, and which rule skipped", async () => {
  await using folder = await TempFolder.make();
  using ledger = Ledger.open(folder.at("ledger.sqlite"));
  const reasons = ['filter.name[1]: "a: b" does not match', "filter.max_size: 9 octets", "x.png: a logo"];
  for (const [number, reason] of reasons.entries()) {
    ledger.decide("a", { key: String(number), label: "x" }, { outcome: "skipped", reason });
  }
  ledger.decide("a", { key: "9", label: "x" }, { outcome: "failed", reason: "filter.name: not one" });
  ledger.decide("b", { key: "0", label: "x" }, { outcome: "skipped", reason: "filter.from: x" });
  const rows = ledger.hours("a", new Date(0)).map(({ outcome, rule, items }) =>
    `${outcome} ${rule} ${items}`
  );
  assert.deepEqual(rows.sort(), [
    "failed  1",
    "skipped  1",
    "skipped filter.max_size 1",
    "skipped filter.name[1] 1",
  ]);
  assert.deepEqual(ledger.hours("a", new Date(Date.now() + 1000)), []);
});

Deno.test("Ledger remembers the last hundred polls of a launcher", async () => {
  await using folder = await TempFolder.make();
  const path = folder.at("ledger.sqlite");
  {
    using ledger = Ledger.open(path);
    for (let number = 0; number < 120; number += 1) {
      ledger.addPoll("a", { at: new Date(number), durationMs: number, ...NOTHING, delivered: 1, known: 2 });
    }
    ledger.addPoll("b", { at: new Date(5), durationMs: 1, ...NOTHING, known: 0, error: "Cannot reach it" });
  }
  using ledger = Ledger.open(path);
  const polls = ledger.polls("a");
  assert.deepEqual([polls.length, polls[0]?.at, polls.at(-1)?.at], [100, new Date(119), new Date(20)]);
  assert.deepEqual(ledger.polls("b"), [
    { at: new Date(5), durationMs: 1, ...NOTHING, known: 0, error: "Cannot reach it" },
  ]);
});

Deno.test("Ledger keeps subjects, cut to a length, and finds items by outcome and time", async () => {
  await using folder = await TempFolder.make();
  using ledger = Ledger.open(folder.at("ledger.sqlite"));
  ledger.pend("a", [{ key: "1", label: "UID 1", title: "x".repeat(200), documents: [] }]);
  ledger.deliver("a", ["1"]);
  ledger.decide("a", { key: "2", label: "UID 2" }, { outcome: "skipped", reason: "r", title: "Objet" });
  ledger.decide("a", { key: "2", label: "UID 2" }, { outcome: "failed", reason: "r" });
  const [skipped, delivered] = ["2", "1"].map((key) => ledger.lookup("a", [key]).get(key));
  assert.equal(skipped?.title, "Objet");
  assert.equal(delivered?.title?.length, 80);
  const labels = (options: Parameters<Ledger["recent"]>[2]) =>
    ledger.recent("a", 10, options).map(({ label }) => label);
  assert.deepEqual(labels({ outcome: "failed" }), ["UID 2"]);
  assert.deepEqual(labels({ outcome: "skipped" }), []);
  assert.deepEqual(labels({}), ["UID 2", "UID 1"]);
  assert.deepEqual(labels({ after: itemId("a", "2") }), ["UID 1"]);
  assert.deepEqual(labels({ after: itemId("a", "1") }), []);
});

Deno.test("a ledger of version 2 is carried over", async () => {
  await using folder = await TempFolder.make();
  const path = folder.at("ledger.sqlite");
  {
    using ledger = Ledger.open(path);
    ledger.decide("a", { key: "1", label: "UID 1" }, { outcome: "skipped", reason: "r" });
    ledger.remember("a", { refusals: 2 });
    using database = new DatabaseSync(path);
    database.exec(
      "ALTER TABLE item DROP COLUMN title; ALTER TABLE launcher DROP COLUMN paused; DROP TABLE poll; PRAGMA user_version = 2",
    );
  }
  using ledger = Ledger.open(path);
  assert.equal(ledger.lookup("a", ["1"]).get("1")?.title, null);
  assert.deepEqual([ledger.memory("a").refusals, ledger.memory("a").paused], [2, false]);
  ledger.remember("a", { paused: true });
  assert.deepEqual([ledger.memory("a").refusals, ledger.memory("a").paused], [2, true]);
  assert.deepEqual(ledger.polls("a"), []);
});
