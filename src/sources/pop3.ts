/** Mailboxes over POP3 (RFC 1939), directly or through a tunnel service. */
import { createHash } from "node:crypto";
import * as v from "valibot";
import { ItemError } from "../errors.ts";
import type { Item, Outcome } from "../model.ts";
import { checkMailServer, mailServerOptions, openConnection } from "./mail_server.ts";
import { Pop3Client, type Pop3Entry } from "./pop3_client.ts";
import { headerDate, identifyingHeader } from "./pop3_header.ts";
import { streamOf } from "./pop3_mail.ts";
import { Pop3ReadAhead } from "./pop3_read_ahead.ts";
import { type Pop3Credentials, Pop3Refusal } from "./pop3_sign_in.ts";
import type { Protocol, Source, SourceContext, Turn } from "./source.ts";

const PORTS = { implicit: 995, plain: 110 };
const DAY_MS = 86_400_000;
// Headers asked for together.
const HEADERS_AT_ONCE = 32;

const AFTER_FORM = 'must be "keep", "delete" or { delete_after_days = 30 }';
const DAYS_FORM = "delete_after_days must be a whole number from 1 to 3650";

const pop3Options = v.pipe(
  v.strictObject({
    protocol: v.literal("pop3"),
    ...mailServerOptions,
    after: v.optional(
      v.pipe(
        v.union([
          v.picklist(["keep", "delete"], AFTER_FORM),
          v.strictObject({
            delete_after_days: v.pipe(
              v.number(DAYS_FORM),
              v.integer(DAYS_FORM),
              v.minValue(1, DAYS_FORM),
              v.maxValue(3650, DAYS_FORM),
            ),
          }, AFTER_FORM),
        ], AFTER_FORM),
        v.description(
          "What becomes of a delivered mail on the server: keep, delete, or { delete_after_days = N }, counted " +
            "from the mail's arrival there",
        ),
      ),
      "keep",
    ),
  }),
  checkMailServer(),
);

/** The options of a POP3 launcher's `[listen]`. */
export type Pop3Options = v.InferOutput<typeof pop3Options>;

/** POP3: mails by UIDL, deleted only by a session that ends with QUIT. */
export const pop3: Protocol<typeof pop3Options> = {
  options: pop3Options,
  open: openPop3,
};

async function openPop3(options: Pop3Options, context: SourceContext): Promise<Source> {
  const { account, server = "", tunnel, port } = options;
  // A server gives a mailbox to one session at a time.
  const turn = await context.turn(`pop3 ${JSON.stringify([account, server.toLowerCase(), tunnel, port])}`);
  try {
    return new Pop3Source(await connect(options, context), { options, turn });
  } catch (error) {
    turn[Symbol.dispose]();
    throw error;
  }
}

