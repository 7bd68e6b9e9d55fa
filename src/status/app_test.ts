import assert from "node:assert/strict";
import { ConfigError } from "../errors.ts";
import { createStatusApp } from "./app.tsx";
import { HOSTILE, mixedSnapshot, sampleLauncher, sampleSnapshot, SampleView } from "./sample_view.ts";
import { SamplePage } from "./serve_sample.ts";

const ESCAPED = "&lt;script&gt;alert(&quot;l&#39;été&quot;)&lt;/script&gt;";

Deno.test("/ names every launcher and service, and says what is wrong first", async () => {
  await using page = new SamplePage();
  const response = await page.get("/", { "accept-language": "fr" });
  assert.equal(response.status, 200);
  const html = await response.text();
  const { launchers, tunnels } = mixedSnapshot();
  for (const { name } of launchers) assert.ok(html.includes(`href="/launchers/${name}"`), name);
  for (const { name } of tunnels) assert.ok(html.includes(`href="/tunnels/${name}"`), name);
  assert.match(html, /<h1>3 problèmes demandent votre attention<\/h1>/);
  assert.ok(html.indexOf("<h1>") < html.indexOf("<h2"));
  assert.match(html, /aria-live="polite"/);
});

Deno.test("/ shows the first of many problems, and how many of the rest are problems", async () => {
  const found = (severity: "error" | "warning", count: number) =>
    Array.from({ length: count }, (_, n) => ({ severity, file: `${severity}${n}.toml`, message: "m" }));
  const view = new SampleView(sampleSnapshot({ problems: [...found("error", 14), ...found("warning", 1)] }));
  await using page = new SamplePage({}, view);
  const french = (await page.text("/?lang=fr")).replaceAll("\u00a0", " ");
  assert.match(french, /<h1>14 problèmes demandent votre attention<\/h1>/);
  assert.match(french, /et encore 6 problèmes et 1 point à regarder, plus bas/);
  assert.match(await page.text("/?lang=en"), /and 6 more problems and 1 point to look at, below/);
});

Deno.test("/ says that all is well when nothing is wrong", async () => {
  await using page = new SamplePage({}, new SampleView(sampleSnapshot()));
  assert.match(await page.text("/?lang=fr"), /<h1>Tout va bien<\/h1>/);
  assert.match(await page.text("/?lang=en"), /<h1>All is well<\/h1>/);
});

Deno.test("the page is in the browser's language, until another one is chosen", async () => {
  await using page = new SamplePage();
  assert.match(await page.text("/", { "accept-language": "fr-FR,fr;q=0.9,en;q=0.8" }), /<html lang="fr">/);
  assert.match(await page.text("/", { "accept-language": "de,en;q=0.7,fr;q=0.3" }), /<html lang="en">/);
  const chosen = await page.get("/?lang=en", { "accept-language": "fr" });
  await chosen.body?.cancel();
  const cookie = chosen.headers.get("set-cookie")?.split(";", 1)[0] ?? "";
  assert.equal(cookie, "lanceur_lang=en");
  assert.match(await page.text("/quarantine", { "accept-language": "fr", cookie }), /<html lang="en">/);
});

Deno.test("what comes from a mail is shown as text on every page", async () => {
  const name = "a/b <i>&'\"";
  const view = new SampleView(
    sampleSnapshot({
      launchers: [sampleLauncher(name, {
        description: HOSTILE,
        state: "error",
        error: { message: HOSTILE, remedy: HOSTILE, since: new Date(0) },
        progress: { done: 1, of: 2, bytes: 9, label: HOSTILE },
        settings: [{ name: HOSTILE, value: HOSTILE }],
      })],
      problems: [{ severity: "error", file: HOSTILE, message: HOSTILE, remedy: HOSTILE }],
    }),
  );
  await using page = new SamplePage({}, view);
  for (const path of ["/", `/launchers/${encodeURIComponent(name)}`, "/quarantine", "/tunnels/gmail-pop3"]) {
    const html = await page.text(path);
    assert.ok(!html.includes("<script>alert") && !html.includes("<i>"), path);
    assert.ok(!html.includes("&amp;lt;"), `escaped twice on ${path}`);
    if (path !== "/tunnels/gmail-pop3") assert.ok(html.includes(ESCAPED), path);
  }
});

Deno.test("a launcher's page shows its error, its items and its configuration", async () => {
  await using page = new SamplePage();
  const html = await page.text("/launchers/factures?lang=en");
  assert.match(html, /pop3 via gmail-pop3/);
  assert.match(html, /Facture n°12 \(été\)\.pdf/);
  assert.match(html, /listen\.account/);
  assert.match(await page.text("/launchers/mairie?lang=en"), /the password was refused 3 times/);
});

