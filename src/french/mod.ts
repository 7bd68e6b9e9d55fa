/**
 * What the gateway reports, in French. The English sentence is the key, as in gettext: it is made where the fault is
 * found, and stands in the ledger, the log and the API; readers of French get it translated when it is shown. Who writes
 * a sentence writes its entry in the catalogue of that part, too: test/french_test.ts lists those that lack one.
 */
import { ABOUT_CODE, CATALOGUES } from "./catalogues.ts";
import { Translator } from "./translator.ts";

/** Longer than anything we say ourselves. */
const MAX_LENGTH = 4000;
const MAX_KEPT = 2000;

let translator: Translator | undefined;
const kept = new Map<string, string>();

/**
 * A reported text in French, as far as its sentences are ours: names, values and the words of a server stay as they
 * are, and so does a text that is not known. Takes time in proportion to the text, whatever it holds.
 */
export function inFrench(text: string): string {
  if (text.length > MAX_LENGTH) return text;
  const before = kept.get(text);
  if (before !== undefined) return before;
  // Made when it is needed: a gateway whose page nobody reads in French never does.
  translator ??= new Translator(CATALOGUES, ABOUT_CODE);
  const french = translator.translate(text);
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(text, french);
  return french;
}
