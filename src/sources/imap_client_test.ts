import assert from "node:assert/strict";
import { SourceError, type SourceFault } from "../errors.ts";
import { type Authority, createAuthority } from "../../test/servers/certificates.ts";
import { ACCOUNT, ImapFixture, mailOf, PASSWORD } from "../../test/servers/imap_fixture.ts";
import type { ImapFaults } from "../../test/servers/imap_server.ts";
import { ImapClient } from "./imap_client.ts";
import type { Connection, Source } from "./source.ts";

interface Expected {
  readonly fault: SourceFault;
  readonly message: RegExp;
}

async function assertFault(work: Promise<unknown>, { fault, message }: Expected): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof SourceError, String(error));
    assert.match(error.message, message);
    assert.equal(error.fault, fault, error.message);
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      assert.ok(!Deno.inspect(cause, { depth: 9 }).includes(PASSWORD), "the password is in the error");
    }
    return true;
  });
}

async function firstMail(source: Source): Promise<Uint8Array<ArrayBuffer>> {
  for await (const item of source.items()) return await new Response(await item.open()).bytes();
  throw new Error("no mail");
}

/** A folder with the authority's certificate, for `ca_file`. */
async function authorityFolder(authority: Authority): Promise<string> {
  const base = await Deno.makeTempDir();
  await Deno.writeTextFile(`${base}/ca.pem`, authority.pem);
  return base;
}

Deno.test("the server is reached over TLS and STARTTLS, and verified by ca_file", async (t) => {
  const authority = await createAuthority();
  const base = await authorityFolder(authority);
  const tls = await authority.issue();
  try {
    for (const security of ["implicit", "starttls"] as const) {
      await using fixture = await ImapFixture.start({
        tls,
        security,
        context: { base },
        listen: { tls: security },
      });
      fixture.inbox.add(mailOf(3_000_000));
      await t.step(security, async () => {
        await using source = await fixture.open({ ca_file: "ca.pem" });
        assert.deepEqual(await firstMail(source), fixture.inbox.mails[0]?.raw);
        await source.commit();
      });
      await t.step(`${security}, unknown authority`, async () => {
        const message =
          /^Cannot secure the connection to "127\.0\.0\.1:\d+": its certificate is signed by an authority/;
        await assertFault(fixture.open(), { fault: "tls", message });
      });
      assert.ok(
        fixture.server.commands.indexOf("AUTHENTICATE PLAIN") > fixture.server.commands.indexOf("STARTTLS"),
      );
    }
  } finally {
    await Deno.remove(base, { recursive: true });
  }
});

Deno.test("a certificate for another name is refused, with STARTTLS as well", async (t) => {
  const authority = await createAuthority();
  const base = await authorityFolder(authority);
  const tls = await authority.issue({ names: ["other.example"] });
  try {
    for (const security of ["implicit", "starttls"] as const) {
      await t.step(security, async () => {
        const listen = { tls: security, ca_file: "ca.pem" };
        await using fixture = await ImapFixture.start({ tls, security, context: { base }, listen });
        await assertFault(fixture.open(), {
          fault: "tls",
          message: /certificate is not for "127\.0\.0\.1"/,
        });
        assert.ok(!fixture.server.commands.some((command) => command.startsWith("AUTH")));
      });
    }
  } finally {
    await Deno.remove(base, { recursive: true });
  }
});

Deno.test("nothing is sent in clear text when STARTTLS is not to be had", async (t) => {
  const cases: [string, ImapFaults, RegExp][] = [
    ["not offered", {}, /does not offer STARTTLS, and nothing is sent without/],
    ["signed in before", { greeting: "* PREAUTH welcome" }, /it wants to go on without STARTTLS/],
  ];
  for (const [name, faults, message] of cases) {
    await t.step(name, async () => {
      await using fixture = await ImapFixture.start({ faults });
      await assertFault(fixture.open({ tls: "starttls" }), { fault: "tls", message });
      assert.deepEqual(fixture.server.commands.filter((command) => !command.startsWith("CAPABILITY")), []);
    });
  }
  await t.step("refused", async () => {
    const tls = await (await createAuthority()).issue();
    const at = (name: string) => name === "STARTTLS" ? "NO not now" as const : undefined;
    await using fixture = await ImapFixture.start({ tls, security: "starttls", faults: { at } });
    const message = /does not offer STARTTLS/;
    await assertFault(fixture.open({ tls: "starttls" }), { fault: "tls", message });
    assert.deepEqual(fixture.server.commands, ["STARTTLS"]);
  });
  await t.step("offered, and more said at once", async () => {
    const tls = await (await createAuthority()).issue();
    const at = (name: string) => name === "STARTTLS" ? "OK go\r\n* CAPABILITY IMAP4rev1" as const : undefined;
    await using fixture = await ImapFixture.start({ tls, security: "starttls", faults: { at } });
    await assertFault(fixture.open({ tls: "starttls" }), { fault: "tls", message: /may be tampering/ });
  });
});

