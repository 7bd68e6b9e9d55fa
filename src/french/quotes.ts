/** Quotation marks in what is reported: what stands between them is a name, a value, somebody else's words. */

/** Every place of `separator` from `from` on, and whether it stands within quotation marks that begin there or later. */
export function* placesOf(
  separator: string,
  text: string,
  from = 0,
): Generator<{ readonly at: number; readonly isQuoted: boolean }> {
  let isQuoted = false;
  let counted = from;
  for (let at = text.indexOf(separator, from); at !== -1; at = text.indexOf(separator, at + 1)) {
    for (; counted < at; counted++) if (text.charCodeAt(counted) === 0x22) isQuoted = !isQuoted;
    yield { at, isQuoted };
  }
}

/** Names that stand between quotation marks, and nothing else, as French writes them. */
export function inGuillemets(text: string): string {
  if (!/^"[^"]*"(?:, "[^"]*")*(?: \(tunnel\))?$/.test(text)) return text;
  return text.replaceAll(/"([^"]*)"/g, "«\u00a0$1\u00a0»");
}

/** Without names and values that can be told: what is quoted, what is put into braces, `option = value`. */
export function withoutQuotations(text: string): string {
  // From the start of a word alone: from each of its letters on takes a long one the square of its length.
  return text.replaceAll(/(?<!\S)\S+ = \S+|"[^"]*"|\{[^{}]*\}| \(tunnel\)/g, "").trim();
}
