import assert from "node:assert/strict";
import { TempFolder } from "../../test/servers/temp_folder.ts";
import { Ledger } from "../ledger.ts";
import { KnownRows } from "./known_rows.ts";

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
