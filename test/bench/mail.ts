/**
 * A mailbox of 2 000 mails of 4 KB fetched whole from a Dovecot over TLS: Lanceur through its tunnel, delivered and in
 * the ledger; the others into a Maildir, fetchmail to a program for each mail. Whole processes are timed, start included.
 */
import { join } from "node:path";
import { numberedMails } from "../fixtures/numbered_mails.ts";
import { startDovecot, whyNoDovecot } from "../servers/dovecot.ts";
import { TempFolder } from "../servers/temp_folder.ts";
import { fetchmail, getmail, isync, mpop } from "./mail_peers.ts";
import { countFiles, measure, taskCommand, type Usage, writeLauncher } from "./mail_setup.ts";
import { printTimings, type Timings, writeLine } from "./table.ts";

const MAIL_COUNT = 2000;
const MAIL_BYTES = 3000;
const ROUNDS = 5;
/** Those that take ten times as long: fewer rounds tell enough. */
const SLOW_ROUNDS = 2;
const GETMAIL_COUNT = 100;

interface Contender {
  readonly name: string;
  /** What it leaves in the folder. */
  readonly leaves: readonly string[];
  /** Where mails or documents arrive. */
  readonly arrive: string;
  readonly rounds?: number;
  readonly count?: number;
  prepare(): Promise<readonly [string, ...string[]] | undefined>;
}

/** Runs the programs that are installed in turn, and prints a table for each protocol. */
export async function benchMail(): Promise<void> {
  const reason = whyNoDovecot();
  if (reason !== undefined) return writeLine(`Cannot run: ${reason}`);
  await using dovecot = await startDovecot();
  await using folder = await TempFolder.make();
  await dovecot.seed([...numberedMails(MAIL_COUNT, MAIL_BYTES)].map(({ raw }) => raw));
  for (const protocol of ["pop3", "imap"] as const) {
    await writeLauncher(folder, { dovecot, name: protocol, launcher: { protocol } });
  }
  const lanceur = (name: string): Contender => ({
    name: "lanceur",
    leaves: ["var"],
    arrive: `var/cold/${name}`,
    prepare: () => Promise.resolve(taskCommand("run", name, "--json")),
  });
  const maildir = { leaves: ["mpop", "mpop-uidls"], arrive: "mpop/new" };
  await compare("POP3", folder, [
    { name: "mpop", ...maildir, prepare: () => mpop(folder, dovecot) },
    lanceur("pop3"),
    { name: "mpop, no pipelining", ...maildir, prepare: () => mpop(folder, dovecot, "off") },
    {
      name: "fetchmail",
      leaves: ["fetchmail", "fetchids"],
      arrive: "fetchmail",
      rounds: SLOW_ROUNDS,
      prepare: () => fetchmail(folder, dovecot),
    },
    {
      name: `getmail6, ${GETMAIL_COUNT} mails`,
      leaves: ["getmail"],
      arrive: "getmail/new",
      rounds: 1,
      count: GETMAIL_COUNT,
      prepare: () => getmail(folder, dovecot, GETMAIL_COUNT),
    },
  ]);
  await compare("IMAP", folder, [
    { name: "isync", leaves: ["isync"], arrive: "isync/INBOX/cur", prepare: () => isync(folder, dovecot) },
    lanceur("imap"),
  ]);
}

/** The first one is the reference. */
async function compare(
  protocol: string,
  folder: TempFolder,
  contenders: readonly Contender[],
): Promise<void> {
  const usages: Record<string, (Usage | undefined)[]> = {};
  for (const { name } of contenders) usages[name] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Another one begins each time: what the one before left in caches must not always help the same.
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(turn + round) % contenders.length];
      if (!contender || round >= (contender.rounds ?? ROUNDS)) continue;
      const usage = await run(contender, folder);
      if (usage) usages[contender.name]?.push(usage);
    }
  }
  const of = (figure: (usage: Usage) => number): Timings =>
    Object.fromEntries(
      Object.entries(usages).map(([name, all]) => [name, all.flatMap((usage) => usage ? figure(usage) : [])]),
    );
  const [reference] = contenders;
  const title = `${MAIL_COUNT} mails of 4 KB, ${protocol} over TLS, ${ROUNDS} rounds`;
  printTimings(title, of(({ seconds }) => seconds), reference?.name ?? "");
  printTimings("Seconds of processor time", of(({ cpuSeconds }) => cpuSeconds), reference?.name ?? "");
}

async function run(contender: Contender, folder: TempFolder): Promise<Usage | undefined> {
  const { name, leaves, arrive, count = MAIL_COUNT } = contender;
  // Moved away, not removed: for minutes ext4 passes over each inode that was freed, whoever makes a file then.
  const away = await Deno.makeTempDir({ dir: folder.path, prefix: "away-" });
  for (const left of leaves) await Deno.rename(folder.at(left), join(away, left)).catch(() => {});
  const command = await contender.prepare();
  if (!command) return undefined;
  const usage = await measure(command, folder.path);
  const arrived = await countFiles(folder.at(arrive));
  if (arrived !== count) throw new Error(`${name}: ${arrived} of ${count} mails arrived`);
  return usage;
}
