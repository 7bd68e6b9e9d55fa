/** The web service fails at each of its calls, before and after it has done what was asked. */
import assert from "node:assert/strict";
import type { EzgedFault, EzgedStep } from "../../../test/servers/ezged.ts";
import { EzgedStand, INTO_COLD, intoRecord } from "../../../test/servers/ezged_destination.ts";
import { DeliveryError, GatewayError, ItemError, UnsureError } from "../../errors.ts";
import type { Deliver, Move, Remark, Wish } from "../destination.ts";
import type { Ezged } from "./ezged.ts";

const WITH_LOOKUP = { query: "12", find: "COURRIERS_REF" };

interface Sample {
  readonly key: string;
  readonly name: string;
  readonly content: string;
  readonly byHand?: boolean;
}

async function wishFor(ezged: Ezged, { key, name, content, byHand = false }: Sample): Promise<Wish> {
  const stage = ezged.stage();
  const file = await stage.add(name, ReadableStream.from([new TextEncoder().encode(content)]));
  await stage.sync();
  const origin = {
    launcher: "factures",
    key,
    content: file.sha256,
    byHand,
    fields: () => ({ name, subject: "objet" }),
  };
  return { staged: file.path, name, sizeBytes: file.sizeBytes, origin };
}

/** Stages one document and reserves its place, as a poll does at each attempt. */
async function reserve(
  ezged: Ezged,
  deliver: Deliver,
  { byHand = false, name = "a.pdf", content = name }: { byHand?: boolean; name?: string; content?: string } =
    {},
): Promise<Move[]> {
  const wish = await wishFor(ezged, { key: name, name, content, byHand });
  return (await ezged.reserve(await ezged.place(deliver), [[wish]])).flat();
}

interface Ending {
  /** Errors of attempts that left everything pending. */
  readonly failures: readonly Error[];
  readonly remarks: readonly Remark[];
}

/** Hands over in one life after another, as polls do, until nothing is left open. */
async function finish(stand: EzgedStand, moves: readonly Move[]): Promise<Ending> {
  const failures: Error[] = [];
  for (let life = 0; life < 5; life++) {
    const ezged = await stand.open();
    try {
      const remarks = await ezged.arrive(await ezged.replan(moves));
      if (remarks.some(({ kind }) => kind === "underway")) continue;
      return { failures, remarks };
    } catch (error) {
      assert.ok(error instanceof DeliveryError, String(error));
      failures.push(error);
    }
  }
  throw new Error(`It never came to an end: ${failures.map(({ message }) => message).join("; ")}`);
}

function refusalIn({ remarks }: Ending): GatewayError | undefined {
  return remarks.flatMap((remark) => remark.kind === "refused" ? [remark.error] : [])[0];
}

const NEVER_DONE: readonly EzgedFault[] = [
  { kind: "drop" },
  { kind: "garbage" },
  { kind: "status", status: 500 },
  { kind: "status", status: 503 },
  { kind: "status", status: 404 },
  { kind: "status", status: 302, location: "https://elsewhere.test/" },
];
const MAYBE_DONE: readonly EzgedFault[] = [
  { kind: "drop", after: true },
  { kind: "garbage", after: true },
  { kind: "endless" },
];

function nameOf(fault: EzgedFault): string {
  const { kind } = fault;
  if (kind === "status") return `HTTP ${fault.status}`;
  return `${kind}${"after" in fault && fault.after ? " after it was done" : ""}`;
}

const RECORD_STEPS: readonly EzgedStep[] = [
  "authenticate",
  "upload",
  "insertrow",
  "addpages",
  "load",
  "delete",
];

for (const step of RECORD_STEPS) {
  for (const fault of [...NEVER_DONE, ...MAYBE_DONE]) {
    Deno.test(`a row with a query to find it is made once: ${nameOf(fault)} at ${step}`, async () => {
      await using stand = await EzgedStand.start();
      stand.server.fail(step, fault);
      const moves = await reserve(await stand.open(), intoRecord(WITH_LOOKUP));
      const ending = await finish(stand, moves);
      const rows = stand.server.rows("COURRIERS");
      assert.equal(rows.length, 1);
      const refusal = refusalIn(ending);
      // Whether a page was attached shows only once it is there: if not, a person has to look.
      const isDoubtful = step === "addpages" && rows[0]?.pages.length === 0;
      assert.equal(refusal instanceof UnsureError, isDoubtful, String(refusal));
      assert.equal(rows[0]?.pages.length, isDoubtful ? 0 : 1);
    });
  }
}

for (const fault of [...NEVER_DONE, ...MAYBE_DONE]) {
  Deno.test(`a waiting directory never gets a document twice: ${nameOf(fault)} at upload`, async () => {
    await using stand = await EzgedStand.start();
    stand.server.fail("upload", fault);
    const moves = await reserve(await stand.open(), INTO_COLD);
    const refusal = refusalIn(await finish(stand, moves));
    assert.ok(stand.server.count("upload") <= 2);
    // HTTP 3xx and 4xx say that nothing was done: those alone may be sent again unasked.
    const isClear = fault.kind === "status" && fault.status < 500;
    assert.equal(refusal instanceof UnsureError, !isClear);
    assert.equal(stand.server.count("upload"), isClear ? 2 : 1);
    assert.ok(stand.server.names("factures").length <= 1);
    assert.match(refusal?.message ?? "retry", /retry/);

    // A person has looked and wants it sent again.
    if (isClear) return;
    const ezged = await stand.open();
    await ezged.withdraw(moves);
    assert.deepEqual(await ezged.arrive(await reserve(ezged, INTO_COLD, { byHand: true })), []);
    assert.deepEqual(stand.server.names("factures"), ["a.pdf"]);
  });
}

