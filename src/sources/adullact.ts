/**
 * Adullact: a folder where Pastell, or another tool of French local government, deposits *enveloppes*: each a directory,
 * a zip, a tar.gz, a lone XML file, or a metadata file with the loose files that it lists.
 */
import * as v from "valibot";
import type { Item, Outcome } from "../model.ts";
import { fileKey, seeFile, type SeenFile, standStill } from "./folder_files.ts";
import { doubtOf } from "./folder_doubt.ts";
import { listEnvelopes, seeEnvelope, type SeenEnvelope } from "./folder_envelopes.ts";
import { keptFile } from "./folder_kept.ts";
import { afterOption, pathOption, settleOption, unfinishedAfterOption } from "./folder_options.ts";
import { removeLeftovers, type SettleOptions, settleOriginal } from "./folder_original.ts";
import { looseFiles, seeLooseAgain } from "./folder_loose.ts";
import { openPlace, type Place } from "./folder_place.ts";
import { readFile } from "./folder_reader.ts";
import { watchFolder } from "./folder_watch.ts";
import type { Protocol, Source, SourceContext, Unfinished } from "./source.ts";

const MARKERS_FORM = 'must be file names, such as ["fichier_termine.txt"]';
const PARTIAL_FORM = 'must be patterns with * and ?, such as ["*.part"]';

function keyOption(type: string, use: string) {
  const form = `must be the name of a metadata key, such as "${type}"`;
  return v.optional(v.pipe(v.string(form), v.nonEmpty(form), v.description(`Key that tells ${use}.`)), type);
}

const options = v.strictObject({
  protocol: v.pipe(v.literal("adullact"), v.description("Listens to a folder of envelopes.")),
  path: pathOption,
  settle: settleOption,
  unfinished_after: unfinishedAfterOption,
  unmarked: v.optional(
    v.pipe(
      v.picklist(["wait", "take"], 'must be "wait" or "take"'),
      v.description(
        "A directory with neither an end marker nor metadata, as S²LOW and Pastell 1 leave them: `wait` (default), or `take` it when nothing in it has changed for `unfinished_after`.",
      ),
    ),
    "wait",
  ),
  loose: v.optional(
    v.pipe(
      v.boolean("must be true or false"),
      v.description(
        'Whether files lie loose in the folder, as in Pastell\'s mode "files at the root": a metadata file and the files that it lists are then one envelope, and an XML file is taken with its metadata only.',
      ),
    ),
    false,
  ),
  after: afterOption,
  end_markers: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(MARKERS_FORM), v.nonEmpty(MARKERS_FORM)), MARKERS_FORM),
      v.description(
        "Files that say that a directory is complete; without one it has to stand still and hold a metadata file and all that this lists.",
      ),
    ),
    ["fichier_termine.txt", "transfert_termine.txt"],
  ),
  partial: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(PARTIAL_FORM), v.nonEmpty(PARTIAL_FORM)), PARTIAL_FORM),
      v.description("Names of files that are still being sent, as patterns with * and ?."),
    ),
    ["*.part"],
  ),
  keys: v.optional(
    v.pipe(
      v.strictObject({
        acte_nature: keyOption("acte_nature", "an envelope of Actes"),
        helios: keyOption("helios", "an envelope of Helios (PES)"),
        chorus_fact: keyOption("chorus_fact", "an envelope of Chorus Pro"),
      }),
      v.description("Metadata keys by which the type of an envelope is told."),
    ),
    {},
  ),
});

/** `[listen]` of an Adullact launcher, as read. */
export type AdullactOptions = v.InferOutput<typeof options>;

/**
 * A folder of envelopes as a source. A directory is taken when an end marker is in it, or else a metadata file with the
 * files that it lists, and everything in it stands still; an archive or an XML file when it stands still and has its
 * end. Where that does not come, it is told as unfinished; a directory that lacks only listed files, or the end marker
 * that may follow, is then taken as it is.
 */
export const adullact: Protocol<typeof options> = {
  options,
  async open(given, context) {
    context.signal.throwIfAborted();
    return new AdullactSource(given, context, await openPlace(given.path, given.after, context));
  },
  watch(given, context) {
    return watchFolder(context.path(given.path), { recursive: true, signal: context.signal });
  },
};

class AdullactSource implements Source {
  readonly #options: AdullactOptions;
  readonly #context: SourceContext;
  readonly #place: Place;
  readonly #unfinished: Unfinished[] = [];
  readonly #closed = new AbortController();
  readonly #signal: AbortSignal;
  #count: number | undefined;

  constructor(given: AdullactOptions, context: SourceContext, place: Place) {
    this.#options = given;
    this.#context = context;
    this.#place = place;
    this.#signal = AbortSignal.any([context.signal, this.#closed.signal]);
  }

  get count(): number | undefined {
    return this.#count;
  }

  get unfinished(): readonly Unfinished[] {
    return this.#unfinished;
  }

