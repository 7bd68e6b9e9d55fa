/**
 * What is sent arrives whole, in order and without filling memory. `LANCEUR_TEST_TRANSFER_MIB` sets the size of the large
 * transfer each way (1024 for the whole gibibyte; 128 unless given).
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startTlsServer } from "../test/servers/tls_server.ts";
import {
  certificate,
  type Changes,
  clientService,
  echo,
  eventually,
  PATHS,
  startService,
} from "../test/servers/tunnels.ts";

const MIB = 1024 * 1024;
const LARGE_MIB = Number(Deno.env.get("LANCEUR_TEST_TRANSFER_MIB") ?? 128);
const MOST_GROWTH_MIB = 160;
const IS_LINUX = Deno.build.os === "linux";

const RUNS: readonly { name: string; path: Changes; threads: number }[] = [
  ...Object.entries(PATHS).map(([name, path]) => ({ name, path, threads: 0 })),
  { name: "native TLS in threads", path: {}, threads: 2 },
];

/** Bytes that repeat nowhere in the same order, made as they are needed. */
function* blocks(mib: number, seed: number): Generator<Uint8Array> {
  const block = new Uint8Array(MIB);
  for (let at = 0; at < MIB; at += 65_536) crypto.getRandomValues(block.subarray(at, at + 65_536));
  const numbers = new Uint32Array(block.buffer);
  for (let count = 0; count < mib; count++) {
    for (let at = 0; at < numbers.length; at += 1024) numbers[at] = seed + count * numbers.length + at;
    yield block;
  }
}

/** Sends it all and its end; resolves with the hash of what was sent. */
async function sendAll(connection: Deno.Conn, seed: number): Promise<string> {
  const hash = createHash("sha256");
  for (const block of blocks(LARGE_MIB, seed)) {
    hash.update(block);
    for (let sent = 0; sent < block.length;) sent += await connection.write(block.subarray(sent));
  }
  await connection.closeWrite();
  return hash.digest("hex");
}

async function receiveAll(connection: Deno.Conn): Promise<string> {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(MIB);
  for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
    hash.update(buffer.subarray(0, count));
  }
  return hash.digest("hex");
}

for (const { name, path, threads } of RUNS) {
  Deno.test(`${LARGE_MIB} MiB go each way at once, whole and in order, in little memory (${name})`, async () => {
    using server = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...certificate });
    await using running = await startService(clientService(server.addr.port, path), { threads });
    const port = Number(running.address.replace(/.*:/, ""));
    const before = Deno.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => most = Math.max(most, Deno.memoryUsage().rss), 20);
    using client = await Deno.connect({ hostname: "127.0.0.1", port });
    const sending = sendAll(client, 1);
    using upstream = await server.accept();
    const [up, down, received, taken] = await Promise.all([
      sending,
      sendAll(upstream, 2 ** 31),
      receiveAll(upstream),
      receiveAll(client),
    ]);
    clearInterval(watch);
    assert.equal(received, up);
    assert.equal(taken, down);
    const growth = (most - before) / MIB;
    assert(growth < MOST_GROWTH_MIB, `memory grew by ${Math.round(growth)} MiB`);
    await running.journal.logged("connection ended");
    const { bytesIn, bytesOut } = running.service.counters;
    assert.deepEqual([bytesIn, bytesOut], [LARGE_MIB * MIB, LARGE_MIB * MIB]);
  });

  Deno.test(`4 KiB byte by byte, and pieces of odd sizes, arrive as they were sent (${name})`, async () => {
    await using server = await startTlsServer({ certificate, serve: echo });
    await using running = await startService(clientService(server.port, path), { threads });
    const sent = crypto.getRandomValues(new Uint8Array(60_000));
    const client = await PlainClient.connect(running.address);
    let at = 0;
    while (at < 4096) await client.send(sent.subarray(at, ++at));
    for (let size = 1; at < sent.length; size = size * 2 + 1) {
      await client.send(sent.subarray(at, at += size));
    }
    client.half();
    await client.ending();
    assert.deepEqual(client.received(), sent);
  });

  Deno.test(`who does not read holds the sender back instead of filling memory (${name})`, async (t) => {
    // Whichever side sends, the other one reads nothing.
    const taken = async (write: (block: Uint8Array) => Promise<unknown>) => {
      const block = new Uint8Array(MIB);
      for (let count = 0; count < 200; count++) {
        let timer;
        const stuck = new Promise<"stuck">((resolve) =>
          void (timer = setTimeout(() => resolve("stuck"), 300))
        );
        const result = await Promise.race([write(block), stuck]);
        clearTimeout(timer);
        if (result === "stuck") return count;
      }
      return Infinity;
    };
    await t.step("a slow client", async () => {
      const count = Promise.withResolvers<number>();
      await using server = await startTlsServer({
        certificate,
        serve: async (peer) => count.resolve(await taken((block) => peer.send(block).catch(() => {}))),
      });
      await using running = await startService(clientService(server.port, path), { threads });
      const client = await PlainClient.connect(running.address, { paused: true });
      assert(await count.promise < 40, `${await count.promise} MiB were taken`);
      client.reset();
      await client.close();
    });
    await t.step("a slow server", async () => {
      using server = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...certificate });
      await using running = await startService(clientService(server.addr.port, path), { threads });
      const client = await PlainClient.connect(running.address);
      const accepting = server.accept();
      await client.send("x");
      using upstream = await accepting;
      await upstream.read(new Uint8Array(1));
      const count = await taken((block) => client.send(block).catch(() => {}));
      assert(count < 40, `${count} MiB were taken`);
      client.reset();
      await client.close();
    });
  });

  Deno.test({
    name: `connections that come and go leave neither descriptors nor memory (${name})`,
    ignore: !IS_LINUX,
    async fn() {
      await using server = await startTlsServer({ certificate, serve: echo });
      await using running = await startService(clientService(server.port, path), { threads });
      const round = async (connections: number) => {
        await Promise.all(Array.from({ length: 8 }, async () => {
          for (let count = 0; count < connections / 8; count++) {
            const client = await PlainClient.connect(running.address);
            await client.send("x");
            await client.until("x");
            // Every other one leaves without a word.
            if (count % 2 === 0) client.half();
            else client.reset();
            if (count % 2 === 0) await client.ending();
            else await client.close();
          }
        }));
        await eventually(() => running.service.counters.active === 0);
      };
      await round(80);
      const descriptors = countDescriptors();
      let [served, growth] = [80, Infinity];
      // Tests beside this one share the process and its memory: what a connection leaves behind, every round leaves.
      for (let attempt = 0; attempt < 3 && growth >= 64; attempt++) {
        const memory = Deno.memoryUsage().rss;
        await round(400);
        served += 400;
        await eventually(() => countDescriptors() <= descriptors);
        growth = (Deno.memoryUsage().rss - memory) / MIB;
      }
      assert(growth < 64, `memory grew by ${Math.round(growth)} MiB`);
      assert.equal(running.service.counters.connections, served);
    },
  });
}

/** Deno itself reads /proc only with every permission. */
function countDescriptors(): number {
  const { stdout } = new Deno.Command("ls", { args: [`/proc/${Deno.pid}/fd`] }).outputSync();
  return new TextDecoder().decode(stdout).trim().split("\n").length;
}
