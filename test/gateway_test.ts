/** The program as its users run it: real processes, real folders, mail servers that misbehave. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { freePort } from "./servers/free_port.ts";
import { Mailbox } from "./servers/mailbox.ts";
import { type Pop3Script, startPop3Server } from "./servers/pop3_server.ts";
import { runTask, startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";
import { numberedMails } from "./fixtures/numbered_mails.ts";

const ACCOUNT = "ged@exemple.test";
const PASSWORD = "mot-de-passe-secret";

interface Status {
  readonly problems: readonly { readonly message: string }[];
  readonly launchers: { name: string; state: string; error?: { message: string } }[];
  readonly tunnels: { name: string; state: string; error?: { message: string; remedies: string[] } }[];
}

/** A folder with a gateway.toml of its own and one launcher per entry. */
async function project(launchers: Record<string, string>): Promise<TempFolder & { page: string }> {
  const folder = await TempFolder.make();
  const port = freePort();
  await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "127.0.0.1:${port}"\n`);
  for (const [name, text] of Object.entries(launchers)) await folder.write(`launchers.d/${name}`, text);
  return Object.assign(folder, { page: `http://127.0.0.1:${port}` });
}

const INBOX = `schedule = "@every 1s"
[listen]
protocol = "folder"
path = "var/inbox"
settle = "50ms"
after = "delete"
[deliver]
cold = "inbox"
`;

function popLauncher(port: number, more = ""): string {
  return `schedule = "@every 1s"
[listen]
protocol = "pop3"
server = "127.0.0.1"
port = ${port}
tls = "none"
account = "${ACCOUNT}"
password = { file = "secret" }
${more}
[deliver]
cold = "pop"
`;
}

async function pop3(mailbox: Mailbox, script: Pop3Script = {}) {
  return await startPop3Server({ mailbox, users: { [ACCOUNT]: PASSWORD }, script });
}

async function statusOf(page: string): Promise<Status> {
  return await (await fetch(`${page}/api/status`)).json() as Status;
}

