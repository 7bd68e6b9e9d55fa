/** The procedure of src/deploy/README.md: a copy of a gateway that runs, the loss of its state, and the way back. */
import assert from "node:assert/strict";
import { freePort } from "./servers/free_port.ts";
import { startImapServer } from "./servers/imap_server.ts";
import { Mailbox } from "./servers/mailbox.ts";
import { runTask, startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";
import { numberedMails } from "./fixtures/numbered_mails.ts";

const ACCOUNT = "ged@exemple.test";

interface Report {
  readonly delivered: number;
  readonly known: number;
}

Deno.test("a backup of a running gateway brings back what was done and what is in quarantine: nothing comes twice", async (t) => {
  const box = new Mailbox();
  const [first, second, third] = [...numberedMails(3)];
  assert.ok(first && second && third);
  box.add(first.raw);
  box.add('Message-ID: <d@b>\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\ncut');
  await using server = await startImapServer({ mailboxes: [box], users: { [ACCOUNT]: "geheim" } });
  await using folder = await TempFolder.make();
  await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "127.0.0.1:${freePort()}"\n`);
  await folder.write(
    "launchers.d/mail.toml",
    `schedule = "@every 1h"\n[listen]\nprotocol = "imap"\nserver = "127.0.0.1"\nport = ${server.port}\ntls = "none"\n` +
      `account = "${ACCOUNT}"\npassword = { file = "var/secrets/mail.secret" }\n[deliver]\ncold = "mail"\n`,
  );
  await Deno.chmod(await folder.write("var/secrets/mail.secret", "geheim"), 0o600);
  const options = { cwd: folder.path };
  const poll = async () => JSON.parse((await runTask("run", ["mail", "--json"], options)).stdout) as Report;
  const quarantine = async () => (await runTask("quarantine", ["--json"], options)).stdout;
  await using gateway = startTask("start", [], options);
  await gateway.logged("launcher=mail delivered=1");
  const before = await quarantine();
  assert.match(before, /mail\.eml|damaged|cut|boundary/);

  const backups = folder.at("backups");
  const made = await runTask("backup", [backups, "--json"], options);
  assert.equal(made.code, 0, made.stderr);
  const { path, items } = JSON.parse(made.stdout) as { path: string; items: number };
  assert.equal(items, 2);

  await t.step("its size is written as its reader writes numbers", async () => {
    const french = { ...options, env: { LC_ALL: "fr_FR.UTF-8" } };
    const { stdout } = await runTask("backup", [folder.at("en-francais")], french);
    assert.match(stdout, /, \d+(?:,\d+)?\s[kM]o$/m);
  });

  await t.step("the copy is for its owner alone, and without what belongs to the process", async () => {
    assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o700);
    for (const file of ["state/ledger.sqlite", "state/secrets/mail.secret"]) {
      assert.equal(((await Deno.stat(`${path}/${file}`)).mode ?? 0) & 0o777, 0o600);
    }
    const names = await folder.list(`backups/${(await folder.list("backups"))[0]}/state`);
    for (const name of ["control.json", "lock", "cold/"]) assert.ok(!names.includes(name), names.join());
    assert.ok(names.includes("ledger.sqlite") && names.includes("quarantine/"), names.join());
  });

  await t.step("after a loss, the copy put in place of the state goes on where it was", async () => {
    assert.equal((await runTask("stop", [], options)).code, 0);
    await Deno.remove(folder.at("var"), { recursive: true });
    box.add(second.raw);
    const copied = await new Deno.Command("cp", { args: ["-a", `${path}/state`, folder.at("var")] }).output();
    assert.ok(copied.success);
    assert.equal(await quarantine(), before);
    const { delivered, known } = await poll();
    assert.deepEqual({ delivered, known }, { delivered: 1, known: 2 });
  });

  await t.step("what cannot be copied is said, and leaves nothing behind", async () => {
    const cases = [["var/backups", /which is to be copied/], [
      "launchers.d/mail.toml",
      /Cannot back up/,
    ]] as const;
    for (const [target, said] of cases) {
      const refused = await runTask("backup", [target], options);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, said);
    }
    await Deno.remove(folder.at("var/ledger.sqlite"));
    assert.equal((await runTask("backup", ["backups"], options)).code, 1);
    assert.equal((await folder.list("backups")).length, 1);
  });
});
