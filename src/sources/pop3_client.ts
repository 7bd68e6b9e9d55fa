/**
 * A POP3 client (RFC 1939, 2449, 2595): the commands of node-pop3 on a framing of our own. Stock node-pop3
 * loses octets and hangs when the network cuts answers badly, so every method that reads is replaced.
 */
import Pop3Command from "node-pop3";
import { Readable } from "node:stream";
import { ItemError, SourceError } from "../errors.ts";
import type { MailConnection } from "./mail_server.ts";
import { joined, latin1 } from "./pop3_framing.ts";
import { IncomingMail, type MailStream, type WholeMail } from "./pop3_mail.ts";
import { isChallenge, type Pop3Answer, Pop3Session, type Pop3SessionOptions } from "./pop3_session.ts";
import {
  challengeStatus,
  type Pop3Credentials,
  Pop3Refusal,
  signInError,
  xoauth2Response,
} from "./pop3_sign_in.ts";
import { printable } from "./server_words.ts";

const MAX_HEADER_BYTES = 1024 * 1024;
// Exchange announces estimates unless told otherwise (EnableExactRFC822Size).
const ESTIMATING_SERVER = /Microsoft Exchange/i;

/** One mail as LIST and UIDL describe it. */
export interface Pop3Entry {
  readonly number: number;
  readonly sizeBytes: number;
  /** Absent when the server has none, or none that is usable, for it. */
  readonly uidl?: string;
}

/**
 * One session. Commands can be called at the same time: they are answered in the order of the calls, and
 * sent at once where the server announced PIPELINING. Methods throw `SourceError`, and `Pop3Refusal` (also
 * one) for a `-ERR`, after which the session can go on.
 */
export class Pop3Client extends Pop3Command {
  readonly #session: Pop3Session;
  #greeting = "";
  #capabilities: ReadonlySet<string> = new Set();

  constructor(connection: MailConnection, options: Pop3SessionOptions = {}) {
    // The base keeps what it is given in public fields: no credentials there.
    super({ host: connection.peer, user: "", password: "" });
    this.#session = new Pop3Session(connection, options);
  }

  /** What CAPA announced last, first words in upper case; empty before, and when the server has no CAPA. */
  get capabilities(): ReadonlySet<string> {
    return this.#capabilities;
  }

  /** Reads the greeting. */
  override async connect(): Promise<void> {
    const done = await this.#session.turn();
    try {
      this.#greeting = await this.#session.status("open a session");
    } catch (cause) {
      if (!(cause instanceof Pop3Refusal)) throw cause;
      const state = `the server turned us away: "${cause.text}"`;
      const message = `Cannot open a session with ${this.#session.peer}: ${state}`;
      throw this.#session.fail(new SourceError(cause.isBusy ? "busy" : "refused", message, { cause }));
    } finally {
      done();
    }
  }

  /** Nothing connects by itself here; the base would open a socket of its own. */
  override _connect(): Promise<string> {
    return Promise.resolve("");
  }

