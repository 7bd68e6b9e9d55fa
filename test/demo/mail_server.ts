/** The demo's mail server: POP3S and IMAPS on free ports, with a certificate of a private authority. */
import { createAuthority } from "../servers/certificates.ts";
import { type ImapServer, startImapServer } from "../servers/imap_server.ts";
import { Mailbox } from "../servers/mailbox.ts";
import { type Pop3Server, startPop3Server } from "../servers/pop3_server.ts";
import { type DemoMail, invoiceMails, letterMails, writeMail } from "./mails.ts";

/** The one account of the demo, with a mailbox over each protocol. */
export const ACCOUNT = "ged@mairie.example";

/** A running mail server; disposing it ends every connection. */
export interface MailServer extends AsyncDisposable {
  readonly pop3Port: number;
  readonly imapPort: number;
  /** Of the account, made up for this run. */
  readonly password: string;
  /** The private authority's certificate: what a client has to trust. */
  readonly caPem: string;
  /** Subjects of the mails by the names that sources give them. */
  readonly subjects: ReadonlyMap<string, string>;
}

/** Starts the server with all its mails. */
export async function startMailServer(): Promise<MailServer> {
  const authority = await createAuthority("Lanceur demo authority");
  const certificate = await authority.issue();
  const password = crypto.randomUUID();
  const users = { [ACCOUNT]: password };
  const invoices = new Mailbox();
  const letters = new Mailbox();
  const subjects = new Map([
    ...fill(invoices, invoiceMails).map(({ mail, subject }) => [`UIDL ${mail.uidl}`, subject] as const),
    ...fill(letters, letterMails).map(({ mail, subject }) => [`INBOX UID ${mail.uid}`, subject] as const),
  ]);
  await using servers = new AsyncDisposableStack();
  const pop3: Pop3Server = servers.use(
    await startPop3Server({ mailbox: invoices, users, tls: certificate }),
  );
  const imap: ImapServer = servers.use(
    await startImapServer({ mailboxes: [letters], users, tls: certificate }),
  );
  const running = servers.move();
  return {
    pop3Port: pop3.port,
    imapPort: imap.port,
    password,
    caPem: authority.pem,
    subjects,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function fill(mailbox: Mailbox, mails: readonly DemoMail[]) {
  const received = new Date();
  return mails.map((demo) => ({
    mail: mailbox.add(writeMail(demo, received), received),
    subject: demo.subject,
  }));
}
