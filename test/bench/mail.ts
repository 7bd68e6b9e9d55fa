/**
 * A mailbox of 2 000 mails of 4 KB fetched whole from a Dovecot over TLS: Lanceur through its tunnel, delivered and in
 * the ledger; the others into a Maildir, fetchmail to a program for each mail. Whole processes are timed, start included.
 * Then mpop and Lanceur again on a slower disk: both sync what they write, one mail by mail, the other a batch at a time, and
 * a virtual disk answers before anything is safe.
 */
import { join } from "node:path";
import { errorText } from "../../src/errors.ts";
import { numberedMails } from "../fixtures/numbered_mails.ts";
import { isInstalled } from "../servers/installed.ts";
import { startDovecot, whyNoDovecot } from "../servers/dovecot.ts";
import { TempFolder } from "../servers/temp_folder.ts";
import { fetchmail, getmail, isync, mpop } from "./mail_peers.ts";
import { countFiles, measure, taskCommand, type Usage, writeLauncher } from "./mail_setup.ts";
import { printTimings, type Timings, writeLine } from "./table.ts";

const OURS = "lanceur";
const MAIL_COUNT = 2000;
const MAIL_BYTES = 3000;
const ROUNDS = 5;
/** Those that take ten times as long: fewer rounds tell enough. */
const SLOW_ROUNDS = 2;
const GETMAIL_COUNT = 100;
/** What a flush takes longer: that of a solid-state disk without a capacitor; a rotating one takes five times as long. */
const FLUSH_MS = 2;

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
    name: OURS,
    leaves: ["var"],
    arrive: `var/cold/${name}`,
    prepare: () => Promise.resolve(taskCommand("run", name, "--json")),
  });
  const maildir = { leaves: ["mpop", "mpop-uidls"], arrive: "mpop/new" };
  const pop3 = [
    { name: "mpop", ...maildir, prepare: () => mpop(folder, dovecot) },
    lanceur("pop3"),
  ];
  await compare("POP3 over TLS", folder, [
    ...pop3,
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
  const why = whyNoSlowDisk();
  if (why !== undefined) writeLine(`\nNot run with a slower disk: ${why}`);
  else {await compare(
      `POP3 over TLS, each flush of the disk ${FLUSH_MS} ms longer`,
      folder,
      pop3.map(onSlowDisk),
    );}
  await compare("IMAP over TLS", folder, [
    { name: "isync", leaves: ["isync"], arrive: "isync/INBOX/cur", prepare: () => isync(folder, dovecot) },
    lanceur("imap"),
  ]);
}

function onSlowDisk(contender: Contender): Contender {
  const calls = "fsync,fdatasync";
  return {
    ...contender,
    rounds: SLOW_ROUNDS,
    async prepare() {
      const command = await contender.prepare();
      const delay = ["-e", `trace=${calls}`, "-e", `inject=${calls}:delay_exit=${FLUSH_MS * 1000}`];
      return command && ["strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", ...delay, ...command];
    },
  };
}

function whyNoSlowDisk(): string | undefined {
  return isInstalled("strace") ? undefined : "strace is not installed";
}

/** The first one is the reference. */
async function compare(
  what: string,
  folder: TempFolder,
  contenders: readonly Contender[],
): Promise<void> {
  const usages: Record<string, (Usage | undefined)[]> = {};
  const failed = new Set<Contender>();
  for (const { name } of contenders) usages[name] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Another one begins each time: what the one before left in caches must not always help the same.
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(turn + round) % contenders.length];
      if (!contender || failed.has(contender) || round >= (contender.rounds ?? ROUNDS)) continue;
      try {
        const usage = await run(contender, folder);
        if (usage) usages[contender.name]?.push(usage);
      } catch (error) {
        if (contender.name === OURS) throw error;
        failed.add(contender);
        writeLine(`${contender.name} is left out: ${errorText(error)}`);
      }
    }
  }
  const of = (figure: (usage: Usage) => number): Timings =>
    Object.fromEntries(
      Object.entries(usages).map(([name, all]) => [name, all.flatMap((usage) => usage ? figure(usage) : [])]),
    );
  const [reference] = contenders;
  const title = `${MAIL_COUNT} mails of 4 KB, ${what}`;
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
