/** What the log may hold of a reason: the rule, or what went wrong, and nothing that a mail or an envelope says. */
import { errorText, GatewayError, ItemError } from "../errors.ts";
import { withoutNames } from "../notify/without_names.ts";

/** Which rule skipped an item: `filter.name`, `filter.max_size`…, or `documents` for a mail with none to take. */
export function ruleOf(reason: string): string {
  // Names that no option has begin other reasons: those of a mail's attachments.
  const rule =
    /^(?:filter\.(?:name|include|exclude|max_size|min_size|from|to|subject|since_days)|quarantine)(?=[[:])/;
  return rule.exec(reason)?.[0] ?? "documents";
}

/** An error in one sentence, without what it quotes: names of attachments, a server's or a library's words. */
export function withoutQuotes(error: unknown): string {
  const text = errorText(error).replace(/'[^]*'/, "'…'");
  // What a stranger has named may have a quotation mark in it: only the first and the last are sure.
  return error instanceof ItemError ? text.replaceAll(/"[^"]*"/g, '"…"') : text.replace(/"[^]*"/, '"…"');
}

/** Where an error came from, under its message without quotes. */
export function stackWithoutQuotes(error: unknown): string {
  const told = withoutQuotes(error);
  if (!(error instanceof Error) || error.stack === undefined) return told;
  const at = error.stack.indexOf(error.message);
  const frames = error.stack.slice(at + error.message.length);
  return at < 0 ? told : `${error.name}: ${told}${frames}`;
}

/** What the log has of an error that stopped a poll; documents below `root`, the COLD, are not named. */
export function failureOf(
  error: unknown,
  root: string,
): { readonly reason: string; readonly stack?: string } {
  return error instanceof GatewayError
    ? { reason: withoutNames(error.message, root) }
    : { reason: withoutQuotes(error), stack: stackWithoutQuotes(error) };
}
