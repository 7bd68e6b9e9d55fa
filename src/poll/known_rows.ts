/** What the ledger has of a poll's items: asked once, though both the source and the poll want to know. */
import { dayOf, type Ledger, type LedgerRow } from "../ledger.ts";
import type { IsKnown } from "../sources/source.ts";

/** Whether another filter than that of now has skipped it; none has what a person dropped from the quarantine. */
export function isOutdated(row: LedgerRow, fingerprint: string): boolean {
  return row.outcome === "skipped" && row.fingerprint !== null && row.fingerprint !== fingerprint;
}

type Rows = ReadonlyMap<string, LedgerRow>;

/** The rows of one launcher. */
export class KnownRows {
  readonly #ledger: Ledger;
  readonly #launcher: string;
  readonly #isDue: (row: LedgerRow) => boolean;
  /** The answers to what the source asked last. */
  #asked: ReadonlyMap<string, LedgerRow | undefined> = new Map();
  /** What the source was told to wait, as it failed a while ago: in this poll it stays so, though its time may come. */
  readonly #waiting = new Set<string>();

  /** `launcher` is its scope; `isDue` tells of an item that has to be looked at again. */
  constructor(ledger: Ledger, launcher: string, isDue: (row: LedgerRow) => boolean) {
    this.#ledger = ledger;
    this.#launcher = launcher;
    this.#isDue = isDue;
  }

  /** For the source: those of the keys that need no look. */
  readonly isKnown: IsKnown = (keys) => {
    const rows = this.#ledger.lookup(this.#launcher, keys);
    this.#asked = new Map(keys.map((key) => [key, rows.get(key)]));
    const known = [...rows.values()].filter((row) => !this.#isDue(row));
    for (const { key, outcome } of known) if (outcome === "failed") this.#waiting.add(key);
    return new Set(known.map(({ key }) => key));
  };

  /** Whether an item has to be looked at again. Not when the source was told otherwise: it has not asked for its size. */
  isDue(row: LedgerRow): boolean {
    return !this.#waiting.has(row.key) && this.#isDue(row);
  }

  /** Each item is asked for once, before anything becomes of it: the answers to the source still hold. */
  of(keys: readonly string[]): Rows {
    if (!keys.every((key) => this.#asked.has(key))) return this.#ledger.lookup(this.#launcher, keys);
    const rows = new Map<string, LedgerRow>();
    for (const key of keys) {
      const row = this.#asked.get(key);
      if (row) rows.set(key, row);
    }
    return rows;
  }

  /** Marks what was found as seen, once a day. */
  see(rows: Rows): void {
    const today = dayOf(new Date());
    const found = rows.values().filter(({ seenDay }) => seenDay < today).map(({ key }) => key);
    this.#ledger.see(this.#launcher, [...found]);
  }
}
