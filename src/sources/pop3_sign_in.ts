/** What a POP3 server's refusals mean (RFC 2449, RFC 3206), and the token form of AUTH. */
import { SourceError, type SourceFault } from "../errors.ts";
import { printable } from "./server_words.ts";

// "Try later", whoever asks: no reason to doubt the password.
const BUSY_CODES = new Set([
  "IN-USE",
  "LOGIN-DELAY",
  "SYS/TEMP",
  "LIMIT",
  "UNAVAILABLE",
  "OVERQUOTA",
  "THROTTLED",
]);
const PASSWORD_CODES = new Set(["AUTH", "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED"]);
// Servers without response codes say in words that another session holds the mailbox.
const LOCKED_TEXT =
  /\b(?:maildrop|mailbox|mail box|mail drop)\b.*\b(?:locked|lock|in use|busy)\b|\bunable to lock\b/i;

/** The server answered `-ERR`. The connection can be used on. */
export class Pop3Refusal extends SourceError {
  /** Response code in upper case, such as `IN-USE`; empty without one (RFC 2449, section 8). */
  readonly code: string;

  /** `answer` is safe to print. */
  constructor(action: string, readonly text: string) {
    super("refused", `Cannot ${action}: the server answered "${text}"`);
    this.code = /^-ERR\s+\[([^\]\s]{1,60})\]/i.exec(text)?.[1]?.toUpperCase() ?? "";
  }

  /** Whether the same may well succeed later. */
  get isBusy(): boolean {
    return BUSY_CODES.has(this.code) || (this.code === "" && LOCKED_TEXT.test(this.text));
  }
}

/** What stands for the account. */
export type Pop3Credentials =
  | { readonly account: string; readonly password: string }
  | { readonly account: string; readonly token: string };

/** The refusal of a sign-in, as what it is: a wrong password, a busy mailbox, or a no. */
export function signInError(refusal: Pop3Refusal, context: {
  readonly peer: string;
  readonly credentials: Pop3Credentials;
  /** Added to the sentence, such as what the error challenge said. */
  readonly detail?: string | undefined;
}): SourceError {
  const { peer, credentials, detail } = context;
  const answer = `"${refusal.text}"${detail === undefined ? "" : ` (${detail})`}`;
  const start = `Cannot sign in to ${peer} as "${credentials.account}"`;
  const fault = signInFault(refusal);
  if (fault === "busy") {
    return new SourceError(
      fault,
      `${start}: the mailbox is busy or the server wants us to wait: ${answer}`,
    );
  }
  if (fault === "refused") return new SourceError(fault, `${start}: the server answered ${answer}`);
  const [what, remedy] = "token" in credentials
    ? ["access token", "renew the token, and check that it is for this account and for POP"]
    : ["password", "check account and password; Gmail and some others want an app password here"];
  return new SourceError(fault, `${start}: the ${what} was refused: ${answer}; ${remedy}`);
}

function signInFault(refusal: Pop3Refusal): SourceFault {
  if (refusal.isBusy) return "busy";
  return refusal.code === "" || PASSWORD_CODES.has(refusal.code) ? "credentials" : "refused";
}

/** The base64 text of XOAUTH2 for an account and an access token. */
export function xoauth2Response(account: string, token: string): string {
  return new TextEncoder().encode(`user=${account}\x01auth=Bearer ${token}\x01\x01`).toBase64();
}

/** The status in a server's error challenge, such as `401`; absent when it cannot be made out. */
export function challengeStatus(base64: string): string | undefined {
  try {
    const decoded: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(base64.trim())));
    const status = typeof decoded === "object" && decoded !== null && "status" in decoded
      ? decoded.status
      : undefined;
    if (typeof status !== "string" && typeof status !== "number") return undefined;
    return `status ${printable(String(status)).slice(0, 40)}`;
  } catch {
    // A challenge that is no JSON says nothing more than the refusal that follows it.
    return undefined;
  }
}
