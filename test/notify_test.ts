/** Notifications of a real gateway, to a real HTTP server and a real SMTP server on loopback. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { numberedMails } from "./fixtures/numbered_mails.ts";
import { freePort } from "./servers/free_port.ts";
import { Mounts, whyNoMounts } from "./servers/mounts.ts";
import { Mailbox } from "./servers/mailbox.ts";
import { startPop3Server } from "./servers/pop3_server.ts";
import { runTask, startTask } from "./servers/program.ts";
import { startSmtpServer } from "./servers/smtp_server.ts";
import { TempFolder } from "./servers/temp_folder.ts";
import { startWebhookServer } from "./servers/webhook_server.ts";

const TOKEN = "jeton-du-salon";
const ACCOUNT = "ged@exemple.test";
const PASSWORD = "mot-de-passe-secret";

interface Ports {
  readonly webhook: number;
  readonly smtp?: number;
}

/** A folder with `[notify]` and whatever launchers a test adds. */
async function project({ webhook, smtp }: Ports, after = "1s"): Promise<TempFolder> {
  const folder = await TempFolder.make();
  await Deno.chmod(await folder.write("webhook", `http://127.0.0.1:${webhook}/hooks/${TOKEN}\n`), 0o600);
  const mail = smtp === undefined
    ? ""
    : `mail_to = ["informatique@exemple.test"]\nmail_from = "lanceur@exemple.test"\n` +
      `[notify.smtp]\nserver = "127.0.0.1"\nport = ${smtp}\ntls = "none"\n`;
  await folder.write(
    "launchers.d/gateway.toml",
    `[status]\nlisten = "127.0.0.1:0"\n[notify]\nlanguage = "en"\nafter = "${after}"\nwebhook = { file = "webhook" }\n${mail}`,
  );
  return folder;
}

/** A launcher whose folder lies on a share that is not mounted. */
async function addShare(folder: TempFolder, share: string): Promise<void> {
  await folder.write(
    "launchers.d/partage.toml",
    `schedule = "@every 1s"\n[listen]\nprotocol = "folder"\npath = "${share}"\nsettle = "1ms"\n[deliver]\ncold = "partage"\n`,
  );
}

function titles(server: { posted: readonly { body: Readonly<Record<string, unknown>> }[] }): string[] {
  return server.posted.map(({ body }) => `${body["event"]}: ${body["title"]}`);
}