Deno.test("a long poll shows items, octets, rate and time left", async () => {
  await using page = new SamplePage();
  for (const path of ["/?lang=en", "/launchers/actes?lang=en"]) {
    const html = await page.text(path);
    assert.match(html, /<progress aria-label="Progress" max="2000" value="412"/, path);
    for (const figure of ["412 of 2,000", "1.24 GB", "24.6 MB/s", "3 min 14 s left"]) {
      assert.ok(html.includes(`<span>${figure}</span>`), `${path}: ${figure}`);
    }
  }
});

Deno.test("the first page shows each launcher's day as bars that are said in words, and what skipped items", async () => {
  await using page = new SamplePage();
  const html = await page.text("/?lang=en");
  assert.match(
    html,
    /<svg viewBox="0 0 144 30" role="img" aria-label="Last 24 hours: \d+ delivered, \d+ skipped, 1 failed"/,
  );
  assert.match(html, /skipped: name 12, too large 4, no document 1/);
});

Deno.test("a launcher's page shows its polls, and its items by outcome and a part at a time", async () => {
  await using page = new SamplePage();
  const html = await page.text("/launchers/factures?lang=en");
  assert.match(html, /17 polls/);
  assert.match(html, /href="\/launchers\/factures\?outcome=failed#items"/);
  const skipped = await page.text("/launchers/factures?lang=en&outcome=skipped");
  assert.ok(skipped.includes("Re: vos photos") && !skipped.includes("INBOX UID 17"));
  const after = await page.text("/launchers/factures?lang=en&after=0a1b2c3d4e5f60718293a4b5");
  assert.ok(after.includes("Re: vos photos") && !after.includes("INBOX UID 17"));
  assert.match(after, /<a href="\/launchers\/factures#items">Newest<\/a>/);
});

Deno.test("delivered items can be delivered again, and nothing else", async () => {
  await using page = new SamplePage();
  const html = await page.text("/launchers/factures?lang=en");
  assert.deepEqual(html.match(/action="\/api\/items\/[^"]+"/g), [
    'action="/api/items/0a1b2c3d4e5f60718293a4b5/redeliver"',
  ]);
});

