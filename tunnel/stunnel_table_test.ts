/** What each option of stunnel.conf becomes, a case per row: how the service differs from a plain one, and what is said. */
import assert from "node:assert/strict";
import { parseStunnelConf, type ServiceOptions } from "./mod.ts";
import { OPTIONS } from "./stunnel_table.ts";

const ENDS = "client = yes\naccept = 127.0.0.1:110\nconnect = pop.example.org:995\n";
const SAFE = "verifyChain = yes\ncheckHost = pop.example.org\n";
const SERVER = "accept = 127.0.0.1:995\nconnect = 127.0.0.1:110\ncert = server.pem\n";

interface Case {
  /** A row of the table, or several options of one kind. */
  readonly row: string;
  /** What stands in the section; `SAFE` keeps the warnings about verification away. */
  readonly text: string;
  /** What stands before the first section. */
  readonly before?: string;
  readonly tells: readonly string[];
}

/** How the service differs from the plain one, as JSON; `no service`; and problems as `severity option-line message`. */
function told(text: string, before = ""): string[] {
  const { services, problems } = parseStunnelConf(`${before}[a]\n${text}`, { file: "a.conf" });
  assert(services.length <= 1);
  return [
    ...services.map((service) => JSON.stringify(difference(service))),
    ...(services.length === 0 ? ["no service"] : []),
    ...problems.map(({ severity, message, remedy }) =>
      `${severity} ${message}${remedy === undefined ? "" : ` (${remedy})`}`
    ),
  ];
}

function difference(service: ServiceOptions): Partial<ServiceOptions> {
  const { services: [plain] } = parseStunnelConf(`[a]\n${ENDS}`, { file: "a.conf" });
  assert(plain);
  const usual = new Map(Object.entries(plain).map(([name, value]) => [name, JSON.stringify(value)]));
  return Object.fromEntries(
    Object.entries(service).filter(([name, value]) =>
      name !== "line" && JSON.stringify(value) !== usual.get(name)
    ),
  );
}

