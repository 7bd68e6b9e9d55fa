/** The configuration of a launcher as the page shows it: option by option, written as in its file, without secrets. */
import type { LauncherConfig } from "./config/mod.ts";
import { durationText, sizeText } from "./units.ts";

/** One option. */
export interface Setting {
  /** With its section: `listen.path`. */
  readonly name: string;
  readonly value: string;
}

const SIZE = /_size$/;
const DURATION = /\.(?:settle|unfinished_after|max_mail_time|follow)$/;

/** The options of a launcher that have a value. */
export function settingsOf(config: LauncherConfig): Setting[] {
  const { schedule, timezone, retries, listen, filter, documents, deliver } = config;
  const tables = { schedule, timezone, retries, listen, filter, documents, deliver };
  return Object.entries(tables).flatMap(([name, value]) => flat(name, value));
}

function flat(name: string, value: unknown): Setting[] {
  // Camel case is no option of a launcher's file, but what is made of some.
  if (value === undefined || (Array.isArray(value) && value.length === 0) || /[A-Z]/.test(name)) return [];
  if (/\.(?:password|token)$/.test(name)) return [{ name, value: "•••" }];
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, inner]) => flat(`${name}.${key}`, inner));
  }
  return [{ name, value: Array.isArray(value) ? value.join(", ") : written(name, value) }];
}

function written(name: string, value: unknown): string {
  if (typeof value !== "number") return String(value);
  return SIZE.test(name) ? sizeText(value) : DURATION.test(name) ? durationText(value) : String(value);
}
