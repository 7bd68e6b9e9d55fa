/** The grammar of stunnel.conf: which lines say something. What the options mean is the business of `stunnel_options.ts`. */

/** A line that says something, with its place; comments and empty lines are left out. */
export interface ConfLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly content:
    | { readonly kind: "section"; readonly name: string; readonly slip?: string }
    | { readonly kind: "option"; readonly name: string; readonly value: string; readonly slip?: string }
    | { readonly kind: "invalid"; readonly word: string; readonly reason: string };
}

// stunnel reads into a buffer of 16 KiB, the closing NUL included.
const MAX_LINE_BYTES = 16 * 1024 - 1;
const BYTE_ORDER_MARK = "\uFEFF";

/** Splits the text of one file. Never throws; what is no section, option or comment becomes an `invalid` line. */
export function readLines(text: string, file: string): ConfLine[] {
  const lines: ConfLine[] = [];
  let start = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  for (let line = 1; start < text.length; line++) {
    const end = text.indexOf("\n", start);
    const raw = text.slice(start, end < 0 ? text.length : end);
    const content = readLine(raw);
    if (content !== undefined) lines.push({ file, line, content });
    if (end < 0) break;
    start = end + 1;
  }
  return lines;
}

function readLine(raw: string): ConfLine["content"] | undefined {
  if (raw.length > MAX_LINE_BYTES || (raw.length > MAX_LINE_BYTES / 3 && bytesOf(raw) > MAX_LINE_BYTES)) {
    return { kind: "invalid", word: "", reason: "the line is longer than 16 KiB" };
  }
  // A string of C ends at a NUL; carriage returns count nowhere; isspace() of C knows no other space.
  const cut = raw.indexOf("\0");
  const text = trim((cut < 0 ? raw : raw.slice(0, cut)).replaceAll("\r", ""));
  if (text === "" || text.startsWith(";") || text.startsWith("#")) return undefined;
  const content = readContent(text);
  if (cut < 0 || content.kind === "invalid") return content;
  return {
    ...content,
    slip: "a NUL character stands in the line; what follows it is ignored, as stunnel does",
  };
}

function readContent(text: string): ConfLine["content"] {
  if (text.startsWith("[") && text.endsWith("]")) return { kind: "section", name: text.slice(1, -1) };
  const commented = /^\[([^\]]*)\][ \t]+[;#]/.exec(text);
  if (commented) return { kind: "section", name: commented[1] ?? "", slip: REFUSED_COMMENT };
  const split = text.indexOf("=");
  const word = /^[\w-]*/.exec(text)?.[0] ?? "";
  if (split < 0) return { kind: "invalid", word, reason: 'there is no "=" in it' };
  const name = trim(text.slice(0, split));
  if (name === "") return { kind: "invalid", word, reason: 'there is no option before "="' };
  return { kind: "option", name, value: trim(text.slice(split + 1)) };
}

/** Said of a comment behind something else on its line. */
export const REFUSED_COMMENT =
  "stunnel would reject this line: a comment needs a line of its own; it is ignored here";

// By hand: a regular expression takes quadratic time on a long line of spaces.
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0b || code === 0x0c;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
