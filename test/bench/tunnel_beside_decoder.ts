/**
 * A whole gateway while it waits and while it decodes a large PES: small exchanges through its tunnel, `/healthz`, and
 * the memory of the gateway and its decoder together.
 */
import { freePort } from "../servers/free_port.ts";
import { TempFolder } from "../servers/temp_folder.ts";
import { writeLargePes } from "./large_pes.ts";
import { answering, type UpstreamAddress } from "./peers.ts";
import { median, writeLine } from "./table.ts";
import { pingPong, plainWay } from "./tunnel_load.ts";

const ROUNDS = 3;
const EXCHANGES = 3000;
const PES_BYTES = 300_000_000;
const WATCH_MS = 3000;
const LONGEST_MS = 120_000;
const HEALTH_EVERY_MS = 20;
/** To look costs the process that is looked at a little, too. */
const MEMORY_EVERY = 5;
const METADATA =
  `{"objet": "PESALR2_LARGE", "id_coll": "12345678900012", "dte_str": "2024-03-12", "has_reponse": "0", "fichier_pes": ["large.xml"]}`;

/** What somebody saw who watched the gateway. */
interface Watch {
  /** How long `/healthz` took, ms. */
  readonly health: readonly number[];
  /** The most memory of gateway and decoder together, bytes. */
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
    const exchanges = { waiting: [] as number[], decoding: [] as number[] };
    const watches = { waiting: [] as Watch[], decoding: [] as Watch[] };
    for (let round = 0; round < ROUNDS; round++) {
      // To watch takes time of the processor: whoever counts exchanges does nothing else.
      const end = performance.now() + WATCH_MS;
      watches.waiting.push(await watched(gateway, () => performance.now() > end));
      exchanges.waiting.push(ninetyNinth(await pingPong(plainWay(accept), EXCHANGES)));
      let name = await deposit(folder, `exchanges-${round}`);
      exchanges.decoding.push(ninetyNinth(await untilDelivered(gateway, name)));
      name = await deposit(folder, `watched-${round}`);
      watches.decoding.push(await watched(gateway, () => isDelivered(folder, name)));
    }
    print(exchanges, watches);
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
}

type ByPhase<Figure> = { readonly waiting: readonly Figure[]; readonly decoding: readonly Figure[] };

function print(exchanges: ByPhase<number>, watches: ByPhase<Watch>): void {
  writeLine(`\na gateway that waits or decodes a PES of 300 MB, ${ROUNDS} rounds: min, median, max`);
  writeLine("small exchange through the tunnel, 99th percentile (ms)");
  for (const [name, values] of Object.entries(exchanges)) writeRow(name, values, 3);
  writeRow("ratio", exchanges.decoding.map((value, round) => value / (exchanges.waiting[round] ?? NaN)), 2);
  writeLine("/healthz, slowest answer (ms)");
  for (const [name, each] of Object.entries(watches)) {
    writeRow(name, each.map(({ health }: Watch) => Math.max(...health)), 1);
  }
  const answers = watches.decoding.flatMap(({ health }) => health);
  writeLine(
    `${answers.length} answers while decoding, ${answers.filter((ms) => ms > 50).length} after 50 ms`,
  );
  writeLine("memory of gateway and decoder together (MB, shared pages counted once)");
  // Before the first envelope there is no decoder.
  const idle = watches.waiting[0]?.peak ?? NaN;
  writeRow("idle", [idle / 1e6], 0);
  writeRow("peak above it", watches.decoding.map(({ peak }) => (peak - idle) / 1e6), 0);
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

/** Asks `/healthz` and looks at memory until `isOver`. */
async function watched(gateway: Gateway, isOver: () => boolean | Promise<boolean>): Promise<Watch> {
  const health: number[] = [];
  const checkTime = deadline();
  let peak = 0;
  do {
    checkTime();
    const start = performance.now();
    await (await fetch(`http://127.0.0.1:${gateway.status}/healthz`)).body?.cancel();
    health.push(performance.now() - start);
    if (health.length % MEMORY_EVERY === 1) peak = Math.max(peak, await memoryBytes(gateway.pid));
    await new Promise((resolve) => setTimeout(resolve, HEALTH_EVERY_MS));
  } while (!await isOver());
  return { health, peak };
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

/** Puts an envelope where the launcher finds it; returns its name. */
async function deposit(folder: TempFolder, name: string): Promise<string> {
  await folder.write(`${name}/metadata.json`, METADATA);
  await writeLargePes(folder.at(`${name}/large.xml`), PES_BYTES);
  await folder.write(`${name}/transfert_termine.txt`, "");
  await Deno.rename(folder.at(name), folder.at(`in/${name}`));
  return name;
}

/** Seconds of all exchanges that were made until the envelope had arrived. */
async function untilDelivered({ folder, accept }: Gateway, name: string): Promise<readonly number[]> {
  const times: number[] = [];
  const checkTime = deadline();
  while (!await isDelivered(folder, name)) {
    checkTime();
    times.push(...await pingPong(plainWay(accept), 300));
  }
  return times;
}

function deadline(): () => void {
  const end = performance.now() + LONGEST_MS;
  return () => {
    if (performance.now() > end) throw new Error(`The envelope was not delivered in ${LONGEST_MS} ms`);
  };
}

async function isDelivered(folder: TempFolder, name: string): Promise<boolean> {
  return await Deno.stat(folder.at(`in/${name}`)).then(() => false, () => true);
}

/** Of seconds, in ms. */
function ninetyNinth(seconds: readonly number[]): number {
  const sorted = seconds.toSorted((a, b) => a - b);
  return (sorted[Math.floor(sorted.length * 0.99)] ?? NaN) * 1000;
}
