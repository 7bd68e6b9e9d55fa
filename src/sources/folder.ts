/** Folder: files that scanners, copiers and programs drop. */
import { basename } from "node:path";
import * as v from "valibot";
import type { SourceError } from "../errors.ts";
import type { Item, Outcome } from "../model.ts";
import { fileKey, listFiles, seeFile, type SeenFile, standStill } from "./folder_files.ts";
import { afterOption, pathOption, settleOption } from "./folder_options.ts";
import { settleOriginal } from "./folder_original.ts";
import { openPlace, type Place } from "./folder_place.ts";
import { keptFile } from "./folder_kept.ts";
import { noteFiles, stoodMs } from "./folder_sightings.ts";
import { readFile } from "./folder_reader.ts";
import { watchFolder } from "./folder_watch.ts";
import type { Protocol, Source, SourceContext } from "./source.ts";

const options = v.strictObject({
  protocol: v.pipe(v.literal("folder"), v.description("Listens to files in a folder")),
  path: pathOption,
  recursive: v.optional(
    v.pipe(v.boolean("must be true or false"), v.description("Whether files in subfolders are taken too")),
    false,
  ),
  settle: settleOption,
  after: afterOption,
});

/** `[listen]` of a folder launcher, as read. */
export type FolderOptions = v.InferOutput<typeof options>;

/**
 * A folder as a source. Left alone: hidden files, links, empty files, unfinished ones (`.part`, `.tmp`, `.crdownload`,
 * `~` at the end), and what does not stand still for `settle`.
 */
export const folder: Protocol<typeof options> = {
  options,
  async open(given, context) {
    context.signal.throwIfAborted();
    return new FolderSource(given, context, await openPlace(given.path, given.after, context));
  },
  watch({ path, recursive }, { path: pathOf, signal }) {
    return watchFolder(pathOf(path), { recursive, signal, onChanged: noteFiles });
  },
};

const UNFINISHED = /(\.part|\.tmp|\.crdownload|~)$/i;

function isWanted(name: string): boolean {
  return !name.startsWith(".") && !UNFINISHED.test(name);
}

class FolderSource implements Source {
  readonly #options: FolderOptions;
  readonly #place: Place;
  readonly #closed = new AbortController();
  readonly #signal: AbortSignal;
  #count: number | undefined;

  constructor(given: FolderOptions, context: SourceContext, place: Place) {
    this.#options = given;
    this.#place = place;
    this.#signal = AbortSignal.any([context.signal, this.#closed.signal]);
  }

  get count(): number | undefined {
    return this.#count;
  }

  /** By name, what has stood still already first. What is unreadable besides is thrown after everything else was yielded, so that it holds up nothing. */
  async *items(): AsyncGenerator<Item, void> {
    const { root, target } = this.#place;
    const { recursive, settle } = this.#options;
    const listing = await listFiles(root, {
      recursive,
      signal: this.#signal,
      accepts: isWanted,
      except: target,
    });
    const candidates = listing.files.filter((file) => file.sizeBytes > 0);
    this.#count = candidates.length;
    const settled: SeenFile[] = [];
    const fresh: SeenFile[] = [];
    let waitMs = 0;
    for (const file of candidates) {
      const leftMs = settle - stoodMs(file);
      (leftMs > 0 ? fresh : settled).push(file);
      waitMs = Math.max(waitMs, leftMs);
    }
    yield* this.#unchanged(settled);
    if (waitMs > 0) await standStill(waitMs, this.#signal);
    yield* this.#unchanged(fresh);
    throwFirst(listing.problems);
  }

  async *#unchanged(files: readonly SeenFile[]): AsyncGenerator<Item, void> {
    for (const file of files) {
      this.#signal.throwIfAborted();
      const again = await seeFile(this.#place.root, file.name);
      if (again?.fingerprint === file.fingerprint) yield await this.#item(file);
    }
  }

  async kept(key: string): Promise<Item | undefined> {
    const { target } = this.#place;
    const file = target === undefined ? undefined : await keptFile(target, key, this.#signal);
    if (file === undefined) return undefined;
    // It is where it is to be.
    return { ...await this.#item(file), key, settle: () => Promise.resolve(true) };
  }

  async commit(): Promise<void> {}

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new DOMException("The folder was closed", "AbortError"));
    return Promise.resolve();
  }

  async #item(file: SeenFile): Promise<Item> {
    return {
      kind: "file",
      key: await fileKey(file),
      label: basename(file.name),
      sizeBytes: file.sizeBytes,
      date: file.modified,
      path: file.path,
      open: () => readFile(file, this.#signal),
      settle: (outcome) => this.#settle(file, outcome),
    };
  }

  async #settle(file: SeenFile, outcome: Outcome): Promise<boolean> {
    const { path, name, fingerprint } = file;
    const root = this.#place.root;
    const isUnchanged = async () => (await seeFile(root, name))?.fingerprint === fingerprint;
    const original = { path, name, isDirectory: false, isUnchanged };
    return await settleOriginal(original, { after: this.#options.after, place: this.#place, outcome });
  }
}

function throwFirst(problems: readonly SourceError[]): void {
  if (problems[0]) throw problems[0];
}
