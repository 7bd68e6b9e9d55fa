/** Small exchanges through the tunnel of a whole gateway, while it waits and while it decodes a large PES. */
import { TempFolder } from "../servers/temp_folder.ts";
import { writeLargePes } from "./large_pes.ts";
import { answering, freePort, type UpstreamAddress } from "./peers.ts";
import { median, writeLine } from "./table.ts";
import { pingPong, plainWay } from "./tunnel_load.ts";

const ROUNDS = 5;
const EXCHANGES = 3000;
const PES_BYTES = 300 * 1024 * 1024;
const LONGEST_MS = 60_000;
const METADATA =
  `{"objet": "PESALR2_LARGE", "id_coll": "12345678900012", "dte_str": "2024-03-12", "has_reponse": "0", "fichier_pes": ["large.xml"]}`;

/** Prints the 99th percentiles and their ratios. */
export async function benchBesideDecoder({ port, caFile }: UpstreamAddress): Promise<void> {
  await using folder = await TempFolder.make();
  const accept = freePort();
  await folder.write(
    "launchers.d/bench.conf",
    `[bench]\nclient = yes\naccept = 127.0.0.1:${accept}\nconnect = 127.0.0.1:${port}\nCAfile = ${caFile}\n`,
  );
  await folder.write(
    "launchers.d/pes.toml",
    `schedule = "@every 1s"\n[listen]\nprotocol = "adullact"\npath = "in"\nsettle = "100ms"\nafter = "delete"\n[deliver]\ncold = "pes"\n`,
  );
  await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "127.0.0.1:${freePort()}"\n`);
  await folder.write("in/.keep", "");
  const gateway = startGateway(folder);
  try {
    await answering(accept);
    const quiet: number[] = [];
    const busy: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      quiet.push(ninetyNinth(await pingPong(plainWay(accept), EXCHANGES)));
      busy.push(await whileDecoding(folder, { accept, round }));
    }
    writeLine(`\nsmall exchange, 99th percentile (ms), in a gateway that waits or decodes a PES of 300 MB`);
    for (const [name, values] of [["waiting", quiet], ["decoding", busy]] as const) {
      const figures = [Math.min(...values), median(values), Math.max(...values)];
      writeLine(`${name.padEnd(24)}${figures.map((figure) => figure.toFixed(3).padStart(9)).join("")}`);
    }
    const ratios = busy.map((value, round) => value / (quiet[round] ?? NaN));
    writeLine(
      `ratio ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${
        Math.max(...ratios).toFixed(2)
      })`,
    );
  } finally {
    gateway.kill("SIGKILL");
    await gateway.status;
  }
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

/** The percentile over all exchanges that were made until the envelope had arrived. */
async function whileDecoding(
  folder: TempFolder,
  { accept, round }: { readonly accept: number; readonly round: number },
): Promise<number> {
  const name = `pes-${round}`;
  await folder.write(`${name}/metadata.json`, METADATA);
  await writeLargePes(folder.at(`${name}/large.xml`), PES_BYTES);
  await folder.write(`${name}/transfert_termine.txt`, "");
  await Deno.rename(folder.at(name), folder.at(`in/${name}`));
  const times: number[] = [];
  const start = performance.now();
  while (!await isDelivered(folder, name)) {
    if (performance.now() - start > LONGEST_MS) throw new Error("The envelope was not delivered in a minute");
    times.push(...await pingPong(plainWay(accept), 300));
  }
  return ninetyNinth(times.sort((a, b) => a - b));
}

async function isDelivered(folder: TempFolder, name: string): Promise<boolean> {
  return await Deno.stat(folder.at(`in/${name}`)).then(() => false, () => true);
}

/** Of values sorted by size, in ms. */
function ninetyNinth(seconds: readonly number[]): number {
  return (seconds[Math.floor(seconds.length * 0.99)] ?? NaN) * 1000;
}
