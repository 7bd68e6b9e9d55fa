/** How much of a text is words, and whether they may be a name. */
import { withoutQuotations } from "./quotes.ts";

/** One of these alone is no name, but a sentence taken apart in the wrong place. */
const SMALL_WORD = /^(?:at|for|from|in|into|is|it|of|on|the|to|with)$/;

/** Whether there is more than quotations in it. */
export function hasLetters(text: string): boolean {
  return /\p{L}/u.test(withoutQuotations(text));
}

/** Letters outside of quotation marks, of what is more than a word. */
export function lettersOf(text: string): number {
  const isSaid = text.trim().includes(" ") || SMALL_WORD.test(text);
  return isSaid ? withoutQuotations(text).match(/\p{L}/gu)?.length ?? 0 : 0;
}

/** Whether it may be the name of a file, of several words perhaps, rather than a sentence. */
export function isName(text: string): boolean {
  return !/^Cannot |["\]{}]|[:;] /.test(text) && !SMALL_WORD.test(text);
}

/** With a small letter at the start. */
export function uncapitalised(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** With a capital at the start. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
