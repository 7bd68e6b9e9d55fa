/** The output directory of one envelope: the only place where its decoding writes. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { EnvelopeError } from "../errors.ts";
import { MAX_FILES, MAX_TOTAL_BYTES } from "./limits.ts";
import { foldName, freeName, safeName } from "./names.ts";

/** Name of the file that the decoder writes about an envelope. */
export const METADATA_NAME = "metadata.json";

/** Name of the same as XML, where it is wanted. */
export const METADATA_XML_NAME = "metadata.xml";

const HEAD_BYTES = 512;
/** What the system is left to write at once; hundreds of megabytes would hold up whatever the gateway syncs meanwhile. */
const SYNC_BYTES = 16 * 1024 ** 2;
const COPY_BYTES = 256 * 1024;

/** A file written to the output directory. The same object stands for it whatever its name. */
export interface StagedFile {
  /** Base name there. */
  readonly name: string;
  /** Name within the envelope, as the envelope has it. */
  readonly source: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** In lower-case hexadecimal. */
  readonly sha256: string;
  /** The first octets, at most 512, to tell its type. */
  readonly head: Uint8Array;
}

/** A file being written. Disposing closes it, once or more; it counts as a file only once finished. */
export interface StagedWriter extends Disposable {
  /** Throws `EnvelopeError` when the envelope gets too large. */
  write(chunk: Uint8Array): Promise<void>;
  finish(): StagedFile;
}

/** What a staging is told beside its directory. */
export interface StagingOptions {
  /** Names kept free for what the decoder writes about the envelope; `METADATA_NAME` unless given. */
  readonly own?: readonly string[];
  /** How many files the envelope may have. */
  readonly maxFiles?: number;
}

/** Writes the files of one envelope, with safe and unique names, within the limits. Disposing waits for the disk. */
export class Staging implements AsyncDisposable {
  readonly #directory: string;
  /** Names kept free for what the decoder writes about the envelope. */
  readonly #own: ReadonlySet<string>;
  /** By folded name, unfinished ones and scratch without a file. */
  readonly #files = new Map<string, StagedFile | null>();
  /** By name in the envelope, as it would be here, and content. */
  readonly #contents = new Map<string, StagedFile>();
  /** The number that a name got last when it was asked for, folded. */
  readonly #numbers = new Map<string, number>();
  readonly #maxFiles: number;
  #finished = 0;
  #totalBytes = 0;
  /** Resolves when what has been asked for is on the disk. */
  #synced: Promise<void> = Promise.resolve();

  constructor(directory: string, { own = [METADATA_NAME], maxFiles = MAX_FILES }: StagingOptions = {}) {
    this.#directory = directory;
    this.#own = new Set(own);
    this.#maxFiles = maxFiles;
  }

