/**
 * What an error of the network or of TLS means, and what to do about it. Deno gives certificate errors no code, so this
 * reads their texts; tests hold it to the Deno version in use.
 */
import { isIP } from "node:net";
import { TunnelError, type TunnelFault } from "./types.ts";

/** What was being reached when the error came. */
export interface Attempt {
  /** `host:port` or a path, for the message. */
  readonly target: string;
  /** The name the certificate was to carry. */
  readonly name?: string;
}

interface Rule {
  readonly text: RegExp;
  readonly kind: TunnelFault;
  state(attempt: Attempt, match: RegExpExecArray): string;
  readonly remedy: string;
}

const RULES: readonly Rule[] = [
  {
    text: /fatal alert: (\w*Certificate\w*|UnknownCA|AccessDenied)/i,
    kind: "tls",
    state: (_attempt, match) => `the server wants another client certificate (${match[1]})`,
    remedy: "Set cert and key to the certificate the server's administrator gave out",
  },
  {
    text: /certificate expired(?:.*not valid after (\d+))?/i,
    kind: "certificate-expired",
    state: (_attempt, match) => `its certificate has expired${since(match[1])}`,
    remedy: "The server's administrator has to renew it; check this machine's clock",
  },
  {
    text: /certificate not valid yet(?:.*not valid before (\d+))?/i,
    kind: "certificate-not-yet-valid",
    state: (_attempt, match) => `its certificate is not valid yet${since(match[1])}`,
    remedy: "Check this machine's clock; else ask the server's administrator",
  },
  {
    text: /not valid for name "[^"]*"(?:; certificate is (?:only valid for|not valid for any names)(.*))?/i,
    kind: "certificate-name",
    state: ({ name }, match) => `its certificate is not for "${name ?? ""}"${names(match[1])}`,
    remedy: "Set connect to a name the certificate has, or checkHost to the name that is meant",
  },
  {
    text: /CaUsedAsEndEntity|DEPTH_ZERO_SELF_SIGNED_CERT|^self.signed certificate(?! in)/i,
    kind: "certificate-self-signed",
    state: () => "its certificate is self-signed",
    remedy: "Check it with the server's administrator, then pin it: verifyPeer = yes and CAfile = FILE.pem",
  },
  {
    // The issuer's name is known but not its key: another authority of the same name.
    text:
      /UnknownIssuer|BadSignature|UNABLE_TO_VERIFY|unable to verify the first|UNABLE_TO_GET_ISSUER|SELF_SIGNED_CERT_IN_CHAIN/i,
    kind: "certificate-unknown-issuer",
    state: () => "its certificate comes from an authority that is not trusted here",
    remedy:
      "For a private authority set CAfile to its certificate; else the server does not send its whole chain",
  },
  {
    text: /invalid peer certificate: ([^:]+)|certificate/i,
    kind: "certificate",
    state: (_attempt, match) =>
      `its certificate cannot be used${match[1] === undefined ? "" : ` (${match[1]})`}`,
    remedy:
      "Ask the server's administrator for a certificate with the host's name, RSA of 2048 bits or ECDSA",
  },
  {
    text: /InvalidContentType|corrupt message|wrong version number/i,
    kind: "plain-text",
    state: () => "the server speaks plain text on this port",
    remedy: "Use its TLS port (995, 993, 465), or set protocol = pop3, imap or smtp for STARTTLS",
  },
  {
    text: /ProtocolVersion|HandshakeFailure|PeerIncompatible|InsufficientSecurity|incompatible/i,
    kind: "too-old",
    // TLS 1.2 has one alert for both.
    state: (_attempt, [alert]) =>
      "the server is too old: it knows neither TLS 1.2 with ECDHE nor TLS 1.3" +
      (/HandshakeFailure/i.test(alert) ? ", or wants a client certificate" : ""),
    remedy: "The server has to be updated; if it wants a client certificate, set cert and key",
  },
  {
    text: /lookup address information|ENOTFOUND|EAI_AGAIN|getaddrinfo/i,
    kind: "dns",
    state: () => "the name cannot be looked up",
    remedy: "Check the name, and this machine's network and DNS",
  },
];

