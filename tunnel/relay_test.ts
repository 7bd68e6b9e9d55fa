import assert from "node:assert/strict";
import { PlainClient } from "../test/servers/plain_client.ts";
import type { TlsPeer } from "../test/servers/tls_server.ts";
import {
  certificate,
  clientService,
  echo,
  eventually,
  PATHS,
  type RunningService,
  SOON,
  startBoth,
  startService,
} from "../test/servers/tunnels.ts";

/** Sends DATA once it has heard "hello", and leaves without close_notify. */
async function truncate(peer: TlsPeer): Promise<void> {
  await peer.until("hello");
  await peer.send("DATA");
  peer.truncate();
}

/** A server notices only by writing that nobody is there any more. */
async function writeUntilLeft(peer: TlsPeer): Promise<void> {
  try {
    for (;;) await peer.send("x");
  } catch {
    // Left.
  }
}

async function hello({ address }: RunningService): Promise<PlainClient> {
  const client = await PlainClient.connect(address);
  await client.send("hello");
  return client;
}

for (const [name, path] of Object.entries(PATHS)) {
  Deno.test(`truncation = eof turns a truncated end into a clean one (${name})`, async () => {
    await using running = await startBoth({ serve: truncate }, { ...path, truncation: "eof" });
    const client = await hello(running);
    assert.deepEqual(await client.ending(), { text: "DATA", end: "EOF" });
  });

  Deno.test(`truncation = eof loses nothing of a client that has ended and reads slowly (${name})`, async () => {
    const all = crypto.getRandomValues(new Uint8Array(60_000));
    await using running = await startBoth({
      async serve(peer) {
        await peer.ended();
        await peer.send(all);
        peer.truncate();
      },
    }, { ...path, truncation: "eof" });
    const client = await PlainClient.connect(running.address, { paused: true });
    client.half();
    await running.journal.logged("connection ended");
    client.resume();
    assert.equal((await client.ending()).end, "EOF");
    assert.deepEqual(client.received(), all);
  });

  Deno.test(`a client that says nothing after a truncated end is reset when its time is over (${name})`, async () => {
    await using running = await startBoth({ serve: truncate }, { ...path, timeouts: SOON });
    const client = await hello(running);
    assert.deepEqual(await client.ending(), { text: "DATA", end: "ECONNRESET" });
    const [entry] = await running.journal.logged("connection ended");
    assert.equal(entry?.properties.end, "truncated");
  });

  Deno.test(`after the goodbye a missing close_notify is a clean end (${name})`, async (t) => {
    const goodbyes = [["pop3", "QUIT\r\n"], ["smtp", "quit\r\n"], ["imap", "a1 LOGOUT\r\n"]] as const;
    for (const [mailProtocol, goodbye] of goodbyes) {
      await t.step(mailProtocol, async () => {
        await using running = await startBoth({
          async serve(peer) {
            await peer.until(goodbye);
            await peer.send("bye\r\n");
            peer.truncate();
          },
        }, { ...path, mailProtocol });
        const client = await PlainClient.connect(running.address);
        await client.send(goodbye);
        assert.deepEqual(await client.ending(), { text: "bye\r\n", end: "EOF" });
        assert.equal(running.service.lastError, undefined);
      });
    }
  });

  Deno.test(`a client that left before the server ended without close_notify is no failure (${name})`, async () => {
    await using running = await startBoth({
      async serve(peer) {
        await peer.until("hello");
        await peer.send("DATA");
        await peer.ended();
        peer.truncate();
      },
    }, path);
    const client = await hello(running);
    await client.until("DATA");
    client.half();
    assert.deepEqual(await client.ending(), { text: "DATA", end: "ECONNRESET" });
    assert.equal(running.service.counters.failed, 0);
    assert.equal(running.service.lastError, undefined);
  });

  Deno.test(`a slow reader of a truncated download gets every byte before the reset (${name})`, async () => {
    const part = crypto.getRandomValues(new Uint8Array(60_000));
    const all = new Uint8Array(300_000).map((_byte, index) => part[index % part.length] ?? 0);
    await using running = await startBoth({
      async serve(peer) {
        await peer.until("hello");
        await peer.send(all);
        peer.truncate();
      },
    }, { ...path, timeouts: { ...SOON, closeMs: 60_000 } });
    const client = await PlainClient.connect(running.address, { paused: true });
    await client.send("hello");
    await eventually(() => running.service.counters.bytesOut === all.length);
    client.resume();
    await eventually(() => client.received().length === all.length);
    assert.deepEqual(client.received(), all);
    await client.send("more");
    assert.equal((await client.ending()).end, "ECONNRESET");
  });

  Deno.test(`a server that keeps talking after the client's FIN is not cut by the close time (${name})`, async () => {
    await using running = await startBoth({
      async serve(peer) {
        await peer.ended();
        for (let count = 0; count < 6; count++) {
          await new Promise((resolve) => setTimeout(resolve, 200));
          await peer.send("x");
        }
        peer.closeNotify();
      },
    }, { ...path, timeouts: { ...SOON, closeMs: 1000 } });
    const client = await hello(running);
    client.half();
    assert.deepEqual(await client.ending(), { text: "xxxxxx", end: "EOF" });
  });

  Deno.test(`a server that never ends after the client's FIN is left when the close time is over (${name})`, async () => {
    const over = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    await using running = await startBoth({
      async serve(peer) {
        await peer.ended();
        await over.promise;
        await writeUntilLeft(peer);
        left.resolve();
      },
    }, { ...path, timeouts: SOON });
    const client = await hello(running);
    client.half();
    assert.equal((await client.ending()).end, "ECONNRESET");
    const [entry] = await running.journal.logged("connection ended");
    assert.equal(entry?.properties.end, "close timeout");
    over.resolve();
    await left.promise;
  });

  Deno.test(`the client's FIN is a close_notify for the server, which may go on (${name})`, async () => {
    // Native TLS alone tells close_notify from its lack.
    using server = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...certificate });
    await using running = await startService(clientService(server.addr.port, path));
    const client = await hello(running);
    client.half();
    using connection = await server.accept();
    const buffer = new Uint8Array(64);
    assert.equal(await connection.read(buffer), 5);
    assert.equal(await connection.read(buffer), null);
    await connection.write(new TextEncoder().encode("on"));
    await connection.closeWrite();
    assert.deepEqual(await client.ending(), { text: "on", end: "EOF" });
  });

  Deno.test(`a client that resets ends its server's connection by close_notify, and alarms nobody (${name})`, async () => {
    using server = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...certificate });
    await using running = await startService(clientService(server.addr.port, path));
    const client = await hello(running);
    using connection = await server.accept();
    const buffer = new Uint8Array(64);
    assert.equal(await connection.read(buffer), 5);
    client.reset();
    assert.equal(await connection.read(buffer), null);
    const [entry] = await running.journal.logged("connection ended");
    assert.equal(entry?.level, "info");
    assert.equal(entry.properties.end, "plain reset");
    assert.equal(running.service.lastError, undefined);
    await client.close();
  });

  Deno.test(`resets from either side, in any state, leave no connection open (${name})`, async () => {
    let turn = 0;
    await using running = await startBoth({
      before: (socket) => {
        if (turn++ % 5 !== 4) return true;
        socket.resetAndDestroy();
        return false;
      },
      async serve(peer) {
        peer.socket.on("data", (chunk) => {
          if (String(chunk).includes("reset")) peer.reset();
          else void peer.send(chunk).catch(() => {});
        });
        await peer.ended();
        peer.closeNotify();
      },
    }, { ...path, timeouts: SOON });
    const { service, address } = running;
    for (let round = 0; round < 30; round++) {
      const client = await PlainClient.connect(address);
      // Resets before the upstream is reached, with bytes on their way, while idle, from the server; a plain leave.
      if (round % 5 === 1) await client.send("x");
      if (round % 5 >= 2) await client.send("x").then(() => client.until("x")).catch(() => {});
      if (round % 5 === 3) await client.send("reset").catch(() => {});
      else if (round % 5 !== 4) client.reset();
      await client.close();
    }
    await eventually(() => service.counters.active === 0);
    assert.equal(service.counters.connections, 30);
  });

  Deno.test(`an idle connection is cut on both sides after its time; bytes of either side keep it (${name})`, async () => {
    const over = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    await using running = await startBoth({
      async serve(peer) {
        await peer.until("hello");
        for (let count = 0; count < 8; count++) {
          await new Promise((resolve) => setTimeout(resolve, 150));
          await peer.send("x");
        }
        await over.promise;
        await writeUntilLeft(peer);
        left.resolve();
      },
    }, { ...path, timeouts: { ...SOON, idleMs: 1000 } });
    const client = await hello(running);
    assert.deepEqual(await client.ending(), { text: "xxxxxxxx", end: "ECONNRESET" });
    const [entry] = await running.journal.logged("connection ended");
    assert.equal(entry?.properties.end, "idle");
    over.resolve();
    await left.promise;
  });
}

