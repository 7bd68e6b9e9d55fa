/** Who a server has to be: chain, pin, names, and what the service shows of itself. */
import assert from "node:assert/strict";
import { createAuthority, type IssuedCertificate, issueSelfSigned } from "../test/servers/certificates.ts";
import { startOpenssl, whyNoOpenssl } from "../test/servers/openssl.ts";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startTlsServer, type TlsServerOptions } from "../test/servers/tls_server.ts";
import { TempFolder } from "../test/servers/temp_folder.ts";
import {
  authority,
  caFile,
  certificate,
  type Changes,
  clientService,
  PATHS,
  say,
  startService,
} from "../test/servers/tunnels.ts";

const other = await createAuthority("Elsewhere");

/** "hello" when the server is trusted, else why it is not. */
async function ask(port: number, changes: Changes): Promise<string> {
  await using running = await startService(clientService(port, changes));
  const client = await PlainClient.connect(running.address);
  const { text, end } = await client.ending();
  return text || (running.service.lastError?.message ?? end);
}

async function askServer(server: Partial<TlsServerOptions>, changes: Changes): Promise<string> {
  await using upstream = await startTlsServer({ certificate, serve: say("hello"), ...server });
  return await ask(upstream.port, changes);
}

interface Case {
  readonly name: string;
  readonly certificate: IssuedCertificate;
  readonly changes: Changes;
  readonly expected: RegExp;
}

Deno.test("the chain, the pin and the names of the server are checked as the section says", async (t) => {
  await using folder = await TempFolder.make();
  const selfSigned = await issueSelfSigned();
  const openssl = await issueSelfSigned({ authority: true });
  const virtual = await authority.issue({ names: ["mail.example", "10.9.8.7"] });
  const wild = await authority.issue({ names: ["*.mail.example"] });
  const files = {
    other: await folder.write("other.pem", other.pem),
    both: await folder.write("both.pem", other.pem + authority.pem),
    leaf: await folder.write("leaf.pem", certificate.cert),
    leaves: await folder.write("leaves.pem", virtual.cert + certificate.cert),
    selfSigned: await folder.write("self.pem", selfSigned.cert),
    openssl: await folder.write("openssl.pem", openssl.cert),
  };
  await folder.write("authorities/one.pem", authority.pem);
  await folder.write("authorities/notes.txt", "not a certificate");
  const pinned = (caFile: string) => ({ caFile, verifyPeer: true, verifyChain: false });
  const cases: Case[] = [
    { name: "CAfile", certificate, changes: {}, expected: /^hello$/ },
    {
      name: "CAfile of another authority",
      certificate,
      changes: { caFile: files.other },
      expected: /not trusted here/,
    },
    { name: "CAfile of several", certificate, changes: { caFile: files.both }, expected: /^hello$/ },
    {
      name: "CApath",
      certificate,
      changes: { caFile: files.other, caPath: folder.at("authorities") },
      expected: /^hello$/,
    },
    { name: "pin", certificate, changes: pinned(files.leaf), expected: /^hello$/ },
    { name: "one of several pins", certificate, changes: pinned(files.leaves), expected: /^hello$/ },
    {
      name: "pin of another",
      certificate: virtual,
      changes: pinned(files.leaf),
      expected: /none of those pinned/,
    },
    {
      name: "pin of a self-signed one",
      certificate: selfSigned,
      changes: pinned(files.selfSigned),
      expected: /^hello$/,
    },
    {
      name: "pin of a self-signed one as openssl makes it",
      certificate: openssl,
      changes: pinned(files.openssl),
      expected: /^hello$/,
    },
    {
      name: "the pin alone has no say over another name of it",
      certificate: virtual,
      changes: pinned(files.leaves),
      expected: /^hello$/,
    },
    {
      name: "checkHost",
      certificate: virtual,
      changes: { checkHost: ["mail.example"] },
      expected: /^hello$/,
    },
    {
      name: "one of several checkHost",
      certificate: virtual,
      changes: { checkHost: ["a.example", "mail.example"] },
      expected: /^hello$/,
    },
    {
      name: "checkHost that it does not have",
      certificate: virtual,
      changes: { checkHost: ["a.example", "b.example"] },
      expected: /not for "a\.example", "b\.example", but for mail\.example, 10\.9\.8\.7$/,
    },
    {
      name: "checkHost and a wildcard",
      certificate: wild,
      changes: { checkHost: ["a.mail.example"] },
      expected: /^hello$/,
    },
    {
      name: "a wildcard stands for one label",
      certificate: wild,
      changes: { checkHost: ["a.b.mail.example"] },
      expected: /not for "a\.b\.mail\.example"/,
    },
    { name: "checkIP", certificate: virtual, changes: { checkIp: ["10.9.8.7"] }, expected: /^hello$/ },
    {
      name: "checkIP that it does not have",
      certificate: virtual,
      changes: { checkIp: ["10.9.8.6"] },
      expected: /not for "10\.9\.8\.6"/,
    },
    {
      name: "sni beside the checked name",
      certificate,
      changes: { sni: "virtual.example" },
      expected: /^hello$/,
    },
    {
      name: "verify = no",
      certificate: await other.issue({ names: ["x"] }),
      changes: { verify: false },
      expected: /^hello$/,
    },
  ];
  for (const { name, certificate, changes, expected } of cases) {
    await t.step(name, async () => assert.match(await askServer({ certificate }, changes), expected));
  }
});

