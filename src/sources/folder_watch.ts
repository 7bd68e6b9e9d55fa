/** Wake-ups for `schedule = "push"` on folders. */
import { setTimeout as delay } from "node:timers/promises";
import { disk } from "../disk.ts";
import { isInside } from "./folder_place.ts";

/** How a folder is watched. */
export interface WatchOptions {
  readonly recursive: boolean;
  readonly signal: AbortSignal;
  /** Longest time between two wake-ups; 10 s unless given. Network shares tell of nothing. */
  readonly rescanMs?: number;
  /** Told what changed before each wake-up, of many things some. Never rejects. */
  readonly onChanged?: (paths: readonly string[]) => Promise<void>;
}

const RESCAN_MS = 10_000;
const BURST_MS = 100;
/** Paths told at a time. */
const MAX_PATHS = 1000;

/**
 * Yields at once, then soon after something in the folder changed, and in any case every `rescanMs`. A missing folder is
 * no error: a poll says what is wrong with it. Ends on an abort and, even while a wake-up is awaited, on `return()`.
 */
export function watchFolder(path: string, options: WatchOptions): AsyncIterableIterator<void> {
  const returned = new AbortController();
  const signal = AbortSignal.any([options.signal, returned.signal]);
  const wakeUps = watch(path, { ...options, signal });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => wakeUps.next(),
    async return() {
      returned.abort();
      return await wakeUps.return();
    },
  };
}

async function* watch(path: string, options: WatchOptions): AsyncGenerator<void, void> {
  const { signal, recursive, rescanMs = RESCAN_MS } = options;
  await using watcher = new RenewedWatcher(path, recursive);
  while (!signal.aborted) {
    // Watched before the wake-up: what arrives while that poll runs must wake again.
    const change = watcher.nextChange();
    await watcher.renew();
    yield;
    const rescan = new AbortController();
    const waiting = AbortSignal.any([signal, rescan.signal]);
    await Promise.race([change, delay(rescanMs, undefined, { signal: waiting }).catch(ignoreAbort)]);
    rescan.abort();
    await delay(BURST_MS, undefined, { signal }).catch(ignoreAbort);
    await options.onChanged?.(watcher.takePaths());
  }
}

function ignoreAbort(): void {}

/** `Deno.watchFs` that comes back after its folder was missing, replaced or unwatchable. */
class RenewedWatcher implements AsyncDisposable {
  readonly #path: string;
  readonly #recursive: boolean;
  #watcher: Deno.FsWatcher | undefined;
  #watched: string | undefined;
  #listening: Promise<void> | undefined;
  #changed = Promise.withResolvers<void>();
  readonly #paths = new Set<string>();

  constructor(path: string, recursive: boolean) {
    this.#path = path;
    this.#recursive = recursive;
  }

  /** Resolves at the next change, never rejects; pending for ever where nothing can be watched. */
  nextChange(): Promise<void> {
    this.#changed = Promise.withResolvers();
    return this.#changed.promise;
  }

  /** What changed since this was asked last. */
  takePaths(): readonly string[] {
    const paths = [...this.#paths];
    this.#paths.clear();
    return paths;
  }

  /** Watches anew when the folder is not the one that was watched. */
  async renew(): Promise<void> {
    const identity = await identityOf(this.#path);
    if (this.#watcher && identity !== undefined && identity === this.#watched) return;
    await this[Symbol.asyncDispose]();
    try {
      this.#watcher = Deno.watchFs(this.#path, { recursive: this.#recursive });
    } catch {
      // Missing for now, or the system's watches are used up: the rescan remains.
      return;
    }
    this.#watched = identity;
    this.#listening = this.#listen(this.#watcher);
  }

  /** Resolves when the watch has ended: until then Deno would share its handle with the next one of the same path. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#watcher?.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
    this.#watcher = undefined;
    await this.#listening;
  }

  async #listen(watcher: Deno.FsWatcher): Promise<void> {
    try {
      for await (const event of watcher) {
        // Our own reading must not wake us, nor what goes on elsewhere: Deno tells every watcher of every removal
        // (denoland/deno#30878). One in this folder can stand for an arrival: created and renamed at once.
        if (event.kind === "access") continue;
        if (event.kind === "remove" && !event.paths.some((path) => isInside(path, this.#path))) continue;
        if (event.paths.includes(this.#path)) this.#watched = undefined;
        for (const path of event.paths) if (this.#paths.size < MAX_PATHS) this.#paths.add(path);
        this.#changed.resolve();
      }
    } catch {
      // The next look renews it.
      this.#watched = undefined;
    }
  }
}

/** Tells a folder from one that was put, or mounted, in its place. */
async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino, birthtime } = await disk.stat(path);
    return `${dev}|${ino}|${birthtime?.getTime()}`;
  } catch {
    return undefined;
  }
}
