/** Every option stunnel knows (up to 5.75), and ours, with what it does here. */
import { isIP } from "node:net";
import { type Draft, type Report, TLS_VERSIONS, type TlsVersion } from "./stunnel_draft.ts";
import {
  didYouMean,
  isHostName,
  type PartialAddress,
  readAddress,
  readBoolean,
  readInteger,
  readWord,
  SLIP,
  ValueError,
} from "./stunnel_values.ts";

/** An option that is read into the draft, or one that only gets a word said about it. */
export type Option =
  | {
    /** Before the first section only, or also in sections. */
    readonly scope: "global" | "service";
    /** Its value never appears in a message. */
    readonly secret?: boolean;
    /** Changes the draft, or throws `ValueError` and leaves it. */
    read(draft: Draft, value: string, report: Report): void;
  }
  | {
    readonly scope: "global" | "service";
    readonly secret?: boolean;
    readonly severity: "error" | "warning" | "info";
    readonly message: string;
    readonly remedy?: string;
  };

const MAX_SECONDS = 2_000_000;
const MAX_REPEATS = 100;

/** By name in lower case: stunnel does not tell upper from lower case in names. */
export const OPTIONS: ReadonlyMap<string, Option> = new Map<string, Option>([
  ["client", flag((draft, value) => void (draft.client = value))],
  ["accept", address((draft, value) => add(value, draft.accept))],
  [
    "connect",
    address((draft, value) => {
      if ("port" in value && value.host === "*") throw new ValueError("needs to be a host and a port");
      if ("port" in value && value.port === 0) throw new ValueError("port 0 is no port to connect to");
      add(value, draft.connect);
    }),
  ],
  ["failover", service((draft, value) => void (draft.failover = readWord(value, ["rr", "prio"])))],
  [
    "delay",
    flag((_draft, _value, report) => report("info", "delay: names are looked up for every connection")),
  ],
  ["unsafe-listen", flag((draft, value) => void (draft.unsafeListen = value))],
  [
    "max-connections",
    service((draft, value) => {
      draft.maxConnections = readInteger(value, { min: 1, max: 100_000 });
    }),
  ],
  ["truncation", service((draft, value) => void (draft.truncation = readWord(value, ["reset", "eof"])))],
  [
    "reset",
    flag((draft, value, report) => {
      draft.truncation = value ? "reset" : "eof";
      if (!value) {
        report("warning", "reset = no: a mail cut short upstream looks complete to the mail program");
      }
    }),
  ],

  ["verify", service(readVerify)],
  ["verifychain", flag((draft, value) => void (draft.verifyChain = value))],
  ["verifypeer", flag((draft, value) => void (draft.verifyPeer = value))],
  ["requirecert", flag((draft, value) => void (draft.requestCert = value))],
  [
    "checkhost",
    service((draft, value) => {
      if (!isHostName(value.replace(/^\*\./, ""))) throw new ValueError("needs to be a host name");
      add(value, draft.checkHost);
    }),
  ],
  [
    "checkip",
    service((draft, value) => {
      if (!isIP(value)) throw new ValueError("needs to be an IP address");
      add(value, draft.checkIp);
    }),
  ],
  ["checkemail", said("error", "names of persons in certificates are not checked")],
  ["cafile", service((draft, value) => void (draft.caFile = value === "" ? undefined : value))],
  ["capath", service((draft, value) => void (draft.caPath = value === "" ? undefined : value))],
  [
    "castore",
    said(
      "error",
      "certificate stores of OpenSSL are not supported",
      "Export it to a PEM file and set CAfile",
    ),
  ],
  ["caengine", said("error", "engines are not supported")],
  [
    "sni",
    service((draft, value) => {
      if (value !== "" && !isHostName(value)) {
        throw new ValueError(
          "needs to be a host name; services chosen by the client's SNI are not supported",
        );
      }
      draft.sni = value;
    }),
  ],
  // The address of a key in a token can have its PIN in it.
  ["cert", secret((draft, value) => void (draft.cert = certificate(value)))],
  ["key", secret((draft, value) => void (draft.key = certificate(value)))],
  ["crlfile", said("warning", "revoked certificates are not recognised")],
  ["crlpath", said("warning", "revoked certificates are not recognised")],
  ["ocsp", said("warning", "revoked certificates are not recognised")],
  ["ocspaia", said("info", "revoked certificates are not recognised")],
  ...["ocspflag", "ocspnonce", "ocsprequire", "timeoutocsp"].map(
    ignored("revoked certificates are not recognised"),
  ),

  [
    "sslversion",
    service((draft, value, report) => {
      const version = readVersion(value, report);
      if (version === "TLSv1.2") {
        report("warning", "sslVersion = TLSv1.2 forbids TLS 1.3 in stunnel; this takes 1.2 and newer");
      }
      draft.minVersion = version;
      draft.maxVersion = version;
    }),
  ],
  ["sslversionmin", service((draft, value, report) => void (draft.minVersion = readVersion(value, report)))],
  [
    "sslversionmax",
    service((draft, value, report) => {
      const version = readVersion(value, report);
      if (version === "TLSv1.2") {
        report("warning", "sslVersionMax = TLSv1.2 forbids TLS 1.3 in stunnel; this has no upper limit");
      }
      draft.maxVersion = version;
    }),
  ],
  ["options", service(readSwitch)],
  ...["ciphers", "ciphersuites", "curves", "curve", "securitylevel", "config"].map(
    (name): [string, Option] => [name, said("warning", "ignored, only current ciphers and curves are used")],
  ),
  [
    "renegotiation",
    flag((_draft, value, report) => {
      report(value ? "warning" : "info", "renegotiation: ignored, TLS connections are never renegotiated");
    }),
  ],

  [
    "protocol",
    service((draft, value) => {
      const protocol = value.toLowerCase();
      if (protocol !== "pop3" && protocol !== "imap" && protocol !== "smtp" && protocol !== "connect") {
        const advice = didYouMean(protocol, ["pop3", "imap", "smtp", "connect"]);
        throw new ValueError("is not supported; pop3, imap, smtp and connect are", advice);
      }
      draft.protocol = protocol;
    }),
  ],
  [
    "protocolhost",
    secret((draft, value) => {
      if (/[\s\p{Cc}]/u.test(value) || value === "") throw new ValueError("needs to be a host and a port");
      draft.protocolHost = value;
    }),
  ],
  ["protocolusername", secret((draft, value) => void (draft.protocolUsername = value))],
  [
    "protocolpassword",
    secret((draft, value, report) => {
      draft.protocolPassword = value;
      report(
        "warning",
        "protocolPassword: the password stands in clear text in this file",
        "Let nobody else read it: chmod 600",
      );
    }),
  ],
  [
    "protocolauthentication",
    service((_draft, value, report) => {
      const word = readWord(value, ["basic", "plain", "login", "ntlm"]);
      if (word === "ntlm") throw new ValueError("is not supported; basic is");
      if (word === "login") {
        report("info", "protocolAuthentication = login: PLAIN is used, which every server with LOGIN knows");
      }
    }),
  ],
  ["protocoldomain", said("error", "only NTLM needs it, which is not supported")],
  ["protocolheader", said("error", "headers of your own are not supported")],

  ["timeoutbusy", seconds("TIMEOUTbusy", (draft, value) => void (draft.handshakeSeconds = value))],
  ["timeoutconnect", seconds("TIMEOUTconnect", (draft, value) => void (draft.connectSeconds = value))],
  [
    "timeoutclose",
    service((draft, value) => {
      draft.closeSeconds = readInteger(value, { min: 0, max: MAX_SECONDS });
    }),
  ],
  [
    "timeoutidle",
    seconds("TIMEOUTidle", (draft, value, report) => {
      draft.idleSeconds = value;
      if (value < 1800) {
        report("warning", "TIMEOUTidle under 1800 seconds cuts IMAP connections that wait for mail (IDLE)");
      }
    }),
  ],
  ["socket", service(readSocketOption)],

  ...["exec", "transparent", "redirect", "ident", "libwrap", "local"].map(unsupported),
  // A section with exec is in error for that.
  ...["execargs", "pty", "retry"].map(ignored("ignored, it has a meaning beside exec alone")),
  ...["pskidentity", "psksecrets"].map(
    (
      name,
    ): [string, Option] => [name, said("error", "pre-shared keys are not supported", "Use certificates")],
  ),
  ...["engineid", "enginenum"].map(
    (
      name,
    ): [string, Option] => [
      name,
      said("error", "keys in tokens are not supported", "Set cert and key to PEM files"),
    ],
  ),
  ...["chroot", "setuid", "setgid"].map((name): [string, Option] => [name, {
    scope: "global",
    severity: "warning",
    message: "ignored, a program on Deno cannot give up its rights by itself",
    remedy: "Start it as that user, and give it only the rights it needs (tunnel/README.md)",
  }]),
  ...["sessioncachesize", "sessioncachetimeout", "session", "sessionresume", "sessiond", "stack"].map(
    ignored("ignored, sessions are not resumed"),
  ),
  ...["ticketkeysecret", "ticketmacsecret"].map(ignored("ignored, sessions are not resumed")),
  ...["debug", "logid"].map(ignored("ignored, see the settings of the log")),
  ["service", said("info", "ignored, the section's own name stands in the log and on the page")],
  ...["output", "syslog", "pid", "foreground", "log", "iconactive", "iconerror", "iconidle", "taskbar"].map(
    global("ignored, logs go to standard error and the service manager watches the process"),
  ),
  ...[
    "compression",
    "egd",
    "rndbytes",
    "rndfile",
    "rndoverwrite",
    "fips",
    "engine",
    "enginectrl",
    "enginedefault",
  ].map(
    global("ignored, it has no meaning without OpenSSL"),
  ),
  ...["provider", "providerparameter", "setenv"].map(global("ignored, it has no meaning without OpenSSL")),
  // Followed before this table is asked; met only where a text alone is read.
  ["include", said("error", "cannot be followed here")],
]);