const CASES: readonly Case[] = [
  {
    row: "client = yes, accept, connect: one service",
    text: ENDS + SAFE,
    tells: ['{"checkHost":["pop.example.org"]}'],
  },
  {
    row: "accept = PORT",
    text: ENDS + SAFE.concat("accept = 1110\n"),
    tells: [
      '{"accept":[{"host":"127.0.0.1","port":110},{"host":"127.0.0.1","port":1110}],"checkHost":["pop.example.org"]}',
      "warning stunnel would listen on all interfaces for an accept without address; this listens on 127.0.0.1 alone (Write the address that is meant, as in accept = 127.0.0.1:110)",
    ],
  },
  {
    row: "accept on an address that others reach",
    text: ENDS + SAFE + "accept = 192.0.2.1:110\n",
    tells: [
      '{"accept":[{"host":"127.0.0.1","port":110},{"host":"192.0.2.1","port":110}],"checkHost":["pop.example.org"]}',
      "warning Other machines can reach 192.0.2.1:110: passwords and mail cross the network in clear text; it is not opened (Listen on 127.0.0.1, or add unsafe-listen = yes to the section to accept the danger)",
    ],
  },
  {
    row: "unsafe-listen",
    text: ENDS + SAFE + "accept = 0.0.0.0:110\nunsafe-listen = yes\n",
    tells: [
      '{"accept":[{"host":"127.0.0.1","port":110},{"host":"0.0.0.0","port":110}],"unsafeListen":true,"checkHost":["pop.example.org"]}',
      "warning Other machines can reach 0.0.0.0:110: passwords and mail cross the network in clear text",
    ],
  },
  {
    row: "connect repeated, failover",
    text: ENDS + SAFE + "connect = b.example:995\nfailover = rr\n",
    tells: [
      '{"connect":[{"host":"pop.example.org","port":995},{"host":"b.example","port":995}],"failover":"rr","checkHost":["pop.example.org"]}',
    ],
  },
  {
    row: "connect = PORT in client mode",
    text: ENDS + SAFE + "connect = 995\n",
    tells: [
      '{"connect":[{"host":"pop.example.org","port":995},{"host":"localhost","port":995}],"checkHost":["pop.example.org"]}',
      "warning connect = 995 in client mode means this machine, which is unusual",
    ],
  },
  {
    row: "no verification",
    text: ENDS,
    tells: [
      "{}",
      "warning stunnel accepted any certificate here; this accepts only a valid one for the host connected to (For a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile)",
    ],
  },
  {
    row: "verify = 0",
    text: ENDS + "verify = 0\n",
    tells: [
      "{}",
      "info verify = 0 is obsolete: it asked for nothing, here the server is always verified",
      "warning stunnel accepted any certificate here; this accepts only a valid one for the host connected to (For a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile)",
    ],
  },
  {
    row: "verify = 1",
    text: ENDS + "verify = 1\n",
    tells: [
      "{}",
      "info verify = 1 is obsolete: it says the same as verifyChain = yes",
      "warning stunnel checked the certificate's chain here; this also checks that it names the host",
    ],
  },
  {
    row: "verify = 2",
    text: ENDS + "verify = 2\ncheckHost = pop.example.org\n",
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "info verify = 2 is obsolete: it says the same as verifyChain = yes",
    ],
  },
  {
    row: "verify = 3",
    text: ENDS + "verify = 3\nCAfile = pin.pem\n",
    tells: [
      '{"verifyPeer":true,"caFile":"pin.pem"}',
      "info verify = 3 is obsolete: it says the same as verifyChain = yes and verifyPeer = yes",
      "info The server's own certificate must be one of those in CAfile",
    ],
  },
  {
    row: "verify = 4",
    text: ENDS + "verify = 4\nCAfile = pin.pem\n",
    tells: [
      '{"verifyPeer":true,"verifyChain":false,"caFile":"pin.pem"}',
      "info verify = 4 is obsolete: it says the same as verifyPeer = yes",
      "info The server's own certificate must be one of those in CAfile",
    ],
  },
  {
    row: "verify = 5",
    text: ENDS + "verify = 5\n",
    tells: [
      "no service",
      'error Cannot use verify = "5": needs to be a level from 0 to 4',
      "warning stunnel accepted any certificate here; this accepts only a valid one for the host connected to (For a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile)",
    ],
  },
  {
    row: "verify after verifyChain: the last one wins",
    text: ENDS + "verifyChain = yes\nverify = 0\n",
    tells: [
      "{}",
      "info verify = 0 is obsolete: it asked for nothing, here the server is always verified",
      "warning stunnel accepted any certificate here; this accepts only a valid one for the host connected to (For a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile)",
    ],
  },
  {
    row: "verifyChain = no",
    text: ENDS + "verifyChain = no\n",
    tells: [
      "{}",
      "warning stunnel accepted any certificate here; this accepts only a valid one for the host connected to (For a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile)",
    ],
  },
  {
    row: "verify = no",
    text: ENDS + "verify = no\n",
    tells: [
      '{"verify":false,"verifyChain":false}',
      "warning verify = no: any server is taken for the right one, passwords can be stolen on the way (Remove it; for a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile)",
    ],
  },
  {
    row: "verifyChain without checkHost",
    text: ENDS + "verifyChain = yes\nCAfile = ca.pem\nCApath = certs\n",
    tells: [
      '{"caFile":"ca.pem","caPath":"certs"}',
      "warning stunnel checked the certificate's chain here; this also checks that it names the host",
    ],
  },
  {
    row: "verifyPeer",
    text: ENDS + "verifyPeer = yes\nCAfile = pin.pem\n",
    tells: [
      '{"verifyPeer":true,"verifyChain":false,"caFile":"pin.pem"}',
      "info The server's own certificate must be one of those in CAfile",
    ],
  },
  {
    row: "verifyPeer with CApath",
    text: ENDS + "verifyPeer = yes\nCApath = pins\n",
    tells: [
      '{"verifyPeer":true,"verifyChain":false,"caPath":"pins"}',
      "info The server's own certificate must be one of those in CAfile",
    ],
  },
  {
    row: "verifyPeer without a certificate",
    text: ENDS + "verifyPeer = yes\n",
    tells: [
      "no service",
      "error Cannot pin the server's certificate: CAfile is missing (Set CAfile to a PEM file with it)",
    ],
  },
  {
    row: "checkHost, checkIP: one of them",
    text: ENDS + SAFE + "checkHost = *.example.org\ncheckIP = 192.0.2.1\n",
    tells: ['{"checkHost":["pop.example.org","*.example.org"],"checkIp":["192.0.2.1"]}'],
  },
  {
    row: "checkHost, checkIP: faults",
    text: ENDS + SAFE + "checkHost = a b\ncheckIP = pop.example.org\n",
    tells: [
      "no service",
      'error Cannot use checkHost = "a b": needs to be a host name',
      'error Cannot use checkIP = "pop.example.org": needs to be an IP address',
    ],
  },
  {
    row: "checkEmail",
    text: ENDS + SAFE + "checkEmail = a@b.example\n",
    tells: ["no service", "error checkEmail: names of persons in certificates are not checked"],
  },
  {
    row: "CAfile =, CApath =",
    text: ENDS + SAFE + "CAfile =\nCApath =\n",
    tells: ['{"checkHost":["pop.example.org"]}'],
  },
  {
    row: "CAstore, CAengine",
    text: ENDS + SAFE + "CAstore = x\nCAengine = y\n",
    tells: [
      "no service",
      "error CAstore: certificate stores of OpenSSL are not supported (Export it to a PEM file and set CAfile)",
      "error CAengine: engines are not supported",
    ],
  },
  {
    row: "sslVersion = SSLV3, as in the original document",
    text: ENDS + SAFE + "sslVersion = SSLV3\n",
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "warning SSLv3 is obsolete and insecure, and a current stunnel cannot connect with it either: TLS 1.2 or newer is used",
    ],
  },
  {
    row: "sslVersion = TLSv1.1",
    text: ENDS + SAFE + "sslVersion = TLSv1.1\n",
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "warning TLSv1.1 is obsolete and insecure, and a current stunnel cannot connect with it either: TLS 1.2 or newer is used",
    ],
  },
  {
    row: "sslVersionMin = SSLv2",
    text: ENDS + SAFE + "sslVersionMin = SSLv2\n",
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "warning SSLv2 is obsolete and insecure, and a current stunnel cannot connect with it either: TLS 1.2 or newer is used",
    ],
  },
  {
    row: "sslVersionMax = TLSv1",
    text: ENDS + SAFE + "sslVersionMax = TLSv1\n",
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "warning TLSv1 is obsolete and insecure, and a current stunnel cannot connect with it either: TLS 1.2 or newer is used",
    ],
  },
  {
    row: "sslVersion = TLSv1.2",
    text: ENDS + SAFE + "sslVersion = TLSv1.2\n",
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "warning sslVersion = TLSv1.2 forbids TLS 1.3 in stunnel; this takes 1.2 and newer",
    ],
  },
  {
    row: "sslVersion = TLSv1.3",
    text: ENDS + SAFE + "sslVersion = TLSv1.3\n",
    tells: ['{"checkHost":["pop.example.org"],"minVersion":"TLSv1.3"}'],
  },
  {
    row: "sslVersionMin = TLSv1.3",
    text: ENDS + SAFE + "sslVersionMin = TLSv1.3\n",
    tells: ['{"checkHost":["pop.example.org"],"minVersion":"TLSv1.3"}'],
  },
  {
    row: "sslVersion = all",
    text: ENDS + SAFE + "sslVersion = TLSv1.3\nsslVersion = all\n",
    tells: ['{"checkHost":["pop.example.org"]}'],
  },
  {
    row: "options",
    text: ENDS + SAFE +
      "options = NO_SSLv2\noptions = NO_TLSv1_1\noptions = -NO_SSLv3\noptions = ALL\noptions = NO_TLSv1_3\n",
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "info options = NO_SSLv2: obsolete versions are never used",
      "info options = NO_TLSv1_1: obsolete versions are never used",
      "warning options = -NO_SSLv3: ignored, it is a switch of OpenSSL",
      "warning options = ALL: ignored, it is a switch of OpenSSL",
      "warning options = NO_TLSv1_3: ignored, it is a switch of OpenSSL",
    ],
  },
  {
    row: "options = NO_TLSv1_2",
    text: ENDS + SAFE + "options = NO_TLSv1_2\n",
    tells: [
      '{"checkHost":["pop.example.org"],"minVersion":"TLSv1.3"}',
      "info options = NO_TLSv1_2: TLS 1.3 alone is used",
    ],
  },
  {
    row: "options: no name",
    text: ENDS + SAFE + "options = 17\n",
    tells: [
      "no service",
      'error Cannot use options = "17": needs to be a switch of OpenSSL, as in NO_TLSv1_1',
    ],
  },
  {
    row: "ciphers and curves",
    text: ENDS + SAFE +
      "ciphers = HIGH\nciphersuites = x\ncurves = X25519\ncurve = P-256\nsecurityLevel = 0\nrenegotiation = yes\nconfig = A:b\n",
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "warning ciphers: ignored, only current ciphers and curves are used",
      "warning ciphersuites: ignored, only current ciphers and curves are used",
      "warning curves: ignored, only current ciphers and curves are used",
      "warning curve: ignored, only current ciphers and curves are used",
      "warning securityLevel: ignored, only current ciphers and curves are used",
      "warning renegotiation: ignored, TLS connections are never renegotiated",
      "warning config: ignored, only current ciphers and curves are used",
    ],
  },
  {
    row: "renegotiation = no",
    text: ENDS + SAFE + "renegotiation = no\n",
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "info renegotiation: ignored, TLS connections are never renegotiated",
    ],
  },
  {
    row: "OpenSSL's own business, before the sections",
    before:
      "compression = zlib\nEGD = /x\nRNDbytes = 64\nRNDfile = /x\nRNDoverwrite = yes\nfips = no\nengine = auto\n" +
      "engineCtrl = PIN:1234\nengineDefault = ALL\nprovider = default\nproviderParameter = x\nsetEnv = A=b\n",
    text: ENDS + SAFE,
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "info compression: ignored, it has no meaning without OpenSSL",
      "info EGD: ignored, it has no meaning without OpenSSL",
      "info RNDbytes: ignored, it has no meaning without OpenSSL",
      "info RNDfile: ignored, it has no meaning without OpenSSL",
      "info RNDoverwrite: ignored, it has no meaning without OpenSSL",
      "info fips: ignored, it has no meaning without OpenSSL",
      "info engine: ignored, it has no meaning without OpenSSL",
      "info engineCtrl: ignored, it has no meaning without OpenSSL",
      "info engineDefault: ignored, it has no meaning without OpenSSL",
      "info provider: ignored, it has no meaning without OpenSSL",
      "info providerParameter: ignored, it has no meaning without OpenSSL",
      "info setEnv: ignored, it has no meaning without OpenSSL",
    ],
  },
  {
    row: "sessions and tickets",
    text: ENDS + SAFE +
      "sessionCacheSize = 5\nsessionCacheTimeout = 5\nsession = 5\nsessionResume = no\nsessiond = x:1\nstack = 65536\n" +
      "ticketKeySecret = 00112233445566778899aabbccddeeff\nticketMacSecret = 00112233445566778899aabbccddeeff\n",
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "info sessionCacheSize: ignored, sessions are not resumed",
      "info sessionCacheTimeout: ignored, sessions are not resumed",
      "info session: ignored, sessions are not resumed",
      "info sessionResume: ignored, sessions are not resumed",
      "info sessiond: ignored, sessions are not resumed",
      "info stack: ignored, sessions are not resumed",
      "info ticketKeySecret: ignored, sessions are not resumed",
      "info ticketMacSecret: ignored, sessions are not resumed",
    ],
  },
  {
    row: "protocol = smtp",
    text: ENDS + SAFE + "protocol = smtp\n",
    tells: ['{"checkHost":["pop.example.org"],"protocol":"smtp","mailProtocol":"smtp"}'],
  },
  {
    row: "protocol = imap",
    text: ENDS + SAFE + "protocol = IMAP\n",
    tells: ['{"checkHost":["pop.example.org"],"protocol":"imap","mailProtocol":"imap"}'],
  },
  {
    row: "protocol = connect",
    text: ENDS + SAFE + "protocol = connect\nprotocolHost = pop.example.org:995\n",
    tells: ['{"checkHost":["pop.example.org"],"protocol":"connect","protocolHost":"pop.example.org:995"}'],
  },
  {
    row: "protocol = connect with a name and a password",
    text: ENDS + SAFE +
      "protocol = connect\nprotocolHost = h:995\nprotocolUsername = me\nprotocolPassword = hunter2\nprotocolAuthentication = basic\n",
    tells: [
      '{"checkHost":["pop.example.org"],"protocol":"connect","protocolHost":"h:995","protocolUsername":"me","protocolPassword":"hunter2"}',
      "warning protocolPassword: the password stands in clear text in this file (Let nobody else read it: chmod 600)",
    ],
  },
  {
    row: "protocol = connect without protocolHost",
    text: ENDS + SAFE + "protocol = connect\n",
    tells: [
      "no service",
      'error Cannot use "protocol = connect": protocolHost is missing (Add protocolHost = HOST:PORT, the server behind the proxy)',
    ],
  },
  {
    row: "protocol = connect with NTLM",
    text: ENDS + SAFE +
      "protocol = connect\nprotocolHost = h:1\nprotocolAuthentication = NTLM\nprotocolDomain = d\n",
    tells: [
      "no service",
      'error Cannot use protocolAuthentication = "NTLM": is not supported; basic is',
      "error protocolDomain: only NTLM needs it, which is not supported",
    ],
  },
  {
    row: "protocolHeader",
    text: ENDS + SAFE + "protocolHeader = Authorization: hunter2\n",
    tells: ["no service", "error protocolHeader: headers of your own are not supported"],
  },
  {
    row: "another protocol",
    text: ENDS + SAFE + "protocol = ldap\n",
    tells: [
      "no service",
      'error Cannot use protocol = "ldap": is not supported; pop3, imap, smtp and connect are',
    ],
  },
  {
    row: "protocolUsername and protocolPassword with SMTP",
    text: ENDS + SAFE +
      "protocol = smtp\nprotocolUsername = me\nprotocolPassword = hunter2\nprotocolAuthentication = login\n",
    tells: [
      '{"checkHost":["pop.example.org"],"protocol":"smtp","protocolUsername":"me","protocolPassword":"hunter2","mailProtocol":"smtp"}',
      "warning protocolPassword: the password stands in clear text in this file (Let nobody else read it: chmod 600)",
      "info protocolAuthentication = login: PLAIN is used, which every server with LOGIN knows",
    ],
  },
  {
    row: "protocolPassword and verify = no",
    text: ENDS + "protocol = smtp\nprotocolUsername = me\nprotocolPassword = hunter2\nverify = no\n",
    tells: [
      "no service",
      "warning protocolPassword: the password stands in clear text in this file (Let nobody else read it: chmod 600)",
      "warning verify = no: any server is taken for the right one, passwords can be stolen on the way (Remove it; for a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile)",
      "error Cannot send protocolPassword to a server that is not verified (verify = no): anybody could take it (Remove verify = no; for a private authority set CAfile, for a self-signed server pin it with verifyPeer = yes and CAfile)",
    ],
  },
  {
    row: "protocolUsername alone, protocolHost without a proxy",
    text: ENDS + SAFE + "protocol = smtp\nprotocolUsername = me\nprotocolHost = me.example\n",
    tells: [
      '{"checkHost":["pop.example.org"],"protocol":"smtp","protocolHost":"me.example","protocolUsername":"me","mailProtocol":"smtp"}',
      "warning protocolHost: ignored, only protocol = connect uses it here",
      "warning protocolUsername: nobody signs in, as protocolPassword is missing",
    ],
  },
  {
    row: "protocolUsername with POP3",
    text: ENDS + SAFE + "protocolUsername = me\nprotocolPassword = hunter2\n",
    tells: [
      '{"checkHost":["pop.example.org"],"protocolUsername":"me","protocolPassword":"hunter2"}',
      "warning protocolPassword: the password stands in clear text in this file (Let nobody else read it: chmod 600)",
      "warning protocolUsername: ignored, only protocol = smtp and protocol = connect of a client section sign in",
    ],
  },
  {
    row: "cert and key of a client",
    text: ENDS + SAFE + "cert = me.pem\nkey = me.key\n",
    tells: ['{"checkHost":["pop.example.org"],"cert":"me.pem","key":"me.key"}'],
  },
  {
    row: "cert alone holds the key too",
    text: ENDS + SAFE + "cert = me.pem\n",
    tells: ['{"checkHost":["pop.example.org"],"cert":"me.pem","key":"me.pem"}'],
  },
  {
    row: "keys in tokens",
    text: ENDS + SAFE + "cert = pkcs11:token=x\nkey = engine:y\nengineId = pkcs11\nengineNum = 1\n",
    tells: [
      "no service",
      'error Cannot use cert = "pkcs11:token=x": keys in tokens are not supported',
      'error Cannot use key = "engine:y": keys in tokens are not supported',
      "error engineId: keys in tokens are not supported (Set cert and key to PEM files)",
      "error engineNum: keys in tokens are not supported (Set cert and key to PEM files)",
    ],
  },
  {
    row: "a server section",
    text: SERVER,
    tells: [
      '{"client":false,"accept":[{"host":"127.0.0.1","port":995}],"connect":[{"host":"127.0.0.1","port":110}],"verify":false,"verifyChain":false,"cert":"server.pem","key":"server.pem"}',
    ],
  },
  {
    row: "accept = PORT of a server section: every address",
    text: "accept = 995\nconnect = 110\ncert = server.pem\nkey = server.key\n",
    tells: [
      '{"client":false,"accept":[{"host":"0.0.0.0","port":995},{"host":"::","port":995}],"connect":[{"host":"localhost","port":110}],"verify":false,"verifyChain":false,"cert":"server.pem","key":"server.key"}',
    ],
  },
  {
    row: "a server section for SMTP: no open relay",
    text: "accept = 465\nconnect = 25\ncert = server.pem\n",
    tells: [
      '{"client":false,"accept":[{"host":"0.0.0.0","port":465},{"host":"::","port":465}],"connect":[{"host":"localhost","port":25}],"verify":false,"verifyChain":false,"cert":"server.pem","key":"server.pem","mailProtocol":"smtp"}',
      "warning Mail from any machine reaches localhost:25 as if it came from this one: a mail server that trusts its own machine becomes an open relay (Let the mail server ask for a password also on this machine, or accept on a trusted network alone)",
    ],
  },
  {
    row: "a server section with STARTTLS",
    text: SERVER + "protocol = pop3\n",
    tells: [
      '{"client":false,"accept":[{"host":"127.0.0.1","port":995}],"connect":[{"host":"127.0.0.1","port":110}],"verify":false,"verifyChain":false,"cert":"server.pem","key":"server.pem","protocol":"pop3"}',
    ],
  },
  {
    row: "a server section without cert",
    text: "accept = 995\nconnect = 110\n",
    tells: [
      "no service",
      "error Cannot run the section in server mode: cert is missing (Add cert = FILE.pem (and key), or client = yes if this section is to connect by TLS)",
    ],
  },
  {
    row: "a server section that asks clients for certificates",
    text: SERVER + "verifyChain = yes\nCAfile = ca.pem\n",
    tells: [
      "no service",
      "error Cannot ask clients for certificates: server mode does not support it (Leave verify… and requireCert out)",
    ],
  },
  {
    row: "a server section that requires certificates",
    text: SERVER + "requireCert = yes\n",
    tells: [
      "no service",
      "error Cannot ask clients for certificates: server mode does not support it (Leave verify… and requireCert out)",
    ],
  },
  {
    row: "a server section chosen by SNI",
    text: "sni = main:*.example.org\nconnect = 110\ncert = server.pem\n",
    tells: [
      "no service",
      'error Cannot use sni = "main:*.example.org": needs to be a host name; services chosen by the client\'s SNI are not supported',
      "error Cannot run the section: accept is missing (A section needs where to listen (accept = 127.0.0.1:110) and where to connect to (connect = pop.example.org:995))",
    ],
  },
  {
    row: "protocol = connect of a server section",
    text: SERVER + "protocol = connect\n",
    tells: [
      "no service",
      'error Cannot use "protocol = connect" in server mode: it leads out through a proxy',
    ],
  },
  {
    row: "exec and what belongs to it",
    text: ENDS + SAFE + "exec = /bin/sh\nexecArgs = sh -i\npty = yes\nretry = yes\n",
    tells: [
      "no service",
      "error exec: not supported, so this section cannot run (Keep stunnel for this section)",
      "info execArgs: ignored, it has a meaning beside exec alone",
      "info pty: ignored, it has a meaning beside exec alone",
      "info retry: ignored, it has a meaning beside exec alone",
    ],
  },
  {
    row: "what cannot be honoured",
    text: ENDS + SAFE +
      "transparent = source\nredirect = 1\nident = u\nlibwrap = yes\nlocal = 192.0.2.1\nPSKidentity = u\nPSKsecrets = f\n",
    tells: [
      "no service",
      "error transparent: not supported, so this section cannot run (Keep stunnel for this section)",
      "error redirect: not supported, so this section cannot run (Keep stunnel for this section)",
      "error ident: not supported, so this section cannot run (Keep stunnel for this section)",
      "error libwrap: not supported, so this section cannot run (Keep stunnel for this section)",
      "error local: not supported, so this section cannot run (Keep stunnel for this section)",
      "error PSKidentity: pre-shared keys are not supported (Use certificates)",
      "error PSKsecrets: pre-shared keys are not supported (Use certificates)",
    ],
  },
  {
    row: "what is not asked for needs no honouring",
    text: ENDS + SAFE + "transparent = none\nlibwrap = no\npty = no\n",
    tells: ['{"checkHost":["pop.example.org"]}', "info pty: ignored, it has a meaning beside exec alone"],
  },
  {
    row: "rights of the process",
    before: "chroot = /var/run\nsetuid = nobody\nsetgid = nogroup\n",
    text: ENDS + SAFE,
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "warning chroot: ignored, a program on Deno cannot give up its rights by itself (Start it as that user, and give it only the rights it needs (tunnel/README.md))",
      "warning setuid: ignored, a program on Deno cannot give up its rights by itself (Start it as that user, and give it only the rights it needs (tunnel/README.md))",
      "warning setgid: ignored, a program on Deno cannot give up its rights by itself (Start it as that user, and give it only the rights it needs (tunnel/README.md))",
    ],
  },
  {
    row: "service",
    text: ENDS + SAFE + "service = x\n",
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "info service: ignored, the section's own name stands in the log and on the page",
    ],
  },
  {
    row: "TIMEOUT options",
    text: ENDS + SAFE +
      "TIMEOUTconnect = 3\nTIMEOUTbusy = 4\nTIMEOUTidle = 3000\nTIMEOUTclose = 0\nTIMEOUTocsp = 5\n",
    tells: [
      '{"checkHost":["pop.example.org"],"timeouts":{"connectMs":3000,"handshakeMs":4000,"idleMs":3000000,"closeMs":0}}',
      "info TIMEOUTocsp: revoked certificates are not recognised",
    ],
  },
  {
    row: "TIMEOUTidle under half an hour",
    text: ENDS + SAFE + "TIMEOUTidle = 600\n",
    tells: [
      '{"checkHost":["pop.example.org"],"timeouts":{"connectMs":10000,"handshakeMs":10000,"idleMs":600000,"closeMs":60000}}',
      "warning TIMEOUTidle under 1800 seconds cuts IMAP connections that wait for mail (IDLE)",
    ],
  },
  {
    row: "0 seconds",
    text: ENDS + SAFE + "TIMEOUTconnect = 0\nTIMEOUTbusy = 0\nTIMEOUTidle = 0\n",
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "warning TIMEOUTconnect = 0 would cut every connection; the usual limit is kept",
      "warning TIMEOUTbusy = 0 would cut every connection; the usual limit is kept",
      "warning TIMEOUTidle = 0 would cut every connection; the usual limit is kept",
    ],
  },
  {
    row: "socket",
    text: ENDS + SAFE + "socket = r:SO_KEEPALIVE=1\nsocket = r:TCP_KEEPIDLE=60\nsocket = a:SO_REUSEADDR=no\n",
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "info socket: keepalive is always on",
      "info socket: keepalive is always on",
      "info socket: ignored, TCP_NODELAY is always set",
    ],
  },
  {
    row: "the log and the process, before the sections",
    before:
      "debug = 7\noutput = /var/log/x\nsyslog = no\npid =\nforeground = yes\nlog = append\niconActive = x\niconError = x\niconIdle = x\ntaskbar = no\nservice = s\n",
    text: ENDS + SAFE,
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "info debug: ignored, see the settings of the log",
      "info output: ignored, logs go to standard error and the service manager watches the process",
      "info syslog: ignored, logs go to standard error and the service manager watches the process",
      "info pid: ignored, logs go to standard error and the service manager watches the process",
      "info foreground: ignored, logs go to standard error and the service manager watches the process",
      "info log: ignored, logs go to standard error and the service manager watches the process",
      "info iconActive: ignored, logs go to standard error and the service manager watches the process",
      "info iconError: ignored, logs go to standard error and the service manager watches the process",
      "info iconIdle: ignored, logs go to standard error and the service manager watches the process",
      "info taskbar: ignored, logs go to standard error and the service manager watches the process",
      "info service: ignored, the section's own name stands in the log and on the page",
    ],
  },
  {
    row: "debug and logId",
    text: ENDS + SAFE + "debug = 7\nlogId = unique\n",
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "info debug: ignored, see the settings of the log",
      "info logId: ignored, see the settings of the log",
    ],
  },
  {
    row: "include, where a text alone is read",
    text: ENDS + SAFE + "include = conf.d\n",
    tells: ["no service", "error include: cannot be followed here"],
  },
  {
    row: "inline comments, brackets, true and on",
    text:
      "client = true\naccept = [::1]:110 ; local\nconnect = pop.example.org:995\nverifyChain = on\ncheckHost = pop.example.org\n",
    tells: [
      '{"accept":[{"host":"::1","port":110}],"checkHost":["pop.example.org"]}',
      "warning stunnel would reject this spelling: only yes and no",
      "warning stunnel would reject this spelling: IPv6 addresses have no brackets",
      "warning stunnel would reject this line: a comment needs a line of its own; it is ignored here",
      "warning stunnel would reject this spelling: only yes and no",
    ],
  },
  {
    row: "sni",
    text: ENDS + SAFE + "sni = other.example.org\n",
    tells: ['{"checkHost":["pop.example.org"],"sni":"other.example.org"}'],
  },
  { row: "sni =", text: ENDS + SAFE + "sni =\n", tells: ['{"checkHost":["pop.example.org"],"sni":""}'] },
  {
    row: "revocation",
    text: ENDS + SAFE +
      "CRLfile = x\nCRLpath = x\nOCSP = http://x/\nOCSPaia = yes\nOCSPflag = NOCERTS\nOCSPnonce = no\nOCSPrequire = no\n",
    tells: [
      '{"checkHost":["pop.example.org"]}',
      "warning CRLfile: revoked certificates are not recognised",
      "warning CRLpath: revoked certificates are not recognised",
      "warning OCSP: revoked certificates are not recognised",
      "info OCSPaia: revoked certificates are not recognised",
      "info OCSPflag: revoked certificates are not recognised",
      "info OCSPnonce: revoked certificates are not recognised",
      "info OCSPrequire: revoked certificates are not recognised",
    ],
  },
  {
    row: "delay, reset",
    text: ENDS + SAFE + "delay = yes\nreset = yes\n",
    tells: ['{"checkHost":["pop.example.org"]}', "info delay: names are looked up for every connection"],
  },
  {
    row: "reset = no",
    text: ENDS + SAFE + "reset = no\n",
    tells: [
      '{"checkHost":["pop.example.org"],"truncation":"eof"}',
      "warning reset = no: a mail cut short upstream looks complete to the mail program",
    ],
  },
  {
    row: "our own options",
    text: ENDS + SAFE + "truncation = eof\nmax-connections = 5\nunsafe-listen = no\n",
    tells: ['{"checkHost":["pop.example.org"],"truncation":"eof","maxConnections":5}'],
  },
];

