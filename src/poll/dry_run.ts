/**
 * What a poll would do, item by item, without doing it: items are taken apart as in a poll, into a folder that is thrown
 * away; nothing is recorded, delivered or settled.
 */
import { join } from "node:path";
import type { LauncherConfig } from "../config/mod.ts";
import type { Decoder } from "../decoder/client.ts";
import { addressOf, kindOf } from "../delivery/mod.ts";
import { numbered } from "../delivery/names.ts";
import { Stage } from "../delivery/staging.ts";
import { disk } from "../disk.ts";
import { errorText, GatewayError } from "../errors.ts";
import { compileFilter, type Filter } from "../filter/mod.ts";
import type { Ledger, LedgerRow } from "../ledger.ts";
import type { Item } from "../model.ts";
import type { Source } from "../sources/source.ts";
import { contentsOf, siftDuplicates } from "./duplicates.ts";
import { isOutdated } from "./known_rows.ts";
import { inGroups } from "./groups.ts";
import type { PollProgress } from "./progress.ts";
import { type PollReport, ReportBuilder, type ReportItem } from "./report.ts";
import { type StagedItem, takeItem } from "./take.ts";
import { isFinal } from "./verdicts.ts";

/** Items looked up in the ledger, and announced to the source, at a time. */
const SIFT_ITEMS = 100;

/** What a dry run reads, and where it may write. */
export interface DryRunTools {
  readonly ledger: Ledger;
  /** `cold.root`. */
  readonly root: string;
  readonly open: () => Promise<Source>;
  /** May write into `folder`. */
  readonly decoder: Decoder;
  /** An empty folder for what items are taken apart into. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: PollProgress) => void;
}

/** Looks at everything waiting. Documents carry the name they would get, were they delivered now. */
export async function dryRun(launcher: LauncherConfig, tools: DryRunTools): Promise<PollReport> {
  return await new DryRun(launcher, tools).run();
}

class DryRun {
  readonly #report: ReportBuilder;
  readonly #filter: Filter;
  /** Names given to documents so far. */
  readonly #taken = new Set<string>();
  readonly #digests = new Set<string>();
  readonly #contents = new Map<string, string>();
  #stages = 0;
  #bytes = 0;

  constructor(readonly launcher: LauncherConfig, readonly tools: DryRunTools) {
    this.#report = new ReportBuilder(launcher.name);
    this.#filter = compileFilter(launcher.filter);
  }

  async run(): Promise<PollReport> {
    await using source = await this.tools.open();
    for await (const items of inGroups(source.items(), SIFT_ITEMS)) {
      const rows = this.tools.ledger.lookup(this.launcher.id, items.map(({ key }) => key));
      const fresh = items.filter(({ key }) => this.#isDue(rows.get(key)));
      this.#report.known(items.length - fresh.length);
      source.expect?.(fresh);
      for (const item of fresh) {
        if (this.tools.signal.aborted) break;
        await this.#forecast(item, rows.get(item.key));
        this.#bytes += item.sizeBytes;
        const { count: of } = source;
        this.tools.onProgress?.({ done: this.#report.done, of, bytes: this.#bytes, label: item.label });
      }
    }
    this.#report.unfinished(source.unfinished ?? []);
    return this.#report.finish();
  }

  /** As for a poll by hand. */
  #isDue(row: LedgerRow | undefined): boolean {
    return row === undefined || row.outcome === "failed" ||
      isOutdated(row, this.launcher.fingerprint);
  }

  async #forecast(item: Item, row: LedgerRow | undefined): Promise<void> {
    const { launcher, tools: { decoder, folder, signal } } = this;
    const stage = new Stage(join(folder, String(this.#stages++)));
    let title: string | undefined;
    try {
      const taken = await takeItem(item, {
        launcher,
        filter: this.#filter,
        decoder,
        stage,
        signal,
        byHand: false,
        onTitle: (read) => title = read,
      });
      if (taken.kind === "staged") return await this.#forecastStaged(taken);
      this.#add(item, taken.kind === "skip" ? "skipped" : "quarantined", { reason: taken.reason, title });
    } catch (error) {
      if (signal.aborted || (error instanceof GatewayError && error.scope !== "item")) throw error;
      const isLast = (row?.attempts ?? 0) + 1 > launcher.retries;
      this.#add(item, isFinal(error) || isLast ? "quarantined" : "failed", {
        reason: errorText(error),
        title,
      });
    } finally {
      await stage.discard();
    }
  }

  async #forecastStaged(staged: StagedItem): Promise<void> {
    const { launcher: { id, deliver: { duplicates } }, tools: { ledger } } = this;
    const { item, digest } = staged;
    const twin = digest === undefined ? undefined : ledger.deliveredAs(id, [digest]).get(digest);
    if (twin !== undefined || (digest !== undefined && this.#digests.has(digest))) {
      return this.#report.known();
    }
    if (digest !== undefined) this.#digests.add(digest);
    if (duplicates !== "deliver") {
      const before = ledger.deliveredContents(id, contentsOf([staged]));
      for (const [content, label] of before) this.#contents.set(content, label);
    }
    const { one } = siftDuplicates(staged, { duplicates, delivered: this.#contents });
    const documents: string[] = [];
    for (const { name, staged, companion } of one.wishes) {
      const target = await this.#freeTarget(name);
      if (companion) documents.push(target + companion.extension);
      documents.push(...(one.inside.get(staged)?.map((file) => `${target}/${file}`) ?? [target]));
    }
    this.#add(item, "delivered", { reason: one.note ?? null, documents, title: one.title });
  }

  /** Where a document of this name would go; a name that is taken gets a number in the COLD. */
  async #freeTarget(name: string): Promise<string> {
    const { deliver } = this.launcher;
    const { kind } = addressOf(deliver);
    const targetOf = (name: string) => kindOf(kind).target(name, { deliver, root: this.tools.root });
    let target = targetOf(name);
    for (let number = 2; kind === "cold" && await this.#isTaken(target); number++) {
      target = targetOf(numbered(name, number));
    }
    this.#taken.add(target.toLowerCase());
    return target;
  }

  async #isTaken(target: string): Promise<boolean> {
    return this.#taken.has(target.toLowerCase()) || await disk.lstat(target).then(() => true, () => false);
  }

  #add(
    { key, label }: Item,
    outcome: ReportItem["outcome"],
    { reason, documents = [], title }: {
      reason: string | null;
      documents?: readonly string[];
      title: string | undefined;
    },
  ): void {
    const isSettled = outcome === "delivered" || outcome === "quarantined";
    const original = isSettled ? settledText(this.launcher) : "left alone";
    this.#report.add({ key, label, ...(title ? { title } : {}), outcome, reason, documents, original });
  }
}

/** What `after` means for an original. */
function settledText({ listen: { after } }: LauncherConfig): string {
  if (typeof after === "string") {
    return { keep: "kept", delete: "deleted", seen: "marked as seen", flag: "flagged" }[after];
  }
  if ("move" in after) return `moved to "${after.move}"`;
  if ("label" in after) return `given the label "${after.label}"`;
  if ("flag" in after) return `marked with "${after.flag}"`;
  return `deleted ${after.delete_after_days} days after it came`;
}
