/** What becomes of an item that fails again and again: back-off, the quarantine with its bound, and the way out of it. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { EzgedServer } from "./servers/ezged.ts";
import { runTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";

/** A folder launcher that delivers to `server`, which is told to refuse. */
async function project(server: EzgedServer, more = ""): Promise<TempFolder> {
  const folder = await TempFolder.make();
  await Deno.chmod(await folder.write("ged.secret", "secret\n"), 0o600);
  await folder.write(
    "launchers.d/gateway.toml",
    `[status]\nlisten = "127.0.0.1:0"\n${more}[ezged.mairie]\nurl = "${server.url}"\naccount = "ged"\n` +
      'password = { file = "ged.secret" }\ntoken = { env = "GED_TOKEN" }\n',
  );
  await folder.write(
    "launchers.d/inbox.toml",
    '[listen]\nprotocol = "folder"\npath = "var/inbox"\nsettle = "1ms"\nafter = "delete"\n' +
      '[deliver]\nezged = "mairie"\ncold = "factures"\n',
  );
  return folder;
}

function refuse(server: EzgedServer, times: number): void {
  const faults = Array.from(
    { length: times },
    () => ({ kind: "error", code: 7, message: "type refusé" } as const),
  );
  server.fail("upload", ...faults);
}

interface Report {
  readonly delivered: number;
  readonly failed: number;
  readonly quarantined: number;
  readonly known: number;
}

async function poll(folder: TempFolder, byHand = true): Promise<Report> {
  const options = { cwd: folder.path, env: { GED_TOKEN: "jeton" } };
  // By hand, what failed is tried again without waiting: its time is turned forward otherwise.
  if (!byHand) {
    using ledger = new DatabaseSync(folder.at("var/ledger.sqlite"), { timeout: 10_000 });
    ledger.exec("UPDATE item SET retry_at = 0");
  }
  const { stdout, stderr } = await runTask("run", ["inbox", "--json"], options);
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout) as Report;
}

/** What the ledger says of the one item. */
function rowOf(folder: TempFolder): { attempts: number; waitMs: number } {
  using ledger = new DatabaseSync(folder.at("var/ledger.sqlite"), { timeout: 10_000 });
  const row = ledger.prepare("SELECT attempts, retry_at - at AS wait FROM item").get();
  return { attempts: Number(row?.["attempts"]), waitMs: Number(row?.["wait"]) };
}

Deno.test("an item that fails is tried again after 1, 5, 15 minutes, 1 and 4 hours, then quarantined whole, and can be retried", async () => {
  await using server = await EzgedServer.start();
  await using folder = await project(server);
  await folder.write("var/inbox/facture.pdf", "contenu");
  refuse(server, 6);
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 5; attempt++) {
    const { failed, quarantined } = await poll(folder);
    assert.deepEqual([failed, quarantined], [1, 0]);
    const { attempts, waitMs } = rowOf(folder);
    assert.equal(attempts, attempt);
    waits.push(Math.round(waitMs / 60_000));
    assert.deepEqual(await folder.list("var/inbox"), ["facture.pdf"]);
  }
  assert.deepEqual(waits, [1, 5, 15, 60, 240]);
  const before = Date.now();
  assert.equal((await poll(folder)).quarantined, 1);
  assert.deepEqual(await folder.list("var/inbox"), [], "settled once it is stored");

  const [name = ""] = await folder.list("var/quarantine");
  const id = name.replace("/", "");
  assert.deepEqual(await folder.list(`var/quarantine/${id}`), ["facture.pdf", "reason.json"]);
  assert.equal(await Deno.readTextFile(folder.at(`var/quarantine/${id}/facture.pdf`)), "contenu");
  const reason = JSON.parse(await Deno.readTextFile(folder.at(`var/quarantine/${id}/reason.json`)));
  assert.match(reason.reason, /type refusé/);
  assert.deepEqual([reason.launcher, reason.label, reason.attempts], ["inbox", "facture.pdf", 6]);
  assert.match(reason.key, /^facture\.pdf\|/);
  assert.ok(Date.parse(reason.at) >= before - 1000);

  const options = { cwd: folder.path, env: { GED_TOKEN: "jeton" } };
  refuse(server, 1);
  assert.equal((await runTask("quarantine", ["retry", id], options)).code, 1);
  const again = JSON.parse(await Deno.readTextFile(folder.at(`var/quarantine/${id}/reason.json`)));
  assert.equal(again.attempts, 7);
  assert.equal((await runTask("quarantine", ["retry", id], options)).code, 0);
  // A name that may have been sent is not sent again, so it has a number by now.
  assert.match(server.names("factures").join(), /^facture_\d\.pdf$/);
  assert.deepEqual(await folder.list("var/quarantine"), []);
});

Deno.test("a quarantine that is full takes no more: the item stays, says so, and is quarantined once there is room", async () => {
  await using server = await EzgedServer.start();
  await using folder = await project(server, '[quarantine]\nmax_size = "1 MB"\n');
  await folder.write(
    "launchers.d/inbox.toml",
    "retries = 0\n" + await Deno.readTextFile(folder.at("launchers.d/inbox.toml")),
  );
  await folder.write("var/inbox/grand.pdf", new Uint8Array(700_000));
  refuse(server, 1);
  assert.equal((await poll(folder)).quarantined, 1);
  await folder.write("var/inbox/autre.pdf", new Uint8Array(400_000));
  refuse(server, 1);
  const options = { cwd: folder.path, env: { GED_TOKEN: "jeton" } };
  const full = await runTask("run", ["inbox"], options);
  assert.equal(full.code, 1);
  assert.match(
    full.stdout,
    /Cannot put "autre\.pdf" .*into quarantine: it holds 700000 of 1000000 octets; it stays where it is/,
  );
  assert.deepEqual(await folder.list("var/inbox"), ["autre.pdf"]);
  const [name = ""] = await folder.list("var/quarantine");
  assert.equal((await folder.list("var/quarantine")).length, 1);
  {
    // As when its original could not be settled: after = "delete" must not take that once its copy here is dropped.
    using ledger = new DatabaseSync(folder.at("var/ledger.sqlite"), { timeout: 10_000 });
    ledger.exec("UPDATE item SET settled = 0 WHERE label = 'grand.pdf'");
  }
  assert.equal((await runTask("quarantine", ["drop", name.replace("/", "")], options)).code, 0);
  {
    // What was dropped waits for nobody any more, and its history says so.
    using ledger = new DatabaseSync(folder.at("var/ledger.sqlite"), { timeout: 10_000 });
    const row = ledger.prepare(
      "SELECT outcome, reason, settled, fingerprint FROM item WHERE label = 'grand.pdf'",
    ).get();
    assert.match(String(row?.["reason"]), /^quarantine: dropped by hand; before, .*type refusé/);
    assert.deepEqual([row?.["outcome"], row?.["settled"], row?.["fingerprint"]], [2, 1, null]);
  }
  refuse(server, 1);
  assert.equal((await poll(folder, false)).quarantined, 1);
  assert.deepEqual(await folder.list("var/inbox"), []);
});
