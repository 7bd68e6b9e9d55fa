/**
 * Real gateway processes killed (SIGKILL) after every lasting step between taking an item and settling it, while the
 * document system takes files away: every document arrives once, every original is settled. Some settings are tried at
 * every step, others at some; with LANCEUR_CRASH=all everything at every step.
 */
import assert from "node:assert/strict";
import { type Arrivals, ColdReader } from "./crash/cold_reader.ts";
import { runMortal } from "./crash/mortal_run.ts";
import { runTask } from "./servers/program.ts";
import { makeScene, type Scene, type Setting, whyNoOtherVolume } from "./crash/scenes.ts";

const ORIGINALS = 3;
const ALL = Deno.env.get("LANCEUR_CRASH") === "all";
/** Of a setting that is tried at some steps only, every so manyth. */
const STRIDE = 10;
const AT_ONCE = 2;

const EVERY_STEP: readonly Setting[] = [
  { source: "imap", group: "flat", after: "move" },
  { source: "pop3", group: "directory", after: "delete" },
  { source: "folder", group: "flat", after: "move" },
  { source: "adullact", group: "directory", after: "delete" },
];
const ELSEWHERE: readonly Setting[] = [
  { source: "folder", group: "flat", after: "move elsewhere" },
  { source: "adullact", group: "directory", after: "move elsewhere" },
];
const SOME_STEPS: readonly Setting[] = [
  { source: "imap", group: "zip", after: "delete" },
  { source: "imap", group: "directory", after: "delete", sidecar: "json" },
  { source: "pop3", group: "flat", after: "delete", sidecar: "json" },
  { source: "pop3", group: "zip", after: "delete" },
  { source: "pop3", group: "flat", after: "delete", isPacked: true },
  { source: "imap", group: "directory", after: "move", isPacked: true },
  { source: "folder", group: "directory", after: "delete" },
  { source: "folder", group: "zip", after: "move", sidecar: "json" },
  { source: "adullact", group: "flat", after: "move" },
  { source: "adullact", group: "zip", after: "delete" },
  ...(whyNoOtherVolume() === undefined ? ELSEWHERE : []),
];

/** What an undisturbed run leaves. */
interface Golden {
  readonly arrivals: Arrivals;
  readonly moved: readonly string[];
  readonly steps: number;
}

async function filledScene(setting: Setting): Promise<Scene> {
  const scene = await makeScene(setting);
  for (let number = 0; number < ORIGINALS; number++) await scene.add(number);
  return scene;
}

async function goldenOf(setting: Setting): Promise<Golden> {
  await using scene = await filledScene(setting);
  await using reader = new ColdReader(scene.folder.at("var/cold/scene"));
  const { code, steps, log } = await runMortal(scene, 0);
  assert.equal(code, 0, log);
  await reader.take();
  assert.ok(reader.arrivals.size >= ORIGINALS, log);
  assert.deepEqual(await scene.waiting(), []);
  return { arrivals: reader.arrivals, moved: await scene.moved(), steps };
}

/** Kills one run after another at the steps given, then lets one end, and looks at what came of it. */
async function killAt(setting: Setting, kills: readonly number[], golden: Golden): Promise<void> {
  await using scene = await filledScene(setting);
  await using reader = new ColdReader(scene.folder.at("var/cold/scene"));
  const [first = 0] = kills;
  // The document system is quick, comes while nobody delivers, or comes late.
  const pace = ["quick", "between", "late"][first % 3];
  let log = "";
  for (const step of kills) {
    if (pace === "quick") reader.start();
    const run = await runMortal(scene, step);
    log += run.log;
    assert.ok(run.isKilled || run.code === 0, log);
    await reader.pause();
    if (pace === "between") await reader.take();
  }
  const last = await runMortal(scene, 0);
  log += last.log;
  assert.equal(last.code, 0, log);
  await reader.take();
  const said = `killed after step ${kills.join(", then ")} (document system ${pace})\n${log}`;
  assert.deepEqual(sorted(reader.arrivals), sorted(golden.arrivals), said);
  assert.deepEqual(await scene.waiting(), [], said);
  assert.deepEqual(await scene.moved(), golden.moved, said);
  assert.deepEqual(await scene.folder.list("var/cold/.lanceur"), [], said);
}

function sorted(arrivals: Arrivals): string[] {
  return [...arrivals].map(([digest, count]) => `${digest} ${count}`).sort();
}

/** Some of them at a time: most of a run is waiting for a process to start. */
async function forEach<T>(values: readonly T[], use: (value: T) => Promise<void>): Promise<void> {
  const left = [...values];
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (let value = left.shift(); value !== undefined; value = left.shift()) await use(value);
  });
  const results = await Promise.allSettled(workers);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

function nameOf({ source, group, after, sidecar = "none", isPacked = false }: Setting): string {
  const more = [...(sidecar === "none" ? [] : [`${sidecar} sidecar`]), ...(isPacked ? ["packed"] : [])];
  return [source, group, after, ...more].join(", ");
}

for (const setting of EVERY_STEP) {
  Deno.test(`killed after every step, each document arrives once: ${nameOf(setting)}`, async () => {
    const golden = await goldenOf(setting);
    await forEach(
      Array.from({ length: golden.steps }, (_, n) => [n + 1]),
      (kills) => killAt(setting, kills, golden),
    );
  });
}

