/** What `[deliver]` says of EzGED: which one, and for records the table with its columns. */
import * as v from "valibot";
import { durationOption } from "../../units.ts";
import type { DeliverFault } from "../destination.ts";

const NAME_FORM = "must be the NAME of an [ezged.NAME] in gateway.toml";
const TABLE_FORM = "must be the name of an EzGED table, such as COURRIERS";
const COLUMN_FORM = "must be the full name of a column, such as COURRIERS_OBJET";
const IDENTIFIER = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const MAX_COLUMNS = 100;

/** `[deliver] ezged`. */
export const ezgedName = v.pipe(
  v.string(NAME_FORM),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, NAME_FORM),
  v.description(
    "NAME of an `[ezged.NAME]` in gateway.toml: documents go to that EzGED over its web service, into the waiting directory `cold` there or, with `record`, into a table. Experimental: built from public documentation, not yet tried on a real EzGED.",
  ),
);

/** `[deliver.record]`: a row of an EzGED table per document. */
export const recordOptions = v.pipe(
  v.strictObject({
    table: v.pipe(
      v.string(TABLE_FORM),
      v.regex(IDENTIFIER, TABLE_FORM),
      v.description("The document type's table."),
    ),
    columns: v.pipe(
      v.record(
        v.pipe(v.string(COLUMN_FORM), v.regex(IDENTIFIER, COLUMN_FORM)),
        v.pipe(v.string("must be text"), v.maxLength(1000, "must not be longer than 1000 characters")),
      ),
      v.check((columns) => Object.keys(columns).length > 0, "must name at least one column"),
      v.check((columns) => Object.keys(columns).length <= MAX_COLUMNS, "must not name more than 100 columns"),
      v.description(
        "What each column gets: text with the placeholders of `deliver.name`, and `{datetime}` (`2026-01-31 08:05:00`, UTC), `{to}`, `{size}`, `{launcher}`, `{item}`, `{id}` (32 letters and digits, the same for one document at every attempt). A column whose text comes out empty is left out.",
      ),
    ),
    query: v.optional(v.pipe(
      v.string("must be the number of a query"),
      v.regex(/^[A-Za-z0-9_-]{1,32}$/, "must be the number of a query"),
      v.description("EzGED's QRY_ID of a view on this table; with `find` it tells whether a row is there."),
    )),
    find: v.optional(v.pipe(
      v.string(COLUMN_FORM),
      v.regex(IDENTIFIER, COLUMN_FORM),
      v.description(
        "A column of `columns` whose text is unlike any other's, best one with `{id}`: when the answer to an insertion is lost, the row is looked for by it. Without it such a document goes to quarantine, for a person to look.",
      ),
    )),
    original: v.optional(
      v.pipe(
        v.boolean(),
        v.description(
          "Whether EzGED keeps the file in its own format; `false`: only what it converts it to.",
        ),
      ),
      true,
    ),
    follow: v.optional(
      v.pipe(
        durationOption,
        v.maxValue(600_000, "must be at most 10 minutes"),
        v.description(
          "How long one poll waits for EzGED to have filed what it was given; what takes longer is asked for again at the next poll.",
        ),
      ),
      "60s",
    ),
  }),
  v.description(
    "With `ezged`, instead of `cold`: each document becomes a row of a table with the file attached.",
  ),
);

/** `[deliver.record]`, read. */
export type RecordOptions = Readonly<v.InferOutput<typeof recordOptions>>;

/** `[deliver]` of a launcher that delivers to EzGED. */
export interface EzgedDeliver {
  readonly ezged: string;
  /** Waiting directory there; exactly one of the two is given. */
  readonly cold?: string;
  readonly record?: RecordOptions;
}

/** Placeholders that columns have besides those of file names. */
export const COLUMN_PLACEHOLDERS: readonly string[] = ["datetime", "to", "size", "launcher", "item", "id"];

/** The rules between `[deliver]`'s options when `ezged` is given. */
export function faultsOfEzged(deliver: Readonly<Record<string, unknown>>): readonly DeliverFault[] {
  const { cold, record, group, sidecar } = deliver;
  const faults: DeliverFault[] = [];
  if (cold === undefined && record === undefined) faults.push({ key: "cold" });
  if (cold !== undefined && record !== undefined) {
    faults.push({ key: "record", message: "cannot stand beside cold: give one of them" });
  }
  if (group === "directory") {
    faults.push({ key: "group", message: 'cannot be directory with ezged: write "flat" or "zip"' });
  }
  if (sidecar !== undefined && sidecar !== "none") {
    faults.push({ key: "sidecar", message: "cannot be sent to EzGED: leave it at none" });
  }
  return [...faults, ...faultsOfFind(record)];
}

function faultsOfFind(record: unknown): DeliverFault[] {
  if (typeof record !== "object" || record === null) return [];
  const { find, query, columns } = record as Readonly<Record<string, unknown>>;
  if (find === undefined && query === undefined) return [];
  if (find === undefined || query === undefined) {
    return [{ key: "record", message: "needs both query and find, or neither: give the other one too" }];
  }
  const isMapped = typeof columns === "object" && columns !== null && Object.hasOwn(columns, String(find));
  return isMapped ? [] : [{ key: "record", message: "needs find among its columns: add that column" }];
}
