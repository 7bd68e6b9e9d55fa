/** What the IMAP server says about its mailboxes: LIST and STATUS (RFC 3501, 6.3.8 and 6.3.10). */
import { decodeName, encodeName, quote } from "./imap_syntax.ts";
import type { ImapFaults, ImapServerState } from "./imap_server.ts";
import type { Mailbox, StoredMail } from "./mailbox.ts";

const FLAGS = "\\Answered \\Flagged \\Deleted \\Seen \\Draft";

/** The mailbox of a name as it came from the client; the case of INBOX does not matter. */
export function findMailbox(mailboxes: readonly Mailbox[], name: string): Mailbox | undefined {
  const wanted = name.toUpperCase() === "INBOX" ? "INBOX" : decodeName(name);
  return mailboxes.find((mailbox) => mailbox.name === wanted);
}

/** The lines that answer SELECT and EXAMINE. */
export function openingLines(
  mailbox: Mailbox,
  isReadOnly: boolean,
  { permanentFlags = `${FLAGS} \\*` }: Pick<ImapFaults, "permanentFlags">,
): string[] {
  return [
    `* FLAGS (${FLAGS})`,
    `* OK [PERMANENTFLAGS (${isReadOnly ? "" : permanentFlags})] flags`,
    `* ${mailbox.mails.length} EXISTS`,
    "* 0 RECENT",
    `* OK [UIDVALIDITY ${mailbox.uidValidity}] UIDs valid`,
    `* OK [UIDNEXT ${mailbox.uidNext}] next UID`,
  ];
}

/** The lines that answer LIST, after that word; the hierarchy delimiter is a slash. */
export function listLines(mailboxes: readonly Mailbox[], pattern: string): string[] {
  if (pattern === "") return ['(\\Noselect) "/" ""'];
  const source = [...decodeName(pattern)].map((character) => {
    if (character === "*") return ".*";
    return character === "%" ? "[^/]*" : RegExp.escape(character);
  });
  const matcher = new RegExp(`^${source.join("")}$`, "su");
  return mailboxes.filter(({ name }) => matcher.test(name))
    .map(({ name, specialUse }) =>
      `(${["\\HasNoChildren", specialUse].join(" ").trim()}) "/" ${quote(encodeName(name))}`
    );
}

/** Items of STATUS with their values: `MESSAGES 3 UIDNEXT 4`. */
export function statusPairs(mailbox: Mailbox, items: readonly string[]): string {
  const values: Readonly<Record<string, number>> = {
    MESSAGES: mailbox.mails.length,
    RECENT: 0,
    UIDNEXT: mailbox.uidNext,
    UIDVALIDITY: mailbox.uidValidity,
    UNSEEN: mailbox.mails.filter((mail) => !mail.flags.has("\\Seen")).length,
  };
  return items.map((item) => `${item.toUpperCase()} ${values[item.toUpperCase()] ?? 0}`).join(" ");
}

/** What tells a client, who knows of the mails `before`, what came and went: EXPUNGE from the last, then EXISTS. */
export function changeLines(before: readonly StoredMail[], now: readonly StoredMail[]): string[] {
  const present = new Set(now);
  const lines = before.flatMap((mail, index) => present.has(mail) ? [] : [`* ${index + 1} EXPUNGE`])
    .reverse();
  if (now.length > before.length - lines.length) lines.push(`* ${now.length} EXISTS`);
  return lines;
}

/** Gives mails Gmail's labels, which are mailboxes, made as they are given. */
export function label(
  mails: readonly StoredMail[],
  labels: readonly string[],
  server: Pick<ImapServerState, "mailboxes" | "newMailbox">,
): string {
  for (const name of labels) {
    let mailbox = findMailbox(server.mailboxes, name);
    if (mailbox === undefined) {
      mailbox = server.newMailbox(decodeName(name));
      server.mailboxes.push(mailbox);
    }
    for (const { raw, received } of mails) mailbox.add(raw, received);
  }
  return "OK labelled";
}
