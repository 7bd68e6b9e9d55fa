/** Server mode: TLS towards clients, plain towards the backend. */
import assert from "node:assert/strict";
import * as tls from "node:tls";
import { PlainClient } from "../test/servers/plain_client.ts";
import { authority, certificate } from "../test/servers/tunnels.ts";
import { parseStunnelConf, type ServiceOptions, startTunnel } from "./mod.ts";
import { NodeTlsConnection } from "./node_tls.ts";

const folder = await Deno.makeTempDir();
const certFile = `${folder}/cert.pem`;
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
