import assert from "node:assert/strict";
import { TempFolder } from "../../../test/servers/temp_folder.ts";
import { Journal, type Plan } from "./journal.ts";

const PLAN: Plan = {
  id: "1",
  staged: "/outbox/1",
  name: "a.pdf",
  sizeBytes: 3,
  place: { waitdir: "factures" },
  fields: { subject: "objet" },
  byHand: false,
};

async function withJournal(use: (journal: Journal, reopen: () => Journal) => void): Promise<void> {
  await using folder = await TempFolder.make();
  const opened: Journal[] = [];
  const open = () => {
    const journal = Journal.open(folder.at("ledger.sqlite"), "mairie");
    opened.push(journal);
    return journal;
  };
  try {
    use(open(), open);
  } finally {
    for (const journal of opened) journal[Symbol.dispose]();
  }
}

Deno.test("what was marked is there after the journal is opened again", async () => {
  await withJournal((journal, reopen) => {
    const [entry] = journal.plan([PLAN]);
    assert.ok(entry);
    const marked = journal.mark(entry, { filePath: "C:\\a", rowId: "7", sent: "pages" });
    assert.deepEqual(reopen().find([PLAN.staged]).get(PLAN.staged), marked);
    assert.equal(reopen().find(["/outbox/2"]).size, 0);
  });
});

Deno.test("another attempt goes on from its row, but sends its file again", async () => {
  await withJournal((journal) => {
    const [entry] = journal.plan([PLAN]);
    assert.ok(entry);
    journal.mark(entry, { filePath: "C:\\a", rowId: "7" });
    const [again] = journal.plan([{ ...PLAN, staged: "/outbox/2", name: "other.pdf" }]);
    assert.deepEqual([again?.rowId, again?.filePath, again?.name], ["7", null, "a.pdf"]);
  });
});

Deno.test("a doubt stays until a person has decided", async () => {
  await withJournal((journal) => {
    const [entry] = journal.plan([PLAN]);
    assert.ok(entry);
    journal.mark(entry, { sent: "upload" });
    assert.equal(journal.plan([{ ...PLAN, staged: "/outbox/2" }])[0]?.sent, "upload");
    assert.equal(journal.plan([{ ...PLAN, staged: "/outbox/3", byHand: true }])[0]?.sent, null);
  });
});

Deno.test("a name is given once per place, whatever its case; another destination has names of its own", async () => {
  await withJournal((journal, reopen) => {
    const plans = ["a.pdf", "A.PDF", "a.pdf"].map((name, n) => ({
      ...PLAN,
      id: `${n}`,
      staged: `/outbox/${n}`,
      name,
    }));
    assert.deepEqual(journal.plan(plans).map(({ name }) => name), ["a.pdf", "A_2.PDF", "a_3.pdf"]);
    const place = { waitdir: "contrats" };
    assert.equal(journal.plan([{ ...PLAN, id: "9", staged: "/outbox/9", place }])[0]?.name, "a.pdf");
    assert.equal(reopen().plan([{ ...PLAN, id: "8", staged: "/outbox/8" }])[0]?.name, "a_4.pdf");
  });
});

Deno.test("sweep() forgets what was never recorded as pending, and keeps what was begun", async () => {
  await withJournal((journal) => {
    const staged = ["untouched", "pending", "begun"].map((name) => `/outbox/${name}`);
    const entries = journal.plan(staged.map((path) => ({ ...PLAN, id: path, staged: path })));
    const begun = entries.find((entry) => entry.staged === "/outbox/begun");
    assert.ok(begun);
    journal.mark(begun, { rowId: "7" });
    journal.sweep(new Set(["/outbox/pending"]));
    assert.deepEqual([...journal.find(staged).keys()].sort(), ["/outbox/begun", "/outbox/pending"]);
    journal.forget(staged, { onlyUntouched: true });
    assert.deepEqual([...journal.find(staged).keys()], ["/outbox/begun"]);
    journal.forget(staged);
    assert.equal(journal.find(staged).size, 0);
  });
});
