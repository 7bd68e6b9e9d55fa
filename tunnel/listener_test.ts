/** Local addresses: every one of a machine, and sockets that somebody left behind. */
import assert from "node:assert/strict";
import { createAuthority } from "../test/servers/certificates.ts";
import { freePort } from "../test/servers/free_port.ts";
import { PlainClient } from "../test/servers/plain_client.ts";
import { TempFolder } from "../test/servers/temp_folder.ts";
import { startTlsServer } from "../test/servers/tls_server.ts";
import { isStoodFor } from "./every_address.ts";
import { type ConfReading, readStunnelConf, type Service, startTunnel } from "./mod.ts";

const authority = await createAuthority();
const certificate = await authority.issue();

/** Whether there is an IPv6 loopback to listen on. */
function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

/** A tunnel to an echo server, with the section [a] of `lines`, and what was read. */
async function start(folder: TempFolder, lines: string) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(
    await startTlsServer({
      certificate,
      serve: (peer) => void peer.socket.on("data", (chunk) => void peer.send(chunk).catch(() => {})),
    }),
  );
  await folder.write("ca.pem", authority.pem);
  await folder.write("server.pem", `${certificate.key}\n${certificate.cert}`);
  const target = `connect = localhost:${server.port}\nCAfile = ca.pem\n`;
  const reading: ConfReading = await readStunnelConf(await folder.write("a.conf", `[a]\n${target}${lines}`));
  const tunnel = stack.use(await startTunnel({ services: reading.services }));
  const service = tunnel.service("a");
  assert(service, JSON.stringify(reading.problems));
  return { service, reading, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function answers(address: string): Promise<void> {
  await using client = await PlainClient.connect(address);
  await client.send("hello");
  await client.until("hello");
}

function faultOf({ state, error }: Service): string {
  return `${state}${error === undefined ? "" : `: ${error.message}`}`;
}

Deno.test({
  name: "every address: IPv4 and IPv6 on one port, without a fault",
  ignore: !hasIpv6(),
  async fn() {
    await using folder = await TempFolder.make();
    const port = freePort("0.0.0.0");
    await using given = await start(folder, `client = yes\naccept = *:${port}\nunsafe-listen = yes\n`);
    assert.equal(faultOf(given.service), "listening");
    await answers(`127.0.0.1:${port}`);
    await answers(`::1:${port}`);
    assert.match(given.service.warnings.join(), /Passwords cross the network in clear text/);
  },
});

Deno.test("every address of a server section: accept = PORT", async () => {
  await using folder = await TempFolder.make();
  const port = freePort("0.0.0.0");
  await using given = await start(folder, `accept = ${port}\ncert = server.pem\n`);
  assert.equal(faultOf(given.service), "listening");
  (await Deno.connectTls({ hostname: "localhost", port, caCerts: [authority.pem] })).close();
});

Deno.test("half of every address may be missing when the other half stands for it", () => {
  const fault = (code: string) => Object.assign(new Error(code), { code });
  const any4 = { host: "0.0.0.0", port: 995 };
  const any6 = { host: "::", port: 995 };
  const accept = [any4, any6];
  const cases: [typeof any4, string, string[], boolean][] = [
    [any4, "EADDRINUSE", ["[::]:995"], true],
    [any4, "EADDRINUSE", ["[::]:993"], false],
    [any4, "EADDRINUSE", [], false],
    [any4, "EACCES", ["[::]:995"], false],
    [any6, "EAFNOSUPPORT", [], true],
    [any6, "EADDRNOTAVAIL", [], true],
    [any6, "EADDRINUSE", [], false],
    [{ host: "::", port: 993 }, "EAFNOSUPPORT", [], false],
  ];
  for (const [address, code, open, expected] of cases) {
    assert.equal(
      isStoodFor(address, { error: fault(code), accept, open }),
      expected,
      `${address.host} ${code}`,
    );
  }
});

Deno.test("accept = PORT of a client section is opened on loopback alone, with a warning", async () => {
  await using folder = await TempFolder.make();
  await using given = await start(folder, "client = yes\naccept = 0\n");
  assert.match(given.service.addresses.join(), /^127\.0\.0\.1:\d+$/);
  await answers(given.service.addresses[0] ?? "");
  assert.match(
    given.reading.problems.map(({ message }) => message).join(),
    /this listens on 127\.0\.0\.1 alone/,
  );
});

Deno.test("an address that others reach is not opened without unsafe-listen = yes, beside one that is", async () => {
  await using folder = await TempFolder.make();
  await using given = await start(folder, "client = yes\naccept = 0.0.0.0:0\naccept = 127.0.0.1:0\n");
  assert.equal(
    faultOf(given.service),
    'listening: Cannot listen on "0.0.0.0:0": other machines could reach it in clear text',
  );
  assert.match(given.service.addresses.join(), /^127\.0\.0\.1:\d+$/);
  await answers(given.service.addresses[0] ?? "");
});

Deno.test({
  name: "a UNIX socket that was left behind is replaced; one in use and a file of another kind are not",
  ignore: Deno.build.os === "windows",
  async fn(t) {
    await using folder = await TempFolder.make();
    const path = folder.at("a.sock");
    for (const lines of ["client = yes\n", "cert = server.pem\n"]) {
      await t.step(`left behind, ${lines.trim()}`, async () => {
        // Closing removes the path it was made with: renamed before, the socket stays.
        using leaving = Deno.listen({ transport: "unix", path: folder.at("b.sock") });
        await Deno.rename(folder.at("b.sock"), path);
        leaving.close();
        await using given = await start(folder, `${lines}accept = ${path}\n`);
        assert.equal(faultOf(given.service), "listening");
        if (lines.startsWith("client")) await answers(path);
      });
      await t.step(`in use, ${lines.trim()}`, async () => {
        using _other = Deno.listen({ transport: "unix", path });
        await using given = await start(folder, `${lines}accept = ${path}\n`);
        assert.equal(faultOf(given.service), `error: Cannot listen on "${path}": another program has it`);
      });
      await t.step(`a file, ${lines.trim()}`, async () => {
        await folder.write("a.sock", "precious");
        await using given = await start(folder, `${lines}accept = ${path}\n`);
        assert.equal(given.service.state, "error");
        assert.equal(await Deno.readTextFile(path), "precious");
        await Deno.remove(path);
      });
    }
  },
});
