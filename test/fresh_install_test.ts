/** The launchers.d that ships, as a newcomer meets it: all is well, and nothing is said twice that nobody has to look at. */
import assert from "node:assert/strict";
import { freePort } from "./servers/free_port.ts";
import { runTask, startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";

const SHIPPED = new URL("../launchers.d/", import.meta.url);

/** The shipped files; ports that tests must not take become free ones. */
async function install(): Promise<TempFolder> {
  const folder = await TempFolder.make();
  for await (const { name } of Deno.readDir(SHIPPED)) {
    const text = await Deno.readTextFile(new URL(name, SHIPPED));
    await folder.write(
      `launchers.d/${name}`,
      text.replace(/^accept = 127\.0\.0\.1:\d+$/gm, "accept = 127.0.0.1:0")
        .replace('# listen = "127.0.0.1:8025"', `listen = "127.0.0.1:${freePort()}"`),
    );
  }
  return folder;
}

Deno.test("a fresh install is all well, and what check alone tells is not repeated", async () => {
  await using folder = await install();
  const options = { cwd: folder.path, env: { GED_PASSWORD: "" } };
  const check = await runTask("check", [], options);
  assert.equal(check.code, 0, check.stdout);
  assert.match(check.stdout, /gmail\.conf:\d+: warning: SSLv3 is obsolete .*\n {4}→ There is nothing to do/);
  assert.match(
    check.stdout,
    /gmail-imap\.toml:\d+: info: .*GED_PASSWORD is .*\n {4}→ Before enabled = true: /,
  );
  assert.match(check.stdout, /gateway\.toml: info: .*page.*\n {4}→ .*deno task password/);

  await using gateway = startTask("start", [], options);
  await gateway.logged("started");
  const status = await runTask("status", ["--json"], options);
  assert.equal(status.code, 0, status.stdout);
  const said = JSON.parse(status.stdout) as {
    title: string;
    lines: unknown[];
    status: { problems: unknown[] };
  };
  assert.deepEqual([said.title, said.lines, said.status.problems], ["All is well", [], []]);
  const reload = await runTask("reload", [], options);
  assert.deepEqual([reload.code, reload.stdout], [0, "Reloaded\n"]);
  assert.doesNotMatch(gateway.log, /WARN|ERROR|SSLv3|GED_PASSWORD/);

  // A real warning is told everywhere, as before.
  await folder.write(
    "launchers.d/old.toml",
    '[listen]\nprotocol = "imap"\nserver = "127.0.0.1"\naccount = "a"\n' +
      'password = "written out"\n[deliver]\ncold = "x"\n',
  );
  assert.match((await runTask("reload", [], options)).stdout, /old\.toml:5: warning: .*\n.*\nReloaded\n$/);
  assert.match((await runTask("status", [], options)).stdout, /old\.toml/);
});
