import assert from "node:assert/strict";
import { conditionOf } from "./health.ts";
import type { LauncherView, Snapshot, TunnelView } from "./status/view.ts";

const LAUNCHER: LauncherView = {
  name: "factures",
  protocol: "imap",
  target: "",
  enabled: true,
  state: "idle",
  totals: { delivered: 0, skipped: 0, quarantined: 0, failed: 0 },
};
const SERVICE = { name: "gmail", state: "listening" } as unknown as TunnelView;
const ERROR = { message: "Cannot sign in", since: new Date(0) };

function statesOf(parts: Partial<Snapshot>): string[] {
  const snapshot: Snapshot = {
    version: "",
    startedAt: new Date(),
    launchers: [],
    tunnels: [],
    problems: [],
    cold: { root: "" },
    quarantine: { count: 0 },
    ...parts,
  };
  return conditionOf(snapshot, []).health.map(({ kind, state }) => `${kind} ${state}`);
}

Deno.test("conditionOf() calls well only what has shown that it works, and ill only what needs somebody", () => {
  const launcher = (view: Partial<LauncherView>) => statesOf({ launchers: [{ ...LAUNCHER, ...view }] })[0];
  assert.equal(launcher({}), "launcher unknown");
  assert.equal(launcher({ lastSuccess: new Date() }), "launcher well");
  assert.equal(launcher({ lastSuccess: new Date(), error: ERROR, state: "polling" }), "launcher ill");
  assert.equal(launcher({ error: ERROR, state: "locked" }), "launcher ill");
  assert.equal(launcher({ error: ERROR, state: "paused" }), "launcher unknown");
  assert.equal(launcher({ state: "disabled" }), "space well");
  const service = (view: Partial<TunnelView>) => statesOf({ tunnels: [{ ...SERVICE, ...view }] })[0];
  assert.equal(service({}), "service well");
  assert.equal(service({ state: "starting" }), "service unknown");
  for (const state of ["error", "faulty"] as const) assert.equal(service({ state }), "service ill");
});

Deno.test("conditionOf() calls a gateway well once it has run for a minute", () => {
  assert.deepEqual(statesOf({}), ["space well", "gateway unknown"]);
  assert.deepEqual(statesOf({ startedAt: new Date(Date.now() - 61_000) }), ["space well", "gateway well"]);
});

Deno.test("conditionOf() calls a quarantine ill that is half full", () => {
  const quarantine = { count: 1, sizeBytes: 50, maxBytes: 100 };
  assert.equal(statesOf({ quarantine })[0], "space ill");
  assert.equal(statesOf({ quarantine: { ...quarantine, maxBytes: 101 } })[0], "space well");
});