/** Turns whatever an attempt threw into a `TunnelError`. */
export function explain(error: unknown, attempt: Attempt): TunnelError {
  if (error instanceof TunnelError) return error;
  const fail = (kind: TunnelFault, state: string, remedy?: string) =>
    new TunnelError(kind, `Cannot connect to "${attempt.target}": ${state}`, {
      cause: error,
      ...(remedy === undefined ? {} : { remedy }),
    });
  const code = codeOf(error);
  const text = `${error instanceof Error ? error.message : String(error)} ${code}`;
  if (error instanceof Deno.errors.ConnectionRefused || code === "ECONNREFUSED") {
    return fail("refused", "nothing listens there", "Check host and port, and whether the server runs");
  }
  for (const rule of RULES) {
    const match = rule.text.exec(text);
    if (match !== null) return fail(rule.kind, rule.state(attempt, match), rule.remedy);
  }
  if (/too many open files|EMFILE|ENFILE/i.test(text)) return tooManyFiles(attempt, error);
  if (error instanceof Deno.errors.ConnectionReset || code === "ECONNRESET" || code === "EPIPE") {
    return fail(
      "reset",
      "the server reset the connection",
      "Check the port; the server may refuse this address",
    );
  }
  if (error instanceof Deno.errors.UnexpectedEof) {
    return fail(
      "reset",
      "the server hung up before TLS was ready",
      "Check the port; the server may refuse this address",
    );
  }
  if (error instanceof Deno.errors.TimedOut || code === "ETIMEDOUT") {
    return timedOut(attempt, "answer", error);
  }
  if (error instanceof Deno.errors.NotFound || code === "ENOENT") {
    return fail("refused", "there is no such socket");
  }
  if (error instanceof Deno.errors.NotCapable) {
    return fail("configuration", "this process has no permission for it", "Widen --allow-net");
  }
  if (/unreachable|ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL/i.test(text)) {
    return fail("unreachable", "there is no way to this address", "Check this machine's network");
  }
  return fail("tls", text.trim().slice(0, 200));
}

/** A time limit of ours passed before the server did what was expected. */
export function timedOut(attempt: Attempt, deed: string, cause?: unknown): TunnelError {
  return new TunnelError(
    "timeout",
    `Cannot connect to "${attempt.target}": the server did not ${deed} in time`,
    {
      cause,
      remedy: "Check host and port, and whether a firewall drops the connection",
    },
  );
}

/** Turns what the TLS handshake with a client threw into a `TunnelError`. */
export function explainClient(error: unknown, client: string): TunnelError {
  const { kind, message } = explain(error, { target: client });
  const [state, remedy] = clientFault(kind, message);
  return new TunnelError(kind, `Cannot secure the connection of "${client}": ${state}`, {
    cause: error,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

function clientFault(kind: TunnelFault, message: string): [state: string, remedy?: string] {
  switch (kind) {
    case "plain-text":
      return ["it speaks plain text", "Turn TLS on in that program for this address"];
    case "too-old":
      return ["it knows neither TLS 1.2 with ECDHE nor TLS 1.3", "That program has to be updated"];
    case "timeout":
      return ["it did not finish the TLS handshake in time"];
    case "reset":
      return ["it left during the TLS handshake"];
    case "tls": {
      const alert = /client certificate \((\w+)\)/.exec(message)?.[1];
      if (alert === undefined) break;
      return [
        `it does not accept the certificate (${alert})`,
        "Let that program trust the authority of cert, and connect to a name the certificate has",
      ];
    }
  }
  return [message.replace(/^Cannot connect to "[^"]*": /, "")];
}

/** No descriptor was left for the attempt. */
export function tooManyFiles(attempt: Attempt, cause?: unknown): TunnelError {
  return new TunnelError(
    "descriptors",
    `Cannot connect to "${attempt.target}": this process may not open more files`,
    { cause, remedy: "Raise its limit (ulimit -n, LimitNOFILE=)" },
  );
}

/** Whether it was the want of a descriptor: looking up a name then fails with codes that mean other things. */
export function lacksDescriptors(error: unknown, host: string): boolean {
  const code = codeOf(error);
  if (isIP(host) !== 0) return false;
  if (code === "EBUSY" || code === "EINVAL") return true;
  if (code !== "ENOTFOUND" && !/lookup address information/.test(String(error))) return false;
  try {
    Deno.openSync(Deno.build.os === "windows" ? "NUL" : "/dev/null").close();
    return false;
  } catch (reason) {
    return codeOf(reason) === "EMFILE" || codeOf(reason) === "ENFILE";
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function since(seconds: string | undefined): string {
  return seconds === undefined ? "" : ` (${new Date(Number(seconds) * 1000).toISOString().slice(0, 10)})`;
}

function names(list: string | undefined): string {
  const found = [...(list ?? "").matchAll(/(?:DnsName\("([^"]*)"\)|IpAddress\(([^)]*)\))/g)]
    .map((match) => match[1] ?? match[2]);
  return found.length === 0 ? "" : `, but for ${found.slice(0, 5).join(", ")}`;
}
