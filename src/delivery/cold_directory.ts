/**
 * The COLD: waiting directories under `cold.root`, emptied by the document system at any moment. A document is
 * staged in `.lanceur` and appears in one rename, whole, under a name that was free; where a waiting directory is a volume
 * of its own, it is copied there first.
 */
import { basename, dirname, join } from "node:path";
import { addPlace, disk } from "../disk.ts";
import { DeliveryError } from "../errors.ts";
import type { Deliver, Destination, Move, Remark, Wish } from "./destination.ts";
import { numbered, safeName } from "./names.ts";
import { isLeft, moveTo, stagedPath } from "./other_volume.ts";
import { isThere, onDisk, Stage, syncPath } from "./staging.ts";

export type { Move, Wish } from "./destination.ts";

/** Folder in the COLD root, hidden from the document system, where documents are written before they arrive. */
export const STAGING = ".lanceur";
/** How many directories' last numbers are kept, so that the 2 000th SCN_0001.pdf is not searched from `_2`. */
const MAX_HINTS = 10_000;

interface Choice {
  readonly directory: string;
  readonly wish: Wish;
  /** Whether something has the wanted name already. */
  readonly isTaken: boolean;
  readonly moves: Move[];
}

/** All COLD directories of a gateway, under one root. */
export class Cold implements Destination {
  readonly #reserved = new Set<string>();
  readonly #hints = new Map<string, number>();
  /** Tells the stages of this run from those of others, which count from 0 as well. */
  readonly #random = (crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n).toString(36);
  #staged = 0;
  #choosing: Promise<unknown> = Promise.resolve();

  private constructor(readonly root: string, readonly staging: string, readonly prefix: string) {}

  /**
   * Opens `root`, which must be there already: a missing one may be an unmounted share. `owner` tells the
   * stages of one gateway from another's on the same root.
   *
   * @throws {DeliveryError} when it is missing, or cannot be written.
   */
  static async open(root: string, owner: string): Promise<Cold> {
    const staging = join(root, STAGING);
    const info = await disk.stat(root).catch((cause) => {
      throw new DeliveryError(
        `Cannot use COLD root "${root}": it is missing or cannot be read; is the share mounted?`,
        {
          cause,
        },
      );
    });
    if (!info.isDirectory) throw new DeliveryError(`Cannot use COLD root "${root}": it is not a directory`);
    addPlace(root, info.dev);
    await onDisk(staging, disk.mkdir(staging, { recursive: true }));
    return new Cold(root, staging, `${owner}-`);
  }

  /** A fresh stage for the documents of one item. */
  stage(): Stage {
    return new Stage(join(this.staging, `${this.prefix}${(this.#staged++).toString(36)}-${this.#random}`));
  }

  async place({ cold }: Deliver): Promise<string> {
    // The schema's check says so before.
    if (typeof cold !== "string") throw new TypeError("Cannot deliver: no COLD directory is named");
    return await this.directory(cold);
  }

  /** The absolute path of a COLD directory, made if it is missing. */
  async directory(name: string): Promise<string> {
    const path = join(this.root, ...name.split(/[/\\]/));
    await onDisk(this.root, disk.stat(this.root));
    await onDisk(path, disk.mkdir(path, { recursive: true }));
    return path;
  }

  /**
   * Chooses a free name in `directory` for each wish of each item and reserves it until `arrive` or `release`;
   * answers in the same order.
   */
  async reserve(directory: string, items: readonly (readonly Wish[])[]): Promise<Move[][]> {
    const chosen = this.#choosing.then(() => this.#choose(directory, items));
    this.#choosing = chosen.catch(() => {});
    return await chosen;
  }

  /** Makes the names of everything staged so far durable: called once for many items. */
  async sync(): Promise<void> {
    await syncPath(this.staging);
  }

  /** Renames everything to its target and makes that durable; several at once, in no promised order. */
  async arrive(moves: readonly Move[]): Promise<readonly Remark[]> {
    try {
      // All of them, also when one fails: a name given back, or a repair begun, would meet what is still under way.
      const results = await Promise.allSettled(moves.map(moveTo));
      for (const result of results) if (result.status === "rejected") throw result.reason;
      const directories = new Set(moves.map((move) => dirname(move.target)));
      for (const directory of directories) await syncPath(directory);
      // Directories cannot be synced there; NTFS writes its log in order, so a file's flush takes its rename along.
      if (Deno.build.os === "windows") {
        await Promise.all(moves.map(({ target }) => syncPath(target).catch(() => {})));
      }
      return [];
    } finally {
      this.release(moves);
    }
  }

  /** Gives reserved names back. */
  release(moves: readonly Move[]): void {
    for (const { target } of moves) this.#reserved.delete(target.toLowerCase());
  }