  /** By name. What is unreadable besides is thrown after everything else was yielded, so that it holds up nothing. */
  async *items(): AsyncGenerator<Item, void> {
    const { settle, end_markers: endMarkers, partial } = this.#options;
    const { root, target } = this.#place;
    const compareListing = this.#options.loose ? this.#context.compareListing : undefined;
    const rules = { endMarkers, partial, except: target, compareListing, signal: this.#signal };
    const { envelopes, problems, unlisted } = await listEnvelopes(root, rules);
    for (const file of unlisted) this.#tell(file, "no metadata, or more than one, list this loose file");
    this.#count = envelopes.filter((envelope) => envelope.partial === undefined).length;
    if (envelopes.some(({ isMarked, partial }) => !isMarked && partial === undefined)) {
      await standStill(settle, this.#signal);
    }
    for (const envelope of envelopes) {
      this.#signal.throwIfAborted();
      const again = await this.#seeAgain(envelope, this.#signal);
      if (again === envelope.fingerprint && await this.#isComplete(envelope)) {
        yield await this.#item(envelope);
      }
    }
    if (problems[0]) throw problems[0];
  }

  async kept(key: string): Promise<Item | undefined> {
    const { target } = this.#place;
    if (target === undefined) return undefined;
    const envelope = await this.#keptEnvelope(target, key);
    return envelope ? { ...await this.#item(envelope), key, settle: () => Promise.resolve(true) } : undefined;
  }

  /** Where settling has moved it; directories keep their fingerprint unless they were copied to another volume. */
  async #keptEnvelope(target: string, key: string): Promise<SeenEnvelope | undefined> {
    const [, name = "", fingerprint] = /^(.*)\/\|([0-9a-f]{64})$/s.exec(key) ?? [];
    const { end_markers: endMarkers, partial } = this.#options;
    if (fingerprint !== undefined) {
      const rules = { endMarkers, partial, signal: this.#signal };
      const { envelopes } = await listEnvelopes(target, rules);
      const found = envelopes.find((envelope) => envelope.fingerprint === fingerprint);
      return found && { ...found, name };
    }
    const file = await keptFile(target, key, this.#signal);
    return file && { ...file, file, files: [], isMarked: false };
  }

  async commit(): Promise<void> {
    if (this.#options.after !== "keep") await removeLeftovers(this.#place.root);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new DOMException("The folder was closed", "AbortError"));
    return Promise.resolve();
  }

  async #isComplete(envelope: SeenEnvelope): Promise<boolean> {
    const { compareListing } = this.#context;
    const takesUnmarked = this.#options.unmarked === "take";
    const doubt = await doubtOf(envelope, { compareListing, takesUnmarked, signal: this.#signal });
    if (doubt === undefined) return true;
    if (doubt.canBeWhole && this.#isLate(envelope)) return true;
    this.#tell(envelope, doubt.reason);
    return false;
  }

  #isLate({ changed }: Pick<SeenEnvelope, "changed">): boolean {
    return Date.now() - changed.getTime() >= this.#options.unfinished_after;
  }

  #tell(seen: Pick<SeenEnvelope, "name" | "changed">, reason: string): void {
    this.#unfinished.push({ label: seen.name, reason, since: seen.changed, isLate: this.#isLate(seen) });
  }

  async #item(envelope: SeenEnvelope): Promise<Item> {
    const { name, label = name, path, file, files, fingerprint, sizeBytes, modified, isLoose } = envelope;
    return {
      kind: "envelope",
      key: isLoose ? `${name}/+|${fingerprint}` : file ? await fileKey(file) : `${name}/|${fingerprint}`,
      label,
      sizeBytes,
      date: modified,
      path,
      ...(isLoose ? { beside: files.map((each) => each.path) } : {}),
      open: () => this.#read(path, file),
      settle: (outcome) => this.#settle(envelope, outcome),
    };
  }

  async #read(path: string, file: SeenFile | undefined): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    if (file === undefined) {
      throw new TypeError(`Cannot stream "${path}": an envelope that is a directory is read by its path`);
    }
    return await readFile(file, this.#signal);
  }

  async #settle(envelope: SeenEnvelope, outcome: Outcome): Promise<boolean> {
    const { path, name, fingerprint, file } = envelope;
    // What was delivered is settled even when the gateway is already stopping.
    const isUnchanged = async () => await this.#seeAgain(envelope, AbortSignal.any([])) === fingerprint;
    const options = { after: this.#options.after, place: this.#place, outcome };
    if (envelope.isLoose) return await this.#settleLoose(envelope, { isUnchanged, options });
    return await settleOriginal({ path, name, isDirectory: file === undefined, isUnchanged }, options);
  }

  /** The metadata first: after a crash in between, what is left belongs to nothing, and is never taken again. */
  async #settleLoose(
    envelope: SeenEnvelope,
    { isUnchanged, options }: {
      readonly isUnchanged: () => Promise<boolean>;
      readonly options: SettleOptions;
    },
  ): Promise<boolean> {
    if (!await isUnchanged()) return true;
    const { root } = this.#place;
    for (const { path, name, fingerprint } of looseFiles(envelope)) {
      const isSame = async () => (await seeFile(root, name))?.fingerprint === fingerprint;
      await settleOriginal({ path, name, isDirectory: false, isUnchanged: isSame }, options);
    }
    return true;
  }

  async #seeAgain(envelope: SeenEnvelope, signal: AbortSignal): Promise<string | undefined> {
    const { root } = this.#place;
    const { name, file } = envelope;
    if (envelope.isLoose) return await seeLooseAgain(root, envelope);
    if (file) return (await seeFile(root, name))?.fingerprint;
    const { end_markers: endMarkers, partial } = this.#options;
    const seen = await seeEnvelope(root, name, { endMarkers, partial, signal });
    return seen?.fingerprint;
  }
}
