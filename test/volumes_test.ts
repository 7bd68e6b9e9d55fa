/**
 * What becomes of documents when a disk is full, read-only, gone, closed or used up, a file is held, or the clock is
 * wrong: nothing is lost, nothing is settled before it has arrived, and the message says what to do. Real programs on real
 * volumes; only the quota is pretended.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Mounts, whyNoMounts } from "./servers/mounts.ts";
import { type ProgramOptions, runTask, startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";

const FILE_BYTES = 100_000;
const CRASH = join(import.meta.dirname ?? "", "crash");
const ignore = whyNoMounts() !== undefined;

/** A folder launcher; `root` is its `cold.root`. */
async function project(root = "var/cold"): Promise<TempFolder> {
  const folder = await TempFolder.make();
  await folder.write(
    "launchers.d/gateway.toml",
    `[status]\nlisten = "127.0.0.1:0"\n[cold]\nroot = "${root}"\n`,
  );
  await folder.write(
    "launchers.d/scans.toml",
    'schedule = "@every 1s"\n[listen]\nprotocol = "folder"\npath = "inbox"\nsettle = "1ms"\nafter = "delete"\n' +
      '[deliver]\ncold = "scans"\n',
  );
  await Deno.mkdir(folder.at("inbox"));
  return folder;
}

async function addFiles(folder: TempFolder, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, n) => `scan${n}.pdf`);
  for (const [n, name] of names.entries()) {
    await folder.write(`inbox/${name}`, new Uint8Array(FILE_BYTES).fill(65 + n));
  }
  return names;
}

async function run(options: ProgramOptions): Promise<{ code: number; log: string }> {
  const { code, stdout, stderr } = await runTask("run", ["scans"], options);
  return { code, log: stdout + stderr };
}

/** What lies in a folder of the namespace, with sizes. */
async function contents(mounts: Mounts, folder: string): Promise<string[]> {
  const text = await mounts.sh(`cd '${folder}' && find . -type f -printf '%P %s\\n' | sort`);
  return text.split("\n").filter((line) => line !== "");
}

Deno.test({
  name: "a full disk stops before anything is settled, and what is left arrives once there is room",
  ignore,
}, async () => {
  await using folder = await project();
  await using mounts = await Mounts.make(folder.path);
  const cold = folder.at("var/cold");
  await Deno.mkdir(cold, { recursive: true });
  await mounts.sh(`mount -t tmpfs -o size=256k tmpfs '${cold}'`);
  const names = await addFiles(folder, 4);
  const options = { cwd: folder.path, within: mounts.within };
  const full = await run(options);
  assert.equal(full.code, 1, full.log);
  assert.match(full.log, /Cannot write ".*": the disk is full; free some space, nothing is lost meanwhile/);
  // Whole or not at all; what has arrived is in the ledger, its original is settled by the next poll.
  const arrived = await contents(mounts, cold);
  for (const line of arrived) assert.match(line, /^scans\/scan\d\.pdf 100000$/);
  assert.ok(arrived.length < names.length, arrived.join());
  const left = await folder.list("inbox");
  const missing = names.filter((name) => !arrived.includes(`scans/${name} ${FILE_BYTES}`));
  for (const name of missing) assert.ok(left.includes(name), name);

  await mounts.sh(`mount -o remount,size=4m '${cold}'`);
  const after = await run(options);
  assert.equal(after.code, 0, after.log);
  assert.deepEqual(await contents(mounts, cold), names.map((name) => `scans/${name} ${FILE_BYTES}`));
  assert.deepEqual(await folder.list("inbox"), []);
});

