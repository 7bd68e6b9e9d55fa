/** The little a POP3 source has to know of a mail's header, given as text with one character per octet. */

// What servers change in a header when a mail is fetched or listed.
const CHANGING_FIELDS =
  /^(?:status|x-status|x-uidl|x-uid|x-keywords|x-mozilla-\S+|content-length|lines)\s*:/i;

/** The header as it stays for ever, to tell mails apart by. */
export function identifyingHeader(text: string): string {
  return fields(text).filter((field) => !CHANGING_FIELDS.test(field)).join("\n");
}

/** When the mail came to the server, by the topmost `Received`, else its own `Date`. */
export function headerDate(text: string): Date | undefined {
  const all = fields(text);
  const received = all.find((field) => /^received\s*:/i.test(field))?.split(";").at(-1);
  const date = all.find((field) => /^date\s*:/i.test(field))?.replace(/^[^:]*:/, "");
  for (const candidate of [received, date]) {
    // "(CEST)" and other comments are none of Date.parse's business.
    const time = Date.parse((candidate ?? "").replace(/\([^()]*\)/g, " ").trim());
    if (!Number.isNaN(time)) return new Date(time);
  }
  return undefined;
}

/** The fields, unfolded, without what follows the first empty line. */
function fields(text: string): string[] {
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  return text.slice(0, end).replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/).filter((field) => field !== "");
}
