/** `schedule = "push"` on a Dovecot: seconds from a mail's arrival in the mailbox to its document in the COLD directory. */
import { numberedMails } from "../fixtures/numbered_mails.ts";
import { startDovecot, whyNoDovecot } from "../servers/dovecot.ts";
import { startTask } from "../servers/program.ts";
import { TempFolder } from "../servers/temp_folder.ts";
import { countFiles, writeLauncher } from "./mail_setup.ts";
import { median, writeLine } from "./table.ts";

const MAIL_COUNT = 20;
const LOOK_MS = 5;

/** Delivers mails one by one, each when the one before has arrived, and prints how long each took. */
export async function benchPush(): Promise<void> {
  const reason = whyNoDovecot();
  if (reason !== undefined) return writeLine(`Cannot run: ${reason}`);
  await using dovecot = await startDovecot();
  await using folder = await TempFolder.make();
  await writeLauncher(folder, { dovecot, name: "push", launcher: { protocol: "imap", schedule: "push" } });
  await folder.write(
    "launchers.d/gateway.toml",
    '[status]\nlisten = "127.0.0.1:0"\n[log]\nlevel = "debug"\n',
  );
  await using gateway = startTask("start", [], { cwd: folder.path });
  await gateway.logged("polled");
  const seconds: number[] = [];
  for (const { raw } of numberedMails(MAIL_COUNT)) {
    // Not in step with anything that the server or the gateway does by the clock.
    await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 1500));
    const start = performance.now();
    await dovecot.deliver(raw);
    while (await countFiles(folder.at("var/cold/push")) === seconds.length) {
      if (performance.now() - start > 60_000) throw new Error("A mail did not arrive within a minute");
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    seconds.push((performance.now() - start) / 1000);
  }
  gateway.kill("SIGTERM");
  await gateway.ended;
  writeLine(`\nPush: ${MAIL_COUNT} mails, seconds from the mailbox to the COLD directory`);
  writeLine(
    `min ${Math.min(...seconds).toFixed(2)}, median ${median(seconds).toFixed(2)}, max ${
      Math.max(...seconds).toFixed(2)
    }`,
  );
}
