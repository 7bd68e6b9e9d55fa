import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { buffer } from "node:stream/consumers";
import Pop3Command from "node-pop3";
import { createAuthority } from "../../test/servers/certificates.ts";
import { testContext } from "../../test/servers/context.ts";
import { Mailbox } from "../../test/servers/mailbox.ts";
import { type Pop3Script, type Pop3ServerOptions, startPop3Server } from "../../test/servers/pop3_server.ts";
import { SourceError, type SourceFault } from "../errors.ts";
import { openConnection } from "./mail_server.ts";
import { Pop3Client } from "./pop3_client.ts";
import { type Pop3Credentials, Pop3Refusal } from "./pop3_sign_in.ts";

const ALICE = { account: "alice", password: "secret-alice" };

interface Lab extends AsyncDisposable {
  readonly mailbox: Mailbox;
  readonly client: Pop3Client;
  readonly commands: readonly string[];
  readonly received: (start: string) => Promise<void>;
}

/** A client that is connected to a server, greeting not read. */
async function startLab(
  script: Pop3Script = {},
  options: Partial<Pop3ServerOptions> & { stallTimeoutMs?: number; caFile?: string } = {},
): Promise<Lab> {
  const mailbox = new Mailbox();
  const server = await startPop3Server({ mailbox, users: { alice: ALICE.password }, script, ...options });
  const connection = await openConnection({
    server: "127.0.0.1",
    port: server.port,
    tls: options.tls === undefined ? "none" : "starttls",
    ...(options.caFile === undefined ? {} : { ca_file: options.caFile }),
    account: "alice",
    auth: "password",
  }, { context: testContext(), ports: { implicit: 995, plain: 110 } });
  const client = new Pop3Client(connection, { stallTimeoutMs: options.stallTimeoutMs ?? 30_000 });
  return {
    mailbox,
    client,
    commands: server.commands,
    received: (start) => server.received(start),
    async [Symbol.asyncDispose]() {
      client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function signedIn(script: Pop3Script = {}): Promise<Lab> {
  const lab = await startLab(script);
  await lab.client.connect();
  await lab.client.signIn(ALICE);
  await lab.client.CAPA();
  return lab;
}

async function retrieve({ client }: Lab, number = 1): Promise<Buffer> {
  return Buffer.from(await new Response(await client.retrieve({ number, sizeBytes: 0 })).bytes());
}

function isFault(fault: SourceFault, pattern: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof SourceError, String(error));
    assert.match(error.message, pattern);
    assert.equal(error.fault, fault);
    return true;
  };
}

Deno.test("Pop3Client is a Pop3Command of node-pop3, with each of its commands", async () => {
  await using lab = await signedIn();
  const { client, mailbox } = lab;
  assert.ok(client instanceof Pop3Command);
  assert.deepEqual(await client.listing(), []);
  await client.RSET();
  await client.QUIT();
  await using full = await startLab();
  for (const text of ["a: 1\r\n\r\n.x\r\n", "b: 2\r\n\r\ny\r\nz\r\n"]) full.mailbox.add(text);
  await full.client.connect();
  await full.client.signIn(ALICE);
  assert.ok((await full.client.CAPA()).has("PIPELINING"));
  assert.deepEqual(await full.client.LIST(), [["1", "12"], ["2", "14"]]);
  assert.deepEqual(await full.client.LIST(2), ["2", "14"]);
  assert.deepEqual(await full.client.UIDL(), [["1", "1.1"], ["2", "1.2"]]);
  assert.deepEqual(await full.client.UIDL(1), ["1", "1.1"]);
  assert.equal(await full.client.STAT(), "2 26");
  assert.equal(await full.client.TOP(2, 1), "b: 2\r\n\r\ny\r\n");
  assert.equal(await full.client.RETR(1), "a: 1\r\n\r\n.x\r\n");
  await full.client.NOOP();
  await assert.rejects(full.client.LAST(), Pop3Refusal);
  const [info, stream] = await full.client.command("TOP", 1, 0);
  assert.deepEqual([info, String(await buffer(stream))], ["", "a: 1\r\n\r\n"]);
  assert.equal((await full.client.command("STAT"))[0], "2 26");
  await full.client.DELE(1);
  await full.client.RSET();
  await full.client.DELE(2);
  await full.client.QUIT();
  assert.deepEqual(full.mailbox.mails.map((mail) => mail.uid), [1]);
  assert.equal(mailbox.mails.length, 0);
});

// Each fault of stock node-pop3 0.11, wherever the network cuts.
Deno.test("mails come octet for octet, whatever the chunks: dot lines, latin1, no last line end, false ends", async (t) => {
  const mails = [
    "Subject: dots\r\n\r\n.\r\n..\r\n...x\r\n.début\r\na.\r\n",
    "Subject: end.\r\n\r\nlast line is a dot\r\n.\r\n",
    "Subject: empty lines\r\n\r\n\r\n\r\n",
    `Subject: status lines\r\n\r\n+OK 3\r\n-ERR no\r\n${"x".repeat(300)}.\r\n`,
  ].map((text) => Buffer.from(text)).concat(Buffer.from(Array.from({ length: 256 }, (_, index) => index)));
  for (const chunks of [undefined, [1], [2], [3, 1], [5], [7, 2, 1], [1000]]) {
    await t.step(`chunks of ${chunks ?? "any"} octets`, async () => {
      await using lab = await startLab(chunks === undefined ? {} : { chunks });
      for (const mail of mails) lab.mailbox.add(new Uint8Array(mail));
      await lab.client.connect();
      await lab.client.signIn(ALICE);
      await lab.client.CAPA();
      for (const [index, mail] of mails.entries()) {
        // A server ends the last line where the mail does not (RFC 1939, section 3).
        const whole = mail.subarray(-2).equals(Buffer.from("\r\n"))
          ? mail
          : Buffer.concat([mail, Buffer.from("\r\n")]);
        assert.deepEqual(await retrieve(lab, index + 1), whole);
      }
    });
  }
});

Deno.test("calls at the same time get their own answers", async () => {
  await using lab = await signedIn();
  const { client } = lab;
  lab.mailbox.add("x");
  const results = await Promise.allSettled([
    client.STAT(),
    client.LIST(9),
    client.NOOP(),
    client.RETR(9),
    client.LIST(),
  ]);
  assert.deepEqual(results.map((result) => result.status), [
    "fulfilled",
    "rejected",
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
});

Deno.test("a greeting that is none ends the session with a sentence", async (t) => {
  const cases: [string, SourceFault, RegExp][] = [
    ["-ERR no service for you", "refused", /turned us away: "-ERR no service for you"/],
    ["-ERR [SYS/TEMP] too busy", "busy", /turned us away/],
    [
      "220 mail.exemple.fr ESMTP",
      "unreachable",
      /Cannot understand .*"220 mail\.exemple\.fr ESMTP".* POP3 server/,
    ],
    ["+ OK", "unreachable", /Cannot understand/],
    ["\x16\x03\x01\x00", "unreachable", /Cannot understand/],
    ["+OKAY", "unreachable", /Cannot understand/],
  ];
  for (const [greeting, fault, pattern] of cases) {
    await t.step(JSON.stringify(greeting), async () => {
      await using lab = await startLab({ greeting });
      await assert.rejects(lab.client.connect(), isFault(fault, pattern));
      await assert.rejects(lab.client.signIn(ALICE), isFault(fault, pattern));
      assert.deepEqual(lab.commands, []);
    });
  }
});

Deno.test("signIn() tells a wrong password from a mailbox that is busy and from a no", async (t) => {
  const cases: [string, SourceFault][] = [
    ["-ERR", "credentials"],
    ["-ERR authentication failed", "credentials"],
    ["-ERR [AUTH] Username and password not accepted", "credentials"],
    ["-err [auth] no", "credentials"],
    ["-ERR [IN-USE] mailbox is open elsewhere", "busy"],
    ["-ERR [LOGIN-DELAY] wait a minute", "busy"],
    ["-ERR [SYS/TEMP] later", "busy"],
    ["-ERR [LIMIT] too often", "busy"],
    ["-ERR maildrop already locked", "busy"],
    ["-ERR unable to lock the maildrop", "busy"],
    ["-ERR account locked", "credentials"],
    ["-ERR [SYS/PERM] Your account is not enabled for POP access", "refused"],
    ["-ERR [SOMETHING] new", "refused"],
  ];
  for (const [answer, fault] of cases) {
    await t.step(answer, async () => {
      const react = (command: string) => command === "PASS" ? `${answer}\r\n` : undefined;
      await using lab = await startLab({ react });
      await lab.client.connect();
      await assert.rejects(
        lab.client.signIn(ALICE),
        isFault(fault, /Cannot sign in to "127\.0\.0\.1:\d+" as "alice"/),
      );
    });
  }
});

Deno.test("signIn() sends the password as it is, spaces included, and not at all after a refused USER", async () => {
  const password = " pass word é ";
  await using lab = await startLab({}, { users: { alice: password } });
  await lab.client.connect();
  await lab.client.signIn({ account: "alice", password });
  await using other = await startLab({
    react: (command) => command === "USER" ? "-ERR who?\r\n" : undefined,
  });
  await other.client.connect();
  await assert.rejects(other.client.signIn(ALICE), isFault("credentials", /who\?/));
  assert.equal(other.commands.some((command) => command.startsWith("PASS")), false);
});

Deno.test("secrets are in no error, even when the server repeats them", async () => {
  const token = "ya29.to-ken_value";
  const attempts: Pop3Credentials[] = [ALICE, { account: "alice", token }];
  for (const credentials of attempts) {
    for (const prefix of ["-ERR unknown: ", "echo "]) {
      let last = "";
      const react = (command: string, argument: string) => {
        last = `${command} ${argument}`;
        if (command === "USER") return undefined;
        return command === "AUTH" ? "+ \r\n" : `${prefix}${last}\r\n`;
      };
      await using lab = await startLab({ react });
      await lab.client.connect();
      const error: Error = await lab.client.signIn(credentials).then(() => assert.fail(), (reason) => reason);
      const shown = `${Deno.inspect(error)} ${Deno.inspect(error.cause)} ${Deno.inspect(lab.client)}`;
      for (const secret of [ALICE.password, token, btoa(`user=alice\x01auth=Bearer ${token}\x01\x01`)]) {
        assert.equal(shown.includes(secret), false, shown);
      }
    }
  }
});

Deno.test("line ends in arguments are refused and nothing is sent", async () => {
  await using lab = await startLab();
  await lab.client.connect();
  for (const secret of ["x\r\nDELE 1", "x\ny", "x\0", ""]) {
    await assert.rejects(
      lab.client.signIn({ account: "alice", password: secret }),
      isFault("credentials", /password is/),
    );
    await assert.rejects(
      lab.client.signIn({ account: "alice", token: secret }),
      isFault("credentials", /token is/),
    );
  }
  await assert.rejects(lab.client.signIn({ account: "a\r\nQUIT", password: "x" }), TypeError);
  await assert.rejects(lab.client.command("LIST", "1\r\nDELE 1"), TypeError);
  assert.deepEqual(lab.commands, []);
  await lab.client.signIn(ALICE);
});

Deno.test("signIn() by token takes two steps, and answers the challenge of a refusal with an empty line", async () => {
  const tokens = { alice: "good" };
  await using lab = await startLab({}, { tokens });
  await lab.client.connect();
  await lab.client.signIn({ account: "alice", token: "good" });
  assert.deepEqual(lab.commands, ["AUTH XOAUTH2", btoa("user=alice\x01auth=Bearer good\x01\x01")]);
  await using other = await startLab({}, { tokens });
  await other.client.connect();
  await assert.rejects(
    other.client.signIn({ account: "alice", token: "stale" }),
    isFault(
      "credentials",
      /the access token was refused: "-ERR \[AUTH\] token refused" \(status 401\); renew the token/,
    ),
  );
  assert.equal(other.commands[2], "");
});

Deno.test("signIn() by token never sends it to a server that did not ask", async () => {
  const cases: [string, SourceFault, RegExp][] = [
    ["-ERR unknown mechanism\r\n", "refused", /takes no access token: .*use auth = "password"/],
    ["-ERR [SYS/TEMP] later\r\n", "busy", /busy/],
    ["+OK\r\n", "unreachable", /Cannot understand/],
  ];
  for (const [answer, fault, pattern] of cases) {
    await using lab = await startLab({ react: (command) => command === "AUTH" ? answer : undefined });
    await lab.client.connect();
    await assert.rejects(lab.client.signIn({ account: "alice", token: "good" }), isFault(fault, pattern));
    assert.deepEqual(lab.commands, ["AUTH XOAUTH2"]);
  }
});

Deno.test("STLS() secures the session, or ends it before anything secret is said", async (t) => {
  const authority = await createAuthority();
  const caFile = await Deno.makeTempFile();
  await Deno.writeTextFile(caFile, authority.pem);
  const secured = { tls: await authority.issue(), security: "starttls", caFile } as const;
  await t.step("secured", async () => {
    await using lab = await startLab({}, secured);
    lab.mailbox.add("Subject: x\r\n\r\n..\r\n");
    await lab.client.connect();
    assert.ok((await lab.client.CAPA()).has("STLS"));
    await lab.client.STLS();
    assert.equal(lab.client.capabilities.size, 0);
    await lab.client.signIn(ALICE);
    assert.equal(String(await retrieve(lab)), "Subject: x\r\n\r\n..\r\n");
  });
  await t.step("not offered", async () => {
    await using lab = await startLab();
    await lab.client.connect();
    await assert.rejects(lab.client.STLS(), isFault("tls", /does not offer STLS .*tls = "implicit"/));
    await assert.rejects(lab.client.signIn(ALICE), SourceError);
    assert.deepEqual(lab.commands, ["STLS"]);
  });
  await t.step("text slipped in before TLS", async () => {
    const react = (command: string) => command === "STLS" ? "+OK go\r\n+OK signed in\r\n" : undefined;
    await using lab = await startLab({ react }, secured);
    await lab.client.connect();
    await assert.rejects(lab.client.STLS(), isFault("tls", /text between the server's answer and TLS/));
  });
  await t.step("an authority that is not known", async () => {
    const { caFile: _, ...unknown } = secured;
    await using lab = await startLab({}, unknown);
    await lab.client.connect();
    await assert.rejects(lab.client.STLS(), isFault("tls", /authority that is not known here.*ca_file/));
    assert.deepEqual(lab.commands, ["STLS"]);
  });
  await Deno.remove(caFile);
});

Deno.test("a server that stands still, closes or resets is noticed at every command", async (t) => {
  const steps: Record<string, (lab: Lab) => Promise<unknown>> = {
    USER: (lab) => lab.client.signIn(ALICE),
    PASS: (lab) => lab.client.signIn(ALICE),
    CAPA: (lab) => lab.client.CAPA(),
    LIST: (lab) => lab.client.listing(),
    UIDL: (lab) => lab.client.listing(),
    RETR: (lab) => retrieve(lab),
    DELE: (lab) => lab.client.DELE(1),
    QUIT: (lab) => lab.client.QUIT(),
  };
  for (const [command, act] of Object.entries(steps)) {
    for (const how of ["stall", "close", "reset"] as const) {
      // All commands wait in the same way: some of them stand for the others.
      if (how === "stall" && !["PASS", "RETR", "QUIT"].includes(command)) continue;
      await t.step(`${how} at ${command}`, async () => {
        const react = (received: string) => received === command ? how : undefined;
        await using lab = await startLab({ react }, { stallTimeoutMs: how === "stall" ? 500 : 30_000 });
        lab.mailbox.add("x\r\n");
        await lab.client.connect();
        if (!["USER", "PASS"].includes(command)) await lab.client.signIn(ALICE);
        const pattern = how === "stall" ? /no answer for 0\.5 s/ : /closed|broken off/;
        await assert.rejects(act(lab), isFault("unreachable", pattern));
        await assert.rejects(lab.client.NOOP(), SourceError);
      });
    }
  }
});

Deno.test("a port that never greets, or hangs up at once, is told as such, with what to check", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  for (
    const [isSilent, said] of [[true, /no greeting within 0\.5 s; check that this port/], [
      false,
      /without a gr/,
    ]] as const
  ) {
    const { port } = listener.addr;
    const options = { server: "127.0.0.1", port, tls: "none", account: "alice", auth: "password" } as const;
    const accepting = listener.accept();
    const connection = await openConnection(options, {
      context: testContext(),
      ports: { implicit: 995, plain: 110 },
    });
    using accepted = await accepting;
    if (!isSilent) await accepted.closeWrite();
    const client = new Pop3Client(connection, { stallTimeoutMs: 500 });
    await assert.rejects(client.connect(), isFault("unreachable", said));
  }
});

Deno.test("a mail that stands still midway fails after the stall timeout", async () => {
  await using lab = await startLab({ cut: { afterBytes: 5, then: "stall" } }, { stallTimeoutMs: 500 });
  lab.mailbox.add("0123456789\r\n");
  await lab.client.connect();
  await lab.client.signIn(ALICE);
  await assert.rejects(retrieve(lab), isFault("unreachable", /no answer for/));
});

Deno.test("nonsense among the answers ends the session", async (t) => {
  const cases: [string, string, RegExp][] = [
    ["LIST", "+OK\r\n1 12\r\n2 many\r\n.\r\n", /"2 many" in its list/],
    ["LIST", "+OK\r\n0x1 12\r\n.\r\n", /in its list/],
    ["LIST", "+OK\r\n1 -5\r\n.\r\n", /in its list/],
    ["LIST", "+OK\r\n1 12\r\n2 7\r\n1 12\r\n.\r\n", /"1 12" in its list/],
    ["LIST", "* LIST ()\r\n", /"\* LIST \(\)" for an answer/],
    ["LIST", "x".repeat(20_000), /a line of more than 8192 octets/],
    ["LIST", `+OK\r\n${"1 1\r\n".repeat(1_000_001)}.\r\n`, /a list without end/],
  ];
  for (const [command, answer, pattern] of cases) {
    await t.step(answer.slice(0, 30), async () => {
      await using lab = await signedIn({ react: (received) => received === command ? answer : undefined });
      await assert.rejects(lab.client.listing(), isFault("unreachable", pattern));
      await assert.rejects(lab.client.NOOP(), SourceError);
    });
  }
});
