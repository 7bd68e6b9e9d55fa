/** `deno task redeliver`: what a launcher has delivered, and delivering some of it again on purpose. */
import { startTunnel } from "../../tunnel/mod.ts";
import { type CommandLine, UsageError } from "../command_line.ts";
import type { Configuration } from "../config/mod.ts";
import { ControlClient } from "../control.ts";
import { dialService } from "../dial.ts";
import { GatewayError } from "../errors.ts";
import { Launcher } from "../launcher.ts";
import type { PollReport } from "../poll/report.ts";
import { type DeliveredRow, deliveredRows, findDelivered } from "../redeliver.ts";
import { openStores, type Stores } from "../stores.ts";
import { readUsable } from "./configuration.ts";
import { reported, say } from "./language.ts";
import { EXIT, itemText, minuteText, plainText, print, printJson } from "./output.ts";
import { logAbove, ProgressBar } from "./progress.ts";
import { resultText } from "./report_text.ts";
import { findLauncher, missingName } from "./run.ts";

const LIST_ITEMS = 50;

/** What has been delivered, in this process or in the gateway that runs already. */
interface Archive {
  list(launcher: string): Promise<readonly DeliveredRow[]>;
  redeliver(id: string): Promise<PollReport>;
}

interface Result {
  readonly id: string;
  readonly ok: boolean;
  readonly result: string;
  readonly documents: readonly string[];
}

/** `NAME` lists what that launcher delivered last, `ID…` delivers again; resolves with 0, or 1 when one was not. */
export async function redeliver(line: CommandLine): Promise<number> {
  const configuration = await readUsable(line.launchers);
  const [first, ...others] = line.operands;
  if (first === undefined) throw new UsageError(missingName("redeliver", configuration));
  const stranger = isId(first) ? others.find((word) => !isId(word)) : others[0];
  if (stranger !== undefined) {
    throw new UsageError(
      `Cannot run "redeliver ${line.operands.join(" ")}": "${stranger}" is ${
        isId(first) ? "no ID of an item" : "one word too many"
      }\n    → deno task redeliver NAME lists the IDs, deno task redeliver ID… delivers these again`,
    );
  }
  using bar = new ProgressBar("redeliver", !line.json && others.length > 0);
  logAbove(bar, configuration.gateway.log);
  const client = await ControlClient.find(configuration.gateway.state);
  if (client) return await act(line, { configuration, archive: remoteArchive(client), bar });
  await using stores = await openStores(configuration);
  return await act(line, { configuration, archive: localArchive(configuration, stores), bar });
}

async function act(
  { operands, json }: CommandLine,
  { configuration, archive, bar }: { configuration: Configuration; archive: Archive; bar: ProgressBar },
): Promise<number> {
  const [first = ""] = operands;
  if (!isId(first)) {
    const { name } = findLauncher(configuration, first);
    const rows = await archive.list(name);
    if (json) printJson(rows);
    else print(rows.length === 0 ? nothingText(name) : rows.map(rowText).join("\n"));
    return EXIT.ok;
  }
  const results: Result[] = [];
  for (const id of operands) {
    bar.show({ done: results.length, of: operands.length, label: id });
    const { result, documents, ...rest } = await again(id, archive);
    results.push({ result, documents, ...rest });
    if (json) continue;
    bar.above(() => print([`${id}: ${plainText(result)}`, ...documents.map(documentText)].join("\n")));
  }
  bar.end();
  if (json) printJson(results);
  return results.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
}

async function again(id: string, archive: Archive): Promise<Result> {
  try {
    const [item] = (await archive.redeliver(id)).items;
    if (!item) return { id, ok: false, result: say("interrupted", "interrompu"), documents: [] };
    const { outcome, reason, documents } = item;
    return { id, ok: outcome === "delivered", result: resultText({ outcome, reason }), documents };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { id, ok: false, result: reported(error.message), documents: [] };
  }
}

function remoteArchive(client: ControlClient): Archive {
  return {
    list: async (name) =>
      await client.ask("GET", `/launchers/${encodeURIComponent(name)}/delivered`) as DeliveredRow[],
    redeliver: async (id) =>
      await client.ask("POST", `/items/${encodeURIComponent(id)}/redeliver`) as PollReport,
  };
}

function localArchive(configuration: Configuration, stores: Stores): Archive {
  return {
    list: (name) =>
      Promise.resolve(deliveredRows(findLauncher(configuration, name), stores.ledger, LIST_ITEMS)),
    redeliver: async (id) => {
      const { config, row } = findDelivered(id, configuration, stores.ledger);
      await using tunnel = await startTunnel({ services: configuration.services, listen: false });
      const dial = (service: string, signal: AbortSignal) => dialService(tunnel, service, signal);
      await using launcher = new Launcher(config, { base: configuration.base, stores, dial });
      return await launcher.redeliver(row);
    },
  };
}

function nothingText(name: string): string {
  return say(`"${name}" has delivered nothing yet`, `« ${name} » n’a encore rien livré`);
}

function documentText(path: string): string {
  return `    → ${plainText(path)}`;
}

/** Names of launchers may be as long, but hardly of these letters alone: an id wins. */
function isId(word: string): boolean {
  return /^[0-9a-f]{24}$/.test(word);
}

function rowText({ id, at, documents, ...item }: DeliveredRow): string {
  const paths = documents.map((path) => `    ${plainText(path)}`);
  return [`${id}  ${minuteText(at)}  ${itemText(item)}`, ...paths].join("\n");
}
