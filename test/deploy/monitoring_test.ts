/** What is shipped for Prometheus and Grafana, checked by promtool and against what /metrics really tells. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import dashboard from "../../src/deploy/grafana-dashboard.json" with { type: "json" };
import { mixedSnapshot, SampleView } from "../../src/status/sample_view.ts";
import { writeMetrics } from "../../src/status/metrics.ts";
import { isInstalled, skipped } from "../servers/installed.ts";

const ALERTS = fileURLToPath(new URL("../../src/deploy/prometheus-alerts.yml", import.meta.url));
const ALERTS_TEST = fileURLToPath(new URL("alerts.test.yml", import.meta.url));

function metricsText(): string {
  const snapshot = mixedSnapshot();
  const quarantine = { ...snapshot.quarantine, sizeBytes: 1, maxBytes: 2 };
  return writeMetrics({ ...snapshot, quarantine }, new SampleView().quarantine());
}

const ignore = skipped(
  isInstalled("promtool") ? undefined : "promtool is not installed (Debian: apt install prometheus)",
) !== undefined;

async function promtool(args: readonly string[], input = ""): Promise<string> {
  const child = new Deno.Command("promtool", {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.equal(code, 0, said);
  return said;
}

Deno.test({
  name: "promtool check metrics has nothing to say about /metrics",
  ignore,
  async fn() {
    assert.equal(await promtool(["check", "metrics"], metricsText()), "");
  },
});

Deno.test({
  name: "promtool check rules accepts the alert rules",
  ignore,
  async fn() {
    assert.match(await promtool(["check", "rules", ALERTS]), /SUCCESS: 12 rules found/);
  },
});

Deno.test({
  name: "the alert rules tell what they should, when they should",
  ignore,
  async fn() {
    assert.match(await promtool(["test", "rules", ALERTS_TEST]), /SUCCESS/);
  },
});

Deno.test("dashboard and alert rules ask for nothing that /metrics does not tell", async () => {
  const told = new Set([...metricsText().matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  const asked = JSON.stringify(dashboard) + await Deno.readTextFile(ALERTS);
  const names = new Set(asked.match(/\b(?:lanceur|process)_[a-z_]+\b/g));
  assert.ok(names.size > 20);
  assert.deepEqual([...names].filter((name) => !told.has(name)), []);
});
