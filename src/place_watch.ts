/** Looks after folders that may be shares, while the gateway runs: which fall silent, which are there at last. */
import { silentPlaces, statWithin } from "./disk.ts";
import type { Problem } from "./errors.ts";
import { logOf } from "./log.ts";
import { SILENT_MS } from "./silence.ts";

const LOOK_MS = 5000;

const log = logOf("disk");

/** What the watch looks at, and who is told. */
export interface PlaceWatchOptions {
  /** The problems of the configuration as it is now. */
  problems(): readonly Problem[];
  /** Something is otherwise than before. */
  onChange(): void;
}

/** Watches until disposed, and says in the log what it finds. */
export class PlaceWatch implements Disposable {
  readonly #options: PlaceWatchOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #over = new WeakSet<Problem>();
  #silent: ReadonlySet<string> = new Set();
  #isLooking = false;

  constructor(options: PlaceWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  /** Whether a problem is over since the configuration was read: the folder that was missing is there. */
  isOver(problem: Problem): boolean {
    return this.#over.has(problem);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    this.#lookForSilence();
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      await Promise.all(this.#options.problems().map((problem) => this.#lookAgain(problem)));
    } finally {
      this.#isLooking = false;
    }
  }

  #lookForSilence(): void {
    const silent = new Set(silentPlaces(SILENT_MS).map(({ path }) => path));
    const fresh = silent.difference(this.#silent);
    const over = this.#silent.difference(silent);
    this.#silent = silent;
    for (const path of fresh) log.error("a folder does not answer; is the server of the share up?", { path });
    for (const path of over) log.info("a folder answers again", { path });
    if (fresh.size + over.size > 0) this.#options.onChange();
  }

  async #lookAgain(problem: Problem): Promise<void> {
    const { folder } = problem;
    if (folder === undefined || this.#over.has(problem)) return;
    const isThere = await statWithin(LOOK_MS, folder).then((info) => info.isDirectory, () => false);
    if (!isThere) return;
    this.#over.add(problem);
    log.info("a folder is there now", { path: folder });
    this.#options.onChange();
  }
}