function service(read: (draft: Draft, value: string, report: Report) => void): Option {
  return { scope: "service", read };
}

function secret(read: (draft: Draft, value: string, report: Report) => void): Option {
  return { scope: "service", secret: true, read };
}

function add<T>(value: T, list: T[]): void {
  if (list.length >= MAX_REPEATS) throw new ValueError(`there are already ${MAX_REPEATS} in this section`);
  list.push(value);
}

function flag(read: (draft: Draft, value: boolean, report: Report) => void): Option {
  return service((draft, text, report) => {
    const { value, lenient } = readBoolean(text);
    if (lenient) report("warning", `${SLIP}: only yes and no`);
    read(draft, value, report);
  });
}

function address(read: (draft: Draft, value: PartialAddress) => void): Option {
  return service((draft, text, report) => {
    const { value, slip } = readAddress(text);
    read(draft, value);
    if (slip !== undefined) report("warning", slip);
  });
}

function seconds(name: string, read: (draft: Draft, value: number, report: Report) => void): Option {
  return service((draft, text, report) => {
    const value = readInteger(text, { min: 0, max: MAX_SECONDS });
    if (value > 0) read(draft, value, report);
    else report("warning", `${name} = 0 would cut every connection; the usual limit is kept`);
  });
}

function said(severity: "error" | "warning" | "info", message: string, remedy?: string): Option {
  return { scope: "service", severity, message, ...(remedy === undefined ? {} : { remedy }) };
}