Deno.test("a launcher in error is told once by webhook and mail, across restarts, and so is its end", async () => {
  await using webhook = startWebhookServer();
  await using smtp = await startSmtpServer();
  await using folder = await project({ webhook: webhook.port, smtp: smtp.port });
  await using elsewhere = await TempFolder.make();
  await addShare(folder, elsewhere.at("share"));
  const log: string[] = [];
  {
    await using gateway = startTask("start", [], { cwd: folder.path });
    await webhook.received(1);
    await smtp.received(1);
    await gateway.logged("channel=mail");
    gateway.kill("SIGKILL");
    await gateway.ended;
    log.push(gateway.log);
  }
  await using gateway = startTask("start", [], { cwd: folder.path });
  await gateway.logged("poll failed");
  await Deno.mkdir(elsewhere.at("share"));
  assert.equal((await runTask("run", ["partage"], { cwd: folder.path })).code, 0);
  await webhook.received(2);
  await smtp.received(2);
  log.push(gateway.log);

  assert.deepEqual(titles(webhook), [
    "opened: launcher partage in error",
    "closed: launcher partage works again",
  ]);
  const [opened, closed] = webhook.posted;
  assert.equal(opened?.path, `/hooks/${TOKEN}`);
  assert.equal(opened?.body["id"], closed?.body["id"]);
  assert.match(
    String(opened?.body["text"]),
    /Cannot open the folder ".*share": it does not exist; is the share mounted\?/,
  );
  const [first, second] = smtp.mails;
  assert.match(first?.raw ?? "", /^Subject: \[Lanceur .*launcher partage in\s+error\r$/ms);
  assert.match(second?.raw ?? "", new RegExp(`^In-Reply-To: <${opened?.body["id"]}@lanceur>`, "m"));
  assert.deepEqual(first?.to, ["informatique@exemple.test"]);
  assert.ok(!log.join("").includes(TOKEN), log.join(""));
});

Deno.test("a new quarantine entry is told at once, with its id and nothing of the mail, and its end", async () => {
  const mailbox = new Mailbox();
  const damaged =
    'Message-ID: <x@y>\r\nSubject: Objet confidentiel\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n' +
    "--b\r\nContent-Disposition: attachment; filename=Dupont.pdf\r\n\r\ncut here\r\n";
  mailbox.add(damaged);
  mailbox.add(damaged.replace("<x@y>", "<z@y>"));
  for (const { raw } of numberedMails(1)) mailbox.add(raw);
  await using pop3 = await startPop3Server({ mailbox, users: { [ACCOUNT]: PASSWORD } });
  await using webhook = startWebhookServer();
  await using folder = await project({ webhook: webhook.port });
  await Deno.chmod(await folder.write("secret", PASSWORD), 0o600);
  await folder.write(
    "launchers.d/courrier.toml",
    `schedule = "@every 1s"\n[listen]\nprotocol = "pop3"\nserver = "127.0.0.1"\nport = ${pop3.port}\ntls = "none"\n` +
      `account = "${ACCOUNT}"\npassword = { file = "secret" }\n[deliver]\ncold = "courrier"\n`,
  );
  await using gateway = startTask("start", [], { cwd: folder.path });
  await webhook.received(1);
  assert.deepEqual(titles(webhook), ["opened: launcher courrier: 2 in quarantine"]);
  const ids = webhook.posted[0]?.body["quarantine"];
  assert.ok(Array.isArray(ids) && ids.length === 2);
  const text = JSON.stringify(webhook.posted);
  for (const secret of ["confidentiel", "Dupont", PASSWORD, ACCOUNT]) assert.ok(!text.includes(secret), text);
  await runTask("quarantine", ["drop", ...ids.map(String)], { cwd: folder.path });
  await webhook.received(2);
  assert.deepEqual(titles(webhook).slice(1), ["closed: launcher courrier: quarantine treated"]);
  assert.ok(!gateway.log.includes("not sent"), gateway.log);
});

Deno.test("a webhook that fails or hangs disturbs no poll and no other channel, and never shows its address", async (t) => {
  const answers: Record<string, () => number | Promise<number>> = {
    "fails": () => 500,
    "hangs": () => new Promise<number>(() => {}),
  };
  for (const [name, answer] of Object.entries(answers)) {
    await t.step(name, async () => {
      await using webhook = startWebhookServer(answer);
      await using smtp = await startSmtpServer();
      await using folder = await project({ webhook: webhook.port, smtp: smtp.port });
      await addShare(folder, "/nonexistent/share");
      await folder.write(
        "launchers.d/inbox.toml",
        'schedule = "@every 1s"\n[listen]\nprotocol = "folder"\npath = "var/inbox"\nsettle = "1ms"\n[deliver]\ncold = "inbox"\n',
      );
      await using gateway = startTask("start", [], { cwd: folder.path });
      await webhook.attempted(1);
      await smtp.received(1);
      await folder.write("var/inbox/scan.pdf", "a scan");
      await gateway.logged("item=scan.pdf");
      if (name === "fails") {
        await gateway.logged("it answers 500");
        const { stdout } = await runTask("status", [], { cwd: folder.path });
        assert.match(stdout, /warning: Notifications by webhook cannot be sent/);
      }
      gateway.kill("SIGTERM");
      assert.equal((await gateway.ended).code, 0, gateway.log);
      // One attempt, then a pause.
      assert.equal(webhook.attempts, 1);
      assert.ok(!gateway.log.includes(TOKEN), gateway.log);
    });
  }
});

Deno.test("a gateway that ends by an error says so at once, and once only", async () => {
  await using webhook = startWebhookServer();
  await using folder = await project({ webhook: webhook.port }, "1h");
  await folder.write(
    "launchers.d/inbox.toml",
    'schedule = "@every 1s"\n[listen]\nprotocol = "folder"\npath = "var/inbox"\nsettle = "1ms"\n[deliver]\ncold = "inbox"\n',
  );
  {
    await using gateway = startTask("start", [], { cwd: folder.path });
    await gateway.logged("started");
    using other = new DatabaseSync(folder.at("var/ledger.sqlite"), { timeout: 10_000 });
    other.exec("BEGIN IMMEDIATE");
    const { code } = await gateway.ended;
    assert.equal(code, 1, gateway.log);
  }
  assert.deepEqual(titles(webhook), ["opened: the gateway has stopped with an error"]);
  assert.match(
    String(webhook.posted[0]?.body["text"]),
    /Cannot write ledger .* locked; another program has it open/,
  );
  // Told already: a supervisor that starts it again and again repeats nothing.
  await using gateway = startTask("start", [], { cwd: folder.path });
  await gateway.logged("started");
  await folder.write("var/inbox/scan.pdf", "a scan");
  await gateway.logged("item=scan.pdf");
  assert.equal(webhook.attempts, 1);
});

Deno.test({
  name: "a full disk under the state folder is told once, however often the gateway is started",
  ignore: whyNoMounts() !== undefined,
}, async () => {
  await using webhook = startWebhookServer();
  await using folder = await project({ webhook: webhook.port });
  await folder.write(
    "launchers.d/inbox.toml",
    'schedule = "@every 1s"\n[listen]\nprotocol = "folder"\npath = "inbox"\nsettle = "1ms"\n[deliver]\ncold = "inbox"\n',
  );
  await folder.write(
    "launchers.d/gateway.toml",
    `[cold]\nroot = "cold"\n${await Deno.readTextFile(folder.at("launchers.d/gateway.toml"))}`,
  );
  await Deno.mkdir(folder.at("var"));
  await using mounts = await Mounts.make(folder.path);
  await mounts.sh(`mount -t tmpfs -o size=1m tmpfs '${folder.at("var")}'`);
  const options = { cwd: folder.path, within: mounts.within };
  for (let life = 0; life < 3; life++) {
    await using gateway = startTask("start", [], options);
    if (life === 0) {
      await gateway.logged("started");
      await mounts.sh(`cat /dev/zero > '${folder.at("var/ballast")}' 2>/dev/null || true`);
    }
    await folder.write(`inbox/scan${life}.pdf`, "a scan".repeat(1000));
    assert.equal((await gateway.ended).code, 1, gateway.log);
  }
  assert.deepEqual(titles(webhook), ["opened: the gateway has stopped with an error"]);
  // Though there was no room for a new file.
  const { incidents } = JSON.parse(await mounts.sh(`cat '${folder.at("var/notify.json")}'`));
  assert.deepEqual(incidents.map(({ told }: { told: string[] }) => told), [["webhook"]]);
});

Deno.test("check says what is wrong with [notify], and with --connect tries it", async (t) => {
  await using webhook = startWebhookServer();
  await using smtp = await startSmtpServer({ users: { [ACCOUNT]: PASSWORD } });
  await using folder = await project({ webhook: webhook.port });
  await folder.write(
    "launchers.d/inbox.toml",
    'enabled = true\n[listen]\nprotocol = "folder"\npath = "var/inbox"\n[deliver]\ncold = "inbox"\n',
  );
  const gateway = (text: string) => folder.write("launchers.d/gateway.toml", text);
  const check = async (...options: string[]) => await runTask("check", options, { cwd: folder.path });
  const server = `server = "127.0.0.1"\nport = ${smtp.port}\ntls = "none"\n`;

  await t.step("what does not go together, with its line", async () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['[notify]\nmail_to = ["a@b.fr"]\n', /notify\.smtp.* is missing: mail_to needs a server/],
      ['[notify]\nmail_to = ["a b@c.fr"]\n', /gateway\.toml:2: error: .*mail_to.*must be a mail address/],
      ['[notify]\nafter = "now"\n', /gateway\.toml:2: error: .*after/],
      ['[notify]\nwebhok = "x"\n', /did you mean.*webhook/i],
      ['[notify]\nwebhook = "http://chat.exemple.fr/x"\n', /it begins with http:\/\//],
      [
        '[notify]\nwebhook = { file = "none" }\n',
        /Cannot read notify\.webhook: the file named there is missing/,
      ],
      [
        '[notify]\nmail_to = ["a@b.fr"]\nmail_from = "a@b.fr"\n[notify.smtp]\ntunnel = "gmail"\n',
        /no \.conf file here has a section/,
      ],
      [
        '[notify]\nmail_to = ["a@b.fr"]\n[notify.smtp]\ntunnel = "t"\nserver = "s"\naccount = "a"\n',
        /cannot stand beside tunnel/,
      ],
    ];
    for (const [text, expected] of cases) {
      await gateway(text);
      const { code, stdout } = await check();
      assert.equal(code, 78, stdout);
      assert.match(stdout, expected);
    }
  });

  await t.step("what it lacks keeps nothing from starting", async () => {
    await gateway('[status]\nlisten = "127.0.0.1:0"\n[notify]\nwebhook = { file = "none" }\n');
    await using program = startTask("start", [], { cwd: folder.path });
    await program.logged("started");
  });

  await t.step("--connect posts a test to the webhook, and signs in to the mail server", async () => {
    await Deno.chmod(await folder.write("secret", PASSWORD), 0o600);
    const text = `[notify]\nwebhook = { file = "webhook" }\nmail_to = ["a@b.fr"]\n[notify.smtp]\n${server}` +
      `account = "${ACCOUNT}"\npassword = { file = "secret" }\n`;
    await gateway(text);
    const { code, stdout } = await check("--connect");
    assert.equal(code, 0, stdout);
    assert.deepEqual(webhook.posted.map(({ body }) => body["event"]), ["test"]);
    assert.ok(smtp.commands.some((line) => line.startsWith("AUTH")));
    assert.equal(smtp.mails.length, 0);
    await gateway(text.replace("webhook = { file", `webhook = "http://127.0.0.1:${freePort()}/${TOKEN}" #`));
    await Deno.writeTextFile(folder.at("secret"), "wrong");
    const failed = await check("--connect");
    assert.equal(failed.code, 78);
    assert.match(failed.stdout, /notify webhook .*error: Cannot post to the webhook at "127\.0\.0\.1:\d+"/);
    assert.match(failed.stdout, /notify mail .*error: .*535/);
    assert.ok(!failed.stdout.includes(TOKEN) && !failed.stdout.includes(PASSWORD), failed.stdout);
  });
});
