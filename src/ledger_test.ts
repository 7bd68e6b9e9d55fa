import assert from "node:assert/strict";
import { join } from "node:path";
import { LedgerError } from "./errors.ts";
import { Ledger } from "./ledger.ts";

async function withLedger(use: (ledger: Ledger, path: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "ledger.sqlite");
  try {
    using ledger = Ledger.open(path);
    await use(ledger, path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const DOCUMENT = { staged: "/cold/.lanceur/1", target: "/cold/factures/a.pdf", sizeBytes: 3 };
const DIGEST = "0123456789abcdef0123456789abcdef";

Deno.test("an item is pending until delivered, and stays known after the ledger is opened again", async () => {
  await withLedger((ledger, path) => {
    ledger.pend("factures", [{ key: "1", label: "UID 1", documents: [DOCUMENT] }]);
    assert.equal(ledger.lookup("factures", ["1"]).get("1")?.outcome, "pending");
    assert.deepEqual(ledger.pending(), [{
      launcher: "factures",
      key: "1",
      label: "UID 1",
      documents: [DOCUMENT],
    }]);
    ledger.deliver("factures", ["1"]);
    using again = Ledger.open(path);
    assert.equal(again.lookup("factures", ["1"]).get("1")?.outcome, "delivered");
    assert.equal(again.lookup("factures", ["1"]).get("1")?.settled, false);
    assert.deepEqual(again.pending(), []);
    assert.deepEqual(again.documents("factures", "1"), [{ ...DOCUMENT, staged: "" }]);
  });
});

Deno.test("keys belong to their launcher", async () => {
  await withLedger((ledger) => {
    ledger.pend("a", [{ key: "1", label: "x", documents: [] }]);
    assert.equal(ledger.lookup("b", ["1"]).size, 0);
  });
});

Deno.test("the second key finds a delivered mail under its first", async () => {
  await withLedger((ledger) => {
    ledger.pend("a", [{ key: "v1/1", label: "x", digest: DIGEST, documents: [] }]);
    ledger.deliver("a", ["v1/1"]);
    assert.equal(ledger.deliveredAs("a", [DIGEST, "e".repeat(32)]).get(DIGEST), "v1/1");
    assert.equal(ledger.deliveredAs("b", [DIGEST]).size, 0);
    ledger.decide("a", { key: "v1/1", label: "x" }, { outcome: "quarantined", reason: "r" });
    assert.equal(ledger.deliveredAs("a", [DIGEST]).size, 0);
  });
});

Deno.test("a decision about an item replaces the one before and asks for settling anew", async () => {
  await withLedger((ledger) => {
    const item = { key: "1", label: "x" };
    const retryAt = new Date(1_800_000_000_000);
    ledger.decide("a", item, { outcome: "failed", reason: "locked", attempts: 2, retryAt });
    ledger.settle("a", ["1"]);
    assert.deepEqual(
      { ...ledger.lookup("a", ["1"]).get("1"), at: null, seenDay: 0 },
      {
        key: "1",
        label: "x",
        outcome: "failed",
        reason: "locked",
        fingerprint: null,
        attempts: 2,
        retryAt,
        settled: true,
        at: null,
        seenDay: 0,
      },
    );
    ledger.decide("a", item, { outcome: "quarantined", reason: "locked" });
    assert.equal(ledger.lookup("a", ["1"]).get("1")?.settled, false);
    assert.equal(ledger.totals("a").quarantined, 1);
    assert.equal(ledger.totals("a").failed, 0);
  });
});

Deno.test("a withdrawn item was never there; a delivered one cannot be withdrawn", async () => {
  await withLedger((ledger) => {
    ledger.pend("a", ["1", "2"].map((key) => ({ key, label: key, documents: [DOCUMENT] })));
    ledger.deliver("a", ["2"]);
    ledger.withdraw("a", ["1", "2"]);
    assert.deepEqual([...ledger.lookup("a", ["1", "2"]).keys()], ["2"]);
  });
});

Deno.test("refusals of a launcher are remembered", async () => {
  await withLedger((ledger) => {
    assert.deepEqual(ledger.memory("a"), { polledAt: null, refusals: 0, stamp: null, forgotDay: 0 });
    ledger.remember("a", { refusals: 2, stamp: "s" });
    ledger.remember("a", { polledAt: new Date(5) });
    assert.deepEqual(ledger.memory("a"), { polledAt: new Date(5), refusals: 2, stamp: "s", forgotDay: 0 });
  });
});

Deno.test("Ledger.open() refuses a file that is no ledger, and says what to do", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "ledger.sqlite");
  await Deno.writeTextFile(
    path,
    "this is not a database, it is only some text that is long enough".repeat(20),
  );
  assert.throws(
    () => Ledger.open(path),
    (error) => error instanceof LedgerError && /backup/.test(error.message),
  );
  await Deno.remove(folder, { recursive: true });
});
