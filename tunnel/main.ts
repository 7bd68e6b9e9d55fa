/** The tunnel as a program: takes the place of `stunnel FILE.conf`. */
import {
  type ConfProblem,
  readStunnelConf,
  type ServiceOptions,
  startTunnel,
  type TunnelLogEntry,
  usualThreads,
} from "./mod.ts";
import { printable } from "./stunnel_values.ts";

const HELP = `Usage: deno task tunnel [--check] FILE.conf...

Plain local ports for programs without TLS, verified TLS to the outside: takes the place of "stunnel FILE.conf".

  --check   say what is wrong with the files, and start nothing
  --help    say this

Examples:
  deno task tunnel launchers.d/gmail.conf
  deno task tunnel --check /etc/stunnel/stunnel.conf

SIGHUP reads the files again (faulty ones leave everything as it is), SIGTERM and SIGINT end.
Exit: 0; 78 when nothing can run, or with --check when something is wrong; 64 for a wrong command line.
`;

const EX_CONFIG = 78;
const EX_USAGE = 64;
const GRACE_MS = 10_000;

if (import.meta.main) Deno.exit(await main(Deno.args));

/** Runs until a signal ends it, and returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    write(Deno.stdout, HELP);
    return 0;
  }
  const files = args.filter((argument) => !argument.startsWith("--"));
  const unknown = args.find((argument) => argument.startsWith("--") && argument !== "--check");
  if (files.length === 0 || unknown !== undefined) {
    const fault = unknown === undefined
      ? "Which FILE.conf?"
      : `Cannot use ${unknown}: there are --check and --help`;
    write(Deno.stderr, `${fault}\n\n${HELP}`);
    return EX_USAGE;
  }
  const { services, problems } = await readAll(files);
  for (const problem of problems) write(Deno.stderr, formatProblem(problem));
  if (args.includes("--check")) return services.length === 0 || problems.some(isError) ? EX_CONFIG : 0;
  if (services.length === 0) {
    say("error", "Cannot run: no section of these files can be used");
    return EX_CONFIG;
  }
  await using tunnel = await startTunnel({
    services,
    log: (entry) => void writeEntry(entry),
    threads: usualThreads(),
  });
  let ending = false;
  await until(async () => {
    if (ending) say("error", "Cannot reload: the tunnel is ending");
    else await reload(files, (next) => tunnel.reload(next));
  });
  ending = true;
  say("info", "ending: no new connections, open ones have 10 seconds");
  await tunnel.drain(GRACE_MS);
  return 0;
}

async function readAll(
  files: readonly string[],
): Promise<{ services: ServiceOptions[]; problems: ConfProblem[] }> {
  const readings = await Promise.all(files.map((file) => readStunnelConf(file)));
  return {
    services: readings.flatMap((reading) => reading.services),
    problems: readings.flatMap((reading) => reading.problems),
  };
}

async function reload(
  files: readonly string[],
  apply: (services: ServiceOptions[]) => Promise<void>,
): Promise<void> {
  const { services, problems } = await readAll(files);
  for (const problem of problems) write(Deno.stderr, formatProblem(problem));
  if (services.length === 0 || problems.some(isError)) {
    say("error", "Cannot reload: the files are faulty; everything stays as it is");
    return;
  }
  await apply(services);
  say("info", "reloaded");
}

/** Resolves when the process is told to end. A second such signal changes nothing: service managers send it twice. */
function until(onReload: () => Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    Deno.addSignalListener("SIGINT", () => resolve());
    if (Deno.build.os === "windows") return;
    Deno.addSignalListener("SIGTERM", () => resolve());
    Deno.addSignalListener("SIGHUP", () => void onReload());
  });
}

function isError({ severity }: ConfProblem): boolean {
  return severity === "error";
}

function formatProblem({ severity, file, line, section, message, remedy }: ConfProblem): string {
  const place = `${file}${line === undefined ? "" : `:${line}`}${
    section === undefined ? "" : ` [${section}]`
  }`;
  const said = `${severity.toUpperCase()} ${place}: ${message}`;
  // Names of sections may hold what moves the cursor.
  const lines = [said, ...(remedy === undefined ? [] : [`  ${remedy}`])];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

function say(level: TunnelLogEntry["level"], message: string): void {
  writeEntry({ level, message, properties: {} });
}

function writeEntry({ level, message, properties }: TunnelLogEntry): void {
  if (level === "debug") return;
  const facts = Object.entries(properties).map(([name, value]) => {
    return ` ${name}=${JSON.stringify(Array.isArray(value) ? value.join("; ") : value)}`;
  }).join("");
  write(Deno.stderr, `${new Date().toISOString()} ${level.toUpperCase()} ${message}${facts}\n`);
}

function write(stream: typeof Deno.stderr, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let written = 0; written < bytes.length;) written += stream.writeSync(bytes.subarray(written));
  } catch (error) {
    // A log nobody reads any more must not end the tunnel.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
