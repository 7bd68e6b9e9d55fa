/** What a launcher file's `[listen]` may say with `protocol = "imap"`. */
import * as v from "valibot";
import { checkMailServer, mailServerOptions } from "./mail_server.ts";

const NAME_FORM =
  'must be the path of a mailbox as the server spells it, such as "INBOX" or "INBOX/Factures"';
const AFTER_FORM =
  'must be "keep", "seen", "flag", "delete", { move = "Traités" }, { flag = "a keyword without spaces" } or, on Gmail, { label = "Traités" }';
const DAYS_FORM = "must be a whole number of days, at least 1";
// A keyword is an atom (RFC 3501, section 9); system flags other than \Flagged have options of their own.
const KEYWORD = /^(?!.*[(){%*"\\\]])[!-~]{1,100}$/;
// With a backslash it would be one of Gmail's own, such as \Inbox.
const LABEL = /^[^\\]/;

const mailboxName = v.pipe(
  v.string(NAME_FORM),
  v.nonEmpty(NAME_FORM),
  v.maxLength(1000, "must be at most 1000 characters long"),
  // deno-lint-ignore no-control-regex -- A line end here would start a command of its own.
  v.regex(/^[^\x00-\x1f\x7f]*$/, "must not contain control characters"),
);

const schema = v.strictObject({
  protocol: v.literal("imap"),
  ...mailServerOptions,
  mailbox: v.optional(v.pipe(
    mailboxName,
    v.description('Mailbox whose mails are taken; "INBOX" unless given'),
  )),
  mailboxes: v.optional(v.pipe(
    v.array(mailboxName, 'must be a list, such as ["INBOX", "INBOX/Factures"]'),
    v.minLength(1, "must name at least one mailbox"),
    v.maxLength(100, "must name at most 100 mailboxes"),
    v.description("Several mailboxes, taken in this order; instead of mailbox"),
  )),
  unseen_only: v.optional(
    v.pipe(
      v.boolean("must be true or false"),
      v.description(
        "Take only mails that nobody has read yet; lanceur itself never marks a mail by reading it",
      ),
    ),
    false,
  ),
  since_days: v.optional(v.pipe(
    v.number(DAYS_FORM),
    v.integer(DAYS_FORM),
    v.minValue(1, DAYS_FORM),
    v.maxValue(36_500, DAYS_FORM),
    v.description("Take only mails that arrived within so many days; all of them unless given"),
  )),
  after: v.optional(
    v.pipe(
      v.union([
        v.picklist(["keep", "seen", "flag", "delete"], AFTER_FORM),
        v.strictObject({ move: mailboxName }, AFTER_FORM),
        v.strictObject({ flag: v.pipe(v.string(AFTER_FORM), v.regex(KEYWORD, AFTER_FORM)) }, AFTER_FORM),
        v.strictObject({ label: v.pipe(mailboxName, v.regex(LABEL, AFTER_FORM)) }, AFTER_FORM),
      ], AFTER_FORM),
      v.description(
        "What becomes of a mail whose documents have all been delivered: keep it untouched, mark it as seen, flag " +
          "it (with a star, or with a keyword), delete it (on Gmail: to its bin), move it to a mailbox, made if " +
          "missing, or on Gmail give it a label",
      ),
    ),
    "keep",
  ),
  exact_sizes: v.optional(v.pipe(
    v.boolean("must be true or false"),
    v.description(
      "Refuse a mail whose size is not the one that the server announced; false only where the server announces " +
        "estimates, as Exchange does (recognised by itself)",
    ),
  )),
});

/** The options of the IMAP protocol. */
export const imapOptions = v.pipe(
  schema,
  checkMailServer<ImapOptions>(),
  v.forward(
    v.check(
      ({ mailbox, mailboxes }) => mailbox === undefined || mailboxes === undefined,
      "cannot stand beside mailbox: give one of them",
    ),
    ["mailboxes"],
  ),
  v.forward(
    v.check(
      ({ mailboxes = [] }) => new Set(mailboxes.map(foldInbox)).size === mailboxes.length,
      "must not name a mailbox twice",
    ),
    ["mailboxes"],
  ),
  v.forward(
    v.check((options) => {
      const { after } = options;
      return typeof after === "string" || !("move" in after) ||
        !mailboxesOf(options).includes(foldInbox(after.move));
    }, "must move to a mailbox that is not among those taken from"),
    ["after"],
  ),
);

/** The options as the launcher file gave them, with defaults. */
export type ImapOptions = v.InferOutput<typeof schema>;

/** What becomes of a settled mail. */
export type After = ImapOptions["after"];

/** The mailboxes to take from, in order. */
export function mailboxesOf(options: Pick<ImapOptions, "mailbox" | "mailboxes">): readonly string[] {
  return (options.mailboxes ?? [options.mailbox ?? "INBOX"]).map(foldInbox);
}

/** INBOX is the one name whose case does not matter (RFC 3501, 5.1). */
function foldInbox(name: string): string {
  return name.toUpperCase() === "INBOX" ? "INBOX" : name;
}
