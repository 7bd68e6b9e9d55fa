import assert from "node:assert/strict";
import { createAuthority } from "../test/servers/certificates.ts";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startTlsServer, type TlsServerOptions } from "../test/servers/tls_server.ts";
import { type MailProtocol, parseStunnelConf, type ServiceOptions, startTunnel } from "./mod.ts";
import { NodeTlsConnection } from "./node_tls.ts";
import * as net from "node:net";
import * as tls from "node:tls";

const authority = await createAuthority();
const certificate = await authority.issue();
const folder = await Deno.makeTempDir();
const caFile = `${folder}/ca.pem`;
const certFile = `${folder}/cert.pem`;
await Deno.writeTextFile(caFile, authority.pem);
await Deno.writeTextFile(certFile, certificate.cert + "\n" + certificate.key);
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

function options(text: string, changes: Partial<ServiceOptions> = {}): ServiceOptions {
  const { services, problems } = parseStunnelConf(`[test]\naccept = 127.0.0.1:0\n${text}`, {
    file: "test.conf",
  });
  const [service] = services;
  assert(service, JSON.stringify(problems));
  return { ...service, ...changes };
}

/** The server's half of a dialogue: says the first line, then answers each expected line. */
function dialogue(
  socket: net.Socket,
  greeting: string,
  answers: readonly [RegExp, string][],
): Promise<boolean> {
  return new Promise((resolve) => {
    const waiting = [...answers];
    socket.write(greeting);
    socket.on("error", () => {});
    const listen = (chunk: Uint8Array) => {
      const [expected, answer] = waiting.shift() ?? [/^$/, ""];
      assert.match(new TextDecoder().decode(chunk), expected);
      socket.write(answer);
      if (waiting.length > 0) return;
      socket.off("data", listen);
      socket.pause();
      resolve(true);
    };
    socket.on("data", listen);
  });
}

const DIALOGUES: Record<MailProtocol, { greeting: string; shown: string; answers: [RegExp, string][] }> = {
  pop3: {
    greeting: "+OK ready <1.2@example>\r\n",
    shown: "+OK ready <1.2@example>\r\n",
    answers: [[/^STLS\r\n$/, "+OK go\r\n"]],
  },
  imap: {
    greeting: "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hello\r\n",
    shown: "* OK ready\r\n",
    answers: [[/^\S+ STARTTLS\r\n$/, "* NOTE\r\ntls OK go\r\n"]],
  },
  smtp: {
    greeting: "220-mail.example\r\n220 ESMTP\r\n",
    shown: "220-mail.example\r\n220 ESMTP\r\n",
    answers: [
      [/^EHLO /, "250-mail.example\r\n250-PIPELINING\r\n250 STARTTLS\r\n"],
      [/^STARTTLS\r\n$/, "220 go\r\n"],
    ],
  },
};

