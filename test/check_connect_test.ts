/** `deno task check --connect` against servers that let nobody in: each sentence says what to do. */
import assert from "node:assert/strict";
import { createAuthority } from "./servers/certificates.ts";
import { freePort } from "./servers/free_port.ts";
import { startImapServer } from "./servers/imap_server.ts";
import { Mailbox } from "./servers/mailbox.ts";
import { startPop3Server } from "./servers/pop3_server.ts";
import { runTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";
import { startOnTerminal, whyNoTerminal } from "./servers/terminal.ts";

const USERS = { ged: "geheim" };
const authority = await createAuthority();
const DAY_MS = 86_400_000;

interface Connection {
  readonly name: string;
  readonly ok: boolean;
  readonly error?: string;
  readonly remedy?: string;
}

Deno.test("what keeps a server from letting us in is said with its remedy: POP3, IMAP and tunnel services", async () => {
  const good = await authority.issue();
  const old = await authority.issue({
    notBefore: new Date(Date.now() - 90 * DAY_MS),
    notAfter: new Date(Date.now() - DAY_MS),
  });
  using cutting = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const hangingUp = (async () => {
    for await (const connection of cutting) connection.close();
  })();
  await using folder = await TempFolder.make();
  await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "127.0.0.1:${freePort()}"\n`);
  await folder.write("ca.pem", authority.pem);
  await using imapOld = await startImapServer({ mailboxes: [new Mailbox()], users: USERS, tls: old });
  await using imapLater = await startImapServer({
    mailboxes: [new Mailbox()],
    users: USERS,
    tls: good,
    security: "starttls",
  });
  await using pop3Old = await startPop3Server({ mailbox: new Mailbox(), users: USERS, tls: old });
  await using pop3Later = await startPop3Server({
    mailbox: new Mailbox(),
    users: USERS,
    tls: good,
    security: "starttls",
  });
  await using pop3None = await startPop3Server({ mailbox: new Mailbox(), users: USERS });
  const ca = 'ca_file = "ca.pem"';
  const cases: readonly (readonly [protocol: string, port: number, more: string, said: RegExp])[] = [
    ["imap", imapOld.port, ca, /its certificate has expired; the server's administrator has to renew it/],
    ["pop3", pop3Old.port, ca, /its certificate has expired; the server's administrator has to renew it/],
    ["imap", imapLater.port, ca, /does not speak TLS on this port; use tls = "starttls", or the port/],
    ["pop3", pop3Later.port, ca, /does not speak TLS on this port; use tls = "starttls", or the port/],
    [
      "pop3",
      pop3None.port,
      `${ca}\ntls = "starttls"`,
      /does not offer STLS .*; use tls = "implicit" with the port/,
    ],
    [
      "imap",
      cutting.addr.port,
      ca,
      /the connection was (?:cut|broken off.*); check that this port speaks TLS/,
    ],
    [
      "pop3",
      cutting.addr.port,
      ca,
      /the connection was (?:cut|broken off.*); check that this port speaks TLS/,
    ],
    [
      "imap",
      cutting.addr.port,
      'tls = "none"',
      /closed the connection without a greeting; check the port, how tls/,
    ],
    [
      "pop3",
      cutting.addr.port,
      'tls = "none"',
      /closed the connection without a greeting; check the port, how tls/,
    ],
    ["imap", pop3None.port, 'tls = "none"', /which is no IMAP greeting; check the port, and how tls is set/],
    ["pop3", 1, 'tls = "none"', /the connection was refused; check the port, and that the server is running/],
  ];
  for (const [index, [protocol, port, more]] of cases.entries()) {
    await folder.write(
      `launchers.d/l${index}.toml`,
      `schedule = "@every 1h"\n[listen]\nprotocol = "${protocol}"\nserver = "127.0.0.1"\nport = ${port}\n${more}\n` +
        'account = "ged"\npassword = { env = "P" }\n[deliver]\ncold = "x"\n',
    );
  }
  await folder.write(
    "launchers.d/mail.conf",
    `[old]\nclient = yes\naccept = 127.0.0.1:0\nconnect = 127.0.0.1:${pop3Old.port}\nCAfile = ca.pem\nverifyChain = yes\n`,
  );
  const options = { cwd: folder.path, env: { P: "geheim" } };
  const { code, stdout } = await runTask("check", ["--connect", "--json"], options);
  assert.equal(code, 78);
  const { connections } = JSON.parse(stdout) as { connections: Connection[] };
  for (const [index, [protocol, , more, said]] of cases.entries()) {
    const found = connections.find(({ name }) => name === `l${index}`);
    assert.match(found?.error ?? "", said, `${protocol} ${more}`);
  }
  const expired = connections.find(({ name }) => name === "old");
  assert.match(expired?.error ?? "", /has expired/);
  assert.match(expired?.remedy ?? "", /^The server's administrator/);
  cutting.close();
  await hangingUp;
});

Deno.test({
  name: "check --connect shows on a terminal whom it still waits for",
  ignore: whyNoTerminal() !== undefined,
  async fn() {
    using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const held: Deno.Conn[] = [];
    const holding = (async () => {
      for await (const connection of silent) held.push(connection);
    })();
    await using folder = await TempFolder.make();
    await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "127.0.0.1:${freePort()}"\n`);
    for (const [name, protocol] of [["lente", "imap"], ["morte", "pop3"]]) {
      await folder.write(
        `launchers.d/${name}.toml`,
        `schedule = "@every 1h"\n[listen]\nprotocol = "${protocol}"\nserver = "127.0.0.1"\n` +
          `port = ${
            name === "morte" ? 1 : silent.addr.port
          }\ntls = "none"\naccount = "ged"\npassword = { env = "P" }\n` +
          '[deliver]\ncold = "x"\n',
      );
    }
    await using terminal = startOnTerminal("check", ["--connect"], { cwd: folder.path, env: { P: "x" } });
    await terminal.shown("launcher morte");
    await terminal.shown("1 of 2");
    await terminal.shown("lente");
    for (const connection of held) connection.close();
    await terminal.shown("launcher lente (imap 127.0.0.1 (ged)): error: ");
    await terminal.shown("2 errors");
    assert.equal(await terminal.ended, 78);
    silent.close();
    await holding;
  },
});
