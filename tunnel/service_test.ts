import assert from "node:assert/strict";
import * as net from "node:net";
// @peculiar/x509 needs it before itself.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { createAuthority } from "../test/servers/certificates.ts";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startTlsServer, type TlsPeer } from "../test/servers/tls_server.ts";
import { parseStunnelConf, type ServiceOptions, startTunnel, TunnelError } from "./mod.ts";

const authority = await createAuthority();
const certificate = await authority.issue();
const caFile = await Deno.makeTempFile();
await Deno.writeTextFile(caFile, authority.pem);
globalThis.addEventListener("unload", () => Deno.removeSync(caFile));

function options(connectPort: number, changes: Partial<ServiceOptions> = {}): ServiceOptions {
  const text =
    `[test]\nclient = yes\naccept = 127.0.0.1:0\nconnect = localhost:${connectPort}\nCAfile = ${caFile}\n`;
  const [service] = parseStunnelConf(text, { file: "test.conf" }).services;
  assert(service);
  return { ...service, ...changes };
}

/** Answers every line. */
async function echo(peer: TlsPeer): Promise<void> {
  peer.socket.on("data", (chunk) => void peer.send(chunk).catch(() => {}));
  await peer.ended();
  peer.closeNotify();
}

/** A port nothing listens on. */
async function freePort(): Promise<number> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return await Promise.resolve(port);
}

async function fill(into: Uint8Array, read: (into: Uint8Array) => Promise<number | null>): Promise<number> {
  let got = 0;
  while (got < into.length) {
    const count = await read(into.subarray(got));
    if (count === null) break;
    got += count;
  }
  return got;
}

Deno.test("a port that is taken puts its service in error alone, with ways out; the others run", async () => {
  await using server = await startTlsServer({ certificate, serve: echo });
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accept = [{ host: "127.0.0.1", port: taken.addr.port }];
  await using tunnel = await startTunnel({
    services: [options(server.port, { name: "taken", accept }), options(server.port, { name: "free" })],
  });
  const [first, second] = tunnel.services;
  assert.equal(first?.state, "error");
  assert.match(first.error?.message ?? "", /another program has it/);
  assert((first.error?.remedies.length ?? 0) > 0);
  assert.equal(second?.state, "listening");
});

Deno.test("dial works although the port is taken, verified and counted", async () => {
  await using server = await startTlsServer({ certificate, serve: echo });
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accept = [{ host: "127.0.0.1", port: taken.addr.port }];
  await using tunnel = await startTunnel({ services: [options(server.port, { accept })] });
  const service = tunnel.service("test");
  assert(service);
  const connection = await service.dial();
  await connection.write(new TextEncoder().encode("hello"));
  const buffer = new Uint8Array(5);
  assert.equal(await fill(buffer, (into) => connection.read(into)), 5);
  assert.equal(new TextDecoder().decode(buffer), "hello");
  assert.deepEqual([service.counters.active, service.counters.bytesIn, service.counters.bytesOut], [1, 5, 5]);
  await connection.closeWrite();
  assert.equal(await connection.read(buffer), null);
  connection.close();
  assert.equal(service.counters.active, 0);
});

Deno.test("dial rejects with the kind of failure and what to do", async (t) => {
  const cases: [string, string, Partial<ServiceOptions>][] = [
    ["refused", "refused", {}],
    ["dns", "dns", { connect: [{ host: "no.such.invalid", port: 1 }] }],
  ];
  for (const [name, kind, changes] of cases) {
    await t.step(name, async () => {
      await using tunnel = await startTunnel({ services: [options(await freePort(), changes)] });
      await assert.rejects(tunnel.services[0]?.dial() ?? Promise.resolve(), (error) => {
        assert(error instanceof TunnelError);
        assert.equal(error.kind, kind);
        assert(error.remedy);
        return true;
      });
    });
  }
  await t.step("certificate-name", async () => {
    await using server = await startTlsServer({
      certificate: await authority.issue({ names: ["other.example"] }),
    });
    await using tunnel = await startTunnel({ services: [options(server.port)] });
    await assert.rejects(tunnel.services[0]?.dial() ?? Promise.resolve(), { kind: "certificate-name" });
  });
  await t.step("aborted", async () => {
    await using server = await startTlsServer({ certificate, before: () => false });
    await using tunnel = await startTunnel({ services: [options(server.port)] });
    const stop = new AbortController();
    const dialling = tunnel.services[0]?.dial(stop.signal);
    stop.abort();
    await assert.rejects(dialling ?? Promise.resolve(), { kind: "aborted" });
  });
});

Deno.test("a dialled connection that is cut short rejects, unless QUIT was said", async () => {
  await using server = await startTlsServer({
    certificate,
    async serve(peer) {
      await peer.until("\n");
      await peer.send("+OK\r\n");
      peer.truncate();
    },
  });
  await using tunnel = await startTunnel({ services: [options(server.port, { mailProtocol: "pop3" })] });
  const say = async (line: string) => {
    const connection = await tunnel.services[0]?.dial();
    assert(connection);
    await connection.write(new TextEncoder().encode(line));
    await fill(new Uint8Array(5), (into) => connection.read(into));
    try {
      return await connection.read(new Uint8Array(9));
    } finally {
      connection.close();
    }
  };
  await assert.rejects(say("RETR 1\r\n"), { kind: "truncated" });
  assert.equal(await say("QUIT\r\n"), null);
});

