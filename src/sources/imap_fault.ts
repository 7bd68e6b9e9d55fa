/** Says in words what a failed IMAP command means; see RFC 5530 for the response codes. */
import { GatewayError, SourceError, type SourceFault } from "../errors.ts";
import { printable } from "./server_words.ts";

// "Try later", whichever mail is asked for.
const BUSY_CODES = new Set(["LIMIT", "UNAVAILABLE", "OVERQUOTA", "INUSE", "THROTTLED"]);
const PASSWORD_CODES = new Set(["AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED"]);
// Without a code of RFC 5530 only the words say that the password is not to blame.
const BUSY_TEXT =
  /too many|simultaneous|connections|exceeded|temporar|try again|later|unavailable|busy|throttl|rate limit|internal|in use/i;
// What a server says that ends a connection for reasons of its own.
const LEAVING_TEXT = /maintenance|restart|reboot|shut|inactiv|idle|time ?out|autologout/i;

// What imapflow says by itself, without a code (each is a test).
const IMAPFLOW_STATES: readonly [message: string, state: string, fault: SourceFault][] = [
  [
    "Server does not support STARTTLS",
    'it does not offer STARTTLS, and nothing is sent without; use tls = "implicit" and the port for that',
    "tls",
  ],
  [
    "STARTTLS is not possible after a PREAUTH greeting",
    "it wants to go on without STARTTLS: someone may be tampering with the connection",
    "tls",
  ],
  ["Login is disabled", 'it takes no password on this connection; use tls = "starttls" or "implicit"', "tls"],
  [
    "Unsupported authentication mechanism",
    'it offers no sign-in with an access token; use auth = "password", or another server',
    "refused",
  ],
  [
    "Authentication failed",
    "the mailbox cannot be reached by this account; check that IMAP is allowed for it",
    "refused",
  ],
];

/** What is known of a connection when something fails on it. */
export interface LinkContext {
  /** With its quotes, as `MailConnection.peer` gives it. */
  readonly peer: string;
  /** What went wrong on the connection itself, which the command only suffers from. */
  readonly linkError?: unknown;
}

/** What is known of a command that failed. */
export interface FaultContext extends LinkContext {
  /** What was tried: `open the mailbox "INBOX"`. */
  readonly action: string;
}

/** What is known of a sign-in that failed. */
export interface SignInContext extends LinkContext {
  readonly account: string;
  readonly auth: "password" | "xoauth2";
  /** Password or token, so that it is not repeated. */
  readonly secret: string;
}

/** What imapflow adds to its errors. */
interface ImapFlowDetails {
  readonly code?: string;
  readonly responseStatus?: string;
  readonly responseText?: string;
  readonly serverResponseCode?: string;
  readonly authenticationFailed?: boolean;
  readonly reason?: string;
  readonly message: string;
}

/** Why a command failed, as an error to throw; passes on what is a `GatewayError` already. */
export function imapError(error: unknown, context: FaultContext): GatewayError {
  const known = [error, context.linkError].find((one) => one instanceof GatewayError);
  if (known instanceof GatewayError) return known;
  const [fault, state] = describe(error, context);
  return new SourceError(fault, `Cannot ${context.action}: ${state}`, { cause: error });
}

/** Why a sign-in failed: `credentials` only when the server refused them. Has no cause: that might repeat the secret. */
export function signInError(error: unknown, context: SignInContext): GatewayError {
  const known = [error, context.linkError].find((one) => one instanceof GatewayError);
  if (known instanceof GatewayError) return known;
  const start = `Cannot sign in to ${context.peer} as "${context.account}"`;
  const details = detailsOf(error);
  const said = withoutSecrets(printable(details.responseText ?? ""), context);
  if (details.authenticationFailed !== true || details.responseText === undefined) {
    const [fault, state] = describe(error, context);
    return new SourceError(fault, `${start}: ${withoutSecrets(state, context)}`);
  }
  if (details.serverResponseCode === "PRIVACYREQUIRED") {
    return new SourceError(
      "tls",
      `${start}: the server wants TLS first ("${said}"); use tls = "starttls"`,
    );
  }
  if (!isPasswordRefused(details)) {
    const state = `the server wants us to wait, or to stay out: "${said}"`;
    return new SourceError(isBusy(details) ? "busy" : "refused", `${start}: ${state}`);
  }
  const [what, remedy] = context.auth === "xoauth2"
    ? ["access token", "renew the token, and check that it is for this account and for IMAP"]
    : [
      "password",
      "check account and password, and that IMAP is allowed for it; Gmail and some others want an app password here",
    ];
  const status = challengeStatus(error);
  return new SourceError("credentials", `${start}: the ${what} was refused: "${said}"${status}; ${remedy}`);
}

/** A refusal of a command that imapflow only reports as `false`. */
export function refusal(said: string | undefined, action: string): SourceError {
  const state = said === undefined ? "the server refused it" : `the server answered "${printable(said)}"`;
  return new SourceError("refused", `Cannot ${action}: ${state}`);
}

/** What the server answered, where imapflow kept it. */
export function answerOf(error: unknown): string | undefined {
  const { responseText } = detailsOf(error);
  return responseText === undefined ? undefined : printable(responseText);
}

/** Whether the server said no to this one mail or mailbox, and may well say yes to another. */
export function isRefused(error: unknown): boolean {
  const { responseStatus, serverResponseCode = "", code } = detailsOf(error);
  return responseStatus !== undefined && code !== "ETHROTTLE" && !BUSY_CODES.has(serverResponseCode);
}