for (const [index, setting] of SOME_STEPS.entries()) {
  Deno.test(`killed after some steps, each document arrives once: ${nameOf(setting)}`, async () => {
    const golden = await goldenOf(setting);
    const steps = Array.from({ length: golden.steps }, (_, n) => [n + 1]);
    await forEach(
      ALL ? steps : steps.filter((_, n) => n % STRIDE === index % STRIDE),
      (kills) => killAt(setting, kills, golden),
    );
  });
}

Deno.test("killed again while the next run repairs what the first kill left, each document arrives once", async () => {
  for (const setting of EVERY_STEP) {
    const golden = await goldenOf(setting);
    const pairs: number[][] = [];
    // From the middle on there is something to repair; a repairing run has fewer steps.
    const half = golden.steps >> 1;
    for (let first = half; first <= golden.steps; first++) {
      for (let second = 1; second <= half; second++) pairs.push([first, second]);
    }
    const stride = ALL ? 5 : Math.ceil(pairs.length / 6);
    await forEach(pairs.filter((_, n) => n % stride === 0), (kills) => killAt(setting, kills, golden));
  }
});

/** Mails without a document are quarantined here. */
const QUARANTINING: Setting = { source: "pop3", group: "flat", after: "delete", without: "quarantine" };

async function quarantined({ folder }: Scene): Promise<string[]> {
  // What is hidden is half made or half removed, and cleared at the next start.
  const ids = (await folder.list("var/quarantine")).filter((name) => !name.startsWith("."));
  for (const id of ids) await Deno.lstat(folder.at(`var/quarantine/${id}reason.json`));
  return await Promise.all(ids.map((id) => Deno.readTextFile(folder.at(`var/quarantine/${id}mail.eml`))));
}

Deno.test("killed after every step of quarantining, the original is stored once, whole, and then settled", async () => {
  const scene = async () => {
    const made = await makeScene(QUARANTINING);
    await made.addBare();
    await made.add(0);
    return made;
  };
  await using golden = await scene();
  const { steps } = await runMortal(golden, 0);
  const [stored = "", ...others] = await quarantined(golden);
  assert.match(stored, /No document here/);
  assert.deepEqual(others, []);
  await forEach(Array.from({ length: steps }, (_, n) => n + 1), async (step) => {
    await using killed = await scene();
    const { log } = await runMortal(killed, step);
    const last = await runMortal(killed, 0);
    const said = log + last.log;
    assert.ok(last.code <= 1, said);
    assert.deepEqual(await quarantined(killed), [stored], said);
    assert.deepEqual(await killed.waiting(), [], said);
    assert.equal((await killed.folder.list("var/cold/scene")).length, 2, said);
  });
});

Deno.test("killed after every step of a retry, what was quarantined is delivered once by the next", async () => {
  const scene = async () => {
    const made = await makeScene(QUARANTINING);
    await made.addBare();
    await runMortal(made, 0);
    await made.configure({ ...QUARANTINING, without: "deliver" });
    return made;
  };
  const retry = async (made: Scene, step: number) => {
    const [id = ""] = await made.folder.list("var/quarantine");
    return await runMortal(made, step, ["quarantine", "retry", id.replace("/", "")]);
  };
  await using golden = await scene();
  const { steps, code, log } = await retry(golden, 0);
  assert.equal(code, 0, log);
  assert.deepEqual(await quarantined(golden), []);
  await forEach(Array.from({ length: steps }, (_, n) => n + 1), async (step) => {
    await using killed = await scene();
    await using reader = new ColdReader(killed.folder.at("var/cold/scene"));
    const first = await retry(killed, step);
    await reader.take();
    const last = (await quarantined(killed)).length > 0 ? await retry(killed, 0) : await runMortal(killed, 0);
    await reader.take();
    const said = first.log + last.log;
    assert.equal(last.code, 0, said);
    assert.deepEqual([...reader.arrivals.values()], [1], said);
    assert.deepEqual(await quarantined(killed), [], said);
  });
});

Deno.test("killed after every step of delivering again, the document comes once more or not, and never twice more", async () => {
  const setting: Setting = { source: "folder", group: "flat", after: "move" };
  const scene = async () => {
    const made = await filledScene(setting);
    await runMortal(made, 0);
    return made;
  };
  const again = (id: string, made: Scene, step: number) => runMortal(made, step, ["redeliver", id]);
  const idOf = async ({ folder }: Scene) => {
    const { stdout } = await runTask("redeliver", ["scene", "--json"], { cwd: folder.path });
    const [row] = JSON.parse(stdout) as { id: string }[];
    return row?.id ?? "";
  };
  const counts = async (made: Scene) => {
    await using reader = new ColdReader(made.folder.at("var/cold/scene"));
    await reader.take();
    return [...reader.arrivals.values()].sort();
  };
  await using golden = await scene();
  const { steps, code, log } = await again(await idOf(golden), golden, 0);
  assert.equal(code, 0, log);
  assert.deepEqual(await counts(golden), [1, 1, 2]);
  await forEach(Array.from({ length: steps }, (_, n) => n + 1), async (step) => {
    await using killed = await scene();
    const id = await idOf(killed);
    const first = await again(id, killed, step);
    const next = await runMortal(killed, 0);
    const said = first.log + next.log;
    assert.equal(next.code, 0, said);
    const arrived = await counts(killed);
    assert.ok(["1,1,1", "1,1,2"].includes(arrived.join()), said);
    assert.deepEqual(await killed.folder.list("var/cold/.lanceur"), [], said);
    // Its original is still known to be where it was put.
    assert.equal((await again(id, killed, 0)).code, 0, said);
    assert.deepEqual(await counts(killed), [1]);
    assert.equal((await killed.moved()).length, ORIGINALS, said);
  });
});
