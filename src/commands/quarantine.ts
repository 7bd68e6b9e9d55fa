/** `deno task quarantine`: what could not be processed; to read, to try again, to drop. */
import { join } from "node:path";
import { startTunnel } from "../../tunnel/mod.ts";
import { type CommandLine, suggestion, UsageError } from "../command_line.ts";
import type { Configuration } from "../config/mod.ts";
import { suggest } from "../config/suggest.ts";
import { ControlClient } from "../control.ts";
import { errorText } from "../errors.ts";
import { dialService } from "../dial.ts";
import { dropHeld, findHeld, heldBy, launcherOf } from "../held.ts";
import { Launcher } from "../launcher.ts";
import type { PollReport } from "../poll/report.ts";
import type { QuarantineRow } from "../status/view.ts";
import { openStores, type Stores } from "../stores.ts";
import { QUARANTINE_VERBS } from "./catalogue.ts";
import { readUsable } from "./configuration.ts";
import { counted, reported, say } from "./language.ts";
import { EXIT, itemText, minuteText, nearPath, plainText, print, printJson } from "./output.ts";
import { logAbove, ProgressBar } from "./progress.ts";
import { resultText } from "./report_text.ts";

/** The quarantine, in this process or in the gateway that runs already. */
interface Keeper {
  list(): Promise<readonly QuarantineRow[]>;
  retry(id: string): Promise<PollReport>;
  drop(id: string): Promise<void>;
}

/** Lists, shows, retries or drops; resolves with 0, or 1 when something could not be done. */
export async function quarantine(line: CommandLine): Promise<number> {
  const [verb = "list", ...ids] = line.operands;
  if (!QUARANTINE_VERBS.some((known) => known === verb)) {
    throw new UsageError(`Cannot run "quarantine ${verb}"${suggestion(verb, QUARANTINE_VERBS)}`);
  }
  const selection = selectionOf(line, verb, ids);
  const configuration = await readUsable(line.launchers);
  const { state, log } = configuration.gateway;
  using bar = new ProgressBar(
    `quarantine ${verb}`,
    !line.json && (ids.length > 1 || selection !== undefined),
  );
  logAbove(bar, log);
  const client = await ControlClient.find(state);
  const order = { verb, ids, selection, json: line.json, state, bar };
  if (client) return await act(order, remoteKeeper(client));
  await using stores = await openStores(configuration);
  return await act(order, localKeeper(configuration, stores));
}

/** Which entries are meant besides those whose IDs are given. */
interface Selection {
  readonly launcher: string | undefined;
}

/** What `--launcher` and `--all` mean; refuses what makes no sense. */
function selectionOf(line: CommandLine, verb: string, ids: readonly string[]): Selection | undefined {
  const launcher = line.values["launcher"];
  const isAll = line.switches.has("all");
  const option = launcher === undefined ? "--all" : "--launcher";
  const isSelected = isAll || launcher !== undefined;
  if (isSelected && (verb === "show" || verb === "drop" || (verb === "list" && isAll))) {
    throw new UsageError(
      `Cannot use ${option} with quarantine ${verb}${verb === "list" ? ": it lists all" : ": name the IDs"}`,
    );
  }
  if (isSelected && ids.length > 0) {
    throw new UsageError(`Cannot use ${option} beside IDs: one of them says what is meant`);
  }
  if (verb === "list" && ids.length > 0) {
    throw new UsageError(
      `Cannot run "quarantine list ${ids.join(" ")}": list takes no ID\n` +
        `    → deno task quarantine show ${ids.join(" ")}`,
    );
  }
  if (verb !== "list" && ids.length === 0 && !isSelected) {
    const all = verb === "retry" ? ", or --launcher NAME, or --all" : "";
    throw new UsageError(
      `Cannot run "quarantine ${verb}": an ID is missing\n    → deno task quarantine ${verb} ID…${all}; ` +
        "deno task quarantine lists what is there, with its ID",
    );
  }
  return isSelected ? { launcher } : undefined;
}

interface Order {
  readonly verb: string;
  readonly ids: readonly string[];
  readonly selection: Selection | undefined;
  readonly json: boolean;
  readonly state: string;
  readonly bar: ProgressBar;
}

async function act(
  { verb, ids: given, selection, json, state, bar }: Order,
  keeper: Keeper,
): Promise<number> {
  const all = await keeper.list();
  const { launcher } = selection ?? {};
  const rows = launcher === undefined ? all : all.filter((row) => row.launcher === launcher);
  if (verb === "list" || (selection !== undefined && rows.length === 0)) {
    if (json) printJson(rows);
    else print(rows.length === 0 ? emptyText(launcher, all) : rows.map(rowText).join("\n"));
    return EXIT.ok;
  }
  const ids = selection === undefined ? given : rows.map(({ id }) => id).sort();
  const results: { id: string; result: unknown; ok: boolean }[] = [];
  for (const id of ids) {
    bar.show({ done: results.length, of: ids.length, label: id });
    const done = await actOn(id, { verb, rows, keeper });
    results.push(done);
    if (json) continue;
    const text = typeof done.result === "string"
      ? `${id}: ${plainText(done.result)}`
      : await entryText(done.result as StoredRow, state);
    bar.above(() => print(text));
  }
  bar.end();
  if (json) printJson(verb === "show" ? results.map(({ result }) => result) : results);
  return results.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
}

