/** Sessions with an EzGED: signing in, staying in, and always out again. */
import assert from "node:assert/strict";
import { createAuthority } from "../../../test/servers/certificates.ts";
import { EzgedStand, INTO_COLD, intoRecord, SHORT_PAUSES } from "../../../test/servers/ezged_destination.ts";
import { DeliveryError } from "../../errors.ts";
import type { Deliver, Move } from "../destination.ts";
import { type Ezged, probe } from "./ezged.ts";

async function reserve(ezged: Ezged, deliver: Deliver = INTO_COLD, name = "a.pdf"): Promise<Move[]> {
  const stage = ezged.stage();
  const content = name === "long.bin" ? "0123456789".repeat(1_000_000) : "contenu";
  const file = await stage.add(name, ReadableStream.from([new TextEncoder().encode(content)]));
  await stage.sync();
  const fields = () => ({ name, subject: "objet", datetime: "2026-01-31 08:05:00" });
  const origin = { launcher: "factures", key: name, content: file.sha256, byHand: false, fields };
  const wish = { staged: file.path, name, sizeBytes: file.sizeBytes, origin };
  return (await ezged.reserve(await ezged.place(deliver), [[wish]])).flat();
}

async function refusalOf(stand: EzgedStand, signal?: AbortSignal): Promise<DeliveryError> {
  const ezged = await stand.open();
  const moves = await reserve(ezged);
  const error = await ezged.arrive(moves, signal).then(() => undefined, (error) => error);
  assert.ok(error instanceof DeliveryError, String(error));
  return error;
}

Deno.test("a session is opened once for many documents, and given back", async () => {
  await using stand = await EzgedStand.start();
  const ezged = await stand.open();
  const moves = [...await reserve(ezged), ...await reserve(ezged, INTO_COLD, "b.pdf")];
  await ezged.arrive(moves);
  assert.deepEqual(stand.server.calls.map(({ step }) => step), [
    "authenticate",
    "upload",
    "upload",
    "delete",
  ]);
  assert.equal(stand.server.sessions.size, 0);
});

Deno.test("a session is given back however the delivery ends", async (t) => {
  for (const kind of ["drop", "garbage", "endless"] as const) {
    await t.step(kind, async () => {
      await using stand = await EzgedStand.start();
      stand.server.fail("upload", { kind });
      await refusalOf(stand);
      assert.equal(stand.server.sessions.size, 0);
    });
  }
});

Deno.test("two launchers take turns: one session at a time", async () => {
  await using stand = await EzgedStand.start({ maxSessions: 1 });
  const ezged = await stand.open({ ...SHORT_PAUSES, busyMs: [] });
  const moves = [await reserve(ezged), await reserve(ezged, intoRecord(), "b.pdf")];
  assert.deepEqual(await Promise.all(moves.map((some) => ezged.arrive(some))), [[], []]);
});

Deno.test("the password goes out as a hash, in the body of a POST, and nowhere else", async () => {
  await using stand = await EzgedStand.start();
  const ezged = await stand.open();
  await ezged.arrive(await reserve(ezged));
  for (const { step, request } of stand.server.calls) {
    const shown = `${request.path} ${request.query} ${JSON.stringify(request.headers)}`;
    assert.doesNotMatch(shown, /secret|5ebe2294ecd0e0f08eab7690d2a6ee69/, step);
    assert.equal(request.parameters.has("pwd"), step === "authenticate");
  }
});

Deno.test("with a domain the password is sent as it is, for LDAP", async () => {
  await using stand = await EzgedStand.start({ domain: "MAIRIE" });
  stand.set({ domain: "MAIRIE" });
  const ezged = await stand.open();
  assert.deepEqual(await ezged.arrive(await reserve(ezged)), []);
});

