/**
 * A copy of everything that is remembered, whole at one moment, while the gateway goes on: ledger, quarantine, what is
 * kept besides, launchers.d. Not the COLD: what is there has been handed over.
 */
import { join, resolve } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import type { Configuration } from "./config/mod.ts";
import { DeliveryError, errorText } from "./errors.ts";
import { isInside } from "./sources/folder_place.ts";
import { syncPath } from "./sync.ts";

/** What tells of the process that runs, or is in the ledger's copy already. */
const LEFT_OUT = /^(?:lock|control\.json(?:\.new)?|ledger\.sqlite(?:-wal|-shm)?)$/;

/** One copy. */
export interface Backup {
  /** Folder of the copy; `state` and `launchers.d` are in it. */
  readonly path: string;
  readonly items: number;
  readonly files: number;
  readonly sizeBytes: number;
}

/**
 * Copies into a folder of its own below `target`, which appears when it is complete.
 *
 * @throws {DeliveryError} when something cannot be read or written, or the copied ledger is damaged.
 */
export async function backUp(
  configuration: Configuration,
  target: string,
  onStep: (step: { readonly done: number; readonly of: number; readonly label: string }) => void = () => {},
): Promise<Backup> {
  const { gateway: { state }, directory } = configuration;
  for (const folder of [state, directory]) {
    if (isInside(target, folder)) {
      throw new DeliveryError(
        `Cannot back up into "${target}": it lies in "${folder}", which is to be copied`,
      );
    }
  }
  const name = `lanceur-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}`;
  const path = join(target, name);
  const part = join(target, `.${name}.part`);
  try {
    await Deno.mkdir(join(part, "state"), { recursive: true, mode: 0o700 });
    const elsewhere = foldersOf(configuration);
    const of = 1 + await countFiles(state, elsewhere) + await countFiles(directory, elsewhere);
    onStep({ done: 0, of, label: "ledger.sqlite" });
    // The ledger first: what comes into quarantine meanwhile is then in both, or in the mailbox still, never in neither.
    const items = await copyLedger(join(state, "ledger.sqlite"), join(part, "state", "ledger.sqlite"));
    await Deno.chmod(join(part, "state", "ledger.sqlite"), 0o600);
    const total = { files: 1, sizeBytes: (await Deno.stat(join(part, "state", "ledger.sqlite"))).size };
    const onFile = (label: string) => onStep({ done: total.files, of, label });
    await copyTree(state, join(part, "state"), { total, elsewhere, onFile });
    await copyTree(directory, join(part, "launchers.d"), { total, elsewhere, onFile });
    await Deno.rename(part, path);
    await syncPath(target);
    return { path, items, ...total };
  } catch (cause) {
    await Deno.remove(part, { recursive: true }).catch(() => {});
    const state = errorText(cause);
    throw new DeliveryError(`Cannot back up into "${target}": ${state}`, { cause });
  }
}

/** Copies the database as it is at one moment, into a file without others beside it; resolves with its items. */
async function copyLedger(from: string, to: string): Promise<number> {
  const source = new DatabaseSync(from, { readOnly: true, timeout: 30_000 });
  try {
    // In one step: with several, each thing that the gateway writes meanwhile begins the copy anew.
    await backup(source, to, { rate: 2 ** 30 });
  } finally {
    source.close();
  }
  const copy = new DatabaseSync(to);
  try {
    copy.exec("PRAGMA journal_mode=DELETE");
    const [check] = Object.values(copy.prepare("PRAGMA integrity_check").get() ?? {});
    if (check !== "ok") throw new Error(`the ledger is damaged: ${check}`);
    return Number(copy.prepare("SELECT count(*) AS items FROM item").get()?.["items"] ?? 0);
  } finally {
    copy.close();
  }
}

/** What may lie in the state folder and is not of it: the COLD, and where launchers take documents from. */
function foldersOf({ gateway: { cold }, launchers, base }: Configuration): ReadonlySet<string> {
  const sources = launchers.flatMap(({ listen }) => "path" in listen ? [resolve(base, listen.path)] : []);
  return new Set([resolve(cold.root), ...sources]);
}

/** How many files there are to copy, by now. */
async function countFiles(folder: string, elsewhere: ReadonlySet<string>): Promise<number> {
  let count = 0;
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (LEFT_OUT.test(name) || elsewhere.has(resolve(path))) continue;
    // What goes meanwhile is not counted: this is for people who wait.
    if (isDirectory) count += await countFiles(path, elsewhere).catch(() => 0);
    else if (isFile) count++;
  }
  return count;
}

interface CopyOptions {
  readonly total: { files: number; sizeBytes: number };
  readonly elsewhere: ReadonlySet<string>;
  readonly onFile: (label: string) => void;
}

async function copyTree(from: string, to: string, options: CopyOptions): Promise<void> {
  await Deno.mkdir(to, { recursive: true, mode: 0o700 });
  for await (const { name, isDirectory, isFile } of Deno.readDir(from)) {
    const [source, copy] = [join(from, name), join(to, name)];
    if (LEFT_OUT.test(name) || options.elsewhere.has(resolve(source))) continue;
    if (isFile) options.onFile(name);
    if (isDirectory) await copyTree(source, copy, options);
    else if (isFile && await copyFile(source, copy)) {
      options.total.files++;
      options.total.sizeBytes += (await Deno.stat(copy)).size;
    }
  }
  await syncPath(to);
}

/** Copies a file with its rights; `false` when it is gone meanwhile. */
async function copyFile(from: string, to: string): Promise<boolean> {
  try {
    await Deno.copyFile(from, to);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  await syncPath(to);
  return true;
}