Deno.test("what was deleted from its source is not offered to be delivered again", async () => {
  const view = new SampleView();
  const rows = view.items("factures", { limit: 9 }).map((row) => ({ ...row, isOriginalDeleted: true }));
  view.items = () => rows;
  await using page = new SamplePage({}, view);
  assert.doesNotMatch(await page.text("/launchers/factures?lang=en"), /\/redeliver"/);
});

Deno.test("an original in quarantine is handed out as a file that no browser shows", async () => {
  await using page = new SamplePage();
  const response = await page.get("/api/quarantine/20260309-1/original");
  assert.equal(await response.text(), HOSTILE);
  assert.equal(response.headers.get("content-type"), "application/octet-stream");
  assert.equal(response.headers.get("content-length"), String(new TextEncoder().encode(HOSTILE).length));
  assert.equal(
    response.headers.get("content-disposition"),
    `attachment; filename="_t_ _1_.html"; filename*=UTF-8''%C3%A9t%C3%A9%20%221%22.html`,
  );
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  const missing = await page.get("/api/quarantine/nothing/original");
  assert.equal(missing.status, 404);
  await missing.body?.cancel();
});

Deno.test("documents are named from the COLD root on, with the whole path on hovering", async () => {
  await using page = new SamplePage();
  const html = await page.text("/launchers/factures");
  const name = "factures/Facture n°12 (été).pdf";
  assert.ok(html.includes(`<code class="address" title="/srv/lanceur/var/cold/${name}">${name}</code>`));
});

Deno.test("without script, dropping asks again first", async () => {
  await using page = new SamplePage();
  const asked = await page.form("/api/quarantine/20260309-1/drop", { fields: { back: "/quarantine" } });
  assert.equal(asked.status, 200);
  assert.match(await asked.text(), /name="sure" value="yes"/);
  assert.deepEqual(page.view.asked, []);
  const done = await page.form("/api/quarantine/20260309-1/drop", {
    fields: { back: "/quarantine", sure: "yes" },
  });
  await done.body?.cancel();
  assert.equal(done.status, 303);
  assert.deepEqual(page.view.asked, ["drop 20260309-1"]);
});

Deno.test("a service's page shows its certificate, its days left and its connections", async () => {
  await using page = new SamplePage();
  const html = await page.text("/tunnels/gmail-pop3?lang=en");
  for (const text of ["TLSv1.3", "certificate: 71 days", "127.0.0.1:51724", "1.48 MB back"]) {
    assert.ok(html.includes(text), text);
  }
  const { connections } = await (await page.fetch("/api/tunnels/gmail-pop3")).json();
  assert.equal(connections.length, 2);
});

Deno.test("a service's page shows its error with every way to mend it", async () => {
  await using page = new SamplePage();
  const html = await page.text("/tunnels/gmail-smtp?lang=en");
  assert.match(html, /ports under 1024 need a right/);
  assert.match(html, /Use another port, here and in the mail program/);
  assert.match(html, /setcap/);
});

Deno.test("a service that verifies nobody is shown in red, on the first page and on its own", async () => {
  await using page = new SamplePage();
  for (const path of ["/?lang=en", "/tunnels/ancien?lang=en"]) {
    assert.match(await page.text(path), /<span class="badge bad">Not verified<\/span>/, path);
  }
});

Deno.test("pages are whole without script: every action is a form that comes back to its page", async () => {
  await using page = new SamplePage();
  assert.match(await page.text("/"), /<noscript><meta http-equiv="refresh"/);
  const html = await page.text("/launchers/mairie");
  assert.match(html, /<form method="post" action="\/api\/launchers\/mairie\/resume"/);
  assert.match(html, /<input type="hidden" name="back" value="\/launchers\/mairie">/);
  const response = await page.form("/api/launchers/mairie/resume", { fields: { back: "/launchers/mairie" } });
  await response.body?.cancel();
  assert.equal(response.status, 303);
  assert.match(response.headers.get("location") ?? "", /^\/launchers\/mairie\?notice=[0-9a-f-]{36}$/);
  assert.deepEqual(page.view.asked, ["resume mairie"]);
});

Deno.test("run, pause, resume, retry, drop and redeliver reach the gateway and answer programs in JSON", async () => {
  await using page = new SamplePage();
  for (const action of ["run", "pause", "resume"]) {
    const response = await page.fetch(`/api/launchers/factures/${action}`, { method: "POST" });
    assert.equal(response.status, 202);
    assert.deepEqual(await response.json(), { ok: true, launcher: "factures", action });
  }
  const response = await page.fetch("/api/quarantine/20260309-1/retry", { method: "POST" });
  assert.deepEqual(await response.json(), { ok: true, id: "20260309-1", action: "retry" });
  for (const path of ["quarantine/20260309-1/drop", "items/0a1b2c3d4e5f60718293a4b5/redeliver"]) {
    const done = await page.fetch(`/api/${path}`, { method: "POST" });
    assert.equal(done.status, 202);
    await done.body?.cancel();
  }
  assert.deepEqual(page.view.asked, [
    "run factures",
    "pause factures",
    "resume factures",
    "retry 20260309-1",
    "drop 20260309-1",
    "redeliver 0a1b2c3d4e5f60718293a4b5",
  ]);
});

Deno.test("a run that goes on is not waited for", async () => {
  class Busy extends SampleView {
    override run(): Promise<void> {
      return new Promise(() => {});
    }
  }
  await using page = new SamplePage({}, new Busy());
  const response = await page.fetch("/api/launchers/factures/run", { method: "POST" });
  assert.equal(response.status, 202);
  await response.body?.cancel();
});

Deno.test("a refusal of the gateway is told, to people and to programs", async () => {
  await using page = new SamplePage();
  page.view.refusal = `Cannot run "factures": it is being polled`;
  const json = await page.fetch("/api/launchers/factures/run", { method: "POST" });
  assert.equal(json.status, 409);
  assert.deepEqual(await json.json(), { error: page.view.refusal });
  const html = await page.form("/api/launchers/factures/run", { headers: { "accept-language": "fr" } });
  assert.equal(html.status, 409);
  const text = await html.text();
  assert.match(text, /La demande n’a pas abouti/);
  assert.match(text, /it is being polled/);
});

Deno.test("forms never lead to another site", async () => {
  await using page = new SamplePage();
  for (
    const back of ["//evil.example", "https://evil.example/", "/\\evil.example", "/launchers/../x/y", ""]
  ) {
    const response = await page.form("/api/launchers/factures/pause", { fields: { back } });
    await response.body?.cancel();
    assert.match(
      response.headers.get("location") ?? "",
      /^\/launchers\/factures\?notice=[0-9a-f-]{36}$/,
      back,
    );
  }
});

Deno.test("unknown launchers, services, quarantine entries and addresses are 404", async () => {
  await using page = new SamplePage();
  for (const path of ["/launchers/nobody", "/tunnels/nobody", "/nowhere", "/assets/constructor"]) {
    const response = await page.get(path);
    assert.equal(response.status, 404, path);
    assert.match(await response.text(), /<h1>/);
  }
  const posts = [
    "/api/launchers/nobody/run",
    "/api/launchers/factures/delete",
    "/api/launchers/factures/constructor",
    "/api/quarantine/nothing/retry",
  ];
  for (const path of posts) {
    const response = await page.fetch(path, { method: "POST" });
    assert.equal(response.status, 404, path);
    assert.equal(typeof (await response.json()).error, "string");
  }
  assert.deepEqual(page.view.asked, []);
});

Deno.test("/healthz, /readyz and /api/status tell machines how things stand", async () => {
  await using page = new SamplePage({}, new SampleView(sampleSnapshot()));
  const health = await page.fetch("/healthz");
  assert.equal(health.status, 200);
  assert.equal(await health.text(), "ok\n");
  const ready = await page.fetch("/readyz");
  assert.equal(ready.status, 200);
  assert.deepEqual(await ready.json(), { ready: true, reasons: [] });
  page.view.change(mixedSnapshot());
  const unready = await page.fetch("/readyz");
  assert.equal(unready.status, 503);
  const { reasons } = await unready.json();
  assert.equal(reasons.length, 3);
  assert.match(reasons[0], /^launcher mairie: locked: /);
  const status = await (await page.fetch("/api/status")).json();
  assert.equal(status.launchers[0].lastPoll.at, "2026-03-09T09:27:50.000Z");
  assert.equal(status.tunnels.length, 3);
  assert.equal(status.ready, false);
  assert.equal(status.headline.ok, false);
  const launcher = await (await page.fetch("/api/launchers/factures")).json();
  assert.equal(launcher.items.length, 2);
  const { quarantine } = await (await page.fetch("/api/quarantine")).json();
  assert.equal(quarantine.length, 2);
});

Deno.test("/readyz counts the launchers that it is told to, and tells of one that is not there", async () => {
  await using page = new SamplePage({ ready: ["factures"] });
  page.view.change({ ...mixedSnapshot(), tunnels: [] });
  const ready = await page.fetch("/readyz");
  assert.equal(ready.status, 200);
  await ready.body?.cancel();
  await using other = new SamplePage({ ready: ["chorus", "nobody"] });
  const unready = await other.fetch("/readyz");
  assert.equal(unready.status, 503);
  const { reasons } = await unready.json();
  assert.match(reasons[0], /^launcher chorus: error/);
  assert.equal(reasons[1], "launcher nobody: it is not there");
});

Deno.test("every page carries strict headers and nothing inline", async () => {
  await using page = new SamplePage();
  for (
    const path of [
      "/",
      "/launchers/factures",
      "/tunnels/gmail-pop3",
      "/quarantine",
      "/api/status",
      "/nowhere",
    ]
  ) {
    const response = await page.get(path);
    const { headers } = response;
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.ok(!policy.includes("unsafe"));
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "same-origin");
    assert.equal(headers.get("strict-transport-security"), null);
    assert.equal(headers.get("cache-control"), "no-store");
    const html = await response.text();
    assert.ok(!/\sstyle=|\son\w+=|<script>/.test(html), path);
  }
});