Deno.test("verify = no is warned of for as long as it runs", async () => {
  await using running = await startService(clientService(1, { verify: false }));
  assert.match(running.service.warnings.join(), /not verified \(verify = no\)/);
});

Deno.test("a CAfile that cannot be read is told, and tried again with the next connection", async () => {
  await using folder = await TempFolder.make();
  await using server = await startTlsServer({ certificate, serve: say("hello") });
  await using running = await startService(clientService(server.port, { caFile: folder.at("ca.pem") }));
  const talk = async () => (await (await PlainClient.connect(running.address)).ending()).text;
  assert.equal(await talk(), "");
  assert.match(running.service.lastError?.message ?? "", /ca\.pem/);
  await folder.write("ca.pem", authority.pem);
  assert.equal(await talk(), "hello");
});

Deno.test("the server name that is sent: the host, sni, or none", async (t) => {
  const cases: [string, Changes, { sent?: string; unsent?: string }][] = [
    ["the host", {}, { sent: "localhost" }],
    ["sni", { sni: "virtual.example" }, { sent: "virtual.example", unsent: "localhost" }],
    ["none", { sni: "" }, { unsent: "localhost" }],
    ["checkHost is not sent", { checkHost: ["a.example", "b.example"] }, {
      sent: "localhost",
      unsent: "a.example",
    }],
  ];
  for (const [name, changes, { sent = "", unsent = "none.example" }] of cases) {
    await t.step(name, async () => {
      const hello = Promise.withResolvers<string>();
      await using server = await startTlsServer({
        certificate,
        before(socket) {
          socket.once("data", (chunk: Uint8Array) => {
            hello.resolve(String.fromCharCode(...chunk));
            socket.destroy();
          });
          return false;
        },
      });
      await ask(server.port, changes);
      const text = await hello.promise;
      assert(text.includes(sent) && !text.includes(unsent), "the name in ClientHello");
    });
  }
});

Deno.test({
  name: "openssl is served on both paths and versions, without resumption, and wants a client certificate",
  ignore: whyNoOpenssl() !== undefined,
  async fn(t) {
    await using folder = await TempFolder.make();
    const files = await folder.write("server.pem", certificate.cert + certificate.key);
    const own = await authority.issue({ names: ["client"] });
    const cert = await folder.write("own.pem", own.cert + own.key);
    const stranger = await other.issue({ names: ["client"] });
    const strange = await folder.write("strange.pem", stranger.cert + stranger.key);
    const talk = async (address: string) => {
      const client = await PlainClient.connect(address);
      await client.send("olleh\n").catch(() => {});
      const answer = await client.until("hello").catch(async () => (await client.ending()).text);
      client.reset();
      await client.close();
      return answer;
    };
    for (const version of ["-tls1_2", "-tls1_3"]) {
      for (const [path, changes] of Object.entries(PATHS)) {
        await t.step(`${path} ${version}`, async () => {
          await using server = await startOpenssl([version, "-cert", files, "-key", files]);
          await using running = await startService(clientService(server.port, changes));
          for (let time = 0; time < 3; time++) assert.equal(await talk(running.address), "hello\n");
        });
      }
      await t.step(`client certificate, ${version}`, async () => {
        const args = [
          version,
          "-cert",
          files,
          "-key",
          files,
          "-CAfile",
          caFile,
          "-Verify",
          "1",
          "-verify_return_error",
        ];
        const ask = async (changes: Changes) => {
          await using server = await startOpenssl(args);
          await using running = await startService(
            clientService(server.port, { ...changes, mailProtocol: "pop3" }),
          );
          return await talk(running.address);
        };
        assert.equal(await ask({ cert, key: cert }), "hello\n");
        assert.match(await ask({}), /wants (a|another) client certificate/);
        assert.match(await ask({ cert: strange, key: strange }), /wants (a|another) client certificate/);
      });
    }
  },
});
