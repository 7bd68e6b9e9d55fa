/** Globs for file names: `*` any run of characters, `?` any one; capitals do not matter. */

/** Whether a name matches one of the globs, each in full. Time is bounded by the product of both lengths. */
export function matchesAny(name: string, globs: readonly string[]): boolean {
  return globs.some((glob) => matches([...fold(name)], [...fold(glob)]));
}

function fold(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

function matches(name: readonly string[], glob: readonly string[]): boolean {
  let [at, star, resume] = [0, -1, 0];
  let position = 0;
  while (position < name.length) {
    if (glob[at] === "*") {
      star = at++;
      resume = position;
    } else if (at < glob.length && (glob[at] === "?" || glob[at] === name[position])) {
      at++;
      position++;
    } else if (star >= 0) {
      at = star + 1;
      position = ++resume;
    } else return false;
  }
  while (glob[at] === "*") at++;
  return at === glob.length;
}
