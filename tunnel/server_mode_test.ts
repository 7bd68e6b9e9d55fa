/** Server mode: what backend and TLS client see of each other's end, and clients that cannot be secured. */
import assert from "node:assert/strict";
import * as net from "node:net";
import * as tls from "node:tls";
import { freePort } from "../test/servers/free_port.ts";
import { whyNoOpenssl } from "../test/servers/openssl.ts";
import { PlainClient } from "../test/servers/plain_client.ts";
import {
  authority,
  certificate,
  clientService,
  eventually,
  type RunningService,
  SOON,
  startService,
} from "../test/servers/tunnels.ts";
import type { ServiceOptions } from "./mod.ts";
import { NodeTlsConnection } from "./node_tls.ts";
import { PlainSocket, SocketConnection } from "./plain_socket.ts";

const certFile = await Deno.makeTempFile({ suffix: ".pem" });
await Deno.writeTextFile(certFile, certificate.cert + certificate.key);
globalThis.addEventListener("unload", () => Deno.removeSync(certFile));

const PLAIN: Partial<ServiceOptions> = {
  client: false,
  cert: certFile,
  key: certFile,
  timeouts: { ...SOON, handshakeMs: 1500 },
};

/** What a backend heard, and how it ended. */
interface Backend extends AsyncDisposable {
  readonly port: number;
  readonly heard: Promise<string>;
}

