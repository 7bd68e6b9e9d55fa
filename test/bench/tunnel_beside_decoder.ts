/**
 * A whole gateway while it waits and while it decodes a large PES: small exchanges through its tunnel, `/healthz`, and
 * the memory of the gateway and its decoder together.
 */
import { TempFolder } from "../servers/temp_folder.ts";
import { writeLargePes } from "./large_pes.ts";
import { answering, freePort, type UpstreamAddress } from "./peers.ts";
import { median, writeLine } from "./table.ts";
import { pingPong, plainWay } from "./tunnel_load.ts";

const ROUNDS = 5;
const EXCHANGES = 3000;
const PES_BYTES = 300_000_000;
const LONGEST_MS = 120_000;
const HEALTH_EVERY_MS = 20;
const METADATA =
  `{"objet": "PESALR2_LARGE", "id_coll": "12345678900012", "dte_str": "2024-03-12", "has_reponse": "0", "fichier_pes": ["large.xml"]}`;

/** What one phase of a round showed. */
interface Phase {
  /** Of small exchanges through the tunnel, ms. */
  readonly ninetyNinth: number;
  /** Of `/healthz`, ms. */
  readonly health: number[];
  /** Of gateway and decoder together, bytes. */
  readonly peak: number;
}

interface Gateway {
  readonly folder: TempFolder;
  readonly pid: number;
  readonly accept: number;
  readonly status: number;
}

/** Prints percentiles, their ratios, the slowest answers and the peak of memory. */
export async function benchBesideDecoder({ port, caFile }: UpstreamAddress): Promise<void> {
  await using folder = await TempFolder.make();
  const [accept, status] = [freePort(), freePort()];
  await folder.write(
    "launchers.d/bench.conf",
    `[bench]\nclient = yes\naccept = 127.0.0.1:${accept}\nconnect = 127.0.0.1:${port}\nCAfile = ${caFile}\n`,
  );
  await folder.write(
    "launchers.d/pes.toml",
    `schedule = "@every 1s"\n[listen]\nprotocol = "adullact"\npath = "in"\nsettle = "100ms"\nafter = "delete"\n[deliver]\ncold = "pes"\n`,
  );
  await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "127.0.0.1:${status}"\n`);
  await folder.write("in/.keep", "");
  const child = startGateway(folder);
  const gateway = { folder, pid: child.pid, accept, status };
  try {
    await answering(accept);
    await answering(status);
    const quiet: Phase[] = [];
    const busy: Phase[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      quiet.push(await watched(gateway, () => pingPong(plainWay(accept), EXCHANGES)));
      await deposit(folder, round);
      busy.push(await watched(gateway, () => untilDelivered(gateway, round)));
    }
    print(quiet, busy);
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
}

function print(quiet: readonly Phase[], busy: readonly Phase[]): void {
  const phases = [["waiting", quiet], ["decoding", busy]] as const;
  writeLine(`\na gateway that waits or decodes a PES of 300 MB, ${ROUNDS} rounds: min, median, max`);
  writeLine("small exchange through the tunnel, 99th percentile (ms)");
  for (const [name, each] of phases) writeRow(name, each.map(({ ninetyNinth }) => ninetyNinth), 3);
  const ratios = busy.map(({ ninetyNinth }, round) => ninetyNinth / (quiet[round]?.ninetyNinth ?? NaN));
  writeRow("ratio", ratios, 2);
  writeLine("/healthz, slowest answer (ms)");
  for (const [name, each] of phases) writeRow(name, each.map(({ health }) => Math.max(...health)), 1);
  const all = busy.flatMap(({ health }) => health);
  const late = all.filter((ms) => ms > 50).length;
  writeLine(`${all.length} answers while decoding, ${late} of them later than 50 ms`);
  writeLine("memory of gateway and decoder together (MB, shared pages counted once)");
  // Before the first envelope there is no decoder.
  const idle = quiet[0]?.peak ?? NaN;
  writeRow("idle", [idle / 1e6], 0);
  writeRow("peak above it", busy.map(({ peak }) => (peak - idle) / 1e6), 0);
}

function writeRow(name: string, values: readonly number[], digits: number): void {
  const figures = [Math.min(...values), median(values), Math.max(...values)];
  writeLine(`${name.padEnd(24)}${figures.map((figure) => figure.toFixed(digits).padStart(9)).join("")}`);
}

function startGateway(folder: TempFolder): Deno.ChildProcess {
  const main = new URL("../../src/main.ts", import.meta.url).pathname;
  const rights = [
    "read",
    "write",
    "net",
    "env",
    "sys=hostname,osRelease,setPriority",
    `run=${Deno.execPath()}`,
  ];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...rights.map((right) => `--allow-${right}`), main, "start"],
    cwd: folder.path,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** Asks `/healthz` and looks at memory all the while `exchanges` go through the tunnel. */
async function watched(gateway: Gateway, exchanges: () => Promise<readonly number[]>): Promise<Phase> {
  const health: number[] = [];
  let peak = 0;
  let isOver = false;
  const watch = async () => {
    while (!isOver) {
      const start = performance.now();
      await (await fetch(`http://127.0.0.1:${gateway.status}/healthz`)).body?.cancel();
      health.push(performance.now() - start);
      peak = Math.max(peak, await memoryBytes(gateway.pid));
      await new Promise((resolve) => setTimeout(resolve, HEALTH_EVERY_MS));
    }
  };
  const watching = watch();
  const times = await exchanges().finally(() => isOver = true);
  await watching;
  const sorted = times.toSorted((a, b) => a - b);
  return { ninetyNinth: (sorted[Math.floor(sorted.length * 0.99)] ?? NaN) * 1000, health, peak };
}

/** Of a process and those it started. */
async function memoryBytes(pid: number): Promise<number> {
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "");
  const sizes = [pid, ...children.split(" ").filter((each) => each.trim() !== "")].map(async (each) => {
    // One that ends at this moment has none.
    const text = await Deno.readTextFile(`/proc/${each}/smaps_rollup`).catch(() => "");
    return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function deposit(folder: TempFolder, round: number): Promise<void> {
  const name = `pes-${round}`;
  await folder.write(`${name}/metadata.json`, METADATA);
  await writeLargePes(folder.at(`${name}/large.xml`), PES_BYTES);
  await folder.write(`${name}/transfert_termine.txt`, "");
  await Deno.rename(folder.at(name), folder.at(`in/${name}`));
}

/** Seconds of all exchanges that were made until the envelope had arrived. */
async function untilDelivered({ folder, accept }: Gateway, round: number): Promise<readonly number[]> {
  const times: number[] = [];
  const start = performance.now();
  while (await Deno.stat(folder.at(`in/pes-${round}`)).then(() => true, () => false)) {
    if (performance.now() - start > LONGEST_MS) throw new Error("The envelope was not delivered in time");
    times.push(...await pingPong(plainWay(accept), 300));
  }
  return times;
}
