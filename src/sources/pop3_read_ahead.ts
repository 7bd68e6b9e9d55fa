/** Asks for mails before they are opened, so that the server's answers arrive while others are worked on. */
import type { Pop3Client, Pop3Entry } from "./pop3_client.ts";
import { type MailStream, WHOLE_MAIL_BYTES, type WholeMail } from "./pop3_mail.ts";

const MAX_MAILS = 64;
const MAX_BYTES = 2 * 1024 * 1024;

interface Fetched {
  readonly entry: Pop3Entry;
  readonly mail: Promise<WholeMail | undefined>;
}

/** Keeps at most 64 mails and about 2 MiB asked for or in memory; large mails wait for their turn. */
export class Pop3ReadAhead {
  readonly #client: Pop3Client;
  /** What will be opened and has not been asked for, in order. */
  #plan = new Map<number, Pop3Entry>();
  /** What has been asked for and not been opened, in order. */
  readonly #fetched = new Map<number, Fetched>();
  #announcedBytes = 0;

  constructor(client: Pop3Client) {
    this.#client = client;
  }

  /** Says what is opened next, in this order; what was said before no longer counts. */
  expect(entries: readonly Pop3Entry[]): void {
    this.#plan = new Map(
      entries.filter(({ number }) => !this.#fetched.has(number)).map((entry) => [entry.number, entry]),
    );
    this.#fill();
  }

  /** The mail, from memory when it has arrived already; throws like `Pop3Client.retrieve`. */
  async open(entry: Pop3Entry): Promise<MailStream | WholeMail> {
    const ahead = this.#take(entry) ?? this.#client.retrieve(entry);
    this.#fill();
    return await ahead ?? await this.#client.retrieve(entry);
  }

  #take(entry: Pop3Entry): Promise<WholeMail | undefined> | undefined {
    // What stood before this one has been passed over: it must not fill the window for ever.
    const fetched = this.#fetched.get(entry.number);
    if (fetched !== undefined) {
      for (const { entry: passed } of this.#fetched.values()) {
        this.#fetched.delete(passed.number);
        this.#announcedBytes -= passed.sizeBytes;
        if (passed.number === entry.number) break;
      }
    } else if (this.#plan.has(entry.number)) {
      for (const number of this.#plan.keys()) {
        this.#plan.delete(number);
        if (number === entry.number) break;
      }
    }
    return fetched?.mail;
  }

  #fill(): void {
    // Half empty before it is filled again, so that commands leave many at a time.
    if (this.#fetched.size > MAX_MAILS / 2) return;
    for (const entry of this.#plan.values()) {
      if (entry.sizeBytes > WHOLE_MAIL_BYTES) return;
      if (this.#fetched.size >= MAX_MAILS || this.#announcedBytes + entry.sizeBytes > MAX_BYTES) return;
      this.#plan.delete(entry.number);
      const mail = this.#client.retrieveAhead(entry);
      // Whoever opens it learns of the failure; perhaps nobody does.
      mail.catch(() => {});
      this.#fetched.set(entry.number, { entry, mail });
      this.#announcedBytes += entry.sizeBytes;
    }
  }
}
