/** Words of a server as messages may quote them. */

const MAX_QUOTED_CHARACTERS = 200;

/** Text from the network without control characters, cut to what a message can hold. */
export function printable(text: string): string {
  // deno-lint-ignore no-control-regex -- They are what is taken out.
  const clean = text.replace(/[\x00-\x1f\x7f-\x9f]+/g, " ").trim();
  return clean.length <= MAX_QUOTED_CHARACTERS ? clean : `${clean.slice(0, MAX_QUOTED_CHARACTERS)}…`;
}