/** Whether a mailbox could not be opened because it does not exist. */
export function isMailboxMissing(error: unknown): boolean {
  return error instanceof Error && "mailboxMissing" in error && error.mailboxMissing === true;
}

/** What the server's error challenge to a token said (RFC 7628, section 3.2.2). */
function challengeStatus(error: unknown): string {
  const challenge: unknown = error instanceof Error ? Reflect.get(error, "oauthError") : undefined;
  if (typeof challenge !== "object" || challenge === null || !("status" in challenge)) return "";
  return ` (status ${printable(String(challenge.status))})`;
}

function isPasswordRefused(
  { serverResponseCode, responseStatus, responseText = "" }: ImapFlowDetails,
): boolean {
  if (responseStatus !== "NO") return false;
  if (serverResponseCode !== undefined && PASSWORD_CODES.has(serverResponseCode)) return true;
  // Gmail has ALERT both for a wrong password and for too many connections.
  const isTelling = serverResponseCode !== undefined && serverResponseCode !== "ALERT" &&
    !serverResponseCode.startsWith("WEBALERT");
  return !isTelling && !BUSY_TEXT.test(responseText);
}

function describe(error: unknown, { peer, linkError }: LinkContext): [SourceFault, string] {
  const details = detailsOf(error);
  const { code = "" } = details;
  if (details.reason !== undefined) {
    const isLater = BUSY_TEXT.test(details.reason) || LEAVING_TEXT.test(details.reason);
    return [isLater ? "busy" : "refused", `${peer} says goodbye: "${printable(details.reason)}"`];
  }
  if (details.responseText !== undefined || details.responseStatus !== undefined) {
    const state = `the server answered "${printable(details.responseText ?? "")}"`;
    return [isBusy(details) ? "busy" : "refused", state];
  }
  if (/^(NoConnection|EConnectionClosed|ClosedAfterConnect\w*|StateLogout)$/.test(code)) {
    if (linkError !== undefined && linkError !== error) return describe(linkError, { peer });
    return [
      "unreachable",
      code.startsWith("ClosedAfterConnect")
        ? `${peer} closed the connection without a greeting; check the port, how tls is set, and that the server lets this machine in`
        : `${peer} closed the connection`,
    ];
  }
  if (code === "GREETING_TIMEOUT") {
    return ["unreachable", `${peer} does not greet; check that this port speaks IMAP, and how tls is set`];
  }
  if (code === "CONNECT_TIMEOUT" || code === "UPGRADE_TIMEOUT" || code === "ETIMEOUT") {
    return ["unreachable", `${peer} no longer answers`];
  }
  if (code === "STARTTLS_INJECTION") {
    return [
      "tls",
      `${peer} sent more after STARTTLS than it may: someone may be tampering with the connection`,
    ];
  }
  if (/^(ParserError|InvalidResponse|MAX_IMAP|LineToo|LiteralToo|ResponseToo|TooMany)/.test(code)) {
    return ["unreachable", `${peer} sent what is not IMAP (${code})`];
  }
  if (code !== "") return ["unreachable", `${printable(details.message)} (${code})`];
  const known = IMAPFLOW_STATES.find(([message]) => message === details.message);
  return known === undefined ? ["refused", printable(details.message)] : [known[2], known[1]];
}

/** Whether the server would perhaps say yes later, by its code or else by its words. */
function isBusy({ code, serverResponseCode = "ALERT", responseText = "" }: ImapFlowDetails): boolean {
  if (code === "ETHROTTLE" || serverResponseCode === "SERVERBUG") return true;
  return serverResponseCode === "ALERT" ? BUSY_TEXT.test(responseText) : BUSY_CODES.has(serverResponseCode);
}

function detailsOf(error: unknown): ImapFlowDetails {
  if (!(error instanceof Error)) return { message: String(error) };
  const entries = ["code", "responseStatus", "responseText", "serverResponseCode", "reason"]
    .map((key) => [key, Reflect.get(error, key)])
    .filter(([, value]) => typeof value === "string" && value !== "");
  const details: Partial<ImapFlowDetails> = Object.fromEntries(entries);
  const serverResponseCode = (details.serverResponseCode ?? responseCode(Reflect.get(error, "response")))
    ?.toUpperCase();
  return {
    ...details,
    ...(serverResponseCode === undefined ? {} : { serverResponseCode }),
    authenticationFailed: Reflect.get(error, "authenticationFailed") === true,
    message: error.message,
  };
}

/** The code in brackets of a parsed response, which imapflow makes out for a few commands only. */
function responseCode(response: unknown): string | undefined {
  const path = ["attributes", 0, "section", 0, "value"];
  const value = path.reduce<unknown>(
    (found, key) => typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined,
    response,
  );
  return typeof value === "string" ? value : undefined;
}

/** Some servers repeat the command they did not understand. */
function withoutSecrets(text: string, { account, secret }: SignInContext): string {
  const encoder = new TextEncoder();
  const forms = [secret, `\0${account}\0${secret}`, `user=${account}\x01auth=Bearer ${secret}\x01\x01`];
  const secrets = forms.flatMap((form) => [printable(form), encoder.encode(form).toBase64()]);
  return secrets.filter((form) => form !== "").reduce((rest, form) => rest.replaceAll(form, "***"), text);
}