Deno.test("an address that other machines reach is not opened without unsafe-listen", async () => {
  const accept = [{ host: "0.0.0.0", port: 0 }];
  await using tunnel = await startTunnel({ services: [options(1, { accept })] });
  assert.equal(tunnel.services[0]?.state, "error");
  assert.match(tunnel.services[0].error?.message ?? "", /other machines could reach it/);
  await tunnel.reload([options(1, { accept, unsafeListen: true })]);
  assert.equal(tunnel.services[0].state, "listening");
  assert.match(tunnel.services[0].warnings.join(), /clear text/);
});

Deno.test("one of several addresses is enough", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accept = [{ host: "127.0.0.1", port: taken.addr.port }, { host: "127.0.0.1", port: 0 }];
  await using tunnel = await startTunnel({ services: [options(1, { accept })] });
  assert.equal(tunnel.services[0]?.state, "listening");
  assert.equal(tunnel.services[0].addresses.length, 1);
});

Deno.test("a reload keeps unchanged services with their connections, and lets those of removed ones end", async () => {
  await using server = await startTlsServer({ certificate, serve: echo });
  const kept = options(server.port, { name: "kept" });
  const removed = options(server.port, { name: "removed" });
  await using tunnel = await startTunnel({ services: [kept, removed] });
  const [before, gone] = tunnel.services;
  assert(before?.addresses[0] && gone?.addresses[0]);
  await using one = await PlainClient.connect(before.addresses[0]);
  await using two = await PlainClient.connect(gone.addresses[0]);
  await one.send("one");
  await one.until("one");
  await two.send("two");
  await two.until("two");
  await tunnel.reload([{ ...kept, line: 99 }, options(server.port, { name: "new" })]);
  assert.equal(tunnel.services[0], before);
  assert.equal(gone.state, "stopped");
  await assert.rejects(PlainClient.connect(gone.addresses[0] ?? `127.0.0.1:${await freePort()}`));
  await one.send(" still");
  await two.send(" alive");
  await one.until("one still");
  await two.until("two alive");
});

Deno.test("a changed service takes the same port again", async () => {
  const port = await freePort();
  const accept = [{ host: "127.0.0.1", port }];
  await using tunnel = await startTunnel({ services: [options(1, { accept })] });
  await tunnel.reload([options(2, { accept })]);
  assert.equal(tunnel.services[0]?.state, "listening");
  assert.deepEqual(tunnel.services[0].addresses, [`127.0.0.1:${port}`]);
});

Deno.test("drain waits for open connections, and cuts them after the grace", async () => {
  await using server = await startTlsServer({ certificate, serve: echo });
  await using tunnel = await startTunnel({ services: [options(server.port)] });
  const address = tunnel.services[0]?.addresses[0] ?? "";
  const finishing = await PlainClient.connect(address);
  const staying = await PlainClient.connect(address);
  for (const client of [finishing, staying]) {
    await client.send("x");
    await client.until("x");
  }
  const draining = tunnel.drain(300);
  await finishing.send(" last words");
  await finishing.until("last words");
  finishing.half();
  assert.equal((await finishing.ending()).end, "EOF");
  await draining;
  assert.equal((await staying.ending()).end, "ECONNRESET");
});

Deno.test("connections beyond the limit are turned away in the protocol's words", async () => {
  await using server = await startTlsServer({ certificate, serve: echo });
  const service = options(server.port, { maxConnections: 1, mailProtocol: "imap" });
  await using tunnel = await startTunnel({ services: [service] });
  const address = tunnel.services[0]?.addresses[0] ?? "";
  await using first = await PlainClient.connect(address);
  await first.send("x");
  await first.until("x");
  const second = await PlainClient.connect(address);
  assert.match((await second.ending()).text, /^\* BYE .*too many connections/);
  assert.equal(tunnel.services[0]?.counters.refused, 1);
});

