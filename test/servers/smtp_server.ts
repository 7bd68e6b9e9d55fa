/** An SMTP server on 127.0.0.1 for tests, which keeps what it is given and misbehaves on demand. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import net from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import type { IssuedCertificate } from "./certificates.ts";

/** What the server does instead of its usual answer; a text is sent as it is. */
export type SmtpReaction = "stall" | "drop" | string | undefined;

/** What `startSmtpServer` serves. */
export interface SmtpServerOptions {
  /** Accounts and passwords; without any nobody needs to sign in. */
  readonly users?: Readonly<Record<string, string>>;
  readonly tls?: IssuedCertificate;
  /** Whether TLS starts at once, or by STARTTLS; at once unless given. */
  readonly security?: "implicit" | "starttls";
  /** Asked before each command, its first word in capitals. */
  readonly react?: (command: string) => SmtpReaction;
}

/** A mail that was taken. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Header and body, dot-stuffing undone. */
  readonly raw: string;
  readonly account: string | undefined;
  readonly isSecured: boolean;
}

/** A running server. Disposing ends its sessions. */
export interface SmtpServer extends AsyncDisposable {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** Every line that clients sent outside of mails. */
  readonly commands: readonly string[];
  /** Resolves when so many mails have been taken. */
  received(count: number): Promise<void>;
}

/** Starts a server on a free port. */
export async function startSmtpServer(options: SmtpServerOptions = {}): Promise<SmtpServer> {
  const mails: ReceivedMail[] = [];
  const commands: string[] = [];
  const waiting = new Set<() => void>();
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    const keep = (mail: ReceivedMail) => {
      mails.push(mail);
      for (const wake of waiting) wake();
    };
    new Session(socket, { ...options, keep, commands }).run();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("Cannot listen: no port");
  return {
    port: address.port,
    mails,
    commands,
    async received(count) {
      while (mails.length < count) {
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.add(resolve);
        await promise;
        waiting.delete(resolve);
      }
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface SessionOptions extends SmtpServerOptions {
  readonly keep: (mail: ReceivedMail) => void;
  readonly commands: string[];
}

class Session {
  readonly #socket: net.Socket;
  readonly #options: SessionOptions;
  #stream: Duplex;
  #isSecured = false;
  #input = "";
  #account: string | undefined;
  #from = "";
  #to: string[] = [];
  /** The mail that is being received. */
  #data: string | undefined;

  constructor(socket: net.Socket, options: SessionOptions) {
    this.#socket = socket;
    this.#stream = socket;
    this.#options = options;
  }

  run(): void {
    if (this.#options.tls && this.#options.security !== "starttls") this.#secure();
    else this.#listen();
    this.#say("220 essai ESMTP");
  }

  #secure(): void {
    const { cert = "", key = "" } = this.#options.tls ?? {};
    this.#socket.removeAllListeners("data");
    this.#stream = new tls.TLSSocket(this.#socket, { isServer: true, cert, key });
    this.#stream.on("error", () => {});
    this.#isSecured = true;
    this.#input = "";
    this.#listen();
  }

  #listen(): void {
    this.#stream.on("data", (chunk: Buffer) => {
      this.#input += chunk.toString("latin1");
      for (let end = this.#input.indexOf("\r\n"); end >= 0; end = this.#input.indexOf("\r\n")) {
        const line = this.#input.slice(0, end);
        this.#input = this.#input.slice(end + 2);
        this.#take(line);
      }
    });
  }

  #take(line: string): void {
    if (this.#data !== undefined) return this.#takeData(line);
    this.#options.commands.push(line);
    const [word = "", ...rest] = line.split(" ");
    const command = word.toUpperCase();
    const reaction = this.#options.react?.(command);
    if (reaction === "drop") return void this.#socket.destroy();
    if (reaction === "stall") return;
    if (reaction !== undefined) return void this.#stream.write(reaction);
    this.#answer(command, rest.join(" "));
  }

  #takeData(line: string): void {
    if (line !== ".") {
      this.#data += `${line.replace(/^\./, "")}\r\n`;
      return;
    }
    const raw = Buffer.from(this.#data ?? "", "latin1").toString("utf8");
    this.#data = undefined;
    const mail = { from: this.#from, to: this.#to, raw, account: this.#account, isSecured: this.#isSecured };
    this.#to = [];
    this.#options.keep(mail);
    this.#say("250 taken");
  }

  #answer(command: string, rest: string): void {
    const { tls: certificate, security, users } = this.#options;
    if (command === "EHLO") {
      const isOffered = certificate && security === "starttls" && !this.#isSecured;
      const words = [
        "essai",
        ...(isOffered ? ["STARTTLS"] : []),
        ...(users ? ["AUTH PLAIN"] : []),
        "8BITMIME",
      ];
      return this.#say(...words.map((text, n) => `250${n < words.length - 1 ? "-" : " "}${text}`));
    }
    if (command === "STARTTLS" && certificate) {
      this.#say("220 go on");
      return this.#secure();
    }
    if (command === "AUTH") return this.#signIn(rest);
    if (command === "QUIT") {
      this.#say("221 bye");
      return void this.#stream.end();
    }
    if (users && this.#account === undefined) return this.#say("530 sign in first");
    const [, address = ""] = /<([^>]*)>/.exec(rest) ?? [];
    if (command === "MAIL") this.#from = address;
    if (command === "RCPT") this.#to.push(address);
    if (command === "DATA") {
      this.#data = "";
      return this.#say("354 go on");
    }
    this.#say(["MAIL", "RCPT", "RSET", "NOOP"].includes(command) ? "250 ok" : "502 unknown");
  }

  #signIn(rest: string): void {
    const [, account = "", password = ""] = atob(rest.replace(/^PLAIN /i, "")).split("\0");
    if (this.#options.users?.[account] !== password) return this.#say("535 5.7.8 wrong password");
    this.#account = account;
    this.#say("235 signed in");
  }

  #say(...lines: string[]): void {
    this.#stream.write(lines.map((line) => `${line}\r\n`).join(""));
  }
}
