/** Lists and reads the mails of a poll, without marking them as seen. */
import type { SearchObject } from "imapflow";
import { CutError, ItemError, SourceError } from "../errors.ts";
import type { ImapClient } from "./imap_client.ts";
import { answerOf, isRefused } from "./imap_fault.ts";
import type { ImapMail, ImapMailbox, ImapMailInfo } from "./imap_mail.ts";
import { uidSets } from "./imap_uid_sets.ts";

const CHUNK_BYTES = 1 << 20;
const DAY_MS = 86_400_000;
// Listed at a time, so that the first can be worked on before all are.
const LISTED_MAILS = 5000;

/** Which mails are listed, and how they are checked. */
export interface ImapReaderOptions {
  readonly unseenOnly: boolean;
  readonly sinceDays?: number | undefined;
  /** Whether RFC822.SIZE is to be believed to the octet. */
  readonly isExact: boolean;
  /** Whether mailboxes are only looked at (EXAMINE). */
  readonly isReadOnly: boolean;
}

/** How a mailbox is listed. */
export interface Listing {
  /** Told how many there are. */
  readonly onCount?: (count: number) => void;
  /** Which of these UIDs need no size and no date: they are listed without asking. */
  readonly without?: (uids: readonly number[]) => ReadonlySet<number>;
}

/** Reads mailboxes over one connection. */
export class ImapReader {
  readonly #client: ImapClient;
  readonly #options: ImapReaderOptions;

  constructor(client: ImapClient, options: ImapReaderOptions) {
    this.#client = client;
    this.#options = options;
  }

