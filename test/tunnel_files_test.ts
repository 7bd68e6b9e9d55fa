/** stunnel.conf files in launchers.d, as users meet them: what check, the page and the ports say. */
import assert from "node:assert/strict";
import { createAuthority } from "./servers/certificates.ts";
import { freePort } from "./servers/free_port.ts";
import { Mailbox } from "./servers/mailbox.ts";
import { PlainClient } from "./servers/plain_client.ts";
import { startPop3Server } from "./servers/pop3_server.ts";
import { runTask, startTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";
import { startTlsServer } from "./servers/tls_server.ts";

/** A folder with a gateway.toml and the mail server's authority; `target` is what every section needs. */
async function project() {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await TempFolder.make());
  const authority = await createAuthority();
  const server = stack.use(
    await startTlsServer({
      certificate: await authority.issue(),
      serve: async (peer) => {
        await peer.send("+OK ready\r\n");
        await peer.ended();
        peer.closeNotify();
      },
    }),
  );
  const port = freePort();
  await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "127.0.0.1:${port}"\n`);
  await folder.write("ca.pem", authority.pem);
  await folder.write("secret", "hunter2");
  return {
    folder,
    options: { cwd: folder.path },
    page: `http://127.0.0.1:${port}`,
    target: `client = yes\nconnect = localhost:${server.port}\nCAfile = ca.pem\n`,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

Deno.test("check names file, line and section's fault, and exits 78; warnings alone exit 0", async () => {
  await using given = await project();
  const { folder, options, target } = given;
  const good = `[good]\n${target}accept = 127.0.0.1:0\nsslVersion = SSLV3\n`;
  await folder.write("launchers.d/mail.conf", good);
  const warned = await runTask("check", [], options);
  assert.equal(warned.code, 0, warned.stdout);
  assert.match(warned.stdout, /mail\.conf:1: warning: stunnel accepted any certificate here/);
  assert.match(warned.stdout, /mail\.conf:6: warning: SSLv3 is obsolete .*: TLS 1\.2 or newer is used/);
  assert.match(warned.stdout, /All well: .*1 tunnel service,/);
  await folder.write("launchers.d/mail.conf", `${good}[bad]\n${target}verfyChain = yes\n`);
  const faulty = await runTask("check", [], options);
  assert.equal(faulty.code, 78);
  assert.match(
    faulty.stdout,
    /mail\.conf:11: error: Cannot use the option "verfyChain": neither stunnel nor/,
  );
  assert.match(faulty.stdout, /mail\.conf:7: error: Cannot run the section: accept is missing/);
  assert.match(faulty.stdout, /Not well: .*1 tunnel service, 1 faulty/);
});

Deno.test("a faulty section is shown in error while the others serve", async (t) => {
  await using given = await project();
  const { folder, options, target, page } = given;
  const port = freePort();
  await folder.write(
    "launchers.d/mail.conf",
    `[good]\n${target}accept = ${port}\n[bad]\n${target}accept = 127.0.0.1:0\nexec = /bin/sh\n` +
      `[red]\n${target}accept = 127.0.0.1:0\nverify = no\n[open]\n${target}accept = 0.0.0.0:0\n` +
      `[unix]\n${target}accept = ${folder.at("mail.sock")}\n`,
  );
  await using gateway = startTask("start", [], options);
  await gateway.logged("started");
  await t.step("the page", async () => {
    const html = await (await fetch(`${page}/?lang=en`)).text();
    assert.match(html, /exec: not supported, so this section cannot run/);
    assert.match(html, /<span class="badge bad">Not verified<\/span>/);
    assert.match(await (await fetch(`${page}/tunnels/bad?lang=en`)).text(), /Misconfigured/);
    const own = await (await fetch(`${page}/tunnels/open?lang=en`)).text();
    assert.match(own, /other machines could reach it in clear text/);
    assert.match(own, /unsafe-listen = yes/);
  });
  await t.step("the ports", async () => {
    for (const address of [`127.0.0.1:${port}`, folder.at("mail.sock")]) {
      await using client = await PlainClient.connect(address);
      await client.until("+OK ready");
    }
  });
  gateway.kill("SIGTERM");
  assert.equal((await gateway.ended).code, 0);
});

Deno.test("no launcher signs in through a section that verifies nobody", async () => {
  await using given = await project();
  const { folder, options, target } = given;
  await folder.write("launchers.d/mail.conf", `[red]\n${target}accept = 127.0.0.1:0\nverify = no\n`);
  await folder.write(
    "launchers.d/in.toml",
    '[listen]\nprotocol = "pop3"\ntunnel = "red"\naccount = "a"\npassword = { file = "secret" }\n[deliver]\ncold = "in"\n',
  );
  const { code, stdout } = await runTask("check", ["--connect"], options);
  assert.equal(code, 78);
  assert.match(stdout, /in\.toml:3: error: .*section \[red\] has verify = no/);
  assert(!/launcher in .*: well/.test(stdout), stdout);
});

Deno.test("a dry run by the gateway goes through a service that it has not loaded yet", async () => {
  await using given = await project();
  const { folder, options } = given;
  const authority = await createAuthority();
  const mailbox = new Mailbox();
  await using server = await startPop3Server({
    mailbox,
    users: { a: "hunter2" },
    tls: await authority.issue(),
  });
  await folder.write(
    "launchers.d/inbox.toml",
    '[listen]\nprotocol = "folder"\npath = "inbox"\n[deliver]\ncold = "inbox"\n',
  );
  await using gateway = startTask("start", [], options);
  await gateway.logged("started");
  await folder.write("new.pem", authority.pem);
  await folder.write(
    "launchers.d/new.conf",
    `[new]\nclient = yes\naccept = 127.0.0.1:0\nconnect = localhost:${server.port}\nCAfile = new.pem\nverifyChain = yes\n`,
  );
  await folder.write(
    "launchers.d/in.toml",
    '[listen]\nprotocol = "pop3"\ntunnel = "new"\naccount = "a"\npassword = { file = "secret" }\n[deliver]\ncold = "in"\n',
  );
  const { code, stdout, stderr } = await runTask("run", ["in", "--dry-run"], options);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /nothing was changed/);
});
