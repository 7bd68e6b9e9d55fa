/** Sources of a single item, for what a person asks for by hand. */
import { ItemError } from "./errors.ts";
import type { Item } from "./model.ts";
import type { Source } from "./sources/source.ts";

/** Mails that were moved are told by their content: so many are looked at, none larger than this. */
const MOVED_MAILS = 200;
const MOVED_BYTES = 64 * 1024 * 1024;

/** What an item is found again by. */
export interface WantedItem {
  readonly key: string;
  /** About when it was dealt with. */
  readonly at: Date | string;
  /** Second key of a mail. */
  readonly digest?: string;
}

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * A source that yields this one item of another, wherever that still has it; disposed with it. `digestOf` makes the second
 * key of a mail.
 */
export function onlyItem(
  source: Source,
  row: WantedItem,
  digestOf: (content: Bytes) => Promise<string | undefined>,
): Source {
  return {
    items: async function* () {
      for await (const item of source.items()) {
        if (item.key !== row.key) continue;
        yield item;
        return;
      }
      const kept = await source.kept?.(row.key) ?? await findMoved(source, row, digestOf);
      if (kept) yield kept;
    },
    commit: () => source.commit(),
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
}

async function findMoved(
  source: Source,
  { key, at, digest }: WantedItem,
  digestOf: (content: Bytes) => Promise<string | undefined>,
): Promise<Item | undefined> {
  if (digest === undefined) return undefined;
  let looks = MOVED_MAILS;
  for await (const item of source.moved?.(new Date(at)) ?? []) {
    if (item.sizeBytes > MOVED_BYTES) continue;
    if (looks-- === 0) return undefined;
    const content = new Uint8Array(await new Response(await item.open()).arrayBuffer());
    if (await digestOf(content) !== digest) continue;
    const open = () => Promise.resolve(ReadableStream.from([content.slice()]));
    // It is where it is to be.
    return {
      kind: item.kind,
      key,
      label: item.label,
      sizeBytes: item.sizeBytes,
      open,
      settle: () => Promise.resolve(true),
    };
  }
  return undefined;
}

/** A source that yields an item of the quarantine. */
export function storedSource(item: Item): Source {
  return {
    items: async function* () {
      yield await Promise.resolve(item);
    },
    commit: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** What to say of an original that is wanted and cannot be found; `place` names its source. */
export function goneError(label: string, place: string): ItemError {
  return new ItemError(
    `Cannot deliver "${label}" again: its original is not in ${place} any more, nor where after = { move = … } puts it; ` +
      "put a copy of it there, or ask its sender to send it anew",
  );
}
