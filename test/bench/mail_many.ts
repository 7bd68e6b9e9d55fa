/**
 * 50 mailboxes of one Dovecot polled at once by one gateway, half by IMAP and half by POP3, while the server of one more
 * launcher never answers. How long until everything is delivered, how long each poll took, and the memory at most.
 */
import { numberedMails } from "../fixtures/numbered_mails.ts";
import { startDovecot, whyNoDovecot } from "../servers/dovecot.ts";
import { startTask } from "../servers/program.ts";
import { TempFolder } from "../servers/temp_folder.ts";
import { countFiles, watchMemory, writeLauncher } from "./mail_setup.ts";
import { median, writeLine } from "./table.ts";

const MAILBOXES = 50;
const MAILS_EACH = 40;
const MAIL_BYTES = 30_000;

interface PollLine {
  readonly message?: string;
  readonly launcher?: string;
  readonly durationMs?: number;
}

/** Starts the gateway with everything waiting, and prints what it took. */
export async function benchMany(): Promise<void> {
  const reason = whyNoDovecot();
  if (reason !== undefined) return writeLine(`Cannot run: ${reason}`);
  await using dovecot = await startDovecot({ accounts: MAILBOXES });
  await using folder = await TempFolder.make();
  const mails = [...numberedMails(MAILS_EACH, MAIL_BYTES)].map(({ raw }) => raw);
  for (const [n, account] of dovecot.accounts.entries()) {
    await dovecot.seed(mails, { account });
    const protocol = n % 2 === 0 ? "imap" : "pop3";
    await writeLauncher(folder, {
      dovecot,
      name: `m${n}`,
      launcher: { protocol, account, schedule: "@every 1h" },
    });
  }
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await folder.write(
    "launchers.d/silent.toml",
    `schedule = "@every 1h"\n[listen]\nprotocol = "pop3"\nserver = "127.0.0.1"\nport = ${silent.addr.port}\n` +
      `tls = "none"\naccount = "a"\npassword = { file = "secret" }\n[deliver]\ncold = "silent"\n`,
  );
  await folder.write(
    "launchers.d/gateway.toml",
    '[status]\nlisten = "127.0.0.1:0"\n[log]\nformat = "json"\n',
  );
  const start = performance.now();
  await using gateway = startTask("start", [], { cwd: folder.path });
  const memory = watchMemory(gateway.pid);
  const polled = () =>
    gateway.log.split("\n").filter((line) => line.includes('"polled"')).map((line) =>
      JSON.parse(line) as PollLine
    );
  while (polled().length < MAILBOXES && performance.now() - start < 120_000) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const seconds = (performance.now() - start) / 1000;
  gateway.kill("SIGTERM");
  await gateway.ended;
  const peak = await memory.stop();
  let delivered = 0;
  for (let n = 0; n < MAILBOXES; n++) delivered += await countFiles(folder.at(`var/cold/m${n}`));
  if (delivered !== MAILBOXES * MAILS_EACH) throw new Error(`${delivered} documents were delivered`);
  const durations = polled().map(({ durationMs = NaN }) => durationMs / 1000);
  writeLine(
    `\n${MAILBOXES} mailboxes at once, ${MAILS_EACH} mails of ${
      MAIL_BYTES / 1000
    } KB each, one silent server beside`,
  );
  writeLine(`all delivered after ${seconds.toFixed(2)} s, start of the process included`);
  writeLine(
    `seconds of a poll: min ${Math.min(...durations).toFixed(2)}, median ${
      median(durations).toFixed(2)
    }, max ${Math.max(...durations).toFixed(2)}; memory at most ${peak.toFixed(0)} MB`,
  );
}
