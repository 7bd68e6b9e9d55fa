/** One mail of an IMAP mailbox, as an item. */
import type { Item, Outcome } from "../model.ts";
import type { ImapOptions } from "./imap_options.ts";

/** A mailbox as it was when the poll began. */
export interface ImapMailbox {
  readonly path: string;
  /** UIDs start again when it changes (RFC 9051, 2.3.1.1). */
  readonly uidValidity: bigint;
}

/** What is known of a mail before it is read. */
export interface ImapMailInfo {
  readonly uid: number;
  /** RFC822.SIZE. */
  readonly sizeBytes: number;
  /** INTERNALDATE: when it arrived. */
  readonly date?: Date;
}

/** What a mail needs of its source. */
export interface ImapMailAccess {
  /** What the keys of its mails begin with; see `keyPrefix`. */
  readonly prefix: string;
  open(mail: ImapMail): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  settle(mail: ImapMail): Promise<void>;
}

/** A mail; its key holds account, server, mailbox, UIDVALIDITY and UID. */
export class ImapMail implements Item {
  readonly kind = "mail";
  readonly key: string;
  readonly label: string;
  readonly sizeBytes: number;
  readonly date?: Date;
  readonly uid: number;
  readonly mailbox: ImapMailbox;
  readonly #access: ImapMailAccess;

  constructor(info: ImapMailInfo, mailbox: ImapMailbox, access: ImapMailAccess) {
    this.uid = info.uid;
    this.mailbox = mailbox;
    this.key = mailKey(access.prefix, mailbox, info.uid);
    this.label = `${mailbox.path} UID ${info.uid}`;
    this.sizeBytes = info.sizeBytes;
    if (info.date !== undefined) this.date = info.date;
    this.#access = access;
  }

  open(): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    return this.#access.open(this);
  }

  async settle({ kind }: Outcome): Promise<boolean> {
    if (kind === "failed") return false;
    if (kind !== "skipped") await this.#access.settle(this);
    return true;
  }
}

/** The key of a mail, with what `keyPrefix` gives at its beginning. */
export function mailKey(prefix: string, { path, uidValidity }: ImapMailbox, uid: number): string {
  return `${prefix}/${escape(path)}/${uidValidity}/${uid}`;
}

/** What the keys of an account's mails begin with: `ACCOUNT@HOST`, or the tunnel's name for the host. */
export function keyPrefix({ account, server = "", tunnel }: ImapOptions): string {
  const host = tunnel ?? server.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return `${escape(account)}@${escape(host).replaceAll("@", "%40")}`;
}

/** Leaves names readable, and the slashes of a key to the key. */
function escape(name: string): string {
  // deno-lint-ignore no-control-regex -- They would make a mess of logs.
  return name.replace(/[%/\x00-\x1f\x7f]/g, encodeURIComponent);
}
