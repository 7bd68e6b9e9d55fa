/**
 * Large PES in the decoder process beside lxml and xmllint on the same files, many small envelopes through a whole
 * launcher, and what a gateway that decodes a large one does to memory, page and tunnel.
 */
import { createDecoder } from "../../src/decoder/client.ts";
import { runTask } from "../servers/program.ts";
import { TempFolder } from "../servers/temp_folder.ts";
import { type PesFilling, writeLargePes } from "./large_pes.ts";
import { median, printTimings, type Timings, writeLine } from "./table.ts";
import { startUpstream } from "./tunnel.ts";
import { benchBesideDecoder } from "./tunnel_beside_decoder.ts";

const ROUNDS = 3;
const MB = 1_000_000;
const FILES: readonly { readonly bytes: number; readonly filling: PesFilling }[] = [
  { bytes: 128 * MB, filling: "attachments" },
  { bytes: 300 * MB, filling: "attachments" },
  { bytes: 128 * MB, filling: "pièces" },
];
const TICKS_A_SECOND = 100;
const SMALL_ENVELOPES = 1000;
const LANCEUR = "Lanceur, all of it";
const FIXTURES = new URL("../fixtures/envelopes/messages/helios/", import.meta.url);

/** Runs everything, or with arguments only the parts whose title contains one of them. */
export async function benchEnvelopes(only: readonly string[] = []): Promise<void> {
  const chosen = (title: string) => only.length === 0 || only.some((part) => title.includes(part));
  for (const { bytes, filling } of FILES) {
    const title = `PES of ${bytes / MB} MB full of ${filling}`;
    if (chosen(title)) await benchPes(title, bytes, filling);
  }
  if (chosen("small envelopes")) await benchSmall();
  if (!chosen("beside a decoder")) return;
  await using folder = await TempFolder.make();
  await using upstream = await startUpstream(folder);
  await benchBesideDecoder(upstream.small);
}

async function benchPes(title: string, bytes: number, filling: PesFilling): Promise<void> {
  await using folder = await TempFolder.make();
  const path = folder.at("large.xml");
  await writeLargePes(path, bytes, filling);
  await using decoder = createDecoder({ read: [folder.path], write: [folder.path] });
  await decoder.ready();
  const python = await findPython();
  const script = new URL("iterparse.py", import.meta.url).pathname;
  const programs: Readonly<Record<string, ((into: string) => Promise<unknown>) | undefined>> = {
    [LANCEUR]: (into) => decoder.decode(path, { into }),
    "lxml, read only": python === undefined ? undefined : () => run(python, [script, path]),
    "lxml, extracting": python === undefined ? undefined : (into) => run(python, [script, path, into]),
    "xmllint, read only": () => run("xmllint", ["--noout", "--huge", "--stream", path]),
  };
  const elapsed: Record<string, number[]> = Object.fromEntries(
    Object.keys(programs).map((name) => [name, []]),
  );
  const cpu: typeof elapsed = structuredClone(elapsed);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, program] of rotated(Object.entries(programs), round)) {
      if (program === undefined) continue;
      const into = folder.at("out");
      await Deno.mkdir(into);
      const [start, before] = [performance.now(), await childrensCpu()];
      await program(into);
      elapsed[name]?.push((performance.now() - start) / 1000);
      cpu[name]?.push(await childrensCpu() - before);
      await Deno.remove(into, { recursive: true });
    }
  }
  printTimings(`${title}, ${ROUNDS} rounds, order rotated; ratio: time against Lanceur's`, elapsed, LANCEUR);
  printTimings("the same, time of the processor (the decoder gives way to others)", cpu, LANCEUR);
  writeLine(`${LANCEUR}: ${speeds(elapsed, bytes)}; by time of the processor ${speeds(cpu, bytes)}`);
}

/** Seconds of the processor that processes started here have taken, those that have ended and those that run. */
async function childrensCpu(): Promise<number> {
  const ticks = (stat: string, from: number, count: number) =>
    stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(from, from + count).reduce(
      (sum, each) => sum + Number(each),
      0,
    );
  const pids = (await Deno.readTextFile(`/proc/self/task/${Deno.pid}/children`)).trim().split(" ").filter((
    pid,
  ) => pid);
  const running = await Promise.all(
    pids.map(async (pid) => ticks(await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => ")"), 11, 2)),
  );
  const ended = ticks(await Deno.readTextFile("/proc/self/stat"), 13, 2);
  return (ended + running.reduce((sum, each) => sum + each, 0)) / TICKS_A_SECOND;
}

function speeds(timings: Timings, bytes: number): string {
  const all = (timings[LANCEUR] ?? []).map((seconds) => bytes / MB / seconds);
  const [least, usual, most] = [Math.min(...all), median(all), Math.max(...all)];
  return `${usual.toFixed(0)} MB/s (${least.toFixed(0)} to ${most.toFixed(0)})`;
}

function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, {
    args: [...args],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
}

/** A Python that has lxml. */
async function findPython(): Promise<string | undefined> {
  for (const program of ["python3", "/usr/bin/python3"]) {
    if (await run(program, ["-c", "import lxml"]).then(() => true, () => false)) return program;
  }
  return undefined;
}

/** Deposits with a PES, its acquit and metadata, delivered and in the ledger: the program from start to end. */
async function benchSmall(): Promise<void> {
  const [message, acquit] = await Promise.all(
    ["pes-depense.xml", "acquit-v2-ok.xml"].map(async (name) =>
      new TextDecoder("iso-8859-1").decode(await Deno.readFile(new URL(name, FIXTURES)))
    ),
  );
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await using folder = await TempFolder.make();
    await folder.write(
      "launchers.d/pes.toml",
      '[listen]\nprotocol = "adullact"\npath = "in"\nsettle = "1ms"\n[deliver]\ncold = "pes"\n',
    );
    for (let n = 0; n < SMALL_ENVELOPES; n++) {
      const numbered = (text = "") =>
        Uint8Array.from(
          text.replaceAll("PESALR2_DEPENSE", `PESALR2_${n}`),
          (character) => character.charCodeAt(0),
        );
      await folder.write(`in/pes-${n}/pes.xml`, numbered(message));
      await folder.write(`in/pes-${n}/pes_ACK.xml`, numbered(acquit));
      await folder.write(
        `in/pes-${n}/metadata.json`,
        `{"id_coll":"12345678900012","cod_bud":"00","fichier_pes":["pes.xml"],"fichier_reponse":["pes_ACK.xml"]}`,
      );
      await folder.write(`in/pes-${n}/fichier_termine.txt`, "");
    }
    const start = performance.now();
    const { code, stdout, stderr } = await runTask("run", ["pes", "--json"], { cwd: folder.path });
    seconds.push((performance.now() - start) / 1000);
    if (code !== 0 || JSON.parse(stdout).delivered !== SMALL_ENVELOPES) throw new Error(stderr);
  }
  const perMinute = seconds.map((each) => SMALL_ENVELOPES / each * 60).map((each) => each.toFixed(0));
  writeLine(`\n${SMALL_ENVELOPES} small envelopes, start of the program included, ${ROUNDS} rounds`);
  writeLine(`seconds ${seconds.map((each) => each.toFixed(2)).join(", ")}; a minute ${perMinute.join(", ")}`);
}
