import assert from "node:assert/strict";
import { type CertificateOptions, createAuthority } from "./certificates.ts";

/** Handshakes once against a server with a certificate of these options; returns the failure, if any. */
async function handshake(issue: CertificateOptions, dial: { hostname: string; trusted?: boolean }) {
  const authority = await createAuthority();
  const stranger = await createAuthority();
  using listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...await authority.issue(issue) });
  const served = listener.accept().then(async (conn) => {
    await conn.handshake().catch(() => {});
    conn.close();
  });
  const plain = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const caCerts = [dial.trusted === false ? stranger.pem : authority.pem];
  using conn = await Deno.startTls(plain, { hostname: dial.hostname, caCerts });
  const failure: Error | undefined = await conn.handshake().then(() => undefined, (error) => error);
  await served;
  return failure?.message;
}

Deno.test("createAuthority() issues certificates that hold for their names and addresses", async () => {
  assert.equal(await handshake({}, { hostname: "localhost" }), undefined);
  assert.equal(await handshake({}, { hostname: "127.0.0.1" }), undefined);
  assert.equal(await handshake({ names: ["mail.test"] }, { hostname: "mail.test" }), undefined);
});

Deno.test("createAuthority() issues certificates that are refused where they should be", async () => {
  const past = { notBefore: new Date("2020-01-01"), notAfter: new Date("2020-02-01") };
  assert.match(await handshake(past, { hostname: "localhost" }) ?? "", /expired/i);
  assert.match(await handshake({ names: ["mail.test"] }, { hostname: "localhost" }) ?? "", /not valid for/i);
  assert.match(
    await handshake({}, { hostname: "localhost", trusted: false }) ?? "",
    /UnknownIssuer|BadSignature/,
  );
});