Deno.test({
  name: "a full disk under the ledger ends the gateway, with nothing settled and nothing delivered twice",
  ignore,
}, async () => {
  await using folder = await project("cold");
  await using mounts = await Mounts.make(folder.path);
  await Deno.mkdir(folder.at("var"));
  await Deno.mkdir(folder.at("cold"));
  await mounts.sh(`mount -t tmpfs -o size=512k tmpfs '${folder.at("var")}'`);
  const options = { cwd: folder.path, within: mounts.within };
  await run(options);
  await mounts.sh(`head -c 1m /dev/zero > '${folder.at("var/ballast")}' 2>/dev/null || true`);
  const names = await addFiles(folder, 3);
  const full = await run(options);
  assert.equal(full.code, 1, full.log);
  assert.match(
    full.log,
    /Cannot \w+ .*(ledger|lock|state).*(disk is full|free some space|no space|free space)/i,
  );
  assert.deepEqual(await folder.list("inbox"), names);
  await mounts.sh(`rm '${folder.at("var/ballast")}'`);
  const after = await run(options);
  assert.equal(after.code, 0, after.log);
  assert.deepEqual(await folder.list("cold/scans"), names);
  assert.deepEqual(await folder.list("inbox"), []);
});

Deno.test({
  name: "a COLD that turns read-only holds everything back, and the running gateway goes on once it is not",
  ignore,
}, async () => {
  await using folder = await project();
  await using mounts = await Mounts.make(folder.path);
  const cold = folder.at("var/cold");
  await Deno.mkdir(cold, { recursive: true });
  await mounts.sh(`mount -t tmpfs -o size=4m tmpfs '${cold}'`);
  await using gateway = startTask("start", [], { cwd: folder.path, within: mounts.within });
  await gateway.logged("started");
  await mounts.sh(`mount -o remount,ro '${cold}'`);
  const [name = ""] = await addFiles(folder, 1);
  const line = await gateway.logged("poll failed");
  assert.match(line, /the file system is read-only; mount it so that the gateway can write/);
  assert.deepEqual(await folder.list("inbox"), [name]);
  await mounts.sh(`mount -o remount,rw '${cold}'`);
  const now = await run({ cwd: folder.path, within: mounts.within });
  assert.equal(now.code, 0, now.log);
  assert.deepEqual(await contents(mounts, cold), [`scans/${name} ${FILE_BYTES}`]);
  assert.deepEqual(await folder.list("inbox"), []);
});

