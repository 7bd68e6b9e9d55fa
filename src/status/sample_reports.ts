/** Sentences of every part of the gateway as it makes them, for the sample's pages. */
import type { OutcomeKind } from "../model.ts";
import type { Problem } from "../errors.ts";
import type { ConnectionView, ItemRow, PollView } from "./view.ts";

/** Reasons of items, by what became of them. */
const ITEM_REASONS: readonly (readonly [OutcomeKind, string])[] = [
  [
    "skipped",
    'logo.png: an image within the text (documents.inline_images); smime.p7s: the signature of the mail; filter.name[1]: "Thumbs.db" does not match /.*\\.(?!db).*/',
  ],
  ["skipped", "filter.max_size: 73400320 octets are above 50000000"],
  ["skipped", 'filter.from: "news@exemple.test" matches none of "*@fournisseur.example", "*@mairie.example"'],
  ["skipped", "filter.since_days: dated 2025-01-04, more than 30 days ago"],
  ["skipped", "the mail has no document in it"],
  ["skipped", 'facture.pdf: the same content was delivered from "INBOX UID 12"'],
  ["failed", 'Cannot read "INBOX UID 31": the server answered "NO [UNAVAILABLE] try later"'],
  ["failed", 'Cannot delete "/srv/depot/a.xml": another program has it open (device or resource busy)'],
  [
    "failed",
    'Cannot fetch mail 7 from "pop.exemple.fr:995": it ended after 1200 of the 5000 octets announced',
  ],
  [
    "failed",
    'Cannot put "UIDL 8" (90000000 octets) into quarantine: it holds 980000000 of 1000000000 octets; it stays where it is and is tried again: retry or drop what is in quarantine, or raise max_size of [quarantine]',
  ],
  ["quarantined", "Cannot take the mail apart: a multipart within it has no end boundary"],
  [
    "quarantined",
    'Cannot take the mail apart: a part of it is encrypted (S/MIME) and cannot be opened here; with signed = "keep" under [documents] it is delivered as it is',
  ],
  ["quarantined", 'Cannot decode "abc.tar.gz": it takes more than 120 s, too large or damaged'],
  ["quarantined", 'Cannot read "bordereau.xml": it is not well-formed at line and column 12:7'],
  ["quarantined", 'Cannot unpack "piece.pdf": its compressed data is damaged'],
  [
    "quarantined",
    'Cannot tell whether "facture.pdf" is in the waiting directory "factures" of EzGED: the answer to its upload was lost; look for it there: retry sends it again, drop leaves it',
  ],
];

/** Why polls did not come to their end. */
const POLL_ERRORS: readonly string[] = [
  'Cannot sign in to "imap.exemple.fr:993" as "ged@exemple.fr": the password was refused: "[AUTHENTICATIONFAILED] Invalid credentials"; check account and password, and that IMAP is allowed for it; Gmail and some others want an app password here',
  'Cannot connect to "imap.exemple.fr:993": its certificate is not for "imap.exemple.fr"; it is for mail.exemple.net; use a name that the certificate has',
  'Cannot open the mailbox "Factures" of "imap.exemple.fr:993": it does not exist; there are "INBOX", "Sent" and 3 more',
  'Cannot connect through tunnel service "gmail-pop3": Cannot connect to "pop.gmail.com:995": nothing listens there',
  'Cannot write "/srv/lanceur/var/cold/factures": the disk is full; free some space, nothing is lost meanwhile',
  'Cannot use COLD root "/srv/cold": it is missing or cannot be read; is the share mounted?',
  'Cannot reach EzGED at "https://ged.exemple.fr/ezged3": the connection was refused; check the address, and that the server is running',
  "Cannot read the secret: the environment variable GED_PASSWORD is not set",
  'Cannot read the folder "/mnt/partage": Permission denied (os error 13)',
  'Cannot write ledger "/srv/lanceur/var/ledger.sqlite": database or disk is full; free some space, nothing is lost meanwhile',
];

/** How connections of the tunnel ended, or why they did not come about. */
const CONNECTION_ENDS: readonly string[] = [
  "goodbye",
  "left",
  "truncated",
  "tls reset",
  "plain reset",
  "idle",
  "close timeout",
  "cut",
  'Cannot connect to "10.0.0.7:993": the server did not answer in time',
  'Cannot connect to "10.0.0.7:993": its certificate has expired (2026-01-04)',
  'Cannot trust the end of "10.0.0.7:993": the server left without closing TLS',
  "Cannot serve another connection: 1000 are open",
  "Cannot serve a program that speaks TLS on this plain port",
  'Cannot start TLS: the server answers EHLO with "STARTTLS is not offered"',
];

/** Problems of launchers.d. */
export const PROBLEMS: readonly Problem[] = [
  {
    severity: "warning",
    file: "launchers.d/factures.toml",
    line: 17,
    message: "Cannot keep listen.password secret: it is written in this file as text",
    remedy:
      'Put it into a file that only the gateway may read: password = { file = "NAME.secret" }, or into an environment variable: password = { env = "NAME" }',
  },
  {
    severity: "info",
    file: "launchers.d/gmail.conf",
    line: 22,
    message: "debug: ignored, see the settings of the log",
  },
  {
    severity: "warning",
    file: "launchers.d/gmail.conf",
    line: 31,
    message: "verify = 0 is obsolete: it asked for nothing, here the server is always verified",
    remedy: "There is nothing to do; this warning ends when the line is removed",
  },
  {
    severity: "info",
    file: "launchers.d/archives.toml",
    line: 3,
    message: 'Cannot find the folder of listen.path, "/mnt/archives": it is missing',
    remedy:
      'Before enabled = true: if it is a share, mount it; otherwise make the folder (only inside "/srv/lanceur" is it made on its own)',
  },
  {
    severity: "info",
    file: "launchers.d/chorus.toml",
    line: 9,
    message: "Cannot use listen.port = 99999: it must be a whole number from 1 to 65535",
    remedy: "Port of the server; by default the protocol's own, for TLS or not",
  },
  {
    severity: "info",
    file: "launchers.d/chorus.toml",
    line: 12,
    message: 'Cannot use the option "subjet" in [filter]: unknown',
    remedy: 'Did you mean "subject"? Known here: name, include, exclude, from, to, subject',
  },
];

/** An item for each reason. */
export function reportedItems(at: Date): ItemRow[] {
  return ITEM_REASONS.map(([outcome, reason], index) => {
    const key = `reported:${index}`;
    return { id: key, key, label: `UIDL ${index}`, outcome, reason, at, documents: [] };
  });
}

/** A poll for each error. */
export function reportedPolls(at: Date): PollView[] {
  const nothing = { delivered: 0, skipped: 0, quarantined: 0, failed: 0, known: 0 };
  return POLL_ERRORS.map((error) => ({ at, durationMs: 410, ...nothing, times: 1, error }));
}

/** A connection for each end. */
export function reportedConnections(at: Date): ConnectionView[] {
  return CONNECTION_ENDS.map((message) => {
    return { at, isBad: message.startsWith("Cannot"), message, client: "127.0.0.1:51724" };
  });
}
