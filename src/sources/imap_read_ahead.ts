/** Fetches small mails before they are asked for, many with one command: a round trip for each would be slow. */
import type { ImapMail } from "./imap_mail.ts";
import type { ImapReader } from "./imap_reader.ts";

const SMALL_MAIL_BYTES = 256 * 1024;
// At most twice this is held: what is ready, and what is under way.
const BATCH_BYTES = 2 * 1024 * 1024;
const BATCH_MAILS = 100;

/** Holds mails that are expected to be opened, in the order in which that will happen. */
export class ReadAhead {
  readonly #reader: ImapReader;
  #expected: readonly ImapMail[] = [];
  readonly #ready = new Map<ImapMail, Uint8Array<ArrayBuffer>>();
  #readyBytes = 0;
  #underWay: { readonly mails: ReadonlySet<ImapMail>; readonly done: Promise<void> } | undefined;

  constructor(reader: ImapReader) {
    this.#reader = reader;
  }

  /** Says what is opened next, in this order; what was said before no longer counts. */
  expect(mails: readonly ImapMail[]): void {
    this.#expected = mails.filter((mail) =>
      !this.#ready.has(mail) && this.#underWay?.mails.has(mail) !== true
    );
    this.#fetchNext();
  }

  /** The mail's octets if it was fetched ahead; each mail is given out once. */
  async take(mail: ImapMail): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#underWay?.mails.has(mail) === true) await this.#underWay.done;
    const bytes = this.#ready.get(mail);
    const index = this.#expected.indexOf(mail);
    // Whatever was to be opened before this one has been passed over: it must not stay for ever.
    if (bytes !== undefined || index >= 0) this.#forgetUpTo(mail);
    if (index >= 0) this.#expected = this.#expected.slice(index + 1);
    this.#fetchNext();
    return bytes;
  }

  #forgetUpTo(last: ImapMail): void {
    for (const [mail, bytes] of this.#ready) {
      this.#ready.delete(mail);
      this.#readyBytes -= bytes.length;
      if (mail === last) return;
    }
  }

  #fetchNext(): void {
    if (this.#underWay !== undefined || this.#readyBytes > BATCH_BYTES) return;
    const mails = this.#nextBatch();
    if (mails.length === 0) return;
    const done = this.#fetch(mails).then(
      () => {
        this.#underWay = undefined;
        this.#fetchNext();
      },
      () => {
        // Whoever opens one of these mails meets the same trouble, and can say what it means.
        this.#underWay = undefined;
        this.#expected = [];
      },
    );
    this.#underWay = { mails: new Set(mails), done };
  }

  async #fetch(mails: readonly ImapMail[]): Promise<void> {
    for (const [mail, bytes] of await this.#reader.whole(mails)) {
      this.#ready.set(mail, bytes);
      this.#readyBytes += bytes.length;
    }
  }

  #nextBatch(): ImapMail[] {
    const batch: ImapMail[] = [];
    let bytes = 0;
    let count = 0;
    for (const mail of this.#expected) {
      const isFull = batch.length === BATCH_MAILS || bytes + mail.sizeBytes > BATCH_BYTES;
      const [first = mail] = batch;
      if (mail.sizeBytes <= SMALL_MAIL_BYTES) {
        if (isFull || mail.mailbox !== first.mailbox) break;
        batch.push(mail);
        bytes += mail.sizeBytes;
      }
      // Large mails are passed over: they are streamed when their turn comes.
      count++;
    }
    this.#expected = this.#expected.slice(count);
    return batch;
  }
}
