/** The long lists of a PES: bordereaux with their pièces, and whatever else has items without number. */
import type { Contents } from "./envelope.ts";
import type { Fields, Value } from "./fields.ts";
import { FieldsList, type WrittenList } from "./fields_list.ts";

/** Members while they come together. */
export type Members = Record<string, Value | undefined>;

/**
 * How many pièces, lines, tiers and so on `metadata.json` tells of: about 40 MB of text. The message itself, delivered
 * beside it, has all of them.
 */
const MAX_TOLD = 200_000;

/** Writes lists as their items come, each from its first to its last. */
export class HeliosLists implements Disposable {
  readonly #contents: Contents;
  readonly #lists = new Map<string, FieldsList>();
  #told = 0;

  constructor(contents: Contents) {
    this.#contents = contents;
  }

  /** The list called `name`, begun if need be. */
  async list(name: string): Promise<FieldsList> {
    const { staging, wishes } = this.#contents;
    const list = this.#lists.get(name) ?? await FieldsList.create(staging, wishes);
    this.#lists.set(name, list);
    return list;
  }

  /** Whether so much is told that nothing more will be. */
  get isFull(): boolean {
    return this.#told >= MAX_TOLD;
  }

  /** Whether an item of so many parts may still be told; if so it counts. */
  admits(parts: number): boolean {
    const isAdmitted = this.#told + parts <= MAX_TOLD;
    // What is told has no gaps.
    this.#told = isAdmitted ? this.#told + parts : MAX_TOLD;
    return isAdmitted;
  }

  /** Writes what has come together. */
  async flush(): Promise<void> {
    for (const list of this.#lists.values()) await list.flush();
  }

  /** Ends the lists. */
  async finish(): Promise<ReadonlyMap<string, WrittenList>> {
    const written = new Map<string, WrittenList>();
    for (const [name, list] of this.#lists) written.set(name, await list.finish());
    return written;
  }

  [Symbol.dispose](): void {
    for (const list of this.#lists.values()) list[Symbol.dispose]();
  }
}

/** Adds `value` to the list `name` of `members`, which begins with it. */
export function append(members: Members, name: string, value: Fields): void {
  const list = members[name];
  if (Array.isArray(list)) list.push(value);
  else if (list === undefined) members[name] = [value];
}
