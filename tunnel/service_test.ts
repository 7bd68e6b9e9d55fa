import assert from "node:assert/strict";
import * as net from "node:net";
import { freePort } from "../test/servers/free_port.ts";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startTlsServer } from "../test/servers/tls_server.ts";
import { certificate, clientService, echo, eventually, startService } from "../test/servers/tunnels.ts";
import { startTunnel } from "./mod.ts";

Deno.test("a reload keeps unchanged services with their connections, and lets those of removed ones end", async () => {
  await using server = await startTlsServer({ certificate, serve: echo });
  const kept = clientService(server.port, { name: "kept" });
  const removed = clientService(server.port, { name: "removed" });
  await using tunnel = await startTunnel({ services: [kept, removed] });
  const [before, gone] = tunnel.services;
  assert(before?.addresses[0] && gone?.addresses[0]);
  await using one = await PlainClient.connect(before.addresses[0]);
  await using two = await PlainClient.connect(gone.addresses[0]);
  await one.send("one");
  await one.until("one");
  await two.send("two");
  await two.until("two");
  await tunnel.reload([{ ...kept, line: 99 }, clientService(server.port, { name: "new" })]);
  assert.equal(tunnel.services[0], before);
  assert.equal(gone.state, "stopped");
  await assert.rejects(PlainClient.connect(gone.addresses[0] ?? `127.0.0.1:${freePort()}`));
  await one.send(" still");
  await two.send(" alive");
  await one.until("one still");
  await two.until("two alive");
});

Deno.test("a changed service takes the same port again", async () => {
  const port = freePort();
  const accept = [{ host: "127.0.0.1", port }];
  await using tunnel = await startTunnel({ services: [clientService(1, { accept })] });
  await tunnel.reload([clientService(2, { accept })]);
  assert.equal(tunnel.services[0]?.state, "listening");
  assert.deepEqual(tunnel.services[0].addresses, [`127.0.0.1:${port}`]);
});

for (const threads of [0, 2]) {
  /** Sends and checks until it is told to stop; then ends, and reports how that was. */
  const busy = async (address: string, stop: Promise<void>) => {
    const client = await PlainClient.connect(address);
    let stopped = false;
    void stop.then(() => stopped = true);
    let sent = "";
    while (!stopped) {
      const word = `${sent.length} `;
      await client.send(word);
      await client.until(sent += word);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    client.half();
    const { text, end } = await client.ending();
    assert.equal(text, sent);
    return end;
  };

  Deno.test(`drain under load: no new connection, the open ones end whole (${threads} threads)`, async () => {
    await using server = await startTlsServer({ certificate, serve: echo });
    await using running = await startService(clientService(server.port), { threads });
    const { tunnel, service, address } = running;
    const stop = Promise.withResolvers<void>();
    const clients = Array.from({ length: 20 }, () => busy(address, stop.promise));
    await eventually(() => service.counters.active === 20);
    const draining = tunnel.drain(30_000);
    await eventually(() => service.state === "stopped");
    await assert.rejects(async () => await (await PlainClient.connect(address)).until("nobody"));
    // A reload while it ends opens nothing again.
    await tunnel.reload([clientService(server.port, { name: "new" })]);
    assert.deepEqual(tunnel.services, [service]);
    assert.equal(service.counters.active, 20);
    stop.resolve();
    assert.deepEqual(new Set(await Promise.all(clients)), new Set(["EOF"]));
    await draining;
    assert.equal(service.counters.active, 0);
  });

  Deno.test(`drain cuts what is open when its time is over (${threads} threads)`, async () => {
    await using server = await startTlsServer({ certificate, serve: echo });
    await using running = await startService(clientService(server.port), { threads });
    const staying = await PlainClient.connect(running.address);
    await staying.send("x");
    await staying.until("x");
    await running.tunnel.drain(100);
    assert.equal((await staying.ending()).end, "ECONNRESET");
    // A second one, as service managers send it, changes nothing.
    await running.tunnel.drain(100);
  });
}

Deno.test("UNIX sockets on both sides", async () => {
  const folder = await Deno.makeTempDir();
  const server = net.createServer();
  const sockets: net.Socket[] = [];
  try {
    await using upstream = await startTlsServer({ certificate, serve: echo });
    const outer = `${folder}/outer.sock`;
    const inner = `${folder}/inner.sock`;
    // The upstream behind a UNIX socket: bytes passed on as they are.
    server.on("connection", (socket) => {
      const next = net.connect(upstream.port, "127.0.0.1");
      socket.pipe(next).pipe(socket);
      for (const side of [socket, next]) side.on("error", () => {});
      sockets.push(socket, next);
    });
    await new Promise<void>((resolve) => server.listen(inner, resolve));
    await using tunnel = await startTunnel({
      services: [
        clientService(1, { accept: [{ path: outer }], connect: [{ path: inner }], checkHost: ["localhost"] }),
      ],
    });
    assert.deepEqual(tunnel.services[0]?.addresses, [outer], tunnel.services[0]?.error?.message);
    const client = await PlainClient.connect(outer);
    await client.send("over unix");
    await client.until("over unix");
    client.half();
    assert.equal((await client.ending()).end, "EOF");
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await Deno.remove(folder, { recursive: true });
  }
});
