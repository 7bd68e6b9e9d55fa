/** A launcher on an IMAP server in this process, for tests of whole polls. */
import assert from "node:assert/strict";
import { startImapServer } from "./imap_server.ts";
import { Mailbox } from "./mailbox.ts";
import { TempFolder } from "./temp_folder.ts";
import { readConfiguration } from "../../src/config/mod.ts";
import { Launcher } from "../../src/launcher.ts";
import { openStores, type Stores } from "../../src/stores.ts";
import type { PollReport } from "../../src/poll/report.ts";

export const ACCOUNT = "ged@exemple.test";

/** A launcher, with everything that a process has for it. */
export interface Project {
  readonly folder: TempFolder;
  readonly inbox: Mailbox;
  readonly stores: Stores;
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
  const inbox = new Mailbox();
  await using server = await startImapServer({ mailboxes: [inbox], users: { [ACCOUNT]: "geheim" } });
  await using folder = await TempFolder.make();
  await folder.write(
    "launchers.d/courrier.toml",
    `[listen]\nprotocol = "imap"\nserver = "127.0.0.1"\nport = ${server.port}\ntls = "none"\naccount = "${ACCOUNT}"\n` +
      `password = "geheim"\n${tables.listen ?? ""}\n[filter]\n${tables.filter ?? ""}\n` +
      `[documents]\n${tables.documents ?? ""}\n[deliver]\ncold = "courrier"\n${tables.deliver ?? ""}\n`,
  );
  const configuration = await readConfiguration(folder.at("launchers.d"));
  await using stores = await openStores(configuration);
  const [config] = configuration.launchers;
  assert.ok(config, JSON.stringify(configuration.problems));
  const dial = () => Promise.reject(new TypeError("There is no tunnel"));
  await using launcher = new Launcher(config, { base: configuration.base, stores, dial });
  await use({ folder, inbox, stores, poll: () => launcher.poll(), dryRun: () => launcher.dryRun() });
}
