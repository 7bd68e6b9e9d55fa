/** Sources of a single item, for what a person asks for by hand. */
import type { Item } from "./model.ts";
import type { Source } from "./sources/source.ts";

/** A source that yields this one item of another, wherever that still has it; disposed with it. */
export function onlyItem(source: Source, key: string): Source {
  return {
    items: async function* () {
      for await (const item of source.items()) {
        if (item.key !== key) continue;
        yield item;
        return;
      }
      const kept = await source.kept?.(key);
      if (kept) yield kept;
    },
    commit: () => source.commit(),
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
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
