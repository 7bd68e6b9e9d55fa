/** The program with EzGED as its destination: folders, real processes killed at every step, and what arrives. */
import assert from "node:assert/strict";
import { type EzgedOptions, EzgedServer, type EzgedStep } from "./servers/ezged.ts";
import { runTask, startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";

const COLD = 'cold = "factures"\n';
const RECORD = `[deliver.record]
table = "COURRIERS"
query = "12"
find = "COURRIERS_REF"
columns = { COURRIERS_NOM = "{name}", COURRIERS_TAILLE = "{size}", COURRIERS_REF = "{id}" }
`;

interface Report {
  readonly delivered: number;
  readonly quarantined: number;
  readonly known: number;
  readonly items: readonly { reason: string | null; documents: readonly string[] }[];
}

/** A project whose launcher `inbox` takes files to the stand-in. */
class Project implements AsyncDisposable {
  private constructor(readonly folder: TempFolder, readonly server: EzgedServer) {}

  static async make(deliver: string, options: EzgedOptions = {}): Promise<Project> {
    const project = new Project(await TempFolder.make(), await EzgedServer.start(options));
    const { folder, server } = project;
    await folder.write("ged.secret", "secret\n");
    await Deno.chmod(folder.at("ged.secret"), 0o600);
    await folder.write(
      "launchers.d/gateway.toml",
      `[status]\nlisten = "127.0.0.1:0"\n[ezged.mairie]\nurl = "${server.url}"\naccount = "ged"\n` +
        'password = { file = "ged.secret" }\ntoken = { env = "GED_TOKEN" }\n',
    );
    await folder.write(
      "launchers.d/inbox.toml",
      '[listen]\nprotocol = "folder"\npath = "var/inbox"\nsettle = "20ms"\nafter = "delete"\n' +
        `[deliver]\nezged = "mairie"\n${deliver}`,
    );
    return project;
  }

  get options() {
    return { cwd: this.folder.path, env: { GED_TOKEN: "jeton" } };
  }

  async run(...args: string[]): Promise<{ code: number; report: Report; log: string }> {
    const { code, stdout, stderr } = await runTask("run", ["inbox", "--json", ...args], this.options);
    return { code, report: JSON.parse(stdout || "{}"), log: stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.folder[Symbol.asyncDispose]();
  }
}

Deno.test("documents go into a waiting directory of EzGED, and their originals away", async () => {
  await using project = await Project.make(COLD);
  await project.folder.write("var/inbox/Facture n°1 (été).pdf", "contenu");
  const dry = await project.run("--dry-run");
  assert.deepEqual(dry.report.items.map(({ documents }) => documents), [
    ["ezged:mairie/factures/Facture n°1 (été).pdf"],
  ]);
  assert.equal(project.server.calls.length, 0);

  const { code, report } = await project.run();
  assert.deepEqual([code, report.delivered], [0, 1]);
  assert.deepEqual(report.items[0]?.documents, ["ezged:mairie/factures/Facture n°1 (été).pdf"]);
  assert.deepEqual(project.server.names("factures"), ["Facture n°1 (été).pdf"]);
  assert.deepEqual(await project.folder.list("var/inbox"), []);
  assert.deepEqual(await project.folder.list("var/outbox/mairie"), []);
});

Deno.test("check --connect signs in at the destination, and says why it cannot", async () => {
  await using project = await Project.make(COLD);
  const good = await runTask("check", ["--connect"], project.options);
  assert.match(good.stdout, /destination ezged\.mairie \(http.*\(ged\)\): well/);
  assert.match(good.stdout + good.stderr, /plain http can be read on the way/);
  assert.equal(good.code, 0);
  await project.folder.write("ged.secret", "faux\n");
  const bad = await runTask("check", ["--connect"], project.options);
  assert.match(bad.stdout, /destination ezged\.mairie .*: error: Cannot sign in to EzGED/);
  assert.equal(bad.code, 78);
  assert.equal(project.server.sessions.size, 0);
});

/** Kills the gateway while a call has taken effect and its answer is still to come. */
async function killAt(project: Project, step: EzgedStep): Promise<void> {
  const held = Promise.withResolvers<void>();
  project.server.fail(step, { kind: "slow", release: held.promise });
  const before = project.server.count(step);
  await using gateway = startTask("run", ["inbox"], project.options);
  while (project.server.count(step) === before) await new Promise((resolve) => setTimeout(resolve, 10));
  gateway.kill("SIGKILL");
  await gateway.ended;
  held.resolve();
}

for (const step of ["authenticate", "upload", "insertrow", "addpages", "load", "delete"] as const) {
  Deno.test(`killed while ${step} is under way, the next run makes one row with its file`, async () => {
    await using project = await Project.make(RECORD);
    await project.folder.write("var/inbox/a.pdf", "contenu");
    await killAt(project, step);
    const { code } = await project.run();
    assert.equal(code, 0);
    const rows = project.server.rows("COURRIERS");
    assert.deepEqual(rows.map(({ columns }) => columns["COURRIERS_NOM"]), ["a.pdf"]);
    assert.deepEqual(rows[0]?.pages.map(({ bytes }) => new TextDecoder().decode(bytes)), ["contenu"]);
    assert.deepEqual(await project.folder.list("var/inbox"), []);
    assert.deepEqual(await project.folder.list("var/outbox/mairie"), []);
  });
}

Deno.test("killed while the answer to an upload into a COLD is awaited, a person decides", async () => {
  await using project = await Project.make(COLD);
  await project.folder.write("var/inbox/a.pdf", "contenu");
  await killAt(project, "upload");
  const { report } = await project.run();
  assert.equal(report.quarantined, 1);
  assert.match(
    report.items[0]?.reason ?? "",
    /^Cannot tell whether "a\.pdf" is in the waiting directory "factures"/,
  );
  assert.deepEqual(project.server.names("factures"), ["a.pdf"]);

  const list = await runTask("quarantine", ["list", "--json"], project.options);
  const [{ id }] = JSON.parse(list.stdout);
  const retried = await runTask("quarantine", ["retry", id], project.options);
  assert.equal(retried.code, 0, retried.stderr);
  assert.equal(project.server.count("upload"), 2);
});

Deno.test("a gateway that cannot reach EzGED keeps everything, and a later run delivers it", async () => {
  await using project = await Project.make(RECORD);
  await project.folder.write("var/inbox/a.pdf", "contenu");
  project.server.isDown = true;
  const down = await project.run();
  assert.equal(down.code, 1);
  assert.match(down.log, /Cannot reach EzGED at/);
  assert.doesNotMatch(down.log, /secret|jeton/);
  assert.deepEqual(await project.folder.list("var/inbox"), ["a.pdf"]);
  project.server.isDown = false;
  assert.equal((await project.run()).code, 0);
  assert.equal(project.server.rows("COURRIERS").length, 1);
  assert.deepEqual(await project.folder.list("var/inbox"), []);
});

Deno.test("a job that takes long holds the original back until a later poll finds it done", async () => {
  const record = RECORD.replace("query", 'follow = "0s"\nquery');
  await using project = await Project.make(record, { jobStatuses: [1, 2] });
  await project.folder.write("var/inbox/a.pdf", "contenu");
  const first = await project.run();
  assert.deepEqual([first.code, first.report.delivered, first.report.known], [0, 0, 1]);
  assert.deepEqual(await project.folder.list("var/inbox"), ["a.pdf"]);
  await project.run();
  assert.deepEqual(await project.folder.list("var/inbox"), []);
  assert.equal(project.server.count("addpages"), 1);
});

Deno.test("an envelope as one zip in one row: refused once, it is known again though its zip is another", async () => {
  await using project = await Project.make(
    `group = "zip"\n[deliver.record]\ntable = "ACTES"\nfollow = "5s"\n` +
      'columns = { ACTES_NUMERO = "{numero}", ACTES_DATE = "{datetime}", ACTES_NOM = "{name}" }\n',
  );
  const { folder, server } = project;
  const launcher = await Deno.readTextFile(folder.at("launchers.d/inbox.toml"));
  await folder.write(
    "launchers.d/inbox.toml",
    launcher.replace('"folder"', '"adullact"').replace('settle = "20ms"\n', ""),
  );
  const name = "abc-EACT--123456789--20240312-1.tar.gz";
  const fixture = new URL(`fixtures/envelopes/actes-targz/${name}`, import.meta.url);
  await folder.write(`var/inbox/${name}`, await Deno.readFile(fixture));
  server.fail("addpages", { kind: "error", code: -9, message: "disque plein" });
  const refused = await project.run();
  assert.equal(refused.code, 1, refused.log);
  assert.match(refused.report.items[0]?.reason ?? "", /disque plein \(error -9\)$/);
  assert.deepEqual(await folder.list("var/inbox"), [name]);

  assert.equal((await project.run()).code, 0);
  const [row, ...others] = server.rows("ACTES");
  assert.deepEqual(row?.columns, {
    ACTES_NUMERO: "DELIB_2024_017",
    ACTES_DATE: "2024-03-12 00:00:00",
    ACTES_NOM: "abc-EACT--123456789--20240312-1.zip",
  });
  assert.deepEqual([row?.pages.length, others.length], [1, 0]);
  assert.deepEqual(await folder.list("var/inbox"), []);
});

Deno.test("the retry of an item whose job takes long goes on at the next poll, and nothing is sent twice", async () => {
  const record = RECORD.replace("query", 'follow = "0s"\nquery');
  await using project = await Project.make(record, { jobStatuses: [0, 2] });
  const { folder, options, server } = project;
  await folder.write("var/inbox/a.pdf", "contenu");
  server.fail(
    "insertrow",
    ...Array.from({ length: 6 }, () => ({ kind: "error", code: 7, message: "refusé" } as const)),
  );
  for (let attempt = 0; attempt < 6; attempt++) await project.run();
  const [name = ""] = await folder.list("var/quarantine");
  const id = name.replace("/", "");
  assert.equal((await runTask("quarantine", ["retry", id], options)).code, 0);
  assert.deepEqual([server.count("addpages"), await folder.list("var/quarantine")], [1, [name]]);
  assert.match((await project.run()).log, /repaired after an interruption finished=1/);
  assert.equal((await runTask("quarantine", ["retry", id], options)).code, 0);
  assert.deepEqual([server.count("addpages"), await folder.list("var/quarantine")], [1, []]);
});
