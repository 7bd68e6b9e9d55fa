/** One launcher with everything a process has for it, in a folder of its own. */
import assert from "node:assert/strict";
import { readConfiguration } from "../../src/config/mod.ts";
import { Launcher } from "../../src/launcher.ts";
import { openStores, type Stores } from "../../src/stores.ts";
import { TempFolder } from "./temp_folder.ts";

/** The account and password that `listenLines` names. */
export const ACCOUNT = "ged@exemple.test";
export const PASSWORD = "geheim";

/** A launcher that polls when it is told to. */
export interface LauncherProject {
  readonly folder: TempFolder;
  readonly stores: Stores;
  readonly launcher: Launcher;
}

/** `[listen]` for a server of the tests, without TLS. */
export function listenLines(protocol: "imap" | "pop3", port: number, more = ""): string {
  return `[listen]\nprotocol = "${protocol}"\nserver = "127.0.0.1"\nport = ${port}\ntls = "none"\n` +
    `account = "${ACCOUNT}"\npassword = "${PASSWORD}"\n${more}\n`;
}

/** Makes `courrier.toml` of these lines, which delivers to the COLD directory `courrier` unless they say more, and lends it. */
export async function withLauncher(
  lines: string,
  use: (project: LauncherProject) => Promise<void>,
): Promise<void> {
  await using folder = await TempFolder.make();
  const deliver = lines.includes("[deliver]") ? "" : '[deliver]\ncold = "courrier"\n';
  await folder.write("launchers.d/courrier.toml", `${lines}\n${deliver}`);
  const configuration = await readConfiguration(folder.at("launchers.d"));
  await using stores = await openStores(configuration);
  const [config] = configuration.launchers;
  assert.ok(config, JSON.stringify(configuration.problems));
  const dial = () => Promise.reject(new TypeError("There is no tunnel"));
  await using launcher = new Launcher(config, { base: configuration.base, stores, dial });
  await use({ folder, stores, launcher });
}
