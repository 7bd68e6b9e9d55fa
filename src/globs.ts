/** Globs: `*` stands for any characters, `?` for one, everything else for itself, upper and lower case alike. */

/** Whether the whole text matches; takes time in proportion to both lengths, whatever they contain. */
export function matchesGlob(text: string, glob: string): boolean {
  const characters = [...fold(text)];
  const pattern = [...fold(glob)];
  let at = 0;
  let place = 0;
  let star = -1;
  let resume = 0;
  while (at < characters.length) {
    const expected = pattern[place];
    if (expected === "*") {
      star = place++;
      resume = at;
    } else if (expected === "?" || (expected !== undefined && expected === characters[at])) {
      at++;
      place++;
    } else if (star >= 0) {
      // Only the last star needs another try: what stood before it has been found as early as can be.
      place = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  return pattern.slice(place).every((rest) => rest === "*");
}

/** Whether the whole text matches one of the globs. */
export function matchesAny(text: string, globs: readonly string[]): boolean {
  return globs.some((glob) => matchesGlob(text, glob));
}

function fold(text: string): string {
  return text.normalize("NFC").toLowerCase();
}
