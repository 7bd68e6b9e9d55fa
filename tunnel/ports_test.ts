/** Local addresses that can be opened, and those that cannot: alone in error, with ways out, tried again. */
import assert from "node:assert/strict";
import { freePort } from "../test/servers/free_port.ts";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startTlsServer } from "../test/servers/tls_server.ts";
import { TunnelProgram } from "../test/servers/tunnel_program.ts";
import {
  certificate,
  clientService,
  echo,
  eventually,
  startService,
  TunnelJournal,
} from "../test/servers/tunnels.ts";
import { type ServiceOptions, startTunnel } from "./mod.ts";
import { explainPort } from "./port_errors.ts";

const LOOPBACK = { host: "127.0.0.1", port: 0 };

/** A service in server mode, of which the port alone matters. */
function serverService(changes: Partial<ServiceOptions>): ServiceOptions {
  return clientService(1, { client: false, ...changes });
}

Deno.test("an address that cannot be opened puts its service in error alone, with ways out", async (t) => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const used = { host: "127.0.0.1", port: taken.addr.port };
  const folder = await Deno.makeTempDir();
  const cases: [string, ServiceOptions, RegExp, RegExp][] = [
    ["taken", clientService(1, { accept: [used] }), /another program has it$/, /^Find the program with ss /],
    ["taken, server mode", serverService({ accept: [used] }), /another program has it$/, /^Find the program/],
    [
      "not of this machine",
      clientService(1, { accept: [{ host: "192.0.2.1", port: 0 }], unsafeListen: true }),
      /this machine does not have that address$/,
      /tried again every few seconds/,
    ],
    [
      "not of this machine, server mode",
      serverService({ accept: [{ host: "192.0.2.1", port: 0 }] }),
      /this machine does not have that address$/,
      /tried again/,
    ],
    [
      "open to other machines",
      clientService(1, { accept: [{ host: "0.0.0.0", port: 0 }] }),
      /other machines could reach it in clear text$/,
      /^Listen on 127\.0\.0\.1\n/,
    ],
    [
      "an unknown name",
      clientService(1, { accept: [{ host: "no.such.invalid", port: 0 }], unsafeListen: true }),
      /the name cannot be looked up$/,
      /in numbers/,
    ],
    [
      "UNIX socket in no folder",
      clientService(1, { accept: [{ path: `${folder}/none/x.sock` }] }),
      /^Cannot listen on ".*none\/x\.sock": /,
      /folder/,
    ],
  ];
  for (const [name, service, message, remedy] of cases) {
    await t.step(name, async () => {
      const journal = new TunnelJournal();
      await using tunnel = await startTunnel({
        services: [service, clientService(1, { name: "other" })],
        log: journal.log,
      });
      const [first, second] = tunnel.services;
      assert.equal(first?.state, "error");
      assert.match(first.error?.message ?? "", message);
      assert.match(first.error?.remedies.join("\n") ?? "", remedy);
      assert.deepEqual(first.addresses, []);
      assert.equal(second?.state, "listening");
      const [entry] = await journal.logged(message);
      assert.equal(entry?.level, "error");
      assert(Array.isArray(entry.properties.remedies));
    });
  }
  await Deno.remove(folder, { recursive: true });
});

