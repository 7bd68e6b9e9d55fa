import assert from "node:assert/strict";
import { SamplePage } from "./serve_sample.ts";

function status(answer: string): number {
  return Number(answer.split(" ", 2)[1]);
}

const HOSTS = [
  { host: "127.0.0.1:8025", status: 200 },
  { host: "localhost", status: 200 },
  { host: "LOCALHOST:1", status: 200 },
  { host: "[::1]:8025", status: 200 },
  { host: "lanceur.mairie.fr", status: 200 },
  { host: "Lanceur.Mairie.fr:8443", status: 200 },
  { host: "evil.example", status: 421 },
  { host: "lanceur.mairie.fr.evil.example", status: 421 },
  { host: "localhost.evil.example", status: 421 },
  { host: "127.0.0.1.evil.example", status: 421 },
  { host: "evil.example#localhost", status: 421 },
  { host: "192.0.2.7", status: 421 },
];

Deno.test("only our own Host names are served", async (t) => {
  await using page = new SamplePage({ hosts: ["lanceur.mairie.fr"] });
  for (const { host, status: expected } of HOSTS) {
    await t.step(host, async () => {
      const answer = await page.raw(["GET /api/status HTTP/1.1", `Host: ${host}`]);
      if (expected !== 200) assert.ok(!answer.includes("factures"));
      // A Host that is no host at all is refused by the server itself.
      assert.ok([expected, ...(expected === 421 ? [400] : [])].includes(status(answer)), answer.slice(0, 80));
    });
  }
});

Deno.test("a foreign Host is refused on every route but /healthz, posts included", async () => {
  await using page = new SamplePage();
  for (const path of ["/", "/metrics", "/events", "/readyz", "/assets/status.js"]) {
    assert.equal(status(await page.raw([`GET ${path} HTTP/1.1`, "Host: evil.example"])), 421, path);
  }
  const post = ["POST /api/launchers/factures/run HTTP/1.1", "Host: evil.example", "Content-Length: 0"];
  assert.equal(status(await page.raw(post)), 421);
  assert.deepEqual(page.view.asked, []);
  assert.equal(status(await page.raw(["GET /healthz HTTP/1.1", "Host: 10.0.0.4"])), 200);
});

Deno.test("a target in absolute form cannot hide a foreign Host", async () => {
  await using page = new SamplePage();
  const lines = ["GET http://evil.example/api/status HTTP/1.1", "Host: localhost"];
  assert.ok(!(await page.raw(lines)).includes("factures"));
  const turned = ["GET http://localhost/api/status HTTP/1.1", "Host: evil.example"];
  assert.ok(!(await page.raw(turned)).includes("factures"));
});

Deno.test("off loopback addresses are accepted as Host, foreign names are not", async () => {
  await using page = new SamplePage({ loopback: false, token: "a long token" });
  const own = ["Authorization: Bearer wrong"];
  assert.equal(status(await page.raw(["GET / HTTP/1.1", "Host: 192.0.2.7:8025", ...own])), 401);
  assert.equal(status(await page.raw(["GET / HTTP/1.1", "Host: [2001:db8::7]:8025", ...own])), 401);
  assert.equal(status(await page.raw(["GET / HTTP/1.1", "Host: evil.example", ...own])), 421);
});

const POSTS = [
  { name: "a program, without either header", headers: [], status: 202 },
  {
    name: "our own page",
    headers: ["Sec-Fetch-Site: same-origin", "Origin: http://localhost:8025"],
    status: 202,
  },
  { name: "our own page in an old browser", headers: ["Origin: http://localhost:8025"], status: 202 },
  { name: "our page behind a proxy", headers: ["Origin: https://lanceur.mairie.fr"], status: 202 },
  { name: "another site", headers: ["Sec-Fetch-Site: cross-site"], status: 403 },
  { name: "another port of this machine", headers: ["Sec-Fetch-Site: same-site"], status: 403 },
  { name: "another site in an old browser", headers: ["Origin: https://evil.example"], status: 403 },
  { name: "another port in an old browser", headers: ["Origin: http://localhost:3000"], status: 403 },
  { name: "another port of the proxy", headers: ["Origin: https://lanceur.mairie.fr:9000"], status: 403 },
  { name: "a sandboxed frame", headers: ["Origin: null"], status: 403 },
];

Deno.test("posts from other sites are refused", async (t) => {
  await using page = new SamplePage({ hosts: ["lanceur.mairie.fr"] });
  for (const { name, headers, status: expected } of POSTS) {
    await t.step(name, async () => {
      const before = page.view.asked.length;
      const answer = await page.raw([
        "POST /api/launchers/factures/run HTTP/1.1",
        "Host: localhost:8025",
        "Content-Length: 0",
        ...headers,
      ]);
      assert.equal(status(answer), expected);
      assert.equal(page.view.asked.length - before, expected === 202 ? 1 : 0);
    });
  }
});

Deno.test("a body longer than any form, or of unknown length, is refused", async () => {
  await using page = new SamplePage();
  const response = await page.form("/api/launchers/factures/run", { fields: { back: "x".repeat(100_000) } });
  await response.body?.cancel();
  assert.equal(response.status, 413);
  // The server keeps a connection whose body it did not read for a while: only the answer is awaited.
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: page.port });
  const head = [
    "POST /api/launchers/factures/run HTTP/1.1",
    "Host: localhost",
    "Accept: text/html",
    "Content-Type: application/x-www-form-urlencoded",
    "Transfer-Encoding: chunked",
  ].join("\r\n");
  const body = `4000\r\n${"x".repeat(0x4000)}\r\n0\r\n\r\n`;
  const writer = connection.writable.getWriter();
  await writer.write(new TextEncoder().encode(`${head}\r\n\r\n${body}`));
  const { value } = await connection.readable.getReader().read();
  assert.equal(status(new TextDecoder().decode(value)), 413);
  assert.deepEqual(page.view.asked, []);
});