async function connect(options: Pop3Options, context: SourceContext): Promise<Pop3Client> {
  const credentials = await readCredentials(options, context);
  const client = new Pop3Client(await openConnection(options, { context, ports: PORTS }));
  try {
    await client.connect();
    if (options.tunnel === undefined && options.tls === "starttls") await client.STLS();
    await client.signIn(credentials);
    await client.CAPA();
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

async function readCredentials(options: Pop3Options, context: SourceContext): Promise<Pop3Credentials> {
  const { account } = options;
  if (options.auth === "xoauth2") {
    return { account, token: (await context.secret(options.token ?? "")).trim() };
  }
  return { account, password: await context.secret(options.password ?? "") };
}

class Pop3Source implements Source {
  readonly forgetsRead = true;
  readonly #client: Pop3Client;
  readonly #turn: Turn;
  readonly #options: Pop3Options;
  readonly #readAhead: Pop3ReadAhead;
  readonly #entries = new Map<string, Pop3Entry>();
  readonly #deleted = new Set<number>();
  /** When mails came, by key: asked once in the life of the process, for an answer is a header each. */
  readonly #arrivals: Map<string, Date | undefined>;
  #hasTop = true;
  #count: number | undefined;

  constructor(client: Pop3Client, { options, turn }: { options: Pop3Options; turn: Turn }) {
    this.#client = client;
    this.#turn = turn;
    const left = turn.take();
    this.#arrivals = left instanceof Map ? left : new Map();
    this.#options = options;
    this.#readAhead = new Pop3ReadAhead(client);
  }

  get count(): number | undefined {
    return this.#count;
  }

  async *items(): AsyncIterable<Item> {
    const entries = await this.#client.listing();
    this.#count = entries.length;
    const seen = new Map<string, number>();
    for (const { uidl } of entries) if (uidl !== undefined) seen.set(uidl, (seen.get(uidl) ?? 0) + 1);
    const isUnique = ({ uidl }: Pop3Entry) => uidl !== undefined && seen.get(uidl) === 1;
    const taken = new Map<string, number>();
    for (let from = 0; from < entries.length; from += HEADERS_AT_ONCE) {
      const some = entries.slice(from, from + HEADERS_AT_ONCE);
      const names = await Promise.all(some.map(async (entry) => {
        const id = entry.uidl === undefined ? "" : `/uidl/${encodeURIComponent(entry.uidl)}`;
        return isUnique(entry) ? id : `${id}/${await this.#headerName(entry)}`;
      }));
      for (const [index, entry] of some.entries()) {
        const name = names[index] ?? "";
        // Mails with the very same header are numbered: rather one too many than one lost.
        const copies = (taken.get(name) ?? 0) + 1;
        taken.set(name, copies);
        yield this.#item(entry, copies === 1 ? name : `${name}/${copies}`);
      }
    }
  }

  #item(entry: Pop3Entry, name: string): Item {
    const { account, server, tunnel } = this.#options;
    const place = (server ?? tunnel ?? "").toLowerCase();
    const key = `${encodeURIComponent(account)}@${encodeURIComponent(place)}${name}`;
    this.#entries.set(key, entry);
    return {
      kind: "mail",
      key,
      label: entry.uidl === undefined ? `mail ${entry.number}` : `UIDL ${entry.uidl}`,
      sizeBytes: entry.sizeBytes,
      open: async () => {
        const mail = await this.#readAhead.open(entry);
        return mail instanceof Uint8Array ? streamOf(mail) : mail;
      },
      fetch: () => this.#readAhead.open(entry),
      settle: (outcome) => this.#settle({ ...entry, key }, outcome),
    };
  }

  async headers(items: readonly Item[]): Promise<ReadonlyMap<Item, Uint8Array<ArrayBuffer>>> {
    const found = new Map<Item, Uint8Array<ArrayBuffer>>();
    for (let from = 0; from < items.length && this.#hasTop; from += HEADERS_AT_ONCE) {
      await Promise.all(
        items.slice(from, from + HEADERS_AT_ONCE).map(async (item) => {
          const entry = this.#entries.get(item.key);
          const block = entry && await this.#top(entry);
          if (block !== undefined) found.set(item, block);
        }),
      );
    }
    return found;
  }

  /** Never RETR instead: Gmail would count the mail as fetched. */
  async #top({ number }: Pop3Entry): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      return Uint8Array.from(await this.#client.TOP(number), (octet) => octet.charCodeAt(0));
    } catch (error) {
      if (!(error instanceof Pop3Refusal)) throw error;
      // TOP is optional (RFC 1939, section 7).
      if (!this.#client.capabilities.has("TOP")) this.#hasTop = false;
      return undefined;
    }
  }

  expect(items: readonly Item[]): void {
    this.#readAhead.expect(items.flatMap((item) => this.#entries.get(item.key) ?? []));
  }

  async #settle(entry: Pop3Entry & { readonly key: string }, outcome: Outcome): Promise<boolean> {
    const { after } = this.#options;
    if (outcome.kind === "failed") return false;
    if (after === "keep" || outcome.kind === "skipped" || this.#deleted.has(entry.number)) return true;
    if (after !== "delete" && !await this.#isOlderThan(entry, after.delete_after_days)) return false;
    try {
      await this.#client.DELE(entry.number);
    } catch (cause) {
      if (!(cause instanceof Pop3Refusal)) throw cause;
      throw new ItemError(`Cannot delete mail ${entry.number}: the server answered "${cause.text}"`, {
        cause,
      });
    }
    this.#deleted.add(entry.number);
    return true;
  }

  async #isOlderThan({ number, key }: { number: number; key: string }, days: number): Promise<boolean> {
    const arrived = this.#arrivals.has(key)
      ? this.#arrivals.get(key)
      : headerDate(await this.#client.header(number));
    this.#arrivals.set(key, arrived);
    return arrived !== undefined && Date.now() - arrived.getTime() >= days * DAY_MS;
  }

  /** What tells a mail without a usable id apart, for its key. */
  async #headerName(entry: Pop3Entry): Promise<string> {
    try {
      const header = identifyingHeader(await this.#client.header(entry.number));
      return `top/${createHash("sha256").update(header, "latin1").digest("hex")}`;
    } catch (error) {
      // One mail that cannot be read must not hide the others; opening it says what is wrong.
      if (error instanceof Pop3Refusal) return `size/${entry.sizeBytes}`;
      throw error;
    }
  }

  async commit(): Promise<void> {
    await this.#client.QUIT();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    // What has gone is forgotten; after a session that did not get as far as a listing nothing is known to have.
    for (const key of this.#arrivals.keys()) {
      if (this.#entries.size > 0 && !this.#entries.has(key)) this.#arrivals.delete(key);
    }
    if (this.#arrivals.size > 0) this.#turn.leave(this.#arrivals);
    this.#turn[Symbol.dispose]();
    return Promise.resolve();
  }
}
