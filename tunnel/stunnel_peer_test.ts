/**
 * The real stunnel and this tunnel on the same files: what each accepts, and what passes through. The files stand in
 * test/fixtures/stunnel/verdicts.txt: a name, the verdict, the text, and what it includes.
 */
import assert from "node:assert/strict";
import { createAuthority } from "../test/servers/certificates.ts";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startStunnel, STUNNEL_PRELUDE, whyNoStunnel } from "../test/servers/stunnel.ts";
import { TempFolder } from "../test/servers/temp_folder.ts";
import { startTlsServer, type TlsPeer } from "../test/servers/tls_server.ts";
import { type ConfReading, readStunnelConf, startTunnel } from "./mod.ts";

const missing = whyNoStunnel();

/** A test that needs stunnel, and says so when it is skipped. */
function withStunnel(name: string, fn: (t: Deno.TestContext) => Promise<void>): void {
  const ignore = missing !== undefined;
  Deno.test({ name: ignore ? `${name} (skipped: ${missing})` : name, ignore, fn });
}

const authority = await createAuthority();
const certificate = await authority.issue();
const VERDICTS = await Deno.readTextFile(new URL("../test/fixtures/stunnel/verdicts.txt", import.meta.url));
const ENDS = "client = yes\naccept = 127.0.0.1:0\nconnect = 127.0.0.1:9\n";
const WORDS = new Map([
  ["§client\n", `[a]\n${ENDS}`],
  ["§ends\n", ENDS],
  ["§server\n", "[a]\naccept = 127.0.0.1:0\nconnect = 9\n"],
  ["\\\n", ""],
]);
const AT_ONCE = 8;
const ESCAPES = new Map([["\\0", "\0"], ["\\r", "\r"], ["\\t", "\t"], ["\\v", "\v"], ["\\f", "\f"]]);

interface Case {
  readonly name: string;
  readonly stunnel: boolean;
  readonly here: boolean;
  readonly text: string;
  readonly included: Readonly<Record<string, string>>;
}

/** Reads the fixture; `§client` and the like stand for what every case has, a backslash at the end for no end of line. */
function readCases(): Case[] {
  return VERDICTS.split(/^## /m).slice(1).map((block) => {
    const [head = "", text = "", ...files] = block.replace(/\n\n$/, "\n").split(/^=> /m);
    const name = head.trim();
    const [verdict = ""] = text.split("\n", 1);
    const read = /^both (accept|refuse)$|^stunnel (accepts|refuses), this (accepts|refuses): \w/.exec(
      verdict,
    );
    assert(read, `${name}: no verdict`);
    const [, both, stunnel, here] = read;
    return {
      name,
      stunnel: (both ?? stunnel)?.startsWith("accept") ?? false,
      here: (both ?? here)?.startsWith("accept") ?? false,
      text: expand(text.slice(verdict.length + 1)),
      included: Object.fromEntries(files.map((file) => {
        const [path = ""] = file.split("\n", 1);
        return [path, expand(file.slice(path.length + 1))];
      })),
    };
  });
}

function expand(text: string): string {
  return text.replaceAll(
    /§\w+\n|\\\n|\\[0rtvf]|\\u[0-9a-fA-F]{4}/g,
    (found) => WORDS.get(found) ?? ESCAPES.get(found) ?? String.fromCharCode(parseInt(found.slice(2), 16)),
  );
}

async function writeFiles(folder: TempFolder): Promise<void> {
  await folder.write("ca.pem", authority.pem);
  await folder.write("server.pem", `${certificate.key}\n${certificate.cert}`);
  await Deno.chmod(folder.at("server.pem"), 0o600);
}

/** Writes the file as both read it: a mark has to stay the first thing in it. */
async function writeConf(folder: TempFolder, text: string): Promise<string> {
  const [, mark = "", rest = ""] = /^(\uFEFF?)([\s\S]*)$/.exec(text.replaceAll("@", folder.path)) ?? [];
  return await folder.write("main.conf", `${mark}${STUNNEL_PRELUDE}${rest}`);
}

function isAccepted({ services, problems }: ConfReading): boolean {
  return services.length > 0 && !problems.some(({ severity }) => severity === "error");
}

withStunnel("stunnel and this tunnel accept the same files, but for what is told", async (t) => {
  const long = (bytes: number) => `[a]\n${ENDS};${"x".repeat(bytes - 1)}\n`;
  const cases = [
    ...readCases(),
    { name: "line of 16 383 bytes", stunnel: true, here: true, text: long(16_383), included: {} },
    { name: "line of 16 384 bytes", stunnel: false, here: false, text: long(16_384), included: {} },
  ];
  assert(cases.length > 90);
  // Most of the time goes by while a program starts.
  for (let start = 0; start < cases.length; start += AT_ONCE) {
    const group = cases.slice(start, start + AT_ONCE);
    const found = await Promise.all(group.map(judge));
    for (const [index, { name, stunnel, here }] of group.entries()) {
      await t.step(name, () => {
        assert.equal(found[index]?.stunnel, stunnel, found[index]?.log);
        assert.equal(found[index]?.here, here, JSON.stringify(found[index]?.problems, null, 1));
      });
    }
  }
});

