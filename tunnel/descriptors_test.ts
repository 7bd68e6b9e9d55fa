/** A process that may open few files: full for a while, never for good. */
import assert from "node:assert/strict";
import { PlainClient } from "../test/servers/plain_client.ts";
import { TempFolder } from "../test/servers/temp_folder.ts";
import { startTlsServer } from "../test/servers/tls_server.ts";
import { TunnelProgram } from "../test/servers/tunnel_program.ts";
import { caFile, certificate, echo } from "../test/servers/tunnels.ts";

const MOST_FILES = 64;
const CROWD = 80;

/** Connects until there is an answer: a listener that has just recovered still resets who came before. */
async function served(address: string): Promise<PlainClient> {
  for (;;) {
    try {
      const client = await PlainClient.connect(address);
      await client.send("again");
      await client.until("again");
      return client;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

for (
  const [name, path] of [["threads", ""], [
    "node:tls",
    "checkHost = localhost\ncheckHost = also.example\n",
  ]] as const
) {
  Deno.test({
    name: `running out of descriptors cuts nobody, and later clients are served again (${name})`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      await using folder = await TempFolder.make();
      await using server = await startTlsServer({ certificate, serve: echo });
      const file = await folder.write(
        "a.conf",
        `[one]\nclient = yes\naccept = 127.0.0.1:0\nconnect = localhost:${server.port}\nCAfile = ${caFile}\n${path}`,
      );
      await using program = new TunnelProgram([file], ["prlimit", `--nofile=${MOST_FILES}:${MOST_FILES}`]);
      const [, address = ""] = await program.until(/listening service="one" address="([^"]+)"/);
      const early = await served(address);
      for (let round = 0; round < 2; round++) {
        // Those that wait at a listener which is opened anew are reset: only who was there before is not to be cut.
        const attempts = await Promise.allSettled(
          Array.from({ length: CROWD }, async () => {
            const client = await PlainClient.connect(address);
            await client.send("x").catch(() => {});
            return client;
          }),
        );
        const crowd = attempts.filter((attempt) => attempt.status === "fulfilled").map(({ value }) => value);
        await program.until(/Cannot connect to "localhost:\d+": this process may not open more files/);
        await early.send(" still");
        await early.until("again" + " still".repeat(round + 1));
        for (const client of crowd) {
          client.reset();
          await client.close();
        }
        const late = await served(address);
        late.half();
        assert.equal((await late.ending()).end, "EOF");
      }
      early.half();
      assert.equal((await early.ending()).end, "EOF");
      program.kill("SIGTERM");
      assert.equal((await program.ended()).code, 0);
    },
  });
}