  /**
   * Opens a mailbox for the first time.
   *
   * @throws {SourceError} `refused` when it does not exist, with those that do, or cannot be opened.
   */
  async mailbox(path: string): Promise<ImapMailbox> {
    const action = `open the mailbox "${path}" of ${this.#client.peer}`;
    const { isReadOnly } = this.#options;
    return await this.#client.within(path, { isReadOnly, action }, (found) => {
      if (typeof found.uidValidity === "bigint") {
        return Promise.resolve({ path: found.path, uidValidity: found.uidValidity });
      }
      throw new SourceError("refused", `Cannot ${action}: the server gives it no UIDVALIDITY`);
    });
  }

  /** Yields the mails that are waiting, by ascending UID, some hundred at a time; `onCount` hears first how many at most. */
  async *list(mailbox: ImapMailbox, listing: Listing = {}): AsyncGenerator<ImapMailInfo[]> {
    const { unseenOnly, sinceDays } = this.#options;
    const after = sinceDays === undefined ? undefined : Date.now() - sinceDays * DAY_MS;
    const found = this.#search(mailbox, {
      // What is marked as deleted has been thrown away by someone, and goes with the next EXPUNGE.
      deleted: false,
      ...(unseenOnly ? { seen: false } : {}),
      // SEARCH knows days only, in the server's own time zone.
      ...(after === undefined ? {} : { since: new Date(after - DAY_MS) }),
    }, listing);
    for await (const mails of found) {
      yield after === undefined ? mails : mails.filter(({ date }) => date === undefined || +date >= after);
    }
  }

  /** The UIDs of all mails, read, old and marked ones included. */
  async uids(mailbox: ImapMailbox): Promise<readonly number[]> {
    return await this.#uids(mailbox, { all: true });
  }

  /** Yields the mails that are marked as deleted and still there. */
  marked(mailbox: ImapMailbox): AsyncGenerator<ImapMailInfo[]> {
    return this.#search(mailbox, { deleted: true });
  }

  /** Yields all mails of a mailbox, whatever their flags and age. */
  all(mailbox: ImapMailbox): AsyncGenerator<ImapMailInfo[]> {
    return this.#search(mailbox, { all: true });
  }

  /** One mail, whatever its flags and age; `undefined` when it is not there. */
  async find(mailbox: ImapMailbox, uid: number): Promise<ImapMailInfo | undefined> {
    const action = `look for UID ${uid} of "${mailbox.path}"`;
    const [mail] = await this.within(mailbox, action, () => this.#describe([uid]));
    return mail;
  }

  async *#search(
    mailbox: ImapMailbox,
    query: SearchObject,
    { onCount, without = () => new Set() }: Listing = {},
  ): AsyncGenerator<ImapMailInfo[]> {
    const action = `list the mails of "${mailbox.path}"`;
    const uids = await this.#uids(mailbox, query);
    onCount?.(uids.length);
    for (let from = 0; from < uids.length; from += LISTED_MAILS) {
      const some = uids.slice(from, from + LISTED_MAILS);
      const plain = without(some);
      const mails: ImapMailInfo[] = some.filter((uid) => plain.has(uid)).map((uid) => ({
        uid,
        sizeBytes: 0,
      }));
      const asked = some.filter((uid) => !plain.has(uid));
      mails.push(...await this.within(mailbox, action, () => this.#describe(asked)));
      yield mails.sort((left, right) => left.uid - right.uid);
    }
  }

  async #uids(mailbox: ImapMailbox, query: SearchObject): Promise<readonly number[]> {
    const action = `list the mails of "${mailbox.path}"`;
    return await this.within(mailbox, action, async () => {
      const found = await this.#client.flow.search(query, { uid: true });
      if (found === false || !Array.isArray(found)) throw this.#client.refused(action);
      // A mail that is listed twice would be taken for two.
      return [...new Set(found)].sort((left, right) => left - right);
    });
  }

  /** What the server says of these mails, once of each, whatever else it says. */
  async #describe(uids: readonly number[]): Promise<ImapMailInfo[]> {
    const asked = new Set(uids);
    const mails = new Map<number, ImapMailInfo>();
    const query = { uid: true, size: true, internalDate: true };
    for (const set of uidSets(uids)) {
      // No command may be awaited within the loop: it would wait for the loop's own.
      for await (const { uid, size, internalDate } of this.#client.flow.fetch(set, query, { uid: true })) {
        // Rows without a size are news of flags, which a server may send at any time.
        if (size === undefined || !asked.has(uid)) continue;
        mails.set(uid, {
          uid,
          sizeBytes: size,
          ...(internalDate instanceof Date ? { date: internalDate } : {}),
        });
      }
    }
    return [...mails.values()];
  }

  /**
   * The mail's octets, a mebibyte at a time, as fast as they are taken.
   *
   * @throws {ItemError} when the mail has gone or is not as long as announced; the stream may error with it too.
   */
  async open(mail: ImapMail): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const first = await this.#chunk(mail, 0);
    if (first.length !== CHUNK_BYTES) {
      this.#check(mail, first, { receivedBytes: first.length, isWhole: true });
      return ReadableStream.from([first]);
    }
    return ReadableStream.from(this.#chunks(mail, first));
  }

  /** Reads small mails of one mailbox with one command, and leaves out what is not as announced. */
  async whole(
    mails: readonly ImapMail[],
  ): Promise<readonly (readonly [ImapMail, Uint8Array<ArrayBuffer>])[]> {
    const [first] = mails;
    if (first === undefined) return [];
    const { isExact } = this.#options;
    const byUid = new Map(mails.map((mail) => [mail.uid, mail]));
    return await this.within(first.mailbox, "read ahead", async () => {
      const rows: [ImapMail, Uint8Array<ArrayBuffer>][] = [];
      // A server that sends more than it announced must not fill the memory.
      let roomBytes = mails.reduce((sum, mail) => sum + mail.sizeBytes, 0) * (isExact ? 1 : 2);
      for (const set of uidSets([...byUid.keys()])) {
        for await (const { uid, source } of this.#client.flow.fetch(set, { source: true }, { uid: true })) {
          const mail = byUid.get(uid);
          if (mail === undefined || !source || source.length > roomBytes) continue;
          if (isExact && source.length !== mail.sizeBytes) continue;
          roomBytes -= source.length;
          rows.push([mail, new Uint8Array(source)]);
        }
      }
      return rows;
    });
  }

  /** The header blocks of mails, leaving out those that have gone. */
  async headers(
    mails: readonly ImapMail[],
  ): Promise<readonly (readonly [ImapMail, Uint8Array<ArrayBuffer>])[]> {
    const rows: [ImapMail, Uint8Array<ArrayBuffer>][] = [];
    for (const [mailbox, inMailbox] of Map.groupBy(mails, (mail) => mail.mailbox)) {
      const byUid = new Map(inMailbox.map((mail) => [mail.uid, mail]));
      await this.within(mailbox, `read the headers in "${mailbox.path}"`, async () => {
        for (const set of uidSets([...byUid.keys()])) {
          for await (
            const { uid, headers } of this.#client.flow.fetch(set, { headers: true }, { uid: true })
          ) {
            const mail = byUid.get(uid);
            if (mail !== undefined && headers) rows.push([mail, new Uint8Array(headers)]);
          }
        }
      });
    }
    return rows;
  }

  /**
   * Does something in a mailbox of this poll.
   *
   * @throws {SourceError} when it fails, or the mailbox is no longer the one that was listed.
   */
  within<T>(mailbox: ImapMailbox, action: string, work: () => Promise<T>): Promise<T> {
    const { isReadOnly } = this.#options;
    return this.#client.within(mailbox.path, { isReadOnly, action }, (found) => {
      if (found.uidValidity === mailbox.uidValidity) return work();
      throw new SourceError(
        "refused",
        `Cannot ${action}: the server has numbered its mails anew (UIDVALIDITY) since they were listed`,
      );
    });
  }

  async *#chunks(
    mail: ImapMail,
    first: Uint8Array<ArrayBuffer>,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    let receivedBytes = 0;
    // Only a short chunk is the end: the announced size might be too small.
    for (let chunk = first;;) {
      receivedBytes += chunk.length;
      const isWhole = chunk.length < CHUNK_BYTES;
      this.#check(mail, chunk, { receivedBytes, isWhole });
      // Asked for while this one is worked on: otherwise each would cost a round trip of waiting.
      const next = isWhole ? undefined : this.#chunk(mail, receivedBytes);
      next?.catch(() => {});
      if (chunk.length > 0) yield chunk;
      if (next === undefined) return;
      chunk = await next;
    }
  }

  async #chunk(mail: ImapMail, start: number): Promise<Uint8Array<ArrayBuffer>> {
    const action = `read "${mail.label}"`;
    return await this.within(mail.mailbox, action, async () => {
      const query = { source: { start, maxLength: CHUNK_BYTES } };
      const row = await this.#client.flow.fetchOne(String(mail.uid), query, { uid: true })
        .catch((error: unknown) => {
          if (!isRefused(error)) throw error;
          throw new ItemError(`Cannot ${action}: the server answered "${answerOf(error) ?? ""}"`, {
            cause: error,
          });
        });
      if (row === false) throw new ItemError(`Cannot ${action}: it is no longer there`);
      const bytes = row.source ? new Uint8Array(row.source) : undefined;
      if (bytes === undefined && start === 0) {
        throw new ItemError(`Cannot ${action}: the server sent nothing`);
      }
      if (bytes === undefined) return new Uint8Array(0);
      if (bytes.length > CHUNK_BYTES && start > 0) {
        throw new ItemError(`Cannot ${action}: the server does not keep to the range it is asked for`);
      }
      return bytes;
    });
  }

  #check(
    mail: ImapMail,
    last: Uint8Array<ArrayBuffer>,
    { receivedBytes, isWhole }: { receivedBytes: number; isWhole: boolean },
  ): void {
    const { sizeBytes } = mail;
    const limitBytes = this.#options.isExact ? sizeBytes : 2 * sizeBytes + CHUNK_BYTES;
    const isShort = isWhole && this.#options.isExact && receivedBytes < sizeBytes;
    if (receivedBytes <= limitBytes && !isShort) return;
    throw new CutError(
      `Cannot read "${mail.label}": the server announced ${sizeBytes} octets and sent ${receivedBytes}; ` +
        "if it announces mere estimates, set exact_sizes = false",
      last,
    );
  }
}
