/** Programs that fetch mail, each made ready to take one account of a Dovecot; `undefined` when not installed. */
import { join } from "node:path";
import type { Dovecot } from "../servers/dovecot.ts";
import { isInstalled } from "../servers/installed.ts";
import type { TempFolder } from "../servers/temp_folder.ts";

type Command = readonly [string, ...string[]];

/** `nobody` of Debian, by whom Dovecot is started too. */
const MAIL_UID = 65534;
const MAIL_USER = "nobody";

/** isync (mbsync): the INBOX by IMAP into a Maildir, which it keeps in step. */
export async function isync(folder: TempFolder, dovecot: Dovecot): Promise<Command | undefined> {
  if (!isInstalled("mbsync")) return undefined;
  const { ports, caFile, account, password } = dovecot;
  const path = folder.at("isync/");
  await Deno.mkdir(path, { recursive: true });
  const rc = await folder.write(
    "mbsyncrc",
    `IMAPAccount d\nHost localhost\nPort ${ports.imaps}\nUser ${account}\nPass ${password}\nSSLType IMAPS\n` +
      `CertificateFile ${caFile}\n\nIMAPStore far\nAccount d\n\nMaildirStore near\nPath ${path}\nInbox ${path}INBOX\n\n` +
      `Channel c\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nSync Pull\nSyncState *\n`,
  );
  return ["mbsync", "-q", "-c", rc, "c"];
}

/** getmail6: so many mails by POP3 into a Maildir; it starts a process for each mail, so all of them would take minutes. */
export async function getmail(
  folder: TempFolder,
  dovecot: Dovecot,
  count: number,
): Promise<Command | undefined> {
  if (!isInstalled("getmail")) return undefined;
  const { ports, caFile, account, password } = dovecot;
  const maildir = folder.at("getmail");
  await makeMaildir(maildir);
  const rc = await folder.write(
    "getmailrc",
    `[retriever]\ntype = SimplePOP3SSLRetriever\nserver = localhost\nport = ${ports.pop3s}\nusername = ${account}\n` +
      `password = ${password}\nca_certs = ${caFile}\n[destination]\ntype = Maildir\npath = ${maildir}/\nuser = ${MAIL_USER}\n` +
      `[options]\nread_all = true\nverbose = 0\ndelivered_to = false\nreceived = false\nmax_messages_per_session = ${count}\n`,
  );
  // It delivers nothing as root.
  await Deno.chmod(folder.path, 0o755);
  for (const path of [maildir, ...["cur", "new", "tmp"].map((sub) => join(maildir, sub))]) {
    await Deno.chown(path, MAIL_UID, MAIL_UID);
  }
  return ["getmail", "--getmaildir", folder.path, "--rcfile", rc];
}

/** mpop: the mailbox by POP3 into a Maildir. */
export async function mpop(
  folder: TempFolder,
  dovecot: Dovecot,
  pipelining: "auto" | "off" = "auto",
): Promise<Command | undefined> {
  if (!isInstalled("mpop")) return undefined;
  const { ports, caFile, account, password } = dovecot;
  await makeMaildir(folder.at("mpop"));
  const rc = await folder.write(
    "mpoprc",
    `defaults\ntls on\ntls_starttls off\ntls_trust_file ${caFile}\nkeep on\naccount d\nhost localhost\n` +
      `port ${ports.pop3s}\nuser ${account}\npassword ${password}\nauth user\npipelining ${pipelining}\ndelivery maildir ${
        folder.at("mpop")
      }\n` +
      `uidls_file ${folder.at("mpop-uidls")}\naccount default : d\n`,
  );
  await Deno.chmod(rc, 0o600);
  return ["mpop", "-C", rc, "-q"];
}

/** fetchmail: the mailbox by POP3, each mail to a program that writes it to a file. */
export async function fetchmail(folder: TempFolder, dovecot: Dovecot): Promise<Command | undefined> {
  if (!isInstalled("fetchmail")) return undefined;
  const { ports, caFile, account, password } = dovecot;
  await Deno.mkdir(folder.at("fetchmail"), { recursive: true });
  const rc = await folder.write(
    "fetchmailrc",
    `poll localhost proto pop3 port ${ports.pop3s} user "${account}" password "${password}" ssl sslcertck ` +
      `sslcertfile "${caFile}" keep fetchall no rewrite mda "cat > ${folder.at("fetchmail")}/$$"\n`,
  );
  await Deno.chmod(rc, 0o600);
  const files = ["--pidfile", folder.at("fetchmail.pid"), "--idfile", folder.at("fetchids")];
  return ["fetchmail", "-f", rc, ...files, "-s"];
}

async function makeMaildir(path: string): Promise<void> {
  for (const sub of ["cur", "new", "tmp"]) await Deno.mkdir(join(path, sub), { recursive: true });
}
