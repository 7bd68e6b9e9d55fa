/** `deno task new` as people and scripts use it: real terminals, real mail servers. */
import assert from "node:assert/strict";
import { freePort } from "./servers/free_port.ts";
import { startImapServer } from "./servers/imap_server.ts";
import { Mailbox } from "./servers/mailbox.ts";
import { startPop3Server } from "./servers/pop3_server.ts";
import { runTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";
import { startOnTerminal, whyNoTerminal } from "./servers/terminal.ts";
import { numberedMails } from "./fixtures/numbered_mails.ts";

const ACCOUNT = "ged@exemple.test";
const PASSWORD = 'Pa ss-é"1';
const ignore = whyNoTerminal() !== undefined;

async function project(): Promise<TempFolder> {
  const folder = await TempFolder.make();
  await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "127.0.0.1:${freePort()}"\n`);
  return folder;
}

async function imap(...names: string[]) {
  const inbox = new Mailbox();
  for (const { raw } of numberedMails(3)) inbox.add(raw);
  const others = names.map((name) => new Mailbox(name));
  return await startImapServer({ mailboxes: [inbox, ...others], users: { [ACCOUNT]: PASSWORD } });
}

Deno.test({
  name:
    "new asks, tries to connect, lets a wrong password be corrected, lists mailboxes, and what it writes works",
  ignore,
  async fn() {
    await using server = await imap("Factures");
    await using folder = await project();
    const args = ["--server", "127.0.0.1", "--port", String(server.port), "--tls", "none"];
    await using terminal = startOnTerminal("new", args, { cwd: folder.path });
    await terminal.shown("Name of the launcher: ");
    await terminal.type("à é\r");
    await terminal.shown("without accents");
    await terminal.type("factures\r");
    await terminal.shown("Documents arrive by imap, pop3, folder, adullact [imap]: ");
    await terminal.type("\r");
    await terminal.shown("Mail address to sign in with: ");
    await terminal.type(`${ACCOUNT}\r`);
    await terminal.shown("Password (not shown): ");
    await terminal.type("wrong one\r");
    await terminal.shown("the password was refused");
    await terminal.shown("[password]: ");
    await terminal.type("\r");
    await terminal.shown("Password (not shown): ");
    await terminal.type(`${PASSWORD}x\x7f\r`);
    await terminal.shown("Mailboxes: INBOX, Factures");
    await terminal.shown("[INBOX]: ");
    await terminal.type("Facture\r");
    await terminal.shown(`There is no mailbox "Facture"`);
    await terminal.type("INBOX\r");
    await terminal.shown("Signed in: 3 mails there.");
    await terminal.shown("[keep]: ");
    await terminal.type("move\r");
    await terminal.shown("made if it is missing [Traités]: ");
    await terminal.type("\r");
    await terminal.shown("COLD directory [factures]: ");
    await terminal.type("\r");
    await terminal.shown(
      "Written: launchers.d/factures.toml, and the password in var/secrets/factures.secret",
    );
    assert.equal(await terminal.ended, 0, terminal.screen);
    assert.ok(!terminal.screen.includes("wrong one") && !terminal.screen.includes("Pa ss"), terminal.screen);

    assert.equal(await Deno.readTextFile(folder.at("var/secrets/factures.secret")), `${PASSWORD}\n`);
    assert.equal(((await Deno.stat(folder.at("var/secrets/factures.secret"))).mode ?? 0) & 0o777, 0o600);
    assert.equal(((await Deno.stat(folder.at("var/secrets"))).mode ?? 0) & 0o777, 0o700);
    const options = { cwd: folder.path };
    const check = await runTask("check", ["--connect", "--json"], options);
    assert.equal(check.code, 0, check.stdout);
    const { connections } = JSON.parse(check.stdout) as { connections: { ok: boolean; waiting: number }[] };
    assert.deepEqual(connections.map(({ ok, waiting }) => ({ ok, waiting })), [{ ok: true, waiting: 3 }]);
    const run = await runTask("run", ["factures", "--json"], options);
    assert.equal((JSON.parse(run.stdout) as { delivered: number }).delivered, 3);
  },
});

Deno.test({
  name: "Ctrl+C at a question, even at the password, leaves nothing behind and the terminal as it was",
  ignore,
  async fn() {
    await using folder = await project();
    for (const question of ["Name of the launcher: ", "Password (not shown): "]) {
      const args = question.startsWith("Name") ? [] : ["x", "--account", "a@b.test", "--server", "127.0.0.1"];
      await using terminal = startOnTerminal("new", args, { cwd: folder.path });
      await terminal.shown(question);
      await terminal.type("\x03");
      assert.equal(await terminal.ended, 130, terminal.screen);
    }
    assert.deepEqual(await folder.list("launchers.d"), ["gateway.toml"]);
  },
});

Deno.test("new without a terminal takes everything from options", async (t) => {
  const inbox = new Mailbox();
  for (const { raw } of numberedMails(2)) inbox.add(raw);
  await using pop = await startPop3Server({ mailbox: inbox, users: { [ACCOUNT]: PASSWORD } });
  await using folder = await project();
  await Deno.chmod(await folder.write("ged.secret", PASSWORD), 0o600);
  const options = { cwd: folder.path };
  const mail = ["--protocol", "pop3", "--account", ACCOUNT, "--server", "127.0.0.1", "--tls", "none"];
  const reach = [...mail, "--port", String(pop.port), "--password-file", "ged.secret"];

  await t.step("a mailbox", async () => {
    const made = await runTask(
      "new",
      ["pop", ...reach, "--after", "delete:30", "--since-days", "90"],
      options,
    );
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stderr, /Signed in: 2 mails there/);
    const text = await Deno.readTextFile(folder.at("launchers.d/pop.toml"));
    assert.match(text, /after = \{ delete_after_days = 30 \}/);
    assert.match(text, /since_days = 90/);
    assert.match(text, /password = \{ file = "ged\.secret" \}/);
    assert.equal((await runTask("check", [], options)).code, 0);
  });

  await t.step("a folder", async () => {
    const made = await runTask("new", ["scans", "--path", "var/scans", "--json"], options);
    assert.equal(made.code, 0, made.stderr);
    assert.equal((JSON.parse(made.stdout) as { launcher: string }).launcher, "scans");
    assert.equal((await runTask("check", [], options)).code, 0);
  });

  await t.step("what is missing, misspelt, taken or refused is said, and nothing is written", async () => {
    const cases: readonly (readonly [args: string[], code: number, said: RegExp])[] = [
      [["x", "--account", ACCOUNT], 64, /--server is missing/],
      [["x", ...mail], 64, /--password-file is missing/],
      [["x", ...reach, "--after", "seen"], 64, /pop3 has keep, delete, delete:DAYS/],
      [["x", "--protocol", "imp"], 64, /did you mean "imap"/],
      [["x", ...reach, "--prot", "imap"], 64, /no such option of new/],
      [["scans", "--path", "x"], 64, /launchers\.d\/scans\.toml already/],
      [["../x", "--path", "x"], 64, /without accents/],
      [["x", ...reach, "--port", "1"], 1, /Cannot connect/],
      [["x", "--path", "/nowhere/at/all"], 78, /is missing/],
    ];
    for (const [args, code, said] of cases) {
      const made = await runTask("new", args, options);
      assert.equal(made.code, code, `${args.join(" ")}: ${made.stdout}${made.stderr}`);
      assert.match(made.stdout + made.stderr, said);
      await assert.rejects(Deno.stat(folder.at("launchers.d/x.toml")), Deno.errors.NotFound);
    }
  });
});

Deno.test("new knows the servers of an address, and how its account is written", async () => {
  await using folder = await project();
  await Deno.chmod(await folder.write("s", PASSWORD), 0o600);
  const cases: readonly (readonly [args: string[], expected: RegExp])[] = [
    [["--account", "ged@gmail.com"], /server = "imap\.gmail\.com"\naccount = "ged@gmail\.com"/],
    [["--account", "ged@orange.fr", "--protocol", "pop3"], /server = "pop\.orange\.fr"/],
    [["--account", "ged@free.fr"], /server = "imap\.free\.fr"\naccount = "ged"/],
    [["--account", "ged@laposte.net"], /server = "imap\.laposte\.net"\naccount = "ged"/],
    [
      ["--account", "ged@mairie.fr", "--provider", "ovh"],
      /server = "ssl0\.ovh\.net"\naccount = "ged@mairie\.fr"/,
    ],
    [["--account", "ged@outlook.fr", "--token-file", "s"], /auth = "xoauth2"[^]*token = \{ file = "s" \}/],
  ];
  for (const [index, [args, expected]] of cases.entries()) {
    const secret = args.includes("--token-file") ? [] : ["--password-file", "s"];
    const made = await runTask("new", [`l${index}`, ...args, ...secret, "--no-connect"], {
      cwd: folder.path,
    });
    assert.equal(made.code, 0, made.stderr);
    assert.match(await Deno.readTextFile(folder.at(`launchers.d/l${index}.toml`)), expected);
  }
  assert.equal((await runTask("check", [], { cwd: folder.path })).code, 0);
});
