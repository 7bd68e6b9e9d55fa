/** What can fail on the way to a server: told to the mail program in its own words, in the log and by the service. */
import assert from "node:assert/strict";
import { freePort } from "../test/servers/free_port.ts";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startTlsServer, type TlsServerOptions } from "../test/servers/tls_server.ts";
import {
  authority,
  certificate,
  type Changes,
  clientService,
  eventually,
  HASTY,
  PATHS,
  SOON,
  startBoth,
  startService,
  TunnelJournal,
} from "../test/servers/tunnels.ts";
import {
  type Address,
  type MailProtocol,
  type Service,
  startTunnel,
  TunnelError,
  type TunnelFault,
} from "./mod.ts";

interface Failure {
  readonly name: string;
  readonly kind: TunnelFault;
  readonly message: RegExp;
  /** What a program in this process sees, where that is another thing. */
  readonly dialled?: "EOF";
  /** Where to connect, or how the server behaves. */
  readonly connect?: Address;
  readonly server?: Partial<TlsServerOptions>;
}

const WORDS = {
  pop3: /^-ERR \[SYS\/TEMP\] /,
  imap: /^\* BYE \[UNAVAILABLE\] /,
  smtp: /^421 4\.4\.1 /,
} as const;

/** An address that never answers: its queue of connections is full. */
async function blackHole(stack: AsyncDisposableStack): Promise<Address> {
  const listener = stack.use(Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 }));
  const { port } = listener.addr;
  for (let count = 0; count < 2; count++) stack.use(await Deno.connect({ hostname: "127.0.0.1", port }));
  return { host: "127.0.0.1", port };
}

async function failures(stack: AsyncDisposableStack): Promise<Failure[]> {
  return [
    {
      name: "nothing listens",
      connect: { host: "localhost", port: freePort() },
      kind: "refused",
      message: /: nothing listens there$/,
    },
    {
      name: "the name cannot be looked up",
      connect: { host: "no.such.invalid", port: 995 },
      kind: "dns",
      message: /^Cannot connect to "no\.such\.invalid:995": the name cannot be looked up$/,
    },
    {
      name: "black hole",
      connect: await blackHole(stack),
      kind: "timeout",
      message: /: the server did not answer in time$/,
    },
    {
      name: "handshake hang",
      server: { before: () => false },
      kind: "timeout",
      message: /: the server did not finish the TLS handshake in time$/,
    },
    {
      name: "plain text",
      server: {
        before(socket) {
          socket.write("+OK ready\r\n");
          return false;
        },
      },
      kind: "plain-text",
      message: /: the server speaks plain text on this port$/,
    },
    {
      name: "end in the handshake",
      server: {
        before(socket) {
          socket.end();
          return false;
        },
      },
      kind: "reset",
      message: /: the server (hung up before TLS was ready|reset the connection)$/,
    },
    {
      name: "reset in the handshake",
      server: {
        before(socket) {
          socket.once("data", () => socket.resetAndDestroy());
          return false;
        },
      },
      kind: "reset",
      message: /: the server reset the connection$/,
    },
    {
      name: "certificate",
      server: { certificate: await authority.issue({ names: ["other.example"] }) },
      kind: "certificate-name",
      message: /: its certificate is not for "localhost".*, but for other\.example$|not for "127/,
    },
    {
      name: "reset before the greeting",
      server: { serve: (peer) => peer.reset() },
      kind: "reset",
      message: /: the server reset the connection$/,
    },
    {
      name: "end before the greeting",
      server: { serve: (peer) => peer.truncate() },
      kind: "truncated",
      message: /: the server hung up without a greeting$/,
    },
    {
      name: "close_notify before the greeting",
      server: { serve: (peer) => peer.closeNotify() },
      kind: "truncated",
      dialled: "EOF",
      message: /: the server hung up without a greeting$/,
    },
  ];
}

async function checkTold(
  service: Service,
  { failure, mailProtocol }: { readonly failure: Failure; readonly mailProtocol: MailProtocol },
): Promise<void> {
  const client = await PlainClient.connect(service.addresses[0] ?? "");
  const { text, end } = await client.ending();
  await eventually(() => service.lastError !== undefined);
  const { message = "", remedy } = service.lastError ?? {};
  assert.match(text, WORDS[mailProtocol]);
  assert(text.endsWith(`tunnel: ${message.slice(0, 280)}\r\n`), `${text} is not about ${message}`);
  assert.equal(text.indexOf("\n"), text.length - 1, "one line");
  assert.equal(end, "EOF");
  assert.match(message, failure.message);
  assert(remedy);
  // The port stays open for better times.
  assert.equal(service.state, "listening");
  assert.equal(service.counters.failed, 1);
}

