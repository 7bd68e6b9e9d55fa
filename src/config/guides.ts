/** The chapters of launchers.d/README.md that are not made of the schemas: providers of mail, and EzGED elsewhere. */
import { PROVIDERS } from "./providers.ts";

/** The chapters, in Markdown. */
export function guides(): string {
  const rows = Object.entries(PROVIDERS).map(([name, { title, imap, pop3, account, auth, hint }]) =>
    `| ${title} (\`--provider ${name}\`) | \`${imap}\` | \`${pop3}\` | ${account}, ${
      auth === "either" ? "app password or xoauth2" : auth
    } | ${hint}. |`
  );
  return [
    "## Mailboxes of known providers",
    "",
    "`deno task new NAME` fills these in. All by TLS from the first octet, IMAP on 993, POP3 on 995.",
    "",
    "| provider | IMAP | POP3 | account, sign-in | to know |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
    "Prefer IMAP: `after` can move a mail, `push` delivers it at once, and nobody else's view of the mailbox changes.",
    "",
    GMAIL,
    EZGED,
  ].join("\n");
}

const GMAIL = `### Gmail

1. Google account, Security: switch on two-step verification, then make an *app password*
   (<https://myaccount.google.com/apppasswords>, 16 letters). The account's own password is refused since 2022, in
   Workspace since 2025. A Workspace administrator can forbid app passwords; then a program that gives OAuth tokens is
   needed (\`auth = "xoauth2"\`; \`deno task new NAME --account YOU@gmail.com --token-command PROGRAM\`).
2. Gmail, Settings, *Forwarding and POP/IMAP*: enable POP where you want it. IMAP has been always on since January 2025,
   and its switch is gone; in Workspace the administrator decides.
3. \`deno task new gmail --account YOU@gmail.com\`; or in \`gmail-imap.toml\` your address in \`account\` and
   \`enabled = true\`, the app password in \`GED_PASSWORD\`: \`GED_PASSWORD=abcdefghijklmnop deno task start\`. A changed
   variable needs a new start; a file (\`password = { file = "var/secrets/ged.secret" }\`, mode 600) does not.
4. \`deno task check --connect\`, then \`deno task run gmail --dry-run\`.

Gmail's POP marks a mail as fetched after a clean QUIT and then stops listing it, to other programs too. Lanceur sends
QUIT only when everything is on disk and in the ledger, and drops the connection otherwise. Gmail lists about 250 mails
per session, so a large mailbox takes several polls; what \`delete\` does is decided in Gmail's settings.
`;

const EZGED = `## EzGED on another machine

Experimental: built from public documentation of EzGED's web service, not yet tried on a real EzGED. Where the gateway
cannot write into EzGED's folders, name EzGED in \`gateway.toml\`, and in the launcher where documents go there;
\`deno task check --connect\` tries to sign in:

\`\`\`toml
[ezged.mairie]                         # gateway.toml
url = "https://ged.mairie.fr/ezged3"   # plain http only to a private address written as numbers
account = "lanceur"
password = { file = "var/ezged.secret" }
token = { file = "var/ezged-token.secret" } # what EzGED's own uploader sends

[deliver]                              # a launcher: into the COLD's waiting directory there
ezged = "mairie"
cold = "factures"                      # or instead, a row of a table per document:
# [deliver.record]
# table = "COURRIERS"
# columns = { COURRIERS_OBJET = "{subject}", COURRIERS_DATE = "{datetime}", COURRIERS_REF = "{id}" }
# query = "12"                         # a view on that table, and
# find = "COURRIERS_REF"               # the column by which a row is found again
\`\`\`

Every step is in the ledger before the next; after a crash or a lost connection the next poll goes on from there. EzGED
has no way to recognise a repeated call, so one is sent again only when it cannot have had an effect. When the answer to
an upload into a COLD, or to an insertion without \`find\`, is lost, nobody can know: the item goes to quarantine and says
so. Look in EzGED, then \`retry\` (sends it again) or \`drop\`. A job that EzGED reports in error is EzGED's to repeat: the
log says so, nothing is sent again.
`;
