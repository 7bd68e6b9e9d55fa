/** The black-box matrix: what a plain client sees of every way an upstream can behave. */
import assert from "node:assert/strict";
import { type Authority, createAuthority } from "../test/servers/certificates.ts";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startTlsServer, type TlsServerOptions } from "../test/servers/tls_server.ts";
import { parseStunnelConf, type Service, type ServiceOptions, startTunnel } from "./mod.ts";

const authority = await createAuthority();
const certificate = await authority.issue();

type Changes = Partial<ServiceOptions>;

/** The two ways TLS is done; every rule holds for both. */
const PATHS: readonly [string, Changes][] = [["native", {}], ["node:tls", { minVersion: "TLSv1.3" }]];

interface Running extends AsyncDisposable {
  readonly service: Service;
  readonly address: string;
}

/** A server and a tunnel to it. */
async function run(
  server: Partial<TlsServerOptions>,
  changes: Changes = {},
  trusted: Authority = authority,
): Promise<Running> {
  const stack = new AsyncDisposableStack();
  const caFile = await Deno.makeTempFile();
  stack.defer(() => Deno.remove(caFile));
  await Deno.writeTextFile(caFile, trusted.pem);
  const upstream = stack.use(await startTlsServer({ certificate, ...server }));
  const text =
    `[test]\nclient = yes\naccept = 127.0.0.1:0\nconnect = localhost:${upstream.port}\nCAfile = ${caFile}\n`;
  const [options] = parseStunnelConf(text, { file: "test.conf" }).services;
  assert(options);
  const tunnel = stack.use(await startTunnel({ services: [{ ...options, ...changes }] }));
  const [service] = tunnel.services;
  assert(service?.addresses[0], service?.error?.message);
  return { service, address: service.addresses[0], [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Connects, sends one line, and reports what was seen. */
async function talk(address: string, line = "hello\r\n") {
  const client = await PlainClient.connect(address);
  await client.send(line).catch(() => {});
  return await client.ending();
}

const soon = { connectMs: 1000, handshakeMs: 300, idleMs: 60_000, closeMs: 200 };

for (const [name, path] of PATHS) {
  Deno.test(`a clean end upstream is a clean end for the client (${name})`, async () => {
    await using running = await run({
      async serve(peer) {
        await peer.until("hello");
        await peer.send("DATA");
        peer.closeNotify();
      },
    }, path);
    assert.deepEqual(await talk(running.address), { text: "DATA", end: "EOF" });
    assert.equal(running.service.counters.bytesIn, 7);
    assert.equal(running.service.counters.bytesOut, 4);
  });

  Deno.test(`a truncated upstream is a reset for the client, after its data (${name})`, async () => {
    await using running = await run({
      async serve(peer) {
        await peer.until("hello");
        await peer.send("DATA");
        peer.truncate();
      },
    }, { ...path, timeouts: soon });
    assert.deepEqual(await talk(running.address), { text: "DATA", end: "ECONNRESET" });
    assert.match(running.service.lastError?.message ?? "", /without closing TLS/);
  });

  Deno.test(`a reset upstream is a reset for the client (${name})`, async () => {
    await using running = await run({
      async serve(peer) {
        await peer.until("hello");
        await peer.send("DATA");
        await peer.until("go");
        peer.reset();
      },
    }, { ...path, timeouts: soon });
    const client = await PlainClient.connect(running.address);
    await client.send("hello");
    await client.until("DATA");
    await client.send("go");
    assert.deepEqual(await client.ending(), { text: "DATA", end: "ECONNRESET" });
  });

  Deno.test(`truncation = eof turns a truncated end into a clean one (${name})`, async () => {
    await using running = await run({
      async serve(peer) {
        await peer.until("hello");
        await peer.send("DATA");
        peer.truncate();
      },
    }, { ...path, truncation: "eof" });
    assert.deepEqual(await talk(running.address), { text: "DATA", end: "EOF" });
  });

  Deno.test(`after QUIT a missing close_notify is a clean end (${name})`, async () => {
    await using running = await run({
      async serve(peer) {
        await peer.until("QUIT");
        await peer.send("+OK bye\r\n");
        peer.truncate();
      },
    }, { ...path, mailProtocol: "pop3" });
    assert.deepEqual(await talk(running.address, "QUIT\r\n"), { text: "+OK bye\r\n", end: "EOF" });
    assert.equal(running.service.lastError, undefined);
  });

  Deno.test(`a client that left before the server ended without close_notify is no failure (${name})`, async () => {
    await using running = await run({
      async serve(peer) {
        await peer.until("hello");
        await peer.send("DATA");
        await peer.ended();
        peer.truncate();
      },
    }, path);
    const client = await PlainClient.connect(running.address);
    await client.send("hello");
    await client.until("DATA");
    client.half();
    assert.deepEqual(await client.ending(), { text: "DATA", end: "ECONNRESET" });
    assert.equal(running.service.counters.failed, 0);
    assert.equal(running.service.lastError, undefined);
  });

  Deno.test(`a slow reader of a truncated download gets every byte before the reset (${name})`, async () => {
    const sent = crypto.getRandomValues(new Uint8Array(60_000));
    const all = new Uint8Array(300_000).map((_byte, index) => sent[index % sent.length] ?? 0);
    await using running = await run({
      async serve(peer) {
        await peer.until("hello");
        await peer.send(all);
        peer.truncate();
      },
    }, { ...path, timeouts: { ...soon, closeMs: 60_000 } });
    const client = await PlainClient.connect(running.address, { paused: true });
    await client.send("hello");
    while (running.service.counters.bytesOut < all.length) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    client.resume();
    while (client.received().length < all.length) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(client.received(), all);
    await client.send("more");
    assert.equal((await client.ending()).end, "ECONNRESET");
  });

  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    if (path.minVersion === "TLSv1.3" && version === "TLSv1.2") continue;
    Deno.test(`a client that has sent FIN still gets its late reply (${name}, ${version})`, async () => {
      await using running = await run({
        maxVersion: version,
        async serve(peer) {
          assert.equal(await peer.ended(), "close_notify");
          await peer.send("LATE");
          peer.closeNotify();
        },
      }, path);
      const client = await PlainClient.connect(running.address);
      await client.send("hello");
      client.half();
      assert.deepEqual(await client.ending(), { text: "LATE", end: "EOF" });
    });
  }

  Deno.test(`a server that says nothing in the handshake is given up in time (${name})`, async () => {
    await using running = await run({ before: () => false }, { ...path, timeouts: soon });
    assert.deepEqual(await talk(running.address), { text: "", end: "ECONNRESET" });
    assert.match(running.service.lastError?.message ?? "", /did not finish the TLS handshake in time/);
  });

  Deno.test(`a mail program is told in its own words why the upstream fails (${name})`, async (t) => {
    for (
      const [mailProtocol, start] of [["pop3", "-ERR [SYS/TEMP] "], ["imap", "* BYE "], [
        "smtp",
        "421 ",
      ]] as const
    ) {
      await t.step(mailProtocol, async () => {
        await using running = await run({
          before(socket) {
            socket.write("+OK plain\r\n");
            return false;
          },
        }, { ...path, mailProtocol });
        const { text, end } = await talk(running.address);
        assert(text.startsWith(start) && text.endsWith("\r\n"), text);
        assert.equal(text.trim().split("\n").length, 1);
        assert.equal(end, "EOF");
      });
    }
  });

  Deno.test(`a wrong certificate never gets a byte of the client (${name})`, async (t) => {
    const hourAgo = new Date(Date.now() - 3_600_000);
    const dayAgo = new Date(Date.now() - 86_400_000);
    const soonValid = new Date(Date.now() + 3_600_000);
    const other = await createAuthority("Another authority");
    const cases: [string, RegExp, Promise<TlsServerOptions["certificate"]>][] = [
      ["expired", /has expired \(\d{4}-/, authority.issue({ notBefore: dayAgo, notAfter: hourAgo })],
      ["not yet valid", /not valid yet \(\d{4}-/, authority.issue({ notBefore: soonValid })],
      [
        "wrong name",
        /not for "localhost", but for other\.example/,
        authority.issue({ names: ["other.example"] }),
      ],
      ["unknown authority", /authority that is not trusted here \("CN=Another authority"\)/, other.issue()],
    ];
    for (const [label, expected, issued] of cases) {
      await t.step(label, async () => {
        let heard = 0;
        await using running = await run({
          certificate: await issued,
          serve: (peer) => void peer.socket.on("data", (chunk) => heard += chunk.length),
        }, path);
        assert.equal((await talk(running.address, "PASS secret\r\n")).end, "ECONNRESET");
        assert.match(running.service.lastError?.message ?? "", expected);
        assert(running.service.lastError?.remedy);
        assert.equal(heard, 0);
        assert.equal(running.service.counters.bytesIn, 0);
      });
    }
  });

  Deno.test(`a server of TLS 1.2 is too old for a service that wants 1.3, and tells so (${name})`, async () => {
    await using running = await run({ maxVersion: "TLSv1.2" }, { minVersion: "TLSv1.3" });
    await talk(running.address);
    assert.match(running.service.lastError?.message ?? "", /too old/);
  });

  Deno.test(`a program that speaks TLS on the plain port is turned away and named (${name})`, async () => {
    await using running = await run({}, { ...path, mailProtocol: "imap" });
    const client = await PlainClient.connect(running.address);
    await client.send(new Uint8Array([0x16, 0x03, 0x01, 0x02, 0x00]));
    assert.equal((await client.ending()).end, "ECONNRESET");
    assert.match(running.service.lastError?.message ?? "", /speaks TLS on this plain port/);
    assert.equal(running.service.counters.refused, 1);
  });

  Deno.test(`bytes go both ways at once, whole and in order (${name})`, async () => {
    const data = new Uint8Array(4 * 1024 * 1024 + 17).map((_byte, index) => (index * 7) >> 3);
    await using running = await run({
      async serve(peer) {
        const sending = peer.send(data);
        await peer.ended();
        await sending;
        await peer.send(await digest(peer.received()));
        peer.closeNotify();
      },
    }, path);
    const client = await PlainClient.connect(running.address);
    for (let at = 0; at < data.length; at += 100_003) await client.send(data.subarray(at, at + 100_003));
    client.half();
    assert.equal((await client.ending()).end, "EOF");
    const received = client.received();
    assert.equal(await digest(received.subarray(0, data.length)), await digest(data));
    assert.equal(new TextDecoder().decode(received.subarray(data.length)), await digest(data));
  });

  Deno.test(`bytes sent one at a time arrive (${name})`, async () => {
    await using running = await run({
      async serve(peer) {
        await peer.ended();
        for (const byte of peer.received()) await peer.send(new Uint8Array([byte]));
        peer.closeNotify();
      },
    }, path);
    const client = await PlainClient.connect(running.address);
    for (const letter of "byte by byte") await client.send(letter);
    client.half();
    assert.deepEqual(await client.ending(), { text: "byte by byte", end: "EOF" });
  });

  Deno.test(`a slow reader holds the server back instead of filling memory (${name})`, async () => {
    const block = new Uint8Array(1024 * 1024);
    let taken = 0;
    await using running = await run({
      async serve(peer) {
        try {
          for (; taken < 200; taken++) await peer.send(block);
        } catch {
          // The client leaves without reading.
        }
      },
    }, path);
    const client = await PlainClient.connect(running.address, { paused: true });
    let before = -1;
    while (taken !== before || taken === 0) {
      before = taken;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    assert(taken < 40, `${taken} MiB were taken from the server`);
    client.reset();
    await client.close();
  });
}

async function digest(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes))).toHex();
}
