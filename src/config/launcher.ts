/** NAME.toml: one launcher. The tables are the schemas of the stages that use them. */
import { createHash } from "node:crypto";
import * as v from "valibot";
import { addressOf } from "../delivery/mod.ts";
import { type DeliverConfig, deliverOptions } from "../delivery/options.ts";
import { filterOptions } from "../filter/mod.ts";
import { documentsOptions } from "../message/options.ts";
import { protocols } from "../sources/mod.ts";

/** Names of launchers, and so of their files, and ids: safe in URLs, metrics and on every file system. */
export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const ID_FORM = "must be 1 to 64 letters without accents, digits, dots, dashes or underscores";
const RETRIES_FORM = "must be a whole number from 0 to 100";

const listenOptions = v.variant("protocol", Object.values(protocols).map((protocol) => protocol.options));

/** The options of a launcher file. */
export const launcherOptions = v.strictObject({
  description: v.optional(
    v.pipe(v.string(), v.maxLength(200), v.description("Shown on the status page.")),
    "",
  ),
  enabled: v.optional(
    v.pipe(v.boolean(), v.description("A launcher that is not enabled is checked, but never polls.")),
    true,
  ),
  id: v.optional(v.pipe(
    v.string(),
    v.regex(NAME_PATTERN, ID_FORM),
    v.description(
      "Name under which the ledger remembers what was done; the file's own name unless given. Give the old name when renaming a file, or everything is taken again.",
    ),
  )),
  schedule: v.optional(
    v.pipe(
      v.string(),
      v.description(
        'When to poll: a cron pattern of 5 or 6 fields; `"@every 30s"`; or `"push"`: at once when something arrives (IMAP IDLE, or folder events with a rescan every 10 s).',
      ),
    ),
    "*/10 * * * *",
  ),
  timezone: v.optional(
    v.pipe(v.string(), v.description("Time zone of `schedule`, such as `Europe/Paris` or `Indian/Reunion`.")),
    "Europe/Paris",
  ),
  retries: v.optional(
    v.pipe(
      v.number(RETRIES_FORM),
      v.integer(RETRIES_FORM),
      v.minValue(0, RETRIES_FORM),
      v.maxValue(100, RETRIES_FORM),
      v.description(
        "How often an item that fails is tried again, with growing delays, before it goes to quarantine.",
      ),
    ),
    5,
  ),
  listen: v.pipe(listenOptions, v.description("Where documents come from.")),
  filter: v.pipe(
    v.optional(filterOptions, {}),
    v.description("Which items or documents are taken; all unless given."),
  ),
  documents: v.pipe(v.optional(documentsOptions, {}), v.description("What is taken out of a mail.")),
  deliver: v.pipe(deliverOptions, v.description("Where documents go.")),
});

/** What `launcherOptions` gives. */
export type LauncherOptions = v.InferOutput<typeof launcherOptions>;

/** One launcher, read and checked. */
export interface LauncherConfig {
  /** Base name of its file. */
  readonly name: string;
  /** Scope in the ledger. */
  readonly id: string;
  readonly file: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly schedule: string;
  readonly timezone: string;
  readonly retries: number;
  readonly listen: LauncherOptions["listen"];
  readonly filter: LauncherOptions["filter"];
  readonly documents: LauncherOptions["documents"];
  readonly deliver: DeliverConfig;
  /** Hash of `[filter]` and `[documents]` as written: when it changes, skipped items are looked at again. */
  readonly fingerprint: string;
}

/** Where a launcher comes from, besides its options. */
export interface LauncherOrigin {
  readonly name: string;
  readonly file: string;
  /** The table as written. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Fills in what depends on other options. */
export function launcherConfigOf(
  options: LauncherOptions,
  { name, file, raw }: LauncherOrigin,
): LauncherConfig {
  const { id = name, deliver, ...rest } = options;
  // Elsewhere than in a folder there are no directories.
  const envelopeGroup = deliver.group ?? (addressOf(deliver).kind === "cold" ? "directory" : "flat");
  const group = options.listen.protocol === "adullact" ? envelopeGroup : deliver.group ?? "flat";
  const grouping = { group, envelopeGroup };
  return { ...rest, name, file, id, deliver: { ...deliver, ...grouping }, fingerprint: fingerprintOf(raw) };
}

function fingerprintOf(raw: Readonly<Record<string, unknown>>): string {
  const text = canonical([raw["filter"] ?? {}, raw["documents"] ?? {}]);
  return createHash("sha256").update(text).digest("hex");
}

/** The same for two launchers that were read from the same text. */
export function stampOf(launcher: LauncherConfig): string {
  return createHash("sha256").update(canonical(launcher)).digest("hex").slice(0, 16);
}

/** JSON with keys in order, so that moving a line changes nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([left], [right]) => left < right ? -1 : 1));
  });
}
