/** `deno task new` where the way to the mail server, or what proves the account, is not the plain one. */
import assert from "node:assert/strict";
import { createAuthority } from "./servers/certificates.ts";
import { freePort } from "./servers/free_port.ts";
import { startImapServer } from "./servers/imap_server.ts";
import { Mailbox } from "./servers/mailbox.ts";
import { startPop3Server } from "./servers/pop3_server.ts";
import { runTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";
import { startOnTerminal, whyNoTerminal } from "./servers/terminal.ts";
import { numberedMails } from "./fixtures/numbered_mails.ts";

const ACCOUNT = "ged@exemple.test";
const PASSWORD = "geheim";
const ignore = whyNoTerminal() !== undefined;
const authority = await createAuthority();

async function project(): Promise<TempFolder> {
  const folder = await TempFolder.make();
  await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "127.0.0.1:${freePort()}"\n`);
  await folder.write("mairie.pem", authority.pem);
  await Deno.chmod(await folder.write("ged.secret", PASSWORD), 0o600);
  return folder;
}

function inbox(): Mailbox {
  const mailbox = new Mailbox();
  for (const { raw } of numberedMails(2)) mailbox.add(raw);
  return mailbox;
}

async function connects(folder: TempFolder, env: Record<string, string> = {}): Promise<void> {
  const check = await runTask("check", ["--connect"], { cwd: folder.path, env });
  assert.equal(check.code, 0, check.stdout);
  assert.match(check.stdout, /well, 2 waiting/);
}

Deno.test({
  name: "new leads on from a certificate that is not trusted, or is for another name, to what mends it",
  ignore,
  async fn() {
    const tls = await authority.issue({ names: ["localhost"] });
    await using server = await startImapServer({ mailboxes: [inbox()], users: { [ACCOUNT]: PASSWORD }, tls });
    await using folder = await project();
    const given = ["--account", ACCOUNT, "--server", "127.0.0.1", "--port", String(server.port)];
    const args = ["courrier", ...given, "--password-file", "ged.secret", "--cold", "c", "--after", "keep"];
    await using terminal = startOnTerminal("new", args, { cwd: folder.path });
    await terminal.shown("is signed by an authority that is not known here");
    await terminal.shown("or stop [ca-file]: ");
    await terminal.type("\r");
    await terminal.shown("PEM file with the certificate of the authority that signs the server's: ");
    await terminal.type("nowhere.pem\r");
    await terminal.shown('Cannot read ca_file "');
    await terminal.shown("[ca-file]: ");
    await terminal.type("\r");
    await terminal.type("mairie.pem\r");
    await terminal.shown('certificate is not for "127.0.0.1"; it is for localhost');
    await terminal.shown("[server]: ");
    await terminal.type("\r");
    await terminal.shown("Mail server [127.0.0.1]: ");
    await terminal.type("two words\r");
    await terminal.shown("server must be a host name");
    await terminal.type("localhost\r");
    await terminal.shown("[INBOX]: ");
    await terminal.type("\r");
    await terminal.shown("Signed in: 2 mails there.");
    assert.equal(await terminal.ended, 0, terminal.screen);
    assert.match(
      await Deno.readTextFile(folder.at("launchers.d/courrier.toml")),
      /server = "localhost"\nport = \d+\nca_file = "mairie\.pem"\naccount = /,
    );
    await connects(folder);

    const scripted = await runTask("new", ["x", ...given, "--password-file", "ged.secret"], {
      cwd: folder.path,
    });
    assert.equal(scripted.code, 1);
    assert.match(scripted.stderr, /--ca-file FILE names the certificate of your own authority/);
    const options = ["--server", "localhost", "--ca-file", "mairie.pem", "--password-file", "ged.secret"];
    const made = await runTask("new", ["x", ...given, ...options], { cwd: folder.path });
    assert.equal(made.code, 0, made.stderr);
  },
});

Deno.test({
  name: "new leads on from a port without TLS to STARTTLS, and asks of POP3 what POP3 can do",
  ignore,
  async fn() {
    const tls = await authority.issue();
    const users = { [ACCOUNT]: PASSWORD };
    await using server = await startPop3Server({ mailbox: inbox(), users, tls, security: "starttls" });
    await using folder = await project();
    const way = ["--server", "127.0.0.1", "--port", String(server.port), "--ca-file", "mairie.pem"];
    const args = [...way, "--password-file", "ged.secret", "--cold", "c"];
    await using terminal = startOnTerminal("new", args, { cwd: folder.path });
    await terminal.shown("Name of the launcher: ");
    await terminal.type("pop\r");
    await terminal.shown("[imap]");
    await terminal.type("pop\r");
    await terminal.shown('There is no "pop"; did you mean "pop3"?');
    await terminal.type("pop3\r");
    await terminal.shown("Mail address to sign in with: ");
    await terminal.type(`${ACCOUNT}\r`);
    await terminal.shown("the server does not speak TLS on this port");
    await terminal.shown("[tls]: ");
    await terminal.type("\r");
    await terminal.shown("[starttls]: ");
    await terminal.type("\r");
    await terminal.shown("Signed in: 2 mails there.");
    await terminal.shown(
      "Once delivered, the original: keep, delete, later (deleted after some days) [keep]: ",
    );
    await terminal.type("move\r");
    await terminal.shown('There is no "move"');
    await terminal.type("later\r");
    await terminal.shown("Days after which it is deleted [30]: ");
    await terminal.type("soon\r");
    await terminal.shown("A number of days");
    await terminal.type("\r");
    assert.equal(await terminal.ended, 0, terminal.screen);
    const text = await Deno.readTextFile(folder.at("launchers.d/pop.toml"));
    assert.match(text, /tls = "starttls"[^]*after = \{ delete_after_days = 30 \}/);
    await connects(folder);
  },
});

Deno.test("new makes a launcher that goes through a tunnel service", async () => {
  const tls = await authority.issue();
  await using server = await startPop3Server({ mailbox: inbox(), users: { [ACCOUNT]: PASSWORD }, tls });
  await using folder = await project();
  const section =
    `client = yes\naccept = 127.0.0.1:0\nconnect = 127.0.0.1:${server.port}\nCAfile = mairie.pem\nverifyChain = yes\n`;
  await folder.write("launchers.d/mairie.conf", `[mairie-pop3]\n${section}`);
  const options = { cwd: folder.path };
  const given = ["--account", ACCOUNT, "--password-file", "ged.secret"];
  const made = await runTask("new", ["courrier", ...given, "--tunnel", "mairie-pop3"], options);
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stderr, /Connecting to tunnel service mairie-pop3 [^]*Signed in: 2 mails/);
  assert.match(
    await Deno.readTextFile(folder.at("launchers.d/courrier.toml")),
    /\[listen\]\nprotocol = "pop3"\ntunnel = "mairie-pop3"\naccount = /,
  );
  await connects(folder);

  const cases: readonly (readonly [args: string[], said: RegExp])[] = [
    [["--tunnel", "mairie-pop"], /Cannot use --tunnel mairie-pop: .*did you mean "mairie-pop3"\?/],
    [["--tunnel", "mairie-pop3", "--port", "110"], /Cannot use --port beside --tunnel/],
    [["--server", "s", "--token-file", "x"], /Cannot use --password-file beside --token-file/],
    [["--provider", "gmial"], /Cannot use --provider gmial; did you mean "gmail"\?/],
    [["--protocol", "pop"], /Cannot use --protocol pop; did you mean "pop3"\?/],
    [["--tunnel", "mairie-pop3", "--no-connect", "--after", "delte"], /did you mean "delete"\?/],
  ];
  for (const [args, said] of cases) {
    const refused = await runTask("new", ["x", ...given, ...args], options);
    assert.equal(refused.code, 64, refused.stderr);
    assert.match(refused.stderr, said);
  }
});

Deno.test({
  name: "new tries the program that prints the token, and says how it may be run",
  ignore: Deno.build.os === "windows",
  async fn() {
    const tokens = { [ACCOUNT]: "jeton" };
    await using server = await startImapServer({ mailboxes: [inbox()], tokens });
    await using folder = await project();
    const program = await folder.write("token.sh", '#!/bin/sh\n[ "$1" = "a b" ] && echo jeton\n');
    await Deno.chmod(program, 0o755);
    const way = ["--server", "127.0.0.1", "--port", String(server.port), "--tls", "none"];
    const args = ["courrier", "--account", ACCOUNT, ...way, "--token-command", `${program} "a b"`];
    const refused = await runTask("new", args, { cwd: folder.path });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /may not be run by this process; .*LANCEUR_RUN set to that path/);
    const env = { LANCEUR_RUN: program };
    const made = await runTask("new", args, { cwd: folder.path, env });
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout, /LANCEUR_RUN=\/.*token\.sh deno task start/);
    assert.match(
      await Deno.readTextFile(folder.at("launchers.d/courrier.toml")),
      /auth = "xoauth2"\ntoken = \{ command = \["\/.*token\.sh","a b"\] \}/,
    );
    await connects(folder, env);
  },
});

Deno.test({
  name: "new asks at Gmail for app password or token, and at Outlook for the token alone",
  ignore,
  async fn() {
    await using folder = await project();
    const after = ["--no-connect", "--cold", "c", "--after", "keep"];
    await using gmail = startOnTerminal("new", ["g", "--account", "ged@gmail.com", ...after], {
      cwd: folder.path,
    });
    await gmail.shown("Sign in by app password, or by token (OAuth) [password]: ");
    await gmail.type("\r");
    await gmail.shown("App password (not shown): ");
    await gmail.type("abcd efgh ijkl mnop\r");
    assert.equal(await gmail.ended, 0, gmail.screen);
    assert.equal(await Deno.readTextFile(folder.at("var/secrets/g.secret")), "abcdefghijklmnop\n");

    await using outlook = startOnTerminal("new", ["o", "--account", "ged@outlook.fr", ...after], {
      cwd: folder.path,
    });
    await outlook.shown("The access token comes from a file, or from a command [file]: ");
    await outlook.type("\r");
    await outlook.shown("File that always holds a fresh token: ");
    await outlook.type("ged.secret\r");
    assert.equal(await outlook.ended, 0, outlook.screen);
    assert.match(
      await Deno.readTextFile(folder.at("launchers.d/o.toml")),
      /auth = "xoauth2"\ntoken = \{ file = "ged\.secret" \}/,
    );
  },
});
