/**
 * The quarantine: a folder per item that could not be processed, with the whole original and `reason.json`.
 * An administrator can read it with any file manager.
 */
import { basename, join } from "node:path";
import * as v from "valibot";
import { onDisk, syncPath, writeAll } from "./delivery/staging.ts";
import { safeName } from "./delivery/names.ts";
import { disk } from "./disk.ts";
import { CutError, DeliveryError, ItemError } from "./errors.ts";
import type { Item, ItemKind } from "./model.ts";

const REASON_FILE = "reason.json";

const entrySchema = v.object({
  id: v.string(),
  launcher: v.string(),
  scope: v.string(),
  key: v.string(),
  label: v.string(),
  /** What people know it by, where that is not its label: a mail's subject and sender. */
  title: v.optional(v.string()),
  kind: v.picklist(["mail", "file", "envelope"]),
  /** Base name of the stored original beside reason.json. */
  original: v.string(),
  sizeBytes: v.number(),
  reason: v.string(),
  attempts: v.number(),
  at: v.string(),
  /** Whether that is a part only, since its source gave out no more; it is still there. */
  isCut: v.optional(v.boolean()),
});

/** What `reason.json` says: what, when, where from, why and how often. */
export type QuarantineEntry = v.InferOutput<typeof entrySchema>;

/** It holds as much as it may. */
export class NoRoomError extends ItemError {}

/** What is known when an item goes into quarantine. */
export interface Admission {
  readonly launcher: string;
  /** The launcher's ledger scope. */
  readonly scope: string;
  readonly reason: string;
  readonly attempts: number;
  /** What people know it by, where that is not its label. */
  readonly title?: string;
  /** Whether a part of it is better than nothing: it will not come whole. */
  readonly takesCut?: boolean;
}

/** The quarantine of one state folder. */
export class Quarantine {
  readonly #entries = new Map<string, QuarantineEntry>();

  private constructor(readonly path: string, readonly maxBytes: () => number) {}

  /**
   * Opens the folder, making it if it is missing, and clears half-written entries of a crash. `maxBytes` says how much it
   * may hold, asked anew for each item.
   */
  static async open(path: string, maxBytes: () => number = () => Infinity): Promise<Quarantine> {
    await onDisk(path, Deno.mkdir(path, { recursive: true, mode: 0o700 }));
    const quarantine = new Quarantine(path, maxBytes);
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      if (name.startsWith(".")) await Deno.remove(join(path, name), { recursive: true }).catch(() => {});
      else if (isDirectory) await quarantine.#read(name);
    }
    return quarantine;
  }

  /**
   * Stores the item whole and durably; only when this has returned may its original be settled. An item that is
   * here already, tried again or met again after a crash, keeps its entry, with the new reason.
   *
   * @throws {NoRoomError} when it holds as much as it may; what the source throws; `DeliveryError` when the disk fails.
   */
  async admit(item: Item, admission: Admission): Promise<QuarantineEntry> {
    const { scope, reason, attempts, title } = admission;
    const former = this.list().find((entry) => entry.scope === scope && entry.key === item.key);
    if (former) {
      const fresh = { reason: reasonFor(reason, former), attempts, ...(title ? { title } : {}) };
      return await this.#revise({ ...former, ...fresh });
    }
    return await this.#store(item, admission);
  }

  async #revise(entry: QuarantineEntry): Promise<QuarantineEntry> {
    const path = join(this.path, entry.id, REASON_FILE);
    const fresh = `${path}.new`;
    await writeReason(fresh, entry);
    await onDisk(path, Deno.rename(fresh, path));
    this.#entries.set(entry.id, entry);
    return entry;
  }

  /** What is in it, in octets of the originals. */
  get sizeBytes(): number {
    return this.#entries.values().reduce((sum, entry) => sum + entry.sizeBytes, 0);
  }

  async #store(item: Item, admission: Admission): Promise<QuarantineEntry> {
    // What a source announces is mostly right: nothing is copied in vain.
    this.#expectRoom(item.label, item.sizeBytes);
    const at = new Date();
    const id = `${at.toISOString().slice(0, 19).replace(/\D/g, "")}-${randomLetters()}`;
    const folder = join(this.path, `.${id}`);
    await onDisk(folder, Deno.mkdir(folder, { mode: 0o700 }));
    try {
      const original = item.kind === "mail" ? "mail.eml" : safeName(item.label);
      const { sizeBytes, isCut } = await copyWhole(item, join(folder, original), admission.takesCut === true);
      this.#expectRoom(item.label, sizeBytes);
      const entry: QuarantineEntry = {
        id,
        launcher: admission.launcher,
        scope: admission.scope,
        key: item.key,
        label: item.label,
        ...(admission.title ? { title: admission.title } : {}),
        kind: item.kind,
        original,
        sizeBytes,
        reason: reasonFor(admission.reason, { sizeBytes, isCut }),
        attempts: admission.attempts,
        at: at.toISOString(),
        ...(isCut ? { isCut } : {}),
      };
      await writeReason(join(folder, REASON_FILE), entry);
      await syncPath(folder);
      await onDisk(folder, Deno.rename(folder, join(this.path, id)));
      await syncPath(this.path);
      this.#entries.set(id, entry);
      return entry;
    } catch (error) {
      await Deno.remove(folder, { recursive: true }).catch(() => {});
      throw error;
    }
  }

  #expectRoom(label: string, sizeBytes: number): void {
    const [used, maxBytes] = [this.sizeBytes, this.maxBytes()];
    if (used + sizeBytes <= maxBytes) return;
    throw new NoRoomError(
      `Cannot put "${label}" (${sizeBytes} octets) into quarantine: it holds ${used} of ${maxBytes} octets; it stays where it is ` +
        "and is tried again: retry or drop what is in quarantine, or raise max_size of [quarantine]",
    );
  }

  /** All entries, oldest first; a folder without a readable `reason.json` is left out. */
  list(): QuarantineEntry[] {
    return [...this.#entries.values()].sort((a, b) => a.id < b.id ? -1 : 1);
  }

  /** One entry, or `undefined` when there is none of that id. */
  find(id: string): QuarantineEntry | undefined {
    return this.#entries.get(id);
  }

  async #read(id: string): Promise<void> {
    try {
      const text = await Deno.readTextFile(join(this.path, id, REASON_FILE));
      this.#entries.set(id, { ...v.parse(entrySchema, JSON.parse(text)), id });
    } catch {
      // Not written by the gateway, or damaged by hand: left in peace, and not listed.
    }
  }

  /** The stored original as an item of its launcher, to be processed again. */
  item(entry: QuarantineEntry): Item {
    const path = join(this.path, entry.id, entry.original);
    const kind: ItemKind = entry.kind;
    return {
      kind,
      key: entry.key,
      label: entry.label,
      sizeBytes: entry.sizeBytes,
      path,
      open: async () => {
        try {
          return (await Deno.open(path)).readable;
        } catch (cause) {
          throw new ItemError(`Cannot read quarantined "${path}": it is missing or cannot be opened`, {
            cause,
          });
        }
      },
      // The true original is settled by the next poll that meets it, if it is still where it was.
      settle: () => Promise.resolve(false),
    };
  }

  /** Removes an entry and the stored original for good; `false` when there is none of that id. */
  async drop(id: string): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (!entry) return false;
    this.#entries.delete(id);
    const folder = join(this.path, id);
    // Renamed first: what a crash leaves of it is cleared at the next start, and is never listed as whole.
    const dying = join(this.path, `.${id}-dropped`);
    try {
      await onDisk(folder, Deno.rename(folder, dying));
      await onDisk(dying, Deno.remove(dying, { recursive: true }));
    } catch (error) {
      // Removed by hand already: nothing is left to do.
      if (error instanceof DeliveryError && error.cause instanceof Deno.errors.NotFound) return true;
      this.#entries.set(id, entry);
      throw error;
    }
    return true;
  }
}

