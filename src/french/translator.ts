/** Finds the sentences of the catalogues in a text, nested and joined as the gateway nests and joins them. */
import { capitalised, hasLetters, isName, lettersOf, uncapitalised } from "./letters.ts";
import { asSaidOfOptions } from "./option_sentences.ts";
import { inGuillemets, placesOf } from "./quotes.ts";
import { compile, readAs, type Template, typeset } from "./template.ts";

/**
 * English to French; `{0}`, `{1}` … for what is inserted: `{0!}` where that has to be known itself, `{0?}` where it may be
 * one of our words.
 */
export type Catalogue = Readonly<Record<string, string>>;

/** In how many parts of a text a sentence is looked for, for each of its letters. */
const SEARCHES = 0.1;
const LEAST_SEARCHES = 300;
/** How deep sentences are looked for within sentences: the plainest reading is the likeliest, and found first. */
const ROOMS = [2, 3, 5, 9];
/** So many letters say which sentences a text can be. */
const START = 10;
/** Between texts that were joined; the first that fits wins. */
const JOINTS = [[". ", ". "], [", ", ", "], [" or ", " ou "], [" and ", " et "]] as const;
const MAX_PARTS = 40;
/** With so many semicolons it is a list of reasons rather than a sentence. */
const LONG_LIST = 3;
/** A name weighs less than words of ours that were not found. */
const NAME_LEFT = 0.01;
const MAX_COLONS = 4;

interface Entry extends Template {
  readonly isAboutCode: boolean;
}

interface Said {
  readonly french: string;
  /** Whether the text was found, wholly or in its parts. */
  readonly isKnown: boolean;
  /** How many of its letters stayed as they were, names and quotations not counted. */
  readonly left: number;
}

interface Work {
  /** How many are left. */
  searches: number;
  readonly done: Map<string, { readonly said: Said; readonly room: number }>;
}

/** Where a text stands. */
interface Place {
  readonly work: Work;
  /** How many levels may be looked through, this one included. */
  readonly room: number;
  /** Whether a word alone is one of ours; mostly it is a name or a value. */
  readonly mayBeWord: boolean;
  /** Whether it stands there with its first letter changed. */
  readonly isRecased?: boolean;
}

/** Says in French what the catalogues know. */
export class Translator {
  readonly #exact = new Map<string, string>();
  /** With holes, the most literal first: by how a text begins, those that it can have been made of. */
  readonly #byStart: ReadonlyMap<string, readonly Entry[]>;
  /** Those that begin with a hole, or with too little to tell. */
  readonly #others: readonly Entry[];
  /** Those that are put at the end of another text, or before one: `; free some space`, `Did you mean "{0}"? `. */
  readonly #tails: readonly Entry[];
  readonly #heads: readonly Entry[];