async function actOn(
  id: string,
  { verb, rows, keeper }: { verb: string; rows: readonly QuarantineRow[]; keeper: Keeper },
): Promise<{ id: string; result: unknown; ok: boolean }> {
  const row = rows.find((one) => one.id === id);
  if (!row) {
    const near = suggest(id, rows.map((one) => one.id));
    const hint = near === undefined
      ? ""
      : say(`; did you mean "${near}"?`, ` ; vouliez-vous dire « ${near} » ?`);
    return { id, result: say("not in quarantine", "pas en quarantaine") + hint, ok: false };
  }
  if (verb === "show") return { id, result: row, ok: true };
  if (verb === "drop") {
    await keeper.drop(id);
    return { id, result: say("dropped", "supprimé"), ok: true };
  }
  try {
    const report = await keeper.retry(id);
    const [item] = report.items;
    const ok = report.failed + report.quarantined === 0;
    return {
      id,
      result: item ? resultText(item) : say("known already", "déjà connu"),
      ok,
    };
  } catch (error) {
    return { id, result: reported(errorText(error)), ok: false };
  }
}

function emptyText(launcher: string | undefined, rows: readonly QuarantineRow[]): string {
  if (launcher === undefined || rows.length === 0) {
    return say("The quarantine is empty", "La quarantaine est vide");
  }
  const near = suggest(launcher, rows.map((row) => row.launcher));
  const hint = near === undefined
    ? ""
    : say(`; did you mean "${near}"?`, ` ; vouliez-vous dire « ${near} » ?`);
  return say(
    `Nothing of launcher "${launcher}" is in quarantine`,
    `Rien du lanceur « ${launcher} » n’est en quarantaine`,
  ) + hint;
}

function remoteKeeper(client: ControlClient): Keeper {
  return {
    list: async () => await client.ask("GET", "/quarantine") as QuarantineRow[],
    retry: async (id) =>
      await client.ask("POST", `/quarantine/${encodeURIComponent(id)}/retry`) as PollReport,
    drop: async (id) => void await client.ask("POST", `/quarantine/${encodeURIComponent(id)}/drop`),
  };
}

function localKeeper(configuration: Configuration, stores: Stores): Keeper {
  return {
    list: () => Promise.resolve(heldBy(stores).map(({ entry }) => ({ ...entry, at: new Date(entry.at) }))),
    retry: async (id) => {
      const { entry } = findHeld(stores, id, "retry");
      const config = launcherOf(entry, configuration);
      await using tunnel = await startTunnel({ services: configuration.services, listen: false });
      const dial = (service: string, signal: AbortSignal) => dialService(tunnel, service, signal);
      await using launcher = new Launcher(config, { base: configuration.base, stores, dial });
      return await launcher.retry(entry);
    },
    drop: (id) => dropHeld(stores, id),
  };
}

/** An entry as the gateway and the folder tell it: with the name of its original. */
type StoredRow = QuarantineRow & { readonly original?: string };

async function entryText(row: StoredRow, state: string): Promise<string> {
  const { id, launcher, reason, at, sizeBytes, attempts, original } = row;
  const folders = ["quarantine", "retained"].map((store) => join(state, store, id));
  const found = await Promise.all(folders.map((path) => Deno.stat(path).then(() => true, () => false)));
  const place = join(folders[Math.max(0, found.indexOf(true))] ?? "", original ?? "");
  return [
    id,
    `  ${say("launcher ", "lanceur  ")} ${launcher}`,
    `  ${say("item     ", "élément  ")} ${itemText(row)}`,
    `  ${say("reason   ", "raison   ")} ${plainText(reported(reason))}`,
    `  ${say("since    ", "depuis   ")} ${minuteText(at)}, ${counted(attempts, "attempt", "essai")}`,
    `  original  ${plainText(nearPath(place))} (${sizeBytes} octets)`,
    `  ${say("mended?  ", "réparé ? ")} deno task quarantine retry ${id}`,
  ].join("\n");
}

function rowText(row: QuarantineRow): string {
  const { id, launcher, reason, at } = row;
  return `${id}  ${minuteText(at)}  ${launcher}: ${itemText(row)}\n    ${plainText(reported(reason))}`;
}