  /**
   * Finishes what a crash left: what is still staged gets its target, or another free name where that is taken by
   * now; what is gone was delivered, and perhaps already fetched by the document system.
   */
  async replan(moves: readonly Move[]): Promise<Move[]> {
    await this.#expectStaging();
    const left: Move[] = [];
    for (const move of moves) {
      if (!await isLeft(move)) continue;
      const directory = dirname(move.target);
      await onDisk(directory, disk.mkdir(directory, { recursive: true }));
      const name = move.target.slice(directory.length + 1);
      left.push(
        ...(await this.reserve(directory, [[{ staged: move.staged, name, sizeBytes: move.sizeBytes }]]))
          .flat(),
      );
    }
    // Looked at again: the share may have gone while its files were looked for.
    await this.#expectStaging();
    return left;
  }

  /** The rename has left nothing behind. */
  forget(): Promise<void> {
    return Promise.resolve();
  }

  async withdraw(moves: readonly Move[]): Promise<void> {
    for (const { staged } of moves) await disk.remove(staged, { recursive: true }).catch(() => {});
  }

  close(): void {}

  /** Removes stages that no pending item names: what a crash left before it was recorded. Returns how many. */
  async sweep(pending: ReadonlySet<string>): Promise<number> {
    let swept = 0;
    // The files of an envelope can be pending one by one, in the folder that it was decoded into.
    const folders = new Set([...pending].map((path) => dirname(path)));
    for await (const entry of disk.readDir(this.staging)) {
      const path = join(this.staging, entry.name);
      if (!entry.name.startsWith(this.prefix) || pending.has(stagedPath(path)) || folders.has(path)) continue;
      await disk.remove(path, { recursive: true }).catch(() => {});
      swept++;
    }
    return swept;
  }

  /** With the whole staging directory gone, a share is not mounted: its files were not delivered, they are elsewhere. */
  async #expectStaging(): Promise<void> {
    const isThere = await disk.stat(this.staging).then((info) => info.isDirectory, () => false);
    if (isThere) return;
    throw new DeliveryError(
      `Cannot finish deliveries in COLD root "${this.root}": "${this.staging}" is missing; is the share mounted?`,
    );
  }

  async #choose(directory: string, items: readonly (readonly Wish[])[]): Promise<Move[][]> {
    const wanted = items.map((wishes) => wishes.map((wish) => ({ ...wish, name: safeName(wish.name) })));
    // Looked up side by side: on a share each look is a round trip.
    const names = new Set(wanted.flat().map(({ name }) => name));
    const taken = new Set<string>();
    await Promise.all([...names].map(async (name) => {
      if (await isThere(join(directory, name))) taken.add(name);
    }));
    const chosen: Move[][] = [];
    try {
      for (const wishes of wanted) {
        const moves: Move[] = [];
        chosen.push(moves);
        for (const wish of wishes) {
          await this.#chooseOne({ directory, wish, isTaken: taken.has(wish.name), moves });
        }
      }
      return chosen;
    } catch (error) {
      this.release(chosen.flat());
      throw error;
    }
  }

  async #chooseOne({ directory, wish, isTaken, moves }: Choice): Promise<void> {
    const { staged, name, sizeBytes, companion } = wish;
    const wanted = join(directory, name);
    const isPlain = !isTaken && !companion && !this.#reserved.has(wanted.toLowerCase());
    const target = isPlain ? wanted : await this.#freeTarget(wanted, companion?.extension);
    // The sidecar first: who sees the document finds what belongs to it.
    const fresh = companion
      ? [{ staged: companion.staged, target: target + companion.extension, sizeBytes: companion.sizeBytes }]
      : [];
    fresh.push({ staged, target, sizeBytes });
    for (const move of fresh) this.#reserved.add(move.target.toLowerCase());
    moves.push(...fresh);
  }

  async #freeTarget(wanted: string, extension: string | undefined): Promise<string> {
    const isFree = async (path: string) =>
      await this.#isFree(path) && (extension === undefined || await this.#isFree(path + extension));
    if (await isFree(wanted)) return wanted;
    // The last number given is only where the search begins: what was there may have been fetched since.
    const hint = wanted.toLowerCase();
    for (let number = this.#hints.get(hint) ?? 2;; number++) {
      const target = join(dirname(wanted), numbered(basename(wanted), number));
      if (!await isFree(target)) continue;
      if (this.#hints.size >= MAX_HINTS) this.#hints.clear();
      this.#hints.set(hint, number + 1);
      return target;
    }
  }

  async #isFree(path: string): Promise<boolean> {
    return !this.#reserved.has(path.toLowerCase()) && !await isThere(path);
  }
}
