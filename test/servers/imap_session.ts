/** One client of the IMAP server, from the greeting to the end (RFC 3501; IDLE, MOVE, UIDPLUS, ID, NAMESPACE). */
import { answerFetch, fetchItems, numbered, type NumberedMail, parseSearch } from "./imap_fetch.ts";
import {
  type Command,
  decodeName,
  encode,
  encodeName,
  LengthFault,
  LineReader,
  parseSet,
  quote,
  readCommand,
  SyntaxFault,
  word,
} from "./imap_syntax.ts";
import { changeLines, findMailbox, label, listLines, openingLines, statusPairs } from "./imap_mailboxes.ts";
import { ImapOutput } from "./imap_output.ts";
import type { ImapServerState } from "./imap_server.ts";
import type { Mailbox, StoredMail } from "./mailbox.ts";

const BEFORE_SIGN_IN = new Set([
  "CAPABILITY",
  "NOOP",
  "LOGOUT",
  "STARTTLS",
  "LOGIN",
  "AUTHENTICATE",
  "ID",
]);
const SELECTED_ONLY = /^(UID |FETCH|STORE|SEARCH|COPY|MOVE|EXPUNGE|CLOSE|UNSELECT|CHECK)/;

interface Selection {
  readonly mailbox: Mailbox;
  readonly isReadOnly: boolean;
  /** The mails by sequence number, as the client knows them. */
  view: StoredMail[];
  readonly forget: () => void;
}

interface SessionOptions {
  readonly canStartTls: boolean;
  /** After STARTTLS there is no second greeting. */
  readonly isGreeted: boolean;
}

/** How a session ended: `starttls` when the connection is to be secured and served anew, `cut` when without a goodbye. */
export type SessionEnd = "closed" | "cut" | "starttls";

/** Serves one connection; never throws for what the client does. */
export class ImapSession {
  readonly #reader: LineReader;
  #isSignedIn = false;
  #selection: Selection | undefined;
  #isIdling = false;
  readonly #output: ImapOutput;

  constructor(
    conn: Deno.Conn,
    private readonly server: ImapServerState,
    private readonly options: SessionOptions,
  ) {
    this.#reader = new LineReader(conn);
    this.#output = new ImapOutput(conn, server);
  }

