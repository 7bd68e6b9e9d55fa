/** The commands as an administrator types them: real processes, with and without a terminal. */
import assert from "node:assert/strict";
import { freePort } from "./servers/free_port.ts";
import { startImapServer } from "./servers/imap_server.ts";
import { Mailbox } from "./servers/mailbox.ts";
import { runTask, startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";
import { startOnTerminal, whyNoTerminal } from "./servers/terminal.ts";
import { numberedMails } from "./fixtures/numbered_mails.ts";

const ACCOUNT = "ged@exemple.test";
const noTerminal = whyNoTerminal() !== undefined;

/** A folder launcher; `more` are further lines at its end, of `[deliver]` first. */
function inbox(more = ""): string {
  return `schedule = "@every 1h"\n[listen]\nprotocol = "folder"\npath = "var/inbox"\nsettle = "50ms"\n` +
    `after = { move = "done" }\n[deliver]\ncold = "inbox"\n${more}`;
}

function mailLauncher(port: number, more = ""): string {
  return `schedule = "@every 1h"\n[listen]\nprotocol = "imap"\nserver = "127.0.0.1"\nport = ${port}\ntls = "none"\n` +
    `account = "${ACCOUNT}"\npassword = { file = "secret" }\nafter = { move = "Traités" }\n[deliver]\ncold = "mail"\n${more}`;
}

async function project(launchers: Readonly<Record<string, string>>): Promise<TempFolder> {
  const folder = await TempFolder.make();
  await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "127.0.0.1:${freePort()}"\n`);
  await Deno.chmod(await folder.write("secret", "geheim"), 0o600);
  for (const [name, text] of Object.entries(launchers)) await folder.write(`launchers.d/${name}`, text);
  return folder;
}

function mail(id: number, ...parts: readonly (readonly [name: string, content: string])[]): string {
  const attached = parts.map(([name, content]) =>
    `--b\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\n${content}\r\n`
  ).join("");
  return `Message-ID: <m${id}@exemple.test>\r\nFrom: a@b.test\r\nSubject: mail ${id}\r\nMIME-Version: 1.0\r\n` +
    `Date: Mon, 23 Nov 2026 10:00:00 +0100\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n${attached}--b--\r\n`;
}

interface Forecast {
  readonly items: readonly {
    label: string;
    outcome: string;
    reason: string | null;
    documents: string[];
    original: string;
  }[];
  readonly known: number;
}

Deno.test("a dry run tells of each item: take or skip, the rule, the names, the original; a run then does just that", async () => {
  const box = new Mailbox();
  box.add(mail(1, ["facture.pdf", "one"], ["Thumbs.db", "x"]));
  box.add(mail(2, ["logo.db", "x"]));
  box.add(mail(3, ["facture.pdf", "two"]));
  // The very mail once more, as a mailbox holds it twice after a copy.
  box.add(mail(3, ["facture.pdf", "two"]));
  box.add('Message-ID: <d@b>\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\ncut');
  await using server = await startImapServer({ mailboxes: [box], users: { [ACCOUNT]: "geheim" } });
  const more = `name = "{date} {name}"\nsidecar = "json"\n[filter]\nexclude = ["*.db"]\n`;
  await using folder = await project({ "mail.toml": mailLauncher(server.port, more) });
  await folder.write("var/cold/mail/2026-11-23 facture.pdf", "there before");
  const options = { cwd: folder.path };

  const dry = await runTask("run", ["mail", "--dry-run", "--json"], options);
  assert.equal(dry.code, 1, dry.stderr);
  const { items, known } = JSON.parse(dry.stdout) as Forecast;
  const cold = folder.at("var/cold/mail");
  assert.deepEqual(items.map(({ outcome, documents, original }) => ({ outcome, documents, original })), [
    {
      outcome: "delivered",
      documents: [`${cold}/2026-11-23 facture_2.pdf.json`, `${cold}/2026-11-23 facture_2.pdf`],
      original: 'moved to "Traités"',
    },
    { outcome: "skipped", documents: [], original: "left alone" },
    {
      outcome: "delivered",
      documents: [`${cold}/2026-11-23 facture_3.pdf.json`, `${cold}/2026-11-23 facture_3.pdf`],
      original: 'moved to "Traités"',
    },
    { outcome: "quarantined", documents: [], original: 'moved to "Traités"' },
  ]);
  assert.match(items[0]?.reason ?? "", /filter\.exclude: "Thumbs\.db" matches "\*\.db"/);
  assert.match(items[1]?.reason ?? "", /filter\.exclude/);
  assert.equal(known, 1);
  assert.equal(box.mails.length, 5);
  assert.deepEqual(await folder.list("var/cold/mail"), ["2026-11-23 facture.pdf"]);
  assert.deepEqual(await folder.list("var/quarantine"), []);

  const text = (await runTask("run", ["mail", "--dry-run"], options)).stdout;
  assert.match(
    text,
    /^take: .*\n {4}because: filter\.exclude: .*\n {4}→ .*json\n {4}→ .*_2\.pdf\n {4}original: moved/m,
  );
  assert.match(text, /^skip: /m);
  assert.match(text, /nothing was changed: would take 2 items, skip 1, put 1 into quarantine, leave 1 that/);

  const done = JSON.parse((await runTask("run", ["mail", "--json"], options)).stdout) as Forecast;
  const came = ({ items }: Forecast) =>
    items.map(({ outcome, documents }) => `${outcome} ${documents.join(" ")}`).sort();
  assert.deepEqual(came(done), came({ items, known }));
});

Deno.test("a dry run of envelopes decodes them, leaves nothing behind, and sees a launcher that is not loaded yet", async () => {
  const envelopes = new URL("./fixtures/envelopes/helios-zip/", import.meta.url);
  const name = "PESALR2_12345678900012_240312_001.zip";
  await using folder = await project({ "inbox.toml": inbox() });
  const options = { cwd: folder.path };
  await using gateway = startTask("start", [], options);
  await gateway.logged("started");
  const adullact = inbox().replace('"folder"', '"adullact"').replaceAll("inbox", "pes").replace(
    "[deliver]",
    "[deliver]",
  );
  await folder.write("launchers.d/pes.toml", `enabled = false\n${adullact}`);
  await folder.write(`var/pes/${name}`, await Deno.readFile(new URL(name, envelopes)));
  const dry = await runTask("run", ["pes", "--dry-run", "--json"], options);
  const { items } = JSON.parse(dry.stdout) as Forecast;
  assert.deepEqual(items.map(({ label, outcome }) => `${label} ${outcome}`), [`${name} delivered`]);
  assert.ok(items[0]?.documents.some((path) => path.endsWith("/metadata.json")), dry.stdout);
  assert.deepEqual(await folder.list("var/pes"), [name]);

  const refusals = [
    [{ "pes.toml": `enabled = false\n${adullact}` }, /the gateway has not read it yet; deno task reload/],
    [
      { "inbox.toml": inbox("[filter]\nexclude = ['*.tmp']\n") },
      /changed since the gateway read it; deno task reload/,
    ],
  ] as const;
  for (const [files, said] of refusals) {
    for (const [file, text] of Object.entries(files)) {
      await folder.write(`launchers.d/${file}`, text);
      const refused = await runTask("run", [file.replace(".toml", "")], options);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, said);
    }
  }
  assert.equal((await runTask("reload", [], options)).code, 0);
  const disabled = await runTask("run", ["pes"], options);
  assert.match(disabled.stderr, /it is disabled; write enabled = true/);
  assert.equal((await runTask("run", ["inbox"], options)).code, 0);
});

Deno.test({
  name: "on a terminal a run shows a bar and the result, and no log; without one it logs plain lines",
  ignore: noTerminal,
  async fn() {
    const box = new Mailbox();
    for (const { raw } of numberedMails(300)) box.add(raw);
    await using server = await startImapServer({ mailboxes: [box], users: { [ACCOUNT]: "geheim" } });
    await using folder = await project({ "mail.toml": mailLauncher(server.port) });
    await using terminal = startOnTerminal("run", ["mail"], { cwd: folder.path });
    await terminal.shown("300 delivered, 0 skipped");
    assert.equal(await terminal.ended, 0, terminal.screen);
    const screen = terminal.screen.replaceAll("\x1b[K", "<clear>");
    assert.match(screen, /\r<clear>mail {2}(?:\[[#-]{20}\] )?\d+ (?:done|of 300)/);
    assert.doesNotMatch(screen, /INFO/);
    assert.ok(!/mail {2}\[?\d+/.test(screen.split("0 failed, 0 known")[1] ?? ""), "the bar is gone");

    await folder.write("launchers.d/inbox.toml", inbox());
    await folder.write("var/inbox/a.pdf");
    const plain = await runTask("run", ["inbox"], { cwd: folder.path });
    assert.match(plain.stderr, /INFO {2}poll: delivered launcher=inbox item=a\.pdf/);
    assert.ok(!plain.stderr.includes("\x1b") && !plain.stdout.includes("\x1b"));
  },
});

Deno.test("a launcher's failure is said once, where a person asked", async () => {
  await using folder = await project({ "mail.toml": mailLauncher(freePort()) });
  const { code, stderr } = await runTask("run", ["mail"], { cwd: folder.path });
  assert.equal(code, 1);
  assert.equal(stderr.match(/Cannot connect/g)?.length, 1, stderr);
});

Deno.test("check --connect tries everything, says what waits and what fails, and changes nothing", async () => {
  const box = new Mailbox();
  for (const { raw } of numberedMails(4)) box.add(raw);
  await using server = await startImapServer({ mailboxes: [box], users: { [ACCOUNT]: "geheim" } });
  await using folder = await project({
    "mail.toml": mailLauncher(server.port),
    "down.toml": mailLauncher(freePort()),
    "inbox.toml": inbox(),
  });
  const { code, stdout } = await runTask("check", ["--connect"], { cwd: folder.path });
  assert.equal(code, 78);
  assert.match(stdout, /^launcher mail \(imap 127\.0\.0\.1 \(ged@exemple\.test\)\): well, 4 waiting$/m);
  assert.match(stdout, /^launcher down .*: error: Cannot connect/m);
  assert.match(stdout, /^launcher inbox .*: well, 0 waiting$/m);
  assert.match(stdout, /Not well: 3 launchers enabled, 0 disabled, 0 tunnel services, 1 error$/m);
  assert.equal(box.mails.length, 4);
  await assert.rejects(Deno.stat(folder.at("var/ledger.sqlite")), Deno.errors.NotFound);
});

Deno.test("status says what is wrong and what to do, names every part, and is a code for scripts", async () => {
  await using folder = await project({
    "inbox.toml": inbox(),
    "down.toml": mailLauncher(freePort()),
  });
  const options = { cwd: folder.path };
  const none = await runTask("status", ["--json"], options);
  assert.equal(none.code, 69);
  assert.match((JSON.parse(none.stdout) as { error: string }).error, /deno task start/);
  // A control.json that a killed gateway left, and another program that has its port and never answers.
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await folder.write(
    "var/control.json",
    JSON.stringify({ address: `127.0.0.1:${silent.addr.port}`, token: "t", pid: 1 }),
  );
  assert.equal((await runTask("status", [], options)).code, 69);

  await using gateway = startTask("start", [], options);
  await gateway.logged("started");
  assert.equal((await runTask("run", ["down"], options)).code, 1);
  const bad = await runTask("status", [], options);
  assert.equal(bad.code, 1);
  assert.match(bad.stdout, /^error: .*down.*\n {4}Cannot connect/m);
  assert.match(bad.stdout, /^ {2}inbox +(?:idle|polling) +folder var\/inbox +0 delivered/m);
  assert.match(bad.stdout, /^http:\/\/127\.0\.0\.1:\d+\/$/m);
  const french = await runTask("status", [], { ...options, env: { LC_ALL: "fr_FR.UTF-8" } });
  assert.notEqual(french.stdout.split("\n")[0], bad.stdout.split("\n")[0]);
  await Deno.remove(folder.at("launchers.d/down.toml"));
  assert.equal((await runTask("reload", [], options)).code, 0);
  assert.equal((await runTask("status", [], options)).code, 0);
  assert.equal((await runTask("stop", ["--json"], options)).stdout, '{\n  "stopped": true\n}\n');
  assert.equal((await gateway.ended).code, 0);
});

Deno.test("a misspelt command, option, launcher, verb or shell gets a suggestion; --json says so too", async () => {
  await using folder = await project({
    "inbox.toml": inbox(),
    "faulty.toml": "[listen]\nprotocol = 'pop9'\n",
  });
  const options = { cwd: folder.path };
  const cases = [
    ["run", ["inbix"], 78, /did you mean "inbox"/],
    ["run", ["fauty"], 78, /did you mean "faulty"/],
    ["run", ["faulty"], 78, /faulty\.toml:2: error: .*pop9/],
    ["run", ["xyzzy"], 78, /there are inbox, faulty/],
    ["run", ["inbox", "--dryrun"], 64, /did you mean "--dry-run"/],
    ["quarantine", ["lits"], 64, /did you mean "list"/],
    ["completion", ["bsh"], 64, /did you mean "bash"/],
    ["check", ["--launchers", "launcher.d"], 78, /it is missing/],
  ] as const;
  for (const [task, args, code, said] of cases) {
    const result = await runTask(task, args, options);
    assert.equal(result.code, code, `${task} ${args.join(" ")}`);
    assert.match(result.stderr + result.stdout, said);
  }
  const json = await runTask("run", ["--json"], options);
  assert.equal(json.code, 64);
  assert.match((JSON.parse(json.stdout) as { error: string }).error, /the NAME of a launcher is missing/);
});

Deno.test("quarantine show tells people where the original lies, and what to type next", async () => {
  const box = new Mailbox();
  box.add('Message-ID: <d@b>\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\ncut');
  await using server = await startImapServer({ mailboxes: [box], users: { [ACCOUNT]: "geheim" } });
  await using folder = await project({ "mail.toml": mailLauncher(server.port) });
  const options = { cwd: folder.path };
  assert.equal((await runTask("run", ["mail"], options)).code, 1);
  const [id = ""] = (await folder.list("var/quarantine")).map((name) => name.replace("/", ""));
  const shown = await runTask("quarantine", ["show", id], options);
  assert.equal(shown.code, 0);
  const [, original = ""] = /original {2}(\S+) \(\d+ octets\)/.exec(shown.stdout) ?? [];
  assert.match(await Deno.readTextFile(folder.at(original)), /cut$/);
  assert.match(shown.stdout, new RegExp(`deno task quarantine retry ${id}`));
  const misspelt = await runTask("quarantine", ["show", id.slice(0, -1)], options);
  assert.equal(misspelt.code, 1);
  assert.match(misspelt.stdout, new RegExp(`did you mean "${id}"`));
});
