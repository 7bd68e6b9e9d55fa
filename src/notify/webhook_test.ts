import assert from "node:assert/strict";
import { createAuthority } from "../../test/servers/certificates.ts";
import { freePort } from "../../test/servers/free_port.ts";
import { startWebhookServer } from "../../test/servers/webhook_server.ts";
import { testMessage } from "./message.ts";
import { faultOfWebhook } from "./webhook_address.ts";
import { postMessage } from "./webhook.ts";

const TOKEN = "jeton-du-salon";
const message = testMessage({ lang: "fr", page: "" });
const signal = () => AbortSignal.timeout(10_000);

Deno.test("faultOfWebhook() wants https, or http to a private address, and repeats nothing", () => {
  for (
    const address of [
      "https://chat.exemple.fr/hooks/x?y=z",
      "http://127.0.0.1:8/x",
      "http://10.1.2.3/x",
      " https://a.fr/ ",
    ]
  ) {
    assert.equal(faultOfWebhook(address), undefined, address);
  }
  for (const address of ["", "chat.exemple.fr", `http://chat.exemple.fr/${TOKEN}`, `ftp://a.fr/${TOKEN}`]) {
    const fault = faultOfWebhook(address);
    assert.ok(fault !== undefined && !fault.includes(TOKEN), address);
  }
});

Deno.test("a webhook behind a private authority is verified, and trusted with its ca_file only", async () => {
  const authority = await createAuthority();
  await using server = startWebhookServer(() => 200, await authority.issue());
  const address = `https://127.0.0.1:${server.port}/${TOKEN}`;
  await assert.rejects(
    postMessage(message, { address, authorities: [], signal: signal() }),
    (error: Error) =>
      /signed by an authority that is not known here; give .* as ca_file/.test(error.message) &&
      !error.message.includes(TOKEN),
  );
  await postMessage(message, { address, authorities: [authority.pem], signal: signal() });
  assert.equal(server.posted.length, 1);
});

Deno.test("what a webhook answers is said with a remedy, and never with its token", async (t) => {
  for (
    const [status, expected] of [[302, /it redirects/], [404, /it answers 404; check the address/], [
      500,
      /it answers 500$/,
    ]] as const
  ) {
    await t.step(String(status), async () => {
      await using server = startWebhookServer(() => status);
      const address = `http://127.0.0.1:${server.port}/${TOKEN}`;
      await assert.rejects(
        postMessage(message, { address, authorities: [], signal: signal() }),
        (error: Error) => {
          assert.match(error.message, expected);
          assert.ok(!error.message.includes(TOKEN), error.message);
          return true;
        },
      );
    });
  }
  await t.step("nothing at all", async () => {
    const address = `http://127.0.0.1:${freePort()}/${TOKEN}`;
    await assert.rejects(
      postMessage(message, { address, authorities: [], signal: signal() }),
      (error: Error) => {
        assert.match(
          error.message,
          /^Cannot post to the webhook at "127\.0\.0\.1:\d+": the connection was refused/,
        );
        assert.ok(!error.message.includes(TOKEN), error.message);
        return true;
      },
    );
  });
});
