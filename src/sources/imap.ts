/** IMAP4rev1 (RFC 3501): mails of one or several mailboxes, read without marking them as seen. */
import { SourceError } from "../errors.ts";
import type { Item } from "../model.ts";
import { ImapClient } from "./imap_client.ts";
import {
  ImapMail,
  type ImapMailAccess,
  type ImapMailbox,
  type ImapMailInfo,
  keyPrefix,
  mailKey,
} from "./imap_mail.ts";
import { type ImapOptions, imapOptions, mailboxesOf } from "./imap_options.ts";
import { ReadAhead } from "./imap_read_ahead.ts";
import { ImapReader } from "./imap_reader.ts";
import { Settler } from "./imap_settle.ts";
import { type Lease, leaseImap } from "./imap_shared.ts";
import { watchImap } from "./imap_watch.ts";
import type { IsKnown, Protocol, Source, SourceContext } from "./source.ts";

/** The IMAP protocol. */
export const imap: Protocol<typeof imapOptions> = {
  options: imapOptions,
  open: openImap,
  watch: watchImap,
  mailboxes: listMailboxes,
};

/** The paths of all mailboxes of an account. */
export async function listMailboxes(
  options: ImapOptions,
  context: SourceContext,
): Promise<readonly string[]> {
  const client = await ImapClient.connect(options, context);
  const release = client.serve(context.signal);
  try {
    const paths = await client.paths();
    await client.logout();
    return paths;
  } finally {
    release();
    client.close();
  }
}

async function openImap(options: ImapOptions, context: SourceContext): Promise<Source> {
  const lease = await leaseImap(options, context);
  const { client } = lease;
  try {
    const reader = new ImapReader(client, {
      unseenOnly: options.unseen_only,
      sinceDays: options.since_days,
      isExact: options.exact_sizes ?? !client.announcesEstimates,
      isReadOnly: options.after === "keep",
    });
    refuseLabels(options, client);
    const mailboxes: ImapMailbox[] = [];
    // All of them before the first mail: a wrong name is to be found before anything is delivered.
    for (const path of mailboxesOf(options)) mailboxes.push(await reader.mailbox(path));
    return new ImapSource(options, { lease, reader, mailboxes });
  } catch (error) {
    client.close();
    lease.end();
    throw error;
  }
}

function refuseLabels({ after }: ImapOptions, client: ImapClient): void {
  if (typeof after === "string" || !("label" in after) || client.isGmail) return;
  const state = "it has no labels, as only Gmail does; use { flag = … } or { move = … }";
  throw new SourceError(
    "refused",
    `Cannot settle mails of ${client.peer} with after = { label = … }: ${state}`,
  );
}

interface ImapSourceParts {
  readonly lease: Lease;
  readonly reader: ImapReader;
  readonly mailboxes: readonly ImapMailbox[];
}

class ImapSource implements Source {
  readonly #lease: Lease;
  #isGivenBack = false;
  readonly #reader: ImapReader;
  readonly #mailboxes: readonly ImapMailbox[];
  readonly #ahead: ReadAhead;
  readonly #access: ImapMailAccess;
  readonly #after: ImapOptions["after"];
  /** Whether a mail that goes is first marked as deleted, with a command of its own. */
  readonly #marks: boolean;
  /** How many mails each mailbox has, as far as they have been listed. */
  readonly #counts = new Map<ImapMailbox, number>();

