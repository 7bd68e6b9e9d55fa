import assert from "node:assert/strict";
import { TunnelHistory } from "./tunnel_history.ts";

const AT = new Date(0);

Deno.test("TunnelHistory keeps how connections ended, and faults, newest first", () => {
  const history = new TunnelHistory();
  const client = "127.0.0.1:40000";
  history.note({ level: "debug", message: "accepted", properties: { service: "a", client } }, AT);
  history.note({ level: "info", message: "listening", properties: { service: "a", address: "x" } }, AT);
  const ended = {
    service: "a",
    client,
    end: "done",
    target: "mail:995",
    tls: "TLSv1.3",
    bytesIn: 1,
    bytesOut: 2,
  };
  history.note(
    { level: "info", message: "connection ended", properties: { ...ended, durationMs: 3 } },
    AT,
  );
  history.note({ level: "warn", message: "Cannot reach mail:995", properties: { service: "a", client } }, AT);
  history.note({ level: "warn", message: "other", properties: {} }, AT);
  assert.deepEqual(history.of("a").map(({ message, isBad, durationMs }) => [message, isBad, durationMs]), [
    ["Cannot reach mail:995", true, undefined],
    ["done", false, 3],
  ]);
  assert.deepEqual(history.of("b"), []);
});

Deno.test("TunnelHistory keeps fifty of a service", () => {
  const history = new TunnelHistory();
  for (let number = 0; number < 80; number += 1) {
    history.note({ level: "warn", message: String(number), properties: { service: "a" } }, AT);
  }
  assert.equal(history.of("a").length, 50);
  assert.equal(history.of("a")[0]?.message, "79");
});
