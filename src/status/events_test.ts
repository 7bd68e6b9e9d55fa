import assert from "node:assert/strict";
import { SamplePage } from "./serve_sample.ts";
import { Events } from "./events.ts";
import { SampleView } from "./sample_view.ts";

function lines(response: Response): ReadableStreamDefaultReader<string> {
  assert.ok(response.body);
  return response.body.pipeThrough(new TextDecoderStream()).getReader();
}

Deno.test("/events tells of a change", async () => {
  await using page = new SamplePage();
  const response = await page.fetch("/events");
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const reader = lines(response);
  assert.match((await reader.read()).value ?? "", /event: status\ndata: hello\n\n$/);
  page.view.change();
  assert.equal((await reader.read()).value, "event: status\ndata: changed\n\n");
  await reader.cancel();
});

Deno.test("/events sends many changes as one", async () => {
  await using page = new SamplePage();
  const reader = lines(await page.fetch("/events"));
  await reader.read();
  for (let change = 0; change < 1000; change += 1) page.view.change();
  assert.equal((await reader.read()).value, "event: status\ndata: changed\n\n");
  page.stop();
  assert.ok((await reader.read()).done);
});

Deno.test("/events ends when the gateway stops, and takes nobody afterwards", async () => {
  await using page = new SamplePage();
  const reader = lines(await page.fetch("/events"));
  await reader.read();
  assert.equal(page.view.listeners, 1);
  page.stop();
  assert.ok((await reader.read()).done);
  assert.equal(page.view.listeners, 0);
  const late = await page.fetch("/events");
  await late.body?.cancel();
  assert.equal(late.status, 503);
});

Deno.test("/events ends when the gateway says that it stops", async () => {
  await using page = new SamplePage();
  const reader = lines(await page.fetch("/events"));
  await reader.read();
  page.view.change({ ...page.view.current, stopping: true });
  assert.equal((await reader.read()).value, "event: status\ndata: changed\n\n");
  assert.ok((await reader.read()).done);
  const late = await page.fetch("/events");
  await late.body?.cancel();
  assert.equal(late.status, 503);
});

Deno.test("Events lets go of the gateway with its last reader and refuses too many", async () => {
  const view = new SampleView();
  const events = new Events(view);
  const streams = Array.from({ length: 64 }, () => events.open());
  assert.equal(events.open(), undefined);
  assert.equal(view.listeners, 1);
  for (const stream of streams) await stream?.cancel();
  assert.equal(view.listeners, 0);
  const again = events.open();
  assert.equal(view.listeners, 1);
  await again?.cancel();
});