Deno.test("a tunnel service is dialled, whatever the launcher calls the server", async (t) => {
  const authority = await createAuthority();
  const tls = await authority.issue();
  const dialled: string[] = [];
  let port = 0;
  const dial = async (service: string): Promise<Connection> => {
    dialled.push(service);
    return await Deno.connectTls({ hostname: "127.0.0.1", port, caCerts: [authority.pem] });
  };
  await using fixture = await ImapFixture.start({ tls, context: { dial } });
  port = fixture.server.port;
  fixture.inbox.add(mailOf(2_500_000));
  const through = { tunnel: "gmail-imap", server: undefined, port: undefined, tls: undefined };
  await t.step("reads through it", async () => {
    await using source = await fixture.open(through);
    for await (const item of source.items()) assert.equal(item.key, `${ACCOUNT}@gmail-imap/INBOX/1/1`);
    assert.deepEqual(await firstMail(source), fixture.inbox.mails[0]?.raw);
    assert.deepEqual(dialled, ["gmail-imap"]);
    await source.commit();
  });
  await t.step("a truncation is an error", async () => {
    await using source = await fixture.open(through);
    fixture.server.faults.cutAfterBytes = fixture.server.sentBytes + 1_500_000;
    const message = /Cannot read from "gmail-imap" \(tunnel\): the connection was cut/;
    await assertFault(firstMail(source), { fault: "unreachable", message });
  });
});

Deno.test("only a refused password or token counts as such", async (t) => {
  type Refusal = `${"NO" | "BAD"} ${string}`;
  const cases: [Refusal, SourceFault, RegExp][] = [
    [
      "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
      "credentials",
      /the password was refused: "Invalid/,
    ],
    ["NO [AUTHORIZATIONFAILED] no such user", "credentials", /the password was refused/],
    ["NO [EXPIRED] password expired", "credentials", /the password was refused/],
    ["NO LOGIN failed.", "credentials", /app password/],
    [
      "NO [ALERT] Application-specific password required (Failure)",
      "credentials",
      /the password was refused/,
    ],
    ["NO [UNAVAILABLE] try later", "busy", /wants us to wait, or to stay out: "try later"$/],
    ["NO [LIMIT] too often", "busy", /wants us to wait/],
    ["NO [OVERQUOTA] no room", "busy", /wants us to wait/],
    ["NO [INUSE] locked", "busy", /wants us to wait/],
    ["NO [SERVERBUG] oops", "busy", /wants us to wait/],
    ["NO [ALERT] Too many simultaneous connections. (Failure)", "busy", /wants us to wait/],
    ["NO [ALERT] Account exceeded command or bandwidth limits. (Failure)", "busy", /wants us to wait/],
    ["NO Internal error, try again later", "busy", /wants us to wait/],
    ["BAD Request is not understood", "refused", /wants us to wait/],
    ["NO [PRIVACYREQUIRED] not in clear text", "tls", /use tls = "starttls"/],
    [`BAD unknown: ${PASSWORD}`, "refused", /unknown: \*\*\*/],
    [`NO [AUTHENTICATIONFAILED] ${btoa(`\0${ACCOUNT}\0${PASSWORD}`)}`, "credentials", /refused: "\*\*\*"/],
  ];
  for (const [refuseSignIn, fault, message] of cases) {
    for (const capabilities of [["AUTH=PLAIN"], []]) {
      await t.step(`${refuseSignIn}${capabilities.length === 0 ? ", by LOGIN" : ""}`, async () => {
        await using fixture = await ImapFixture.start({ faults: { refuseSignIn }, capabilities });
        await assertFault(fixture.open(), { fault, message });
      });
    }
  }
});

Deno.test("a wrong password is refused, and a missing or empty one not even tried", async () => {
  await using fixture = await ImapFixture.start();
  const start = `^Cannot sign in to "127\\.0\\.0\\.1:${fixture.server.port}" as "${ACCOUNT}": `;
  const message = new RegExp(`${start}the password was refused: "wrong name or password"; check`);
  await assertFault(fixture.open({ password: "falsch" }), { fault: "credentials", message });
  assert.equal(fixture.server.clientCount, 1);
  const missing = fixture.open({ password: { env: "LANCEUR_TEST_NO_SUCH_VARIABLE" } });
  await assertFault(missing, { fault: "credentials", message: /is not set/ });
  assert.equal(fixture.server.clientCount, 1);
});

Deno.test("an access token is read anew each time, and its refusal reported", async () => {
  const base = await Deno.makeTempDir();
  try {
    const listen = { auth: "xoauth2", password: undefined, token: { file: "token" } };
    await using fixture = await ImapFixture.start({
      tokens: { [ACCOUNT]: "jeton-2" },
      listen,
      context: { base },
    });
    await Deno.writeTextFile(`${base}/token`, "jeton-1\n");
    const message = /the access token was refused: "token refused" \(status 400\); renew the token/;
    await assertFault(fixture.open(), { fault: "credentials", message });
    await Deno.writeTextFile(`${base}/token`, "jeton-2\n");
    {
      await using _source = await fixture.open();
    }
    await Deno.writeTextFile(`${base}/token`, " \n");
    await assertFault(fixture.open(), { fault: "credentials", message: /the token is empty/ });
    assert.ok(fixture.server.commands.every((command) => !command.includes("jeton")));
  } finally {
    await Deno.remove(base, { recursive: true });
  }
});