  /** What sentences of `aboutCode` insert is written as in the files it is meant for: with its own quotation marks. */
  constructor(catalogues: readonly Catalogue[], aboutCode: readonly Catalogue[]) {
    const templates: Entry[] = [];
    const entries = catalogues.flatMap((catalogue) =>
      Object.entries(catalogue).map((entry) => [...entry, aboutCode.includes(catalogue)] as const)
    );
    for (const [english, french, isAboutCode] of entries) {
      for (const [key, value] of asSaidOfOptions(english, french)) {
        const template = { ...compile(key, value), isAboutCode };
        if (template.holes.length > 0) templates.push(template);
        else if (key === english || !this.#exact.has(key)) this.#exact.set(key, typeset(value));
      }
    }
    const whole = [...this.#exact].map(([key, value]) => ({ ...compile(key, value), isAboutCode: true }));
    const sorted = templates.toSorted((one, other) => other.weight - one.weight);
    const isShort = ({ literals }: Template) => (literals[0] ?? "").length < START;
    this.#others = sorted.filter(isShort);
    const starts = new Set(sorted.filter((template) => !isShort(template)).map(startOf));
    const beginWith = (start: string) =>
      sorted.filter((template) => isShort(template) || startOf(template) === start);
    this.#byStart = new Map([...starts].map((start) => [start, beginWith(start)]));
    const all = [...sorted, ...whole];
    this.#tails = all.filter(({ literals }) => /^[ ,;:.]/.test(literals[0] ?? ""));
    this.#heads = all.filter(({ literals }) => / $/.test(literals.at(-1) ?? ""));
  }

  /** The text in French as far as it is known; what is not known in it stays as it is. */
  translate(text: string): string {
    const work = { searches: Math.max(LEAST_SEARCHES, text.length * SEARCHES), done: new Map() };
    let best: Said = { french: text, isKnown: false, left: Infinity };
    for (const room of ROOMS) {
      const said = this.#say(text, { work, room, mayBeWord: true });
      if (said.left < best.left) best = said;
      if (best.left < 1) break;
    }
    return best.french;
  }

  /** What is known of a text at this place: found at once, found before, or looked for. */
  #say(text: string, place: Place): Said {
    const { work: { done }, room, mayBeWord } = place;
    const exact = mayBeWord || text.includes(" ") ? this.#exact.get(text) : undefined;
    if (exact !== undefined) return { french: exact, isKnown: true, left: 0 };
    const before = mayBeWord ? undefined : done.get(text);
    if (before && (before.room >= room || before.said.left === 0)) return before.said;
    const said = this.#search(text, place);
    if (!mayBeWord) done.set(text, { said, room });
    return said;
  }

  /** The way of reading it that leaves the fewest letters in English. */
  #search(text: string, place: Place): Said {
    const { work, room } = place;
    let best: Said = { french: text, isKnown: false, left: lettersOf(text) };
    if (!text.includes(" ") || room === 0 || work.searches <= 0) return best;
    work.searches--;
    const semicolons = text.includes("; ") ? outsideQuotes("; ", text).length : 0;
    if (semicolons > 0) {
      const list = this.#sentences(text, place) ??
        (semicolons < LONG_LIST ? undefined : this.#listed(text, place));
      if (list !== undefined && (list.left < 1 || semicolons >= LONG_LIST)) return list;
    }
    for (const said of this.#ways(text, place)) {
      if (!best.isKnown || said.left < best.left) best = said;
      if (best.left === 0) return best;
    }
    return best.isKnown ? best : this.#inOtherCase(text, place) ?? best;
  }

  /** Advice is given in small letters where it goes on a sentence, and begins one elsewhere. */
  #inOtherCase(text: string, place: Place): Said | undefined {
    const [first, recase] = /^[a-z]/.test(text)
      ? [capitalised(text), uncapitalised] as const
      : [uncapitalised(text), capitalised] as const;
    if (first === text || place.isRecased) return undefined;
    const said = this.#say(first, { ...place, mayBeWord: false, isRecased: true });
    return said.isKnown ? { ...said, french: recase(said.french) } : undefined;
  }

