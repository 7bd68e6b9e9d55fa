/** Reaching servers: several of them, names that come and go, servers that are down for a while. */
import assert from "node:assert/strict";
import * as net from "node:net";
import { freePort } from "../test/servers/free_port.ts";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startTlsServer, type TlsPeer } from "../test/servers/tls_server.ts";
import { TunnelProgram } from "../test/servers/tunnel_program.ts";
import {
  caFile,
  certificate,
  type Changes,
  clientService,
  PATHS,
  say,
  SOON,
  startBoth,
  startService,
} from "../test/servers/tunnels.ts";
import { type Address, type Service, startTunnel, TunnelError } from "./mod.ts";

/** What a client is told, or the reason of the failure. */
async function ask(service: Service): Promise<string> {
  const client = await PlainClient.connect(service.addresses[0] ?? "");
  const { text, end } = await client.ending();
  return text || end;
}

async function askTimes(
  connect: readonly Address[],
  { times = 3, ...changes }: Changes & { times?: number },
) {
  await using running = await startService(clientService(1, { connect, timeouts: SOON, ...changes }));
  const seen = [];
  for (let time = 0; time < times; time++) seen.push(await ask(running.service));
  return seen;
}

for (const [name, path] of Object.entries(PATHS)) {
  Deno.test(`prio goes to the first server that answers, rr to one after the other (${name})`, async (t) => {
    await using servers = new AsyncDisposableStack();
    const [a, b, c] = await Promise.all(["a", "b", "c"].map(async (text): Promise<Address> => {
      const server = servers.use(await startTlsServer({ certificate, serve: say(text) }));
      return { host: "localhost", port: server.port };
    }));
    assert(a && b && c);
    const down: Address = { host: "localhost", port: freePort() };
    const unknown: Address = { host: "no.such.invalid", port: 995 };
    const silent = servers.use(await startTlsServer({ certificate, before: () => false }));
    const hanging: Address = { host: "localhost", port: silent.port };
    const distrusted: Address = { host: "127.0.0.2", port: 1 };
    const cases: [string, Address[], Changes, string[]][] = [
      ["prio", [a, b, c], {}, ["a", "a", "a"]],
      ["rr", [a, b, c], { failover: "rr" }, ["a", "b", "c"]],
      ["prio, the first is down", [down, b, c], {}, ["b", "b", "b"]],
      ["rr, the first is down", [down, b, c], { failover: "rr" }, ["b", "b", "c"]],
      ["prio, the first is unknown", [unknown, b], {}, ["b", "b", "b"]],
      ["prio, the first hangs", [hanging, b], { timeouts: { ...SOON, handshakeMs: 1000 } }, ["b", "b", "b"]],
      ["all are down", [down, distrusted], {}, ["ECONNRESET", "ECONNRESET", "ECONNRESET"]],
    ];
    for (const [label, connect, changes, expected] of cases) {
      await t.step(label, async () => {
        assert.deepEqual(await askTimes(connect, { ...path, ...changes }), expected);
      });
    }
  });

  Deno.test(`a service starts while its server is down, and serves once it is up (${name})`, async () => {
    const port = freePort();
    await using running = await startService(clientService(port, path));
    const { service } = running;
    assert.equal(service.state, "listening");
    assert.equal(await ask(service), "ECONNRESET");
    assert.match(service.lastError?.message ?? "", /nothing listens there/);
    await using _server = await startTlsServer({ certificate, port, serve: say("up") });
    assert.equal(await ask(service), "up");
    assert.equal(service.counters.failed, 1);
  });

  Deno.test(`a server that flaps is served whenever it is there (${name})`, async () => {
    const port = freePort();
    await using running = await startService(clientService(port, { ...path, maxConnections: 2 }));
    const { service } = running;
    for (let round = 0; round < 3; round++) {
      assert.equal(await ask(service), "ECONNRESET");
      const resetting = net.createServer((socket) => socket.resetAndDestroy());
      await new Promise<void>((resolve) => resetting.listen(port, "127.0.0.1", resolve));
      for (let time = 0; time < 3; time++) assert.equal(await ask(service), "ECONNRESET");
      await new Promise((resolve) => resetting.close(resolve));
      await using _server = await startTlsServer({ certificate, port, serve: say("up") });
      assert.equal(await ask(service), "up");
    }
    assert.equal(service.counters.failed, 12);
    assert.equal(service.counters.refused, 0);
    assert.equal(service.state, "listening");
  });

  Deno.test(`a program in this process hears why, and may give up (${name})`, async (t) => {
    await t.step("refused", async () => {
      await using running = await startService(clientService(freePort(), path));
      await assert.rejects(running.service.dial(), { kind: "refused" });
    });
    for (const [label, before] of [["while connecting", false], ["in the handshake", true]] as const) {
      await t.step(`given up ${label}`, async () => {
        await using running = await startBoth({ before: () => false }, path);
        const stop = new AbortController();
        const dialling = running.service.dial(stop.signal);
        if (before) {
          while (running.server.accepted === 0) await new Promise((resolve) => setTimeout(resolve));
        }
        stop.abort();
        await assert.rejects(dialling, { kind: "aborted" });
        assert.equal(running.service.counters.active, 0);
        // Who gives up is no failure of the server.
        assert.equal(running.service.counters.failed, 0);
      });
    }
    await t.step("a remedy comes with the reason", async () => {
      await using running = await startService(clientService({ host: "no.such.invalid", port: 1 }, path));
      await assert.rejects(
        running.service.dial(),
        (error) => error instanceof TunnelError && error.kind === "dns" && error.remedy !== undefined,
      );
    });
  });

  Deno.test(`a dialled connection that is cut short rejects, unless the goodbye was said (${name})`, async () => {
    await using running = await startBoth({
      async serve(peer: TlsPeer) {
        await peer.until("\n");
        await peer.send("+OK\r\n");
        peer.truncate();
      },
    }, { ...path, mailProtocol: "pop3" });
    const talk = async (line: string) => {
      const connection = await running.service.dial();
      try {
        await connection.write(new TextEncoder().encode(line));
        const buffer = new Uint8Array(64);
        while (await connection.read(buffer) !== null);
        return "end";
      } finally {
        connection.close();
      }
    };
    await assert.rejects(talk("RETR 1\r\n"), { kind: "truncated" });
    assert.equal(await talk("QUIT\r\n"), "end");
    assert.equal(running.service.counters.active, 0);
  });
}

