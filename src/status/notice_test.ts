/** What the page says of what its reader asked for. */
import assert from "node:assert/strict";
import { Notices } from "./notices.ts";
import { HOSTILE, SampleView } from "./sample_view.ts";
import { SamplePage } from "./serve_sample.ts";
import type { ActionReport } from "./view.ts";

/** Polls and retries of it end when the test says how. */
class Waiting extends SampleView {
  readonly end = Promise.withResolvers<ActionReport>();
  override run(): Promise<ActionReport> {
    return this.end.promise;
  }
  override retry(): Promise<ActionReport> {
    return this.end.promise;
  }
}

const NOTHING = { delivered: 0, skipped: 0, quarantined: 0, failed: 0, known: 0, items: [] };

/** Presses a button as a browser without script does; gives back the address of the page that follows. */
async function press(page: SamplePage, path: string): Promise<string> {
  const response = await page.form(path, { fields: { sure: "yes" } });
  await response.body?.cancel();
  assert.equal(response.status, 303);
  return response.headers.get("location") ?? "";
}

/** The notice of a page as text, and its tone. */
async function noticeOf(page: SamplePage, address: string, lang = "fr"): Promise<string> {
  const html = await page.text(address, { "accept-language": lang });
  const [, tone = "", inner = ""] =
    /<div id="notice"[^>]*?(?: class="notice (\w+)")?>(.*?)<\/div>/s.exec(html) ?? [];
  return `${tone}: ${inner.replace(/<a .*/s, "").replace(/<[^>]*>/g, "")}`;
}

Deno.test("a page says that what was asked for is done, in the reader's language", async () => {
  await using page = new SamplePage();
  const paused = await press(page, "/api/launchers/factures/pause");
  assert.equal(await noticeOf(page, paused), "good: Pause\u00a0: factures – c’est fait");
  assert.equal(await noticeOf(page, paused, "en"), "good: Pause: factures – done");
  const dropped = await press(page, "/api/quarantine/20260309-1/drop");
  assert.match(await noticeOf(page, dropped, "en"), /^good: Drop: .+ – done$/);
});

Deno.test("a page says how a poll ends once it is over, and open pages are told to look", async () => {
  const view = new Waiting();
  await using page = new SamplePage({}, view);
  const events = (await page.fetch("/events")).body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.match((await events?.read())?.value ?? "", /hello/);
  const address = await press(page, "/api/launchers/factures/run");
  assert.equal(await noticeOf(page, address, "en"), "busy: Poll now: factures – under way…");
  assert.match(await page.text(address), /<meta http-equiv="refresh" content="3"/);
  view.end.resolve({ ...NOTHING, delivered: 3, quarantined: 1 });
  assert.match((await events?.read())?.value ?? "", /changed/);
  assert.equal(await noticeOf(page, address, "en"), "warn: Poll now: factures – 3 delivered, 1 quarantined");
  assert.equal(await noticeOf(page, address), "warn: Relever\u00a0: factures – 3 livrés, 1 en quarantaine");
  await events?.cancel();
});

Deno.test("a page says what became of an item tried again, and why", async () => {
  const view = new Waiting();
  await using page = new SamplePage({}, view);
  const item = { label: "UID 1", outcome: "quarantined", reason: `still ${HOSTILE}` } as const;
  view.end.resolve({ ...NOTHING, quarantined: 1, items: [item] });
  const address = await press(page, "/api/quarantine/20260309-1/retry");
  assert.match(await noticeOf(page, address, "en"), /^warn: Retry: .* – quarantined: still &lt;script/);
});

Deno.test("Notices keep the first item of a poll alone, however many it has brought", async () => {
  const ended = Promise.withResolvers<void>();
  const notices = new Notices(() => ended.resolve());
  const items = [1, 2, 3].map((n) => ({ label: `UID ${n}`, outcome: "delivered", reason: null } as const));
  const report = { ...NOTHING, launcher: "factures", delivered: 3, items };
  const id = notices.begin({ action: "run", name: "factures" }, Promise.resolve(report));
  await ended.promise;
  assert.deepEqual(notices.find(id)?.report, { ...NOTHING, delivered: 3, items: items.slice(0, 1) });
});

Deno.test("a page says why a poll failed that was under way by then", async () => {
  const view = new Waiting();
  await using page = new SamplePage({}, view);
  const address = await press(page, "/api/launchers/factures/run");
  view.end.reject(new Error("Cannot connect"));
  assert.equal(await noticeOf(page, address, "en"), "bad: Poll now: factures – Cannot connect");
});

Deno.test("a refusal names a notice too, which says what was refused and why", async () => {
  await using page = new SamplePage();
  page.view.refusal = "Cannot run it: it is busy";
  const response = await page.fetch("/api/launchers/factures/run", { method: "POST" });
  await response.body?.cancel();
  assert.equal(response.status, 409);
  const address = response.headers.get("location") ?? "";
  assert.equal(await noticeOf(page, address, "en"), "bad: Poll now: factures – Cannot run it: it is busy");
});

Deno.test("an address shows no text of its own, and the oldest notices are forgotten", async () => {
  await using page = new SamplePage();
  for (const id of ["<b>x</b>", "done", crypto.randomUUID(), "__proto__"]) {
    assert.equal(await noticeOf(page, `/?notice=${encodeURIComponent(id)}`), ": ");
  }
  const first = await press(page, "/api/launchers/factures/pause");
  let last = first;
  for (let n = 0; n < 100; n++) last = await press(page, "/api/launchers/factures/pause");
  assert.equal(await noticeOf(page, first), ": ");
  assert.match(await noticeOf(page, last), /^good: /);
});
