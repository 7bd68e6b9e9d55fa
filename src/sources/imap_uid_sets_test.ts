import assert from "node:assert/strict";
import { uidSets } from "./imap_uid_sets.ts";

Deno.test("uidSets() packs runs, and cuts what is too long", async (t) => {
  const range = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const cases: [string, number[], string[]][] = [
    ["nothing", [], []],
    ["one", [7], ["7"]],
    ["runs and gaps", [1, 2, 3, 7, 9, 10, 4294967295], ["1:3,7,9:10,4294967295"]],
    ["a run too long", range(1, 12_000), ["1:5000", "5001:10000", "10001:12000"]],
  ];
  for (const [name, uids, sets] of cases) {
    await t.step(name, () => assert.deepEqual([...uidSets(uids)], sets));
  }
  await t.step("many gaps", () => {
    const uids = range(1, 3000).map((number) => 1_000_000 + 2 * number);
    const sets = [...uidSets(uids)];
    assert.deepEqual(sets.join(",").split(",").map(Number), uids);
    assert.ok(sets.every((set) => set.length < 4100));
  });
});
