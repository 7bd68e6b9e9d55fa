import assert from "node:assert/strict";
import * as path from "node:path";
import fc from "fast-check";
import { type ConfReading, parseStunnelConf, readStunnelConf, type ServiceOptions } from "./mod.ts";
import { OPTIONS } from "./stunnel_table.ts";

const parse = (text: string): ConfReading => parseStunnelConf(text, { file: "test.conf" });
const ENDS = "client = yes\naccept = 127.0.0.1:110\nconnect = pop.example.org:995\n";

/** The one service of a text that has one. */
function only(text: string): ServiceOptions {
  const { services, problems } = parse(text);
  assert.equal(services.length, 1, JSON.stringify(problems));
  const [service] = services;
  assert(service);
  return service;
}

function errors(text: string): string[] {
  return parse(text).problems.filter(({ severity }) => severity === "error").map(({ message }) => message);
}

function warnings(text: string): string {
  return parse(text).problems.filter(({ severity }) => severity === "warning").map(({ message }) => message)
    .join("\n");
}

Deno.test("the services of the original document work as they stand", () => {
  const { services, problems } = parse(`; Gmail
[gmail-pop3]
client = yes
accept = 127.0.0.1:110
connect = pop.gmail.com:995

;[gmail-imap]
;client = yes
;accept = 127.0.0.1:143
;connect = imap.gmail.com:993

[gmail-smtp]
client = yes
accept = 127.0.0.1:25
connect = smtp.gmail.com:465
sslVersion = SSLV3
`);
  assert.deepEqual(
    services.map(({ name, accept, connect, verify, minVersion, mailProtocol }) => ({
      name,
      accept,
      connect,
      verify,
      minVersion,
      mailProtocol,
    })),
    [
      {
        name: "gmail-pop3",
        accept: [{ host: "127.0.0.1", port: 110 }],
        connect: [{ host: "pop.gmail.com", port: 995 }],
        verify: true,
        minVersion: "TLSv1.2",
        mailProtocol: "pop3",
      },
      {
        name: "gmail-smtp",
        accept: [{ host: "127.0.0.1", port: 25 }],
        connect: [{ host: "smtp.gmail.com", port: 465 }],
        verify: true,
        minVersion: "TLSv1.2",
        mailProtocol: "smtp",
      },
    ],
  );
  assert.deepEqual(problems.map(({ severity, line, section }) => [severity, line, section]), [
    ["warning", 2, "gmail-pop3"],
    ["warning", 16, "gmail-smtp"],
    ["warning", 12, "gmail-smtp"],
  ]);
  assert.match(problems[1]?.message ?? "", /SSLv3 is obsolete/);
});

Deno.test("lines are read as stunnel reads them", async (t) => {
  const cases: [string, string][] = [
    ["a byte order mark is skipped", `\uFEFF[a]\n${ENDS}`],
    ["carriage returns are ignored", `[a]\n${ENDS}`.replaceAll("\n", "\r\n")],
    ["the last line needs no end", `[a]\n${ENDS}`.trimEnd()],
    ["; and # begin comments", `; one\n# two\n  ; three\n[a]\n${ENDS}`],
    [
      "white space around is ignored",
      `\t[a] \n  client=yes\naccept   =127.0.0.1:110\nconnect=  pop.example.org:995 \n`,
    ],
    [
      "names and words know no case",
      `[a]\nCLIENT = YES\nAccept = 127.0.0.1:110\nCONNECT = pop.example.org:POP3S\n`,
    ],
    ["the last one of an option wins", `[a]\nclient = no\n${ENDS}`],
    [
      "options before the first section are defaults",
      `client = yes\n[a]\n${ENDS.replace("client = yes\n", "")}`,
    ],
  ];
  for (const [name, text] of cases) {
    await t.step(name, () => {
      const { name, client, accept, connect } = only(text);
      assert.deepEqual({ name, client, accept, connect }, {
        name: "a",
        client: true,
        accept: [{ host: "127.0.0.1", port: 110 }],
        connect: [{ host: "pop.example.org", port: 995 }],
      });
      assert.deepEqual(errors(text), []);
    });
  }
});

Deno.test("section names keep spaces and dots, and duplicates are two services", () => {
  const { services, problems } = parse(`[my mail.example]\n${ENDS}[my mail.example]\n${ENDS}`);
  assert.deepEqual(services.map(({ name }) => name), ["my mail.example", "my mail.example"]);
  assert(problems.some(({ severity, message }) => severity === "info" && /another section/.test(message)));
});