Deno.test("the page's own files are served with their type, for ever", async () => {
  await using page = new SamplePage();
  const html = await page.text("/");
  const addresses = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, address]) =>
    address ?? ""
  );
  assert.equal(addresses.length, 3);
  const types = [];
  for (const address of addresses) {
    const response = await page.fetch(address);
    assert.match(response.headers.get("cache-control") ?? "", /immutable/);
    types.push(response.headers.get("content-type"));
    assert.ok((await response.text()).length > 100);
  }
  assert.deepEqual(types.sort(), [
    "image/svg+xml",
    "text/css; charset=utf-8",
    "text/javascript; charset=utf-8",
  ]);
});

Deno.test("a bug is told to the gateway, and nothing of it to the reader", async () => {
  class Broken extends SampleView {
    override snapshot(): never {
      throw new TypeError("secret inside");
    }
  }
  const errors: unknown[] = [];
  await using page = new SamplePage({ onError: (error) => errors.push(error) }, new Broken());
  const response = await page.get("/");
  assert.equal(response.status, 500);
  assert.ok(!(await response.text()).includes("secret"));
  assert.equal(errors.length, 1);
});

Deno.test("createStatusApp() refuses to serve strangers without a token", () => {
  assert.throws(() => createStatusApp(new SampleView(), { loopback: false }), ConfigError);
  assert.throws(() => createStatusApp(new SampleView(), { loopback: false, token: "" }), ConfigError);
});
