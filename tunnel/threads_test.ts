import assert from "node:assert/strict";
import { createAuthority } from "../test/servers/certificates.ts";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startTlsServer, type TlsPeer } from "../test/servers/tls_server.ts";
import { parseStunnelConf, type ServiceOptions, startTunnel, type TunnelLogEntry } from "./mod.ts";

const authority = await createAuthority();
const certificate = await authority.issue();
const caFile = await Deno.makeTempFile();
await Deno.writeTextFile(caFile, authority.pem);
globalThis.addEventListener("unload", () => Deno.removeSync(caFile));

const THREADS = 2;

function options(connectPort: number, changes: Partial<ServiceOptions> = {}): ServiceOptions {
  const text =
    `[test]\nclient = yes\naccept = 127.0.0.1:0\nconnect = localhost:${connectPort}\nCAfile = ${caFile}\n`;
  const [service] = parseStunnelConf(text, { file: "test.conf" }).services;
  assert(service);
  return { ...service, ...changes };
}

async function echo(peer: TlsPeer): Promise<void> {
  peer.socket.on("data", (chunk) => void peer.send(chunk).catch(() => {}));
  await peer.ended();
  peer.closeNotify();
}

/** Collects the log, and tells when an entry has come. */
class Log {
  readonly entries: TunnelLogEntry[] = [];
  #news = Promise.withResolvers<void>();

  readonly take = (entry: TunnelLogEntry): void => {
    this.entries.push(entry);
    this.#news.resolve();
  };

  async until(enough: (entries: readonly TunnelLogEntry[]) => boolean): Promise<void> {
    while (!enough(this.entries)) {
      this.#news = Promise.withResolvers();
      await this.#news.promise;
    }
  }
}

const ended = ({ message }: TunnelLogEntry) => message === "connection ended";

async function connected(address: string | undefined): Promise<PlainClient> {
  const client = await PlainClient.connect(address ?? "");
  await client.send("x");
  await client.until("x");
  return client;
}

Deno.test("threads share the port, count together and number their connections apart", async () => {
  await using server = await startTlsServer({ certificate, serve: echo });
  const log = new Log();
  await using tunnel = await startTunnel({
    services: [options(server.port)],
    threads: THREADS,
    log: log.take,
  });
  const service = tunnel.services[0];
  const CLIENTS = 40;
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => connected(service?.addresses[0])),
  );
  assert.equal(service?.counters.active, CLIENTS);
  for (const client of clients) client.half();
  for (const client of clients) assert.deepEqual(await client.ending(), { text: "x", end: "EOF" });
  await log.until((entries) => entries.filter(ended).length === CLIENTS);
  const ids = log.entries.filter(ended).map(({ properties }) => Number(properties["connection"]));
  assert.equal(new Set(ids).size, CLIENTS);
  assert.deepEqual(new Set(ids.map((id) => id % (THREADS + 1))), new Set([1, 2]), "both threads have served");
  assert.deepEqual(service.counters, {
    connections: CLIENTS,
    active: 0,
    refused: 0,
    failed: 0,
    bytesIn: CLIENTS,
    bytesOut: CLIENTS,
  });
});

Deno.test("the limit of connections holds for all threads together", async () => {
  await using server = await startTlsServer({ certificate, serve: echo });
  const service = options(server.port, { maxConnections: 4, mailProtocol: "pop3" });
  await using tunnel = await startTunnel({ services: [service], threads: THREADS });
  const address = tunnel.services[0]?.addresses[0];
  await using stack = new AsyncDisposableStack();
  for (let number = 0; number < 4; number++) {
    const client = await connected(address);
    stack.defer(() => client.close());
  }
  const fifth = await PlainClient.connect(address ?? "");
  assert.match((await fifth.ending()).text, /^-ERR .*too many connections/);
  assert.equal(tunnel.services[0]?.counters.refused, 1);
});

