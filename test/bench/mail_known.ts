/**
 * A mailbox of 10 000 mails by IMAP over TLS in which nothing is new: how long it takes to know that. Whole processes
 * are timed, start included; Lanceur's own figure for the poll alone, without that start, stands beside. getmail6 is left out: it starts a process for
 * each mail, and would take half an hour to get to where nothing is new.
 */
import { numberedMails } from "../fixtures/numbered_mails.ts";
import { type Dovecot, startDovecot, whyNoDovecot } from "../servers/dovecot.ts";
import { TempFolder } from "../servers/temp_folder.ts";
import { startTask } from "../servers/program.ts";
import { countFiles, measure, taskCommand, writeLauncher } from "./mail_setup.ts";
import { isync } from "./mail_peers.ts";
import { printTimings, writeLine } from "./table.ts";

const MAIL_COUNT = 10_000;
const ROUNDS = 5;

/** Runs the programs that are installed in turn, and prints a table. */
export async function benchKnown(): Promise<void> {
  const reason = whyNoDovecot();
  if (reason !== undefined) return writeLine(`Cannot run: ${reason}`);
  await using dovecot = await startDovecot();
  await using folder = await TempFolder.make();
  await dovecot.seed([...numberedMails(MAIL_COUNT, 600)].map(({ raw }) => raw));
  await writeLauncher(folder, { dovecot, name: "known", launcher: { protocol: "imap" } });
  const contenders = {
    lanceur: taskCommand("run", "known", "--json"),
    isync: await isync(folder, dovecot),
  };
  const timings: Record<string, number[]> = Object.fromEntries(
    Object.keys(contenders).map((name) => [name, []]),
  );
  for (const command of Object.values(contenders)) if (command) await measure(command, folder.path);
  const delivered = await countFiles(folder.at("var/cold/known"));
  if (delivered !== MAIL_COUNT) throw new Error(`${delivered} of ${MAIL_COUNT} mails were delivered`);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, command] of Object.entries(contenders)) {
      if (command) timings[name]?.push((await measure(command, folder.path)).seconds);
    }
  }
  timings["lanceur, poll alone"] = await polls(folder, dovecot);
  printTimings(`${MAIL_COUNT} mails by IMAP over TLS, nothing new, ${ROUNDS} rounds`, timings, "lanceur");
}

/** Seconds of each poll of a gateway that runs, by its own log: connecting and signing in included. */
async function polls(folder: TempFolder, dovecot: Dovecot): Promise<number[]> {
  await writeLauncher(folder, {
    dovecot,
    name: "known",
    launcher: { protocol: "imap", schedule: "@every 1s" },
  });
  await folder.write(
    "launchers.d/gateway.toml",
    '[status]\nlisten = "127.0.0.1:0"\n[log]\nlevel = "debug"\nformat = "json"\n',
  );
  await using gateway = startTask("start", [], { cwd: folder.path });
  const seconds = () => [...gateway.log.matchAll(/"durationMs":(\d+)/g)].map(([, ms]) => Number(ms) / 1000);
  await gateway.logged('"known":10000');
  while (seconds().length < ROUNDS) await new Promise((resolve) => setTimeout(resolve, 100));
  gateway.kill("SIGTERM");
  await gateway.ended;
  return seconds().slice(0, ROUNDS);
}
