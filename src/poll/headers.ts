/** Filters that a mail's headers answer: its body, which may be large, is not fetched to be thrown away. */
import type { Filter } from "../filter/mod.ts";
import type { Item } from "../model.ts";
import type { Source } from "../sources/source.ts";
import { inGroups } from "./groups.ts";
import type { LeftItem } from "./take.ts";

/** Headers asked for, and held, at a time. */
const HEADERS_AT_ONCE = 100;

/** What the filter says of mails before they are fetched. */
export interface Preview {
  readonly refused: readonly LeftItem[];
  /** The others in their order, those included that only the whole mail tells of. */
  readonly rest: readonly Item[];
}

/** Asks the source for headers where a rule needs them; `isStopped` ends that early. */
export async function previewMails(
  items: readonly Item[],
  { filter, source, isStopped }: {
    readonly filter: Filter;
    readonly source: Pick<Source, "headers">;
    readonly isStopped: () => boolean;
  },
): Promise<Preview> {
  if (!filter.asksHeaders || source.headers === undefined) return { refused: [], rest: items };
  // Loaded when there is a mail to be read: most polls find nothing new.
  const { headersOfBlock } = await import("../message/mod.ts");
  const { titleOf } = await import("./title.ts");
  const refused: LeftItem[] = [];
  const rest: Item[] = [];
  for await (const group of inGroups(items, HEADERS_AT_ONCE)) {
    if (isStopped()) break;
    const blocks = await source.headers(group);
    for (const item of group) {
      const block = blocks.get(item);
      const headers = block && headersOfBlock(block);
      // What is wrong with it is found out by taking it apart.
      const verdict = headers && filter.mail({ ...headers, sizeBytes: item.sizeBytes });
      if (verdict === undefined || verdict.take) rest.push(item);
      else {
        const title = headers && titleOf(headers);
        refused.push({ kind: "skip", item, reason: verdict.reason, ...(title ? { title } : {}) });
      }
    }
  }
  return { refused, rest };
}