/** A backend for one connection, that says DATA and then does as told. */
async function startBackend(act: (socket: net.Socket, text: () => string) => void): Promise<Backend> {
  const heard = Promise.withResolvers<string>();
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    let text = "";
    socket.on("data", (chunk) => text += String(chunk));
    socket.on("end", () => heard.resolve(`${text} EOF`));
    socket.on("error", () => heard.resolve(`${text} error`));
    socket.once("data", () => socket.write("DATA", () => act(socket, () => text)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  return {
    port: bound !== null && typeof bound === "object" ? bound.port : 0,
    heard: heard.promise,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Secured {
  readonly plain: PlainSocket;
  readonly connection: NodeTlsConnection;
}

async function secure({ address }: RunningService, maxVersion: tls.SecureVersion): Promise<Secured> {
  const socket = net.connect({
    port: Number(address.replace(/.*:/, "")),
    host: "127.0.0.1",
    allowHalfOpen: true,
  });
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  const plain = new PlainSocket(socket);
  const connection = new NodeTlsConnection(
    new SocketConnection(plain),
    "client",
    (raw) =>
      tls.connect({
        socket: raw,
        servername: "localhost",
        ca: [authority.pem],
        maxVersion,
        minVersion: maxVersion,
      }),
  );
  await connection.handshake();
  return { plain, connection };
}

/** Everything that is read, and how it ended. */
async function readAll(connection: NodeTlsConnection): Promise<string> {
  const buffer = new Uint8Array(64);
  let text = "";
  try {
    for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
      text += new TextDecoder().decode(buffer.subarray(0, count));
    }
    return `${text} close_notify`;
  } catch {
    return `${text} cut`;
  }
}

interface Row {
  readonly row: string;
  act(socket: net.Socket, text: () => string): void;
  /** What the client does once it has read DATA; it reads on afterwards. */
  then?(client: Secured): void | Promise<void>;
  readonly client: string;
  readonly backend: string;
}

const ROWS: readonly Row[] = [
  { row: "backend ends", act: (socket) => void socket.end(), client: " close_notify", backend: "hello EOF" },
  // A client is never told that its server ended well when it did not.
  { row: "backend resets", act: (socket) => void socket.resetAndDestroy(), client: " cut", backend: "" },
  {
    row: "client half-closes, late reply",
    act: (socket) => void socket.once("end", () => socket.end(" LATE")),
    then: ({ connection }) => connection.closeWrite(),
    client: " LATE close_notify",
    backend: "hello EOF",
  },
  {
    row: "client leaves without close_notify",
    act: (socket) => void socket.once("end", () => socket.end()),
    then: ({ plain }) => plain.end(),
    client: " close_notify",
    backend: "hello EOF",
  },
  {
    row: "client resets",
    act: (socket) => void socket.once("end", () => socket.end()),
    then: ({ plain }) => plain.reset(),
    client: " cut",
    backend: "hello EOF",
  },
];

for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
  Deno.test(`server mode: what either side sees of the other's end, ${version}`, async (t) => {
    for (const { row, act, then, ...expected } of ROWS) {
      await t.step(row, async () => {
        await using backend = await startBackend(act);
        await using running = await startService(
          clientService({ host: "127.0.0.1", port: backend.port }, PLAIN),
        );
        const client = await secure(running, version);
        await client.connection.write(new TextEncoder().encode("hello"));
        const buffer = new Uint8Array(4);
        assert.equal(await client.connection.read(buffer), 4);
        await then?.(client);
        assert.equal(await readAll(client.connection), expected.client);
        client.connection.close();
        await client.plain.closed();
        if (expected.backend !== "") assert.equal(await backend.heard, expected.backend);
        const [entry] = await running.journal.logged("connection ended");
        assert.equal(entry?.properties.tls, version);
        await eventually(() => running.service.counters.active === 0);
      });
    }
  });
}

Deno.test("server mode: a client that cannot be secured is told by its kind, and no failure of the backend", async (t) => {
  await using running = await startService(clientService(freePort(), PLAIN));
  const { service, address, journal } = running;
  let refused = 0;
  const check = async (message: RegExp, level = "info") => {
    const [entry] = await journal.logged(message);
    assert.equal(entry?.level, level);
    assert.match(service.lastError?.message ?? "", message);
    assert.deepEqual([service.counters.refused, service.counters.failed], [++refused, 0]);
  };
  const send = async (bytes: string | Uint8Array, act: (client: PlainClient) => void = () => {}) => {
    const client = await PlainClient.connect(address);
    await client.send(bytes);
    act(client);
    await client.ending();
  };
  await t.step("plain text", async () => {
    await send("EHLO old.example\r\n");
    await check(/^Cannot secure the connection of "127\.0\.0\.1:\d+": it speaks plain text$/);
    assert.match(service.lastError?.remedy ?? "", /Turn TLS on in that program/);
  });
  await t.step("left", async () => {
    await send(new Uint8Array([0x16, 0x03, 0x01]), (client) => client.half());
    await check(/: it left during the TLS handshake$/);
  });
  await t.step("silent", async () => {
    await send(new Uint8Array([0x16, 0x03, 0x01]));
    await check(/: it did not finish the TLS handshake in time$/);
  });
  if (whyNoOpenssl() !== undefined) return;
  const openssl = async (...args: string[]) => {
    const command = new Deno.Command("openssl", {
      args: ["s_client", "-connect", address, ...args],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    assert.notEqual((await command.output()).code, 0);
  };
  await t.step("too old", async () => {
    await openssl("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0");
    await check(/: it knows neither TLS 1\.2 with ECDHE nor TLS 1\.3$/);
  });
  await t.step("distrustful", async () => {
    await openssl("-verify_return_error");
    await check(/: it does not accept the certificate \(UnknownCA\)$/);
  });
});

Deno.test("server mode: handshakes that never end do not keep others out, and leave nothing open", async () => {
  await using backend = await startBackend((socket) => void socket.end());
  await using running = await startService(clientService({ host: "127.0.0.1", port: backend.port }, PLAIN));
  const { service, address } = running;
  const flood = await Promise.all(Array.from({ length: 60 }, async (_, number) => {
    const client = await PlainClient.connect(address);
    if (number % 3 === 1) await client.send(crypto.getRandomValues(new Uint8Array(3000)));
    // A record that is announced and never comes.
    if (number % 3 === 2) await client.send(new Uint8Array([0x16, 0x03, 0x01, 0x40, 0x00, 0x01]));
    return client;
  }));
  const legitimate = await secure(running, "TLSv1.3");
  await legitimate.connection.write(new TextEncoder().encode("hello"));
  assert.equal(await readAll(legitimate.connection), "DATA close_notify");
  legitimate.connection.close();
  await legitimate.plain.closed();
  for (const client of flood) await client.ending();
  await eventually(() => service.counters.active === 0);
  assert.equal(service.counters.refused, 60);
  assert.equal(service.counters.failed, 0);
});
