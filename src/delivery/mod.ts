/** The kinds of destination, by the option of `[deliver]` that chooses them. A new one is one line here. */
import { cold } from "./cold.ts";
import type { DestinationKind } from "./destination.ts";
import { ezged } from "./ezged/mod.ts";

/** Every kind of destination; `cold` is the one without a name. */
export const destinations = {
  cold,
  ezged,
};

/** A destination: its kind, and NAME of its `[KIND.NAME]` in gateway.toml (empty for the COLD root). */
export interface Address {
  readonly kind: keyof typeof destinations;
  readonly name: string;
}

/** The kind of that word, with the type that all share. */
export function kindOf(kind: Address["kind"]): DestinationKind {
  return destinations[kind];
}

/** The kinds that have sections in gateway.toml. */
export function kindsWithSections(): readonly (readonly [Address["kind"], DestinationKind])[] {
  return Object.keys(destinations).filter(isKind).map((kind) => [kind, kindOf(kind)] as const)
    .filter(([, { section }]) => section !== undefined);
}

/** The destination that a launcher's `[deliver]` chooses. */
export function addressOf(deliver: Readonly<Record<string, unknown>>): Address {
  for (const [kind] of kindsWithSections()) {
    const name = deliver[kind];
    if (name !== undefined) return { kind, name: String(name) };
  }
  return { kind: "cold", name: "" };
}

/** The destination that a `Move.target` belongs to; paths are the COLD's. */
export function addressOfTarget(target: string): Address {
  const [, kind = "", name = ""] = /^([a-z0-9]+):([^/]+)\//.exec(target) ?? [];
  return isKind(kind) ? { kind, name } : { kind: "cold", name: "" };
}

function isKind(word: string): word is Address["kind"] {
  return Object.hasOwn(destinations, word);
}
