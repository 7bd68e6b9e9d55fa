/** What is seen while long work goes on: a bar on a terminal, plain lines elsewhere, one JSON document for programs. */
import assert from "node:assert/strict";
import { freePort } from "./servers/free_port.ts";
import { runTask, startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";
import { startOnTerminal, whyNoTerminal } from "./servers/terminal.ts";

const ignore = whyNoTerminal() !== undefined;
const INBOX =
  `schedule = "@every 1h"\nretries = 0\n[listen]\nprotocol = "adullact"\npath = "var/inbox"\nsettle = "1ms"\n` +
  `after = "delete"\n[deliver]\ncold = "inbox"\n`;
const BAR = /\[[#-]{20}\] \d of 3/;

/** Three damaged envelopes in quarantine, and their IDs. */
async function project(): Promise<{ folder: TempFolder; ids: string[] }> {
  const folder = await TempFolder.make();
  await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "127.0.0.1:${freePort()}"\n`);
  await folder.write("launchers.d/inbox.toml", INBOX);
  for (const n of [1, 2, 3]) await folder.write(`var/inbox/n${n}.xml`, `<inconnu n="${n}"/>`);
  await runTask("run", ["inbox"], { cwd: folder.path });
  const { stdout } = await runTask("quarantine", ["--json"], { cwd: folder.path });
  const ids = (JSON.parse(stdout) as { id: string }[]).map(({ id }) => id);
  assert.equal(ids.length, 3, stdout);
  return { folder, ids };
}

Deno.test({
  name: "retrying many shows a bar on a terminal, each result as it comes; plain lines and JSON elsewhere",
  ignore,
  async fn() {
    const { folder, ids } = await project();
    await using _ = folder;
    await using terminal = startOnTerminal("quarantine", ["retry", ...ids], { cwd: folder.path });
    for (const [done, id] of ids.entries()) {
      await terminal.shown(`${done} of 3`);
      await terminal.shown(`${id}: quarantined`);
    }
    assert.equal(await terminal.ended, 1);
    assert.match(terminal.screen, BAR);

    const plain = await runTask("quarantine", ["retry", "--all"], { cwd: folder.path });
    assert.equal(
      plain.stdout.split("\n").filter((line) => / quarantined/.test(line)).length,
      3,
      plain.stdout,
    );
    assert.doesNotMatch(plain.stdout + plain.stderr, BAR);
    const json = await runTask("quarantine", ["drop", ...ids, "--json"], { cwd: folder.path });
    assert.deepEqual((JSON.parse(json.stdout) as { ok: boolean }[]).map(({ ok }) => ok), [true, true, true]);
  },
});

Deno.test({
  name: "a backup shows how many files it has copied",
  ignore,
  async fn() {
    const { folder } = await project();
    await using _ = folder;
    const lines = { C: ["backup  [", " 0 of ", "ledger of 3 items"], fr_FR: ["sauvegarde  [", " 0 sur "] };
    for (const [language, shown] of Object.entries(lines)) {
      const env = { LANG: language, LC_ALL: language };
      await using terminal = startOnTerminal("backup", [folder.at(language)], { cwd: folder.path, env });
      for (const text of shown) await terminal.shown(text);
      assert.equal(await terminal.ended, 0);
    }
    const plain = await runTask("backup", [folder.at("other")], { cwd: folder.path });
    assert.doesNotMatch(plain.stdout + plain.stderr, /backup {2}/);
  },
});

Deno.test({
  name: "stop says what the gateway waits for, and returns when another one can start",
  ignore,
  async fn(t) {
    using target = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accepting = (async () => {
      const held: Deno.Conn[] = [];
      for await (const connection of target) held.push(connection);
      for (const connection of held) connection.close();
    })();
    await using folder = await TempFolder.make();
    const port = freePort();
    await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "127.0.0.1:${freePort()}"\n`);
    await folder.write(
      "launchers.d/slow.conf",
      // What is connected to never answers the TLS handshake: the connection stays until it is cut.
      `[lent]\nclient = yes\naccept = 127.0.0.1:${port}\nconnect = 127.0.0.1:${target.addr.port}\n` +
        "checkHost = localhost\nTIMEOUTconnect = 100\n",
    );
    const options = { cwd: folder.path };
    for (const way of ["plain", "terminal"]) {
      await t.step(way, async () => {
        await using gateway = startTask("start", [], options);
        await gateway.logged("started");
        using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
        while (!/"active": 1/.test((await runTask("status", ["--json"], options)).stdout));
        if (way === "plain") {
          await using stopping = startTask("stop", [], options);
          await stopping.logged("Waiting for 1 connection through lent");
          assert.equal((await stopping.ended).stdout, "Stopped\n");
        } else {
          await using terminal = startOnTerminal("stop", [], options);
          await terminal.shown("Waiting for 1 connection through lent");
          await terminal.shown("Stopped");
          assert.equal(await terminal.ended, 0);
        }
        using lock = await Deno.open(folder.at("var/lock"), { read: true, write: true });
        assert.equal(await lock.tryLock(true), true);
        assert.equal((await gateway.ended).code, 0);
      });
    }
    target.close();
    await accepting;
  },
});
