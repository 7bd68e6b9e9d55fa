/** A mailbox in memory, served by the test and demo servers over POP3 and IMAP. */

/** One mail as the server keeps it. */
export interface StoredMail {
  /** IMAP UID, ascending. */
  readonly uid: number;
  /** POP3 unique id (RFC 1939, section 7). */
  readonly uidl: string;
  /** The whole mail, CRLF line ends, not dot-stuffed. */
  readonly raw: Uint8Array<ArrayBuffer>;
  readonly received: Date;
  /** IMAP flags and keywords, such as `\Seen`. */
  readonly flags: Set<string>;
}

/** A named folder of mails; listeners hear of every change. */
export class Mailbox {
  readonly mails: StoredMail[] = [];
  #uidNext = 1;
  readonly #listeners = new Set<() => void>();

  /** `specialUse` is what it is for (RFC 6154), such as `\Trash`. */
  constructor(readonly name = "INBOX", public uidValidity = 1, readonly specialUse = "") {}

  get uidNext(): number {
    return this.#uidNext;
  }

  /** Adds a mail at the end, as an arriving one is. */
  add(raw: string | Uint8Array<ArrayBuffer>, received = new Date()): StoredMail {
    const uid = this.#uidNext++;
    const bytes = typeof raw === "string" ? new TextEncoder().encode(raw) : raw;
    const mail = { uid, uidl: `${this.uidValidity}.${uid}`, raw: bytes, received, flags: new Set<string>() };
    this.mails.push(mail);
    this.#changed();
    return mail;
  }

  /** Removes a mail for good; unknown UIDs are ignored. */
  remove(uid: number): void {
    const index = this.mails.findIndex((mail) => mail.uid === uid);
    if (index < 0) return;
    this.mails.splice(index, 1);
    this.#changed();
  }

  /** Empties it and numbers anew from 1, as a mailbox that was deleted and made again. */
  remake(): void {
    this.mails.length = 0;
    this.#uidNext = 1;
    this.uidValidity++;
    this.#changed();
  }

  /** Calls `listener` after every change until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