Deno.test({
  name: "a COLD directory that is closed to the gateway's account is said to be, and nothing is settled",
  ignore,
}, async () => {
  await using folder = await project();
  await Deno.mkdir(folder.at("var/cold/.lanceur"), { recursive: true });
  await Deno.mkdir(folder.at("var/cold/scans"));
  await Deno.chmod(folder.at("var/cold/scans"), 0o555);
  const [name = ""] = await addFiles(folder, 1);
  // An ordinary account's rights, whoever runs this test.
  const within = Deno.uid() === 0 ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : [];
  const closed = await run({ cwd: folder.path, within });
  assert.equal(closed.code, 1, closed.log);
  assert.match(closed.log, /no permission; the gateway's account needs to read, write and rename there/);
  assert.deepEqual(await folder.list("inbox"), [name]);
  await Deno.chmod(folder.at("var/cold/scans"), 0o755);
  assert.equal((await run({ cwd: folder.path, within })).code, 0);
  assert.deepEqual(await folder.list("var/cold/scans"), [name]);
  assert.deepEqual(await folder.list("var/cold/.lanceur"), []);
});

Deno.test("a quota that is used up is said to be, and nothing is settled", async () => {
  await using folder = await project();
  const [name = ""] = await addFiles(folder, 1);
  const options = { cwd: folder.path, env: { LANCEUR_TEST_QUOTA: folder.at("var/cold") } };
  const used = await run({ ...options, preload: [join(CRASH, "quota.ts")] });
  assert.equal(used.code, 1, used.log);
  assert.match(used.log, /the quota of the gateway's account is used up; free some space or raise it/);
  assert.deepEqual(await folder.list("inbox"), [name]);
  assert.equal((await run(options)).code, 0);
  assert.deepEqual(await folder.list("var/cold/scans"), [name]);
});

Deno.test("a COLD root that is missing is never made outside the project, and what waits arrives once it is there", async () => {
  await using elsewhere = await TempFolder.make();
  await using folder = await project(elsewhere.at("share"));
  const [name = ""] = await addFiles(folder, 1);
  const missing = await run({ cwd: folder.path });
  assert.equal(missing.code, 1, missing.log);
  assert.match(
    missing.log,
    /Cannot use folder ".*share": it is missing; make it, or mount the share it lies on/,
  );
  assert.deepEqual(await folder.list("inbox"), [name]);
  assert.deepEqual(await elsewhere.list(), []);
  await Deno.mkdir(elsewhere.at("share"));
  assert.equal((await run({ cwd: folder.path })).code, 0);
  assert.deepEqual(await elsewhere.list("share/scans"), [name]);
});

Deno.test({
  name: "a share that is unmounted with deliveries half done is not taken for one that was emptied",
  ignore,
}, async () => {
  await using folder = await project();
  await using mounts = await Mounts.make(folder.path);
  const cold = folder.at("var/cold");
  await Deno.mkdir(cold, { recursive: true });
  const share = folder.at("share.ext");
  await Deno.mkdir(share);
  const mount = () => mounts.sh(`mount --bind '${share}' '${cold}'`);
  await mount();
  const [name = ""] = await addFiles(folder, 1);
  await killBetweenLedgerAndRename(folder, mounts);
  await mounts.sh(`umount '${cold}'`);
  const gone = await run({ cwd: folder.path, within: mounts.within });
  assert.equal(gone.code, 1, gone.log);
  assert.match(gone.log, /Cannot finish .*deliveries.*: ".*\.lanceur" is missing; is the share mounted\?/);
  assert.deepEqual(await folder.list("inbox"), [name]);
  assert.deepEqual(await folder.list("var/cold"), []);
  await mount();
  const back = await run({ cwd: folder.path, within: mounts.within });
  assert.equal(back.code, 0, back.log);
  assert.deepEqual(await folder.list("share.ext/scans"), [name]);
  assert.deepEqual(await folder.list("inbox"), []);
});

Deno.test({
  name: "a COLD directory on another volume gets each document whole and once, killed at any step",
  ignore,
}, async (t) => {
  for (const group of ["flat", "directory"]) {
    await t.step(group, async () => {
      await using folder = await project();
      const config = await Deno.readTextFile(folder.at("launchers.d/scans.toml"));
      await folder.write("launchers.d/scans.toml", `${config}group = "${group}"\n`);
      await using mounts = await Mounts.make(folder.path);
      const cold = folder.at("var/cold/scans");
      await Deno.mkdir(cold, { recursive: true });
      await mounts.sh(`mount -t tmpfs -o size=16m tmpfs '${cold}'`);
      const options = { cwd: folder.path, within: mounts.within };
      let step = 1;
      for (let killed = true; killed; step++) {
        await folder.write("inbox/scan.pdf", `scan of step ${step}`);
        killed = await killAfter(step, folder, mounts);
        const { code, log } = await run(options);
        assert.equal(code, 0, log);
        const texts = await mounts.sh(
          `find '${cold}' -type f -exec cat {} + && rm -rf '${cold}'/* && ls -A '${cold}'`,
        );
        assert.equal(texts, `scan of step ${step}`, `killed after step ${step}\n${log}`);
        assert.deepEqual(await folder.list("var/cold/.lanceur"), []);
        assert.deepEqual(await folder.list("inbox"), []);
      }
      assert.ok(step > 15, `${step} steps`);
    });
  }
});

/** Leaves one item pending: staged and recorded, not renamed. */
async function killBetweenLedgerAndRename(folder: TempFolder, mounts: Mounts): Promise<void> {
  for (let step = 1; await killAfter(step, folder, mounts); step++) {
    using ledger = new DatabaseSync(folder.at("var/ledger.sqlite"), { timeout: 10_000 });
    const hasTable = ledger.prepare("SELECT 1 FROM sqlite_master WHERE name = 'item'").get();
    if (hasTable && ledger.prepare("SELECT 1 FROM item WHERE outcome = 0").get()) return;
  }
  assert.fail("No step leaves an item pending");
}

/** Polls, and kills the program after its `step`th lasting step; `false` when it has ended before. */
async function killAfter(step: number, folder: TempFolder, { within }: Mounts): Promise<boolean> {
  const [program = "", ...words] = within;
  const mortal = [
    "run",
    "--quiet",
    "--no-check",
    "--allow-all",
    join(CRASH, "mortal.ts"),
    String(step),
    "run",
    "scans",
  ];
  const args = [...words, Deno.execPath(), ...mortal];
  const { signal } = await new Deno.Command(program, { args, cwd: folder.path, stderr: "null" }).output();
  return signal === "SIGKILL";
}

Deno.test({
  name: "an original that another program holds stays, is delivered once, and is settled later",
  ignore,
}, async () => {
  await using folder = await project();
  await using mounts = await Mounts.make(folder.path);
  const [name = ""] = await addFiles(folder, 1);
  // Linux refuses to remove a mount point, as Windows does a file that is open.
  await mounts.sh(`mount --bind '${folder.at(`inbox/${name}`)}' '${folder.at(`inbox/${name}`)}'`);
  const options = { cwd: folder.path, within: mounts.within };
  const held = await run(options);
  assert.match(
    held.log,
    /original not settled, tried again at the next poll.*Cannot delete .*scan0\.pdf.*: another program has it open/,
  );
  assert.deepEqual(await folder.list("var/cold/scans"), [name]);
  assert.deepEqual(await folder.list("inbox"), [name]);
  await run(options);
  await mounts.sh(`umount '${folder.at(`inbox/${name}`)}'`);
  assert.equal((await run(options)).code, 0);
  assert.deepEqual(await folder.list("var/cold/scans"), [name]);
  assert.deepEqual(await folder.list("inbox"), []);
});

Deno.test({
  name: "a file that cannot be read yet is tried again, and the others go on",
  ignore: Deno.build.os === "windows",
}, async () => {
  await using folder = await project();
  const [closed = "", open = ""] = await addFiles(folder, 2);
  await Deno.chmod(folder.at(`inbox/${closed}`), 0o000);
  const within = Deno.uid() === 0 ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : [];
  const first = await run({ cwd: folder.path, within });
  assert.match(first.log, new RegExp(`failed: ${closed} \\(Cannot .*permission`, "i"));
  assert.deepEqual(await folder.list("var/cold/scans"), [open]);
  await Deno.chmod(folder.at(`inbox/${closed}`), 0o644);
  assert.equal((await run({ cwd: folder.path, within })).code, 0);
  assert.deepEqual(await folder.list("var/cold/scans"), [closed, open]);
  assert.deepEqual(await folder.list("inbox"), []);
});

Deno.test("a clock set back by a year, or forward, delivers nothing twice and forgets nothing that is there", async () => {
  await using folder = await project();
  const config = await Deno.readTextFile(folder.at("launchers.d/scans.toml"));
  await folder.write("launchers.d/scans.toml", config.replace('after = "delete"', 'after = "keep"'));
  const [name = ""] = await addFiles(folder, 1);
  const at = (days: number) => ({
    cwd: folder.path,
    env: { LANCEUR_TEST_CLOCK_MS: String(days * 86_400_000) },
    preload: [join(CRASH, "clock_set_back.ts")],
  });
  for (const days of [0, -365, 800, 0]) {
    const { code, log } = await run(at(days));
    assert.equal(code, 0, log);
  }
  assert.deepEqual(await folder.list("var/cold/scans"), [name]);
  // A gateway that polled in the future is not waiting for it.
  await using gateway = startTask("start", [], at(-30));
  await folder.write("inbox/neu.pdf", "new");
  await gateway.logged("item=neu.pdf");
});

Deno.test("a damaged ledger stops the program before anything is delivered, and says what to do", async () => {
  await using folder = await project();
  await addFiles(folder, 1);
  await run({ cwd: folder.path });
  await addFiles(folder, 2);
  const path = folder.at("var/ledger.sqlite");
  for (const suffix of ["-wal", "-shm"]) await Deno.remove(path + suffix).catch(() => {});
  const bytes = await Deno.readFile(path);
  await Deno.writeFile(path, bytes.fill(0x55, 100));
  const before = await folder.list("inbox");
  const { code, log } = await run({ cwd: folder.path });
  assert.equal(code, 1, log);
  assert.match(log, /Cannot \w+ ledger ".*": .*; put back a backup, or move the file away to begin anew/);
  assert.deepEqual(await folder.list("inbox"), before);
});
