/** The few words of POP3, IMAP and SMTP the tunnel itself understands or says. */
import type { MailProtocol } from "./types.ts";

const LONGEST_LOGOUT_BYTES = 64;

/** Watches what a client sends for its goodbye: after that a missing close_notify loses nothing. */
export class Goodbye {
  said = false;
  readonly #pattern: RegExp | undefined;
  #tail = "";

  constructor(protocol: MailProtocol | undefined) {
    if (protocol === "imap") this.#pattern = /(?:^|\n)[^\s(){%*"\\]+ LOGOUT\r?\n$/i;
    else if (protocol !== undefined) this.#pattern = /(?:^|\n)QUIT\r?\n$/i;
  }

  /** Takes what goes to the server, in pieces of any size. */
  sent(chunk: Uint8Array): void {
    if (this.#pattern === undefined) return;
    const end = chunk.subarray(Math.max(0, chunk.length - LONGEST_LOGOUT_BYTES));
    const before = chunk.length >= LONGEST_LOGOUT_BYTES ? "" : this.#tail;
    this.#tail = (before + String.fromCharCode(...end)).slice(-LONGEST_LOGOUT_BYTES);
    this.said = this.#tail.endsWith("\n") && this.#pattern.test(this.#tail);
  }
}

const LONGEST_SENTENCE = 300;

/** A greeting that refuses, as the mail program expects it, so that its user sees the cause (RFC 2449 8.1.1, 3501 7.1.5, 5321 3.1). */
export function refusal(protocol: MailProtocol, reason: string): string {
  const text = reason.replaceAll(/[^\x20-\x7e]+/g, " ").slice(0, LONGEST_SENTENCE);
  switch (protocol) {
    case "pop3":
      return `-ERR [SYS/TEMP] ${text}\r\n`;
    case "imap":
      return `* BYE [UNAVAILABLE] ${text}\r\n`;
    case "smtp":
      return `421 4.4.1 ${text}\r\n`;
  }
}

/** Whether these first bytes are a TLS ClientHello: a program that speaks TLS on the plain port. */
export function isClientHello(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x16 && bytes[1] === 0x03;
}
