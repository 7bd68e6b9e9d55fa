/** Finds launchers that take the same documents to the same place: everything would arrive once for each of them. */
import { basename, resolve } from "node:path";
import { addressOf } from "../delivery/mod.ts";
import { mailboxesOf } from "../sources/imap_options.ts";
import type { LauncherConfig } from "./launcher.ts";
import type { Report } from "./report.ts";

/** One launcher file, as far as it could be read. */
export interface Read {
  readonly report?: Report;
  readonly config?: LauncherConfig;
}

/**
 * Warns of each enabled launcher that does what another does. Those that differ in what they take, or in where it goes,
 * are meant to.
 */
export function checkDoubles(
  launchers: readonly Read[],
  { base, coldRoot }: { readonly base: string; readonly coldRoot: string },
): void {
  const seen = new Map<string, LauncherConfig>();
  for (const { report, config } of launchers) {
    if (!report?.isEnabled || !config) continue;
    const from = placesOf(config, base);
    const to = destinationOf(config, coldRoot);
    const keys = from.map((place) => JSON.stringify([place, to, config.fingerprint]));
    const at = keys.findIndex((key) => seen.has(key));
    const other = seen.get(keys[at] ?? "");
    for (const key of keys) if (!seen.has(key)) seen.set(key, config);
    if (!other) continue;
    report.add("warning", ["listen"], {
      message: `Cannot deliver "${from[at]}" once: ${basename(other.file)} and ${
        basename(config.file)
      } both take it to "${to}", where everything arrives twice`,
      remedy:
        "Write enabled = false into one of the two, or let them differ in mailbox, folder, [filter] or where they deliver",
    });
  }
}

/** Folders by path; mailboxes by account and server, whichever protocol reads them. */
function placesOf({ listen }: LauncherConfig, base: string): string[] {
  if ("path" in listen) return [resolve(base, listen.path)];
  const { account, server, tunnel, port } = listen;
  const mailboxes = listen.protocol === "imap" ? mailboxesOf(listen) : ["INBOX"];
  // On this machine, each port may lead to another server.
  const where = (server ?? tunnel ?? "").toLowerCase() + (port === undefined ? "" : `:${port}`);
  return mailboxes.map((mailbox) => `${account.toLowerCase()}, ${where}, ${mailbox}`);
}

function destinationOf({ deliver }: LauncherConfig, coldRoot: string): string {
  const { kind, name } = addressOf(deliver);
  return kind === "cold" ? resolve(coldRoot, deliver.cold ?? "") : `${kind}.${name}`;
}
