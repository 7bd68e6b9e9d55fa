/**
 * `deno task torture [KILLS] [SEED]`: a gateway with a launcher of every kind and mails, files and envelopes arriving
 * all the time is killed (SIGKILL) at random moments and started again, while the document system takes away what it
 * finds. In the end every document must have arrived once. Exit code 1 when one was lost or doubled.
 */
import { setTimeout as delay } from "node:timers/promises";
import { ColdReader } from "./crash/cold_reader.ts";
import { makeScene, type Scene, type Setting } from "./crash/scenes.ts";
import { startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";

const SETTINGS: Readonly<Record<string, Setting>> = {
  "imap-flat": { source: "imap", group: "flat", after: "move" },
  "imap-zip": { source: "imap", group: "zip", after: "delete" },
  "pop3-flat": { source: "pop3", group: "flat", after: "delete" },
  "pop3-directory": { source: "pop3", group: "directory", after: "delete" },
  "folder-flat": { source: "folder", group: "flat", after: "move" },
  "folder-directory": { source: "folder", group: "directory", after: "delete" },
  "adullact-flat": { source: "adullact", group: "flat", after: "delete" },
  "adullact-directory": { source: "adullact", group: "directory", after: "move" },
};
/** Long enough for a gateway to start and poll everything once; most kills come earlier. */
const MAX_LIFE_MS = 2_000;
const MAX_BURST = 4;
const READ_EVERY_MS = 15;
const STANDSTILL_MS = 60_000;

interface Place {
  readonly name: string;
  readonly scene: Scene;
  readonly reader: ColdReader;
  readonly expected: Set<string>;
}

/** What is wrong in the end. */
interface Balance {
  readonly expected: number;
  readonly lost: number;
  readonly doubled: number;
  readonly unsettled: number;
}

const [kills = 500, seed = Date.now() % 1_000_000] = Deno.args.map(Number);
if (!Number.isInteger(kills) || !Number.isInteger(seed)) {
  writeLine("The form is: deno task torture [KILLS] [SEED]");
  Deno.exit(64);
}
let state = seed;
let originals = 0;

/** From 0 to below 1; the same ones for the same seed. */
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

function writeLine(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

async function addBurst(places: readonly Place[]): Promise<void> {
  for (const { scene, expected } of places) {
    for (let count = Math.floor(random() * (MAX_BURST + 1)); count > 0; count--) {
      for (const digest of await scene.add(originals++)) expected.add(digest);
    }
  }
}

/** One life of the gateway; documents go on arriving during it. */
async function liveAndDie(folder: TempFolder, places: readonly Place[]): Promise<string> {
  await using gateway = startTask("start", [], { cwd: folder.path });
  // Early moments more often than late ones: most of the work is done soon after the start.
  const lifeMs = MAX_LIFE_MS * random() * random();
  await delay(lifeMs / 2);
  if (random() < 0.5) await addBurst(places);
  await delay(lifeMs / 2);
  gateway.kill("SIGKILL");
  await gateway.ended;
  return gateway.log;
}

async function balanceOf(places: readonly Place[]): Promise<Balance> {
  let [expected, lost, doubled, unsettled] = [0, 0, 0, 0];
  for (const place of places) {
    expected += place.expected.size;
    unsettled += (await place.scene.waiting()).length;
    for (const digest of place.expected) {
      const count = place.reader.arrivals.get(digest) ?? 0;
      if (count === 0) lost++;
      if (count > 1) doubled++;
    }
  }
  return { expected, lost, doubled, unsettled };
}

/** Lets a gateway finish all that is left, as far as it comes. */
async function finish(folder: TempFolder, places: readonly Place[]): Promise<Balance> {
  await using gateway = startTask("start", [], { cwd: folder.path });
  // However loaded the machine is: given up only when nothing moves any more.
  for (let [left, until] = [Infinity, 0];;) {
    const { lost, unsettled } = await balanceOf(places);
    if (lost + unsettled < left) until = Date.now() + STANDSTILL_MS;
    left = lost + unsettled;
    if (left === 0 || Date.now() > until) break;
    await delay(100);
  }
  gateway.kill("SIGTERM");
  await gateway.ended;
  return await balanceOf(places);
}

async function torture(): Promise<boolean> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await TempFolder.make());
  await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "127.0.0.1:0"\n`);
  const places: Place[] = [];
  for (const [name, setting] of Object.entries(SETTINGS)) {
    const scene = stack.use(await makeScene({ ...setting, schedule: "@every 1s" }, { folder, name }));
    const reader = stack.use(new ColdReader(folder.at(`var/cold/${name}`)));
    reader.start(READ_EVERY_MS);
    places.push({ name, scene, reader, expected: new Set() });
  }
  writeLine(`${kills} kills, ${places.length} launchers, seed ${seed}`);
  const errors = new Set<string>();
  let repairs = 0;
  for (let kill = 1; kill <= kills; kill++) {
    await addBurst(places);
    const log = await liveAndDie(folder, places);
    if (/interrupt/.test(log)) repairs++;
    for (const line of log.match(/^.*(?:ERROR|WARN).*$/gm) ?? []) {
      errors.add(line.slice(25).split(/[ =]launcher=| finished=/)[0] ?? "");
    }
    if (kill % 25 !== 0 && kill !== kills) continue;
    const { expected, doubled } = await balanceOf(places);
    writeLine(
      `${kill} kills: ${expected} documents so far, ${repairs} starts had something to repair, ${doubled} doubled`,
    );
  }
  const { expected, lost, doubled, unsettled } = await finish(folder, places);
  const strays = (await folder.list("var/cold/.lanceur")).length;
  for (const error of errors) writeLine(`the log said: ${error}`);
  for (const place of places) {
    const { lost, doubled, unsettled } = await balanceOf([place]);
    if (lost + doubled + unsettled === 0) continue;
    writeLine(`${place.name}: ${lost} lost, ${doubled} doubled, ${unsettled} originals not settled`);
  }
  writeLine(
    `${kills} kills, ${originals} originals, ${expected} documents: ${lost} lost, ${doubled} doubled, ` +
      `${unsettled} originals not settled, ${strays} left in staging`,
  );
  return lost + doubled + unsettled + strays === 0;
}

Deno.exit(await torture() ? 0 : 1);
