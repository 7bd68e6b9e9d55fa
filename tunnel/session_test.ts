import assert from "node:assert/strict";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startTlsServer } from "../test/servers/tls_server.ts";
import { certificate, clientService, startService } from "../test/servers/tunnels.ts";

const SECRET = "correct-horse";
const MAIL = "Subject: entre nous\r\n\r\nle texte\r\n.\r\n";

for (const threads of [0, 2]) {
  Deno.test(`a connection's end is logged with its id, bytes, duration and reason; no word of it (${threads} threads)`, async () => {
    await using server = await startTlsServer({
      certificate,
      async serve(peer) {
        await peer.send("+OK ready\r\n");
        await peer.until(SECRET);
        await peer.send(MAIL);
        await peer.until("QUIT");
        await peer.send("+OK\r\n");
        peer.closeNotify();
      },
    });
    await using running = await startService(clientService(server.port, { mailProtocol: "pop3" }), {
      threads,
    });
    for (const _ of [1, 2]) {
      const client = await PlainClient.connect(running.address);
      await client.until("ready");
      await client.send(`USER ged\r\nPASS ${SECRET}\r\n`);
      await client.until("le texte");
      await client.send("QUIT\r\n");
      client.half();
      assert.equal((await client.ending()).end, "EOF");
    }
    const ended = await running.journal.logged("connection ended", { count: 2 });
    for (const { level, properties } of ended) {
      assert.equal(level, "info");
      assert.equal(properties["service"], "test");
      assert.equal(properties["end"], "done");
      assert.equal(properties["target"], `localhost:${server.port}`);
      assert.equal(properties["bytesIn"], `USER ged\r\nPASS ${SECRET}\r\nQUIT\r\n`.length);
      assert.equal(properties["bytesOut"], `+OK ready\r\n${MAIL}+OK\r\n`.length);
      assert.equal(typeof properties["durationMs"], "number");
      assert.match(String(properties["client"]), /^127\.0\.0\.1:\d+$/);
    }
    assert.notEqual(ended[0]?.properties["connection"], ended[1]?.properties["connection"]);
    const all = running.journal.text;
    for (const word of [SECRET, "USER", "entre nous", "le texte"]) assert(!all.includes(word), word);
  });
}