  /** What was finished so far, in order. */
  get files(): readonly StagedFile[] {
    return [...this.#files.values()].filter((file) => file !== null);
  }

  /** How many files there may be. */
  get maxFiles(): number {
    return this.#maxFiles;
  }

  /** How many more octets may be written. */
  get remainingBytes(): number {
    return MAX_TOTAL_BYTES - this.#totalBytes;
  }

  /** Writes one file whole. Throws `EnvelopeError` past the limits, and whatever `chunks` throws. */
  async write(source: string, chunks: AsyncIterable<Uint8Array>): Promise<StagedFile> {
    using writer = await this.create(source);
    for await (const chunk of chunks) await writer.write(chunk);
    return writer.finish();
  }

  /**
   * Writes a file that is held whole, unless it is there already under this name.
   *
   * @returns the new file, or the one that was there.
   * @throws {EnvelopeError} as `write`.
   */
  async put(source: string, content: Uint8Array): Promise<StagedFile> {
    const same = this.find(source, createHash("sha256").update(content).digest("hex"));
    if (same !== undefined) return same;
    using writer = await this.create(source);
    await writer.write(content);
    return writer.finish();
  }

  /** The file of this name in the envelope, and of this content. */
  find(source: string, sha256: string): StagedFile | undefined {
    return this.#contents.get(contentKey(source, sha256));
  }

  /** Copies the file at `path`. Throws `EnvelopeError` past the limits. */
  async copy(source: string, path: string): Promise<StagedFile> {
    using file = Deno.openSync(path);
    using writer = await this.create(source);
    const chunk = new Uint8Array(COPY_BYTES);
    for (let count = file.readSync(chunk); count !== null; count = file.readSync(chunk)) {
      await writer.write(chunk.subarray(0, count));
    }
    return writer.finish();
  }

  /** Writes a file of the decoder's own about the envelope. */
  async writeOwn(name: string, chunks: AsyncIterable<Uint8Array>): Promise<StagedFile> {
    if (!this.#own.has(name)) throw new RangeError(`"${name}" was not kept free`);
    using writer = this.#create(name, name);
    for await (const chunk of chunks) await writer.write(chunk);
    return writer.finish();
  }

  /** Begins a file for the time being: it is not among `files`, and has to be removed. */
  createScratch(name: string): Promise<StagedWriter> {
    return Promise.resolve(this.#create(this.#free(name), name, { isScratch: true }));
  }

  /** Begins a file. Throws `EnvelopeError` when the envelope has too many. */
  // deno-lint-ignore require-await
  async create(source: string): Promise<StagedWriter> {
    if (this.#finished >= this.#maxFiles) throw tooManyFiles(`Cannot take "${source}"`, this.#maxFiles);
    return this.#create(this.#free(source), source);
  }

  #create(name: string, source: string, { isScratch = false } = {}): StagedWriter {
    const path = join(this.#directory, name);
    // The decoder has nothing else to do meanwhile, and a call that waits costs more than most files.
    const file = Deno.openSync(path, { write: true, createNew: true });
    this.#files.set(foldName(name), null);
    const hash = createHash("sha256");
    let head = new Uint8Array(0);
    let sizeBytes = 0;
    let unsyncedBytes = 0;
    // deno-lint-ignore require-await
    const write = async (chunk: Uint8Array) => {
      if (chunk.length > this.remainingBytes) {
        throw new EnvelopeError(
          `Cannot take "${source}": more than ${MAX_TOTAL_BYTES} bytes in one envelope`,
        );
      }
      this.#totalBytes += chunk.length;
      sizeBytes += chunk.length;
      if (head.length < HEAD_BYTES) {
        head = Uint8Array.of(...head, ...chunk.subarray(0, HEAD_BYTES - head.length));
      }
      hash.update(chunk);
      for (let written = 0; written < chunk.length;) written += file.writeSync(chunk.subarray(written));
      unsyncedBytes += chunk.length;
      if (unsyncedBytes < SYNC_BYTES) return;
      unsyncedBytes = 0;
      this.#sync(path);
    };
    const finish = () => {
      const staged = {
        name,
        source,
        path,
        sizeBytes,
        sha256: hash.digest("hex"),
        head,
      };
      if (!isScratch) this.#register(staged);
      return staged;
    };
    let open = true;
    const dispose = () => {
      if (open) file.close();
      open = false;
    };
    return { write, finish, [Symbol.dispose]: dispose };
  }

  /** Gives a file another name, made safe and unique, and records where it comes from. */
  async rename(file: StagedFile, source: string): Promise<void> {
    this.#forget(file);
    const name = this.#free(source);
    const path = join(this.#directory, name);
    await Deno.rename(file.path, path);
    this.#register(Object.assign(file, { name, source, path }));
  }

  /** Takes a file away again, such as the wrapping of an attachment. */
  async remove(file: StagedFile): Promise<void> {
    await Deno.remove(file.path);
    this.#forget(file);
    this.#totalBytes -= file.sizeBytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#synced;
  }

  /** Has a file written to the disk while the work goes on. A handle of its own, for Deno does one thing at a time with each. */
  #sync(path: string): void {
    const file = Deno.openSync(path, { write: true });
    // Whether it arrives there is for delivery to find out.
    this.#synced = this.#synced.then(() => file.syncData()).catch(() => {}).finally(() => file.close());
  }

  #register(file: StagedFile): void {
    this.#files.set(foldName(file.name), file);
    this.#finished++;
    const key = contentKey(file.source, file.sha256);
    if (!this.#contents.has(key)) this.#contents.set(key, file);
  }

  #forget(file: StagedFile): void {
    if (this.#files.get(foldName(file.name))) this.#finished--;
    this.#files.delete(foldName(file.name));
    const key = contentKey(file.source, file.sha256);
    if (this.#contents.get(key) === file) this.#contents.delete(key);
  }

  #free(source: string): string {
    const name = safeName(source);
    const wanted = this.#own.has(foldName(name)) ? `source-${name}` : name;
    // Thousands of attachments may be called the same.
    const folded = foldName(wanted);
    const free = freeName(wanted, this.#files, (this.#numbers.get(folded) ?? 0) + 1);
    this.#numbers.set(folded, free.number);
    return free.name;
  }
}

/** What is thrown when an envelope has too many files. */
export function tooManyFiles(action: string, maxFiles: number): EnvelopeError {
  return new EnvelopeError(
    `${action}: more than ${maxFiles} files in one envelope; documents.max_envelope_files allows more`,
  );
}

function contentKey(source: string, sha256: string): string {
  return `${sha256} ${safeName(source)}`;
}
