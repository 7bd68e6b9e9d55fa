/** Numbers, sizes, durations and dates as people read them. Dates are in the time zone of the machine. */
import { type Lang, TEXTS } from "./texts.ts";

const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const RELATIVE_STEPS = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000]] as const;

/** Formatters of one language; making them is slow, so they are made once. */
function formatters(lang: Lang) {
  const { locale } = TEXTS[lang];
  return {
    number: new Intl.NumberFormat(locale),
    bytes: BYTE_UNITS.map((unit) =>
      new Intl.NumberFormat(locale, {
        style: "unit",
        unit,
        unitDisplay: unit === "byte" ? "long" : "short",
        maximumSignificantDigits: 3,
      })
    ),
    relative: new Intl.RelativeTimeFormat(locale, { numeric: "always", style: "short" }),
    clock: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    hour: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }),
    full: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" }),
    day: new Intl.DateTimeFormat(locale, { dateStyle: "medium" }),
  };
}

const FORMATTERS = { fr: formatters("fr"), en: formatters("en") };

/** A count with the language's separators. */
export function formatNumber(count: number, lang: Lang): string {
  return FORMATTERS[lang].number.format(count);
}

/** A size in decimal units: `12.3 MB`, `12,3 Mo`. */
export function formatBytes(bytes: number, lang: Lang): string {
  let step = 0;
  let value = bytes;
  // 999.5 would be shown as 1 000 of the smaller unit.
  while (value >= 999.5 && step < BYTE_UNITS.length - 1) {
    value /= 1000;
    step += 1;
  }
  return FORMATTERS[lang].bytes[step]?.format(value) ?? String(bytes);
}

/** A duration: `340 ms`, `2.4 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(milliseconds: number, lang: Lang): string {
  const { number } = FORMATTERS[lang];
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${number.format(Math.round(seconds * 10) / 10)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${number.format(Math.floor(whole / 3600))} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** How far away a date is: `2 min. ago`, `dans 40 s`. */
export function formatRelative(date: Date, options: { now: Date; lang: Lang }): string {
  const { relative } = FORMATTERS[options.lang];
  const away = date.getTime() - options.now.getTime();
  for (const [unit, length] of RELATIVE_STEPS) {
    if (Math.abs(away) >= length) return relative.format(Math.trunc(away / length), unit);
  }
  return relative.format(Math.trunc(away / 1000), "second");
}

/** Hour and minute. */
export function formatHour(date: Date, lang: Lang): string {
  return FORMATTERS[lang].hour.format(date);
}

/** Hour, minute, second. */
export function formatClock(date: Date, lang: Lang): string {
  return FORMATTERS[lang].clock.format(date);
}

/** Date and time. */
export function formatFull(date: Date, lang: Lang): string {
  return FORMATTERS[lang].full.format(date);
}

/** The date alone. */
export function formatDay(date: Date, lang: Lang): string {
  return FORMATTERS[lang].day.format(date);
}
