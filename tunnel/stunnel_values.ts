/** The values that options of stunnel.conf can take. */
import { meantBy } from "./slips.ts";
import { isIP, isIPv4, isIPv6 } from "node:net";
import type { Address, MailProtocol } from "./types.ts";

/** A value that cannot be read; caught where the line is known. */
export class ValueError extends Error {
  override name = "ValueError";
  constructor(message: string, readonly remedy?: string) {
    super(message);
  }
}

/** A value read, and whether stunnel itself would have refused this spelling. */
export interface Lenient<T> {
  readonly value: T;
  readonly lenient: boolean;
}

/** Said of spellings that are taken though stunnel does not. */
export const SLIP = "stunnel would reject this spelling";

/**
 * Reads a value; where that fails and an inline comment follows, which stunnel does not know, reads again without it.
 * Throws `ValueError`.
 */
export function readLenient<T>(text: string, read: (text: string) => T): Lenient<T> {
  try {
    return { value: read(text), lenient: false };
  } catch (error) {
    const comment = text.search(/[ \t][;#]/);
    if (!(error instanceof ValueError) || comment < 0) throw error;
    try {
      return { value: read(text.slice(0, comment).trimEnd()), lenient: true };
    } catch {
      throw error;
    }
  }
}

const SLIPS = new Map([["true", true], ["on", true], ["false", false], ["off", false]]);

/** `yes` or `no` in any case; `true`, `on`, `false`, `off` are taken as slips. Throws `ValueError`. */
export function readBoolean(text: string): Lenient<boolean> {
  const word = text.toLowerCase();
  if (word === "yes" || word === "no") return { value: word === "yes", lenient: false };
  const slip = SLIPS.get(word);
  if (slip === undefined) throw new ValueError('needs to be "yes" or "no"', didYouMean(word, ["yes", "no"]));
  return { value: slip, lenient: true };
}

/** The advice for a word with a slip in it. */
export function didYouMean(text: string, words: readonly string[]): string | undefined {
  const meant = meantBy(text, words);
  return meant === undefined ? undefined : `Did you mean "${meant}"?`;
}

/** A whole number from `min` to `max`. Throws `ValueError`. */
export function readInteger(text: string, range: { readonly min: number; readonly max: number }): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (!(number >= range.min && number <= range.max)) {
    throw new ValueError(`needs to be a whole number from ${range.min} to ${range.max}`);
  }
  return number;
}

/** One of the words, in any case. Throws `ValueError`. */
export function readWord<const Word extends string>(text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  throw new ValueError(`needs to be one of ${words.join(", ")}`, didYouMean(text, words));
}

/** Names of ports as administrators write them in mail configurations (IANA, and the old ones of /etc/services). */
const PORTS = new Map(Object.entries({
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  mail: 25,
  domain: 53,
  http: 80,
  www: 80,
  pop3: 110,
  "pop-3": 110,
  nntp: 119,
  imap: 143,
  imap2: 143,
  ldap: 389,
  https: 443,
  submissions: 465,
  smtps: 465,
  ssmtp: 465,
  urd: 465,
  nntps: 563,
  submission: 587,
  ldaps: 636,
  telnets: 992,
  imaps: 993,
  ircs: 994,
  pop3s: 995,
  socks: 1080,
  mysql: 3306,
  sieve: 4190,
  postgresql: 5432,
}));

/** An address: a path, or host and port; `host` is absent when only a port is given, `*` for all addresses. */
export type PartialAddress = { readonly path: string } | { readonly host?: string; readonly port: number };

/** An address read, and what stunnel would have said against its spelling. */
export interface AddressReading {
  readonly value: PartialAddress;
  readonly slip?: string;
}

/**
 * An address as stunnel splits it: a path when it starts with `/`, else at the last colon; brackets around IPv6 are a
 * slip. Throws `ValueError`.
 */
export function readAddress(text: string): AddressReading {
  if (text.startsWith("/")) {
    // sun_path has room for 108 bytes, the closing NUL included.
    if (new TextEncoder().encode(text).length > 107) throw new ValueError("is too long for a UNIX socket");
    if (/\p{Cc}/u.test(text) || /[ \t][;#]/.test(text)) throw new ValueError("is no path for a UNIX socket");
    return { value: { path: text } };
  }
  const colon = text.lastIndexOf(":");
  const { port, slip } = readPort(text.slice(colon + 1));
  if (colon < 0) return { value: { port }, ...slip };
  const bracketed = /^\[(.*)\]$/.exec(text.slice(0, colon))?.[1];
  const host = bracketed ?? text.slice(0, colon);
  if (!isIP(host) && !isHostName(host) && host !== "*") {
    throw new ValueError("needs to be a host and a port, as in localhost:110");
  }
  if (bracketed !== undefined) {
    return { value: { host, port }, slip: `${SLIP}: IPv6 addresses have no brackets` };
  }
  return { value: { host, port }, ...slip };
}

function readPort(text: string): { readonly port: number; readonly slip: { readonly slip?: string } } {
  // strtol() and getservbyname(): white space may precede a number, and names of services are in small letters.
  const digits = text.trimStart();
  if (/^\d{1,5}$/.test(digits) && Number(digits) <= 65535) return { port: Number(digits), slip: {} };
  const port = PORTS.get(text.toLowerCase());
  if (port === undefined) {
    throw new ValueError("its port is neither a number up to 65535 nor a known name of one");
  }
  const isExact = text === text.toLowerCase();
  return {
    port,
    slip: isExact ? {} : { slip: `stunnel would not know "${text}": services are in small letters` },
  };
}

/** Whether this can be a host's name: letters, digits, `-`, `_` and dots, at most 253 characters. */
export function isHostName(text: string): boolean {
  return text.length <= 253 && /^[\p{L}\p{N}_]([\p{L}\p{N}_.-]*[\p{L}\p{N}_.])?$/u.test(text) &&
    !text.includes("..");
}

/** Whether only programs on this machine can reach the address. */
export function isLocal(address: Address): boolean {
  if ("path" in address) return true;
  const host = address.host.toLowerCase().replace(/^::ffff:/, "");
  if (isIPv4(host)) return host.startsWith("127.");
  if (isIPv6(host)) return /^(0{0,4}:)+0{0,3}1$/.test(host);
  return host === "localhost" || host.endsWith(".localhost") || host === "ip6-localhost";
}

/** `host:port`, the host in brackets where it has colons; or the path. */
export function formatAddress(address: Address): string {
  if ("path" in address) return address.path;
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

const MAIL_PORTS = new Map<number, MailProtocol>([
  [110, "pop3"],
  [995, "pop3"],
  [1110, "pop3"],
  [143, "imap"],
  [993, "imap"],
  [1143, "imap"],
  [25, "smtp"],
  [465, "smtp"],
  [587, "smtp"],
  [1025, "smtp"],
  [1587, "smtp"],
]);

/** The mail protocol of a section: by its ports, or because its name contains it. */
export function guessMailProtocol(name: string, addresses: readonly Address[]): MailProtocol | undefined {
  for (const address of addresses) {
    const protocol = "port" in address ? MAIL_PORTS.get(address.port) : undefined;
    if (protocol !== undefined) return protocol;
  }
  const inName = /pop3|imap|smtp/i.exec(name)?.[0].toLowerCase();
  return inName === "pop3" || inName === "imap" || inName === "smtp" ? inName : undefined;
}

/** The text without control characters: what a file says must not command a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "");
}
