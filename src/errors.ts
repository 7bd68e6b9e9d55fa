/** The errors of the gateway. `scope` says how much stops; only `poll/`, `launcher.ts` and `main.ts` decide what to do. */

/** How much an error stops. */
export type Scope = "item" | "launcher" | "process";

/**
 * Characters of a message: names in it are as long as their sender likes, and ledger, quarantine, page and log keep it.
 */
export const MAX_MESSAGE_CHARACTERS = 2000;
/** Of these, at the end: behind a name stands what is wrong with it. */
const END_CHARACTERS = 500;

/** Base of everything the gateway throws on purpose; anything else is a bug of ours. */
export abstract class GatewayError extends Error {
  abstract readonly scope: Scope;
  constructor(message: string, options?: ErrorOptions) {
    super(shortened(message), options);
  }
  override get name(): string {
    return this.constructor.name;
  }
}

/** A mail or an envelope is damaged, unknown or too large: quarantined with the reason, the rest goes on. */
export class EnvelopeError extends GatewayError {
  readonly scope = "item";
}

/** What was taken for an envelope is of no known kind: as a file it may be sound. */
export class UnknownEnvelopeError extends EnvelopeError {}

/** One item could not be read or settled this time, though the source itself works: tried again later. */
export class ItemError extends GatewayError {
  readonly scope = "item";
}

/** A mail of which its source gives out a part only, or more than it announced. */
export class CutError extends ItemError {
  constructor(
    message: string,
    /** What came last, and was not handed on before. */
    readonly received: Uint8Array<ArrayBuffer>,
  ) {
    super(message);
  }
}

/**
 * It cannot be known whether a document has arrived: the answer was lost, and sending it again might double it. Only a
 * person can tell, so the item goes to quarantine at once.
 */
export class UnsureError extends GatewayError {
  readonly scope = "item";
}

/**
 * Why a source failed: `unreachable` (network, nonsense), `busy` (it answers, but not now), `tls` (the connection cannot be
 * made safe), `refused` (said no), `credentials` (wrong password), `secret` (the password cannot be read here).
 */
export type SourceFault = "unreachable" | "busy" | "tls" | "refused" | "credentials" | "secret";

/** A mailbox or folder cannot be used: the launcher backs off until its next tick. */
export class SourceError extends GatewayError {
  readonly scope = "launcher";
  constructor(readonly fault: SourceFault, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** The destination is missing, full or read-only, or does not let us in: nothing is settled, next tick. */
export class DeliveryError extends GatewayError {
  readonly scope = "launcher";
}

/** The ledger cannot be read or written: what cannot be recorded is not delivered, the process stops. */
export class LedgerError extends GatewayError {
  readonly scope = "process";
}

/** One thing wrong in launchers.d, with where it is and how to mend it. */
export interface Problem {
  readonly severity: "error" | "warning" | "info";
  /** Path of the file. */
  readonly file: string;
  /** From 1; absent when the file as a whole is meant. */
  readonly line?: number;
  /** What is wrong. Never contains a secret. */
  readonly message: string;
  /** What would be right, or how to mend it. */
  readonly remedy?: string;
  /** Nothing is left to be done: what runs is safer than what is written. `check` tells it, nobody else. */
  readonly isSettled?: boolean;
  /** The folder that is not there, when that is all: once it is, the problem is over. */
  readonly folder?: string;
}

/** Whether somebody has to look at a problem; what only `check` tells (infos, settled warnings) needs nobody. */
export function needsALook({ severity, isSettled = false }: Problem): boolean {
  return severity !== "info" && !isSettled;
}

/** Configuration that cannot be used; carries every problem found, not only the first. */
export class ConfigError extends GatewayError {
  readonly scope = "launcher";
  constructor(readonly problems: readonly Problem[], options?: ErrorOptions) {
    super(problemsText(problems), options);
  }
}

/** What several problems say, each in whole; where that is more than a message may be long, how many there are besides. */
export function problemsText(problems: readonly { readonly message: string }[]): string {
  const messages = problems.map(({ message }) => message);
  const text = messages.join("; ");
  if (text.length <= MAX_MESSAGE_CHARACTERS) return text;
  let [begun, some] = ["", ""];
  for (const [index, message] of messages.slice(0, -2).entries()) {
    const further = `There are ${messages.length - index - 1} more problems`;
    begun += `${message}; `;
    if (begun.length + further.length > MAX_MESSAGE_CHARACTERS) break;
    some = begun + further;
  }
  return some || text;
}

/** What an error says, whatever was thrown. */
export function errorText(error: unknown): string {
  return shortened(error instanceof Error ? error.message : String(error));
}

/** A message without its middle, where it is longer than anybody reads. */
export function shortened(message: string): string {
  if (message.length <= MAX_MESSAGE_CHARACTERS) return message;
  const start = message.slice(0, MAX_MESSAGE_CHARACTERS - END_CHARACTERS - 2);
  const end = message.slice(-END_CHARACTERS);
  // What stands between quotes must go on doing so: the log leaves it out.
  const gap = hasOpenQuote(message.slice(start.length, -END_CHARACTERS))
    ? (hasOpenQuote(start) ? '"…' : '…"')
    : "…";
  return `${start}${gap}${end}`.toWellFormed();
}

function hasOpenQuote(text: string): boolean {
  return (text.split('"').length - 1) % 2 === 1;
}
