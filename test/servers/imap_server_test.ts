import assert from "node:assert/strict";
import { startImapServer } from "./imap_server.ts";
import type { ImapServer, ImapServerOptions } from "./imap_server.ts";
import { Mailbox } from "./mailbox.ts";

const RAW = "From: a@exemple.fr\r\nTo: b@exemple.fr,\r\n c@exemple.fr\r\nSubject: x\r\n\r\nbonjour\r\n";

/** Speaks lines. */
class Client implements AsyncDisposable {
  readonly #conn: Deno.Conn;
  #text = "";

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  static async connect(server: ImapServer): Promise<Client> {
    const client = new Client(await Deno.connect({ hostname: server.hostname, port: server.port }));
    await client.until(/\r\n/);
    return client;
  }

  async send(text: string): Promise<void> {
    await this.#conn.write(new TextEncoder().encode(text));
  }

  /** What comes up to a match; everything when the connection ends before. */
  async until(pattern: RegExp): Promise<string> {
    const chunk = new Uint8Array(65_536);
    while (true) {
      const match = pattern.exec(this.#text);
      if (match !== null) {
        const end = match.index + match[0].length;
        const found = this.#text.slice(0, end);
        this.#text = this.#text.slice(end);
        return found;
      }
      const count = await this.#conn.read(chunk).catch(() => null);
      if (count === null) return this.#text;
      this.#text += new TextDecoder("latin1").decode(chunk.subarray(0, count));
    }
  }

  async command(text: string): Promise<string[]> {
    await this.send(`t ${text}\r\n`);
    return (await this.until(/^t .*\r\n/m)).split("\r\n").slice(0, -1);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#conn.close();
    return Promise.resolve();
  }
}

async function signedIn(server: ImapServer): Promise<Client> {
  const client = await Client.connect(server);
  assert.deepEqual(await client.command('LOGIN ged "ge heim"'), ["t OK signed in"]);
  return client;
}

function start(options: Partial<ImapServerOptions> = {}): Promise<ImapServer> {
  return startImapServer({ mailboxes: [new Mailbox()], users: { ged: "ge heim" }, ...options });
}

Deno.test("sign-in is needed, by any of four ways", async () => {
  await using server = await start({ tokens: { ged: "jeton" } });
  await using client = await Client.connect(server);
  assert.deepEqual(await client.command("SELECT INBOX"), ["t NO sign in first"]);
  assert.match((await client.command("LOGIN ged falsch"))[0] ?? "", /^t NO \[AUTHENTICATIONFAILED\]/);
  await client.send("t LOGIN {3}\r\n");
  await client.until(/^\+ .*\r\n/);
  await client.send("ged {7+}\r\nge heim\r\n");
  assert.equal(await client.until(/\r\n/), "t OK signed in\r\n");
  const plain = btoa("\0ged\0ge heim");
  assert.deepEqual(await client.command(`AUTHENTICATE PLAIN ${plain}`), ["t OK signed in"]);
  await client.send("t AUTHENTICATE PLAIN\r\n");
  await client.until(/^\+ \r\n/);
  await client.send(`${plain}\r\n`);
  assert.equal(await client.until(/\r\n/), "t OK signed in\r\n");
  const token = btoa("user=ged\x01auth=Bearer jeton\x01\x01");
  assert.deepEqual(await client.command(`AUTHENTICATE XOAUTH2 ${token}`), ["t OK signed in"]);
  assert.ok(
    server.commands.every((command) => !/heim|jeton|[A-Za-z0-9+/]{16}/.test(command)),
    server.commands.join(),
  );
});

Deno.test("mailboxes are listed, made, selected and counted", async () => {
  const inbox = new Mailbox("INBOX", 7);
  inbox.add(RAW).flags.add("\\Seen");
  inbox.add(RAW);
  await using server = await start({ mailboxes: [inbox, new Mailbox("Été/Août"), new Mailbox("A&B")] });
  await using client = await signedIn(server);
  assert.deepEqual(await client.command('LIST "" *'), [
    '* LIST (\\HasNoChildren) "/" "INBOX"',
    '* LIST (\\HasNoChildren) "/" "&AMk-t&AOk-/Ao&APs-t"',
    '* LIST (\\HasNoChildren) "/" "A&-B"',
    "t OK done",
  ]);
  assert.equal((await client.command('LIST "" %')).length, 3);
  assert.deepEqual(await client.command('LIST "" ""'), ['* LIST (\\Noselect) "/" ""', "t OK done"]);
  assert.deepEqual(await client.command("STATUS inbox (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)"), [
    '* STATUS "inbox" (MESSAGES 2 UNSEEN 1 UIDNEXT 3 UIDVALIDITY 7)',
    "t OK done",
  ]);
  assert.deepEqual(await client.command('CREATE "&AMk-t&AOk-"'), ["t OK created"]);
  assert.equal(server.mailboxes.at(-1)?.name, "Été");
  assert.match((await client.command('CREATE "&AMk-t&AOk-"'))[0] ?? "", /ALREADYEXISTS/);
  assert.match((await client.command("SELECT Nichts"))[0] ?? "", /NO \[NONEXISTENT\]/);
  const selected = await client.command("EXAMINE INBOX");
  assert.ok(selected.includes("* 2 EXISTS") && selected.includes("* OK [UIDVALIDITY 7] UIDs valid"));
  assert.equal(selected.at(-1), "t OK [READ-ONLY] selected");
  assert.deepEqual(await client.command("STORE 1 +FLAGS (\\Seen)"), ["t NO the mailbox is read-only"]);
});

Deno.test("mails are searched, fetched in parts, flagged, copied and expunged", async (t) => {
  const [inbox, other] = [new Mailbox(), new Mailbox("Autre")];
  for (let day = 1; day <= 4; day++) inbox.add(RAW, new Date(`2026-03-0${day}T23:00:00Z`));
  inbox.remove(1);
  await using server = await start({ mailboxes: [inbox, other] });
  await using client = await signedIn(server);
  await client.command("SELECT INBOX");
  const cases: [string, string][] = [
    ["UID SEARCH ALL", "* SEARCH 2 3 4"],
    ["SEARCH ALL", "* SEARCH 1 2 3"],
    ["UID SEARCH SINCE 3-Mar-2026", "* SEARCH 3 4"],
    ["UID SEARCH BEFORE 3-Mar-2026", "* SEARCH 2"],
    ["UID SEARCH UID 3:*", "* SEARCH 3 4"],
    ["UID SEARCH UID 90:*", "* SEARCH 4"],
    ["UID SEARCH OR UID 2 NOT SINCE 4-Mar-2026", "* SEARCH 2 3"],
    ["UID SEARCH CHARSET UTF-8 (UNSEEN UNDELETED) LARGER 10", "* SEARCH 2 3 4"],
    ["FETCH 1 (UID INTERNALDATE)", '* 1 FETCH (UID 2 INTERNALDATE "02-Mar-2026 23:00:00 +0000")'],
    ["UID FETCH 2 RFC822.SIZE", `* 1 FETCH (UID 2 RFC822.SIZE ${RAW.length})`],
    ["UID FETCH 3 BODY.PEEK[]<2.5>", "* 2 FETCH (UID 3 BODY[]<2> {5}"],
    ["UID STORE 4 +FLAGS (\\Seen $x)", "* 3 FETCH (UID 4 FLAGS (\\Seen $x))"],
    ["UID SEARCH KEYWORD $x", "* SEARCH 4"],
    ["UID STORE 4 -FLAGS ($x)", "* 3 FETCH (UID 4 FLAGS (\\Seen))"],
    ["UID COPY 2:3 Autre", "t OK [COPYUID 1 2,3 1,2] copied"],
    ["UID MOVE 4 Autre", "* OK [COPYUID 1 4 3] moving"],
    ["UID COPY 2 Nichts", "t NO [TRYCREATE] no such mailbox"],
    ["UID FETCH 1:* (ENVELOPE)", "t BAD item ENVELOPE is not served"],
    ["UID FETCH x FLAGS", "t BAD bad set x"],
    ["FETCH 1 (FLAGS", "* BAD unbalanced parentheses"],
    ["DANCE", "t BAD DANCE is not known"],
  ];
  for (const [command, line] of cases) {
    await t.step(command, async () => {
      if (line.startsWith("* BAD")) {
        await client.send(`t ${command}\r\n`);
        assert.equal(await client.until(/\r\n/), `${line}\r\n`);
      } else assert.equal((await client.command(command))[0], line);
    });
  }
  await t.step("header fields, folded", async () => {
    const lines = await client.command("UID FETCH 2 BODY.PEEK[HEADER.FIELDS (to SUBJECT)]");
    assert.deepEqual(lines.slice(1, -2), ["To: b@exemple.fr,", " c@exemple.fr", "Subject: x", ""]);
    assert.equal(inbox.mails[0]?.flags.size, 0);
    await client.command("UID FETCH 2 BODY[TEXT]");
    assert.ok(inbox.mails[0]?.flags.has("\\Seen"));
  });
  await t.step("expunge", async () => {
    await client.command("UID STORE 2:3 +FLAGS.SILENT (\\Deleted)");
    assert.deepEqual(await client.command("UID EXPUNGE 3"), ["* 2 EXPUNGE", "t OK expunged"]);
    assert.deepEqual(await client.command("EXPUNGE"), ["* 1 EXPUNGE", "t OK expunged"]);
    assert.deepEqual(inbox.mails, []);
    assert.deepEqual(other.mails.map(({ uid, flags }) => [uid, ...flags].join(" ")), ["1", "2", "3 \\Seen"]);
  });
});

Deno.test("arrivals are told in IDLE, and after any other command", async () => {
  const inbox = new Mailbox();
  await using server = await start({ mailboxes: [inbox] });
  await using client = await signedIn(server);
  await client.command("SELECT INBOX");
  inbox.add(RAW);
  assert.deepEqual(await client.command("NOOP"), ["* 1 EXISTS", "t OK done"]);
  await client.send("t IDLE\r\n");
  await client.until(/^\+ idling\r\n/);
  inbox.add(RAW);
  inbox.remove(1);
  assert.equal(await client.until(/EXISTS\r\n/), "* 1 EXPUNGE\r\n* 1 EXISTS\r\n");
  await client.send("DONE\r\n");
  assert.equal(await client.until(/\r\n/), "t OK idled\r\n");
});

Deno.test("faults happen on demand", async (t) => {
  await t.step("a command is cut", async () => {
    await using server = await start({ faults: { at: (name) => name === "NOOP" ? "cut" : undefined } });
    await using client = await signedIn(server);
    assert.deepEqual(await client.command("NOOP"), []);
  });
  await t.step("a command is answered with a farewell", async () => {
    await using server = await start({
      faults: { at: (name) => name === "NOOP" ? { bye: "night" } : undefined },
    });
    await using client = await signedIn(server);
    assert.deepEqual(await client.command("NOOP"), ["* BYE night"]);
  });
  await t.step("so many octets and no more", async () => {
    await using server = await start({ faults: { cutAfterBytes: 10 } });
    await using client = await Client.connect(server);
    assert.equal(await client.until(/nothing/), "* OK [CAPA");
  });
  await t.step("everyone is cut", async () => {
    await using server = await start();
    await using client = await signedIn(server);
    server.cut();
    assert.equal(await client.until(/nothing/), "");
  });
});

Deno.test("what is no IMAP is survived", async () => {
  await using server = await start();
  for (
    const garbage of [
      "\r\n",
      "\0\r\n",
      "a\r\n",
      't "\r\n',
      "t LOGIN {99999999999}\r\n",
      `${"x".repeat(200_000)}\r\n`,
    ]
  ) {
    await using client = await Client.connect(server);
    await client.send(garbage);
    assert.match(await client.until(/\r\n/), /BAD|NO/);
  }
  await using client = await signedIn(server);
  assert.deepEqual(await client.command("NOOP"), ["t OK done"]);
});