  constructor(options: ImapOptions, { lease, reader, mailboxes }: ImapSourceParts) {
    const { client } = lease;
    this.#lease = lease;
    this.#reader = reader;
    this.#mailboxes = mailboxes;
    this.#ahead = new ReadAhead(reader);
    const { after } = options;
    this.#after = after;
    this.#marks = after === "delete" ||
      (typeof after === "object" && "move" in after && !client.flow.capabilities.has("MOVE"));
    const settler = new Settler(client, reader, after);
    this.#access = {
      prefix: keyPrefix(options),
      open: (mail) => this.#open(mail),
      settle: (mail) => settler.settle(mail),
    };
  }

  get count(): number | undefined {
    if (this.#counts.size < this.#mailboxes.length) return undefined;
    return this.#counts.values().reduce((sum, count) => sum + count, 0);
  }

  async *items(isKnown: IsKnown = () => new Set()): AsyncGenerator<Item> {
    const { prefix } = this.#access;
    for (const mailbox of this.#mailboxes) {
      const found = this.#reader.list(mailbox, {
        onCount: (count) => this.#counts.set(mailbox, count),
        without: (uids) => {
          const keys = uids.map((uid) => mailKey(prefix, mailbox, uid));
          const known = isKnown(keys);
          return new Set(uids.filter((_, index) => known.has(keys[index] ?? "")));
        },
      });
      for await (const infos of found) {
        for (const info of infos) yield new ImapMail(info, mailbox, this.#access);
      }
    }
  }

  async *leftovers(): AsyncGenerator<Item> {
    if (!this.#marks) return;
    for (const mailbox of this.#mailboxes) {
      for await (const infos of this.#reader.marked(mailbox)) {
        for (const info of infos) yield new ImapMail(info, mailbox, this.#access);
      }
    }
  }

  async remaining(keys: readonly string[]): Promise<ReadonlySet<string>> {
    const there = new Set<string>();
    for (const mailbox of this.#mailboxes) {
      for (const uid of await this.#reader.uids(mailbox)) {
        there.add(mailKey(this.#access.prefix, mailbox, uid));
      }
    }
    return there.intersection(new Set(keys));
  }

  async kept(key: string): Promise<Item | undefined> {
    for (const mailbox of this.#mailboxes) {
      const prefix = mailKey(this.#access.prefix, mailbox, 0).slice(0, -1);
      const uid = key.startsWith(prefix) ? Number(key.slice(prefix.length)) : NaN;
      if (!Number.isInteger(uid) || uid < 1) continue;
      const info = await this.#reader.find(mailbox, uid);
      if (info) return new ImapMail(info, mailbox, this.#access);
    }
    return undefined;
  }

  async headers(items: readonly Item[]): Promise<ReadonlyMap<Item, Uint8Array<ArrayBuffer>>> {
    return new Map(await this.#reader.headers(items.filter((item) => item instanceof ImapMail)));
  }

  async *moved(near: Date): AsyncGenerator<Item> {
    const after = this.#after;
    if (typeof after !== "object" || !("move" in after)) return;
    const mailbox = await this.#reader.mailbox(after.move);
    const infos: ImapMailInfo[] = [];
    for await (const some of this.#reader.all(mailbox)) infos.push(...some);
    const distance = ({ date }: ImapMailInfo) => Math.abs((date?.getTime() ?? 0) - near.getTime());
    infos.sort((left, right) => distance(left) - distance(right));
    for (const info of infos) yield new ImapMail(info, mailbox, this.#access);
  }

  expect(items: readonly Item[]): void {
    this.#ahead.expect(items.filter((item) => item instanceof ImapMail));
  }

  /** Settles are durable already; this ends the connection in good form, or leaves it to those who watch. */
  async commit(): Promise<void> {
    if (!await this.#giveBack()) await this.#lease.client.logout();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const isOver = this.#isGivenBack || await this.#giveBack();
    if (!isOver) this.#lease.client.close();
    this.#lease.end();
  }

  /** What is under way would be in the way of those who watch; a failure is met by them in their turn. */
  async #giveBack(): Promise<boolean> {
    const { client, shared, turn } = this.#lease;
    this.#isGivenBack = !client.isBusy && await shared.giveBack(turn).catch(() => false);
    return this.#isGivenBack;
  }

  async #open(mail: ImapMail): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const bytes = await this.#ahead.take(mail);
    return bytes === undefined ? await this.#reader.open(mail) : ReadableStream.from([bytes]);
  }
}
