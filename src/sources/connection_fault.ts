/** Says in words what a failed connection means, and what an administrator can do about it. */
import { errorText, SourceError } from "../errors.ts";

interface Attempt {
  /** What was tried, with its object: `connect to "pop.gmail.com:995"`. */
  readonly action: string;
  readonly hostname?: string | undefined;
}

// Deno's TLS errors have no code: only their text tells them apart (rustls; each is a test).
const CERTIFICATE_STATES: readonly [RegExp, string][] = [
  [/not valid yet|NotValidYet/, "is not valid yet; check this machine's clock"],
  [
    /expired/i,
    "has expired; the server's administrator has to renew it, unless this machine's clock is wrong",
  ],
  [
    /UnknownIssuer|BadSignature/,
    "is signed by an authority that is not known here; give the certificate of that authority as ca_file",
  ],
  [
    /CaUsedAsEndEntity/,
    "is that of an authority itself; the server needs one of its own, signed by that authority",
  ],
  [/Revoked/, "has been revoked"],
];
const TLS_MISTAKES: readonly [RegExp, string][] = [
  [
    /InvalidContentType|InvalidMessage|corrupt message/,
    'the server does not speak TLS on this port; use tls = "starttls", or the port that is for TLS',
  ],
  [
    /ProtocolVersion|HandshakeFailure|InsufficientSecurity|incompatible/i,
    "the server is too old: it offers neither TLS 1.2 nor 1.3 with a cipher that is still safe",
  ],
];

/** Explains a failure of the network or of TLS in a sentence with a remedy; passes on what is a `SourceError`. */
export function connectionFault(cause: unknown, { action, hostname = "" }: Attempt): SourceError {
  if (cause instanceof SourceError) return cause;
  const text = errorText(cause);
  if (/peer certificate/i.test(text)) {
    const state = `its certificate ${certificateState(text, hostname)}`;
    return new SourceError("tls", `Cannot ${action}: ${state}`, { cause });
  }
  const mistake = TLS_MISTAKES.find(([pattern]) => pattern.test(text))?.[1];
  if (mistake !== undefined) return new SourceError("tls", `Cannot ${action}: ${mistake}`, { cause });
  const state = networkState(cause, hostname) + (isCutHandshake(cause, action) ? CUT_HANDSHAKE_REMEDY : "");
  return new SourceError("unreachable", `Cannot ${action}: ${state}`, { cause });
}

/** A server that knows no TLS mostly hangs up. */
const CUT_HANDSHAKE_REMEDY = "; check that this port speaks TLS, and that the server lets this machine in";

function isCutHandshake(cause: unknown, action: string): boolean {
  const isCut = [Deno.errors.UnexpectedEof, Deno.errors.ConnectionReset, Deno.errors.BrokenPipe].some((
    kind,
  ) => cause instanceof kind);
  return isCut && /^secure\b/.test(action);
}

function certificateState(text: string, hostname: string): string {
  const known = CERTIFICATE_STATES.find(([pattern]) => pattern.test(text))?.[1];
  if (known !== undefined) return known;
  if (!/not valid for( any)? name|NotValidForName/i.test(text)) return `cannot be verified: ${text}`;
  const found = [...text.matchAll(/(?:DnsName|IpAddress)\("?([^")]{1,100})"?\)/g)].slice(0, 5);
  const others = found.length === 0 ? "" : `; it is for ${found.map((match) => match[1]).join(", ")}`;
  return `is not for "${hostname}"${others}; use a name that the certificate has`;
}

function networkState(cause: unknown, hostname: string): string {
  const text = errorText(cause);
  if (cause instanceof Deno.errors.ConnectionRefused) {
    return "the connection was refused; check the port, and that the server is running";
  }
  if (/failed to lookup address/i.test(text)) {
    return `the name "${hostname}" is not known; check its spelling, and this machine's DNS`;
  }
  if (cause instanceof Deno.errors.NotCapable) return "this process has no permission to (--allow-net)";
  if (cause instanceof Deno.errors.UnexpectedEof) return "the connection was cut";
  if (cause instanceof Deno.errors.ConnectionReset || cause instanceof Deno.errors.BrokenPipe) {
    return "the connection was broken off by the other side";
  }
  if (cause instanceof Deno.errors.TimedOut) return "the other side no longer answers";
  if (cause instanceof Deno.errors.Interrupted || cause instanceof Deno.errors.BadResource) {
    return "the connection is closed";
  }
  return text;
}