Deno.test("dial works although the port is taken, verified and counted", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using server = await startTlsServer({ certificate, serve: say("hello") });
  const accept = [{ host: "127.0.0.1", port: taken.addr.port }];
  await using tunnel = await startTunnel({ services: [clientService(server.port, { accept })] });
  const service = tunnel.service("test");
  assert.equal(service?.state, "error");
  const connection = await service.dial();
  assert.equal(service.counters.active, 1);
  await connection.write(new TextEncoder().encode("abc"));
  const buffer = new Uint8Array(64);
  let text = "";
  for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  assert.equal(text, "hello");
  connection.close();
  const { active, bytesIn, bytesOut, connections } = service.counters;
  assert.deepEqual([connections, active, bytesIn, bytesOut], [1, 0, 3, 5]);
});

/** Root may give a process a hosts file of its own; elsewhere names cannot be made to come and go. */
function canReplaceHosts(): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    const args = ["--mount", "--map-root-user", "mount", "--bind", "/etc/hosts", "/etc/hosts"];
    return new Deno.Command("unshare", { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

Deno.test({
  name: "a name that is unknown at the start is looked up anew each time, and all its addresses are tried",
  ignore: !canReplaceHosts(),
  async fn() {
    const folder = await Deno.makeTempDir();
    const hosts = `${folder}/hosts`;
    await Deno.writeTextFile(hosts, "127.0.0.1 localhost\n");
    await using server = await startTlsServer({ certificate, serve: say("found") });
    await Deno.writeTextFile(
      `${folder}/a.conf`,
      `[one]\nclient = yes\naccept = 127.0.0.1:0\nconnect = later.test:${server.port}\ncheckHost = localhost\n` +
        `CAfile = ${caFile}\n`,
    );
    const script = `mount --bind ${hosts} /etc/hosts && exec "$@"`;
    const launcher = ["unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh"];
    await using program = new TunnelProgram([`${folder}/a.conf`], launcher);
    const [, address = ""] = await program.until(/listening service="one" address="([^"]+)"/);
    const talk = async () => (await (await PlainClient.connect(address)).ending()).text;
    assert.equal(await talk(), "");
    await program.until(/"later\.test:\d+": the name cannot be looked up/);
    // Nothing listens on the first of them.
    await Deno.writeTextFile(
      hosts,
      "127.0.0.1 localhost\n::1 later.test\n127.0.0.9 later.test\n127.0.0.1 later.test\n",
    );
    assert.equal(await talk(), "found");
    await Deno.writeTextFile(hosts, "127.0.0.1 localhost\n127.0.0.9 later.test\n");
    assert.equal(await talk(), "");
    await program.until(/"later\.test:\d+": nothing listens there/);
    await Deno.remove(folder, { recursive: true });
  },
});
