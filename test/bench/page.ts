/**
 * The status page under load: how long `/metrics`, `/` and `/api/status` take while 50 launchers poll once a second and
 * deliver, and how soon an open event stream hears that a launcher fails.
 */
import { join } from "node:path";
import { freePort } from "../servers/free_port.ts";
import { startTask } from "../servers/program.ts";
import { TempFolder } from "../servers/temp_folder.ts";
import { median, writeLine } from "./table.ts";

const LAUNCHERS = 50;
const FILES = 200;
const ASKED = 100;
const PATHS = ["/metrics", "/", "/api/status", "/healthz"];

const launcherText = (name: string) =>
  `schedule = "@every 1s"
[listen]
protocol = "folder"
path = "var/in/${name}"
settle = "1ms"
after = "delete"
[deliver]
cold = "${name}"
`;

/** Runs it; nothing to choose from. */
export async function benchPage(): Promise<void> {
  await using folder = await TempFolder.make();
  const port = freePort();
  await folder.write(
    "launchers.d/gateway.toml",
    `[status]\nlisten = "127.0.0.1:${port}"\n[log]\nlevel = "warn"\n`,
  );
  const names = Array.from({ length: LAUNCHERS }, (_, number) => `launcher-${number}`);
  for (const name of names) {
    await folder.write(`launchers.d/${name}.toml`, launcherText(name));
    for (let file = 0; file < FILES; file += 1) {
      await folder.write(`var/in/${name}/${file}.txt`, `${name} ${file}`);
    }
  }
  await using gateway = startTask("start", [], { cwd: folder.path });
  await answering(`http://127.0.0.1:${port}/healthz`);
  writeLine(
    `${LAUNCHERS} launchers poll once a second and deliver ${
      LAUNCHERS * FILES
    } files; milliseconds of ${ASKED} answers`,
  );
  writeLine(
    `${"asked".padEnd(14)}${"median".padStart(9)}${"95 %".padStart(9)}${"most".padStart(9)}${
      "bytes".padStart(10)
    }`,
  );
  const answers = await askInTurn(`http://127.0.0.1:${port}`);
  for (const [path, { times, bytes }] of answers) {
    const figures = [
      median(times),
      times.toSorted((a, b) => a - b)[Math.floor(ASKED * 0.95)] ?? NaN,
      Math.max(...times),
    ];
    writeLine(
      `${path.padEnd(14)}${figures.map((ms) => ms.toFixed(1).padStart(9)).join("")}${
        String(bytes).padStart(10)
      }`,
    );
  }
  const late = await untilRed(`http://127.0.0.1:${port}`, folder);
  writeLine(
    `an open page hears that a launcher fails ${
      late.toFixed(0)
    } ms after its folder has gone (it polls once a second)`,
  );
  gateway.kill("SIGTERM");
  await gateway.ended;
}

async function answering(url: string): Promise<void> {
  for (;;) {
    const isUp = await fetch(url).then((response) => response.text(), () => undefined);
    if (isUp !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

interface Answers {
  readonly times: number[];
  bytes: number;
}

/** In turn, so that each meets the same load. */
async function askInTurn(url: string): Promise<ReadonlyMap<string, Answers>> {
  const answers = new Map(PATHS.map((path): [string, Answers] => [path, { times: [], bytes: 0 }]));
  for (let round = 0; round < ASKED; round += 1) {
    for (const [path, answer] of answers) {
      const startMs = performance.now();
      const response = await fetch(`${url}${path}`, { headers: { accept: "text/html" } });
      answer.bytes = (await response.bytes()).length;
      answer.times.push(performance.now() - startMs);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return answers;
}

/** What an open page does: it listens, and asks anew at each event. */
async function untilRed(url: string, folder: TempFolder): Promise<number> {
  const stop = new AbortController();
  const response = await fetch(`${url}/events`, { signal: stop.signal });
  const events = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  await Deno.remove(join(folder.path, "var/in/launcher-0"), { recursive: true });
  await Deno.writeTextFile(join(folder.path, "var/in/launcher-0"), "no folder");
  const startMs = performance.now();
  try {
    while (!(await events?.read())?.done) {
      if (/badge bad/.test(await (await fetch(`${url}/`)).text())) return performance.now() - startMs;
    }
    return NaN;
  } finally {
    stop.abort();
  }
}
