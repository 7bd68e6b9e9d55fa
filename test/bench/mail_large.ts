/**
 * One mail of 150 MB with one attachment, by POP3 and by IMAP over TLS from a Dovecot: seconds of the whole process, and
 * its memory at most. Lanceur decodes the attachment and delivers it; the others write the mail as it is.
 */
import { numberedMails } from "../fixtures/numbered_mails.ts";
import { startDovecot, whyNoDovecot } from "../servers/dovecot.ts";
import { TempFolder } from "../servers/temp_folder.ts";
import { countFiles, measure, taskCommand, type Usage, writeLauncher } from "./mail_setup.ts";
import { fetchmail, getmail, isync, mpop } from "./mail_peers.ts";
import { median, writeLine } from "./table.ts";

const MAIL_BYTES = 150_000_000;
const ROUNDS = 3;

/** Runs the programs that are installed in turn, and prints a table. */
export async function benchLarge(): Promise<void> {
  const reason = whyNoDovecot();
  if (reason !== undefined) return writeLine(`Cannot run: ${reason}`);
  await using dovecot = await startDovecot();
  await using folder = await TempFolder.make();
  const [mail] = numberedMails(1, MAIL_BYTES);
  if (mail === undefined) return;
  await dovecot.seed([mail.raw]);
  for (const protocol of ["pop3", "imap"] as const) {
    await writeLauncher(folder, { dovecot, name: protocol, launcher: { protocol } });
  }
  const usages: Record<string, Usage[]> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const made of ["var", "mpop", "mpop-uidls", "fetchmail", "fetchids", "getmail", "isync"]) {
      await Deno.remove(folder.at(made), { recursive: true }).catch(() => {});
    }
    const contenders = {
      "lanceur, POP3": taskCommand("run", "pop3", "--json"),
      "lanceur, IMAP": taskCommand("run", "imap", "--json"),
      "mpop, POP3": await mpop(folder, dovecot),
      "fetchmail, POP3": await fetchmail(folder, dovecot),
      "getmail6, POP3": await getmail(folder, dovecot, 1),
      "isync, IMAP": await isync(folder, dovecot),
    };
    for (const [name, command] of Object.entries(contenders)) {
      if (command) (usages[name] ??= []).push(await measure(command, folder.path));
    }
    for (const protocol of ["pop3", "imap"]) {
      const delivered = await countFiles(folder.at(`var/cold/${protocol}`));
      if (delivered !== 1) {
        throw new Error(`${protocol}: ${delivered} documents were delivered instead of one`);
      }
    }
  }
  print(usages, mail.raw.length / 1e6);
}

function print(usages: Readonly<Record<string, readonly Usage[]>>, megabytes: number): void {
  writeLine(`\nOne mail of ${megabytes.toFixed(0)} MB over TLS, ${ROUNDS} rounds`);
  writeLine(
    `${"program".padEnd(24)}${"median s".padStart(10)}${"MB/s".padStart(8)}${"peak MB".padStart(10)}`,
  );
  for (const [program, rounds] of Object.entries(usages)) {
    const seconds = median(rounds.map((usage) => usage.seconds));
    const peak = Math.max(...rounds.map((usage) => usage.peakMegabytes));
    const rate = megabytes / seconds;
    writeLine(
      `${program.padEnd(24)}${seconds.toFixed(2).padStart(10)}${rate.toFixed(0).padStart(8)}${
        peak.toFixed(0).padStart(10)
      }`,
    );
  }
}