Deno.test("what the server says two seconds after the client's FIN arrives", async () => {
  const versions = ["TLSv1.2", "TLSv1.3"] as const;
  const cases = Object.values(PATHS).flatMap((path) => versions.map((maxVersion) => ({ path, maxVersion })));
  await Promise.all(cases.map(async ({ path, maxVersion }) => {
    await using running = await startBoth({
      maxVersion,
      async serve(peer) {
        await peer.ended();
        await new Promise((resolve) => setTimeout(resolve, 2000));
        await peer.send("LATE");
        peer.closeNotify();
      },
    }, path);
    const client = await hello(running);
    client.half();
    assert.deepEqual(await client.ending(), { text: "LATE", end: "EOF" });
  }));
});

Deno.test("a line of the log holds id, bytes, time and reason, and nothing that was said", async () => {
  await using running = await startBoth({ serve: echo }, { mailProtocol: "pop3" });
  const client = await PlainClient.connect(running.address);
  await client.send("PASS secret\r\n");
  await client.until("secret");
  client.half();
  await client.ending();
  const [entry] = await running.journal.logged("connection ended");
  assert.equal(entry?.properties.end, "done");
  assert.deepEqual([entry.properties.bytesIn, entry.properties.bytesOut], [13, 13]);
  for (const fact of ["connection", "client", "target", "durationMs"]) assert(fact in entry.properties, fact);
  assert.doesNotMatch(running.journal.text, /secret|PASS/);
});
