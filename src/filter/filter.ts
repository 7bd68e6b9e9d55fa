/** Take or skip, with the reason: what `[filter]` says about a mail, a name or a size. Pure. */
import { matchesGlob } from "../globs.ts";
import { addressesOf } from "./addresses.ts";
import type { FilterOptions } from "./options.ts";
import { baseName, compilePattern } from "./pattern.ts";

/** What was decided; the reason begins with the rule, which is all of it that the log gets. */
export type Verdict = { readonly take: true } | { readonly take: false; readonly reason: string };

/** What is known of a mail before its documents are. */
export interface MailFacts {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly date?: Date;
  readonly sizeBytes?: number;
}

/** The rules of `[filter]`, ready to be asked. Never throws, and takes bounded time on any input. */
export interface Filter {
  /** Whether a rule asks for what only a mail's headers tell. */
  readonly asksHeaders: boolean;
  /** By sender, recipient, subject and age. A mail smaller than `min_size` cannot hold a document that large. */
  mail(mail: MailFacts): Verdict;
  /** By patterns and globs, on the base name of a document. */
  name(name: string): Verdict;
  /** By the octets of a document. */
  size(sizeBytes: number): Verdict;
}

const TAKE: Verdict = { take: true };
const DAY_MS = 86_400_000;
const MAX_SHOWN_CHARACTERS = 120;

/**
 * Prepares the rules. `nowMs` tells the time that `since_days` counts from.
 *
 * @throws {TypeError} on a pattern that `filterOptions` would have refused.
 */
export function compileFilter(options: FilterOptions, nowMs: () => number = Date.now): Filter {
  const patterns = (options.name ?? []).map((text) => {
    const compiled = compilePattern(text);
    if ("fault" in compiled) throw new TypeError(`Cannot use the pattern ${text}: it ${compiled.fault}`);
    return { text, regex: compiled.regex };
  });
  const { from, to, subject, since_days: days } = options;
  return {
    asksHeaders: [from, to, subject].some((globs = []) => globs.length > 0) || days !== undefined,
    mail: (mail) => firstRefusal(mailRules(options, mail, nowMs)),
    name: (name) => firstRefusal(nameRules(options, patterns, baseName(name))),
    size: (sizeBytes) => firstRefusal(sizeRules(options, sizeBytes)),
  };
}

function firstRefusal(reasons: Iterable<string | undefined>): Verdict {
  for (const reason of reasons) if (reason !== undefined) return { take: false, reason };
  return TAKE;
}

function* nameRules(
  options: FilterOptions,
  patterns: readonly { text: string; regex: RegExp }[],
  name: string,
): Iterable<string | undefined> {
  for (const [index, { text, regex }] of patterns.entries()) {
    if (!regex.test(name)) yield `filter.name[${index + 1}]: "${shown(name)}" does not match ${text}`;
  }
  yield refusedBy("include", [name], options.include);
  const excluding = options.exclude?.find((glob) => matchesGlob(name, glob));
  if (excluding !== undefined) yield `filter.exclude: "${shown(name)}" matches "${excluding}"`;
}

function* sizeRules(options: FilterOptions, sizeBytes: number): Iterable<string | undefined> {
  const { max_size: max, min_size: min } = options;
  if (max !== undefined && sizeBytes > max) yield `filter.max_size: ${sizeBytes} octets are above ${max}`;
  if (min !== undefined && sizeBytes < min) yield `filter.min_size: ${sizeBytes} octets are below ${min}`;
}

function* mailRules(
  options: FilterOptions,
  mail: MailFacts,
  nowMs: () => number,
): Iterable<string | undefined> {
  yield refusedBy("from", [mail.from], options.from, addressesOf(mail.from));
  yield refusedBy("to", [mail.to], options.to, addressesOf(mail.to));
  yield refusedBy("subject", [mail.subject], options.subject);
  const { since_days: days, min_size: min } = options;
  if (days !== undefined && mail.date !== undefined && mail.date.getTime() < nowMs() - days * DAY_MS) {
    yield `filter.since_days: dated ${isoDay(mail.date)}, more than ${days} days ago`;
  }
  if (min !== undefined && mail.sizeBytes !== undefined && mail.sizeBytes < min) {
    yield `filter.min_size: the whole mail has ${mail.sizeBytes} octets, below ${min}`;
  }
}

/** A glob with an `@` is asked of the addresses alone: the rest of a header is chosen by the sender. */
function refusedBy(
  rule: string,
  texts: readonly string[],
  globs: readonly string[] = [],
  addresses: readonly string[] = texts,
): string | undefined {
  if (globs.length === 0) return undefined;
  const taken = globs.some((glob) =>
    (glob.includes("@") ? addresses : texts).some((text) => matchesGlob(text, glob))
  );
  if (taken) return undefined;
  const list = globs.map((glob) => `"${glob}"`).join(", ");
  return `filter.${rule}: "${shown(texts.join(", "))}" matches none of ${list}`;
}

function shown(text: string): string {
  return text.length <= MAX_SHOWN_CHARACTERS ? text : `${text.slice(0, MAX_SHOWN_CHARACTERS - 1)}…`;
}

function isoDay(date: Date): string {
  return Number.isNaN(date.getTime()) ? "on no day" : date.toISOString().slice(0, 10);
}