Deno.test("a refused password says so without showing it, and is not tried for ever", async () => {
  await using stand = await EzgedStand.start();
  stand.set({ password: "mot-de-passe-faux" });
  const ezged = await stand.open();
  const moves = await reserve(ezged);
  for (let poll = 0; poll < 5; poll++) {
    await assert.rejects(ezged.arrive(moves), (error: Error) => {
      assert.match(error.message, /^Cannot sign in to EzGED .*(incorrect|refused 3 times)/);
      assert.doesNotMatch(error.message, /mot-de-passe-faux/);
      return error instanceof DeliveryError;
    });
  }
  assert.equal(stand.server.count("authenticate"), 3);
  // A corrected password is tried at once.
  stand.set({ password: "secret" });
  assert.deepEqual(await ezged.arrive(moves), []);
});

Deno.test("with all sessions in use (error -18) it waits for a free one", async () => {
  await using stand = await EzgedStand.start();
  stand.server.fail("authenticate", { kind: "error", code: -18 }, { kind: "error", code: -18 });
  const ezged = await stand.open();
  assert.deepEqual(await ezged.arrive(await reserve(ezged)), []);
  assert.equal(stand.server.count("authenticate"), 3);
});

Deno.test("when no session comes free, everything is left for the next poll", async () => {
  await using stand = await EzgedStand.start({ maxSessions: 0 });
  assert.match((await refusalOf(stand)).message, /all its sessions are in use \(error -18\)$/);
});

