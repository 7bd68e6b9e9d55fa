/** What the IMAP server says about a mail: FETCH items and SEARCH keys (RFC 3501, 6.4.4 and 6.4.5). */
import type { StoredMail } from "./mailbox.ts";
import { encode, formatDate, parseSet, quote, SyntaxFault, type Token, word } from "./imap_syntax.ts";

const LATIN1 = new TextDecoder("latin1");
const MACROS: Readonly<Record<string, readonly string[]>> = {
  FAST: ["FLAGS", "INTERNALDATE", "RFC822.SIZE"],
  ALL: ["FLAGS", "INTERNALDATE", "RFC822.SIZE"],
};
const BODY = /^BODY(\.PEEK)?\[([^\]]*)\](?:<(\d+)(?:\.(\d+))?>)?$/i;

/** What a FETCH answers for one mail, and whether it sets `\Seen`. */
export interface FetchAnswer {
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
  readonly marksSeen: boolean;
}

/** The items asked for: a lone one, a list, or a macro. */
export function fetchItems(argument: Token | undefined): string[] {
  if (argument === undefined) throw new SyntaxFault("items missing");
  const given = Array.isArray(argument) ? argument.map((_, index) => word(argument, index)) : [argument];
  return given.flatMap((item) => MACROS[item.toUpperCase()] ?? [item]);
}

/** Answers the items for one mail; `announcedBytes` is its RFC822.SIZE. */
export function answerFetch(mail: StoredMail, items: readonly string[], announcedBytes: number): FetchAnswer {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let marksSeen = false;
  for (const [index, item] of items.entries()) {
    const name = item.toUpperCase();
    const body = BODY.exec(item);
    const space = index === 0 ? "" : " ";
    if (name === "UID") pieces.push(encode(`${space}UID ${mail.uid}`));
    else if (name === "FLAGS") pieces.push(encode(`${space}FLAGS (${[...mail.flags].join(" ")})`));
    else if (name === "RFC822.SIZE") pieces.push(encode(`${space}RFC822.SIZE ${announcedBytes}`));
    else if (name === "X-GM-MSGID") pieces.push(encode(`${space}X-GM-MSGID ${1_000_000 + mail.uid}`));
    else if (name === "INTERNALDATE") {
      pieces.push(encode(`${space}INTERNALDATE ${quote(formatDate(mail.received))}`));
    } else if (body !== null) {
      const [, peek, section = "", start, length] = body;
      const whole = sectionOf(mail.raw, section);
      const from = Number(start ?? 0);
      const part = whole.subarray(from, length === undefined ? whole.length : from + Number(length));
      const origin = start === undefined ? "" : `<${start}>`;
      pieces.push(encode(`${space}BODY[${section}]${origin} {${part.length}}\r\n`), part);
      marksSeen ||= peek === undefined;
    } else throw new SyntaxFault(`item ${item} is not served`);
  }
  return { pieces, marksSeen };
}

function sectionOf(raw: Uint8Array<ArrayBuffer>, section: string): Uint8Array<ArrayBuffer> {
  const name = section.toUpperCase();
  if (name === "") return raw;
  const split = headerEnd(raw);
  if (name === "HEADER") return raw.subarray(0, split);
  if (name === "TEXT") return raw.subarray(split);
  const fields = /^HEADER\.FIELDS(\.NOT)? \(([^)]*)\)$/.exec(name);
  if (fields === null) throw new SyntaxFault(`section ${section} is not served`);
  const wanted = new Set((fields[2] ?? "").replaceAll('"', "").split(" "));
  const lines = LATIN1.decode(raw.subarray(0, split)).split(/\r\n(?![ \t])/).filter((line) => {
    return line !== "" &&
      wanted.has(line.split(":", 1)[0]?.toUpperCase() ?? "") !== (fields[1] !== undefined);
  });
  const text = lines.map((line) => `${line}\r\n`).join("") + "\r\n";
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function headerEnd(raw: Uint8Array): number {
  for (let index = raw.indexOf(13); index >= 0; index = raw.indexOf(13, index + 1)) {
    if (raw[index + 1] === 10 && raw[index + 2] === 13 && raw[index + 3] === 10) return index + 4;
  }
  return raw.length;
}

/** A mail and its message sequence number. */
export interface NumberedMail {
  readonly mail: StoredMail;
  readonly sequence: number;
}

/** Mails with their numbers in the mailbox. */
export function numbered(view: readonly StoredMail[]): NumberedMail[] {
  return view.map((mail, index) => ({ mail, sequence: index + 1 }));
}

/** Turns search keys into a test; `highest` says what `*` means. */
export function parseSearch(
  keys: readonly Token[],
  highest: { readonly uid: number; readonly sequence: number },
): (found: NumberedMail) => boolean {
  const rest = [...keys];
  if (typeof rest[0] === "string" && rest[0].toUpperCase() === "CHARSET") rest.splice(0, 2);
  const tests: ((found: NumberedMail) => boolean)[] = [];
  while (rest.length > 0) tests.push(takeKey());
  return (found) => tests.every((test) => test(found));

  function takeKey(): (found: NumberedMail) => boolean {
    const key = rest.shift();
    if (key === undefined) throw new SyntaxFault("search key missing");
    if (Array.isArray(key)) return parseSearch(key, highest);
    const name = key.toUpperCase();
    const flag = FLAG_KEYS[name];
    if (flag !== undefined) return ({ mail }) => mail.flags.has(flag.name) === flag.present;
    switch (name) {
      case "ALL":
        return () => true;
      case "NOT": {
        const test = takeKey();
        return (found) => !test(found);
      }
      case "OR": {
        const [left, right] = [takeKey(), takeKey()];
        return (found) => left(found) || right(found);
      }
      case "UID": {
        const holds = parseSet(takeWord(), highest.uid);
        return ({ mail }) => holds(mail.uid);
      }
      case "SINCE": {
        const since = takeDate();
        return ({ mail }) => startOfDay(mail.received) >= since;
      }
      case "BEFORE": {
        const before = takeDate();
        return ({ mail }) => startOfDay(mail.received) < before;
      }
      case "KEYWORD":
      case "UNKEYWORD": {
        const keyword = takeWord();
        return ({ mail }) => mail.flags.has(keyword) === (name === "KEYWORD");
      }
      case "LARGER": {
        const bytes = Number(takeWord());
        return ({ mail }) => mail.raw.length > bytes;
      }
      default: {
        const holds = parseSet(name, highest.sequence);
        return ({ sequence }) => holds(sequence);
      }
    }
  }

  function takeWord(): string {
    const value = word(rest, 0);
    rest.shift();
    return value;
  }

  function takeDate(): number {
    const date = Date.parse(`${takeWord().replaceAll("-", " ")} UTC`);
    if (Number.isNaN(date)) throw new SyntaxFault("bad date");
    return date;
  }
}

const FLAG_KEYS: Readonly<Record<string, { readonly name: string; readonly present: boolean }>> = {
  SEEN: { name: "\\Seen", present: true },
  UNSEEN: { name: "\\Seen", present: false },
  DELETED: { name: "\\Deleted", present: true },
  UNDELETED: { name: "\\Deleted", present: false },
  FLAGGED: { name: "\\Flagged", present: true },
  UNFLAGGED: { name: "\\Flagged", present: false },
  ANSWERED: { name: "\\Answered", present: true },
  UNANSWERED: { name: "\\Answered", present: false },
  DRAFT: { name: "\\Draft", present: true },
  UNDRAFT: { name: "\\Draft", present: false },
};

function startOfDay(date: Date): number {
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
}
