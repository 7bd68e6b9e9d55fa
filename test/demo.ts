/** `deno task demo`: the whole chain on one machine, with nothing installed, in a folder of its own. */
import { resolve } from "node:path";
import { parseArgs, styleText } from "node:util";
import { EXIT, print, printError, problemText } from "../src/commands/output.ts";
import { readConfiguration } from "../src/config/mod.ts";
import { Gateway } from "../src/gateway.ts";
import { configureLog } from "../src/log.ts";
import { onSignals } from "../src/signals.ts";
import { DemoFolder, dropSamples, sampleEnvelopes, writeLaunchers } from "./demo/folder.ts";
import { type MailServer, startMailServer } from "./demo/mail_server.ts";
import { invoiceMails, letterMails } from "./demo/mails.ts";
import { choosePort, readGreeting } from "./demo/ports.ts";
import { Teller } from "./demo/teller.ts";

const HELP =
  `The whole chain on one machine: an embedded mail server behind TLS, a tunnel to it, launchers, the COLD,
the status page. Nothing has to be installed or configured.

  deno task demo [--once] [--folder DIR]

  --once         ends when everything has been delivered; otherwise the page stays up until Ctrl+C
  --folder DIR   works in DIR, new or empty, and leaves it there; otherwise in a temporary folder, removed at the end
  --help`;

/** Far more than a slow machine needs; without it a fault would let --once wait for ever. */
const PATIENCE_MS = 60_000;

interface Options {
  readonly once: boolean;
  readonly folder?: string;
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === "number") return options;
  const stopped = Promise.withResolvers<"stopped">();
  // Kept to the end: task runners send a signal twice, and the second one must not cut the cleaning short.
  onSignals(() => stopped.resolve("stopped"));
  try {
    await using folder = await DemoFolder.make(options.folder && resolve(options.folder));
    return await show(folder, { once: options.once, stopped: stopped.promise });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    printError(`Cannot use folder "${error.message}" for the demo: it is not empty; name a new one`);
    return EXIT.usage;
  }
}

/** The options, or the exit code when there is nothing to run. */
function readOptions(args: readonly string[]): Options | number {
  try {
    const { values: { help, once = false, folder } } = parseArgs({
      args: [...args],
      options: {
        once: { type: "boolean" },
        folder: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (!help) return folder === undefined ? { once } : { once, folder };
    print(HELP);
    return EXIT.ok;
  } catch (error) {
    printError(`Cannot read the command line: ${error instanceof Error ? error.message : error}\n\n${HELP}`);
    return EXIT.usage;
  }
}

/** Starts everything, tells what happens, and stays until it is over. */
async function show(
  folder: DemoFolder,
  { once, stopped }: { once: boolean; stopped: Promise<"stopped"> },
): Promise<number> {
  configureLog({ level: "error", format: "text" });
  await using server = await startMailServer();
  const ports = { status: await choosePort(8025), tunnel: await choosePort(1110) };
  const launchers = await writeLaunchers(folder.path, server, ports);
  const configuration = await readConfiguration(launchers);
  for (const problem of configuration.problems) printError(problemText(problem));

  const startedMs = Date.now();
  const gateway = await Gateway.start(configuration);
  try {
    await introduce(folder, { server, tunnelPort: ports.tunnel });
    using teller = new Teller(gateway, {
      subjects: server.subjects,
      expected: {
        factures: invoiceMails.length,
        courrier: letterMails.length,
        inbox: 1,
        adullact: (await sampleEnvelopes()).length,
      },
      print,
    });
    await dropSamples(folder.path);
    const end = await Promise.race([teller.complete, stopped, patience(), gateway.finished]);
    if (end === "stopped") return EXIT.ok;
    const isWell = end === undefined && teller.count("failed") + teller.count("quarantined") === 0;
    sumUp(teller, { isWell, seconds: (Date.now() - startedMs) / 1000 });
    if (once) return isWell ? EXIT.ok : EXIT.failed;
    invite(folder, ports.status);
    await Promise.race([stopped, gateway.finished]);
    return EXIT.ok;
  } finally {
    gateway.stop();
    await gateway.finished;
    print(
      folder.isTemporary ? `Stopped; ${folder.path} is removed.` : `Stopped; all is left in ${folder.path}`,
    );
  }
}

async function introduce(
  folder: DemoFolder,
  { server, tunnelPort }: { server: MailServer; tunnelPort: number },
): Promise<void> {
  print(styleText("bold", "Lanceur: the whole chain on this machine"));
  print(`  folder       ${folder.path}`);
  print(
    `  mail server  POP3S on ${server.pop3Port}, IMAPS on ${server.imapPort}, certificate of a private authority`,
  );
  print(`  tunnel       127.0.0.1:${tunnelPort} says "${await readGreeting(tunnelPort)}"`);
  print("");
}

function sumUp(teller: Teller, { isWell, seconds }: { isWell: boolean; seconds: number }): void {
  const counts = (["delivered", "skipped", "quarantined", "failed"] as const)
    .map((kind) => `${teller.count(kind)} ${kind}`).join(", ");
  const text = `${counts}; ${teller.documents} files in the COLD after ${seconds.toFixed(1)} s`;
  print(`\n${styleText(isWell ? "green" : "red", isWell ? "All is well" : "Not well")}: ${text}`);
}

function invite(folder: DemoFolder, statusPort: number): void {
  print(`\nStatus page: http://127.0.0.1:${statusPort}/`);
  print(`Drop a file into ${folder.path}/var/inbox and see it arrive. Ctrl+C ends the demo.`);
}

/** Resolves with an error when nothing more can be expected. */
async function patience(): Promise<Error> {
  const { promise, resolve } = Promise.withResolvers<Error>();
  const timer = setTimeout(() => resolve(new Error("The demo has not come to its end")), PATIENCE_MS);
  Deno.unrefTimer(timer);
  return await promise;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