  async run(): Promise<SessionEnd> {
    try {
      if (!this.options.isGreeted) {
        const { greeting = `* OK [CAPABILITY ${this.#capabilities()}] Ready` } = this.server.faults;
        await this.#sendNow(greeting);
        if (greeting.startsWith("* BYE")) return "closed";
        if (this.#output.isCut) return "cut";
      }
      return await this.#commands();
    } finally {
      this.#deselect();
      this.#output.end();
    }
  }

  async #commands(): Promise<SessionEnd> {
    while (true) {
      let command: Command | null;
      try {
        command = await readCommand(this.#reader, () => this.#sendNow("+ go ahead"));
      } catch (error) {
        if (!(error instanceof SyntaxFault)) throw error;
        await this.#sendNow(`* BAD ${error.message}`);
        if (error instanceof LengthFault) return "closed";
        continue;
      }
      if (command === null) return this.#output.isCut ? "cut" : "closed";
      this.server.commands.push(command.text);
      const fault = this.server.faults.at?.(command.name, command.text);
      if (fault === "cut") return "cut";
      if (fault === "stall") {
        await this.server.stalled;
        return "closed";
      }
      if (typeof fault === "object") {
        await this.#sendNow(`* BYE ${fault.bye}`);
        return "closed";
      }
      await this.#sendNow(`${command.tag} ${fault ?? await this.#answer(command)}`);
      if (this.#output.isCut) return "cut";
      if (command.name === "LOGOUT") return "closed";
      if (command.name === "STARTTLS" && this.options.canStartTls && fault === undefined) return "starttls";
    }
  }

  async #answer(command: Command): Promise<string> {
    if (!this.#isSignedIn && !BEFORE_SIGN_IN.has(command.name)) return "NO sign in first";
    if (this.#selection === undefined && SELECTED_ONLY.test(command.name)) {
      return "BAD no mailbox is selected";
    }
    try {
      const completion = await this.#perform(command);
      if (command.name.startsWith("UID ") || command.name === "NOOP" || command.name === "CHECK") {
        await this.#sync();
      }
      return completion;
    } catch (error) {
      if (error instanceof SyntaxFault) return `BAD ${error.message}`;
      throw error;
    }
  }

  async #perform({ name, args }: Command): Promise<string> {
    switch (name) {
      case "CAPABILITY":
        await this.#send(`* CAPABILITY ${this.#capabilities()}`);
        return "OK done";
      case "NOOP":
      case "CHECK":
      case "SUBSCRIBE":
      case "UNSUBSCRIBE":
        return "OK done";
      case "STARTTLS":
        return this.options.canStartTls ? "OK begin TLS now" : "BAD no TLS here";
      case "ID":
        await this.#send(`* ID (${Object.entries(this.server.id).flat().map(quote).join(" ")})`);
        return "OK done";
      case "LOGIN":
        return this.#signIn(word(args, 0), word(args, 1));
      case "AUTHENTICATE":
        return await this.#authenticate(word(args, 0).toUpperCase(), args[1]);
      case "LOGOUT":
        await this.#send("* BYE see you");
        return "OK done";
      case "ENABLE":
        await this.#send("* ENABLED");
        return "OK done";
      case "NAMESPACE":
        await this.#send('* NAMESPACE (("" "/")) NIL NIL');
        return "OK done";
      case "LIST":
      case "LSUB":
        return await this.#list(name, word(args, 1));
      case "STATUS":
        return await this.#status(word(args, 0), fetchItems(args[1]));
      case "CREATE":
        return this.#create(decodeName(word(args, 0)));
      case "SELECT":
      case "EXAMINE":
        return await this.#select(word(args, 0), name === "EXAMINE");
      case "IDLE":
        return await this.#idle();
    }
    const selection = this.#selection;
    if (selection === undefined) return `BAD ${name} is not known`;
    const byUid = name.startsWith("UID ");
    switch (name.replace("UID ", "")) {
      case "CLOSE":
      case "UNSELECT":
        if (name === "CLOSE" && !selection.isReadOnly) {
          this.#remove(selection.mailbox, (mail) => mail.flags.has("\\Deleted"));
        }
        this.#deselect();
        return "OK done";
      case "SEARCH": {
        const test = parseSearch(args, this.#highest(selection));
        const found = numbered(selection.view).filter(test).map(({ mail, sequence }) =>
          byUid ? mail.uid : sequence
        );
        const told = this.server.faults.repeats ? [...found, ...found] : found;
        await this.#send(`* SEARCH${told.map((number) => ` ${number}`).join("")}`);
        return "OK done";
      }
      case "FETCH":
        return await this.#fetch(
          this.#find(word(args, 0), byUid),
          byUid ? ["UID", ...fetchItems(args[1])] : fetchItems(args[1]),
        );
      case "STORE":
        return await this.#store(
          this.#find(word(args, 0), byUid),
          word(args, 1).toUpperCase(),
          fetchItems(args[2]),
        );
      case "COPY":
      case "MOVE":
        return await this.#copy(this.#find(word(args, 0), byUid), word(args, 1), name.endsWith("MOVE"));
      case "EXPUNGE": {
        const holds = byUid ? parseSet(word(args, 0), this.#highest(selection).uid) : () => true;
        if (selection.isReadOnly) return "NO the mailbox is read-only";
        this.#remove(selection.mailbox, (mail) => mail.flags.has("\\Deleted") && holds(mail.uid));
        await this.#sync();
        return "OK expunged";
      }
      default:
        return `BAD ${name} is not known`;
    }
  }

  #capabilities(): string {
    const tls = this.options.canStartTls ? ["STARTTLS"] : [];
    return ["IMAP4rev1", ...tls, ...this.server.capabilities].join(" ");
  }