Deno.test("what fails in a thread is told by the service", async (t) => {
  await t.step("a truncated end", async () => {
    await using server = await startTlsServer({
      certificate,
      async serve(peer) {
        await peer.until("hello");
        await peer.send("DATA");
        peer.truncate();
      },
    });
    const log = new Log();
    const timeouts = { connectMs: 1000, handshakeMs: 1000, idleMs: 60_000, closeMs: 200 };
    await using tunnel = await startTunnel({
      services: [options(server.port, { timeouts })],
      threads: THREADS,
      log: log.take,
    });
    const service = tunnel.services[0];
    const client = await PlainClient.connect(service?.addresses[0] ?? "");
    await client.send("hello");
    assert.deepEqual(await client.ending(), { text: "DATA", end: "ECONNRESET" });
    await log.until((entries) => entries.some(ended));
    assert.match(service?.lastError?.message ?? "", /without closing TLS/);
    assert.equal(service?.counters.failed, 1);
  });
  await t.step("a certificate for another name", async () => {
    const wrong = await authority.issue({ names: ["elsewhere.example"] });
    await using server = await startTlsServer({ certificate: wrong });
    const log = new Log();
    await using tunnel = await startTunnel({
      services: [options(server.port)],
      threads: THREADS,
      log: log.take,
    });
    const service = tunnel.services[0];
    const client = await PlainClient.connect(service?.addresses[0] ?? "");
    assert.equal((await client.ending()).end, "ECONNRESET");
    await log.until((entries) => entries.some(({ level }) => level === "warn"));
    assert.match(service?.lastError?.message ?? "", /not for "localhost", but .*elsewhere\.example/);
  });
});

Deno.test("a second tunnel does not share the port in silence", async () => {
  await using server = await startTlsServer({ certificate, serve: echo });
  await using first = await startTunnel({ services: [options(server.port)], threads: THREADS });
  const port = Number(first.services[0]?.addresses[0]?.replace(/.*:/, ""));
  const accept = [{ host: "127.0.0.1", port }];
  await using second = await startTunnel({ services: [options(server.port, { accept })], threads: THREADS });
  assert.equal(second.services[0]?.state, "error");
  assert.match(second.services[0]?.error?.message ?? "", /another program has it/);
});

Deno.test("a reload keeps what is unchanged, lets connections of removed services end, and frees their port", async () => {
  await using server = await startTlsServer({ certificate, serve: echo });
  const kept = options(server.port, { name: "kept" });
  const removed = options(server.port, { name: "removed" });
  await using tunnel = await startTunnel({ services: [kept, removed], threads: THREADS });
  const address = tunnel.service("removed")?.addresses[0] ?? "";
  const staying = await connected(tunnel.service("kept")?.addresses[0]);
  const leaving = await connected(address);
  const port = Number(address.replace(/.*:/, ""));
  await tunnel.reload([kept, options(server.port, { name: "next", accept: [{ host: "127.0.0.1", port }] })]);
  assert.equal(tunnel.service("next")?.state, "listening", tunnel.service("next")?.error?.message);
  for (const client of [staying, leaving, await connected(address)]) {
    await client.send("y");
    await client.until("y");
    await client.close();
  }
});

Deno.test("drain waits for the threads' connections, and cuts them after the grace", async () => {
  await using server = await startTlsServer({ certificate, serve: echo });
  const tunnel = await startTunnel({ services: [options(server.port)], threads: THREADS });
  const service = tunnel.services[0];
  const waiting = await connected(service?.addresses[0]);
  const drained = tunnel.drain(60_000);
  await waiting.send("y");
  await waiting.until("y");
  waiting.half();
  assert.equal((await waiting.ending()).end, "EOF");
  await drained;

  const other = await startTunnel({ services: [options(server.port)], threads: THREADS });
  const cut = await connected(other.services[0]?.addresses[0]);
  await other.drain(0);
  assert.equal((await cut.ending()).end, "ECONNRESET");
  assert.equal(other.services[0]?.counters.active, 0);
});