Deno.test("a stop ends the wait for a session", async () => {
  await using stand = await EzgedStand.start({ maxSessions: 0 });
  const ezged = await stand.open({ ...SHORT_PAUSES, busyMs: [600_000] });
  const gate = new AbortController();
  const arriving = ezged.arrive(await reserve(ezged), gate.signal);
  while (stand.server.count("authenticate") === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  gate.abort();
  assert.deepEqual((await arriving).map(({ kind }) => kind), ["underway"]);
});

Deno.test("a session that EzGED has ended (401) is opened again once", async (t) => {
  for (const step of ["upload", "insertrow", "addpages", "load"] as const) {
    await t.step(step, async () => {
      await using stand = await EzgedStand.start();
      stand.server.fail(step, { kind: "over" });
      const ezged = await stand.open();
      assert.deepEqual(await ezged.arrive(await reserve(ezged, intoRecord())), []);
      assert.equal(stand.server.count("authenticate"), 2);
      assert.deepEqual(stand.server.rows("COURRIERS").map(({ pages }) => pages.length), [1]);
    });
  }
  await t.step("twice in a row", async () => {
    await using stand = await EzgedStand.start();
    stand.server.fail("upload", { kind: "over" }, { kind: "over" });
    assert.match((await refusalOf(stand)).message, /ends every session at once \(error 401\)$/);
    assert.equal(stand.server.count("authenticate"), 2);
    assert.deepEqual(stand.server.names("factures"), []);
  });
});

Deno.test("the session is kept alive while a file is on its way", async () => {
  await using stand = await EzgedStand.start();
  const { promise, resolve } = Promise.withResolvers<void>();
  stand.server.fail("upload", { kind: "slow", release: promise });
  const ezged = await stand.open({ ...SHORT_PAUSES, keepAliveMs: 5 });
  const arriving = ezged.arrive(await reserve(ezged));
  while (stand.server.count("keepalive") < 2) await new Promise((done) => setTimeout(done, 5));
  resolve();
  assert.deepEqual(await arriving, []);
});

Deno.test("an answer that does not come ends the wait", async () => {
  await using stand = await EzgedStand.start();
  const { promise, resolve } = Promise.withResolvers<void>();
  stand.set({ timeout: 30 });
  stand.server.fail("authenticate", { kind: "slow", release: promise });
  assert.match((await refusalOf(stand)).message, /no answer within 0.03 s$/);
  resolve();
});

Deno.test("an answer longer than any is not read to its end", async () => {
  await using stand = await EzgedStand.start();
  stand.server.fail("authenticate", { kind: "endless" });
  assert.match((await refusalOf(stand)).message, /longer than any answer of EzGED$/);
});

Deno.test("the server is verified: an authority nobody knows is refused, that of ca_file is trusted", async () => {
  const authority = await createAuthority();
  await using stand = await EzgedStand.start({ certificate: await authority.issue() });
  assert.match((await refusalOf(stand)).message, /signed by an authority that is not known here; .*ca_file$/);
  assert.equal(stand.server.calls.length, 0);
  await stand.folder.write("ca.pem", authority.pem);
  stand.set({ ca_file: "ca.pem" });
  const ezged = await stand.open();
  assert.deepEqual(await ezged.arrive(await reserve(ezged, INTO_COLD, "long.bin")), []);
  assert.deepEqual(stand.server.cold.get("factures")?.map(({ bytes }) => bytes.length), [10_000_000]);

  await using other = await EzgedStand.start({
    certificate: await authority.issue({ names: ["autre.test"] }),
  });
  await other.folder.write("ca.pem", authority.pem);
  other.set({ ca_file: "ca.pem" });
  assert.match((await refusalOf(other)).message, /certificate is not for "127.0.0.1"/);
});

Deno.test("a server that is not there is said so", async () => {
  const stand = await EzgedStand.start();
  await stand.server[Symbol.asyncDispose]();
  try {
    assert.match((await refusalOf(stand)).message, /^Cannot reach EzGED at ".*": the connection was refused/);
  } finally {
    for (const ezged of [await stand.open()]) ezged.close();
    await stand.folder[Symbol.asyncDispose]();
  }
});

Deno.test("columns are filled from the item, in either way of writing them; empty ones are left out", async (t) => {
  for (const arrays of ["indexed", "json"]) {
    await t.step(arrays, async () => {
      await using stand = await EzgedStand.start();
      stand.set({ arrays });
      const columns = {
        COURRIERS_OBJET: "{subject} & é=€",
        COURRIERS_DATE: "{datetime}",
        COURRIERS_EXPEDITEUR: "{from}",
        COURRIERS_ORIGINE: "lanceur",
      };
      const ezged = await stand.open();
      await ezged.arrive(await reserve(ezged, intoRecord({ columns })));
      assert.deepEqual(stand.server.rows("COURRIERS").map((row) => row.columns), [{
        COURRIERS_OBJET: "objet & é=€",
        COURRIERS_DATE: "2026-01-31 08:05:00",
        COURRIERS_ORIGINE: "lanceur",
      }]);
    });
  }
});

Deno.test("a job is followed until it is done; one in error is EzGED's to repeat, and is said", async (t) => {
  const cases = [
    { statuses: [0, "1", 2], kinds: [] },
    { statuses: ["3"], kinds: [] },
    { statuses: [1, 4], kinds: ["arrived"] },
    { statuses: [5], kinds: ["arrived"] },
  ];
  for (const { statuses, kinds } of cases) {
    await t.step(statuses.join(", "), async () => {
      await using stand = await EzgedStand.start({ jobStatuses: statuses });
      const ezged = await stand.open();
      const remarks = await ezged.arrive(await reserve(ezged, intoRecord({ follow: "10s" })));
      assert.deepEqual(remarks.map(({ kind }) => kind), kinds);
      assert.equal(stand.server.count("addpages"), 1);
    });
  }
});

Deno.test("a job that takes long is looked at again by the next poll, and nothing is sent again", async () => {
  await using stand = await EzgedStand.start({ jobStatuses: [0, 0, 0, 0, 2] });
  const ezged = await stand.open();
  const moves = await reserve(ezged, intoRecord({ follow: "0s" }));
  for (let poll = 0; poll < 4; poll++) {
    assert.deepEqual((await ezged.arrive(moves)).map(({ kind }) => kind), ["underway"]);
  }
  assert.deepEqual(await ezged.arrive(moves), []);
  assert.deepEqual([stand.server.count("insertrow"), stand.server.count("addpages")], [1, 1]);
});

Deno.test("probe() signs in and out, and sends nothing", async () => {
  await using stand = await EzgedStand.start();
  await probe(stand.context);
  assert.deepEqual(stand.server.calls.map(({ step }) => step), ["authenticate", "delete"]);
});