for (const threads of [0, 2]) {
  Deno.test(`a taken port is tried again until it is free, and told once (${threads} threads)`, async () => {
    const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accept = [{ host: "127.0.0.1", port: taken.addr.port }];
    await using running = await startService(clientService(1, { accept }), { threads });
    const { service, journal } = running;
    assert.equal(service.state, "error");
    await new Promise((resolve) => setTimeout(resolve, 400));
    taken.close();
    await journal.logged("listening");
    await eventually(() => service.state === "listening");
    assert.equal(service.error, undefined);
    assert.equal(journal.entries.filter(({ level }) => level === "error").length, 1);
  });

  Deno.test(`two services of one port: the first has it (${threads} threads)`, async () => {
    const accept = [{ host: "127.0.0.1", port: freePort() }];
    const services = ["one", "two"].map((name) => clientService(1, { name, accept }));
    await using tunnel = await startTunnel({ services, threads });
    const states = tunnel.services.map(({ state }) => state).sort();
    assert.deepEqual(states, ["error", "listening"]);
  });

  Deno.test(`one of several addresses is enough; the others are tried again (${threads} threads)`, async () => {
    const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accept = [{ host: "127.0.0.1", port: taken.addr.port }, LOOPBACK];
    await using running = await startService(clientService(1, { accept }), { threads });
    const { service, journal } = running;
    assert.equal(service.state, "listening");
    assert.equal(service.addresses.length, 1);
    assert.match(service.error?.message ?? "", /another program has it/);
    taken.close();
    await journal.logged("listening", { count: 2 });
    await eventually(() => service.error === undefined);
    assert.equal(service.addresses.length, 2);
  });

  Deno.test(`IPv6 on both sides (${threads} threads)`, async () => {
    await using server = await startTlsServer({ certificate, serve: echo, host: "::1" });
    const accept = [{ host: "::1", port: 0 }];
    const changes = { accept, checkHost: ["localhost"] };
    await using running = await startService(
      clientService({ host: "::1", port: server.port }, changes),
      { threads },
    );
    assert.match(running.address, /^\[?::1\]?:\d+$/);
    const client = await PlainClient.connect(running.address);
    await client.send("over six");
    await client.until("over six");
    client.half();
    assert.deepEqual(await client.ending(), { text: "over six", end: "EOF" }, running.journal.text);
  });
}

Deno.test("unsafe-listen opens an address to other machines, and warns for as long as it runs", async () => {
  const accept = [{ host: "0.0.0.0", port: 0 }];
  await using running = await startService(clientService(1, { accept, unsafeListen: true }));
  assert.equal(running.service.state, "listening");
  assert.match(running.service.warnings.join(), /clear text/);
});

Deno.test("what an error of listening means, and what helps", async (t) => {
  const fault = (code: string) => Object.assign(new Error(code), { code });
  const cases: [string, { host: string; port: number } | { path: string }, RegExp, RegExp][] = [
    [
      "EACCES",
      { host: "127.0.0.1", port: 110 },
      /ports under 1024/,
      /accept = 127\.0\.0\.1:1110[\s\S]*ip_unprivileged_port_start=110[\s\S]*setcap[\s\S]*AmbientCapabilities/,
    ],
    ["EACCES", { host: "127.0.0.1", port: 81 }, /ports under 1024/, /accept = 127\.0\.0\.1:10081/],
    ["EACCES", { host: "127.0.0.1", port: 8110 }, /the system forbids it/, /firewall/],
    ["EPERM", { path: "/run/x.sock" }, /no right to make this socket/, /folder/],
    ["EADDRINUSE", { path: "/run/x.sock" }, /another program has it/, /ss -lxp | grep \/run\/x\.sock/],
    ["EADDRINUSE", { host: "::1", port: 143 }, /^Cannot listen on "\[::1\]:143"/, /accept = \[::1\]:1143/],
  ];
  for (const [code, address, message, remedies] of cases) {
    await t.step(`${code} ${JSON.stringify(address)}`, () => {
      const explained = explainPort(fault(code), address);
      assert.match(explained.message, message);
      assert.match(explained.remedies.join("\n"), remedies);
    });
  }
});

// Root may open every port; without this right it is like anyone.
const WITHOUT_RIGHT = Deno.build.os === "linux" && Deno.uid() === 0
  ? ["setpriv", "--bounding-set=-net_bind_service"]
  : [];

Deno.test({
  name: "a port under 1024 without the right to it is explained, the other services run",
  ignore: Deno.build.os !== "linux" || firstUnprivilegedPort() <= 81,
  async fn() {
    const file = await Deno.makeTempFile({ suffix: ".conf" });
    const section = (name: string, port: number) =>
      `[${name}]\nclient = yes\naccept = 127.0.0.1:${port}\nconnect = localhost:1\n`;
    await Deno.writeTextFile(file, section("low", 81) + section("high", 0));
    await using program = new TunnelProgram([file], WITHOUT_RIGHT);
    await program.until(/listening service="high"/);
    await program.until(
      /ERROR Cannot listen on "127\.0\.0\.1:81": ports under 1024 need a right this process does not have.*setcap/,
    );
    await Deno.remove(file);
  },
});

/** Deno itself reads /proc only with every permission. */
function firstUnprivilegedPort(): number {
  const file = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
  return Number(new TextDecoder().decode(new Deno.Command("cat", { args: [file] }).outputSync().stdout));
}