Deno.test("without a query to find it, a row whose answer was lost is not made again unasked", async () => {
  await using stand = await EzgedStand.start();
  stand.server.fail("insertrow", { kind: "drop", after: true });
  const ezged = await stand.open();
  const moves = await reserve(ezged, intoRecord());
  const ending = await finish(stand, moves);
  assert.ok(refusalIn(ending) instanceof UnsureError);
  await ezged.withdraw(moves);
  // Taken again without a person's word: still in doubt, nothing is sent.
  const [remark] = await ezged.arrive(await reserve(ezged, intoRecord()));
  assert.ok(remark?.kind === "refused" && remark.error instanceof UnsureError);
  assert.equal(stand.server.count("insertrow"), 1);
});

Deno.test("an upload cut off before its end is simply sent again", async () => {
  await using stand = await EzgedStand.start();
  stand.server.fail("upload", { kind: "cut" });
  const moves = await reserve(await stand.open(), INTO_COLD, { content: "0123456789".repeat(1_000_000) });
  const { failures, remarks } = await finish(stand, moves);
  assert.deepEqual([failures.length, remarks], [1, []]);
  assert.deepEqual(stand.server.cold.get("factures")?.map(({ name, bytes }) => [name, bytes.length]), [
    ["a.pdf", 10_000_000],
  ]);
});

Deno.test("a staged file that is not what it was is taken anew", async () => {
  await using stand = await EzgedStand.start();
  const ezged = await stand.open();
  const moves = await reserve(ezged, INTO_COLD);
  for (const { staged } of moves) await Deno.truncate(staged, 1);
  const [remark] = await ezged.arrive(moves);
  assert.ok(remark?.kind === "refused" && remark.error instanceof ItemError);
  await ezged.withdraw(moves);
  assert.deepEqual(await ezged.arrive(await reserve(ezged, INTO_COLD)), []);
  assert.deepEqual(stand.server.names("factures"), ["a.pdf"]);
});

for (const step of ["upload", "insertrow", "addpages"] as const) {
  Deno.test(`a document that EzGED refuses at ${step} is tried again from there, and the others go on`, async () => {
    await using stand = await EzgedStand.start();
    stand.server.fail(step, { kind: "error", code: -3, message: "Colonne obligatoire" });
    const ezged = await stand.open();
    const refused = await reserve(ezged, intoRecord());
    const other = await reserve(ezged, intoRecord(), { name: "b.pdf" });
    const [remark, ...rest] = await ezged.arrive([...refused, ...other]);
    assert.ok(remark?.kind === "refused" && remark.error instanceof ItemError);
    assert.match(remark.error.message, /Colonne obligatoire/);
    assert.deepEqual(rest, []);
    assert.equal(remark.move, refused[0]);
    await ezged.forget(other);
    await ezged.withdraw(refused);

    assert.deepEqual(await ezged.arrive(await reserve(ezged, intoRecord())), []);
    const rows = stand.server.rows("COURRIERS");
    assert.deepEqual(rows.map(({ columns }) => columns["COURRIERS_NOM"]).sort(), ["a.pdf", "b.pdf"]);
    assert.deepEqual(rows.map(({ pages }) => pages.length), [1, 1]);
    assert.equal(stand.server.count("insertrow"), step === "insertrow" ? 3 : 2);
  });
}

Deno.test("of an item with two documents, one refused, the other is not sent again", async () => {
  await using stand = await EzgedStand.start();
  const ezged = await stand.open();
  const both = async () => {
    const wishes: Wish[] = [];
    for (const name of ["a.pdf", "b.pdf"]) {
      wishes.push(await wishFor(ezged, { key: "mail", name, content: "same" }));
    }
    return (await ezged.reserve(await ezged.place(INTO_COLD), [wishes])).flat();
  };
  const moves = await both();
  stand.server.fail("upload", { kind: "error", code: -3 });
  const remarks = await ezged.arrive(moves);
  assert.deepEqual(remarks.map(({ kind, move }) => [kind, move]), [["refused", moves[0]]]);
  await ezged.withdraw(moves);
  assert.deepEqual(await ezged.arrive(await both()), []);
  assert.deepEqual(stand.server.names("factures").sort(), ["a.pdf", "b.pdf"]);
  assert.equal(stand.server.count("upload"), 3);
});

Deno.test("when its section is gone, what was begun waits for it, and the rest may go elsewhere", async () => {
  await using stand = await EzgedStand.start({ jobStatuses: [0, 2] });
  const ezged = await stand.open();
  const begun = await reserve(ezged, intoRecord({ follow: "0s" }));
  assert.deepEqual((await ezged.arrive(begun)).map(({ kind }) => kind), ["underway"]);
  const untouched = await reserve(ezged, INTO_COLD, { name: "b.pdf" });
  stand.set(undefined);
  const remarks = await ezged.arrive([...begun, ...untouched]);
  assert.deepEqual(remarks.map(({ kind }) => kind), ["underway", "refused"]);
});
