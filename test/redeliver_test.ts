/** An item once delivered is delivered again on purpose, from its original or from where settling has put it. */
import assert from "node:assert/strict";
import { freePort } from "./servers/free_port.ts";
import { startImapServer } from "./servers/imap_server.ts";
import { Mailbox } from "./servers/mailbox.ts";
import { runTask, startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";
import { numberedMails } from "./fixtures/numbered_mails.ts";

interface Row {
  readonly id: string;
  readonly label: string;
  readonly documents: readonly string[];
}

interface Result {
  readonly ok: boolean;
  readonly result: string;
  readonly documents: readonly string[];
}

async function delivered(folder: TempFolder, launcher: string): Promise<Row[]> {
  const { code, stdout, stderr } = await runTask("redeliver", [launcher, "--json"], { cwd: folder.path });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Row[];
}

async function redeliver(folder: TempFolder, id: string): Promise<Result> {
  const { stdout, stderr } = await runTask("redeliver", [id, "--json"], { cwd: folder.path });
  const [result] = JSON.parse(stdout) as Result[];
  assert.ok(result, stderr);
  return result;
}

async function poll(folder: TempFolder, launcher: string): Promise<{ delivered: number; known: number }> {
  const { code, stdout, stderr } = await runTask("run", [launcher, "--json"], { cwd: folder.path });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as { delivered: number; known: number };
}

function folderLauncher(after: string, more = ""): string {
  return `[listen]\nprotocol = "folder"\npath = "var/in"\nsettle = "1ms"\nafter = ${after}\n[deliver]\ncold = "scans"\n${more}`;
}

Deno.test("a file that was kept, or moved away, is delivered again, once, and stays known", async (t) => {
  for (const after of ['"keep"', '{ move = "done" }', '{ move = "../done" }']) {
    await t.step(after, async () => {
      await using folder = await TempFolder.make();
      // With duplicates left out: a person's wish counts more.
      await folder.write("launchers.d/scans.toml", folderLauncher(after, 'duplicates = "skip"\n'));
      if (after !== '"keep"') {
        await folder.write(after.includes("..") ? "var/done/SCN.pdf" : "var/in/done/SCN.pdf", "older");
      }
      await folder.write("var/in/SCN.pdf", "a scan");
      await folder.write("var/in/other.pdf", "another");
      await poll(folder, "scans");
      const rows = await delivered(folder, "scans");
      const row = rows.find(({ label }) => label === "SCN.pdf");
      assert.ok(row && rows.length === 2);
      const { ok, documents } = await redeliver(folder, row.id);
      assert.ok(ok);
      assert.deepEqual(documents, [folder.at("var/cold/scans/SCN_2.pdf")]);
      assert.equal(await Deno.readTextFile(folder.at("var/cold/scans/SCN_2.pdf")), "a scan");
      assert.equal((await poll(folder, "scans")).delivered, 0);
      assert.equal((await folder.list("var/cold/scans")).length, 3);
      // Again and again, if wanted.
      assert.ok((await redeliver(folder, row.id)).ok);
    });
  }
});

Deno.test("a file's name moves no cursor, neither in the list nor when it is delivered again", async () => {
  await using folder = await TempFolder.make();
  await folder.write("launchers.d/scans.toml", folderLauncher('"keep"'));
  await folder.write("var/in/\u001b[2Jscan.pdf", "a scan");
  await poll(folder, "scans");
  const [row] = await delivered(folder, "scans");
  for (const operand of ["scans", row?.id ?? ""]) {
    const { code, stdout } = await runTask("redeliver", [operand], { cwd: folder.path });
    assert.equal(code, 0);
    assert.match(stdout, /scan/);
    assert.ok(!stdout.includes("\u001b"), JSON.stringify(stdout));
  }
});

Deno.test("what is gone, unknown or was never delivered is said to be so, and changes nothing", async () => {
  await using folder = await TempFolder.make();
  await folder.write(
    "launchers.d/scans.toml",
    folderLauncher('"delete"', '[filter]\nname = ["/.*[.]pdf/"]\n'),
  );
  await folder.write("var/in/SCN.pdf", "a scan");
  await folder.write("var/in/Thumbs.db", "no scan");
  await poll(folder, "scans");
  const [row] = await delivered(folder, "scans");
  const gone = await redeliver(folder, row?.id ?? "");
  assert.equal(gone.ok, false);
  assert.match(
    gone.result,
    /Cannot deliver "SCN\.pdf" again: its original is not in folder var\/in any more, .*put a copy of it there/,
  );
  assert.match((await redeliver(folder, "0".repeat(24))).result, /the ledger has no such item/);
  assert.deepEqual(await folder.list("var/cold/scans"), ["SCN.pdf"]);
  assert.equal((await delivered(folder, "scans")).length, 1);
});

Deno.test("an item that cannot be delivered again stays delivered: no poll takes it by itself", async () => {
  await using folder = await TempFolder.make();
  await folder.write("launchers.d/scans.toml", folderLauncher('"keep"'));
  await folder.write("var/in/SCN.pdf", "a scan");
  await poll(folder, "scans");
  const [row] = await delivered(folder, "scans");
  await folder.write("launchers.d/scans.toml", folderLauncher('"keep"', '[filter]\nmax_size = "1 B"\n'));
  const refused = await redeliver(folder, row?.id ?? "");
  assert.match(refused.result, /^skipped: /);
  await folder.write("launchers.d/scans.toml", folderLauncher('"keep"'));
  const { delivered: count, known } = await poll(folder, "scans");
  assert.deepEqual([count, known], [0, 1]);
});

Deno.test("a mail that was read since is found again, and its documents arrive once more", async () => {
  const inbox = new Mailbox();
  for (const { raw } of numberedMails(3)) inbox.add(raw);
  await using server = await startImapServer({ mailboxes: [inbox], users: { "ged@exemple.test": "geheim" } });
  await using folder = await TempFolder.make();
  await folder.write(
    "launchers.d/mails.toml",
    `[listen]\nprotocol = "imap"\nserver = "127.0.0.1"\nport = ${server.port}\ntls = "none"\naccount = "ged@exemple.test"\n` +
      `password = "geheim"\nunseen_only = true\nafter = "seen"\n[deliver]\ncold = "mails"\n`,
  );
  await poll(folder, "mails");
  const before = (await folder.list("var/cold/mails")).length;
  const rows = await delivered(folder, "mails");
  assert.equal(rows.length, 3);
  const { ok, documents } = await redeliver(folder, rows[1]?.id ?? "");
  assert.ok(ok);
  assert.equal((await folder.list("var/cold/mails")).length, before + documents.length);
});

Deno.test("a mail that was moved to another mailbox is told by its content, and delivered again from there", async () => {
  const inbox = new Mailbox();
  const done = new Mailbox("Traités");
  for (const { raw } of numberedMails(4)) inbox.add(raw);
  await using server = await startImapServer({
    mailboxes: [inbox, done],
    users: { "ged@exemple.test": "geheim" },
  });
  await using folder = await TempFolder.make();
  await folder.write(
    "launchers.d/mails.toml",
    `[listen]\nprotocol = "imap"\nserver = "127.0.0.1"\nport = ${server.port}\ntls = "none"\naccount = "ged@exemple.test"\n` +
      `password = "geheim"\nafter = { move = "Traités" }\n[deliver]\ncold = "mails"\n`,
  );
  await poll(folder, "mails");
  assert.deepEqual([inbox.mails.length, done.mails.length], [0, 4]);
  const rows = await delivered(folder, "mails");
  const wanted = rows.find(({ label }) => label.endsWith("UID 2"));
  assert.ok(wanted, JSON.stringify(rows));
  const { ok, result, documents } = await redeliver(folder, wanted.id);
  assert.ok(ok, result);
  const texts = (paths: readonly string[]) => Promise.all(paths.map((path) => Deno.readTextFile(path)));
  assert.deepEqual(await texts(documents), await texts(wanted.documents));
  assert.deepEqual([inbox.mails.length, done.mails.length], [0, 4]);
  assert.equal((await poll(folder, "mails")).delivered, 0);
});

Deno.test("an envelope that was moved away is delivered again from there", async () => {
  await using folder = await TempFolder.make();
  await folder.write(
    "launchers.d/actes.toml",
    '[listen]\nprotocol = "adullact"\npath = "var/in"\nsettle = "1ms"\nafter = { move = "../done" }\n[deliver]\ncold = "actes"\n',
  );
  const sample = new URL("fixtures/envelopes/actes-nom-pastell/aB3dE9x/", import.meta.url);
  await Deno.mkdir(folder.at("var/in/aB3dE9x"), { recursive: true });
  for await (const { name } of Deno.readDir(sample)) {
    await Deno.copyFile(new URL(encodeURIComponent(name), sample), folder.at(`var/in/aB3dE9x/${name}`));
  }
  await poll(folder, "actes");
  assert.deepEqual(await folder.list("var/in"), []);
  const [row] = await delivered(folder, "actes");
  const { ok, result, documents } = await redeliver(folder, row?.id ?? "");
  assert.ok(ok, result);
  assert.ok(documents.length > 1);
  assert.equal((await folder.list("var/cold/actes")).length, 2);
  assert.deepEqual(await folder.list("var/done"), ["aB3dE9x/"]);
});

Deno.test("a running gateway delivers again, asked by the command or over HTTP", async () => {
  await using folder = await TempFolder.make();
  const port = freePort();
  await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "127.0.0.1:${port}"\n`);
  await folder.write("launchers.d/scans.toml", `schedule = "0 0 1 1 *"\n${folderLauncher('"keep"')}`);
  await folder.write(
    "launchers.d/gone.toml",
    `schedule = "0 0 1 1 *"\n${folderLauncher('"delete"').replace("var/in", "var/gone")}`,
  );
  await folder.write("var/in/SCN.pdf", "a scan");
  await folder.write("var/gone/SCN.pdf", "another scan");
  await using gateway = startTask("start", [], { cwd: folder.path });
  await gateway.logged("started");
  await poll(folder, "scans");
  await poll(folder, "gone");
  const page = `http://127.0.0.1:${port}`;
  const { items } = await (await fetch(`${page}/api/launchers/scans`)).json() as { items: { id: string }[] };
  const [row] = await delivered(folder, "scans");
  assert.equal(items[0]?.id, row?.id);
  for (const [name, isOffered] of [["scans", true], ["gone", false]] as const) {
    const html = await (await fetch(`${page}/launchers/${name}`)).text();
    assert.equal(html.includes('/redeliver"'), isOffered, name);
  }
  assert.ok((await redeliver(folder, row?.id ?? "")).ok);
  const answer = await fetch(`${page}/api/items/${row?.id}/redeliver`, { method: "POST" });
  assert.deepEqual([answer.status, await answer.json()], [202, {
    ok: true,
    id: row?.id,
    action: "redeliver",
  }]);
  const unknown = await fetch(`${page}/api/items/${"0".repeat(24)}/redeliver`, { method: "POST" });
  assert.equal(unknown.status, 409);
  assert.match(await unknown.text(), /no such item/);
  while ((await folder.list("var/cold/scans")).length < 3) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
