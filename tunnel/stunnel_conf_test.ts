import assert from "node:assert/strict";
import { TempFolder } from "../test/servers/temp_folder.ts";
import { parseStunnelConf, readStunnelConf } from "./mod.ts";
import { OPTIONS } from "./stunnel_table.ts";

const ENDS = "client = yes\naccept = 127.0.0.1:110\nconnect = pop.example.org:995\n";
const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("the services of the original document work as they stand", () => {
  const { services, problems } = parseStunnelConf(
    `; Gmail
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
`,
    { file: "a.conf" },
  );
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

Deno.test("a file that cannot be read is a problem, not an exception", async (t) => {
  await using folder = await TempFolder.make();
  const read = async (file: string) => {
    const { services, problems } = await readStunnelConf(file);
    assert.deepEqual(services, []);
    assert.deepEqual(problems.map((problem) => [problem.severity, problem.file, problem.line]), [
      ["error", file, undefined],
    ]);
    return problems[0]?.message ?? "";
  };
  await t.step("missing", async () => assert.match(await read(folder.at("no.conf")), /it does not exist$/));
  await t.step("a folder", async () => assert.match(await read(folder.path), /it is a folder$/));
  await t.step("over 1 MiB", async () => {
    assert.match(await read(await folder.write("big.conf", ";\n".repeat(600_000))), /larger than 1 MiB$/);
  });
  await t.step("UTF-16", async () => {
    const utf16 = new Uint8Array(new Uint16Array([0xfeff, ...encode(`[a]\n${ENDS}`)]).buffer);
    assert.match(await read(await folder.write("wide.conf", utf16)), /UTF-16; save it as UTF-8$/);
  });
});

Deno.test({
  name: "a file without an end is read up to the limit alone",
  ignore: Deno.build.os === "windows",
  async fn() {
    const { problems } = await readStunnelConf("/dev/zero");
    assert.match(problems[0]?.message ?? "", /larger than 1 MiB/);
  },
});

Deno.test("bytes: a UTF-8 mark is skipped, what is no UTF-8 is read as Latin text", async (t) => {
  await using folder = await TempFolder.make();
  const names = async (bytes: Uint8Array<ArrayBuffer>) => {
    const { services } = await readStunnelConf(await folder.write("a.conf", bytes));
    return services.map(({ name }) => name);
  };
  const mark = [0xef, 0xbb, 0xbf];
  await t.step("UTF-8", async () => assert.deepEqual(await names(encode(`[é]\n${ENDS}`)), ["é"]));
  await t.step("mark", async () => {
    assert.deepEqual(await names(new Uint8Array([...mark, ...encode(`[a]\n${ENDS}`)])), ["a"]);
  });
  await t.step("only one mark", async () => {
    assert.deepEqual(await names(new Uint8Array([...mark, ...mark, ...encode(`[a]\n${ENDS}`)])), []);
  });
  await t.step("Latin", async () => {
    assert.deepEqual(await names(new Uint8Array([0x5b, 0xe9, 0x5d, 0x0a, ...encode(ENDS)])), ["é"]);
  });
});

Deno.test("an old verify = 2 leaves nothing to be done: what is checked is more than before", () => {
  const { problems } = parseStunnelConf(`[a]\n${ENDS}CAfile = ca.pem\nverify = 2\n`, { file: "a.conf" });
  const warnings = problems.filter(({ severity }) => severity === "warning");
  assert.deepEqual(warnings.map(({ isSettled }) => isSettled), [true]);
  assert.match(warnings[0]?.remedy ?? "", /checkHost = NAME/);
});

Deno.test("certificate files are looked at when the configuration is read", async (t) => {
  await using folder = await TempFolder.make();
  await folder.write("junk.pem", "junk");
  await folder.write("junk.key", "-----BEGIN PRIVATE KEY-----\n");
  await Deno.chmod(folder.at("junk.key"), 0o644);
  const cases: [string, "service" | "no service", RegExp][] = [
    ["CAfile = gone.pem", "service", /gone\.pem" does not exist; the public authorities are trusted instead/],
    ["CAfile = junk.pem", "no service", /holds no certificate in PEM form/],
    ["CApath = gone", "service", /gone" is no folder here; the public authorities are trusted instead/],
    [
      "verifyPeer = yes\nCAfile = gone.pem",
      "no service",
      /Cannot read the pinned certificate .* does not exist/,
    ],
    [
      "verifyPeer = yes\nCApath = /etc/ssl/certs",
      "no service",
      /Cannot pin the server's certificate: CApath/,
    ],
    ["verifyPeer = yes\nCApath = gone", "no service", /Cannot pin the server's certificate: CApath/],
    ["cert = junk.pem", "no service", /Cannot read the certificate .*: it holds no certificate/],
    ["cert = junk.pem\nkey = junk.key", "no service", /Other users can read or change the private key/],
    ["cert = my.p12", "no service", /PKCS#12 is not supported/],
  ];
  for (const [lines, outcome, message] of cases) {
    await t.step(lines, async () => {
      const file = await folder.write("a.conf", `[a]\n${ENDS}${lines}\n`);
      const { services, problems } = await readStunnelConf(file);
      assert.equal(services.length === 1 ? "service" : "no service", outcome);
      const found = problems.filter((problem) => message.test(problem.message));
      assert.equal(found.length, 1);
      assert.ok(found[0]?.remedy, found[0]?.message);
      // Nothing to be found is no authority to be trusted.
      assert.deepEqual([services[0]?.caFile, services[0]?.caPath], [undefined, undefined]);
    });
  }
});

Deno.test("the configuration that is shipped has no fault", async () => {
  const file = new URL("../launchers.d/gmail.conf", import.meta.url).pathname;
  const { services, problems } = await readStunnelConf(file);
  assert.deepEqual(services.map(({ name }) => name), ["gmail-pop3", "gmail-smtp"]);
  assert.deepEqual(problems.filter(({ severity }) => severity === "error"), []);
});

Deno.test("the examples of README.md have no fault", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", import.meta.url));
  const example = /```ini\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const { services, problems } = parseStunnelConf(example, { file: "README.md" });
  assert.deepEqual(services.map(({ name }) => name), [
    "gmail-pop3",
    "submission",
    "intranet",
    "old-server",
    "pop3s",
  ]);
  assert.deepEqual(problems.filter(({ severity }) => severity === "error"), []);
});

Deno.test("README.md names every option", async () => {
  const readme = (await Deno.readTextFile(new URL("README.md", import.meta.url))).toLowerCase();
  const families = [
    "session",
    "ticket",
    "ocsp",
    "timeoutocsp",
    "rnd",
    "psk",
    "icon",
    "engine",
    "curve",
    "provider",
  ];
  const missing = [...OPTIONS.keys()].filter((name) =>
    !readme.includes(`\`${name}`) && !families.some((family) => name.startsWith(family))
  );
  assert.deepEqual(missing, []);
});

Deno.test("a value with one slip in it is told with the word that was meant, and nothing that follows from it", () => {
  const text =
    "[a]\nclient = ys\naccept = 127.0.0.1:110\nconnect = pop.example.org:995\nverifyChain = yes\n" +
    "protocol = pop\nfailover = prioo\n";
  const { problems } = parseStunnelConf(text, { file: "a.conf" });
  const errors = problems.filter(({ severity }) => severity === "error");
  assert.deepEqual(errors.map(({ line, remedy }) => [line, remedy]), [
    [2, 'Did you mean "yes"?'],
    [6, 'Did you mean "pop3"?'],
    [7, 'Did you mean "prio"?'],
  ]);
});
