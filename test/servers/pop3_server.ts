/** A POP3 server on 127.0.0.1 for tests and the demo, which misbehaves on demand. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import net from "node:net";
import type { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import tls from "node:tls";
import type { IssuedCertificate } from "./certificates.ts";
import type { Mailbox, StoredMail } from "./mailbox.ts";
import type { Pop3Script } from "./pop3_script.ts";
import { stuffed, TERMINATOR, topOf } from "./pop3_text.ts";

export type { Pop3Reaction, Pop3Script } from "./pop3_script.ts";

/** What `startPop3Server` serves. */
export interface Pop3ServerOptions {
  /** One for all, or one for each account. */
  readonly mailbox: Mailbox | ((account: string) => Mailbox);
  /** Accounts and passwords. */
  readonly users: Readonly<Record<string, string>>;
  /** Accounts and access tokens for AUTH XOAUTH2. */
  readonly tokens?: Readonly<Record<string, string>>;
  readonly tls?: IssuedCertificate;
  /** Whether TLS starts at once, or by STLS; at once unless given. */
  readonly security?: "implicit" | "starttls";
  readonly port?: number;
  readonly script?: Pop3Script;
}

/** A running server. Disposing ends its sessions. */
export interface Pop3Server extends AsyncDisposable {
  readonly port: number;
  /** Everything clients sent, in order, `PASS` and tokens included. */
  readonly commands: readonly string[];
  /** Whether a client has ever sent a command before it had the answer to the one before. */
  readonly wasPipelined: boolean;
  /** Sessions open now. */
  readonly sessionCount: number;
  /** Resolves when a line that starts so has been received. */
  received(start: string): Promise<void>;
}