  /** Sends any command; the stream holds the rest of a multi-line answer, dot-stuffing undone. */
  override async command(...words: (string | number)[]): Promise<[string, Readable]> {
    const [name = "", argument] = words.map(String);
    const isListing = /^(?:LIST|UIDL)$/i.test(name) && !argument;
    const { text, done } = await this.#session.exchange(words);
    if (!isListing && !/^(?:RETR|TOP|CAPA)$/i.test(name)) {
      done();
      return [text, Readable.from([])];
    }
    return [text, Readable.from(this.#session.rest(done), { objectMode: false })];
  }

  /** Asks what the server can do; without CAPA that is nothing beyond RFC 1939. */
  async CAPA(): Promise<ReadonlySet<string>> {
    try {
      const lines = await this.#session.lines(["CAPA"]);
      this.#learn(lines.map((line) => line.split(" ", 1).join("").toUpperCase()));
    } catch (error) {
      if (!(error instanceof Pop3Refusal)) throw error;
      this.#learn([]);
    }
    return this.#capabilities;
  }

  #learn(capabilities: readonly string[]): void {
    this.#capabilities = new Set(capabilities);
    this.#session.isPipelined = this.#capabilities.has("PIPELINING");
  }

  /** Secures the session (RFC 2595), or throws and closes it: never goes on in clear text. */
  async STLS(): Promise<void> {
    const { peer } = this.#session;
    try {
      await this.#session.simple(["STLS"]);
    } catch (cause) {
      if (!(cause instanceof Pop3Refusal)) throw cause;
      const state =
        `the server does not offer STLS ("${cause.text}"); use tls = "implicit" with the port that is for TLS`;
      throw this.#session.fail(
        new SourceError("tls", `Cannot secure the connection to ${peer}: ${state}`, { cause }),
      );
    }
    // What was sent before the handshake could have been put in by anyone (CVE-2011-0411 and its likes).
    if (this.#session.reader.bufferedBytes > 0) {
      const state = "there was text between the server's answer and TLS; someone may be interfering";
      throw this.#session.fail(
        new SourceError("tls", `Cannot secure the connection to ${peer}: ${state}`),
      );
    }
    await this.#session.connection.startTls();
    // What was announced in clear text counts for nothing (RFC 2595, section 4).
    this.#learn([]);
  }

  /** Signs in with USER and PASS, or AUTH XOAUTH2; throws `SourceError("credentials")` when that is refused. */
  async signIn(credentials: Pop3Credentials): Promise<void> {
    const { peer } = this.#session;
    const secret = "token" in credentials ? credentials.token : credentials.password;
    // deno-lint-ignore no-control-regex -- A line end here would start a command of its own.
    if (secret === "" || /[\x00-\x1f\x7f]/.test(secret)) {
      const what = "token" in credentials ? "access token" : "password";
      const state = `the ${what} ${
        secret === "" ? "is empty" : "is damaged: it contains control characters"
      }`;
      throw new SourceError("credentials", `Cannot sign in to ${peer} as "${credentials.account}": ${state}`);
    }
    this.#session.conceal(
      "token" in credentials ? [xoauth2Response(credentials.account, secret), secret] : [secret],
    );
    if ("token" in credentials) return await this.#signInByToken(credentials);
    try {
      await this.#session.simple(["USER", credentials.account]);
      await this.#session.simple(["PASS", credentials.password]);
    } catch (error) {
      if (error instanceof Pop3Refusal) throw signInError(error, { peer, credentials });
      throw error;
    }
  }

  // In two steps: Microsoft takes nothing else, and tokens are longer than a command line may be.
  async #signInByToken(credentials: { readonly account: string; readonly token: string }): Promise<void> {
    const { peer } = this.#session;
    const done = await this.#session.turn();
    let isOffered = false;
    let detail: string | undefined;
    try {
      this.#session.send("AUTH XOAUTH2");
      await this.#session.status("use XOAUTH2", "challenge");
      isOffered = true;
      this.#session.send(xoauth2Response(credentials.account, credentials.token));
      const answer = await this.#session.status("sign in", "either");
      if (isChallenge(answer)) {
        detail = challengeStatus(answer.slice(1));
        this.#session.send("");
        await this.#session.status("sign in", "refusal");
      }
    } catch (error) {
      if (!(error instanceof Pop3Refusal)) throw this.#session.fail(error);
      if (isOffered || error.isBusy) throw signInError(error, { peer, credentials, detail });
      const message =
        `Cannot sign in to ${peer}: the server takes no access token: "${error.text}"; use auth = "password"`;
      throw new SourceError("refused", message, { cause: error });
    } finally {
      done();
    }
  }

  /** What waits, in the server's order. */
  async listing(): Promise<Pop3Entry[]> {
    const [sizes, ids] = await Promise.all([this.LIST(), this.#uidls()]);
    const seen = new Set<string>();
    return sizes.map(([number = "", size = ""]) => {
      const isFirst = !seen.has(number);
      seen.add(number);
      // Digits alone: whatever else Number() takes is no POP3. A mail that is listed twice would be taken for two.
      if (!isFirst || !/^[1-9]\d{0,9}$/.test(number) || !/^\d{1,15}$/.test(size)) {
        throw this.#session.fail(
          this.#session.nonsense(`"${printable(`${number} ${size}`)}" in its list of mails`),
        );
      }
      const uidl = ids.get(number);
      return { number: Number(number), sizeBytes: Number(size), ...(uidl === undefined ? {} : { uidl }) };
    });
  }

  async #uidls(): Promise<Map<string, string>> {
    try {
      const usable = (await this.UIDL()).filter(([, id = ""]) => /^[\x21-\x7e]{1,255}$/.test(id));
      return new Map(usable.map(([number = "", id = ""]) => [number, id]));
    } catch (error) {
      // Ids that are only missing for now must not be replaced by others: every mail would count as new.
      if (!(error instanceof Pop3Refusal) || error.isBusy || this.#capabilities.has("UIDL")) throw error;
      return new Map();
    }
  }

  override UIDL(): Promise<string[][]>;
  override UIDL(msgNumber: number | string): Promise<string[][] | string[]>;
  override UIDL(msgNumber: number | string = ""): Promise<string[][] | string[]> {
    return this.#table("UIDL", msgNumber);
  }

  override LIST(): Promise<string[][]>;
  override LIST(msgNumber: number | string): Promise<string[][] | string[]>;
  override LIST(msgNumber: number | string = ""): Promise<string[][] | string[]> {
    return this.#table("LIST", msgNumber);
  }

  async #table(name: string, msgNumber: number | string): Promise<string[][] | string[]> {
    if (msgNumber !== "") return Pop3Command.listify(await this.#session.simple([name, msgNumber]))[0] ?? [];
    return Pop3Command.listify((await this.#session.lines([name])).join("\r\n"));
  }

  override async NOOP(): Promise<void> {
    await this.#session.simple(["NOOP"]);
  }

  override RSET(): Promise<string> {
    return this.#session.simple(["RSET"]);
  }

  override DELE(msgNumber: number): Promise<string> {
    return this.#session.simple(["DELE", msgNumber]);
  }

  override STAT(): Promise<string> {
    return this.#session.simple(["STAT"]);
  }

  override LAST(): Promise<string> {
    return this.#session.simple(["LAST"]);
  }

  /** Header and first lines of a mail, one character per octet; cut at 1 MiB. */
  override TOP(msgNumber: number, numLines = 0): Promise<string> {
    return this.#head(["TOP", msgNumber, numLines]);
  }

  /** The header of a mail, perhaps with some of its text; cut at 1 MiB. */
  async header(msgNumber: number): Promise<string> {
    try {
      return await this.TOP(msgNumber);
    } catch (error) {
      // TOP is optional (RFC 1939, section 7).
      if (!(error instanceof Pop3Refusal)) throw error;
      return await this.#head(["RETR", msgNumber]);
    }
  }

  async #head(words: readonly (string | number)[]): Promise<string> {
    const { done } = await this.#session.exchange(words);
    let text = "";
    for await (const chunk of this.#session.rest(done)) {
      if (text.length < MAX_HEADER_BYTES) text += latin1(chunk);
    }
    return text.slice(0, MAX_HEADER_BYTES);
  }

  /** A whole mail, one character per octet. For more than a test, use `retrieve`. */
  override async RETR(msgNumber: number): Promise<string> {
    const { done } = await this.#session.exchange(["RETR", msgNumber]);
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#session.rest(done)) chunks.push(chunk);
    return latin1(joined(chunks));
  }

  /** Ends the session so that its deletions hold, and closes the connection. */
  override async QUIT(): Promise<string> {
    try {
      return await this.#session.simple(["QUIT"]);
    } finally {
      this.close();
    }
  }

  /** Drops the connection: nothing deleted in this session is deleted. Can be repeated. */
  close(): void {
    this.#session.close();
  }

  /**
   * Fetches a mail. A small one (`WHOLE_MAIL_BYTES`) is in memory when this resolves; during a larger one
   * other commands wait until the stream has ended or was cancelled.
   *
   * @throws {ItemError} also from the stream: the server does not give it out, or gives less than announced.
   */
  async retrieve(entry: Pop3Entry): Promise<MailStream | WholeMail> {
    const incoming = await this.#incoming(entry);
    const received = await incoming.whole();
    return "mail" in received ? received.mail : incoming.stream(received.begun);
  }

  /** Like `retrieve`, before it is needed; `undefined` when it is too large for that, and to be fetched again. */
  async retrieveAhead(entry: Pop3Entry): Promise<WholeMail | undefined> {
    const incoming = await this.#incoming(entry);
    const received = await incoming.whole();
    if ("mail" in received) return received.mail;
    // Nothing behind it could be read before somebody reads it.
    await incoming.skip();
    return undefined;
  }

  async #incoming({ number, sizeBytes }: Pop3Entry): Promise<IncomingMail> {
    const { peer } = this.#session;
    let answer: Pop3Answer;
    try {
      answer = await this.#session.exchange(["RETR", number]);
    } catch (cause) {
      if (!(cause instanceof Pop3Refusal)) throw cause;
      throw new ItemError(`Cannot fetch mail ${number} from ${peer}: the server answered "${cause.text}"`, {
        cause,
      });
    }
    return new IncomingMail(this.#session.reader, {
      number,
      peer,
      announcedBytes: sizeBytes,
      isEstimate: ESTIMATING_SERVER.test(this.#greeting),
      done: answer.done,
      fail: (error) => this.#session.fail(error),
    });
  }
}
