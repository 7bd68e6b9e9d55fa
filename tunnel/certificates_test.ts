/** Every kind of a server that cannot be trusted is told apart, with what to do; for the Deno version in use. */
import assert from "node:assert/strict";
import { createAuthority, issueSelfSigned } from "../test/servers/certificates.ts";
import { type OpensslServer, startOpenssl, whyNoOpenssl } from "../test/servers/openssl.ts";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startTlsServer, type TlsServerOptions } from "../test/servers/tls_server.ts";
import {
  authority,
  caFile,
  certificate,
  type Changes,
  clientService,
  PATHS,
  startService,
} from "../test/servers/tunnels.ts";
import type { TunnelFault } from "./mod.ts";

interface Case {
  readonly name: string;
  readonly server: Partial<TlsServerOptions>;
  readonly changes?: Changes;
  readonly kind: TunnelFault;
  readonly message: RegExp;
  readonly remedy: RegExp;
}

const HOUR_MS = 3_600_000;
const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS);
const day = (date: Date) => date.toISOString().slice(0, 10);
const foreign = await createAuthority("Another authority");
const namesake = await createAuthority();

const CASES: readonly Case[] = [
  {
    name: "expired",
    server: { certificate: await authority.issue({ notBefore: ago(72), notAfter: ago(48) }) },
    kind: "certificate-expired",
    message: new RegExp(`its certificate has expired \\(${day(ago(48))}\\)$`),
    remedy: /has to renew it; check this machine's clock/,
  },
  {
    name: "not yet valid",
    server: { certificate: await authority.issue({ notBefore: ago(-48) }) },
    kind: "certificate-not-yet-valid",
    message: new RegExp(`its certificate is not valid yet \\(${day(ago(-48))}\\)$`),
    remedy: /machine's clock/,
  },
  {
    name: "wrong name",
    server: { certificate: await authority.issue({ names: ["mail.example", "*.mail.example", "10.1.2.3"] }) },
    kind: "certificate-name",
    message: /not for "localhost".*, but for mail\.example, \*\.mail\.example, 10\.1\.2\.3$/,
    remedy: /checkHost/,
  },
  {
    name: "unknown issuer",
    server: { certificate: await foreign.issue() },
    kind: "certificate-unknown-issuer",
    message: /an authority that is not trusted here \("CN=Another authority"\)$/,
    remedy: /set CAfile/,
  },
  {
    name: "another issuer of the same name",
    server: { certificate: await namesake.issue() },
    kind: "certificate-unknown-issuer",
    message: /an authority that is not trusted here/,
    remedy: /set CAfile/,
  },
  {
    name: "self-signed",
    server: { certificate: await issueSelfSigned() },
    kind: "certificate-self-signed",
    message: /its certificate is self-signed \(SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}\)$/,
    remedy: /verifyPeer = yes/,
  },
  {
    name: "self-signed as openssl does it",
    server: { certificate: await issueSelfSigned({ authority: true }) },
    kind: "certificate-self-signed",
    message: /its certificate is self-signed/,
    remedy: /verifyPeer = yes/,
  },
  {
    name: "plain text",
    server: {
      before(socket) {
        socket.write("* OK IMAP ready\r\n");
        return false;
      },
    },
    kind: "plain-text",
    message: /the server speaks plain text on this port$/,
    remedy: /protocol = pop3, imap or smtp/,
  },
];

/** What the service says of such a server, and what the server heard of the client. */
async function refusal(port: number, changes: Changes) {
  await using running = await startService(clientService(port, changes));
  const client = await PlainClient.connect(running.address);
  await client.send("PASS secret\r\n").catch(() => {});
  assert.equal((await client.ending()).end, "ECONNRESET");
  const { service, journal } = running;
  const logged = journal.entries.find((entry) => entry.level === "warn");
  assert.equal(logged?.message, service.lastError?.message);
  assert.equal(service.state, "listening");
  return { ...service.lastError, kind: logged?.properties.kind };
}

for (const [name, path] of Object.entries(PATHS)) {
  Deno.test(`a server that cannot be trusted is told by its kind, and hears nothing (${name})`, async (t) => {
    for (const { name, server, changes, kind, message, remedy } of CASES) {
      await t.step(name, async () => {
        let heard = 0;
        await using upstream = await startTlsServer({
          certificate,
          ...server,
          serve: (peer) => void peer.socket.on("data", (chunk) => heard += chunk.length),
        });
        const error = await refusal(upstream.port, { ...path, ...changes });
        assert.equal(error.kind, kind, error.message);
        assert.match(error.message ?? "", message);
        assert.match(error.remedy ?? "", remedy);
        assert.equal(heard, 0);
      });
    }
  });

  Deno.test({
    name: `a server that is too old is told so (${name})`,
    ignore: whyNoOpenssl() !== undefined,
    async fn(t) {
      const files = await Deno.makeTempFile();
      await Deno.writeTextFile(files, certificate.cert + certificate.key);
      const old: Record<string, string[]> = {
        "TLS 1.0": ["-tls1", "-cipher", "DEFAULT@SECLEVEL=0"],
        "TLS 1.1": ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"],
        "TLS 1.2 with CBC alone": ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"],
      };
      try {
        for (const [version, args] of Object.entries(old)) {
          await t.step(version, async () => {
            await using server: OpensslServer = await startOpenssl([...args, "-cert", files, "-key", files]);
            const error = await refusal(server.port, path);
            assert.equal(error.kind, "too-old", error.message);
            assert.match(error.message ?? "", /the server is too old/);
            assert.match(error.remedy ?? "", /has to be updated/);
          });
        }
      } finally {
        await Deno.remove(files);
      }
    },
  });
}

Deno.test("a server of TLS 1.2 is too old for a service that wants 1.3", async () => {
  await using server = await startTlsServer({ certificate, maxVersion: "TLSv1.2" });
  const error = await refusal(server.port, { minVersion: "TLSv1.3" });
  assert.equal(error.kind, "too-old");
});

Deno.test("a pinned server that shows another certificate is told so", async () => {
  await using server = await startTlsServer({ certificate });
  const error = await refusal(server.port, { verifyPeer: true, caFile });
  assert.equal(error.kind, "certificate-pin");
  assert.match(error.message ?? "", /none of those pinned in CAfile/);
  assert.match(error.remedy ?? "", /was renewed/);
});