Deno.test("aborted and half-open clients leave no connection behind", async () => {
  await using server = await startTlsServer({ certificate, serve: echo });
  const logged: string[] = [];
  const all = Promise.withResolvers<void>();
  await using tunnel = await startTunnel({
    services: [options(server.port)],
    log: ({ message }) => {
      if (message === "connection ended" && logged.push(message) === 20) all.resolve();
    },
  });
  const service = tunnel.services[0];
  for (let round = 0; round < 20; round++) {
    const client = await PlainClient.connect(service?.addresses[0] ?? "");
    await client.send("x");
    await client.until("x");
    if (round % 2 === 0) client.reset();
    await client.close();
  }
  await all.promise;
  while ((service?.counters.active ?? 0) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(service?.counters.connections, 20);
});

Deno.test("failover prio takes the first target that answers, rr one after the other", async () => {
  const answers = (text: string) => async (peer: TlsPeer) => {
    await peer.send(text);
    peer.closeNotify();
  };
  await using one = await startTlsServer({ certificate, serve: answers("one") });
  await using two = await startTlsServer({ certificate, serve: answers("two") });
  const down = { host: "localhost", port: await freePort() };
  const [a, b] = [{ host: "localhost", port: one.port }, { host: "localhost", port: two.port }];
  const ask = async (changes: Partial<ServiceOptions>, times: number) => {
    await using tunnel = await startTunnel({ services: [options(1, changes)] });
    const seen = [];
    for (let time = 0; time < times; time++) {
      const client = await PlainClient.connect(tunnel.services[0]?.addresses[0] ?? "");
      seen.push((await client.ending()).text);
    }
    return seen;
  };
  assert.deepEqual(await ask({ connect: [down, b, a] }, 2), ["two", "two"]);
  assert.deepEqual(await ask({ connect: [a, b], failover: "rr" }, 3), ["one", "two", "one"]);
});

Deno.test("an idle connection is reset after its time", async () => {
  await using server = await startTlsServer({ certificate, serve: echo });
  const { timeouts } = options(1);
  await using tunnel = await startTunnel({
    services: [options(server.port, { timeouts: { ...timeouts, idleMs: 100 } })],
  });
  const client = await PlainClient.connect(tunnel.services[0]?.addresses[0] ?? "");
  await client.send("x");
  assert.deepEqual(await client.ending(), { text: "x", end: "ECONNRESET" });
});

Deno.test("verification: pin, checkHost, SNI, client certificate, verify = no", async (t) => {
  const pem = await Deno.makeTempFile();
  const other = await createAuthority("Elsewhere");
  const foreign = await other.issue({ names: ["mail.example"] });
  const own = await authority.issue({ names: ["client"] });
  const ask = async (server: Parameters<typeof startTlsServer>[0], changes: Partial<ServiceOptions>) => {
    await using upstream = await startTlsServer(server);
    await using tunnel = await startTunnel({ services: [options(upstream.port, changes)] });
    const client = await PlainClient.connect(tunnel.services[0]?.addresses[0] ?? "");
    const { text } = await client.ending();
    return text || tunnel.services[0]?.lastError?.message;
  };
  const hello = async (peer: TlsPeer) => {
    await peer.send(`hello ${peer.sni}`);
    peer.closeNotify();
  };
  try {
    await t.step("a pinned certificate needs no authority and no name", async () => {
      await Deno.writeTextFile(pem, foreign.cert);
      const pinned = { verifyPeer: true, verifyChain: false, caFile: pem };
      assert.match(await ask({ certificate: foreign, serve: hello }, pinned) ?? "", /^hello/);
      assert.match(await ask({ certificate, serve: hello }, pinned) ?? "", /none of those pinned/);
    });
    await t.step("checkHost names the server instead of connect", async () => {
      const server = { certificate: await authority.issue({ names: ["mail.example"] }), serve: hello };
      assert.match(await ask(server, { checkHost: ["mail.example"] }) ?? "", /^hello/);
      assert.match(await ask(server, { checkHost: ["a.example", "mail.example"] }) ?? "", /^hello/);
      assert.match(
        await ask(server, { checkHost: ["a.example", "b.example"] }) ?? "",
        /not for "a.example", "b.example"/,
      );
    });
    await t.step("sni is sent, the host is still checked", async () => {
      const text = await ask({ certificate, serve: hello }, { sni: "virtual.example" });
      assert.match(text ?? "", /^hello/);
    });
    await t.step("a client certificate is shown", async () => {
      await Deno.writeTextFile(pem, own.cert + "\n" + own.key);
      const server = { certificate, serve: hello, clientCa: authority.pem };
      assert.match(await ask(server, { cert: pem, key: pem }) ?? "", /^hello/);
      assert.doesNotMatch(await ask(server, {}) ?? "", /^hello/);
    });
    await t.step("verify = no takes anyone, and warns for as long as it runs", async () => {
      assert.match(await ask({ certificate: foreign, serve: hello }, { verify: false }) ?? "", /^hello/);
      await using tunnel = await startTunnel({ services: [options(1, { verify: false })] });
      assert.match(tunnel.services[0]?.warnings.join() ?? "", /not verified/);
    });
    await t.step(
      "a self-signed certificate is told from an unknown authority, with its fingerprint",
      async () => {
        const selfSigned = await issueSelfSigned();
        const message = await ask({ certificate: selfSigned, serve: hello }, {});
        assert.match(message ?? "", /is self-signed \(SHA-256 ([0-9A-F]{2}:){31}/);
      },
    );
  } finally {
    await Deno.remove(pem);
  }
});

async function issueSelfSigned(): Promise<{ cert: string; key: string }> {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=alone",
    keys,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "localhost" }])],
  });
  const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toBase64();
  return {
    cert: cert.toString("pem"),
    key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
  };
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
        options(1, { accept: [{ path: outer }], connect: [{ path: inner }], checkHost: ["localhost"] }),
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
