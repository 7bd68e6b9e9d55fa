/** `[deliver] duplicates`: what becomes of content that was delivered before, from another item. */
import type { DeliverConfig } from "../delivery/options.ts";
import type { Move, Wish } from "../delivery/destination.ts";
import type { PendingItem } from "../ledger.ts";
import type { StagedItem } from "./take.ts";

/** What a document gets behind its name when it is marked. */
const MARK = "_doublon";

/** An item with what is left of it to deliver. */
export interface Sifted {
  readonly one: StagedItem;
  /** Its wishes that were left out; their files are still staged. */
  readonly left: readonly Wish[];
  /** Hashes of the content that is new with it, for the ledger. */
  readonly contents: readonly string[];
}

/** Every hash of content of these items. */
export function contentsOf(staged: readonly StagedItem[]): string[] {
  return staged.flatMap(({ wishes }) => wishes.flatMap(({ content }) => content ?? []));
}

/**
 * Leaves out or marks what was delivered before; `delivered` holds, by hash of content, the label of an item that had
 * it, and is added to. Within one item nothing is a duplicate.
 */
export function siftDuplicates(
  one: StagedItem,
  { duplicates, delivered }: { duplicates: DeliverConfig["duplicates"]; delivered: Map<string, string> },
): Sifted {
  if (duplicates === "deliver") return { one, left: [], contents: contentsOf([one]) };
  const kept: Wish[] = [];
  const left: Wish[] = [];
  const notes: string[] = one.note === undefined ? [] : [one.note];
  const contents = new Set<string>();
  for (const wish of one.wishes) {
    const { name, content } = wish;
    const before = content === undefined ? undefined : delivered.get(content);
    if (content !== undefined && before === undefined) contents.add(content);
    if (before !== undefined) notes.push(`${name}: the same content was delivered from ${before}`);
    if (before !== undefined && duplicates === "skip") left.push(wish);
    else kept.push(before !== undefined && duplicates === "mark" ? { ...wish, name: marked(name) } : wish);
  }
  for (const content of contents) delivered.set(content, one.item.label);
  const note = notes.join("; ");
  return { one: { ...one, wishes: kept, ...(note === "" ? {} : { note }) }, left, contents: [...contents] };
}

function marked(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? `${name.slice(0, dot)}${MARK}${name.slice(dot)}` : `${name}${MARK}`;
}

/** What the ledger is told of an item before its documents are handed over. */
export function pendingOf(
  { one: { item: { key, label }, title, digest }, contents, moves }: Sifted & {
    readonly moves: readonly Move[];
  },
): PendingItem {
  return {
    key,
    label,
    ...(title ? { title } : {}),
    ...(digest ? { digest } : {}),
    documents: moves,
    contents,
  };
}

/** Whether nothing is left of it to deliver: all of its content comes, or came, from other items. */
export function isCopy({ one }: Sifted): boolean {
  return one.wishes.length === 0;
}
