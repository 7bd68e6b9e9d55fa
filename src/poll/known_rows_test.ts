import assert from "node:assert/strict";
import { TempFolder } from "../../test/servers/temp_folder.ts";
import { Ledger } from "../ledger.ts";
import { isOutdated, KnownRows } from "./known_rows.ts";

Deno.test("an item that the source was told to leave is not due in that poll, though its time comes meanwhile", async () => {
  await using folder = await TempFolder.make();
  using ledger = Ledger.open(folder.at("ledger.sqlite"));
  for (const key of ["early", "late"]) {
    ledger.decide("courrier", { key, label: key }, { outcome: "failed", reason: "r", attempts: 1 });
  }
  const due = new Set(["early"]);
  const newRows = () => new KnownRows(ledger, "courrier", ({ key }) => due.has(key));
  const rows = newRows();
  assert.deepEqual([...rows.isKnown(["early", "late", "new"])], ["late"]);
  due.add("late");
  assert.deepEqual([...rows.of(["early", "late"]).values()].map((row) => rows.isDue(row)), [true, false]);
  // The next poll asks anew.
  assert.deepEqual([...newRows().isKnown(["early", "late"])], []);
});

Deno.test("what a filter has skipped is looked at again by another one, what a person has dropped never", async () => {
  await using folder = await TempFolder.make();
  using ledger = Ledger.open(folder.at("ledger.sqlite"));
  ledger.decide("a", { key: "1", label: "1" }, { outcome: "skipped", reason: "r", fingerprint: "old" });
  ledger.decide("a", { key: "2", label: "2" }, { outcome: "skipped", reason: "quarantine: dropped by hand" });
  const rows = [...ledger.lookup("a", ["1", "2"]).values()];
  assert.deepEqual(
    rows.map((row) => [row.key, isOutdated(row, "new"), isOutdated(row, "old")]),
    [
      ["1", true, false],
      ["2", false, false],
    ],
  );
});
