/** Where documents are written before they are renamed into the COLD: on the same volume, never inside a COLD directory. */
import { createHash, hash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { disk, fileCall } from "../disk.ts";
import { DeliveryError, errorText } from "../errors.ts";
import { syncPath as syncToDisk } from "../sync.ts";
import { safeName } from "./names.ts";

/** One document written and synced, waiting to be renamed. */
export interface StagedFile {
  readonly path: string;
  /** The name it arrived with. */
  readonly name: string;
  readonly sizeBytes: number;
  /** SHA-256 of the content, hexadecimal. */
  readonly sha256: string;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Files kept open at once, of all stages: well under the 1 024 that a process may have. */
const MAX_OPEN_FILES = 400;
let openFiles = 0;

async function syncAndClose(path: string, file: Deno.FsFile): Promise<void> {
  try {
    await onDisk(path, fileCall(path, () => file.sync()));
  } finally {
    openFiles--;
    file.close();
  }
}

/** The documents of one item while they are being gathered. */
export class Stage {
  readonly #files: StagedFile[] = [];
  #folder: string | undefined;
  readonly #unsynced: { readonly path: string; readonly file: Deno.FsFile }[] = [];
  #written = 0;

  readonly #beside: string[] = [];
  readonly #scratches: string[] = [];
  readonly #branches: Stage[] = [];

  /** `prefix` is an absolute path in the staging directory, this stage's alone. */
  constructor(readonly prefix: string) {}

  get files(): readonly StagedFile[] {
    return this.#files;
  }

  /** The folder made by `folder()`, if one was. */
  get folderPath(): string | undefined {
    return this.#folder;
  }

  /**
   * Writes a document, durable once `sync` has returned. An error of `content` is passed on as it is; what the disk refuses
   * is a `DeliveryError`.
   */
  async add(name: string, content: ReadableStream<Bytes> | Bytes): Promise<StagedFile> {
    const staged = await this.#write(name, content);
    this.#files.push(staged);
    return staged;
  }

  /** Writes a file that is not one of the documents: a zip of them. */
  async addBeside(name: string, content: ReadableStream<Bytes> | Bytes): Promise<StagedFile> {
    const staged = await this.#write(name, content);
    this.#beside.push(staged.path);
    return staged;
  }

  /** Writes a sidecar: into the folder where there is one, else beside the documents. */
  async addText(name: string, text: string): Promise<StagedFile> {
    const staged = await this.addBeside(name, new TextEncoder().encode(text));
    if (!this.#folder) return staged;
    const taken = new Set(this.#files.map((file) => basename(file.path).toLowerCase()));
    const path = join(this.#folder, freeName(name, taken));
    await onDisk(path, disk.rename(staged.path, path));
    await syncPath(this.#folder);
    this.#files.push({ ...staged, path });
    return { ...staged, path };
  }

  async #write(name: string, content: ReadableStream<Bytes> | Bytes): Promise<StagedFile> {
    const path = `${this.prefix}-${this.#written++}`;
    if (content instanceof Uint8Array) {
      await this.#writeWhole(path, content);
      return { path, name, sizeBytes: content.length, sha256: hash("sha256", content, "hex") };
    }
    const reader = content.getReader();
    const sha256 = createHash("sha256");
    let sizeBytes = 0;
    let file: Deno.FsFile | undefined;
    try {
      file = await onDisk(path, disk.open(path, { write: true, createNew: true }));
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        sha256.update(value);
        sizeBytes += value.length;
        await writeAll(path, file, value);
      }
      await this.#keepOpen(path, file);
    } catch (error) {
      await reader.cancel(error).catch(() => {});
      file?.close();
      if (file) await disk.remove(path).catch(() => {});
      throw error;
    } finally {
      reader.releaseLock();
    }
    return { path, name, sizeBytes, sha256: sha256.digest("hex") };
  }

  async #writeWhole(path: string, content: Bytes): Promise<void> {
    const file = await onDisk(path, disk.open(path, { write: true, createNew: true }));
    try {
      await writeAll(path, file, content);
      await this.#keepOpen(path, file);
    } catch (error) {
      file.close();
      await disk.remove(path).catch(() => {});
      throw error;
    }
  }

  /** A stage for documents within the item that are handed over apart; what becomes of this one becomes of it. */
  branch(): Stage {
    const branch = new Stage(`${this.prefix}-b${this.#branches.length}`);
    this.#branches.push(branch);
    return branch;
  }

  /** An empty folder that somebody else may write to, until `discard` or `clear`. */
  async scratch(): Promise<string> {
    const path = `${this.prefix}-s${this.#scratches.length}`;
    await onDisk(path, disk.mkdir(path));
    this.#scratches.push(path);
    return path;
  }

  /** Takes a file out of a scratch folder as one of the documents, durable once `sync` has returned. */
  async takeOver(file: StagedFile): Promise<StagedFile> {
    const path = `${this.prefix}-${this.#written++}`;
    await onDisk(path, disk.rename(file.path, path));
    const staged = { ...file, path };
    this.#files.push(staged);
    await this.#keepOpen(path, await onDisk(path, disk.open(path, { read: true, write: true })));
    return staged;
  }

  /**
   * Makes everything written so far durable. Many at once cost little more than one: the file system writes its journal
   * for all of them together, and no file has to wait for it while it is being made.
   */
  async sync(): Promise<void> {
    const results = await Promise.allSettled(
      this.#unsynced.splice(0).map(({ path, file }) => syncAndClose(path, file)),
    );
    for (const result of results) if (result.status === "rejected") throw result.reason;
    for (const branch of this.#branches) await branch.sync();
  }

  /** Keeps a written file open until `sync`, as long as not too many are. */
  async #keepOpen(path: string, file: Deno.FsFile): Promise<void> {
    if (openFiles >= MAX_OPEN_FILES) {
      await onDisk(path, fileCall(path, () => file.sync()));
      file.close();
      return;
    }
    openFiles++;
    this.#unsynced.push({ path, file });
  }

  #closeAll(): void {
    for (const { file } of this.#unsynced.splice(0)) {
      openFiles--;
      file.close();
    }
  }

  /** Removes one document again. */
  async drop(file: StagedFile): Promise<void> {
    this.#files.splice(this.#files.indexOf(file), 1);
    const open = this.#unsynced.findIndex(({ path }) => path === file.path);
    for (const one of open < 0 ? [] : this.#unsynced.splice(open, 1)) {
      openFiles--;
      one.file.close();
    }
    await disk.remove(file.path).catch(() => {});
  }

  /** Removes the document, or the folder, at this path again. */
  async dropPath(path: string): Promise<void> {
    const file = this.#files.find((one) => one.path === path);
    if (file) await this.drop(file);
    for (const branch of this.#branches) {
      if (branch.folderPath === path) await branch.discard();
      else await branch.dropPath(path);
    }
  }

  /** An empty folder that will be handed over in one rename. */
  async folder(): Promise<string> {
    if (!this.#folder) {
      const path = `${this.prefix}-d`;
      await onDisk(path, disk.mkdir(path));
      this.#folder = path;
    }
    return this.#folder;
  }

  /** Removes what the documents were made of once they have arrived: a folder whose zip was handed over. */
  async clear(): Promise<void> {
    this.#files.length = 0;
    for (const branch of this.#branches) await branch.clear();
    await this.discard();
  }

  /** Takes over a file that somebody else wrote into the folder; syncs it. */
  async adopt(file: StagedFile): Promise<void> {
    await syncPath(file.path);
    this.#files.push(file);
  }

  /** Moves the documents written so far into the folder, under their own names, made safe and unlike each other. */
  async gather(nameOf: (file: StagedFile) => string): Promise<void> {
    const folder = await this.folder();
    const taken = new Set<string>();
    for (const [index, file] of this.#files.entries()) {
      if (dirname(file.path) === folder) continue;
      const path = `${folder}/${freeName(safeName(nameOf(file)), taken)}`;
      await onDisk(path, disk.rename(file.path, path));
      this.#files[index] = { ...file, path };
    }
    await syncPath(folder);
  }

  /** Removes everything this stage has written. */
  async discard(): Promise<void> {
    this.#closeAll();
    for (const file of this.#files.splice(0)) await disk.remove(file.path).catch(() => {});
    for (const path of this.#beside.splice(0)) await disk.remove(path).catch(() => {});
    for (const path of [...this.#scratches, this.#folder]) {
      if (path !== undefined) await disk.remove(path, { recursive: true }).catch(() => {});
    }
    for (const branch of this.#branches) await branch.discard();
  }
}

/** Writes all of it to an open file. */
export async function writeAll(path: string, file: Deno.FsFile, bytes: Bytes): Promise<void> {
  for (let offset = 0; offset < bytes.length;) {
    const rest = offset === 0 ? bytes : bytes.subarray(offset);
    offset += await onDisk(path, fileCall(path, () => file.write(rest)));
  }
}

/** `name`, or `name` numbered, unlike any in `taken` even where case does not count; adds it there. */
export function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free.toLowerCase()); number++) {
    const dot = name.lastIndexOf(".");
    free = dot > 0 ? `${name.slice(0, dot)}_${number}${name.slice(dot)}` : `${name}_${number}`;
  }
  taken.add(free.toLowerCase());
  return free;
}

/** Makes what was written to a file or directory last. */
export async function syncPath(path: string): Promise<void> {
  await onDisk(path, syncToDisk(path));
}

/** Awaits a file operation and says what it means for the delivery when it fails. */
export async function onDisk<T>(path: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (cause) {
    throw new DeliveryError(`Cannot write "${path}": ${stateOf(cause)}`, { cause });
  }
}

/** Whether there is anything of that name. Throws `DeliveryError` when that cannot be known. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await disk.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    return await onDisk(path, Promise.reject(error));
  }
}

function stateOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const text = errorText(cause);
  if (code === "ENOSPC" || /os error 28\b/.test(text)) {
    return "the disk is full; free some space, nothing is lost meanwhile";
  }
  if (code === "EDQUOT" || /os error 122\b/.test(text)) {
    return "the quota of the gateway's account is used up; free some space or raise it, nothing is lost meanwhile";
  }
  if (code === "EROFS" || /os error 30\b/.test(text)) {
    return "the file system is read-only; mount it so that the gateway can write";
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    return "no permission; the gateway's account needs to read, write and rename there";
  }
  if (Deno.build.os === "windows" && /os error 3[23]\b/.test(text)) {
    return "another program (an indexer, a virus scanner) has it open; tried again at the next poll";
  }
  if (cause instanceof Deno.errors.NotFound) return "the folder is missing; is the share mounted?";
  return text;
}
