import assert from "node:assert/strict";
import { createAuthority } from "../test/servers/certificates.ts";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startTlsServer, type TlsServerOptions } from "../test/servers/tls_server.ts";
import { type MailProtocol, parseStunnelConf, type ServiceOptions, startTunnel } from "./mod.ts";
import * as net from "node:net";

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
