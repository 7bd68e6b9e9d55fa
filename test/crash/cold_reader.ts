/** Stands for the document system: takes away whatever appears in a COLD directory, at any moment, and counts it. */
import { unzipSync } from "fflate";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** What has arrived so far: how often each content has. */
export type Arrivals = ReadonlyMap<string, number>;

/** Reads one COLD directory. Disposing stops it. */
export class ColdReader implements AsyncDisposable {
  readonly #arrivals = new Map<string, number>();
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(readonly directory: string) {}

  /** Contents with the number of times each arrived. */
  get arrivals(): Arrivals {
    return this.#arrivals;
  }

  /** Takes everything away as it comes until `pause`. */
  start(everyMs = 5): void {
    const { signal } = this.#stop = new AbortController();
    this.#running = this.#run(everyMs, signal);
  }

  /** Leaves what comes from now on. */
  async pause(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Takes away what is there now. */
  async take(): Promise<void> {
    for await (const { name, isDirectory } of this.#entries()) {
      await this.#read(join(this.directory, name), isDirectory);
      await Deno.remove(join(this.directory, name), { recursive: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pause();
  }

  async #run(everyMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.take();
      await delay(everyMs, undefined, { signal }).catch(() => {});
    }
  }

  async *#entries(): AsyncGenerator<Deno.DirEntry> {
    try {
      yield* Deno.readDir(this.directory);
    } catch (error) {
      // Not made yet.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  async #read(path: string, isDirectory: boolean): Promise<void> {
    if (isDirectory) {
      for await (const entry of Deno.readDir(path)) {
        await this.#read(join(path, entry.name), entry.isDirectory);
      }
      return;
    }
    const bytes = await Deno.readFile(path);
    if (path.endsWith(".zip") && bytes[0] === 0x50) {
      for (const content of Object.values(unzipSync(bytes))) this.#count(content);
    } else this.#count(bytes);
  }

  #count(bytes: Uint8Array): void {
    const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
    this.#arrivals.set(digest, (this.#arrivals.get(digest) ?? 0) + 1);
  }
}
