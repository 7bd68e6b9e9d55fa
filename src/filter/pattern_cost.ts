/**
 * How long a pattern can take on a hostile name. JavaScript tries every way in which a pattern can match the
 * start of a name; when a loop can match the same text in two ways their number doubles with each turn.
 */
import type { AST } from "@eslint-community/regexpp";
import { automataOf, type Automaton, parsePattern, TooLargeError } from "./automaton.ts";

// About a second for the longest name; .*_.*_.*_.*\.pdf is just below.
const MAX_STEPS = 2.5e8;
const MAX_PAIRS = 300_000;
/** Names are cut to this length before they are matched. */
export const MAX_NAME_CHARACTERS = 255;

const TOO_LARGE = "is too large to be checked: use smaller numbers between { and }";
const EXPONENTIAL =
  "can take exponential time: something repeated (by *, + or {}) can match the same text in more than one way, such as (a+)+; write it with one repetition";
const TOO_SLOW = String
  .raw`can take too long on a long name: use more precise parts such as [^_]* in place of some .*`;

/** Says why a pattern in JavaScript syntax must not be run on names from outside; `undefined` when it may. */
export function faultOfCost(source: string, flags: string): string | undefined {
  const pattern = parsePattern(source, flags);
  try {
    const { main, lookarounds } = automataOf(pattern);
    const classes = new Classes(pattern, flags);
    let steps = 0;
    let repeated = 0;
    for (const [node, automaton] of [[undefined, main], ...lookarounds] as [AST.Node?, Automaton?][]) {
      if (automaton === undefined) continue;
      if (isExponential(automaton, classes)) return EXPONENTIAL;
      const cost = stepsOf(automaton, classes);
      if (node === undefined || isLeading(node)) steps += cost;
      else repeated += cost;
    }
    return steps + Math.max(steps, MAX_NAME_CHARACTERS) * repeated > MAX_STEPS ? TOO_SLOW : undefined;
  } catch (error) {
    if (error instanceof TooLargeError) return TOO_LARGE;
    throw error;
  }
}

/** Whether a look-around runs once, at the start of the name. */
function isLeading(node: AST.Node): boolean {
  const alternative = node.parent;
  if (alternative?.type !== "Alternative" || alternative.parent.type !== "Pattern") return false;
  const before = alternative.elements.slice(0, alternative.elements.indexOf(node as AST.Element));
  return before.every((element) => element.type === "Assertion");
}

/** Which of some sample characters each part of the pattern matches, found out by JavaScript itself. */
class Classes {
  readonly #samples: readonly string[];
  readonly #flags: string;
  readonly #masks = new Map<string, Uint8Array>();

