import assert from "node:assert/strict";
import * as v from "valibot";
import { createAuthority, type IssuedCertificate } from "../../test/servers/certificates.ts";
import { testContext } from "../../test/servers/context.ts";
import { SourceError, type SourceFault } from "../errors.ts";
import {
  checkMailServer,
  type MailServerOptions,
  mailServerOptions,
  openConnection,
  readCertificates,
} from "./mail_server.ts";
import type { SourceContext } from "./source.ts";

const schema = v.pipe(v.strictObject(mailServerOptions), checkMailServer());
const PORTS = { implicit: 995, plain: 110 };
const GIVEN = { server: "mail.exemple.fr", account: "ged", password: { env: "GED" } };

/** What the schema says against these options, as `path: message`. */
function complaints(options: unknown): string[] {
  const { issues = [] } = v.safeParse(schema, options);
  return issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`);
}

Deno.test("the shared options take a server or a tunnel, with a password or a token", () => {
  assert.deepEqual(complaints(GIVEN), []);
  assert.deepEqual(
    complaints({ ...GIVEN, port: 1, tls: "starttls", ca_file: "ca.pem", password: { file: "x" } }),
    [],
  );
  assert.deepEqual(complaints({ tunnel: "gmail-pop3", account: "ged", password: "text" }), []);
  assert.deepEqual(complaints({ server: "::1", account: "ged", auth: "xoauth2", token: { file: "t" } }), []);
  assert.deepEqual(
    complaints({ server: "::1", account: "ged", auth: "xoauth2", token: { command: ["/bin/x", ""] } }),
    [],
  );
  assert.equal(v.parse(schema, GIVEN).auth, "password");
});

Deno.test("the shared options say what is wrong and what would be right, several at once", async (t) => {
  const cases: [string, unknown, RegExp[]][] = [
    ["nowhere", { account: "a", password: "x" }, [/^server: is missing: give server, or tunnel$/]],
    ["both", { ...GIVEN, tunnel: "t" }, [/^server: cannot stand beside tunnel/]],
    [
      "tunnel decides",
      { tunnel: "t", port: 995, tls: "none", ca_file: "x", account: "a", password: "x" },
      [/^port: cannot stand/, /^tls: cannot stand/, /^ca_file: cannot stand/],
    ],
    ["no password", { server: "a", account: "a" }, [/^password: is missing: auth = "password" needs it$/]],
    ["no token", { ...GIVEN, auth: "xoauth2" }, [/^token: is missing/, /^password: has no meaning/]],
    ["a command in one text", { ...GIVEN, auth: "xoauth2", token: { command: "x y" } }, [
      /^token: must be \{ file = "path" \}, .* or \{ command = \[/,
    ]],
    ["no command", { ...GIVEN, auth: "xoauth2", token: { command: [] } }, [/^token\.command: command must/]],
    ["file and command", { ...GIVEN, auth: "xoauth2", token: { file: "t", command: ["x"] } }, [/^token/]],
    ["several", { server: "https://x", port: 0, account: "" }, [
      /^server: must be a host name/,
      /^port: must be a whole number from 1 to 65535/,
      /^account: must not be empty/,
      /^password: is missing/,
    ]],
    ["server with port", { ...GIVEN, server: "x:995" }, [/^server: .*the port has its own option/]],
    ["line end", { ...GIVEN, account: "a\r\nDELE 1" }, [/^account: .*control/]],
  ];
  for (const [name, options, patterns] of cases) {
    await t.step(name, () => {
      const found = complaints(options);
      for (const pattern of patterns) assert.ok(found.some((line) => pattern.test(line)), found.join("\n"));
    });
  }
});

Deno.test("what is said about a secret never contains it", () => {
  for (
    const password of [
      ["hunter2"],
      { hunter2: "hunter2" },
      { env: ["hunter2"] },
      { env: "X", hunter2: 1 },
      "",
      12345,
    ]
  ) {
    const found = complaints({ ...GIVEN, password });
    assert.ok(found.length > 0);
    assert.equal(/hunter2:|"hunter2|12345/.test(found.join("\n")), false, found.join("\n"));
    assert.match(found.join("\n"), /must be \{ env = "NAME" \}|must not be empty/);
  }
});

function listen(options: Partial<MailServerOptions>): MailServerOptions {
  return { server: "127.0.0.1", account: "a", auth: "password", ...options };
}

async function failure(options: MailServerOptions, context: SourceContext = testContext()): Promise<Error> {
  return await openConnection(options, { context, ports: PORTS }).then((connection) => {
    connection.close();
    return assert.fail("it connected");
  }, (error) => error);
}

function assertFault(error: Error, { fault, pattern }: { fault: SourceFault; pattern: RegExp }): void {
  assert.match(error.message, pattern);
  assert.ok(error instanceof SourceError);
  assert.equal(error.fault, fault);
}

/** Runs one TLS (or plain) server that takes one connection, while `run` uses its port. */
async function withServer<T>(
  identity: IssuedCertificate | string,
  run: (port: number) => Promise<T>,
): Promise<T> {
  const address = { hostname: "127.0.0.1", port: 0 };
  using listener = typeof identity === "string"
    ? Deno.listen(address)
    : Deno.listenTls({ ...address, ...identity });
  const serving = (async () => {
    using conn = await listener.accept();
    try {
      if (typeof identity === "string") await conn.write(new TextEncoder().encode(identity));
      await conn.read(new Uint8Array(1000));
    } catch {
      // The client breaks the handshake off: that is what is tested.
    }
  })();
  const result = await run(listener.addr.port);
  await serving;
  return result;
}

Deno.test("openConnection() verifies the server's certificate, and says what to do when it cannot be trusted", async (t) => {
  const authority = await createAuthority();
  const base = await Deno.makeTempDir();
  const context = testContext({ base });
  await Deno.writeTextFile(`${base}/ca.pem`, authority.pem);
  await t.step("trusted by ca_file", async () => {
    await withServer(await authority.issue(), async (port) => {
      const connection = await openConnection(listen({ port, ca_file: "ca.pem" }), { context, ports: PORTS });
      connection.close();
      connection.close();
    });
  });
  const past = { notBefore: new Date("2020-01-01"), notAfter: new Date("2020-02-01") };
  const future = { notBefore: new Date("2090-01-01"), notAfter: new Date("2091-01-01") };
  const cases: [string, IssuedCertificate | string, Partial<MailServerOptions>, SourceFault, RegExp][] = [
    ["expired", await authority.issue(past), { ca_file: "ca.pem" }, "tls", /its certificate has expired/],
    ["not yet valid", await authority.issue(future), { ca_file: "ca.pem" }, "tls", /not valid yet/],
    [
      "another name",
      await authority.issue({ names: ["mail.exemple.fr"] }),
      { ca_file: "ca.pem" },
      "tls",
      /its certificate is not for "127\.0\.0\.1"; it is for mail\.exemple\.fr; use a name/,
    ],
    ["unknown authority", await authority.issue(), {}, "tls", /not known here; give .* as ca_file/],
    [
      "plain text",
      "+OK hello\r\n",
      {},
      "tls",
      /does not speak TLS on this port; use tls = "starttls"/,
    ],
    ["TLS alert", "\x15\x03\x03\x00\x02\x02\x46", {}, "tls", /too old/],
  ];
  for (const [name, identity, options, fault, pattern] of cases) {
    await t.step(name, async () => {
      const error = await withServer(identity, (port) => failure(listen({ port, ...options }), context));
      assertFault(error, { fault, pattern });
      assert.match(error.message, /^Cannot secure the connection to "127\.0\.0\.1:\d+": /);
    });
  }
  await Deno.remove(base, { recursive: true });
});

Deno.test("openConnection() says why it cannot connect", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  assertFault(await failure(listen({ port })), {
    fault: "unreachable",
    pattern: /^Cannot connect to "127\.0\.0\.1:\d+": the connection was refused; check the port/,
  });
  assertFault(await failure(listen({ server: "nowhere.invalid" })), {
    fault: "unreachable",
    pattern: /^Cannot connect to "nowhere\.invalid:995": the name "nowhere\.invalid" is not known/,
  });
});

Deno.test("openConnection() through a tunnel gives what dial() gives, failures included", async () => {
  const options = { tunnel: "gmail-pop3", account: "a", auth: "password" } as const;
  assertFault(await failure(options), { fault: "unreachable", pattern: /gmail-pop3/ });
  await withServer("+OK hello\r\n", async (port) => {
    const context = testContext({ dial: () => Deno.connect({ hostname: "127.0.0.1", port }) });
    const connection = await openConnection(options, { context, ports: PORTS });
    assert.equal(connection.peer, '"gmail-pop3" (tunnel)');
    assert.equal(await connection.read(new Uint8Array(100)), 11);
    await assert.rejects(connection.startTls(), TypeError);
    connection.close();
  });
});

Deno.test("an abort ends connecting, handshakes and reads, with the signal's reason", async () => {
  const reason = new Error("the gateway stops");
  const gate = new AbortController();
  const context = testContext({ signal: gate.signal });
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const open = openConnection(listen({ port, tls: "none" }), { context, ports: PORTS });
  const handshake = failure(listen({ port }), context);
  using first = await listener.accept();
  using second = await listener.accept();
  const connection = await open;
  const reading = connection.read(new Uint8Array(10));
  gate.abort(reason);
  await assert.rejects(reading, reason);
  assert.equal(await handshake, reason);
  assert.equal(await failure(listen({ port }), context), reason);
  assert.ok(first && second);
});

Deno.test("a connection that breaks says so in a sentence", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const connection = await openConnection(listen({ port, tls: "none" }), {
    context: testContext(),
    ports: PORTS,
  });
  (await listener.accept()).close();
  assert.equal(await connection.read(new Uint8Array(10)), null);
  connection.close();
  await assert.rejects(connection.read(new Uint8Array(10)), (error) => {
    assert.ok(error instanceof SourceError);
    return /^Cannot read from "127\.0\.0\.1:\d+": the connection is closed$/.test(error.message);
  });
});

Deno.test("readCertificates() takes certificates in PEM form and says what else it found", async (t) => {
  const authority = await createAuthority();
  const issued = await authority.issue();
  const folder = await Deno.makeTempDir();
  const cases: [string, string, RegExp | number][] = [
    ["one", authority.pem, 1],
    ["a bundle with text between", `# ours\n${authority.pem}\n# theirs\r\n${issued.cert}`, 2],
    ["a key", issued.key, /it holds a private key, not a certificate/],
    ["no PEM", "0\x82\x01", /it is not a PEM file/],
    ["damaged", authority.pem.replace(/\n.{20}/, "\nAAAAAAAAAAAAAAAAAAAA"), /certificate 1 of 1 is damaged/],
    ["missing", "", /there is no such file/],
  ];
  for (const [name, text, expected] of cases) {
    await t.step(name, async () => {
      const path = `${folder}/${name}`;
      if (name !== "missing") await Deno.writeTextFile(path, text);
      if (typeof expected === "number") return assert.equal((await readCertificates(path)).length, expected);
      await assert.rejects(
        readCertificates(path),
        (error) => error instanceof SourceError && expected.test(error.message),
      );
    });
  }
  await Deno.remove(folder, { recursive: true });
});
