/** Which language a reader gets. */
import { type Lang, LANGS } from "./texts.ts";

function isLang(text: string | undefined): text is Lang {
  return LANGS.some((lang) => lang === text);
}

/** What a request says about languages, strongest first. */
export interface LangHints {
  readonly query?: string | undefined;
  readonly cookie?: string | undefined;
  readonly acceptLanguage?: string | undefined;
}

/** The language asked for, else the one chosen before, else the browser's best (RFC 9110, 12.5.4), else English. */
export function pickLang(hints: LangHints): Lang {
  if (isLang(hints.query)) return hints.query;
  if (isLang(hints.cookie)) return hints.cookie;
  let best: Lang = "en";
  let bestWeight = 0;
  // A header of thousands of ranges is no browser's.
  for (const range of (hints.acceptLanguage ?? "").split(",", 50)) {
    const [tag = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const lang = tag.split("-", 1)[0];
    const q = parameters.find((parameter) => parameter.startsWith("q="));
    const weight = q === undefined ? 1 : Number(q.slice(2));
    if (isLang(lang) && weight > bestWeight && weight <= 1) [best, bestWeight] = [lang, weight];
  }
  return best;
}
