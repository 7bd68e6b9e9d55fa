/** What an administrator is told when the gateway, or a part of it, is not there: real processes, real ports. */
import assert from "node:assert/strict";
import { freePort } from "./servers/free_port.ts";
import { runTask, startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";

const LOCALHOST = "127.0.0.1";

const INBOX = `schedule = "@every 1h"
[listen]
protocol = "folder"
path = "var/inbox"
[deliver]
cold = "inbox"
`;

function mailLauncher(port: number): string {
  return `schedule = "0 3 1 1 *"\n[listen]\nprotocol = "pop3"\nserver = "${LOCALHOST}"\nport = ${port}\n` +
    'tls = "none"\naccount = "ged"\npassword = { env = "GED_PASSWORD" }\n[deliver]\ncold = "mail"\n';
}

async function project(
  launchers: Readonly<Record<string, string>>,
  pagePort = freePort(),
): Promise<TempFolder> {
  const folder = await TempFolder.make();
  await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "${LOCALHOST}:${pagePort}"\n`);
  for (const [name, text] of Object.entries(launchers)) await folder.write(`launchers.d/${name}`, text);
  return folder;
}

Deno.test("a page whose port is taken counts in status, and a reload opens it once the port is free", async () => {
  const taken = Deno.listen({ hostname: LOCALHOST, port: 0 });
  await using folder = await project({ "inbox.toml": INBOX }, taken.addr.port);
  const options = { cwd: folder.path };
  await using gateway = startTask("start", [], options);
  await gateway.logged("started");

  const before = await runTask("status", [], options);
  assert.match(before.stdout, /^Everything works, 1 point to look at$/m);
  assert.match(before.stdout, /status page is not open[^]*→ Free that address/);

  const { port } = taken.addr;
  taken.close();
  assert.equal((await runTask("reload", [], options)).code, 0);
  const after = await runTask("status", [], options);
  assert.match(after.stdout, /^All is well\nhttp:/);
  assert.equal(await (await fetch(`http://${LOCALHOST}:${port}/healthz`)).text(), "ok\n");
});

Deno.test("a run whose gateway is killed meanwhile says so in one sentence", async () => {
  using silent = Deno.listen({ hostname: LOCALHOST, port: 0 });
  await using folder = await project({ "mail.toml": mailLauncher(silent.addr.port) });
  const options = { cwd: folder.path, env: { GED_PASSWORD: "geheim" } };
  await using gateway = startTask("start", [], options);
  await gateway.logged("started");
  await using run = startTask("run", ["mail"], options);
  // The gateway polls for it, and waits for a greeting that does not come.
  using _connection = await silent.accept();
  gateway.kill("SIGKILL");
  const { code, stderr } = await run.ended;
  assert.equal(code, 1);
  assert.match(stderr, /^Cannot tell how this ended: the gateway ended before it answered; .*\n$/);
});

Deno.test("a run of a launcher that the gateway found faulty tells why, and which command tells more", async () => {
  await using folder = await project({ "inbox.toml": INBOX, "mail.toml": mailLauncher(1) });
  await using gateway = startTask("start", [], { cwd: folder.path });
  await gateway.logged("started");
  const { code, stderr } = await runTask("run", ["mail"], {
    cwd: folder.path,
    env: { GED_PASSWORD: "geheim" },
  });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /faulty.*GED_PASSWORD.*not set.*deno task check.*where the gateway is started.*reload/,
  );
});

Deno.test("password ends with one sentence where nobody answers", async () => {
  await using folder = await TempFolder.make();
  const { code, stderr } = await runTask("password", [], { cwd: folder.path });
  assert.equal(code, 130);
  assert.match(stderr, /^Password: \nGiven up: nothing was done\n$/);
});