Deno.test("repeated accept, connect and checkHost accumulate, also on inherited ones", () => {
  const service = only(
    `checkHost = a.example\n[a]\n${ENDS}accept = ::1:110\nconnect = other:995\ncheckHost = b.example\n`,
  );
  assert.deepEqual(service.accept, [{ host: "127.0.0.1", port: 110 }, { host: "::1", port: 110 }]);
  assert.deepEqual(service.connect, [{ host: "pop.example.org", port: 995 }, { host: "other", port: 995 }]);
  assert.deepEqual(service.checkHost, ["a.example", "b.example"]);
});

Deno.test("addresses are split at the last colon", async (t) => {
  const cases: [string, unknown][] = [
    ["127.0.0.1:110", { host: "127.0.0.1", port: 110 }],
    ["::1:143", { host: "::1", port: 143 }],
    ["localhost:pop3", { host: "localhost", port: 110 }],
    ["/run/mail.sock", { path: "/run/mail.sock" }],
    ["2110", { host: "127.0.0.1", port: 2110 }],
    ["127.0.0.1:0", { host: "127.0.0.1", port: 0 }],
  ];
  for (const [text, address] of cases) {
    await t.step(text, () => {
      assert.deepEqual(only(`[a]\nclient = yes\naccept = ${text}\nconnect = h:1\n`).accept, [address]);
    });
  }
  for (const text of ["pop", "host:", ":", "a b:1", "host:65536", "host:-1", ""]) {
    await t.step(`refuses "${text}"`, () => {
      assert.equal(errors(`[a]\nclient = yes\naccept = ${text}\nconnect = h:1\n`).length > 0, true);
    });
  }
});

Deno.test("what stunnel would reject for its spelling is taken with a warning", async (t) => {
  const cases = [
    `[a]\n${ENDS.replace("yes", "true")}`,
    `[a]\n${ENDS.replace("yes", "yes ; comment")}`,
    `[a]\n${ENDS.replace("127.0.0.1:110", "127.0.0.1:110 # comment")}`,
    `[a]\n${ENDS.replace("127.0.0.1:110", "[::1]:110")}`,
    `[a] ; comment\n${ENDS}`,
  ];
  for (const text of cases) {
    await t.step(JSON.stringify(text), () => {
      assert.equal(only(text).client, true);
      assert.match(warnings(text), /stunnel would reject/);
    });
  }
});

Deno.test("a fault concerns its own section, and names file, line and section", () => {
  const { services, problems } = parse(`[bad]\n${ENDS}bogus = 1\n[good]\n${ENDS}`);
  assert.deepEqual(services.map(({ name }) => name), ["good"]);
  const error = problems.find(({ severity }) => severity === "error");
  assert.deepEqual([error?.file, error?.line, error?.section], ["test.conf", 5, "bad"]);
  assert.match(error?.message ?? "", /neither stunnel nor this program knows it/);
});

Deno.test("faults of a section", async (t) => {
  const cases: [string, string, RegExp][] = [
    ["no accept", "[a]\nclient = yes\nconnect = h:1\n", /accept is missing/],
    ["no connect", "[a]\nclient = yes\naccept = 127.0.0.1:1\n", /connect is missing/],
    ["a global option inside", `[a]\n${ENDS}syslog = yes\n`, /belongs before the first/],
    ["a line without =", `[a]\n${ENDS}hello there\n`, /Cannot read the line: there is no "="/],
    ["a bad boolean", `[a]\n${ENDS}verifyChain = maybe\n`, /needs to be "yes" or "no"/],
    ["exec", `[a]\n${ENDS}exec = /bin/sh\n`, /not supported/],
    ["PSK", `[a]\n${ENDS}PSKsecrets = x\n`, /pre-shared keys/],
    ["another protocol", `[a]\n${ENDS}protocol = ldap\n`, /is not supported; pop3, imap, smtp/],
    ["ntlm", `[a]\n${ENDS}protocolAuthentication = ntlm\n`, /is not supported; basic is/],
    ["server mode without cert", "[a]\naccept = 995\nconnect = 110\n", /cert is missing/],
    [
      "client certificates in server mode",
      "[a]\naccept = 995\nconnect = 110\ncert = c\nverifyChain = yes\n",
      /server mode/,
    ],
    ["pin without file", `[a]\n${ENDS}verifyPeer = yes\n`, /CAfile is missing/],
    [
      "min above max",
      `[a]\n${ENDS}sslVersionMax = TLSv1.2\nsslVersionMin = TLSv1.3\n`,
      /older than sslVersionMin/,
    ],
    ["an inherited fault", `failover = dice\n[a]\n${ENDS}`, /one of rr, prio/],
    ["no section", "client = yes\n", /Cannot find a section/],
    ["an overlong line", `[a]\n${ENDS}x = ${"y".repeat(20_000)}\n`, /longer than 16 KiB/],
    ["no proxy target", `[a]\n${ENDS}protocol = connect\n`, /protocolHost is missing/],
  ];
  for (const [name, text, expected] of cases) {
    await t.step(name, () => {
      assert.equal(parse(text).services.length, 0);
      assert.match(errors(text).join("\n"), expected);
    });
  }
});

