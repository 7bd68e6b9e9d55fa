import assert from "node:assert/strict";
import { join } from "node:path";
import { LedgerError } from "./errors.ts";
import { DatabaseSync } from "node:sqlite";
import { dayOf, Ledger } from "./ledger.ts";

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
    assert.equal(ledger.deliveredAs("a", [DIGEST, "e".repeat(32)]).get(DIGEST), "x");
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
        title: null,
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

Deno.test("pending() names the items of one launcher, or of all", async () => {
  await withLedger((ledger) => {
    for (const launcher of ["a", "b"]) {
      ledger.pend(launcher, [{ key: "1", label: launcher, title: "Objet", documents: [] }]);
    }
    const labels = (launcher?: string) =>
      ledger.pending(launcher).map(({ label, title }) => `${label} ${title}`);
    assert.deepEqual(labels(), ["a Objet", "b Objet"]);
    assert.deepEqual(labels("b"), ["b Objet"]);
    assert.deepEqual(labels("c"), []);
  });
});

Deno.test("refusals of a launcher are remembered", async () => {
  await withLedger((ledger) => {
    assert.deepEqual(ledger.memory("a"), {
      polledAt: null,
      refusals: 0,
      stamp: null,
      forgotDay: 0,
      paused: false,
    });
    ledger.remember("a", { refusals: 2, stamp: "s" });
    ledger.remember("a", { polledAt: new Date(5) });
    assert.deepEqual(ledger.memory("a"), {
      polledAt: new Date(5),
      refusals: 2,
      stamp: "s",
      forgotDay: 0,
      paused: false,
    });
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

Deno.test("what was last seen long ago is named, pending items never, and is forgotten with its documents", async () => {
  await withLedger((ledger) => {
    const tomorrow = dayOf(new Date()) + 1;
    ledger.pend(
      "a",
      ["1", "2"].map((key) => ({ key, label: key, documents: [DOCUMENT], contents: [DIGEST] })),
    );
    ledger.deliver("a", ["1"]);
    ledger.decide("b", { key: "3", label: "3" }, { outcome: "skipped", reason: "r" });
    assert.deepEqual(ledger.unseenSince("a", tomorrow - 1, 10), []);
    assert.deepEqual(ledger.unseenSince("a", tomorrow, 10), ["1"]);
    ledger.forget("a", ["1", "2", "3"]);
    assert.deepEqual([...ledger.lookup("a", ["1", "2"]).keys()], ["2"]);
    assert.equal(ledger.lookup("b", ["3"]).size, 1);
    assert.deepEqual(ledger.documents("a", "1"), []);
    assert.deepEqual(ledger.deliveredContents("a", [DIGEST]), new Map([[DIGEST, "2"]]));
    // The page goes on counting what was done.
    assert.equal(ledger.totals("a").delivered, 1);
  });
});

Deno.test("content is known again within its launcher, as long as the item with it is delivered", async () => {
  await withLedger((ledger) => {
    const item = { key: "1", label: "UID 1", documents: [DOCUMENT], contents: [DIGEST] };
    ledger.pend("a", [item]);
    assert.deepEqual(ledger.deliveredContents("a", [DIGEST, "e".repeat(32)]), new Map([[DIGEST, "UID 1"]]));
    assert.equal(ledger.deliveredContents("b", [DIGEST]).size, 0);
    ledger.withdraw("a", ["1"]);
    assert.equal(ledger.deliveredContents("a", [DIGEST]).size, 0);
  });
});

Deno.test("an item that is staged again has its new documents only", async () => {
  await withLedger((ledger) => {
    ledger.pend("a", [{ key: "1", label: "x", documents: [DOCUMENT, DOCUMENT] }]);
    ledger.deliver("a", ["1"]);
    ledger.pend("a", [{ key: "1", label: "x", documents: [{ ...DOCUMENT, target: "b.pdf" }] }]);
    assert.deepEqual(ledger.documents("a", "1").map(({ target }) => target), ["b.pdf"]);
    assert.equal(ledger.totals("a").delivered, 0);
  });
});

Deno.test("hasDeliveredTo() knows the folders that documents went to", async () => {
  await withLedger((ledger) => {
    ledger.pend("a", [{ key: "1", label: "x", documents: [DOCUMENT] }]);
    assert.equal(ledger.hasDeliveredTo("/cold/"), true);
    assert.equal(ledger.hasDeliveredTo("/c_ld/"), false);
    assert.equal(ledger.hasDeliveredTo("/cold/factures/2026/"), false);
  });
});

Deno.test("a ledger that another program holds is said to be held, and serves again afterwards", async () => {
  await withLedger((ledger, path) => {
    {
      using other = new DatabaseSync(path);
      other.exec("BEGIN EXCLUSIVE");
      assert.throws(
        () => ledger.settle("a", ["1"]),
        (error) => error instanceof LedgerError && /another program has it open/.test(error.message),
      );
    }
    ledger.settle("a", ["1"]);
  });
});

/** The tables of version 1, with one row of each kind. */
const VERSION_1 = `
  CREATE TABLE item (launcher TEXT NOT NULL, key TEXT NOT NULL, label TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT,
    digest TEXT, fingerprint TEXT, attempts INTEGER NOT NULL DEFAULT 0, retry_at INTEGER,
    settled INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL, PRIMARY KEY (launcher, key)) STRICT, WITHOUT ROWID;
  CREATE INDEX item_digest ON item (digest) WHERE digest IS NOT NULL;
  CREATE INDEX item_pending ON item (outcome) WHERE outcome = 'pending';
  CREATE INDEX item_at ON item (launcher, at);
  CREATE TABLE document (launcher TEXT NOT NULL, key TEXT NOT NULL, n INTEGER NOT NULL, staged TEXT, target TEXT NOT NULL,
    size_bytes INTEGER NOT NULL, PRIMARY KEY (launcher, key, n)) STRICT, WITHOUT ROWID;
  CREATE TABLE launcher (id TEXT PRIMARY KEY, polled_at INTEGER, refusals INTEGER NOT NULL DEFAULT 0, stamp TEXT)
    STRICT, WITHOUT ROWID;
  INSERT INTO item VALUES
    ('a', '1', 'UID 1', 'delivered', NULL, '${DIGEST}', NULL, 0, NULL, 1, 1790000000000),
    ('a', '2', 'UID 2', 'skipped', 'too large', NULL, 'f', 0, NULL, 0, 1790000000001),
    ('a', '3', 'UID 3', 'failed', 'locked', NULL, NULL, 2, 1790000009999, 0, 1790000000002),
    ('b', '1', 'UID 4', 'pending', NULL, NULL, NULL, 0, NULL, 0, 1790000000003);
  INSERT INTO document VALUES ('a', '1', 0, NULL, '/cold/factures/a.pdf', 3), ('b', '1', 0, '/cold/.lanceur/1', 'C:\\cold\\b.pdf', 4);
  INSERT INTO launcher VALUES ('a', 5, 2, 's');
  PRAGMA user_version = 1;`;

Deno.test("a ledger of version 1 is carried over, and what it knows stays known", async () => {
  await withLedger((_, path) => {
    const old = `${path}-1`;
    {
      using database = new DatabaseSync(old);
      database.exec(VERSION_1);
    }
    using ledger = Ledger.open(old);
    const rows = ledger.lookup("a", ["1", "2", "3", "4"]);
    const [delivered, skipped, failed] = ["1", "2", "3"].map((key) => rows.get(key));
    assert.deepEqual([delivered?.outcome, delivered?.settled, delivered?.at], [
      "delivered",
      true,
      new Date(1790000000000),
    ]);
    assert.deepEqual([skipped?.outcome, skipped?.reason, skipped?.fingerprint], [
      "skipped",
      "too large",
      "f",
    ]);
    assert.deepEqual([failed?.outcome, failed?.attempts, failed?.retryAt], [
      "failed",
      2,
      new Date(1790000009999),
    ]);
    assert.equal(ledger.deliveredAs("a", [DIGEST]).get(DIGEST), "UID 1");
    assert.equal(ledger.documents("a", "1")[0]?.target, "/cold/factures/a.pdf");
    const documents = [{ staged: "/cold/.lanceur/1", target: "C:\\cold\\b.pdf", sizeBytes: 4 }];
    assert.deepEqual(ledger.pending(), [{ launcher: "b", key: "1", label: "UID 4", documents }]);
    assert.deepEqual(ledger.totals("a"), { delivered: 1, skipped: 1, quarantined: 0, failed: 1 });
    assert.equal(ledger.memory("a").refusals, 2);
  });
});

Deno.test("a ledger of a later gateway is refused", async () => {
  await withLedger((_, path) => {
    using database = new DatabaseSync(`${path}-9`);
    database.exec("PRAGMA user_version = 9");
    assert.throws(() => Ledger.open(`${path}-9`), /a later version/);
  });
});
