/** How far a poll is, and how fast it goes. */

/** How far a poll is. */
export interface PollProgress {
  /** Items that are over: decided, delivered or known already. */
  readonly done: number;
  /** How many there are, where the source can tell: at most that many. */
  readonly of?: number | undefined;
  /** Octets of the items decided or delivered by this poll. */
  readonly bytes: number;
  /** The item that was over last. */
  readonly label?: string | undefined;
}

/** How fast a poll has gone lately. */
export interface Rate {
  readonly itemsPerSecond: number;
  readonly bytesPerSecond: number;
}

type Sample = Pick<PollProgress, "done" | "bytes"> & { readonly atMs: number };

const WINDOW_MS = 20_000;
const SAMPLE_MS = 500;
/** Sooner than this, a rate would be a guess. */
const LEAST_MS = 1000;

/** Measures the rate of one poll over the last twenty seconds. */
export class Pace {
  readonly #samples: Sample[];

  constructor(startMs: number) {
    this.#samples = [{ atMs: startMs, done: 0, bytes: 0 }];
  }

  /** Notes how far the poll is at a moment. */
  note({ done, bytes }: PollProgress, atMs: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && atMs - last.atMs < SAMPLE_MS) return;
    this.#samples.push({ atMs, done, bytes });
    // One sample older than the window stays: the rate is taken from there.
    while ((this.#samples[1]?.atMs ?? Infinity) <= atMs - WINDOW_MS) this.#samples.shift();
  }

  /** The rate up to a moment; `undefined` while it is too early to tell. */
  rate({ done, bytes }: PollProgress, atMs: number): Rate | undefined {
    const first = this.#samples[0];
    if (first === undefined || atMs - first.atMs < LEAST_MS) return undefined;
    const seconds = (atMs - first.atMs) / 1000;
    return { itemsPerSecond: (done - first.done) / seconds, bytesPerSecond: (bytes - first.bytes) / seconds };
  }
}