Deno.test("verification is on unless verify = no says otherwise", async (t) => {
  const cases: [string, boolean, RegExp][] = [
    ["", true, /accepted any certificate here/],
    ["verify = 0\n", true, /accepted any certificate here/],
    ["verify = 2\n", true, /also checks that it names the host/],
    ["verifyChain = no\n", true, /accepted any certificate here/],
    ["verifyChain = yes\n", true, /also checks that it names the host/],
    ["verify = no\n", false, /any server is taken for the right one/],
  ];
  for (const [line, verify, warning] of cases) {
    await t.step(line.trim() || "nothing", () => {
      assert.equal(only(`[a]\n${ENDS}${line}`).verify, verify);
      assert.match(warnings(`[a]\n${ENDS}${line}`), warning);
    });
  }
  const complete = `[a]\n${ENDS}verifyChain = yes\ncheckHost = pop.example.org\n`;
  assert.equal(warnings(complete), "");
});

Deno.test("options become what the table says", async (t) => {
  const cases: [string, Partial<ServiceOptions>, RegExp?][] = [
    ["sslVersion = TLSv1", { minVersion: "TLSv1.2" }, /TLSv1 is obsolete/],
    ["sslVersion = SSLv2", { minVersion: "TLSv1.2" }, /SSLv2 is obsolete/],
    ["sslVersion = TLSv1.2", { minVersion: "TLSv1.2" }, /takes 1\.2 and newer/],
    ["sslVersionMin = tlsv1.3", { minVersion: "TLSv1.3" }],
    ["sslVersionMax = TLSv1.2", { minVersion: "TLSv1.2" }, /no upper limit/],
    ["failover = RR", { failover: "rr" }],
    ["sni =", { sni: "" }],
    ["sni = other.example", { sni: "other.example" }],
    ["verifyPeer = yes\nCAfile = pin.pem", { verifyPeer: true, verifyChain: false, caFile: "pin.pem" }],
    ["verify = 3\nCAfile = pin.pem", { verifyPeer: true, verifyChain: true }],
    ["protocol = IMAP", { protocol: "imap", mailProtocol: "imap" }],
    ["ciphers = ALL", {}, /only current ciphers/],
    ["options = -NO_SSLv3", {}, /ignored, it is a switch of OpenSSL/],
    ["CRLfile = x", {}, /revoked certificates/],
    ["TIMEOUTidle = 600", {}, /cuts IMAP connections/],
    ["TIMEOUTidle = 0", {}, /would cut every connection/],
    ["truncation = eof", { truncation: "eof" }],
    ["max-connections = 5", { maxConnections: 5 }],
    [
      "protocolUsername = u\nprotocolPassword = p",
      { protocolUsername: "u", protocolPassword: "p" },
      /clear text/,
    ],
    ["socket = r:SO_KEEPALIVE=1", {}],
    ["accept = 0.0.0.0:110", { unsafeListen: false }, /it is not opened/],
    ["accept = 0.0.0.0:110\nunsafe-listen = yes", { unsafeListen: true }, /cross the network in clear text/],
    ["accept = 1110", {}, /listens on 127\.0\.0\.1 alone/],
    ["connect = 995", {}, /means this machine/],
  ];
  for (const [lines, expected, warning] of cases) {
    await t.step(lines, () => {
      const text = `[a]\n${ENDS}${lines}\n`;
      const service = only(text);
      assert.partialDeepStrictEqual(service, expected);
      if (warning !== undefined) assert.match(warnings(text), warning);
    });
  }
});

Deno.test("TIMEOUT options are seconds, and TIMEOUTclose may be 0", () => {
  const { timeouts } = only(
    `[a]\n${ENDS}TIMEOUTconnect = 3\nTIMEOUTbusy = 4\nTIMEOUTidle = 3000\nTIMEOUTclose = 0\n`,
  );
  assert.deepEqual(timeouts, { connectMs: 3000, handshakeMs: 4000, idleMs: 3_000_000, closeMs: 0 });
});