async function writeReason(path: string, entry: QuarantineEntry): Promise<void> {
  await onDisk(path, Deno.writeTextFile(path, JSON.stringify(entry, null, 2) + "\n"));
  await syncPath(path);
}

interface Copied {
  readonly sizeBytes: number;
  readonly isCut?: boolean | undefined;
}

/** The reason of an entry, which also says when the original is not whole. */
function reasonFor(reason: string, { sizeBytes, isCut }: Copied): string {
  if (isCut !== true) return reason;
  return `${reason}; no more than ${sizeBytes} octets could be had of it, and it is left where it is`;
}

async function copyWhole(item: Item, to: string, takesCut: boolean): Promise<Copied> {
  if (item.path !== undefined && item.beside !== undefined) {
    return { sizeBytes: await copyFiles([item.path, ...item.beside], to) };
  }
  if (item.path !== undefined && (await disk.lstat(item.path)).isDirectory) {
    return { sizeBytes: await copyDirectory(item.path, to) };
  }
  using file = await onDisk(to, Deno.open(to, { write: true, createNew: true }));
  let sizeBytes = 0;
  let isCut = false;
  try {
    for await (const chunk of await item.open()) {
      await writeAll(to, file, chunk);
      sizeBytes += chunk.length;
    }
  } catch (error) {
    if (!takesCut || !(error instanceof ItemError)) throw error;
    isCut = true;
    const rest = error instanceof CutError ? error.received : new Uint8Array();
    await writeAll(to, file, rest);
    sizeBytes += rest.length;
  }
  await onDisk(to, file.sync());
  return { sizeBytes, isCut };
}

/** Loose files of one envelope come together in a directory, which is an envelope too. */
async function copyFiles(paths: readonly string[], to: string): Promise<number> {
  let sizeBytes = 0;
  await onDisk(to, Deno.mkdir(to));
  for (const path of paths) {
    const copy = join(to, basename(path));
    await onDisk(to, disk.copyFile(path, copy));
    await syncPath(copy);
    sizeBytes += (await Deno.stat(copy)).size;
  }
  await syncPath(to);
  return sizeBytes;
}

async function copyDirectory(from: string, to: string): Promise<number> {
  let sizeBytes = 0;
  await onDisk(to, Deno.mkdir(to));
  for await (const { name, isDirectory, isFile } of disk.readDir(from)) {
    if (isDirectory) sizeBytes += await copyDirectory(join(from, name), join(to, name));
    if (!isFile) continue;
    await onDisk(to, disk.copyFile(join(from, name), join(to, name)));
    await syncPath(join(to, name));
    sizeBytes += (await Deno.stat(join(to, name))).size;
  }
  await syncPath(to);
  return sizeBytes;
}

function randomLetters(): string {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return random.toString(36).padStart(7, "0").slice(-5);
}