Deno.test("a server without a way to sign in is refused in words", async (t) => {
  await t.step("no mechanism for a token", async () => {
    await using fixture = await ImapFixture.start({ capabilities: ["AUTH=PLAIN"] });
    const listen = { auth: "xoauth2", password: undefined, token: { file: import.meta.filename ?? "" } };
    const message = /it offers no sign-in with an access token/;
    await assertFault(fixture.open(listen), { fault: "refused", message });
  });
  await t.step("no password in clear text", async () => {
    await using fixture = await ImapFixture.start({ capabilities: ["LOGINDISABLED"] });
    const message = /it takes no password on this connection; use tls = "starttls"/;
    await assertFault(fixture.open(), { fault: "tls", message });
    assert.deepEqual(fixture.server.commands, []);
  });
});

Deno.test("a server that does not talk IMAP, or no longer wants to, is told apart", async (t) => {
  const cases: [string, ImapFaults, Expected][] = [
    ["another protocol", { greeting: "+OK POP3 ready" }, {
      fault: "unreachable",
      message: /it says "\+OK POP3 ready", which is no IMAP greeting; check the port/,
    }],
    ["another protocol, octet by octet", { greeting: "220 smtp", chunkBytes: 1 }, {
      fault: "unreachable",
      message: /which is no IMAP greeting/,
    }],
    ["a farewell for a greeting", { greeting: "* BYE [UNAVAILABLE] Too many connections" }, {
      fault: "busy",
      message: /says goodbye: "Too many connections"/,
    }],
    [
      "a farewell at sign-in",
      { at: (name) => name === "AUTHENTICATE" ? { bye: "maintenance" } : undefined },
      {
        fault: "busy",
        message: /says goodbye: "maintenance"/,
      },
    ],
    ["cut before the greeting", { cutAfterBytes: 0 }, {
      fault: "unreachable",
      message: /closed the connection/,
    }],
    ["cut within the greeting", { cutAfterBytes: 9 }, {
      fault: "unreachable",
      message: /closed the connection/,
    }],
    ["control characters in what it says", { greeting: "* BYE a\x1b[31mb\x07c" }, {
      fault: "refused",
      message: /says goodbye: "a \[31mb c"/,
    }],
    ["a line without an end", { greeting: `* OK ${"x".repeat(17 << 20)}` }, {
      fault: "unreachable",
      message: /sent what is not IMAP \(LineTooLarge\)/,
    }],
    ["endless text", { refuseSignIn: `NO [LIMIT] ${"x".repeat(100_000)}` }, {
      fault: "busy",
      message: /^.{0,400}…"$/,
    }],
  ];
  for (const command of ["CAPABILITY", "AUTHENTICATE", "NAMESPACE", "EXAMINE"]) {
    const at = (name: string) => name === command ? "cut" as const : undefined;
    cases.push([`cut at ${command}`, { at }, { fault: "unreachable", message: /closed the connection/ }]);
  }
  for (const [name, faults, expected] of cases) {
    await t.step(name, async () => {
      await using fixture = await ImapFixture.start({ faults });
      await assertFault(fixture.open(), expected);
    });
  }
  await t.step("nobody there", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    listener.close();
    await using fixture = await ImapFixture.start();
    await assertFault(fixture.open({ port: listener.addr.port }), {
      fault: "unreachable",
      message: /the connection was refused; check the port/,
    });
  });
});

Deno.test("a server that falls silent counts as dead", async () => {
  const at = (name: string) => name === "EXAMINE" ? "stall" as const : undefined;
  await using fixture = await ImapFixture.start({ faults: { at } });
  const client = await ImapClient.connect(fixture.options(), fixture.context, { silenceMs: 50 });
  const opening = client.within("INBOX", { isReadOnly: true, action: "open it" }, () => Promise.resolve());
  await assertFault(opening, {
    fault: "unreachable",
    message: /^Cannot open it: "[^"]*" no longer answers$/,
  });
  await client.closed;
});

Deno.test("an abort ends a connection that hangs, with the signal's own reason", async (t) => {
  for (const command of ["CAPABILITY", "AUTHENTICATE", "EXAMINE", "UID SEARCH", "UID FETCH"]) {
    await t.step(command, async () => {
      const gate = new AbortController();
      const reason = new Error("the gateway stops");
      const at = (name: string) => {
        if (name !== command) return undefined;
        gate.abort(reason);
        return "stall" as const;
      };
      await using fixture = await ImapFixture.start({ faults: { at }, context: { signal: gate.signal } });
      fixture.inbox.add(mailOf(100));
      await assert.rejects(async () => {
        await using source = await fixture.open();
        await Array.fromAsync(source.items());
      }, (error) => error === reason);
    });
  }
});
