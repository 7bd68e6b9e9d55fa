import assert from "node:assert/strict";
import { createAuthority } from "../test/servers/certificates.ts";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startTlsServer } from "../test/servers/tls_server.ts";

const MAIN = new URL("main.ts", import.meta.url).pathname;

/** The program, with what it has written to standard error so far. */
class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  #text = "";
  #news = Promise.withResolvers<void>();
  readonly #read: Promise<void>;

  constructor(args: readonly string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-net", MAIN, ...args],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#read = this.#collect();
  }

  async #collect(): Promise<void> {
    for await (const chunk of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#text += chunk;
      this.#news.resolve();
    }
    this.#news.resolve();
  }

  /** Resolves with the match once it has been written. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    let ended = false;
    void this.#read.then(() => ended = true);
    for (;;) {
      const match = pattern.exec(this.#text);
      if (match !== null) return match;
      if (ended) throw new Error(`ended with: ${this.#text}`);
      await this.#news.promise;
      if (!ended) this.#news = Promise.withResolvers();
    }
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async ended(): Promise<{ code: number; text: string }> {
    const { code } = await this.#child.status;
    await this.#read;
    return { code, text: this.#text };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // Ended already.
    }
    await this.ended();
  }
}

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
  await using program = new Program([given.file]);
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
  await using program = new Program([given.file]);
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
  await using program = new Program([given.file]);
  await program.until(LISTENING);
  await program.until(/ERROR .*a\.conf:3 \[bad\]: exec: not supported/);
});

Deno.test("exit codes: 78 when nothing can run or --check finds a fault, 64 for a wrong command line", async (t) => {
  await using given = await prepare();
  const code = async (...args: string[]) => {
    await using program = new Program(args);
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

Deno.test({
  name: "running out of descriptors is survived: later clients are served again",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using given = await prepare();
    const child = new Deno.Command("prlimit", {
      args: [
        "--nofile=48:48",
        Deno.execPath(),
        "run",
        "--quiet",
        "--allow-read",
        "--allow-net",
        MAIN,
        given.file,
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const lines = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
    try {
      let text = "";
      let address: string | undefined;
      while (address === undefined) {
        const { value } = await lines.read();
        assert(value !== undefined, text);
        text += value;
        address = LISTENING.exec(text)?.[1];
      }
      // Nobody needs the log any more, but it must not fill its pipe.
      void (async () => {
        while (!(await lines.read().catch(() => ({ done: true }))).done);
      })();
      const crowd = [];
      for (let number = 0; number < 60; number++) crowd.push(await PlainClient.connect(address));
      for (const client of crowd) await client.close();
      for (;;) {
        try {
          const client = await PlainClient.connect(address);
          await client.send("again");
          await client.until("again");
          await client.close();
          break;
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      }
    } finally {
      child.kill("SIGKILL");
      await child.status;
      await lines.cancel();
    }
  },
});
