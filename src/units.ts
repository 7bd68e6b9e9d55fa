/** Sizes and durations as administrators write them: "50 MB", "2s". */
import * as v from "valibot";

// French administrators write Mo and Go, and a comma; both are understood.
const SIZE = /^(\d{1,12}(?:[.,]\d{1,3})?)\s*(B|o|KB|Ko|MB|Mo|GB|Go|KiB|Kio|MiB|Mio|GiB|Gio)?$/i;
const DURATION = /^(\d{1,9}(?:[.,]\d{1,3})?)\s*(ms|s|m|min|h|d|j)$/i;

const SIZE_REMEDY = 'must be a size such as "500 KB", "50 MB" or "1.5 GB"';
const DURATION_REMEDY = 'must be a time such as "500ms", "2s", "30m", "1h" or "7d"';

const BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  j: 86_400_000,
};

/**
 * Octets meant by a text such as "50 MB". KB, MB and GB are powers of 1000, KiB, MiB and GiB of 1024; without
 * a unit the number is octets. `undefined` when it is no size.
 */
export function parseSize(text: string): number | undefined {
  return amount(text, SIZE, (unit) => BYTES[unit.replace(/o$/, "b") || "b"]);
}

/** Milliseconds meant by a text such as "2s" or "30m"; a unit is needed. `undefined` when it is no duration. */
export function parseDuration(text: string): number | undefined {
  return amount(text, DURATION, (unit) => MILLISECONDS[unit]);
}

/** A size as it may be written in a launcher file: the largest unit that leaves no fraction. */
export function sizeText(octets: number): string {
  return inUnits(octets, [["GB", 1e9], ["MB", 1e6], ["KB", 1e3]], " ") ?? `${octets} B`;
}

/** A duration as it may be written in a launcher file, from milliseconds: the largest unit that leaves no fraction. */
export function durationText(milliseconds: number): string {
  const units = [["d", 86_400_000], ["h", 3_600_000], ["m", 60_000], ["s", 1000]] as const;
  return inUnits(milliseconds, units, "") ?? `${milliseconds}ms`;
}

function inUnits(
  amount: number,
  units: readonly (readonly [unit: string, factor: number])[],
  space: string,
): string | undefined {
  const [unit, factor] = units.find(([, factor]) => amount >= factor && amount % factor === 0) ?? [];
  return factor === undefined ? undefined : `${amount / factor}${space}${unit}`;
}

/** A size in a launcher file; the output is octets. */
export const sizeOption = v.pipe(
  v.string(SIZE_REMEDY),
  v.trim(),
  v.regex(SIZE, SIZE_REMEDY),
  v.check((text) => parseSize(text) !== undefined, SIZE_REMEDY),
  v.transform((text) => parseSize(text) ?? 0),
);

/** A duration in a launcher file; the output is milliseconds. */
export const durationOption = v.pipe(
  v.string(DURATION_REMEDY),
  v.trim(),
  v.regex(DURATION, DURATION_REMEDY),
  v.transform((text) => parseDuration(text) ?? 0),
);

function amount(
  text: string,
  pattern: RegExp,
  factorOf: (unit: string) => number | undefined,
): number | undefined {
  const match = pattern.exec(text.trim());
  const factor = factorOf((match?.[2] ?? "").toLowerCase());
  if (match?.[1] === undefined || factor === undefined) return undefined;
  const value = Math.round(Number(match[1].replace(",", ".")) * factor);
  return Number.isSafeInteger(value) ? value : undefined;
}
