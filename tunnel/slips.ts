/** Words of stunnel.conf with one slip in them. */

/** The word that was meant, where one letter too many, too few, wrong or swapped makes it of the one written. */
export function meantBy(word: string, known: Iterable<string>): string | undefined {
  return [...known].find((one) => isSlip(word.toLowerCase(), one.toLowerCase()));
}

/** Whether one letter too many, too few, wrong or swapped with its neighbour makes one word of the other. */
function isSlip(left: string, right: string): boolean {
  const shorter = Math.min(left.length, right.length);
  let start = 0;
  while (start < shorter && left[start] === right[start]) start++;
  let end = 0;
  while (end < shorter - start && left.at(-1 - end) === right.at(-1 - end)) end++;
  const rest = left.slice(start, left.length - end);
  const other = right.slice(start, right.length - end);
  if (rest.length <= 1 && other.length <= 1) return true;
  return rest.length === 2 && rest === [...other].reverse().join("");
}
