// deno-lint-ignore-file
import * as v from "valibot";
import { imap } from "./imap.ts";
import { testContext } from "../../test/servers/context.ts";
const [mode, user, tls] = Deno.args;
const port = tls === "starttls" ? 41143 : 41993;
const options = v.parse(imap.options, { protocol: "imap", server: "localhost", port, tls, ca_file: "/tmp/imapwork/lab/tls/ca.pem",
  account: `${user}@lab.test`, password: `secret-${user}`, ...(Deno.args[3] ? JSON.parse(Deno.args[3]) : {}) });
const t0 = performance.now();
const ms = () => Math.round(performance.now() - t0);
let peak = 0;
const timer = setInterval(() => { peak = Math.max(peak, Deno.memoryUsage().rss); }, 5);
{
await using source = await imap.open(options, testContext());
console.log("open", ms());
const items = [];
for await (const item of source.items()) items.push(item);
console.log("listed", items.length, ms(), items[0]?.key, items[0]?.label, items[0]?.date);
if (mode === "read") {
  source.expect?.(items);
  let bytes = 0;
  for (const item of items) {
    for await (const chunk of await item.open()) bytes += chunk.length;
  }
  console.log("read", bytes, ms());
}
if (mode === "settle") { const s = performance.now(); if (Deno.args[4] === "all") await Promise.all(items.map((i) => i.settle({ kind: "delivered" }))); else for (const i of items) await i.settle({kind: "delivered"}); console.log("settled", Math.round(performance.now() - s)); }
await source.commit();
}
clearInterval(timer);
console.log("done", ms(), "peak MB", Math.round(peak / 1e6), Deno.readTextFileSync("/proc/self/status").match(/VmHWM.*/)?.[0]);