Deno.test("server mode: an accept without address is every address, with its certificate", () => {
  const service = only("[pop3s]\naccept = 995\nconnect = 110\ncert = /etc/stunnel/stunnel.pem\n");
  assert.equal(service.client, false);
  assert.deepEqual(service.accept, [{ host: "0.0.0.0", port: 995 }, { host: "::", port: 995 }]);
  assert.deepEqual(service.connect, [{ host: "localhost", port: 110 }]);
  assert.equal(service.key, "/etc/stunnel/stunnel.pem");
});

Deno.test("no message repeats a password", () => {
  const secret = "hunter2-Zx";
  const text =
    `protocolPassword ${secret}\nprotocolPassword = ${secret}\n[a]\n${ENDS}protocolPassword = ${secret}\nprotocolUsername = ${secret}\n`;
  assert(!JSON.stringify(parse(text).problems).includes(secret));
});

Deno.test("no input makes the parser throw", () => {
  const names = [...OPTIONS.keys()];
  const value = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("yes", "no", "1", "all", "::1:1", "/x", "a:b:c"),
  );
  const line = fc.oneof(
    fc.tuple(fc.constantFrom(...names), value).map(([name, value]) => `${name} = ${value}`),
    value,
    value.map((name) => `[${name}]`),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const { services, problems } = parse(lines.join("\n"));
      for (const service of services) {
        assert(service.connect.length > 0 && service.accept.length > 0);
        assert(
          service.verify || !service.client ||
            problems.some(({ message }) => message.startsWith("verify = no")),
        );
        // Plain data, as a reload compares it.
        assert.deepEqual(JSON.parse(JSON.stringify(service)), service);
      }
      for (const problem of problems) assert(problem.message.length > 0 && problem.message.length < 1000);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("include follows .conf files in order, inside the folder alone", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const write = (name: string, text: string) => Deno.writeTextFile(path.join(folder, name), text);
    await Deno.mkdir(path.join(folder, "conf.d"));
    await write("main.conf", "client = yes\ninclude = conf.d\n[last]\naccept = 127.0.0.1:3\nconnect = c:3\n");
    await write("conf.d/b.conf", "connect = b:2\n[two]\naccept = 127.0.0.1:2\nconnect = b:2\n");
    await write("conf.d/a.conf", "[one]\naccept = 127.0.0.1:1\n");
    await write("conf.d/README", "not a configuration");
    const { services, problems } = await readStunnelConf(path.join(folder, "main.conf"));
    assert.deepEqual(services.map(({ name, client, line }) => [name, client, line]), [
      ["one", true, 1],
      ["two", true, 2],
      ["last", true, 3],
    ]);
    assert(problems.some(({ message }) => message.endsWith("README")));
    await write("main.conf", `include = ..\n[a]\n${ENDS}`);
    const outside = await readStunnelConf(path.join(folder, "main.conf"));
    assert.match(outside.problems[0]?.message ?? "", /lies outside/);
    await write("conf.d/loop.conf", "include = .\n");
    await write("main.conf", `include = conf.d\n`);
    const loop = await readStunnelConf(path.join(folder, "main.conf"));
    assert(loop.problems.some(({ message }) => /includes itself/.test(message)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a file that cannot be read is a problem, not an exception", async () => {
  const { services, problems } = await readStunnelConf("/nowhere/at/all.conf");
  assert.deepEqual(services, []);
  assert.match(problems[0]?.message ?? "", /Cannot read "\/nowhere\/at\/all\.conf": it does not exist/);
});

Deno.test("certificate files are looked at when the configuration is read", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = path.join(folder, "a.conf");
    await Deno.writeTextFile(path.join(folder, "junk.pem"), "junk");
    const read = async (lines: string) => {
      await Deno.writeTextFile(file, `[a]\n${ENDS}${lines}`);
      const { services, problems } = await readStunnelConf(file);
      return { count: services.length, text: problems.map(({ message }) => message).join("\n"), services };
    };
    const missing = await read("CAfile = gone.pem\n");
    assert.match(missing.text, /gone\.pem" does not exist; the public authorities/);
    assert.equal(missing.services[0]?.caFile, undefined);
    assert.match((await read("CAfile = junk.pem\n")).text, /holds no certificate in PEM form/);
    assert.equal((await read("verifyPeer = yes\nCAfile = gone.pem\n")).count, 0);
    assert.equal((await read("cert = junk.pem\n")).count, 0);
    assert.match((await read("cert = my.p12\n")).text, /PKCS#12/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