async function upstreamOf(
  protocol: MailProtocol,
  before: TlsServerOptions["before"],
  changes: Partial<ServiceOptions> = {},
) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(
    await startTlsServer({
      certificate,
      ...(before === undefined ? {} : { before }),
      async serve(peer) {
        await peer.until("\n");
        await peer.send(`heard ${new TextDecoder().decode(peer.received())}`);
        peer.closeNotify();
      },
    }),
  );
  const text =
    `client = yes\nconnect = localhost:${server.port}\nCAfile = ${caFile}\nprotocol = ${protocol}\n`;
  const tunnel = stack.use(await startTunnel({ services: [options(text, changes)] }));
  const [service] = tunnel.services;
  assert(service?.addresses[0]);
  return { service, address: service.addresses[0], [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

for (const [name, path] of [["native", {}], ["node:tls", { minVersion: "TLSv1.3" }]] as const) {
  for (const protocol of ["pop3", "imap", "smtp"] as const) {
    const { greeting, shown, answers } = DIALOGUES[protocol];

    Deno.test(`${protocol}: the tunnel asks for TLS and hands on the greeting (${name})`, async () => {
      await using upstream = await upstreamOf(
        protocol,
        (socket) => dialogue(socket, greeting, answers),
        path,
      );
      const client = await PlainClient.connect(upstream.address);
      await client.until(shown);
      await client.send("first words\r\n");
      assert.deepEqual(await client.ending(), { text: `${shown}heard first words\r\n`, end: "EOF" });
    });

    Deno.test(`${protocol}: unsecured bytes behind the go-ahead abort the connection (${name})`, async () => {
      const injected = answers.map(([expected, answer], index): [RegExp, string] => [
        expected,
        index === answers.length - 1 ? `${answer}injected\r\n` : answer,
      ]);
      await using upstream = await upstreamOf(
        protocol,
        (socket) => dialogue(socket, greeting, injected),
        path,
      );
      const client = await PlainClient.connect(upstream.address);
      const { text } = await client.ending();
      assert.match(text, /^(-ERR|\* BYE|421) /);
      assert.match(upstream.service.lastError?.message ?? "", /unsecured bytes/);
    });
  }
}

Deno.test("a server without STARTTLS is named, and gets nothing of the client", async (t) => {
  const cases: [MailProtocol, string, [RegExp, string][]][] = [
    ["pop3", "+OK\r\n", [[/STLS/, "-ERR unknown\r\n"]]],
    ["imap", "* OK\r\n", [[/STARTTLS/, "tls BAD unknown\r\n"]]],
    ["imap", "* PREAUTH come in\r\n", [[/^$/, ""]]],
    ["smtp", "220 hi\r\n", [[/EHLO/, "250 mail.example\r\n"]]],
    ["smtp", "554 go away\r\n", [[/^$/, ""]]],
    ["pop3", `+OK ${"x".repeat(20_000)}\r\n`, [[/^$/, ""]]],
  ];
  for (const [protocol, greeting, answers] of cases) {
    await t.step(`${protocol} ${greeting.slice(0, 12).trim()}`, async () => {
      await using upstream = await upstreamOf(protocol, (socket) => dialogue(socket, greeting, answers));
      const client = await PlainClient.connect(upstream.address);
      assert.match((await client.ending()).text, /^(-ERR|\* BYE|421) /);
      assert.match(upstream.service.lastError?.message ?? "", /Cannot (start TLS|talk before TLS)/);
    });
  }
});

Deno.test("smtp: the tunnel signs in for clients that cannot", async () => {
  const { greeting, answers } = DIALOGUES.smtp;
  await using server = await startTlsServer({
    certificate,
    before: (socket) => dialogue(socket, greeting, answers),
    async serve(peer) {
      await peer.until("EHLO");
      await peer.send("250-mail.example\r\n250 AUTH PLAIN\r\n");
      await peer.until(`AUTH PLAIN ${btoa("\0me\0secret")}\r\n`);
      await peer.send("235 welcome\r\n");
      await peer.until("MAIL");
      await peer.send("250 ok\r\n");
      peer.closeNotify();
    },
  });
  const text = `client = yes\nconnect = localhost:${server.port}\nCAfile = ${caFile}\nprotocol = smtp\n` +
    "protocolUsername = me\nprotocolPassword = secret\n";
  await using tunnel = await startTunnel({ services: [options(text)] });
  const client = await PlainClient.connect(tunnel.services[0]?.addresses[0] ?? "");
  await client.until("220 ESMTP");
  await client.send("MAIL FROM:<a@b>\r\n");
  assert.match((await client.ending()).text, /250 ok\r\n$/);
  await using unverified = await startTunnel({ services: [options(text, { verify: false })] });
  await assert.rejects(unverified.services[0]?.dial() ?? Promise.resolve(), /not verified|refuses/);
});

Deno.test("protocol = connect goes through an HTTP proxy", async (t) => {
  await using server = await startTlsServer({
    certificate,
    async serve(peer) {
      await peer.send("through");
      peer.closeNotify();
    },
  });
  const run = async (answer: string) => {
    const asked: string[] = [];
    const sockets: net.Socket[] = [];
    const proxy = net.createServer((socket) => {
      socket.on("error", () => {});
      sockets.push(socket);
      socket.once("data", (chunk: Uint8Array) => {
        asked.push(new TextDecoder().decode(chunk));
        socket.write(answer);
        const next = net.connect(server.port, "127.0.0.1");
        next.on("error", () => {});
        sockets.push(next);
        socket.pipe(next).pipe(socket);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const bound = proxy.address();
    const port = bound !== null && typeof bound === "object" ? bound.port : 0;
    const text = `client = yes\nconnect = localhost:${port}\nCAfile = ${caFile}\nprotocol = connect\n` +
      "protocolHost = localhost:995\nprotocolUsername = u\nprotocolPassword = p\n";
    try {
      await using tunnel = await startTunnel({ services: [options(text)] });
      const client = await PlainClient.connect(tunnel.services[0]?.addresses[0] ?? "");
      return {
        ...await client.ending(),
        asked: asked[0],
        error: tunnel.services[0]?.lastError?.message ?? "",
      };
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    }
  };
  await t.step("with its credentials", async () => {
    const { text, asked } = await run("HTTP/1.1 200 OK\r\nVia: x\r\n\r\n");
    assert.equal(text, "through");
    assert.match(
      asked ?? "",
      /^CONNECT localhost:995 HTTP\/1\.1\r\nHost: localhost:995\r\nProxy-Authorization: Basic dTpw\r\n\r\n$/,
    );
  });
  await t.step("which may refuse", async () => {
    const { error } = await run("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    assert.match(error, /status 407/);
  });
});

/** A TLS client of a server-mode service. */
async function secured(
  address: string,
  before?: (raw: Deno.TcpConn) => Promise<void>,
): Promise<NodeTlsConnection> {
  const raw = await Deno.connect({ hostname: "127.0.0.1", port: Number(address.split(":").at(-1)) });
  await before?.(raw);
  const connection = new NodeTlsConnection(
    raw,
    "client",
    (socket) => tls.connect({ socket, servername: "localhost", ca: [authority.pem] }),
  );
  await connection.handshake();
  return connection;
}

async function readAll(connection: NodeTlsConnection): Promise<string> {
  const buffer = new Uint8Array(1024);
  let text = "";
  for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return text;
}

/** A plain backend that greets, repeats what it hears, and ends when its client has. */
function startBackend(greeting: string) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const serve = async (conn: Deno.Conn) => {
    open.add(conn);
    const buffer = new Uint8Array(4096);
    try {
      await conn.write(new TextEncoder().encode(greeting));
      for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
        await conn.write(buffer.subarray(0, count));
      }
      await conn.closeWrite();
    } catch {
      // The tunnel has let go of it.
    }
    open.delete(conn);
    conn.close();
  };
  const serving = (async () => {
    const served: Promise<void>[] = [];
    for await (const conn of listener) served.push(serve(conn));
    await Promise.all(served);
  })();
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      // A read under way ends with the other side; what is left is shut down here.
      await Promise.all([...open].map((conn) => conn.closeWrite().catch(() => {})));
      await serving;
    },
  };
}

Deno.test("server mode: TLS outside, plain inside, half-close both ways", async () => {
  await using backend = startBackend("+OK plain backend\r\n");
  await using tunnel = await startTunnel({
    services: [options(`connect = 127.0.0.1:${backend.port}\ncert = ${certFile}\n`)],
  });
  const [service] = tunnel.services;
  const client = await secured(service?.addresses[0] ?? "");
  await client.write(new TextEncoder().encode("QUIT\r\n"));
  await client.closeWrite();
  assert.equal(await readAll(client), "+OK plain backend\r\nQUIT\r\n");
  client.close();
  assert.deepEqual([service?.counters.bytesIn, service?.counters.bytesOut], [6, 25]);
});

Deno.test("server mode: a new certificate is used from the next connection on, a broken one is not", async () => {
  await using backend = startBackend("hello\r\n");
  const file = `${folder}/changing.pem`;
  await Deno.writeTextFile(file, certificate.cert + "\n" + certificate.key);
  await using tunnel = await startTunnel({
    services: [options(`connect = 127.0.0.1:${backend.port}\ncert = ${file}\n`)],
  });
  const [service] = tunnel.services;
  const serial = async () => {
    const client = await secured(service?.addresses[0] ?? "");
    const { serialNumber } = client.socket.getPeerCertificate();
    client.close();
    return serialNumber;
  };
  const first = await serial();
  await Deno.writeTextFile(file, "broken");
  assert.equal(await serial(), first);
  assert.match(service?.warnings.join() ?? "", /former certificate stays in use/);
  const renewed = await authority.issue();
  await Deno.writeTextFile(file, renewed.cert + "\n" + renewed.key);
  assert.notEqual(await serial(), first);
  assert.deepEqual(service?.warnings, []);
});

Deno.test("server mode: a backend that is down is told in the protocol's words", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await using tunnel = await startTunnel({
    services: [options(`connect = 127.0.0.1:${port}\ncert = ${certFile}\n`, { mailProtocol: "pop3" })],
  });
  const client = await secured(tunnel.services[0]?.addresses[0] ?? "");
  assert.match(await readAll(client), /^-ERR \[SYS\/TEMP\] .*nothing listens there/);
  client.close();
});

Deno.test("server mode: silent and garbage clients are let go, others are served meanwhile", async () => {
  await using backend = startBackend("hello\r\n");
  const text = `connect = 127.0.0.1:${backend.port}\ncert = ${certFile}\n`;
  const { timeouts } = options(text);
  await using tunnel = await startTunnel({
    services: [options(text, { timeouts: { ...timeouts, handshakeMs: 1500 } })],
  });
  const address = tunnel.services[0]?.addresses[0] ?? "";
  const silent = await PlainClient.connect(address);
  const garbage = await PlainClient.connect(address);
  await garbage.send(crypto.getRandomValues(new Uint8Array(5000)));
  const client = await secured(address);
  await client.closeWrite();
  assert.equal(await readAll(client), "hello\r\n");
  client.close();
  await garbage.ending();
  await silent.ending();
  while ((tunnel.services[0]?.counters.active ?? 0) > 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
});

for (
  const [protocol, greeting, ask, expected] of [
    [
      "pop3",
      "+OK backend\r\n",
      "CAPA\r\nUSER x\r\nSTLS\r\n",
      /\+OK backend\r\n[\s\S]*STLS\r\n\.\r\n-ERR say STLS first\r\n\+OK begin TLS\r\n$/,
    ],
    [
      "imap",
      "* OK backend\r\n",
      "a CAPABILITY\r\nb LOGIN x y\r\nc STARTTLS\r\n",
      /LOGINDISABLED[\s\S]*b BAD [^\r]*\r\nc OK begin TLS\r\n$/,
    ],
    [
      "smtp",
      "220 backend\r\n",
      "EHLO x\r\nMAIL FROM:<>\r\nSTARTTLS\r\n",
      /250 STARTTLS\r\n530 [^\r]*\r\n220 begin TLS\r\n$/,
    ],
  ] as const
) {
  Deno.test(`server mode, ${protocol}: STARTTLS is offered, and asked for before anything else`, async () => {
    await using backend = startBackend(greeting);
    const text = `connect = 127.0.0.1:${backend.port}\ncert = ${certFile}\nprotocol = ${protocol}\n`;
    await using tunnel = await startTunnel({ services: [options(text)] });
    const client = await secured(tunnel.services[0]?.addresses[0] ?? "", async (raw) => {
      const buffer = new Uint8Array(4096);
      let heard = "";
      // The greeting, then an answer to each line: bytes sent ahead of an answer to STARTTLS would be refused.
      for (const line of ["", ...ask.split(/(?<=\n)/)]) {
        await raw.write(new TextEncoder().encode(line));
        const answered = heard.length;
        while (!/\n$/.test(heard.slice(answered)) || /CAPA/.test(line) && !/OK\r\n$|\.\r\n$/.test(heard)) {
          heard += new TextDecoder().decode(buffer.subarray(0, await raw.read(buffer) ?? 0));
        }
      }
      assert.match(heard, expected);
    });
    await client.write(new TextEncoder().encode("secret\r\n"));
    await client.closeWrite();
    assert.equal(await readAll(client), "secret\r\n");
    client.close();
  });
}