Deno.test("a running gateway delivers, answers commands, keeps its state folder to itself, and ends on a signal sent twice", async (t) => {
  await using folder = await project({ "inbox.toml": INBOX });
  const options = { cwd: folder.path };
  await using gateway = startTask("start", [], options);
  await gateway.logged("started");

  await t.step("two files of one name both arrive, one after the other", async () => {
    for (const text of ["first", "second"]) {
      await folder.write("var/inbox/SCN_0001.pdf.part", text);
      await Deno.rename(folder.at("var/inbox/SCN_0001.pdf.part"), folder.at("var/inbox/SCN_0001.pdf"));
      await gateway.logged("item=SCN_0001.pdf");
      while ((await folder.list("var/inbox")).length > 0) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    assert.equal(await Deno.readTextFile(folder.at("var/cold/inbox/SCN_0001.pdf")), "first");
    assert.equal(await Deno.readTextFile(folder.at("var/cold/inbox/SCN_0001_2.pdf")), "second");
  });

  await t.step("control.json and the ledger, which knows subjects, are for their owner alone", async () => {
    for (const file of ["control.json", "ledger.sqlite", "ledger.sqlite-wal"]) {
      assert.equal(((await Deno.stat(folder.at(`var/${file}`))).mode ?? 0) & 0o777, 0o600, file);
    }
  });

  await t.step("run is done by the gateway; status says that all is well", async () => {
    const { code, stdout } = await runTask("run", ["inbox", "--json"], options);
    assert.equal(code, 0);
    assert.deepEqual(Object.keys(JSON.parse(stdout)), [
      "launcher",
      "delivered",
      "skipped",
      "quarantined",
      "failed",
      "known",
      "items",
    ]);
    assert.equal((await runTask("status", [], options)).code, 0);
  });

  await t.step("a second gateway on the same state folder names the first", async () => {
    const second = await runTask("start", [], options);
    assert.equal(second.code, 78);
    assert.match(second.stderr, new RegExp(`process ${gateway.pid} holds it`));
  });

  await t.step("reload refuses a faulty file, says where it is, and takes a sound one", async () => {
    await folder.write("launchers.d/other.toml", INBOX.replace("schedule =", "shedule ="));
    const refused = await runTask("reload", [], options);
    assert.equal(refused.code, 78);
    assert.match(refused.stdout, /other\.toml:1: error: .*shedule/);
    const before = await statusOf(folder.page);
    assert.deepEqual(before.launchers.map(({ name }) => name), ["inbox"]);
    assert.match(before.problems[0]?.message ?? "", /^Cannot reload: .*shedule/);
    assert.match((await runTask("status", [], options)).stdout, /Cannot reload: .*shedule/);
    await folder.write("launchers.d/other.toml", INBOX.replaceAll("inbox", "other"));
    assert.equal((await runTask("reload", [], options)).code, 0);
    const after = await statusOf(folder.page);
    assert.deepEqual(after.launchers.map(({ name }) => name), ["inbox", "other"]);
    assert.deepEqual(after.problems, []);
  });

  await t.step(
    "a folder that goes away stops no reload of anything else, one that is new and not there does",
    async () => {
      await using share = await TempFolder.make();
      const scans = INBOX.replaceAll("var/inbox", share.at("scans"));
      await folder.write("launchers.d/scans.toml", scans);
      const missing = await runTask("reload", [], options);
      assert.deepEqual([missing.code, /it is missing/.test(missing.stdout)], [78, true]);
      await Deno.mkdir(share.at("scans"));
      assert.equal((await runTask("reload", [], options)).code, 0);
      await Deno.remove(share.at("scans"));
      await Deno.remove(folder.at("launchers.d/other.toml"));
      const gone = await runTask("reload", [], options);
      assert.deepEqual([gone.code, /it is missing[^]*Reloaded/.test(gone.stdout)], [0, true], gone.stdout);
      assert.deepEqual((await statusOf(folder.page)).launchers.map(({ name }) => name), ["inbox", "scans"]);
    },
  );

  await t.step("SIGTERM twice ends it with 0 and control.json gone", async () => {
    gateway.kill("SIGTERM");
    await gateway.logged("stopping");
    gateway.kill("SIGTERM");
    const { code } = await gateway.ended;
    assert.equal(code, 0, gateway.log);
    await assert.rejects(Deno.stat(folder.at("var/control.json")), Deno.errors.NotFound);
    assert.equal((await runTask("status", [], options)).code, 69);
  });
});

Deno.test("a damaged mail is quarantined whole and the others are delivered", async () => {
  const mailbox = new Mailbox();
  const damaged = 'Message-ID: <x@y>\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n' +
    "--b\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\ncut here\r\n";
  const [first, last] = [...numberedMails(2)];
  assert.ok(first && last);
  for (const raw of [first.raw, damaged, last.raw]) mailbox.add(raw);
  await using server = await pop3(mailbox);
  await using folder = await project({ "pop.toml": popLauncher(server.port, 'after = "delete"') });
  await Deno.chmod(await folder.write("secret", PASSWORD), 0o600);
  const options = { cwd: folder.path };

  const { code, stdout, stderr } = await runTask("run", ["pop", "--json"], options);
  assert.equal(code, 1, stderr);
  const report = JSON.parse(stdout) as { delivered: number; quarantined: number };
  assert.deepEqual([report.delivered, report.quarantined], [2, 1]);
  assert.equal(mailbox.mails.length, 0);

  const list = JSON.parse((await runTask("quarantine", ["list", "--json"], options)).stdout) as {
    id: string;
  }[];
  const id = list[0]?.id ?? "";
  assert.equal(await Deno.readTextFile(folder.at(join("var/quarantine", id, "mail.eml"))), damaged);
  assert.equal((await runTask("quarantine", ["retry", id], options)).code, 1);
  const again = JSON.parse((await runTask("quarantine", ["list", "--json"], options)).stdout) as {
    id: string;
  }[];
  assert.equal(again.length, 1);
  assert.equal((await runTask("quarantine", ["drop", again[0]?.id ?? ""], options)).code, 0);
  assert.deepEqual(await folder.list("var/quarantine"), []);
});

Deno.test("three refused passwords, counted across processes, stop a launcher until it is run by hand with a good one", async () => {
  const mailbox = new Mailbox();
  for (const { raw } of numberedMails(1)) mailbox.add(raw);
  await using server = await pop3(mailbox);
  await using folder = await project({ "pop.toml": popLauncher(server.port) });
  await Deno.chmod(await folder.write("secret", "an old password"), 0o600);
  const options = { cwd: folder.path };
  for (let attempt = 0; attempt < 3; attempt++) {
    const refused = await runTask("run", ["pop"], options);
    assert.equal(refused.code, 1);
    assert.ok(!refused.stderr.includes("an old password"), refused.stderr);
  }
  const signIns = () => server.commands.filter((command) => command.startsWith("PASS")).length;
  assert.equal(signIns(), 3);

  await using gateway = startTask("start", [], options);
  await gateway.logged("started");
  const { launchers: [launcher] } = await statusOf(folder.page);
  assert.equal(launcher?.state, "locked");
  assert.equal(signIns(), 3);

  await Deno.writeTextFile(folder.at("secret"), PASSWORD);
  assert.equal((await runTask("run", ["pop"], options)).code, 0);
  assert.notEqual((await statusOf(folder.page)).launchers[0]?.state, "locked");
  assert.ok(!gateway.log.includes(PASSWORD));
});

Deno.test("a server that is busy is no refusal of the password", async () => {
  await using server = await pop3(new Mailbox(), {
    react: (command) => command === "PASS" ? "-ERR [IN-USE] locked by another session\r\n" : undefined,
  });
  await using folder = await project({ "pop.toml": popLauncher(server.port) });
  await Deno.chmod(await folder.write("secret", PASSWORD), 0o600);
  const options = { cwd: folder.path };
  for (let attempt = 0; attempt < 4; attempt++) {
    assert.equal((await runTask("run", ["pop"], options)).code, 1);
  }
  await using gateway = startTask("start", [], options);
  await gateway.logged("poll failed");
  assert.equal((await statusOf(folder.page)).launchers[0]?.state, "error");
});

Deno.test("what is down is in error alone, with a sentence and a remedy; the rest goes on", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using nonsense = await pop3(new Mailbox(), { greeting: "SSH-2.0-OpenSSH_9.2" });
  await using folder = await project({
    "inbox.toml": INBOX,
    "down.toml": popLauncher(freePort()),
    "nonsense.toml": popLauncher(nonsense.port),
    "faulty.toml": "[listen]\nprotocol = 'pop9'\n",
    "tunnel.conf": `[busy]\nclient = yes\naccept = 127.0.0.1:${taken.addr.port}\nconnect = localhost:995\n`,
  });
  await Deno.chmod(await folder.write("secret", PASSWORD), 0o600);
  await using gateway = startTask("start", [], { cwd: folder.path });
  await gateway.logged("started");
  await gateway.logged("launcher=nonsense");
  await gateway.logged("launcher=down");
  await folder.write("var/inbox/été.pdf", "content");
  await gateway.logged("item=");
  const { launchers, tunnels } = await statusOf(folder.page);
  const errorOf = (name: string) =>
    launchers.find((launcher) => launcher.name === name)?.error?.message ?? "";
  assert.match(errorOf("down"), /Cannot connect to .*127\.0\.0\.1/);
  assert.match(errorOf("nonsense"), /POP3/);
  assert.match(errorOf("faulty"), /pop9|protocol/);
  assert.equal(errorOf("inbox"), "");
  assert.equal(tunnels[0]?.state, "error");
  assert.ok((tunnels[0]?.error?.remedies.length ?? 0) > 0);
  assert.equal(await (await fetch(`${folder.page}/healthz`)).text(), "ok\n");
});

Deno.test("a signal during a poll that hangs ends the gateway, with nothing taken", async () => {
  const mailbox = new Mailbox();
  for (const { raw } of numberedMails(1)) mailbox.add(raw);
  await using server = await pop3(mailbox, { react: (command) => command === "RETR" ? "stall" : undefined });
  await using folder = await project({ "pop.toml": popLauncher(server.port, 'after = "delete"') });
  await Deno.chmod(await folder.write("secret", PASSWORD), 0o600);
  await using gateway = startTask("start", [], { cwd: folder.path });
  await server.received("RETR");
  gateway.kill("SIGINT");
  gateway.kill("SIGTERM");
  assert.equal((await gateway.ended).code, 0, gateway.log);
  assert.equal(mailbox.mails.length, 1);
  assert.deepEqual(await folder.list("var/cold/pop"), []);
});
