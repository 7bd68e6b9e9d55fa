/** The language of who reads the terminal: what the gateway reports and asks is French or English; options are words of their own. */

let lang: "fr" | "en" = "en";
let translate = (text: string): string => text;
let typeset = (text: string): string => text;

/** Finds out which language it is, and loads what that needs. `--json` is for programs: they get English. */
export async function loadLanguage({ isForPrograms }: { isForPrograms: boolean }): Promise<void> {
  if (isForPrograms || languageOf() === "en") return;
  lang = "fr";
  translate = (await import("../french/mod.ts")).inFrench;
  typeset = (await import("../french/template.ts")).typeset;
}

/** The language of the terminal. */
export function languageOf(): "fr" | "en" {
  const locale = ["LC_ALL", "LC_MESSAGES", "LANG"].map((name) => Deno.env.get(name)).find((value) => value);
  return (locale ?? navigator.language).toLowerCase().startsWith("fr") ? "fr" : "en";
}

/** A sentence of a command's own. */
export function say(english: string, french: string): string {
  return lang === "fr" ? typeset(french) : english;
}

/** What the gateway reports: problems, reasons, errors. */
export function reported(text: string): string {
  return translate(text);
}

/** `1 item`, `2 items`; in French the first word takes the plural. */
export function counted(count: number, noun: string, french: string): string {
  if (lang === "en") return `${count} ${noun}${count === 1 ? "" : "s"}`;
  return `${count} ${count < 2 ? french : french.replace(/^\S+/, "$&s")}`;
}
