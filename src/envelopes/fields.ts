/**
 * What was understood of an envelope, as it stands under `fields` in `metadata.json`: text all through, so that no
 * amount, number or code loses a zero; dates as ISO 8601 has them; absent is what nothing tells.
 */

/** A text, a list, or members by name. */
export type Value = string | readonly Value[] | Fields;

/** Members by name. */
export type Fields = { readonly [name: string]: Value | undefined };

/** A code of the exchange format and, where it is known, what it means. */
export type Code = { readonly code: string; readonly libelle?: string };

/** Texts by code. */
export type Labels = Readonly<Record<string, string>>;

const MAX_SHOWN = 500;

/** The code with its label; `undefined` for an empty one. */
export function codeOf(given: string | undefined, labels: Labels, libelle?: string): Code | undefined {
  const code = given?.trim();
  if (!code) return undefined;
  const known = Object.hasOwn(labels, code) ? labels[code] : undefined;
  const text = libelle || known;
  return text ? { code, libelle: text } : { code };
}

/**
 * A day or moment in the forms that tools of this field write, as ISO 8601: `20240312`, `12/03/2024`,
 * `2024-03-12 10:36`. `undefined` for what is no date; where it came from still has it.
 */
export function isoDate(text: string | undefined): string | undefined {
  const trimmed = text?.trim() ?? "";
  const digits = /^(\d{4})(\d\d)(\d\d)(?:\d{6})?$/.exec(trimmed);
  if (digits !== null) return checkedDay(digits.slice(1, 4).join("-"));
  const french = /^(\d\d)\/(\d\d)\/(\d{4})\b/.exec(trimmed);
  if (french !== null) return checkedDay(french.slice(1, 4).reverse().join("-"));
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/.exec(trimmed);
  const [, day = "", time, zone = ""] = iso ?? [];
  const checked = checkedDay(day);
  // A day may have a zone too (XML Schema 1.0, 3.2.9); it says nothing here.
  return checked === undefined || time === undefined ? checked : `${checked}T${time}${zone}`;
}

/** Without members that are absent or blank, all the way down, and without the blanks around texts; `undefined` when nothing is left. */
export function compact<T extends Fields>(fields: T): T | undefined {
  const kept = Object.entries(fields).flatMap(([name, value]) => {
    const full = compactValue(value);
    return full === undefined ? [] : [[name, full]];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** Fills in members that are missing; of those that both have, members of members too. */
export function fillIn<T extends Fields>(fields: T, more: Fields): T {
  const filled: Record<string, Value | undefined> = { ...fields };
  for (const [name, value] of Object.entries(more)) {
    const own = filled[name];
    if (own === undefined || own === "") filled[name] = value;
    else if (isFields(own) && isFields(value) && isCompatible(own, value)) filled[name] = fillIn(own, value);
  }
  return filled as T;
}

/**
 * One level of short texts, for names of files: members of members as `name_member`, a code as `name` and
 * `name_libelle`, a list of texts joined. Lists of anything else are left out.
 */
export function flatten(fields: Fields, prefix = ""): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    const key = prefix + name;
    if (typeof value === "string") flat[key] = value;
    else if (isFields(value)) {
      const { code, ...rest } = value;
      if (typeof code === "string") flat[key] = code;
      Object.assign(flat, flatten(rest, `${key}_`));
    } else if (value?.every((each) => typeof each === "string")) {
      const shown = value.slice(0, MAX_SHOWN).join(", ");
      flat[key] = value.length > MAX_SHOWN ? `${shown}, …` : shown;
    }
  }
  return flat;
}

/** A day that is in the calendar. */
function checkedDay(day: string): string | undefined {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day) && day !== "" ? day : undefined;
}

function compactValue(value: Value | undefined): Value | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") return value.trim() || undefined;
  if (isFields(value)) return compact(value);
  const full = value.map(compactValue).filter((each) => each !== undefined);
  return full.length === 0 ? undefined : full;
}

function isFields(value: Value | undefined): value is Fields {
  return typeof value === "object" && !Array.isArray(value);
}

/** A label belongs to its code alone. */
function isCompatible(own: Fields, more: Fields): boolean {
  return own["code"] === more["code"];
}
