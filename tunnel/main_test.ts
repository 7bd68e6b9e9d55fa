import assert from "node:assert/strict";
import { createAuthority } from "../test/servers/certificates.ts";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startTlsServer } from "../test/servers/tls_server.ts";
import { TunnelProgram } from "../test/servers/tunnel_program.ts";

/** A folder with a service in `a.conf`, and its server. */
async function prepare() {
  const stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const authority = await createAuthority();
  const server = stack.use(
    await startTlsServer({
      certificate: await authority.issue(),
      serve: async (peer) => {
        peer.socket.on("data", (chunk) => void peer.send(chunk).catch(() => {}));
        await peer.ended();
        peer.closeNotify();
      },
    }),
  );
  await Deno.writeTextFile(`${folder}/ca.pem`, authority.pem);
  const section = (name: string) =>
    `[${name}]\nclient = yes\naccept = 127.0.0.1:0\nconnect = localhost:${server.port}\nCAfile = ca.pem\n`;
  const file = `${folder}/a.conf`;
  await Deno.writeTextFile(file, section("one"));
  return { file, section, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const LISTENING = /listening service="one" address="([^"]+)"/;

Deno.test("the program serves the sections of its files, and ends with 0 on SIGTERM, also when sent twice", async () => {
  await using given = await prepare();
  await using program = new TunnelProgram([given.file]);
  const [, address = ""] = await program.until(LISTENING);
  const client = await PlainClient.connect(address);
  await client.send("hello");
  await client.until("hello");
  client.half();
  await client.close();
  program.kill("SIGTERM");
  program.kill("SIGTERM");
  assert.equal((await program.ended()).code, 0);
});

Deno.test("SIGHUP takes a new file, keeps open connections, and leaves everything when the file is faulty", async () => {
  await using given = await prepare();
  await using program = new TunnelProgram([given.file]);
  const [, address = ""] = await program.until(LISTENING);
  await using client = await PlainClient.connect(address);
  await client.send("before");
  await client.until("before");
  await Deno.writeTextFile(given.file, `; a line more\n${given.section("one")}${given.section("two")}`);
  program.kill("SIGHUP");
  await program.until(/listening service="two"/);
  await program.until(/INFO reloaded/);
  await client.send(" after");
  await client.until("before after");
  await Deno.writeTextFile(given.file, `${given.section("one")}nonsense = 1\n`);
  program.kill("SIGHUP");
  await program.until(/Cannot reload/);
  await client.send(" still");
  await client.until("before after still");
});

Deno.test("a faulty section is named while the others run", async () => {
  await using given = await prepare();
  await Deno.writeTextFile(given.file, `[bad]\nclient = yes\nexec = sh\n${given.section("one")}`);
  await using program = new TunnelProgram([given.file]);
  await program.until(LISTENING);
  await program.until(/ERROR .*a\.conf:3 \[bad\]: exec: not supported/);
});

Deno.test("exit codes: 78 when nothing can run or --check finds a fault, 64 for a wrong command line", async (t) => {
  await using given = await prepare();
  const code = async (...args: string[]) => {
    await using program = new TunnelProgram(args);
    return (await program.ended()).code;
  };
  await t.step("missing file", async () => assert.equal(await code("/nowhere.conf"), 78));
  await t.step("--check, good", async () => assert.equal(await code("--check", given.file), 0));
  await Deno.writeTextFile(given.file, `${given.section("one")}nonsense = 1\n`);
  await t.step("--check, faulty", async () => assert.equal(await code("--check", given.file), 78));
  await Deno.writeTextFile(given.file, "; nothing\n");
  await t.step("--check, no section", async () => assert.equal(await code("--check", given.file), 78));
  await t.step("no file", async () => assert.equal(await code(), 64));
  await t.step("unknown switch", async () => assert.equal(await code("--fast", given.file), 64));
  await t.step("--help", async () => assert.equal(await code("--help"), 0));
});

Deno.test("SIGHUP while it ends opens nothing again, and lets the open connections end", async () => {
  await using given = await prepare();
  await using program = new TunnelProgram([given.file]);
  const [, address = ""] = await program.until(LISTENING);
  const client = await PlainClient.connect(address);
  await client.send("before");
  await client.until("before");
  program.kill("SIGTERM");
  await program.until(/service stopped/);
  await Deno.writeTextFile(given.file, given.section("two"));
  program.kill("SIGHUP");
  await program.until(/Cannot reload: the tunnel is ending/);
  await client.send(" after");
  await client.until("before after");
  client.half();
  assert.equal((await client.ending()).end, "EOF");
  const { code, text } = await program.ended();
  assert.equal(code, 0);
  assert.doesNotMatch(text, /service="two"|INFO reloaded/);
});
