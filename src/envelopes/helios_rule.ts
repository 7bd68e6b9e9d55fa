/** How the rules for a PES are written: what a rule can say, and one function for each kind of element. */
import { codeOf, isoDate, type Labels, type Value } from "./fields.ts";

/** What an element becomes. */
export interface Rule {
  /** The member that its value fills. */
  readonly member?: string;
  /** What is made of the text of the value. */
  readonly as?: (text: string) => Value | undefined;
  /** The list of distinct texts under `fields` that its value is added to. */
  readonly gathered?: string;
  /** It is a member of members; or `list`: an item of a list; or neither: its members belong to what is around it. */
  readonly group?: string;
  readonly list?: string;
  /** It is an item of a list so long that it is written piece by piece. */
  readonly item?: string;
  /** It is the part of the message that is called so under `domaines`. */
  readonly domaine?: string;
  /** It is an attachment, or (`isContent`) the base64 text of one. */
  readonly isAttachment?: true;
  readonly isContent?: true;
  /** It is a person or firm, of whom not everything may be told. */
  readonly isTiers?: true;
  /** It is told only to those who wish for personal data. */
  readonly isPersonal?: true;
  readonly children: ReadonlyMap<string, Rule>;
}

/** Rules by the name of the element. */
export type Rules = Readonly<Record<string, Rule>>;
type Facts = Omit<Rule, "children">;

const NO_CHILDREN: ReadonlyMap<string, Rule> = new Map();

/** An element with others in it. */
export function element(facts: Facts, children: Rules): Rule {
  return { ...facts, children: new Map(Object.entries(children)) };
}

/** An element that is only around others. */
export function inside(children: Rules): Rule {
  return element({}, children);
}

/** A value told as it is, and gathered under `fields` if need be. */
export function text(member: string, gathered?: string): Rule {
  return { member, ...(gathered === undefined ? {} : { gathered }), children: NO_CHILDREN };
}

/** A value that is a date. */
export function date(member: string): Rule {
  return { member, as: isoDate, children: NO_CHILDREN };
}

/** A value that is a code. */
export function code(member: string, labels: Labels): Rule {
  const known = new Map(Object.keys(labels).map((each) => [each, codeOf(each, labels)]));
  return { member, as: (text) => known.get(text) ?? codeOf(text, labels), children: NO_CHILDREN };
}
