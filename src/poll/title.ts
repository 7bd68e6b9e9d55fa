/** What people know a mail by: its subject, and who has sent it. For page and terminal, never for the log. */
import { CutError } from "../errors.ts";
import { headersOfBlock, type MailHeaders } from "../message/mod.ts";

/** Of a sender, what leaves room for the subject in the ledger. */
const MAX_SENDER = 40;
const MAX_TITLE = 80;

/** Subject and sender in one line of no more than 80 characters; `undefined` for a mail that has neither. */
export function titleOf({ subject, from }: Pick<MailHeaders, "subject" | "from">): string | undefined {
  const address = /<([^<>]+)>[^<>]*$/.exec(from)?.[1] ?? from;
  const sender = cut(address.trim(), MAX_SENDER);
  if (sender === "") return subject === "" ? undefined : cut(subject, MAX_TITLE);
  return subject === "" ? sender : `${cut(subject, MAX_TITLE - sender.length - 3)} – ${sender}`;
}

/** The same of a mail that came in part, by the headers in that; `undefined` for any other error. */
export function titleOfCut(error: unknown): string | undefined {
  if (!(error instanceof CutError)) return undefined;
  const block = /^[^]*?\r?\n\r?\n/.exec(new TextDecoder("latin1").decode(error.received))?.[0];
  const headers = block === undefined ? undefined : headersOfBlock(error.received.subarray(0, block.length));
  return headers && titleOf(headers);
}

function cut(text: string, characters: number): string {
  if (text.length <= characters) return text;
  // Half a sign at the end is none.
  return `${text.slice(0, characters - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
