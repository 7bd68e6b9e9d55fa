/** Shares that hang: real file systems, one frozen, one whose server stands still. */
import assert from "node:assert/strict";
import { isInstalled } from "./servers/installed.ts";
import { Mounts, whyNoMounts } from "./servers/mounts.ts";
import { startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";

/** More than may be under way at once; in the order of `ls`. */
const NAMES = Array.from({ length: 60 }, (_, n) => `scan${100 + n}.pdf`);

function whyNoFreezing(): string | undefined {
  const tools = ["fsfreeze", "mkfs.ext4", "losetup"];
  return whyNoMounts() ??
    (Deno.uid() === 0 ? undefined : "only root freezes a file system") ??
    tools.map((tool) => isInstalled(tool) ? undefined : `${tool} is missing`).find(Boolean) ??
    (succeeds("losetup -f") ? undefined : "there is no loop device");
}

function whyNoServer(): string | undefined {
  return whyNoMounts() ??
    (isInstalled("bindfs") ? undefined : "bindfs is not installed") ??
    (succeeds("test -w /dev/fuse") ? undefined : "there is no FUSE here");
}

function succeeds(script: string): boolean {
  return new Deno.Command("sh", { args: ["-c", script], stdout: "null", stderr: "null" }).outputSync()
    .success;
}

async function project(): Promise<TempFolder> {
  const folder = await TempFolder.make();
  await folder.write(
    "launchers.d/gateway.toml",
    '[status]\nlisten = "127.0.0.1:0"\n[cold]\nroot = "share"\n',
  );
  await folder.write(
    "launchers.d/scans.toml",
    'schedule = "push"\n[listen]\nprotocol = "folder"\npath = "inbox"\nsettle = "1ms"\nafter = "delete"\n' +
      '[deliver]\ncold = "scans"\n',
  );
  for (const name of ["inbox", "share"]) await Deno.mkdir(folder.at(name));
  return folder;
}

Deno.test({
  name: "a share that hangs is told, keeps nothing else waiting, and all arrives once when it answers again",
  ignore: whyNoFreezing() !== undefined,
}, async () => {
  await using folder = await project();
  await using mounts = await Mounts.make(folder.path);
  const share = folder.at("share");
  await mounts.sh(
    `truncate -s 32m '${folder.at("volume")}'; mkfs.ext4 -q '${folder.at("volume")}'; ` +
      `mount -o loop '${folder.at("volume")}' '${share}'; mkdir '${share}/scans'`,
  );
  await using gateway = startTask("start", [], { cwd: folder.path, within: mounts.within });
  const page = /http:\/\/127\.0\.0\.1:\d+\//.exec(await gateway.logged("status page"))?.[0] ?? "";
  await gateway.logged("started");
  const ready = async () => await (await fetch(`${page}readyz`)).json();
  await mounts.sh(`fsfreeze -f '${share}'`);
  try {
    for (const name of NAMES) await folder.write(`inbox/${name}`);
    assert.match(await gateway.logged("does not answer"), /path=\S+\/share$/m);
    const { reasons } = await ready();
    assert.equal(reasons.length, 1);
    assert.match(reasons[0], /^launcher scans: error: Cannot go on in ".+\/share": it does not answer$/);
    assert.match(await (await fetch(page)).text(), /Cannot go on in/);
  } finally {
    await mounts.sh(`fsfreeze -u '${share}'`);
  }
  await gateway.logged("a folder answers again");
  for (const name of NAMES) await gateway.logged(`item=${name} `);
  assert.deepEqual(await ready(), { ready: true, reasons: [] });
  gateway.kill("SIGTERM");
  assert.equal((await gateway.ended).code, 0);
  assert.equal(await mounts.sh(`ls '${share}/scans'`), NAMES.map((name) => `${name}\n`).join(""));
  assert.deepEqual(await folder.list("inbox"), []);
});

Deno.test({
  name:
    "a share that hangs when the gateway starts keeps back nothing but itself, and is well once it answers",
  ignore: whyNoServer() !== undefined,
}, async () => {
  await using folder = await project();
  await Deno.mkdir(folder.at("behind"));
  await using mounts = await Mounts.make(folder.path);
  await using server = await ShareServer.mount(mounts, folder);
  await folder.write("inbox/scan.pdf");
  server.halt();
  await using gateway = startTask("start", [], { cwd: folder.path, within: mounts.within });
  const page = /http:\/\/127\.0\.0\.1:\d+\//.exec(await gateway.logged("status page"))?.[0] ?? "";
  await gateway.logged("started");
  const ready = async () => await (await fetch(`${page}readyz`)).json();
  const { reasons: [reason = ""] } = await ready();
  assert.match(reason, /Cannot look into the folder of cold\.root, ".+\/share": it does not answer/);
  assert.match(await (await fetch(page)).text(), /it does not answer/);
  server.goOn();
  await gateway.logged("a folder is there now");
  await gateway.logged("item=scan.pdf");
  assert.deepEqual(await ready(), { ready: true, reasons: [] });
  assert.deepEqual(await folder.list("behind/scans"), ["scan.pdf"]);
});

Deno.test({
  name:
    "a reload lets the others go on while the poll of a launcher that is taken out waits for a share that hangs",
  ignore: whyNoServer() !== undefined,
}, async () => {
  await using folder = await TempFolder.make();
  for (const name of ["share", "behind"]) await Deno.mkdir(folder.at(name));
  const launcher = (path: string, cold: string) =>
    `schedule = "@every 1s"\n[listen]\nprotocol = "folder"\npath = "${path}"\nsettle = "1ms"\n[deliver]\ncold = "${cold}"\n`;
  await folder.write("launchers.d/gateway.toml", '[status]\nlisten = "127.0.0.1:0"\n');
  await folder.write("launchers.d/scans.toml", launcher("share", "scans"));
  await folder.write("launchers.d/other.toml", launcher("other", "before"));
  await using mounts = await Mounts.make(folder.path);
  await using server = await ShareServer.mount(mounts, folder);
  await using gateway = startTask("start", [], { cwd: folder.path, within: mounts.within });
  const page = /http:\/\/127\.0\.0\.1:\d+\//.exec(await gateway.logged("status page"))?.[0] ?? "";
  await gateway.logged("started");
  const scans = async () => {
    const { launchers } = await (await fetch(`${page}api/status`)).json();
    return launchers.find(({ name }: { name: string }) => name === "scans");
  };
  while ((await scans()).lastPoll === undefined);
  server.halt();
  const halted = Date.now();
  for (let one = await scans(); !one.progress || Date.parse(one.polledAt) < halted;) one = await scans();
  await Deno.rename(folder.at("launchers.d/scans.toml"), folder.at("launchers.d/scans.toml.disabled"));
  await folder.write("launchers.d/other.toml", launcher("other", "after"));
  await folder.write("launchers.d/new.toml", launcher("new", "new"));
  gateway.kill("SIGHUP");
  await gateway.logged("reloaded");
  for (const name of ["other", "new"]) await folder.write(`${name}/${name}.pdf`);
  for (const name of ["other", "new"]) await gateway.logged(`item=${name}.pdf`);
  assert.deepEqual(await folder.list("var/cold/after"), ["other.pdf"]);
  server.goOn();
  gateway.kill("SIGTERM");
  assert.equal((await gateway.ended).code, 0);
});

/** Serves a share; halted, it answers nothing. */
class ShareServer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
  }

  /** Shows the folder `behind` as `share`. */
  static async mount(mounts: Mounts, folder: TempFolder): Promise<ShareServer> {
    const share = folder.at("share");
    const [program = "", ...args] = [...mounts.within, "bindfs", "-f", folder.at("behind"), share];
    const server = new ShareServer(new Deno.Command(program, { args, stderr: "null" }).spawn());
    await mounts.sh(`until mountpoint -q '${share}'; do sleep 0.05; done`);
    return server;
  }

  halt(): void {
    this.#child.kill("SIGSTOP");
  }

  goOn(): void {
    this.#child.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }
}
