/**
 * A mailbox of 2 000 mails fetched whole from a Dovecot by POP3 over TLS: Lanceur through its tunnel, delivered and in
 * the ledger; mpop into a Maildir; fetchmail to a program for each mail. Whole processes are timed, start included.
 */
import { join } from "node:path";
import { numberedMails } from "../fixtures/numbered_mails.ts";
import { type Dovecot, startDovecot, whyNoDovecot } from "../servers/dovecot.ts";
import { TempFolder } from "../servers/temp_folder.ts";
import { printTimings, writeLine } from "./table.ts";

const MAIL_COUNT = 2000;
const MAIL_BYTES = 3000;
const ROUNDS = 7;
/** fetchmail takes ten times as long: fewer rounds tell enough. */
const SLOW_ROUNDS = 2;

interface Contender {
  readonly name: string;
  readonly rounds: number;
  /** Makes everything as if nothing had been fetched yet. */
  reset(): Promise<void>;
  readonly command: readonly [string, ...string[]];
  /** How many mails arrived. */
  arrived(): Promise<number>;
}

/** Runs the programs that are installed in turn, and prints a table. */
export async function benchMail(): Promise<void> {
  const reason = whyNoDovecot();
  if (reason !== undefined) return writeLine(`Cannot run: ${reason}`);
  await using dovecot = await startDovecot();
  await using folder = await TempFolder.make();
  await dovecot.seed([...numberedMails(MAIL_COUNT, MAIL_BYTES)].map(({ raw }) => raw));
  const contenders = [
    await lanceur(folder, dovecot),
    await mpop(folder, dovecot),
    await fetchmail(folder, dovecot),
  ];
  const timings: Record<string, number[]> = Object.fromEntries(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    // Another one begins each time: what the one before left in caches must not always help the same.
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(turn + round) % contenders.length];
      if (!contender || round >= contender.rounds || !await isInstalled(contender.command[0])) continue;
      timings[contender.name]?.push(await timed(contender, folder));
    }
  }
  printTimings(
    `${MAIL_COUNT} mails of ${MAIL_BYTES} bytes and more, POP3 over TLS, ${ROUNDS} rounds`,
    timings,
    "mpop",
  );
}

async function timed(contender: Contender, folder: TempFolder): Promise<number> {
  await contender.reset();
  const [program, ...args] = contender.command;
  const start = performance.now();
  const { success } = await new Deno.Command(program, {
    args,
    cwd: folder.path,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  })
    .spawn().status;
  const seconds = (performance.now() - start) / 1000;
  const arrived = await contender.arrived();
  if (!success || arrived !== MAIL_COUNT) {
    throw new Error(`${contender.name}: ${arrived} of ${MAIL_COUNT} mails arrived`);
  }
  return seconds;
}

async function lanceur(
  folder: TempFolder,
  { ports, caFile, account, password }: Dovecot,
): Promise<Contender> {
  await folder.write(
    "launchers.d/dovecot.conf",
    `[dovecot]\nclient = yes\naccept = 127.0.0.1:0\nconnect = localhost:${ports.pop3s}\nCAfile = ${caFile}\n`,
  );
  await Deno.chmod(await folder.write("secret", password), 0o600);
  await folder.write(
    "launchers.d/pop.toml",
    `[listen]\nprotocol = "pop3"\ntunnel = "dovecot"\naccount = "${account}"\npassword = { file = "secret" }\n[deliver]\ncold = "pop"\n`,
  );
  const main = new URL("../../src/main.ts", import.meta.url).pathname;
  const rights = ["read", "write", "net", "env", "sys=hostname,osRelease", `run=${Deno.execPath()}`];
  const options = ["--quiet", "--no-prompt", ...rights.map((right) => `--allow-${right}`)];
  return {
    name: "lanceur",
    rounds: ROUNDS,
    reset: () => removed(folder.at("var")),
    command: [Deno.execPath(), "run", ...options, main, "run", "pop", "--json"],
    arrived: () => countFiles(folder.at("var/cold/pop")),
  };
}

async function mpop(folder: TempFolder, { ports, caFile, account, password }: Dovecot): Promise<Contender> {
  const rc = await folder.write(
    "mpoprc",
    `defaults\ntls on\ntls_starttls off\ntls_trust_file ${caFile}\nkeep on\naccount d\nhost localhost\nport ${ports.pop3s}\n` +
      `user ${account}\npassword ${password}\nauth user\ndelivery maildir ${folder.at("maildir")}\n` +
      `uidls_file ${folder.at("uidls")}\naccount default : d\n`,
  );
  await Deno.chmod(rc, 0o600);
  return {
    name: "mpop",
    rounds: ROUNDS,
    async reset() {
      await removed(folder.at("uidls"));
      await removed(folder.at("maildir"));
      for (const sub of ["cur", "new", "tmp"]) {
        await Deno.mkdir(join(folder.at("maildir"), sub), { recursive: true });
      }
    },
    command: ["mpop", "-C", rc, "-q"],
    arrived: () => countFiles(folder.at("maildir/new")),
  };
}

async function fetchmail(
  folder: TempFolder,
  { ports, caFile, account, password }: Dovecot,
): Promise<Contender> {
  const rc = await folder.write(
    "fetchmailrc",
    `poll localhost proto pop3 port ${ports.pop3s} user "${account}" password "${password}" ssl sslcertck ` +
      `sslcertfile "${caFile}" keep fetchall no rewrite mda "cat > ${folder.at("fetched")}/$$"\n`,
  );
  await Deno.chmod(rc, 0o600);
  return {
    name: "fetchmail",
    rounds: SLOW_ROUNDS,
    async reset() {
      await removed(folder.at("fetched"));
      await Deno.mkdir(folder.at("fetched"));
    },
    command: [
      "fetchmail",
      "-f",
      rc,
      "--pidfile",
      folder.at("fetchmail.pid"),
      "--idfile",
      folder.at("fetchids"),
      "-s",
    ],
    arrived: () => countFiles(folder.at("fetched")),
  };
}

async function countFiles(path: string): Promise<number> {
  return (await Array.fromAsync(Deno.readDir(path)).catch(() => [])).length;
}

async function removed(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch(() => {});
}

async function isInstalled(program: string): Promise<boolean> {
  if (program.startsWith("/")) return true;
  const paths = (Deno.env.get("PATH") ?? "").split(":").map((folder) => join(folder, program));
  const found = await Promise.all(paths.map((path) => Deno.stat(path).then(() => true, () => false)));
  return found.includes(true);
}