async function judge({ text, included }: Case) {
  await using folder = await TempFolder.make();
  await writeFiles(folder);
  for (const [path, content] of Object.entries(included)) await folder.write(path, content);
  const file = await writeConf(folder, text);
  await using peer = await startStunnel(file);
  const reading = await readStunnelConf(file);
  return { stunnel: peer.accepts, log: peer.log, here: isAccepted(reading), problems: reading.problems };
}

/** Answers every chunk with itself. */
async function echo(peer: TlsPeer): Promise<void> {
  peer.socket.on("data", (chunk) => void peer.send(chunk).catch(() => {}));
  await peer.ended();
  peer.closeNotify();
}

/** Where the section [a] of the same text listens: in stunnel, and here. */
async function startBoth(text: string) {
  const stack = new AsyncDisposableStack();
  const addresses: string[] = [];
  for (const name of ["stunnel", "here"] as const) {
    const folder = stack.use(await TempFolder.make());
    await writeFiles(folder);
    const file = await writeConf(folder, text);
    if (name === "stunnel") {
      addresses.push(await stack.use(await startStunnel(file)).listening("a"));
    } else {
      const { services } = await readStunnelConf(file);
      const tunnel = stack.use(await startTunnel({ services }));
      addresses.push(...tunnel.service("a")?.addresses ?? []);
    }
  }
  assert.equal(addresses.length, 2);
  return { addresses, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

withStunnel("client sections carry the same bytes through both", async (t) => {
  await using server = await startTlsServer({ certificate, serve: echo });
  const target = `client = yes\nconnect = localhost:${server.port}\nCAfile = @/ca.pem\n`;
  const texts: [string, string][] = [
    ["plain", `[a]\n${target}accept = 127.0.0.1:0\n`],
    ["verified", `[a]\n${target}accept = 127.0.0.1:0\nverifyChain = yes\ncheckHost = localhost\n`],
    ["defaults", `${target}[b]\naccept = 127.0.0.1:0\n[a]\naccept = localhost:0\n`],
    ["UNIX socket", `[a]\n${target}accept = @/a.sock\n`],
    ["sslVersion = TLSv1.3", `[a]\n${target}accept = 127.0.0.1:0\nsslVersion = TLSv1.3\n`],
    ["client certificate", `[a]\n${target}accept = 127.0.0.1:0\ncert = @/server.pem\n`],
    ["second target", `[a]\nconnect = 127.0.0.1:1\n${target}accept = 127.0.0.1:0\n`],
  ];
  for (const [name, text] of texts) {
    await t.step(name, async () => {
      await using both = await startBoth(text);
      for (const address of both.addresses) {
        await using client = await PlainClient.connect(address);
        await client.send("hello");
        await client.until("hello");
        client.half();
        assert.deepEqual(await client.ending(), { text: "hello", end: "EOF" });
      }
    });
  }
});

withStunnel("server sections carry the same bytes through both", async (t) => {
  using backend = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    for await (const connection of backend) {
      void connection.readable.pipeTo(connection.writable).catch(() => {});
    }
  })();
  const text = `[a]\naccept = 127.0.0.1:0\nconnect = 127.0.0.1:${backend.addr.port}\ncert = @/server.pem\n`;
  await t.step("implicit TLS", async () => {
    await using both = await startBoth(text);
    for (const address of both.addresses) {
      const port = Number(address.split(":")[1]);
      using client = await Deno.connectTls({ hostname: "localhost", port, caCerts: [authority.pem] });
      await client.write(new TextEncoder().encode("hello"));
      const buffer = new Uint8Array(5);
      assert.equal(await client.read(buffer), 5);
      assert.equal(new TextDecoder().decode(buffer), "hello");
    }
  });
  backend.close();
  await served;
});

withStunnel("a server with a certificate for another name: stunnel takes it, this does not", async () => {
  const other = await authority.issue({ names: ["other.example"] });
  await using server = await startTlsServer({ certificate: other, serve: echo });
  const target = `client = yes\naccept = 127.0.0.1:0\nconnect = localhost:${server.port}\n`;
  await using both = await startBoth(`[a]\n${target}CAfile = @/ca.pem\n`);
  const [stunnel = "", here = ""] = both.addresses;
  await using deceived = await PlainClient.connect(stunnel);
  await deceived.send("hello");
  await deceived.until("hello");
  await using client = await PlainClient.connect(here);
  await client.send("hello").catch(() => {});
  assert.notEqual((await client.ending()).text, "hello");
});
