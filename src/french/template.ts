/** A sentence with places where something is inserted, and its French. */
import { placesOf } from "./quotes.ts";

/** How many ways to read one text as one template are tried: a separator may occur in what was inserted, too. */
const MAX_WAYS = 8;
const MAX_TRIES = 64;

/** A place in the English sentence. */
interface Hole {
  readonly index: number;
  /** It stands between quotes or brackets: a name, a value, a server's words, never one of our sentences. */
  readonly isVerbatim: boolean;
}

/** A piece of the French sentence: text, or what was inserted. */
export type Piece = string | {
  readonly index: number;
  readonly isVerbatim: boolean;
  /** `{0?}` and `{0!}`: it may be one of our words; elsewhere a word alone is a name or a value. */
  readonly mayBeWord: boolean;
  /** `{0!}`: the template is not meant where this is no known text. */
  readonly isNeeded: boolean;
};

/** One entry of a catalogue, ready to be looked for in a text. */
export interface Template {
  /** Between them are the holes; there is one more of these than of those. */
  readonly literals: readonly string[];
  readonly holes: readonly Hole[];
  readonly french: readonly Piece[];
  /** How much of it is literal: the more, the surer that a text was made of it. */
  readonly weight: number;
}

/** Reads an entry of a catalogue. */
export function compile(english: string, french: string): Template {
  // Of two holes side by side the first takes all: where the other begins nobody can tell.
  const parts = english.replaceAll(/(\{\d+\})(?:\{\d+\})+/g, "$1").split(/\{(\d+)\}/);
  const literals = parts.filter((_, index) => index % 2 === 0);
  const holes = parts.filter((_, index) => index % 2 === 1).map((number, at) => ({
    index: Number(number),
    isVerbatim: isEnclosed(literals[at] ?? "", literals[at + 1] ?? ""),
  }));
  const weight = literals.reduce((sum, literal) => sum + literal.length, 0);
  return { literals, holes, french: piecesOf(typeset(french), holes), weight };
}

/** French spacing: what stands before : ; ! ? » and after « does not break from it. */
export function typeset(french: string): string {
  return french.replaceAll(/ (?=»|[:;!?](?:[\s.,)]|$))/g, "\u00a0").replaceAll("« ", "«\u00a0");
}

function isEnclosed(before: string, after: string): boolean {
  const ends = { '"': '"', "[": "]", "{": "}" }[before.at(-1) ?? ""];
  return ends !== undefined && after.startsWith(ends);
}

function piecesOf(french: string, holes: readonly Hole[]): Piece[] {
  return french.split(/(\{\d+[!?]?\})/).filter((part) => part !== "").map((part) => {
    const hole = /^\{(\d+)([!?]?)\}$/.exec(part);
    if (hole === null) return part;
    const index = Number(hole[1]);
    const isVerbatim = holes.some((known) => known.index === index && known.isVerbatim);
    return { index, isVerbatim, mayBeWord: hole[2] !== "", isNeeded: hole[2] === "!" };
  });
}

/** What is inserted where, if the text may have been made of the template: by hole, the likeliest first. */
export function readAs({ literals, holes }: Template, text: string): string[][] {
  const [first = ""] = literals;
  if (holes.length === 0) return text === first ? [[]] : [];
  const last = literals.at(-1) ?? "";
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return [];
  const end = text.length - last.length;
  const ways: string[][] = [];
  const inserted: string[] = [];
  let tries = 0;
  const walk = (hole: number, from: number): void => {
    const index = holes[hole]?.index ?? 0;
    if (hole === holes.length - 1) {
      inserted[index] = text.slice(from, end);
      ways.push([...inserted]);
      return;
    }
    const separator = literals[hole + 1] ?? "";
    for (
      const at of likelyPlaces(separator, { text, from, end, isVerbatim: holes[hole]?.isVerbatim ?? false })
    ) {
      if (ways.length >= MAX_WAYS || ++tries > MAX_TRIES) return;
      inserted[index] = text.slice(from, at);
      walk(hole + 1, at + separator.length);
    }
  };
  walk(0, first.length);
  return ways;
}

/** Where a separator stands: outside of quotes first, unless it is itself what ends a quotation. */
function likelyPlaces(
  separator: string,
  { text, from, end, isVerbatim }: { text: string; from: number; end: number; isVerbatim: boolean },
): number[] {
  const outside: number[] = [];
  const inside: number[] = [];
  for (const { at, isQuoted } of placesOf(separator, text, from)) {
    if (at + separator.length > end) break;
    (isQuoted && !isVerbatim ? inside : outside).push(at);
    if (outside.length >= MAX_WAYS || inside.length > MAX_TRIES) break;
  }
  return [...outside, ...inside.slice(0, 1)];
}