  constructor(pattern: AST.Pattern, flags: string) {
    const samples = new Set<string>();
    for (let code = 0x20; code < 0x7f; code++) samples.add(String.fromCharCode(code));
    for (const character of "éÈçàœŒ€ßİıſΩя中日あ\u0301\u00a0\ud83d🙂") samples.add(character);
    // Ranges that overlap have an end of one within the other, so their ends are enough.
    for (const [character] of pattern.raw.matchAll(/./gsu)) {
      for (const variant of [character, character.toLowerCase(), character.toUpperCase()]) {
        samples.add(variant);
      }
    }
    for (const [, hex = ""] of pattern.raw.matchAll(/\\(?:x|u\{?)([0-9A-Fa-f]{2,6})/g)) {
      const code = Number.parseInt(hex, 16);
      if (code <= 0x10ffff) samples.add(String.fromCodePoint(code));
    }
    this.#samples = [...samples];
    // (?i:…) may add the flag i anywhere; assuming it everywhere only makes classes larger.
    this.#flags = /\(\?[a-z]*i/.test(pattern.raw) && !flags.includes("i") ? `${flags}i` : flags;
  }

  overlap(one = "", other = ""): boolean {
    const mask = this.maskOf(other);
    return this.maskOf(one).some((bit, index) => bit === 1 && mask[index] === 1);
  }

  maskOf(raw: string): Uint8Array {
    let mask = this.#masks.get(raw);
    if (mask === undefined) {
      const one = new RegExp(`^(?:${raw})$`, this.#flags);
      mask = Uint8Array.from(this.#samples, (sample) => one.test(sample) ? 1 : 0);
      this.#masks.set(raw, mask);
    }
    return mask;
  }
}

/** Whether some position can be left and reached again in two ways over the same text. */
function isExponential({ positions }: Automaton, classes: Classes): boolean {
  const component = componentsOf(positions.map((position) => [...position.next.keys()]));
  const nextWithin = positions.map((position, index) =>
    [...position.next].filter(([target]) => component[target] === component[index])
  );
  if (nextWithin.some((next) => next.some(([, ways]) => ways > 1))) return true;
  const seen = new Set<number>();
  const waiting: [number, number][] = [];
  let pairs = 0;
  // Whether two walks that parted can meet again; new pairs are added to those waiting.
  const step = (one: number, other: number): boolean => {
    for (const [a] of nextWithin[one] ?? []) {
      for (const [b] of nextWithin[other] ?? []) {
        if (++pairs > MAX_PAIRS * 10) throw new TooLargeError();
        if (a === b) {
          if (one !== other) return true;
          continue;
        }
        const key = Math.min(a, b) * positions.length + Math.max(a, b);
        if (seen.has(key) || !classes.overlap(positions[a]?.raw, positions[b]?.raw)) continue;
        seen.add(key);
        if (seen.size > MAX_PAIRS) throw new TooLargeError();
        waiting.push([a, b]);
      }
    }
    return false;
  };
  for (let index = 0; index < positions.length; index++) step(index, index);
  for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
    if (step(...pair)) return true;
  }
  return false;
}

/** Numbers the strongly connected components (Tarjan): positions in one loop share a number. */
function componentsOf(edges: readonly (readonly number[])[]): readonly number[] {
  const order = new Array<number>(edges.length).fill(-1);
  const low = new Array<number>(edges.length).fill(0);
  const component = new Array<number>(edges.length).fill(-1);
  const stack: number[] = [];
  let counter = 0;
  const visit = (node: number): void => {
    order[node] = low[node] = counter++;
    stack.push(node);
    for (const target of edges[node] ?? []) {
      if (order[target] === -1) visit(target);
      if (component[target] === -1) low[node] = Math.min(low[node] ?? 0, low[target] ?? 0);
    }
    if (low[node] !== order[node]) return;
    for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
      component[member] = node;
      if (member === node) break;
    }
  };
  for (let node = 0; node < edges.length; node++) if (order[node] === -1) visit(node);
  return component;
}

/**
 * The most steps found over names built to be slow: one character over and over, the pattern's own text over
 * and over, and a name that takes at each place the character with the most ways on.
 */
function stepsOf(automaton: Automaton, classes: Classes): number {
  // As if every character matched everywhere: most patterns are harmless even so.
  const bound = walk(automaton, [() => true], []);
  if (bound <= MAX_STEPS) return bound;
  const masks = automaton.positions.map((position) => classes.maskOf(position.raw));
  const columns = distinctColumns(masks);
  const matches = columns.map((column) => (position: number) => masks[position]?.[column] === 1);
  const ownText = masks.map((mask) => Math.max(0, columns.findIndex((column) => mask[column] === 1)));
  let most = walk(automaton, matches, []);
  for (const name of [ownText, ...columns.keys().map((index) => [index])]) {
    if (most > MAX_STEPS) break;
    most = Math.max(most, walk(automaton, matches, name));
  }
  return most;
}

/** The steps over a name of the given characters repeated; without any, at each place those with most ways on. */
function walk(
  automaton: Automaton,
  matches: readonly ((position: number) => boolean)[],
  name: readonly number[],
): number {
  let ways: ReadonlyMap<number, number> | undefined;
  let steps = 0;
  for (let at = 0; at < MAX_NAME_CHARACTERS && steps <= MAX_STEPS; at++) {
    const chosen = matches[name[at % name.length] ?? -1];
    let best = new Map<number, number>();
    let bestTotal = 0;
    for (const match of chosen === undefined ? matches : [chosen]) {
      const after = advance(automaton, ways, match);
      const total = after.values().reduce((sum, count) => sum + count, 0);
      if (total > bestTotal) [best, bestTotal] = [after, total];
    }
    ways = best;
    steps += bestTotal;
    if (bestTotal === 0) break;
  }
  return steps;
}

/** In how many ways each position is reached by one more character; `undefined` ways stand for the start. */
function advance(
  { positions, first }: Automaton,
  ways: ReadonlyMap<number, number> | undefined,
  match: (position: number) => boolean,
): Map<number, number> {
  const after = new Map<number, number>();
  const add = (targets: ReadonlyMap<number, number>, count: number) => {
    for (const [target, times] of targets) {
      if (match(target)) after.set(target, (after.get(target) ?? 0) + count * times);
    }
  };
  if (ways === undefined) add(first, 1);
  for (const [position, count] of ways ?? []) add(positions[position]?.next ?? new Map(), count);
  return after;
}

/** One sample character for each different set of positions that match it; at most 24. */
function distinctColumns(masks: readonly Uint8Array[]): number[] {
  const seen = new Map<string, number>();
  for (let column = 0; column < (masks[0]?.length ?? 0); column++) {
    const matching = masks.flatMap((mask, index) => mask[column] === 1 ? [index] : []).join();
    if (matching !== "" && !seen.has(matching)) seen.set(matching, column);
    if (seen.size === 24) break;
  }
  return [...seen.values()];
}