  /** Ways in which it can have been made, the plainest first: one sentence, then several, put together as is done here. */
  *#ways(text: string, place: Place): Generator<Said> {
    for (const template of this.#byStart.get(text.slice(0, START)) ?? this.#others) {
      yield* this.#readings(template, text, place);
    }
    yield* this.#attached(text, place);
    const list = this.#listed(text, within(place));
    if (list !== undefined) yield list;
    yield* this.#about(text, place);
    yield* this.#joined(text, place);
  }

  /** The French sentence with what was inserted; `undefined` where the template needs that to be known, and it is not. */
  #fill({ french, isAboutCode }: Entry, inserted: readonly string[], place: Place): Said | undefined {
    let left = 0;
    let filled = "";
    for (const piece of french) {
      if (typeof piece === "string") {
        filled += piece;
        continue;
      }
      const { index, isVerbatim, isNeeded, mayBeWord } = piece;
      const text = inserted[index] ?? "";
      const said = isVerbatim
        ? this.#verbatim(text, mayBeWord)
        : this.#say(text, { ...within(place), mayBeWord });
      if (isNeeded && (!said.isKnown || said.left > 0) && hasLetters(text)) return undefined;
      left += said.left;
      const shown = said.isKnown || isVerbatim || isAboutCode ? said.french : inGuillemets(said.french);
      // A sentence within a sentence goes on in small letters.
      filled += filled.endsWith("\u00a0: ") ? shown.replace(/^Impossible /, "impossible ") : shown;
    }
    return { french: filled, isKnown: true, left };
  }

  /** A name, a value, a server's words. One that has quotes may well be more than one. */
  #verbatim(text: string, mayBeWord: boolean): Said {
    const known = mayBeWord ? this.#exact.get(text) : undefined;
    if (known !== undefined) return { french: known, isKnown: true, left: 0 };
    return { french: text, isKnown: false, left: text.includes('"') ? lettersOf(`${text} `) : 0 };
  }

  /** A known sentence that something was put before or behind. */
  *#attached(text: string, place: Place): Generator<Said> {
    for (const template of this.#tails) {
      const at = text.lastIndexOf(template.literals[0] ?? "");
      if (at <= 0) continue;
      for (const tail of this.#readings(template, text.slice(at), place)) {
        const head = this.#say(text.slice(0, at), { ...within(place), mayBeWord: place.mayBeWord });
        yield { french: head.french + tail.french, isKnown: true, left: head.left + tail.left };
      }
    }
    for (const template of this.#heads) {
      const end = template.literals.at(-1) ?? "";
      const at = text.startsWith(template.literals[0] ?? "") ? text.indexOf(end) + end.length : 0;
      if (at < end.length || at === text.length) continue;
      for (const head of this.#readings(template, text.slice(0, at), place)) {
        const tail = this.#say(text.slice(at), within(place));
        yield { french: head.french + tail.french, isKnown: true, left: head.left + tail.left };
      }
    }
  }

  *#readings(template: Entry, text: string, place: Place): Generator<Said> {
    for (const inserted of readAs(template, text)) {
      const said = this.#fill(template, inserted, place);
      if (said !== undefined) yield said;
    }
  }

  /** What a sentence is about, and the sentence: an option, an item, a file. */
  *#about(text: string, place: Place): Generator<Said> {
    for (const at of outsideQuotes(": ", text).slice(0, MAX_COLONS)) {
      const about = this.#say(text.slice(0, at), within(place));
      const rest = this.#say(text.slice(at + 2), within(place));
      if (!rest.isKnown) continue;
      const left = about.isKnown || !isName(text.slice(0, at)) ? about.left : NAME_LEFT;
      yield { french: `${about.french}\u00a0: ${rest.french}`, isKnown: true, left: left + rest.left };
    }
  }

  /** Two sentences, or parts of one: each has to be known, since names may have these words, too. */
  *#joined(text: string, place: Place): Generator<Said> {
    for (const [joint, french] of JOINTS) {
      const [at] = outsideQuotes(joint, text);
      if (at === undefined) continue;
      const sides = [text.slice(0, at), text.slice(at + joint.length)];
      const said = sides.map((side) => this.#say(side, within(place)));
      const isWhole = said.every(({ isKnown }, side) => isKnown || !hasLetters(sides[side] ?? ""));
      if (!isWhole || !said.some(({ isKnown }) => isKnown)) continue;
      const left = said.reduce((sum, part) => sum + part.left, 0);
      yield { french: said.map((part) => part.french).join(french), isKnown: true, left };
    }
  }

  /** Errors one after the other, which all begin alike. */
  #sentences(text: string, place: Place): Said | undefined {
    const starts = outsideQuotes("; Cannot ", text);
    if (starts.length === 0) return undefined;
    const ends = [...starts, text.length];
    return this.#row(
      ends.map((end, part) => text.slice(part === 0 ? 0 : (ends[part - 1] ?? 0) + 2, end)),
      place,
    );
  }

  /** Reasons joined by semicolons, which some of them have within themselves. */
  #listed(text: string, place: Place): Said | undefined {
    const parts: string[] = [];
    const starts = [0, ...outsideQuotes("; ", text).map((at) => at + 2)].slice(0, MAX_PARTS);
    if (starts.length === 1) return undefined;
    const endOf = (part: number) => part >= starts.length ? text.length : (starts[part] ?? 0) - 2;
    for (let part = 0; part < starts.length;) {
      const pieces = [1, 2, 3].filter((count) => part + count <= starts.length).map((count) => ({
        count,
        piece: text.slice(starts[part], endOf(part + count)),
      }));
      const whole = pieces.find(({ piece }) => piece !== text && this.#isWhole(piece, place));
      const { count, piece } = whole ?? pieces[0] ?? { count: 1, piece: "" };
      part += count;
      parts.push(piece);
    }
    return this.#row(parts, place);
  }

  /** Whether nothing of it is left in English. */
  #isWhole(text: string, place: Place): boolean {
    const { isKnown, left } = this.#say(text, { ...place, mayBeWord: false });
    return isKnown && left < 1;
  }

  /** Parts with semicolons between them; `undefined` where none is known. */
  #row(parts: readonly string[], place: Place): Said | undefined {
    const said = parts.map((part) => this.#say(part, { ...place, mayBeWord: false }));
    return said.every(({ isKnown }) => !isKnown) ? undefined : {
      french: said.map(({ french }) => french).join("\u00a0; "),
      isKnown: true,
      left: said.reduce((sum, { left }) => sum + left, 0),
    };
  }
}

function within({ work, room }: Place): Place {
  return { work, room: room - 1, mayBeWord: false };
}

function startOf({ literals }: Template): string {
  return (literals[0] ?? "").slice(0, START);
}

/** Where it stands outside of quotation marks. */
function outsideQuotes(separator: string, text: string): number[] {
  return placesOf(separator, text).filter(({ isQuoted }) => !isQuoted).map(({ at }) => at).toArray();
}
