import assert from "node:assert/strict";
import { createAuthority } from "./certificates.ts";
import { Mailbox } from "./mailbox.ts";
import { type Pop3ServerOptions, startPop3Server } from "./pop3_server.ts";

const USERS = { alice: "secret" };

/** Says these lines at once, without reading, and gives back all that the server said until it closed. */
async function converse(options: Partial<Pop3ServerOptions>, lines: readonly string[]): Promise<string> {
  await using server = await startPop3Server({ mailbox: new Mailbox(), users: USERS, ...options });
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  return await talk(conn, lines);
}

async function talk(conn: Deno.Conn, lines: readonly string[]): Promise<string> {
  await conn.write(new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join("")));
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  let said = "";
  for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
    said += decoder.decode(buffer.subarray(0, read), { stream: true });
  }
  return said;
}

function mailboxOf(...mails: string[]): Mailbox {
  const mailbox = new Mailbox();
  for (const mail of mails) mailbox.add(mail);
  return mailbox;
}

const SIGN_IN = ["USER alice", "PASS secret"];

Deno.test("the POP3 server answers pipelined commands in order, with RFC 1939's stuffing", async () => {
  const mailbox = mailboxOf("a: 1\r\n\r\n.\r\nx", "b: 2\r\n\r\n");
  const said = await converse({ mailbox }, [
    ...SIGN_IN,
    "STAT",
    "LIST",
    "UIDL 2",
    "RETR 1",
    "TOP 1 0",
    "RETR 3",
    "QUIT",
  ]);
  assert.equal(
    said.split("\r\n").slice(1).join("|"),
    [
      "+OK|+OK 2 mails|+OK 2 20|+OK|1 12|2 8|.|+OK 2 1.2",
      "+OK|a: 1||..|x|.|+OK|a: 1||.|-ERR no such mail|+OK bye|",
    ].join("|"),
  );
});

Deno.test("the POP3 server deletes at QUIT, and only what was not reset", async () => {
  const mailbox = mailboxOf("1", "2", "3");
  await converse({ mailbox }, [...SIGN_IN, "DELE 1", "RSET", "DELE 2", "DELE 2", "LIST 2", "QUIT"]);
  assert.deepEqual(mailbox.mails.map((mail) => mail.uid), [1, 3]);
  await using server = await startPop3Server({ mailbox, users: USERS });
  {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    await conn.write(new TextEncoder().encode("USER alice\r\nPASS secret\r\nDELE 1\r\n"));
    await server.received("DELE");
  }
  assert.deepEqual(mailbox.mails.map((mail) => mail.uid), [1, 3]);
});

Deno.test("the POP3 server lets nobody in without the right password or token", async () => {
  const token = btoa("user=alice\x01auth=Bearer t\x01\x01");
  const wrong = btoa("user=alice\x01auth=Bearer u\x01\x01");
  const said = await converse({ tokens: { alice: "t" } }, [
    ...["LIST", "USER alice", "PASS wrong", "USER toString", "PASS x", "STLS"],
    ...["AUTH XOAUTH2", wrong, "", `AUTH XOAUTH2 ${token}`, "NOOP", "QUIT"],
  ]);
  const kinds = said.split("\r\n").map((line) => line.split(" ", 1)[0]);
  assert.deepEqual(kinds.slice(1, -1), [
    ...["-ERR", "+OK", "-ERR", "+OK", "-ERR", "-ERR"],
    ...["+", "+", "-ERR", "+OK", "+OK", "+OK"],
  ]);
});

Deno.test("the POP3 server serves each account its own mailbox", async () => {
  const boxes: Record<string, Mailbox> = { alice: mailboxOf("1"), bob: mailboxOf("1", "2") };
  const options = {
    users: { alice: "a", bob: "b" },
    mailbox: (account: string) => boxes[account] ?? new Mailbox(),
  };
  assert.match(await converse(options, ["USER bob", "PASS b", "QUIT"]), /\+OK 2 mails/);
});

Deno.test("the POP3 server speaks TLS at once, or by STLS", async () => {
  const authority = await createAuthority();
  const tls = await authority.issue();
  const ready = { hostname: "localhost", caCerts: [authority.pem] };
  for (const security of ["implicit", "starttls"] as const) {
    await using server = await startPop3Server({ mailbox: new Mailbox(), users: USERS, tls, security });
    const plain = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    if (security === "starttls") {
      const buffer = new Uint8Array(200);
      await plain.read(buffer);
      await plain.write(new TextEncoder().encode("STLS\r\n"));
      await plain.read(buffer);
    }
    using conn = await Deno.startTls(plain, ready);
    assert.match(await talk(conn, [...SIGN_IN, "QUIT"]), /\+OK 0 mails/);
  }
});

Deno.test("the POP3 server ends on disposal, whatever its sessions do", async () => {
  const server = await startPop3Server({
    mailbox: new Mailbox(),
    users: USERS,
    script: { react: () => "stall" },
  });
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await conn.write(new TextEncoder().encode("CAPA\r\n"));
  await server.received("CAPA");
  assert.equal(server.sessionCount, 1);
  await server[Symbol.asyncDispose]();
});
