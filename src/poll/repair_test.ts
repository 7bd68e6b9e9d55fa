import assert from "node:assert/strict";
import { TempFolder } from "../../test/servers/temp_folder.ts";
import { Cold } from "../delivery/cold_directory.ts";
import { Ledger } from "../ledger.ts";
import { repair } from "./repair.ts";

/** Stages one document and records it as pending, as a poll has just before the rename. */
async function pend(cold: Cold, ledger: Ledger, key: string): Promise<{ staged: string; target: string }> {
  const stage = cold.stage();
  const { path, sizeBytes } = await stage.add(
    `${key}.pdf`,
    ReadableStream.from([new TextEncoder().encode(key)]),
  );
  await stage.sync();
  const wish = { staged: path, name: `${key}.pdf`, sizeBytes };
  const [[move] = []] = await cold.reserve(await cold.directory("factures"), [[wish]]);
  assert.ok(move);
  ledger.pend("factures", [{ key, label: key, documents: [move] }]);
  return move;
}

Deno.test("repair() finishes what a crash left at any point between staging and the ledger, each document once", async () => {
  await using folder = await TempFolder.make();
  using ledger = Ledger.open(folder.at("ledger.sqlite"));
  const before = await Cold.open(folder.path, "owner");
  await pend(before, ledger, "killed before the rename");
  const renamed = await pend(before, ledger, "killed after the rename");
  await Deno.rename(renamed.staged, renamed.target);
  const fetched = await pend(before, ledger, "already fetched by the document system");
  await Deno.remove(fetched.staged);
  const forgotten = before.stage();
  await forgotten.add("killed before the ledger.pdf", ReadableStream.from([new Uint8Array(3)]));
  await forgotten.sync();

  // Another life of the gateway: nothing is reserved any more.
  const after = await Cold.open(folder.path, "owner");
  const { finished, swept } = await repair(ledger, after);
  assert.deepEqual([finished, swept], [3, 1]);
  assert.deepEqual(await folder.list("factures"), [
    "killed after the rename.pdf",
    "killed before the rename.pdf",
  ]);
  assert.deepEqual(await folder.list(".lanceur"), []);
  assert.deepEqual(ledger.pending(), []);
  assert.equal(ledger.totals("factures").delivered, 3);
  assert.deepEqual(await repair(ledger, after), { finished: 0, swept: 0 });
});

Deno.test("repair() takes another name when the target was taken meanwhile", async () => {
  await using folder = await TempFolder.make();
  using ledger = Ledger.open(folder.at("ledger.sqlite"));
  await pend(await Cold.open(folder.path, "owner"), ledger, "scan");
  await folder.write("factures/scan.pdf", "somebody else's");
  await repair(ledger, await Cold.open(folder.path, "owner"));
  assert.deepEqual(await folder.list("factures"), ["scan.pdf", "scan_2.pdf"]);
  assert.equal(await Deno.readTextFile(folder.at("factures/scan.pdf")), "somebody else's");
  assert.deepEqual(ledger.documents("factures", "scan").map(({ target }) => target), [
    folder.at("factures/scan_2.pdf"),
  ]);
});
