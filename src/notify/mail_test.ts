import assert from "node:assert/strict";
import { createAuthority } from "../../test/servers/certificates.ts";
import { freePort } from "../../test/servers/free_port.ts";
import { type SmtpServer, type SmtpServerOptions, startSmtpServer } from "../../test/servers/smtp_server.ts";
import { TempFolder } from "../../test/servers/temp_folder.ts";
import { startTunnel } from "../../tunnel/mod.ts";
import { dialService } from "../dial.ts";
import { contextFor } from "../launcher_context.ts";
import { mailMessage, tryMailServer } from "./mail.ts";
import { testMessage } from "./message.ts";
import type { NotifyConfig, SmtpOptions } from "./options.ts";

const ACCOUNT = "lanceur@exemple.test";
const PASSWORD = "mot de passe secret";
const USERS = { [ACCOUNT]: PASSWORD };
const authority = await createAuthority();
const certificate = await authority.issue();
const noTunnel = () => Promise.reject(new TypeError("There is no tunnel"));

function configOf(smtp: SmtpOptions): NotifyConfig {
  return { after: 1000, language: "fr", mail_to: ["a@exemple.test", "b@exemple.test"], smtp };
}

const message = { ...testMessage({ lang: "fr", page: "http://127.0.0.1:8025/" }), title: "été : essai" };

interface Attempt {
  readonly options: SmtpServerOptions;
  readonly smtp?: Partial<SmtpOptions>;
  readonly signal?: AbortSignal;
}

/** Sends one mail to a server of its own. */
async function send({ options, smtp, signal = AbortSignal.timeout(20_000) }: Attempt): Promise<SmtpServer> {
  await using folder = await TempFolder.make();
  const caFile = await folder.write("ca.pem", authority.pem);
  await using server = await startSmtpServer(options);
  const security = options.tls ? options.security ?? "implicit" : "none";
  const config = configOf({
    server: "127.0.0.1",
    port: server.port,
    tls: security,
    ...(options.tls ? { ca_file: caFile } : {}),
    ...(options.users ? { account: ACCOUNT, password: PASSWORD } : {}),
    ...smtp,
  });
  const context = contextFor({ base: folder.path, dial: noTunnel, signal });
  await mailMessage(message, {
    config: config.smtp?.account === undefined ? { ...config, mail_from: ACCOUNT } : config,
    context,
  });
  return server;
}

Deno.test("a mail goes out by implicit TLS, STARTTLS, or plain to a relay, whole and once", async (t) => {
  const ways: Record<string, SmtpServerOptions> = {
    implicit: { tls: certificate, users: USERS },
    starttls: { tls: certificate, users: USERS, security: "starttls" },
    none: {},
  };
  for (const [way, options] of Object.entries(ways)) {
    await t.step(way, async () => {
      const { mails, commands } = await send({ options });
      assert.equal(mails.length, 1);
      const [mail] = mails;
      assert.deepEqual([mail?.from, mail?.to], [ACCOUNT, ["a@exemple.test", "b@exemple.test"]]);
      assert.equal(mail?.isSecured, way !== "none");
      assert.match(mail?.raw ?? "", /^Auto-Submitted: auto-generated\r$/m);
      assert.match(mail?.raw ?? "", new RegExp(`^Message-ID: <${message.id}@lanceur>\r$`, "m"));
      assert.match(mail?.raw ?? "", /essai/);
      const auth = commands.findIndex((line) => line.startsWith("AUTH"));
      const starttls = commands.indexOf("STARTTLS");
      assert.ok(way !== "starttls" || (starttls >= 0 && starttls < auth));
    });
  }
});

Deno.test("a mail goes through a tunnel service, which verifies the server", async () => {
  await using folder = await TempFolder.make();
  const caFile = await folder.write("ca.pem", authority.pem);
  await using server = await startSmtpServer({ tls: certificate, users: USERS });
  const { parseStunnelConf } = await import("../../tunnel/mod.ts");
  const text =
    `[smtp]\nclient = yes\naccept = 127.0.0.1:${freePort()}\nconnect = 127.0.0.1:${server.port}\nCAfile = ${caFile}\n`;
  const { services } = parseStunnelConf(text, { file: "smtp.conf" });
  await using tunnel = await startTunnel({ services, listen: false });
  const signal = AbortSignal.timeout(20_000);
  const dial = (service: string, until: AbortSignal) => dialService(tunnel, service, until);
  const context = contextFor({ base: folder.path, dial, signal });
  const config = configOf({ tunnel: "smtp", account: ACCOUNT, password: PASSWORD });
  await tryMailServer({ config, context });
  assert.equal(server.mails.length, 0);
  await mailMessage(message, { config, context });
  assert.equal(server.mails.length, 1);
  assert.equal(server.mails[0]?.account, ACCOUNT);
});

Deno.test("what goes wrong is said with a remedy, and never with the password", async (t) => {
  const cases: readonly (readonly [string, Attempt, RegExp])[] = [
    ["a wrong password", {
      options: { tls: certificate, users: { [ACCOUNT]: "another" } },
    }, /535 .*check account and password of \[notify\.smtp\]/],
    ["an address that is refused", {
      options: { react: (command) => command === "RCPT" ? "550 no such user\r\n" : undefined },
    }, /550 no such user/],
    ["an authority nobody knows", {
      options: { tls: certificate },
      smtp: { ca_file: undefined } as Partial<SmtpOptions>,
    }, /signed by an authority that is not known here/],
    ["no STARTTLS", { options: {}, smtp: { tls: "starttls" } }, /STARTTLS is not offered/],
    ["a server that hangs up", {
      options: { react: (command) => command === "MAIL" ? "drop" : undefined },
    }, /Cannot send a mail through "127\.0\.0\.1": .*(clos|reset|broken|cut)/i],
    ["a server that hangs", {
      options: { react: (command) => command === "DATA" ? "stall" : undefined },
      signal: AbortSignal.timeout(1500),
    }, /no answer in time/],
    ["a server that is not there", { options: {}, smtp: { port: freePort() } }, /connection was refused/],
  ];
  for (const [name, attempt, expected] of cases) {
    await t.step(name, async () => {
      await assert.rejects(send(attempt), (error: Error) => {
        assert.match(error.message, expected);
        assert.ok(!error.message.includes(PASSWORD), error.message);
        return true;
      });
    });
  }
});