for (const { row, text, before, tells } of CASES) {
  Deno.test(`stunnel.conf: ${row}`, () => assert.deepEqual(told(text, before), tells));
}

Deno.test("stunnel.conf: what is left out is as in stunnel, but safer", () => {
  const { services: [plain] } = parseStunnelConf(`[a]\n${ENDS}`, { file: "a.conf" });
  assert.deepEqual(plain, {
    name: "a",
    file: "a.conf",
    line: 1,
    client: true,
    accept: [{ host: "127.0.0.1", port: 110 }],
    connect: [{ host: "pop.example.org", port: 995 }],
    failover: "prio",
    unsafeListen: false,
    verify: true,
    verifyPeer: false,
    verifyChain: true,
    checkHost: [],
    checkIp: [],
    minVersion: "TLSv1.2",
    mailProtocol: "pop3",
    timeouts: { connectMs: 10_000, handshakeMs: 10_000, idleMs: 3_600_000, closeMs: 60_000 },
    truncation: "reset",
    maxConnections: 1000,
  });
});

Deno.test("every option that is known has a case", () => {
  const cases = CASES.map(({ text, before = "" }) => `${before}\n${text}`.toLowerCase()).join("\n");
  const missing = [...OPTIONS.keys()].filter((name) => !cases.includes(`\n${name} =`));
  assert.deepEqual(missing, []);
});