/** How a program in this process hears of it. */
async function readOnce(service: Service): Promise<TunnelFault | "EOF"> {
  try {
    const connection = await service.dial();
    try {
      return await connection.read(new Uint8Array(1)) === null ? "EOF" : "tls";
    } finally {
      connection.close();
    }
  } catch (error) {
    assert(error instanceof TunnelError, String(error));
    return error.kind;
  }
}

for (const [name, path] of Object.entries(PATHS)) {
  Deno.test(`a mail program is told in its own words why the server fails, as are log and service (${name})`, async (t) => {
    await using stack = new AsyncDisposableStack();
    const all = await failures(stack);
    const services = [];
    for (const failure of all) {
      const connect = failure.connect ??
        { host: "localhost", port: stack.use(await startTlsServer({ certificate, ...failure.server })).port };
      const timeouts = failure.kind === "timeout" ? HASTY : SOON;
      for (const mailProtocol of ["pop3", "imap", "smtp"] as const) {
        const name = `${failure.name} ${mailProtocol}`;
        services.push(clientService(connect, { ...path, name, mailProtocol, timeouts }));
      }
    }
    const journal = new TunnelJournal();
    await using tunnel = await startTunnel({ services, log: journal.log });
    for (const failure of all) {
      await t.step(failure.name, async () => {
        await Promise.all((["pop3", "imap", "smtp"] as const).map(async (mailProtocol) => {
          const service = tunnel.service(`${failure.name} ${mailProtocol}`);
          assert(service);
          await checkTold(service, { failure, mailProtocol });
          const [entry] = await journal.logged(/^Cannot|^connection ended/, { service: service.name });
          assert.equal(entry?.level, "warn");
          assert.equal(await readOnce(service), failure.dialled ?? failure.kind);
        }));
      });
    }
  });

  Deno.test(`a program that speaks TLS on the plain port is turned away and named (${name})`, async () => {
    await using running = await startBoth({}, { ...path, mailProtocol: "imap" });
    const client = await PlainClient.connect(running.address);
    await client.send(new Uint8Array([0x16, 0x03, 0x01, 0x02, 0x00]));
    assert.equal((await client.ending()).end, "ECONNRESET");
    const [entry] = await running.journal.logged(/speaks TLS on this plain port/);
    assert.equal(entry?.level, "warn");
    assert.match(running.service.lastError?.message ?? "", /speaks TLS on this plain port/);
    assert.match(running.service.lastError?.remedy ?? "", /Turn TLS and STARTTLS off in that program/);
    assert.equal(running.service.counters.refused, 1);
    await eventually(() => running.service.counters.active === 0);
  });
}

Deno.test("a service of no known protocol resets instead of saying words nobody expects", async () => {
  const changes: Changes = { name: "web" };
  await using running = await startService(clientService(freePort(), changes));
  const client = await PlainClient.connect(running.address);
  assert.deepEqual(await client.ending(), { text: "", end: "ECONNRESET" });
});

Deno.test("a connection turned away is no failure of the upstream, and the limit is per service", async () => {
  await using server = await startTlsServer({
    certificate,
    async serve(peer) {
      await peer.send("+OK\r\n");
      await peer.ended();
      peer.closeNotify();
    },
  });
  const services = ["one", "two"].map((name) =>
    clientService(server.port, { name, maxConnections: 2, mailProtocol: "pop3" })
  );
  await using tunnel = await startTunnel({ services });
  await using clients = new AsyncDisposableStack();
  for (const service of tunnel.services) {
    for (let count = 0; count < 2; count++) {
      const client = clients.use(await PlainClient.connect(service.addresses[0] ?? ""));
      await client.until("+OK");
    }
    const third = await PlainClient.connect(service.addresses[0] ?? "");
    assert.match(
      (await third.ending()).text,
      /^-ERR \[SYS\/TEMP\] tunnel: too many connections are open\r\n$/,
    );
    await assert.rejects(service.dial(), { kind: "limit" });
    assert.deepEqual([service.counters.refused, service.counters.failed], [2, 0]);
    assert.match(service.lastError?.message ?? "", /^Cannot serve another connection: 2 are open$/);
  }
  await clients.disposeAsync();
  // The slots are free again.
  await eventually(() => tunnel.services.every(({ counters }) => counters.active === 0));
  for (const service of tunnel.services) {
    await using client = await PlainClient.connect(service.addresses[0] ?? "");
    await client.until("+OK");
  }
});
