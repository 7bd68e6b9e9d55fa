/**
 * A pattern as a Glushkov automaton: one position for each character it can match, and in how many ways each
 * position follows another. Look-arounds and boundaries count as always holding, so the automaton can do
 * all that the pattern can, and more.
 */
import { RegExpParser } from "@eslint-community/regexpp";
import type { AST } from "@eslint-community/regexpp";

/** One character of the pattern. */
export interface Position {
  /** The pattern text that matches one character, such as `\d` or `[a-z]`. */
  readonly raw: string;
  /** Positions that may come next, with in how many ways (2 stands for more). */
  readonly next: Map<number, number>;
}

/** See above; `first` says where a match can begin. */
export interface Automaton {
  readonly positions: readonly Position[];
  readonly first: ReadonlyMap<number, number>;
}

/** Thrown when a pattern has more positions or transitions than can be looked at. */
export class TooLargeError extends Error {}

const MAX_POSITIONS = 2000;
const MAX_TRANSITIONS = 20_000;

/** A part of the pattern: where it can begin and end, and in how many ways it can be empty. */
interface Fragment {
  readonly first: ReadonlyMap<number, number>;
  readonly last: ReadonlyMap<number, number>;
  readonly empty: number;
}

const NOTHING: Fragment = { first: new Map(), last: new Map(), empty: 1 };

/** The parts of a pattern that JavaScript runs on their own: the pattern, then each look-around. */
export function automataOf(pattern: AST.Pattern): { main: Automaton; lookarounds: [AST.Node, Automaton][] } {
  const builder = new Builder();
  const main = builder.build(pattern.alternatives);
  const lookarounds: [AST.Node, Automaton][] = [];
  // Building one finds those nested in it, which are then built in their turn.
  for (const node of builder.lookarounds) lookarounds.push([node, builder.build(node.alternatives)]);
  return { main, lookarounds };
}

/** Parses a pattern in JavaScript syntax; throws `SyntaxError` when it is none. */
export function parsePattern(source: string, flags: string): AST.Pattern {
  return new RegExpParser().parsePattern(source, 0, source.length, {
    unicode: flags.includes("u"),
    unicodeSets: flags.includes("v"),
  });
}

class Builder {
  readonly lookarounds = new Set<AST.LookaroundAssertion>();
  #positions: Position[] = [];
  #transitions = 0;
  readonly #open = new Set<AST.Node>();

  build(alternatives: readonly AST.Alternative[]): Automaton {
    this.#positions = [];
    this.#transitions = 0;
    const { first } = this.#alternatives(alternatives);
    return { positions: this.#positions, first };
  }

  #alternatives(alternatives: readonly AST.Alternative[]): Fragment {
    return alternatives.map((alternative) =>
      alternative.elements.reduce((before, element) => this.#join(before, this.#element(element)), NOTHING)
    ).reduce((one, other) => ({
      first: sum(one.first, other.first, 1),
      last: sum(one.last, other.last, 1),
      empty: cap(one.empty + other.empty),
    }));
  }

  #element(element: AST.Element): Fragment {
    switch (element.type) {
      case "Group":
      case "CapturingGroup":
        return this.#alternatives(element.alternatives);
      case "Quantifier":
        return this.#quantifier(element);
      case "Assertion":
        if (element.kind === "lookahead" || element.kind === "lookbehind") this.lookarounds.add(element);
        return NOTHING;
      case "Backreference":
        return this.#backreference(element);
      default:
        return this.#position(element.raw);
    }
  }

  #position(raw: string): Fragment {
    const index = this.#positions.push({ raw, next: new Map() }) - 1;
    if (index >= MAX_POSITIONS) throw new TooLargeError();
    return { first: new Map([[index, 1]]), last: new Map([[index, 1]]), empty: 0 };
  }

  #backreference(node: AST.Backreference): Fragment {
    const groups = Array.isArray(node.resolved) ? node.resolved : [node.resolved];
    return groups.reduce<Fragment>((before, group) => {
      if (this.#open.has(group)) return before;
      this.#open.add(group);
      const again = this.#alternatives(group.alternatives);
      this.#open.delete(group);
      return this.#join(before, again);
    }, NOTHING);
  }

  #quantifier({ min, max, element }: AST.Quantifier): Fragment {
    if (max === 0) return NOTHING;
    if (Math.max(min, Number.isFinite(max) ? max : 0) > MAX_POSITIONS) throw new TooLargeError();
    let fragment = NOTHING;
    const required = Number.isFinite(max) ? min : Math.max(min - 1, 0);
    for (let count = 0; count < required; count++) fragment = this.#join(fragment, this.#element(element));
    if (!Number.isFinite(max)) {
      const body = this.#element(element);
      this.#connect(body.last, body.first);
      return this.#join(fragment, min === 0 ? { ...body, empty: 1 } : body);
    }
    // x{0,3} is (x(x(x)?)?)?: each further turn follows only the one before.
    const turns: Fragment[] = [];
    for (let count = min; count < max; count++) turns.push(this.#element(element));
    const optional = turns.reduceRight<Fragment>(
      (after, turn) => ({ ...this.#join({ ...turn, empty: 0 }, after), empty: 1 }),
      NOTHING,
    );
    return this.#join(fragment, optional);
  }

  #join(before: Fragment, after: Fragment): Fragment {
    this.#connect(before.last, after.first);
    return {
      first: sum(before.first, after.first, before.empty),
      last: sum(after.last, before.last, after.empty),
      empty: cap(before.empty * after.empty),
    };
  }

  #connect(from: ReadonlyMap<number, number>, to: ReadonlyMap<number, number>): void {
    for (const [source, ways] of from) {
      const next = this.#positions[source]?.next;
      for (const [target, times] of to) next?.set(target, cap((next.get(target) ?? 0) + ways * times));
      this.#transitions += to.size;
      if (this.#transitions > MAX_TRANSITIONS) throw new TooLargeError();
    }
  }
}

function sum(
  one: ReadonlyMap<number, number>,
  other: ReadonlyMap<number, number>,
  times: number,
): ReadonlyMap<number, number> {
  if (times === 0) return one;
  if (one.size === 0 && times === 1) return other;
  const total = new Map(one);
  for (const [position, ways] of other) total.set(position, cap((total.get(position) ?? 0) + ways * times));
  return total;
}

// Two ways are enough to know; products of more must stay finite.
function cap(ways: number): number {
  return Math.min(ways, 1e9);
}
