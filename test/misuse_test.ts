/** Commands on a configuration or with words that cannot be: what is said, and that nothing is done. */
import assert from "node:assert/strict";
import { freePort } from "./servers/free_port.ts";
import { runTask, startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";

const INBOX = `schedule = "@every 1h"\n[listen]\nprotocol = "folder"\npath = "var/inbox"\nsettle = "50ms"\n` +
  `after = "delete"\n[deliver]\ncold = "inbox"\n`;
const ID = "0123456789abcdef01234567";

async function project(gateway = ""): Promise<TempFolder> {
  const folder = await TempFolder.make();
  await folder.write("launchers.d/gateway.toml", `${gateway}[status]\nlisten = "127.0.0.1:${freePort()}"\n`);
  await folder.write("launchers.d/inbox.toml", INBOX);
  await folder.write("launchers.d/later.toml", `enabled = false\n${INBOX}`);
  return folder;
}

Deno.test("what is missing or one word too many is said, with what there is", async (t) => {
  await using folder = await project();
  const cases: readonly (readonly [args: string[], code: number, said: RegExp])[] = [
    [
      ["run"],
      64,
      /the NAME of a launcher is missing\n {4}→ deno task run NAME; NAME is one of inbox, later \(dis/,
    ],
    [["run", "inbx"], 78, /there is no inbx\.toml\n {4}→ did you mean "inbox"\?/],
    [["redeliver"], 64, /the NAME of a launcher is missing/],
    [["redeliver", "inbox", "later"], 64, /"later" is one word too many/],
    [["redeliver", ID, "inbox"], 64, /"inbox" is no ID of an item/],
    [["quarantine", "lst"], 64, /did you mean "list"\?/],
    [["quarantine", "retry"], 64, /an ID is missing\n {4}→ deno task quarantine retry ID…/],
    [["quarantine", "drop", "--all"], 64, /Cannot use --all with quarantine drop: name the IDs/],
    [["quarantine", "retry", "x", "--launcher", "inbox"], 64, /Cannot use --launcher beside IDs/],
    [["quarantine", "list", "x"], 64, /list takes no ID\n {4}→ deno task quarantine show x/],
  ];
  for (const [args, code, said] of cases) {
    await t.step(args.join(" "), async () => {
      const result = await runTask(args[0] as "run", args.slice(1), { cwd: folder.path });
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, said);
    });
  }
});

Deno.test("a faulty gateway.toml or a missing folder stops every command before it touches the wrong state or COLD", async (t) => {
  await using folder = await project('state = "elsewhere"\n[cold]\nroot = "elsewhere/cold"\nrooot = "x"\n');
  await folder.write("var/inbox/a.pdf", "%PDF");
  const commands: readonly string[][] = [
    ["run", "inbox"],
    ["run", "inbox", "--dry-run"],
    ["start"],
    ["quarantine"],
    ["redeliver", "inbox"],
    ["backup", folder.at("copy")],
    ["new", "x", "--path", "y"],
    ["status"],
    ["stop"],
    ["reload"],
  ];
  for (const [task = "", ...args] of commands) {
    await t.step([task, ...args].join(" "), async () => {
      const faulty = await runTask(task as "run", args, { cwd: folder.path });
      assert.equal(faulty.code, 78, faulty.stdout + faulty.stderr);
      // Said once.
      assert.equal(faulty.stderr.match(/did you mean "root"/gi)?.length, 1, faulty.stderr);
      const missing = await runTask(task as "run", [...args, "--launchers", "nowhere/launchers.d"], {
        cwd: folder.path,
      });
      assert.equal(missing.code, 78, missing.stdout + missing.stderr);
      assert.match(
        missing.stderr,
        /^nowhere\/launchers\.d: error: Cannot read the folder .*: it is missing\n/,
      );
    });
  }
  assert.deepEqual(await folder.list("var"), ["inbox/"]);
  assert.deepEqual((await folder.list(".")).sort(), ["launchers.d/", "var/"]);
});

Deno.test("a gateway that runs is found, asked and stopped though its gateway.toml is faulty by now", async () => {
  await using folder = await project('state = "var/state"\n');
  const options = { cwd: folder.path };
  await using gateway = startTask("start", [], options);
  await gateway.logged("started");
  const text = await Deno.readTextFile(folder.at("launchers.d/gateway.toml"));
  await folder.write("launchers.d/gateway.toml", `${text}lissten = "x"\n`);
  assert.equal((await runTask("status", [], options)).code, 0);
  const reload = await runTask("reload", [], options);
  assert.deepEqual([reload.code, /running configuration was kept/.test(reload.stdout)], [78, true]);
  assert.equal((await runTask("stop", [], options)).stdout, "Stopped\n");
  assert.equal((await gateway.ended).code, 0);
});