  #signIn(user: string, secret: string): string {
    if (this.server.faults.refuseSignIn !== undefined) return this.server.faults.refuseSignIn;
    if (this.server.users[user] !== secret) return "NO [AUTHENTICATIONFAILED] wrong name or password";
    this.#isSignedIn = true;
    return "OK signed in";
  }

  async #authenticate(mechanism: string, initial: unknown): Promise<string> {
    let response = initial;
    if (typeof response !== "string") {
      await this.#sendNow("+ ");
      response = await this.#reader.line();
    }
    if (typeof response !== "string" || response === "*") return "BAD cancelled";
    const text = new TextDecoder().decode(Uint8Array.fromBase64(response));
    if (mechanism === "PLAIN") {
      const [, user = "", password = ""] = text.split("\0");
      return this.#signIn(user, password);
    }
    if (mechanism !== "XOAUTH2") return "NO mechanism is not known";
    const [user = "", bearer] = text.split("\x01");
    if (bearer === `auth=Bearer ${this.server.tokens[user.replace(/^user=/, "")]}`) {
      this.#isSignedIn = true;
      return "OK signed in";
    }
    // The client has to answer the error before the refusal comes.
    await this.#sendNow(
      `+ ${btoa('{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}')}`,
    );
    await this.#reader.line();
    return "NO [AUTHENTICATIONFAILED] token refused";
  }

  async #list(name: string, pattern: string): Promise<string> {
    for (const line of listLines(this.server.mailboxes, pattern)) await this.#send(`* ${name} ${line}`);
    return "OK done";
  }

  async #status(name: string, items: readonly string[]): Promise<string> {
    const mailbox = this.#mailbox(name);
    if (mailbox === undefined) return "NO [NONEXISTENT] no such mailbox";
    await this.#send(`* STATUS ${quote(name)} (${statusPairs(mailbox, items)})`);
    return "OK done";
  }

  #create(name: string): string {
    if (this.#mailbox(encodeName(name)) !== undefined) return "NO [ALREADYEXISTS] it exists";
    this.server.mailboxes.push(this.server.newMailbox(name));
    return "OK created";
  }

  async #select(name: string, isReadOnly: boolean): Promise<string> {
    this.#deselect();
    const mailbox = this.#mailbox(name);
    if (mailbox === undefined) return "NO [NONEXISTENT] no such mailbox";
    let isAsked = false;
    const forget = mailbox.onChange(() => {
      if (!this.#isIdling || isAsked) return;
      isAsked = true;
      queueMicrotask(() => {
        isAsked = false;
        void this.#sync().then(() => this.#output.flush());
      });
    });
    this.#selection = { mailbox, isReadOnly, view: [...mailbox.mails], forget };
    await this.#send(openingLines(mailbox, isReadOnly, this.server.faults).join("\r\n"));
    return `OK [${isReadOnly ? "READ-ONLY" : "READ-WRITE"}] selected`;
  }

  #deselect(): void {
    this.#selection?.forget();
    this.#selection = undefined;
  }

  async #idle(): Promise<string> {
    await this.#sendNow("+ idling");
    this.#isIdling = true;
    await this.#sync();
    await this.#output.flush();
    const line = await this.#reader.line();
    if (this.server.faults.endlessIdle) await this.server.stalled;
    this.#isIdling = false;
    await this.#sync();
    return line?.toUpperCase() === "DONE" ? "OK idled" : "BAD DONE was expected";
  }

  async #fetch(found: readonly NumberedMail[], items: readonly string[]): Promise<string> {
    const selection = this.#selection;
    const unique = [...new Set(items.map((item) => item.replace(/^uid$/i, "UID")))];
    const others = this.server.faults.repeats ? numbered(selection?.view ?? []) : [];
    for (const { mail, sequence } of [...found, ...others]) {
      // The mail may have gone since the client saw it; it is left out of the answer (RFC 2180, 4.1.2).
      if (selection?.mailbox.mails.includes(mail) === false) continue;
      const announced = this.server.faults.announcedBytes?.(mail) ?? mail.raw.length;
      const answer = answerFetch(mail, unique, announced);
      if (answer.marksSeen && selection?.isReadOnly === false) mail.flags.add("\\Seen");
      await this.#output.write([encode(`* ${sequence} FETCH (`), ...answer.pieces, encode(")\r\n")]);
    }
    return "OK fetched";
  }

  async #store(found: readonly NumberedMail[], operation: string, flags: string[]): Promise<string> {
    if (this.#selection?.isReadOnly !== false) return "NO the mailbox is read-only";
    if (operation === "+X-GM-LABELS") return label(found.map(({ mail }) => mail), flags, this.server);
    const match = /^([+-]?)FLAGS(\.SILENT)?$/.exec(operation);
    if (match === null) throw new SyntaxFault(`${operation} is not known`);
    for (const { mail, sequence } of found) {
      if (match[1] === "") mail.flags.clear();
      for (const flag of flags) {
        if (match[1] === "-") mail.flags.delete(flag);
        else mail.flags.add(flag);
      }
      if (match[2] === undefined) {
        await this.#send(`* ${sequence} FETCH (UID ${mail.uid} FLAGS (${[...mail.flags].join(" ")}))`);
      }
    }
    return "OK stored";
  }

  async #copy(found: readonly NumberedMail[], name: string, isMove: boolean): Promise<string> {
    const target = this.#mailbox(name);
    const source = this.#selection?.mailbox;
    if (target === undefined || source === undefined) return "NO [TRYCREATE] no such mailbox";
    if (isMove && this.#selection?.isReadOnly === true) return "NO the mailbox is read-only";
    const pairs: [number, number][] = [];
    for (const { mail } of found) {
      const copy = target.add(mail.raw, mail.received);
      for (const flag of mail.flags) copy.flags.add(flag);
      pairs.push([mail.uid, copy.uid]);
    }
    const uids = pairs.map(([from]) => from).join(",");
    const code = pairs.length === 0
      ? ""
      : `[COPYUID ${target.uidValidity} ${uids} ${pairs.map(([, to]) => to).join(",")}] `;
    if (!isMove) return `OK ${code}copied`;
    if (code !== "") await this.#send(`* OK ${code}moving`);
    const moved = new Set(pairs.map(([from]) => from));
    this.#remove(source, (mail) => moved.has(mail.uid));
    await this.#sync();
    return "OK moved";
  }

  #remove(mailbox: Mailbox, test: (mail: StoredMail) => boolean): void {
    for (const mail of mailbox.mails.filter(test)) mailbox.remove(mail.uid);
  }

  #mailbox(name: string): Mailbox | undefined {
    return findMailbox(this.server.mailboxes, name);
  }

  #find(set: string, byUid: boolean): NumberedMail[] {
    const selection = this.#selection;
    if (selection === undefined) return [];
    const { uid, sequence } = this.#highest(selection);
    const holds = parseSet(set, byUid ? uid : sequence);
    return numbered(selection.view).filter((found) => holds(byUid ? found.mail.uid : found.sequence));
  }

  #highest(selection: Selection): { readonly uid: number; readonly sequence: number } {
    return { uid: selection.view.at(-1)?.uid ?? 0, sequence: selection.view.length };
  }

  /** Tells the client what came and went since it was last told. */
  async #sync(): Promise<void> {
    const selection = this.#selection;
    if (selection === undefined || this.#output.isEnded) return;
    const lines = changeLines(selection.view, selection.mailbox.mails);
    selection.view = [...selection.mailbox.mails];
    if (lines.length > 0) await this.#send(lines.join("\r\n"));
  }

  #send(text: string): Promise<void> {
    return this.#output.write([encode(`${text}\r\n`)]);
  }

  /** What the client waits for before it goes on. */
  async #sendNow(text: string): Promise<void> {
    await this.#send(text);
    await this.#output.flush();
  }
}