/** Starts a server for a mailbox; its deletions happen at QUIT. */
export async function startPop3Server(options: Pop3ServerOptions): Promise<Pop3Server> {
  const commands: string[] = [];
  const waiting = new Set<{ start: string; resolve: () => void }>();
  const sessions = new Set<Pop3ServerSession>();
  let wasPipelined = false;
  const record = (line: string, isEarly: boolean) => {
    commands.push(line);
    wasPipelined ||= isEarly;
    for (const one of waiting) {
      if (!line.startsWith(one.start)) continue;
      waiting.delete(one);
      one.resolve();
    }
  };
  const server = net.createServer({ noDelay: true }, (socket) => {
    const session = new Pop3ServerSession(socket, { ...options, record });
    sessions.add(session);
    socket.once("close", () => sessions.delete(session));
    session.run();
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("Cannot listen: no port");
  return {
    port: address.port,
    commands,
    get wasPipelined() {
      return wasPipelined;
    },
    get sessionCount() {
      return sessions.size;
    },
    received(start) {
      if (commands.some((line) => line.startsWith(start))) return Promise.resolve();
      return new Promise((resolve) => waiting.add({ start, resolve }));
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const session of sessions) session.drop();
      await closed;
    },
  };
}

interface SessionOptions extends Pop3ServerOptions {
  readonly record: (line: string, isEarly: boolean) => void;
}

const MAX_LINE_BYTES = 16 * 1024;
const DEFAULT_CAPABILITIES = [
  "TOP",
  "USER",
  "UIDL",
  "RESP-CODES",
  "AUTH-RESP-CODE",
  "PIPELINING",
  "SASL XOAUTH2",
];

/** Ends the reading loop: the session is over, or stands still for ever. */
class SessionEnd extends Error {}

class Pop3ServerSession {
  readonly #socket: net.Socket;
  #stream: Duplex;
  readonly #options: SessionOptions;
  readonly #script: Pop3Script;
  #account = "";
  #mails: StoredMail[] | undefined;
  #mailbox: Mailbox | undefined;
  readonly #deleted = new Set<number>();
  readonly #fetched = new Set<number>();
  #input: Buffer = Buffer.alloc(0);
  #output: Uint8Array[] = [];
  #chunkIndex = 0;

  constructor(socket: net.Socket, options: SessionOptions) {
    this.#socket = socket;
    this.#stream = socket;
    this.#options = options;
    this.#script = options.script ?? {};
    // A client that drops the connection is nothing unusual.
    socket.on("error", () => {});
  }

  drop(): void {
    this.#stream.destroy();
    this.#socket.destroy();
  }

  async run(): Promise<void> {
    try {
      if (this.#options.tls !== undefined && this.#options.security !== "starttls") this.#secure();
      this.#say(this.#script.greeting ?? "+OK Lanceur test server ready");
      await this.#flush();
      for await (const line of this.#lines()) await this.#answer(line);
      this.drop();
    } catch (error) {
      // Sessions are cut at any point, by tests and by clients.
      if (!(error instanceof SessionEnd)) this.drop();
    }
  }

  #secure(): void {
    const secureContext = tls.createSecureContext(this.#options.tls);
    const secured = new tls.TLSSocket(this.#socket, { isServer: true, secureContext });
    secured.on("error", () => this.#socket.destroy());
    this.#stream = secured;
  }

  /** Lines as they come; before waiting for more, what has been said is sent. */
  async *#lines(): AsyncGenerator<string> {
    while (true) {
      const end = this.#input.indexOf("\n");
      if (end >= 0) {
        const line = this.#input.subarray(0, end).toString("utf8").replace(/\r$/, "");
        this.#input = this.#input.subarray(end + 1);
        yield line;
        continue;
      }
      if (this.#input.length > MAX_LINE_BYTES) return;
      await this.#flush();
      const chunk = await this.#read();
      if (chunk === null) return;
      this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
    }
  }

  async #read(): Promise<Buffer | null> {
    const stream = this.#stream;
    while (true) {
      const chunk: Buffer | null = stream.read();
      if (chunk !== null) return chunk;
      if (stream.readableEnded || stream.destroyed) return null;
      const { promise, resolve } = Promise.withResolvers<void>();
      const events = ["readable", "end", "close", "error"];
      for (const event of events) stream.on(event, resolve);
      await promise;
      for (const event of events) stream.off(event, resolve);
    }
  }

  #say(line: string): void {
    this.#output.push(Buffer.from(line + "\r\n", "latin1"));
  }

  async #flush(): Promise<void> {
    const output = Buffer.concat(this.#output);
    this.#output = [];
    const sizes = this.#script.chunks ?? [];
    for (let from = 0; from < output.length;) {
      const size = sizes[this.#chunkIndex++ % sizes.length] ?? output.length;
      await this.#write(output.subarray(from, from + size));
      from += size;
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const stream = this.#stream;
    if (stream.destroyed) throw new SessionEnd();
    const isRoomLeft = stream.write(bytes);
    if (!isRoomLeft) await this.#drained(stream);
    // Pieces are to arrive one by one: the client gets some turns of the event loop to read each.
    else if (this.#script.chunks !== undefined) { for (let turn = 0; turn < 20; turn++) await nextTurn(); }
  }

  async #drained(stream: Duplex): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    stream.once("drain", resolve);
    stream.once("close", resolve);
    await promise;
    stream.off("drain", resolve);
    stream.off("close", resolve);
  }

  async #misbehave(how: "reset" | "close" | "stall"): Promise<never> {
    await this.#flush();
    if (how === "reset") this.#socket.resetAndDestroy();
    else if (how === "close") this.#stream.end(() => this.drop());
    throw new SessionEnd();
  }

  async #answer(line: string): Promise<void> {
    this.#options.record(line, this.#output.length > 0);
    const [word = "", ...rest] = line.split(" ");
    const command = word.toUpperCase();
    const argument = rest.join(" ");
    const reaction = this.#script.react?.(command, argument);
    if (reaction === "reset" || reaction === "close" || reaction === "stall") await this.#misbehave(reaction);
    else if (typeof reaction === "string") this.#output.push(Buffer.from(reaction, "latin1"));
    else if (reaction !== undefined) this.#output.push(reaction);
    else if (this.#mails === undefined) await this.#authorize(command, argument);
    else await this.#transact(this.#mails, { command, argument });
    if (this.#output.length > 64) await this.#flush();
  }

  async #authorize(command: string, argument: string): Promise<void> {
    const { users, tls, security } = this.#options;
    switch (command) {
      case "CAPA":
        return this.#capabilities();
      case "STLS":
        if (tls === undefined || security !== "starttls" || this.#stream !== this.#socket) break;
        this.#say("+OK begin TLS");
        await this.#flush();
        this.#input = Buffer.alloc(0);
        return this.#secure();
      case "USER":
        this.#account = argument;
        return this.#say("+OK");
      case "PASS":
        if (Object.hasOwn(users, this.#account) && users[this.#account] === argument) return this.#open();
        return this.#say("-ERR [AUTH] wrong account or password");
      case "AUTH":
        return await this.#authorizeByToken(argument);
      case "QUIT":
        return await this.#quit();
    }
    this.#say("-ERR not now, or never heard of it");
  }

  async #authorizeByToken(argument: string): Promise<void> {
    const { tokens = {} } = this.#options;
    const [mechanism = "", initial] = argument.split(" ");
    if (mechanism.toUpperCase() !== "XOAUTH2") return this.#say("-ERR unknown mechanism");
    if (initial === undefined) this.#say("+ ");
    const response = initial ?? await this.#nextLine();
    const decoded = Buffer.from(response, "base64").toString("utf8");
    // deno-lint-ignore no-control-regex -- The wire format has them.
    const [, account = "", token] = /^user=([^\x01]*)\x01auth=Bearer ([^\x01]*)\x01\x01$/.exec(decoded) ?? [];
    this.#account = account;
    if (Object.hasOwn(tokens, account) && tokens[account] === token) return this.#open();
    this.#say(`+ ${Buffer.from('{"status":"401","schemes":"Bearer"}').toString("base64")}`);
    const answer = await this.#nextLine();
    this.#say(
      answer === "" ? "-ERR [AUTH] token refused" : "-ERR [SYS/PERM] the challenge wants an empty line",
    );
  }

  async #nextLine(): Promise<string> {
    for await (const line of this.#lines()) {
      this.#options.record(line, false);
      return line;
    }
    throw new SessionEnd();
  }

  #open(): void {
    const { mailbox } = this.#options;
    this.#mailbox = typeof mailbox === "function" ? mailbox(this.#account) : mailbox;
    this.#mails = [...this.#mailbox.mails];
    this.#say(`+OK ${this.#mails.length} mails`);
  }

  async #transact(
    mails: StoredMail[],
    { command, argument }: { command: string; argument: string },
  ): Promise<void> {
    const [first = "", second = ""] = argument.split(" ");
    const index = /^\d+$/.test(first) ? Number(first) - 1 : -1;
    const mail = this.#deleted.has(index) ? undefined : mails[index];
    switch (command) {
      case "CAPA":
        return this.#capabilities();
      case "NOOP":
        return this.#say("+OK");
      case "STAT": {
        const left = mails.filter((_, at) => !this.#deleted.has(at));
        return this.#say(`+OK ${left.length} ${left.reduce((sum, { raw }) => sum + raw.length, 0)}`);
      }
      case "LIST":
        return this.#list(mails, {
          first,
          mail,
          tell: (one) => this.#script.announce?.(one) ?? one.raw.length,
        });
      case "UIDL": {
        const { uidl } = this.#script;
        if (uidl === null) break;
        return this.#list(mails, { first, mail, tell: (one) => uidl?.(one) ?? one.uidl });
      }
      case "RSET":
        this.#deleted.clear();
        return this.#say("+OK");
      case "QUIT":
        return await this.#quit();
      case "DELE":
      case "TOP":
      case "RETR":
        if (mail === undefined) return this.#say("-ERR no such mail");
        if (command === "RETR") {
          this.#fetched.add(index);
          return await this.#retrieve(mail);
        }
        this.#say("+OK");
        if (command === "DELE") this.#deleted.add(index);
        else this.#output.push(stuffed(topOf(mail.raw, Number(second) || 0)), TERMINATOR);
        return;
    }
    this.#say("-ERR never heard of it");
  }

  #capabilities(): void {
    const { tls, security, script } = this.#options;
    const usual = DEFAULT_CAPABILITIES.filter((name) => name !== "UIDL" || script?.uidl !== null);
    const { capabilities = usual } = script ?? {};
    if (capabilities === null) return this.#say("-ERR never heard of it");
    this.#say("+OK");
    for (const capability of capabilities) this.#say(capability);
    if (tls !== undefined && security === "starttls" && this.#stream === this.#socket) this.#say("STLS");
    this.#say(".");
  }

  #list(mails: StoredMail[], { first, mail, tell }: {
    first: string;
    mail: StoredMail | undefined;
    tell: (mail: StoredMail) => string | number;
  }): void {
    if (first !== "") {
      return this.#say(mail === undefined ? "-ERR no such mail" : `+OK ${first} ${tell(mail)}`);
    }
    const lines = mails.flatMap((one, at) => this.#deleted.has(at) ? [] : [`${at + 1} ${tell(one)}`]);
    this.#say(["+OK", ...lines, "."].join("\r\n"));
  }

  async #retrieve(mail: StoredMail): Promise<void> {
    this.#say("+OK");
    const { body, cut } = this.#script;
    if (body !== undefined) {
      await this.#flush();
      for await (const bytes of body(mail)) await this.#write(bytes);
      return;
    }
    const answer = Buffer.concat([stuffed(mail.raw), TERMINATOR]);
    if (cut === undefined) {
      this.#output.push(answer);
      return;
    }
    this.#output.push(answer.subarray(0, cut.afterBytes));
    await this.#misbehave(cut.then);
  }

  async #quit(): Promise<void> {
    const mails = this.#mails ?? [];
    const gone = this.#script.hidesFetched ? this.#deleted.union(this.#fetched) : this.#deleted;
    for (const index of gone) this.#mailbox?.remove(mails[index]?.uid ?? -1);
    this.#say("+OK bye");
    await this.#misbehave("close");
  }
}
