/** Mails that failed and were kept, of a launcher that is gone: they are told, seen, dropped, or taken over. */
import assert from "node:assert/strict";
import { freePort } from "./servers/free_port.ts";
import { Mailbox } from "./servers/mailbox.ts";
import { startPop3Server } from "./servers/pop3_server.ts";
import { runTask, startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";

const MAIL = "Message-ID: <1@exemple.fr>\r\nSubject: n1\r\nContent-Type: application/pdf\r\n" +
  'Content-Disposition: attachment; filename="facture.pdf"\r\n\r\n%PDF-1.7 texte\r\n';
const FIRST = "20260131080500-ab12c";
const SECOND = "20260131080501-ab12c";

/** Two mails that were kept for the launcher "parti", whose file is gone. */
async function project(port: number): Promise<TempFolder> {
  const folder = await TempFolder.make();
  await folder.write(
    "launchers.d/gateway.toml",
    `[status]\nlisten = "127.0.0.1:${freePort()}"\ntoken = { env = "T" }\n`,
  );
  await folder.write("launchers.d/autre.toml", launcher(port));
  for (const id of [FIRST, SECOND]) {
    await folder.write(`var/retained/${id}/mail.eml`, MAIL.replace("<1@", `<${id}@`));
    const entry = { id, launcher: "parti", scope: "parti", key: id, label: `mail ${id}`, kind: "mail" };
    const more = {
      original: "mail.eml",
      sizeBytes: MAIL.length,
      reason: "cut",
      attempts: 1,
      at: "2026-01-31T08:05:00Z",
    };
    await folder.write(`var/retained/${id}/reason.json`, JSON.stringify({ ...entry, ...more }));
  }
  return folder;
}

function launcher(port: number, first = ""): string {
  return `${first}schedule = "@every 1h"\n[listen]\nprotocol = "pop3"\nserver = "127.0.0.1"\nport = ${port}\ntls = "none"\n` +
    'account = "ged"\npassword = { env = "T" }\n[deliver]\ncold = "pop"\n';
}

Deno.test("mails kept for a launcher that is gone are told by check, and listed, shown, handed out and dropped as in quarantine", async () => {
  await using server = await startPop3Server({ mailbox: new Mailbox(), users: { ged: "geheim" } });
  await using folder = await project(server.port);
  const options = { cwd: folder.path, env: { T: "geheim" } };
  const check = await runTask("check", [], options);
  assert.equal(check.code, 0);
  assert.match(
    check.stdout,
    /var\/retained: warning: Cannot deliver 2 mails kept here .* "parti" is not there/,
  );

  for (const isRunning of [false, true]) {
    await using gateway = isRunning ? startTask("start", [], options) : undefined;
    await gateway?.logged("started");
    const id = isRunning ? SECOND : FIRST;
    const list = await runTask("quarantine", [], options);
    assert.match(
      list.stdout,
      new RegExp(`${id} .*\n {4}its launcher "parti" is not there any more; before, cut`),
    );
    const show = await runTask("quarantine", ["show", id], options);
    assert.match(show.stdout, new RegExp(`original {2}var/retained/${id}/mail\\.eml`));
    const retry = await runTask("quarantine", ["retry", id], options);
    assert.equal(retry.code, 1);
    assert.match(retry.stdout, /its launcher "parti" is not there any more; .* id = "parti"/);
    if (isRunning) {
      const status = await runTask("status", [], options);
      assert.match(status.stdout, /One item is in quarantine/);
    }
    assert.equal((await runTask("quarantine", ["drop", id], options)).code, 0);
    await assert.rejects(Deno.stat(folder.at(`var/retained/${id}`)), Deno.errors.NotFound);
  }
});

Deno.test("a launcher that takes over the id delivers what was kept, and retries what is in quarantine", async () => {
  await using server = await startPop3Server({ mailbox: new Mailbox(), users: { ged: "geheim" } });
  await using folder = await project(server.port);
  const options = { cwd: folder.path, env: { T: "geheim" } };
  await Deno.rename(folder.at(`var/retained/${SECOND}`), folder.at("moved"));
  await Deno.mkdir(folder.at("var/quarantine"), { recursive: true });
  await Deno.rename(folder.at("moved"), folder.at(`var/quarantine/${SECOND}`));
  await folder.write("launchers.d/autre.toml", launcher(server.port, 'id = "parti"\n'));
  assert.doesNotMatch((await runTask("check", [], options)).stdout, /retained/);
  const run = await runTask("run", ["autre", "--json"], options);
  assert.equal((JSON.parse(run.stdout) as { delivered: number }).delivered, 1, run.stdout);
  assert.deepEqual(await folder.list("var/retained"), []);
  const none = await runTask("quarantine", ["retry", "--launcher", "prti"], options);
  assert.match(none.stdout, /Nothing of launcher "prti" is in quarantine; did you mean "parti"\?/);
  const retry = await runTask("quarantine", ["retry", "--launcher", "parti"], options);
  assert.match(retry.stdout, /: delivered/);
  assert.deepEqual((await folder.list("var/cold/pop")).length, 2);
});