function ignored(message: string): (name: string) => [string, Option] {
  return (name) => [name, said("info", message)];
}

function global(message: string): (name: string) => [string, Option] {
  return (name) => [name, { scope: "global", severity: "info", message }];
}

/** Options that a section cannot do without once it has them; saying no to them is fine. */
function unsupported(name: string): [string, Option] {
  return [
    name,
    service((_draft, value, report) => {
      if (/^(no|none)$/i.test(value)) return;
      report("error", `${name}: not supported, so this section cannot run`, "Keep stunnel for this section");
    }),
  ];
}

function certificate(value: string): string | undefined {
  if (/^(pkcs11|engine):/i.test(value)) throw new ValueError("keys in tokens are not supported");
  return value === "" ? undefined : value;
}

const VERIFY_LEVELS = [
  "it asked for nothing, here the server is always verified",
  "it says the same as verifyChain = yes",
  "it says the same as verifyChain = yes",
  "it says the same as verifyChain = yes and verifyPeer = yes",
  "it says the same as verifyPeer = yes",
];

function readVerify(draft: Draft, value: string, report: Report): void {
  const meaning = /^[0-4]$/.test(value) ? VERIFY_LEVELS[Number(value)] : undefined;
  if (meaning === undefined) {
    if (/^\d+$/.test(value)) throw new ValueError("needs to be a level from 0 to 4");
    draft.noVerification = !readBoolean(value).value;
    return;
  }
  const level = Number(value);
  draft.noVerification = false;
  // Level 1 checks a chain "if present", and a server always presents one.
  draft.verifyChain = level >= 1 && level <= 3;
  draft.verifyPeer = level >= 3;
  draft.requestCert = level >= 1;
  report("info", `verify = ${value} is obsolete: ${meaning}`);
}

