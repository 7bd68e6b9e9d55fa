/** The counters of one service in memory that threads share: each thread writes a row of its own, all are added up. */
import type { ServiceCounters } from "./types.ts";

const FIELDS = ["connections", "active", "refused", "failed", "bytesIn", "bytesOut"] as const;
const ROW_BYTES = FIELDS.length * Float64Array.BYTES_PER_ELEMENT;

/** Rows of counters; every row begins at zero. */
export class SharedCounters {
  readonly memory: SharedArrayBuffer;
  readonly #cells: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#cells = new Float64Array(memory);
  }

  static make(rows: number): SharedCounters {
    return new SharedCounters(new SharedArrayBuffer(rows * ROW_BYTES));
  }

  /** The counters to be written by one thread alone. */
  row(index: number): ServiceCounters {
    return new Row(this.#cells.subarray(index * FIELDS.length, (index + 1) * FIELDS.length));
  }

  /** The sum of all rows, as it is now. */
  get total(): ServiceCounters {
    const total = { connections: 0, active: 0, refused: 0, failed: 0, bytesIn: 0, bytesOut: 0 };
    for (const [at, value] of this.#cells.entries()) {
      const field = FIELDS[at % FIELDS.length];
      if (field !== undefined) total[field] += value;
    }
    return total;
  }
}

class Row implements ServiceCounters {
  readonly #cells: Float64Array;

  constructor(cells: Float64Array) {
    this.#cells = cells;
  }

  #get(at: number): number {
    return this.#cells[at] ?? 0;
  }

  get connections(): number {
    return this.#get(0);
  }
  set connections(value: number) {
    this.#cells[0] = value;
  }
  get active(): number {
    return this.#get(1);
  }
  set active(value: number) {
    this.#cells[1] = value;
  }
  get refused(): number {
    return this.#get(2);
  }
  set refused(value: number) {
    this.#cells[2] = value;
  }
  get failed(): number {
    return this.#get(3);
  }
  set failed(value: number) {
    this.#cells[3] = value;
  }
  get bytesIn(): number {
    return this.#get(4);
  }
  set bytesIn(value: number) {
    this.#cells[4] = value;
  }
  get bytesOut(): number {
    return this.#get(5);
  }
  set bytesOut(value: number) {
    this.#cells[5] = value;
  }
}
