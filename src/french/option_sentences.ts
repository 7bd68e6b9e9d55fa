/** What the schema of an option complains of, as `config/` says it: of the value, and with advice of its own. */
import { capitalised } from "./letters.ts";

/** A sentence of a catalogue in all the ways in which it is said, itself the first of them. */
export function asSaidOfOptions(english: string, french: string): [english: string, french: string][] {
  const said: [string, string][] = [[english, french]];
  if (!/^(?:must|is|has|cannot|can|does|would|needs) /.test(english)) return said;
  said.push([`it ${english}`, `la valeur ${french}`]);
  const advice = english.startsWith("must")
    ? null
    : /: ((?:give|leave|write|put|use|name|choose|add|let|the) .*)$/s.exec(english);
  const frenchAdvice = / : (.*)$/s.exec(french);
  if (advice === null || frenchAdvice === null) return said;
  const state = english.slice(0, advice.index);
  const frenchState = french.slice(0, frenchAdvice.index);
  return [
    ...said,
    [state, frenchState],
    [`it ${state}`, `la valeur ${frenchState}`],
    [capitalised(advice[1] ?? ""), capitalised(frenchAdvice[1] ?? "")],
  ];
}
