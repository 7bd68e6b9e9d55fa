/** A launcher on an IMAP server in this process, for tests of whole polls. */
import type { PollReport } from "../../src/poll/report.ts";
import { type ImapServer, startImapServer } from "./imap_server.ts";
import { ACCOUNT, type LauncherProject, listenLines, PASSWORD, withLauncher } from "./launcher_project.ts";
import { Mailbox } from "./mailbox.ts";

/** A launcher, with everything that a process has for it. */
export interface Project extends Pick<LauncherProject, "folder" | "stores"> {
  readonly inbox: Mailbox;
  readonly server: ImapServer;
  poll(): Promise<PollReport>;
  dryRun(): Promise<PollReport>;
}

/** Further lines of the launcher's tables. */
export interface Tables {
  readonly listen?: string;
  readonly filter?: string;
  readonly documents?: string;
  readonly deliver?: string;
}

/** A launcher into the COLD directory `courrier`, while `use` lasts. */
export async function withProject(tables: Tables, use: (project: Project) => Promise<void>): Promise<void> {
  const { listen, filter = "", documents = "", deliver = "" } = tables;
  const inbox = new Mailbox();
  await using server = await startImapServer({ mailboxes: [inbox], users: { [ACCOUNT]: PASSWORD } });
  const lines = listenLines("imap", server.port, listen) +
    `[filter]\n${filter}\n[documents]\n${documents}\n[deliver]\ncold = "courrier"\n${deliver}\n`;
  await withLauncher(
    lines,
    ({ folder, stores, launcher }) =>
      use({ folder, inbox, server, stores, poll: () => launcher.poll(), dryRun: () => launcher.dryRun() }),
  );
}