function readVersion(text: string, report: Report): TlsVersion | undefined {
  const version = readWord(text, ["all", ...TLS_VERSIONS]);
  if (version === "all") return undefined;
  if (version !== "TLSv1.2" && version !== "TLSv1.3") {
    report(
      "settled",
      `${version} is obsolete and insecure, and a current stunnel cannot connect with it either: TLS 1.2 or newer is used`,
      "There is nothing to do; this warning ends when the line is removed",
    );
  }
  return version;
}

function readSwitch(draft: Draft, value: string, report: Report): void {
  const [, minus = "", name = ""] = /^(-?)([A-Z]\w*)$/i.exec(value) ?? [];
  if (name === "") throw new ValueError("needs to be a switch of OpenSSL, as in NO_TLSv1_1");
  const word = name.toUpperCase();
  if (word === "NO_TLSV1_2") draft.forbidsTls12 = minus === "";
  if (minus === "" && /^NO_(SSLV[23]|TLSV1|TLSV1_1)$/.test(word)) {
    report("info", `options = ${value}: obsolete versions are never used`);
  } else if (minus === "" && word === "NO_TLSV1_2") {
    report("info", `options = ${value}: TLS 1.3 alone is used`);
  } else report("warning", `options = ${value}: ignored, it is a switch of OpenSSL`);
}

const SOCKET_OPTIONS = new Set([
  ...["SO_DEBUG", "SO_DONTROUTE", "SO_KEEPALIVE", "SO_LINGER", "SO_OOBINLINE", "SO_RCVBUF", "SO_SNDBUF"],
  ...["SO_RCVLOWAT", "SO_SNDLOWAT", "SO_RCVTIMEO", "SO_SNDTIMEO", "SO_REUSEADDR", "SO_EXCLUSIVEADDRUSE"],
  ...["SO_BINDTODEVICE", "TCP_KEEPCNT", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_NODELAY", "IP_TOS", "IP_TTL"],
  ...["IP_FREEBIND", "IP_BINDANY", "IP_BINDANY_IPV6", "IPV6_BINDANY", "IPV6_V6ONLY", "TCP_FASTOPEN"],
]);

function readSocketOption(_draft: Draft, value: string, report: Report): void {
  const [, name = ""] = /^[alr]:([^=]*)=/.exec(value) ?? [];
  if (name === "") throw new ValueError("needs to be a, l or r, a colon and OPTION=VALUE");
  if (!SOCKET_OPTIONS.has(name)) {
    throw new ValueError("no such option of sockets; these are in capital letters");
  }
  report(
    "info",
    `socket: ${/KEEP/.test(name) ? "keepalive is always on" : "ignored, TCP_NODELAY is always set"}`,
  );
}
