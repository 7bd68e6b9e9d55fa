/** The grammar of stunnel.conf, a case per rule: what runs, and every word that is said. */
import assert from "node:assert/strict";
import { formatAddress } from "./stunnel_values.ts";
import { type ConfReading, parseStunnelConf, type ServiceOptions } from "./mod.ts";

const SAFE = "verifyChain = yes\ncheckHost = pop.example.org\n";
const ENDS = `client = yes\naccept = 127.0.0.1:110\nconnect = pop.example.org:995\n${SAFE}`;
const A = "[a] client 127.0.0.1:110 > pop.example.org:995";

/** Services as `[name] mode accept > connect`, problems as `severity line [section] message`. */
function told({ services, problems }: ConfReading): string[] {
  return [
    ...services.map(({ name, client, accept, connect }: ServiceOptions) =>
      `[${name}] ${client ? "client" : "server"} ${accept.map(formatAddress).join(" ")} > ${
        connect.map(formatAddress).join(" ")
      }`
    ),
    ...problems.map(({ severity, line, section, message }) =>
      `${severity} ${line ?? "file"}${section === undefined ? "" : ` [${section}]`} ${message}`
    ),
  ];
}

const CASES: { rule: string; text: string; tells: string[] }[] = [
  { rule: "a byte order mark at the start is skipped", text: `\uFEFF[a]\n${ENDS}`, tells: [A] },
  {
    rule: "a byte order mark elsewhere is none",
    text: `[a]\n${ENDS}\uFEFF[b]\n`,
    tells: ['error 7 [a] Cannot read the line: there is no "=" in it'],
  },
  {
    rule: "carriage returns are ignored at the end of lines",
    text: `[a]\n${ENDS}`.replaceAll("\n", "\r\n"),
    tells: [A],
  },
  {
    rule: "carriage returns are ignored anywhere",
    text: `[a]\n${ENDS.replace("client", "cli\rent")}`,
    tells: [A],
  },
  { rule: "the last line needs no end", text: `[a]\n${ENDS}`.trimEnd(), tells: [A] },
  {
    rule: "a NUL ends what is read of a line",
    text: `[a]\n${ENDS}failover = rr\0dice\n; \0 a comment\n`,
    tells: [
      A,
      "warning 7 [a] a NUL character stands in the line; what follows it is ignored, as stunnel does",
    ],
  },
  {
    rule: "a line of 16 383 bytes is read, one more is not",
    text: `[a]\n${ENDS};${"x".repeat(16_382)}\n;${"é".repeat(8191)}x\n;${"é".repeat(8192)}\n`,
    tells: [
      "error 8 [a] Cannot read the line: the line is longer than 16 KiB",
      "error 9 [a] Cannot read the line: the line is longer than 16 KiB",
    ],
  },
  {
    rule: "white space around lines, names and values counts for nothing",
    text: `\t [a] \v\n  client\f=\tyes \n${ENDS.replaceAll(" = ", "=")}`,
    tells: [A],
  },
  {
    rule: "white space is that of C: a no-break space is none",
    text: `[a]\n${ENDS}failover = \u00a0prio\n`,
    tells: ['error 7 [a] Cannot use failover = "prio": needs to be one of rr, prio'],
  },
  {
    rule: "lines that begin with ; or # are comments",
    text: `; a\n# b\n[a]\n  ; c\n\t# d\n\n${ENDS}`,
    tells: [A],
  },
  {
    rule: "there are no comments behind a value; they are taken off with a warning",
    text: `[a]\n${ENDS}client = yes ; c\naccept = 127.0.0.1:110 # d\n`,
    tells: [
      A,
      "warning 7 [a] stunnel would reject this line: a comment needs a line of its own; it is ignored here",
      "warning 8 [a] stunnel would reject this line: a comment needs a line of its own; it is ignored here",
    ],
  },
  {
    rule: "there are no comments behind a section; they are taken off with a warning",
    text: `[a] ; c\n${ENDS}`,
    tells: [
      A,
      "warning 1 [a] stunnel would reject this line: a comment needs a line of its own; it is ignored here",
    ],
  },
  {
    rule: "there is no quoting",
    text: `[a]\n${ENDS}connect = "pop.example.org:995"\n`,
    tells: [
      'error 7 [a] Cannot use connect = ""pop.example.org:995"": its port is neither a number up to 65535 nor a known name of one',
    ],
  },
  {
    rule: "there are no continued lines and no variables",
    text: `[a]\n${ENDS}connect = \\\n$HOST:995\n`,
    tells: [
      'error 7 [a] Cannot use connect = "\\": its port is neither a number up to 65535 nor a known name of one',
      'error 8 [a] Cannot read the line: there is no "=" in it',
    ],
  },
  {
    rule: "section names keep spaces, dots and brackets",
    text: `[ my.mail ]\n${ENDS}[a[b]c]\n${ENDS}[]\n${ENDS}[x] ; y]\n${ENDS}`,
    tells: [
      "[ my.mail ] client 127.0.0.1:110 > pop.example.org:995",
      "[a[b]c] client 127.0.0.1:110 > pop.example.org:995",
      "[] client 127.0.0.1:110 > pop.example.org:995",
      "[x] ; y] client 127.0.0.1:110 > pop.example.org:995",
    ],
  },
  {
    rule: "two sections of one name are two services",
    text: `[a]\n${ENDS}[a]\n${ENDS}`,
    tells: [
      A,
      A,
      'info 7 [a] There is another section "a": both run, but neither can be named by a launcher',
    ],
  },
  {
    rule: "names and values are split at the first =, values may be empty",
    text: `[a]\n${ENDS}failover = =prio\nsni =\n`,
    tells: ['error 7 [a] Cannot use failover = "=prio": needs to be one of rr, prio'],
  },
  {
    rule: "a line without = is an error",
    text: `[a]\n${ENDS}hunter2 is no option\naccept 110\n= 5\n[b\n`,
    tells: [
      'error 7 [a] Cannot read the line: there is no "=" in it',
      'error 8 [a] Cannot read the line "accept …": there is no "=" in it',
      'error 9 [a] Cannot read the line: there is no option before "="',
      'error 10 [a] Cannot read the line: there is no "=" in it',
    ],
  },
  {
    rule: "names of options, words and protocols know no case",
    text:
      `[a]\nCLIENT = YES\nAcCept = 127.0.0.1:110\nCONNECT = pop.example.org:995\n${SAFE}FAILOVER = PRIO\n` +
      "sslversionMIN = tlsV1.3\nPROTOCOL = Pop3\n",
    tells: [A],
  },
  {
    rule: "yes and no are the only booleans; others are taken with a warning or refused",
    text: `[a]\n${ENDS}client = true\nclient = ON\nclient = 1\n`,
    tells: [
      "warning 7 [a] stunnel would reject this spelling: only yes and no",
      "warning 8 [a] stunnel would reject this spelling: only yes and no",
      'error 9 [a] Cannot use client = "1": needs to be "yes" or "no"',
    ],
  },
  {
    rule: "names of socket options know case, and are options of sockets",
    text:
      `[a]\n${ENDS}socket = r:SO_KEEPALIVE=yes\nsocket = l:TCP_NODELAY=1\nsocket = r:so_keepalive=1\nsocket = x:SO_LINGER=1\n`,
    tells: [
      "info 7 [a] socket: keepalive is always on",
      "info 8 [a] socket: ignored, TCP_NODELAY is always set",
      'error 9 [a] Cannot use socket = "r:so_keepalive=1": no such option of sockets; these are in capital letters',
      'error 10 [a] Cannot use socket = "x:SO_LINGER=1": needs to be a, l or r, a colon and OPTION=VALUE',
    ],
  },
  {
    rule: "session and curve are other names",
    text: `[a]\n${ENDS}session = 5\ncurve = X25519\n`,
    tells: [
      A,
      "info 7 [a] session: ignored, sessions are not resumed",
      "warning 8 [a] curve: ignored, only current ciphers and curves are used",
    ],
  },
  {
    rule: "options of services before the first section are defaults of every later one",
    text:
      `client = yes\nconnect = pop.example.org:995\n${SAFE}[a]\naccept = 127.0.0.1:110\n[b]\naccept = 127.0.0.1:111\n`,
    tells: [A, "[b] client 127.0.0.1:111 > pop.example.org:995"],
  },
  {
    rule: "defaults are those of every section, not of the section before",
    text: `failover = rr\n[a]\n${ENDS}client = no\n[b]\n${ENDS}`,
    tells: [
      "[b] client 127.0.0.1:110 > pop.example.org:995",
      "error 2 [a] Cannot run the section in server mode: cert is missing",
    ],
  },
  {
    rule: "accept, connect, checkHost and checkIP add up, also on inherited ones",
    text:
      `accept = 127.0.0.1:109\ncheckHost = x.example\n[a]\n${ENDS}accept = ::1:110\nconnect = other:995\n`,
    tells: ["[a] client 127.0.0.1:109 127.0.0.1:110 [::1]:110 > pop.example.org:995 other:995"],
  },
  {
    rule: "of other options the last one wins",
    text: `[a]\nclient = no\nfailover = rr\n${ENDS}failover = prio\n`,
    tells: [A],
  },
  {
    rule: "a global option in a section is an error of the section",
    text: `syslog = no\n[a]\n${ENDS}[b]\n${ENDS}syslog = no\n`,
    tells: [
      A,
      "info 1 syslog: ignored, logs go to standard error and the service manager watches the process",
      "error 14 [b] Cannot use syslog in a section: it belongs before the first one",
    ],
  },
  {
    rule: "an unknown option is an error of its section",
    text: `[a]\n${ENDS}[b]\n${ENDS}bogus = 1\n`,
    tells: [A, 'error 13 [b] Cannot use the option "bogus": neither stunnel nor this program knows it'],
  },
  {
    rule: "an unknown option before the first section is an error, and the sections run",
    text: `bogus = 1\n[a]\n${ENDS}`,
    tells: [A, 'error 1 Cannot use the option "bogus": neither stunnel nor this program knows it'],
  },
  {
    rule: "an inherited option that cannot be used is said once, and stops every section",
    text: `failover = dice\n[a]\n${ENDS}[b]\n${ENDS}`,
    tells: [
      'error 1 Cannot use failover = "dice": needs to be one of rr, prio',
      "error 2 [a] Cannot run the section: line 1, which stands before all sections, is faulty",
      "error 8 [b] Cannot run the section: line 1, which stands before all sections, is faulty",
    ],
  },
  {
    rule: "options without a section are an error",
    text: ENDS,
    tells: ["error file Cannot find a section: without one stunnel runs under inetd, which this does not"],
  },
  {
    rule: "a file of comments runs nothing",
    text: ";[a]\n;client = yes\n",
    tells: ["warning file There is no section in it, so nothing runs"],
  },
  {
    rule: "an empty file runs nothing",
    text: "",
    tells: ["warning file There is no section in it, so nothing runs"],
  },
  {
    rule: "a section needs accept and connect",
    text: "[a]\nclient = yes\n[b]\naccept = 127.0.0.1:1\n",
    tells: [
      "error 1 [a] Cannot run the section: accept and connect are missing",
      "error 3 [b] Cannot run the section: connect is missing",
    ],
  },
  {
    rule: "addresses are split at the last colon",
    text: `[a]\n${ENDS}accept = ::1:143\naccept = :::143\naccept = localhost:0\n`,
    tells: [
      "[a] client 127.0.0.1:110 [::1]:143 [::]:143 localhost:0 > pop.example.org:995",
      "warning 9 [a] Other machines can reach [::]:143: passwords and mail cross the network in clear text; it is not opened",
    ],
  },
  {
    rule: "an IPv6 address has no brackets; they are taken off with a warning",
    text: `[a]\n${ENDS}accept = [::1]:143\nconnect = [2001:db8::1]:995\n`,
    tells: [
      "[a] client 127.0.0.1:110 [::1]:143 > pop.example.org:995 [2001:db8::1]:995",
      "warning 7 [a] stunnel would reject this spelling: IPv6 addresses have no brackets",
      "warning 8 [a] stunnel would reject this spelling: IPv6 addresses have no brackets",
    ],
  },
  {
    rule: "an address that begins with / is a UNIX socket",
    text: `[a]\n${ENDS}accept = /run/my mail.sock\nconnect = /run/b\n`,
    tells: ["[a] client 127.0.0.1:110 /run/my mail.sock > pop.example.org:995 /run/b"],
  },
  {
    rule: "a port can be the name of a service, in small letters, or a number after a space",
    text:
      `[a]\n${ENDS}accept = localhost:pop3\naccept = 127.0.0.1: 143\nconnect = h:imaps\nconnect = h:submission\nconnect = h:POP3S\n`,
    tells: [
      "[a] client 127.0.0.1:110 localhost:110 127.0.0.1:143 > pop.example.org:995 h:993 h:587 h:995",
      'warning 11 [a] stunnel would not know "POP3S": services are in small letters',
    ],
  },
  {
    rule: "an accept without colon is every address for stunnel, and loopback here",
    text: `[a]\nclient = yes\naccept = 110\naccept = imap\nconnect = pop.example.org:995\n${SAFE}`,
    tells: [
      "[a] client 127.0.0.1:110 127.0.0.1:143 > pop.example.org:995",
      "warning 4 [a] stunnel would listen on all interfaces for an accept without address; this listens on 127.0.0.1 alone",
    ],
  },
  {
    rule: "a connect without colon is this machine",
    text: `[a]\nconnect = 995\nclient = yes\naccept = 127.0.0.1:110\n${SAFE}`,
    tells: [
      "[a] client 127.0.0.1:110 > localhost:995",
      "warning 2 [a] connect = 995 in client mode means this machine, which is unusual",
    ],
  },
  {
    rule: "* is every address",
    text: `[a]\n${ENDS}accept = *:110\n`,
    tells: [
      "[a] client 127.0.0.1:110 0.0.0.0:110 [::]:110 > pop.example.org:995",
      "warning 7 [a] Other machines can reach 0.0.0.0:110, [::]:110: passwords and mail cross the network in clear text; it is not opened",
    ],
  },
  {
    rule: "what is no address is an error",
    text: `[a]\n${ENDS}${
      ["pop", "h:", ":", ":1", "a b:1", "h:65536", "h:-1", "h:+1", ""].map((value) => `accept = ${value}\n`)
        .join("")
    }connect = *:9\nconnect = h:0\naccept = /${"x".repeat(107)}\n`,
    tells: [
      'error 7 [a] Cannot use accept = "pop": its port is neither a number up to 65535 nor a known name of one',
      'error 8 [a] Cannot use accept = "h:": its port is neither a number up to 65535 nor a known name of one',
      'error 9 [a] Cannot use accept = ":": its port is neither a number up to 65535 nor a known name of one',
      'error 10 [a] Cannot use accept = ":1": needs to be a host and a port, as in localhost:110',
      'error 11 [a] Cannot use accept = "a b:1": needs to be a host and a port, as in localhost:110',
      'error 12 [a] Cannot use accept = "h:65536": its port is neither a number up to 65535 nor a known name of one',
      'error 13 [a] Cannot use accept = "h:-1": its port is neither a number up to 65535 nor a known name of one',
      'error 14 [a] Cannot use accept = "h:+1": its port is neither a number up to 65535 nor a known name of one',
      'error 15 [a] Cannot use accept = "": its port is neither a number up to 65535 nor a known name of one',
      'error 16 [a] Cannot use connect = "*:9": needs to be a host and a port',
      'error 17 [a] Cannot use connect = "h:0": port 0 is no port to connect to',
      'error 18 [a] Cannot use accept = "/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…": is too long for a UNIX socket',
    ],
  },
  {
    rule: "versions of TLS: the newest may not be older than the oldest, in whatever order they stand",
    text: `[a]\n${ENDS}sslVersionMax = TLSv1.2\nsslVersionMin = TLSv1.3\nsslVersionMax = all\n` +
      `[b]\n${ENDS}sslVersionMax = TLSv1.2\nsslVersionMin = TLSv1.3\n[c]\n${ENDS}sslVersion = TLSv9\n`,
    tells: [
      A,
      "warning 7 [a] sslVersionMax = TLSv1.2 forbids TLS 1.3 in stunnel; this has no upper limit",
      "warning 16 [b] sslVersionMax = TLSv1.2 forbids TLS 1.3 in stunnel; this has no upper limit",
      'error 16 [b] Cannot use sslVersionMax = "TLSv1.2": it is older than sslVersionMin = TLSv1.3',
      'error 24 [c] Cannot use sslVersion = "TLSv9": needs to be one of all, SSLv2, SSLv3, TLSv1, TLSv1.1, TLSv1.2, TLSv1.3',
    ],
  },
  {
    rule: "TIMEOUT options are whole seconds",
    text: `[a]\n${ENDS}TIMEOUTidle = 30m\nTIMEOUTclose = -1\n`,
    tells: [
      'error 7 [a] Cannot use TIMEOUTidle = "30m": needs to be a whole number from 0 to 2000000',
      'error 8 [a] Cannot use TIMEOUTclose = "-1": needs to be a whole number from 0 to 2000000',
    ],
  },
  {
    rule: "a faulty option says nothing of a password in it",
    text:
      `[a]\n${ENDS}protocolPassword hunter2\nprotocolPassword:hunter2\nconnect = me:hunter2@proxy:8080\nhunter2\n`,
    tells: [
      'error 7 [a] Cannot read the line "protocolPassword …": there is no "=" in it',
      'error 8 [a] Cannot read the line "protocolPassword …": there is no "=" in it',
      'error 9 [a] Cannot use connect = "…@proxy:8080": needs to be a host and a port, as in localhost:110',
      'error 10 [a] Cannot read the line: there is no "=" in it',
    ],
  },
];

for (const { rule, text, tells } of CASES) {
  Deno.test(`stunnel.conf: ${rule}`, () => {
    assert.deepEqual(told(parseStunnelConf(text, { file: "a.conf" })), tells);
  });
}

Deno.test("stunnel.conf: a misspelt option is told what was meant", async (t) => {
  const cases: [string, string][] = [
    ["acept", 'Did you mean "accept"?'],
    ["verifyChains", 'Did you mean "verifychain"?'],
    ["CAFlie", 'Did you mean "cafile"?'],
    ["protocolPasword", 'Did you mean "protocolpassword"?'],
    ["cliant", 'Did you mean "client"?'],
    ["something", "Check its spelling, or remove the line"],
  ];
  for (const [name, expected] of cases) {
    await t.step(name, () => {
      const { problems } = parseStunnelConf(`[a]\n${ENDS}${name} = x\n`, { file: "a.conf" });
      assert.deepEqual(problems.map(({ remedy }) => remedy), [expected]);
    });
  }
});
