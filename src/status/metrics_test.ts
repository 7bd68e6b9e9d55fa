import assert from "node:assert/strict";
import { writeMetrics } from "./metrics.ts";
import { mixedSnapshot, sampleLauncher, sampleSnapshot, sampleTunnel, SampleView } from "./sample_view.ts";
import { SamplePage } from "./serve_sample.ts";

const SAMPLE = /^([a-z_]+)(?:\{([a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

Deno.test("/metrics is Prometheus text: every line a sample of a family told before, none twice", async () => {
  await using page = new SamplePage();
  const response = await page.fetch("/metrics");
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  assert.ok(text.endsWith("\n"));
  const types = new Map<string, string>();
  const seen = new Set<string>();
  for (const line of text.trimEnd().split("\n")) {
    const [, family, type] = /^# TYPE (\S+) (counter|gauge)$/.exec(line) ?? [];
    if (family && type) types.set(family, type);
    if (line.startsWith("#")) continue;
    const [, name = ""] = SAMPLE.exec(line) ?? [];
    assert.ok(types.has(name), line);
    assert.equal(types.get(name) === "counter", name.endsWith("_total"), line);
    const series = line.slice(0, line.lastIndexOf(" "));
    assert.ok(!seen.has(series), line);
    seen.add(series);
  }
});

Deno.test("writeMetrics() tells what launchers and services did", () => {
  const text = writeMetrics(mixedSnapshot(), new SampleView().quarantine());
  for (
    const line of [
      'lanceur_documents_delivered_total{launcher="factures"} 141',
      'lanceur_items_total{launcher="factures",outcome="delivered"} 128',
      'lanceur_items_skipped_total{launcher="factures",rule="filter.max_size"} 4',
      'lanceur_polls_total{launcher="factures",result="failed"} 2',
      'lanceur_ledger_items{launcher="actes",outcome="quarantined"} 2',
      'lanceur_launcher_state{launcher="mairie",state="locked"} 1',
      'lanceur_launcher_state{launcher="mairie",state="idle"} 0',
      'lanceur_quarantine_items{launcher="actes"} 1',
      'lanceur_last_poll_duration_seconds{launcher="factures"} 2.4',
      'lanceur_tunnel_bytes_total{service="gmail-pop3",direction="out"} 1730000000',
      'lanceur_tunnel_connections_refused_total{service="ancien"} 1',
      'lanceur_configuration_problems{severity="warning"} 2',
    ]
  ) assert.ok(text.includes(`${line}\n`), line);
  assert.match(text, /^process_resident_memory_bytes \d+$/m);
});

Deno.test("writeMetrics() escapes what a label may not hold", () => {
  const snapshot = sampleSnapshot({ launchers: [sampleLauncher('a"b\\c\nd')] });
  assert.ok(writeMetrics(snapshot, []).includes('{launcher="a\\"b\\\\c\\nd"}'));
});

Deno.test("writeMetrics() tells two services of one name apart", () => {
  const tunnels = [sampleTunnel("pop3"), sampleTunnel("pop3", { file: "other.conf", line: 9 })];
  const text = writeMetrics(sampleSnapshot({ tunnels }), []);
  assert.ok(text.includes('service="pop3 (launchers.d/gmail.conf:4)"'));
  assert.ok(text.includes('service="pop3 (other.conf:9)"'));
});
