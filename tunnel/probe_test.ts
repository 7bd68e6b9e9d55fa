import assert from "node:assert/strict";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startTlsServer } from "../test/servers/tls_server.ts";
import { authority, clientService, startService } from "../test/servers/tunnels.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Serves one client and then the probe; resolves with what the service knows after that. */
async function probed(days: number, { threads = 0, protocol }: { threads?: number; protocol?: "pop3" } = {}) {
  const notAfter = new Date(Date.now() + days * DAY_MS + DAY_MS / 2);
  const issued = await authority.issue({ notAfter });
  const probe = Promise.withResolvers<void>();
  let served = 0;
  await using server = await startTlsServer({
    certificate: issued,
    async serve(peer) {
      const isProbe = ++served === 2;
      await peer.ended();
      peer.closeNotify();
      if (!isProbe) return;
      assert.equal(peer.received().length, 0, "the probe says nothing");
      probe.resolve();
    },
    ...(protocol === undefined ? {} : {
      async before(socket) {
        socket.write("+OK ready\r\n");
        const line = await new Promise((resolve) => socket.once("data", resolve));
        assert.match(String(line), /^STLS/);
        socket.write("+OK go on\r\n");
        return true;
      },
    }),
  });
  const changes = protocol === undefined ? {} : { protocol, mailProtocol: protocol };
  await using running = await startService(clientService(server.port, changes), {
    threads,
    probeDelayMs: 10,
  });
  const client = await PlainClient.connect(running.address);
  client.half();
  await client.ending();
  await probe.promise;
  const { tls, warnings, counters, state, lastError } = running.service;
  return { tls, warnings, counters, state, lastError, notAfter };
}

Deno.test("what the page shows of the upstream's certificate comes from a probe that says nothing", async (t) => {
  for (const threads of [0, 2]) {
    await t.step(`far from its end, ${threads} threads`, async () => {
      const { tls, warnings, counters, lastError, notAfter } = await probed(300, { threads });
      assert.equal(tls?.validTo?.getTime(), Math.floor(notAfter.getTime() / 1000) * 1000);
      assert(tls?.names?.includes("localhost"));
      assert.match(tls?.issuer ?? "", /test authority/);
      assert.match(tls?.fingerprint ?? "", /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
      assert.deepEqual(warnings, []);
      assert.equal(counters.connections, 1, "the probe is not counted");
      assert.equal(lastError, undefined);
    });
  }
  await t.step("behind STARTTLS", async () => {
    const { tls } = await probed(300, { protocol: "pop3" });
    assert(tls?.validTo !== undefined);
  });
});

Deno.test("a certificate is warned of from 21 days before its end", async (t) => {
  await t.step("22 days", async () => assert.deepEqual((await probed(22)).warnings, []));
  await t.step("20 days", async () => {
    const { warnings } = await probed(20);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /^The server's certificate expires on \d{4}-\d\d-\d\d, in 20 days$/);
  });
});

Deno.test("a probe that fails leaves the service as it was", async () => {
  const refused = Promise.withResolvers<void>();
  let connections = 0;
  await using server = await startTlsServer({
    certificate: await authority.issue(),
    before(socket) {
      if (++connections === 1) return true;
      socket.on("close", () => refused.resolve());
      socket.destroy();
      return false;
    },
    async serve(peer) {
      await peer.ended();
      peer.closeNotify();
    },
  });
  await using running = await startService(clientService(server.port), { probeDelayMs: 10 });
  const client = await PlainClient.connect(running.address);
  client.half();
  assert.equal((await client.ending()).end, "EOF");
  await refused.promise;
  assert.equal(running.service.state, "listening");
  assert.equal(running.service.counters.failed, 0);
  assert.equal(running.service.lastError, undefined);
  assert.equal(running.service.tls?.validTo, undefined);
});
