/** Checks `[notify]` of gateway.toml beyond its schema. What it lacks never keeps the gateway from delivering. */
import { resolve } from "node:path";
import { faultOfWebhook } from "../notify/webhook_address.ts";
import { ConfigError } from "../errors.ts";
import type { Secret } from "../secret.ts";
import { checkFile, checkSecret, textAt, valueAt } from "./check_places.ts";
import { checkTunnel, type Sections } from "./check_tunnel.ts";
import type { Report } from "./report.ts";
import { resolveSecret } from "./secrets.ts";

/** Notes an address that cannot be one, secrets that are not there, and a tunnel service that cannot be used. */
export async function checkNotify(
  report: Report,
  { base, sections }: { readonly base: string; readonly sections: Sections },
): Promise<void> {
  const { value } = report.table;
  const smtp = ["notify", "smtp"];
  await checkWebhook(report, base);
  await checkSecret(report, [...smtp, "password"], { base, missing: "passing" });
  checkTunnel(report, sections, { path: [...smtp, "tunnel"], protocol: "smtp", isVital: false });
  for (const path of [["notify", "ca_file"], [...smtp, "ca_file"]]) {
    const caFile = textAt(value, path);
    if (!caFile) continue;
    await checkFile(report, path, {
      target: resolve(base, caFile),
      remedy: "Put the authority's certificate there, in PEM form, readable by the gateway",
      missing: "passing",
    });
  }
  const isPlain = textAt(value, [...smtp, "tls"]) === "none";
  if (!isPlain || valueAt(value, [...smtp, "password"]) === undefined) return;
  report.add("warning", [...smtp, "tls"], {
    message: "Cannot keep the password of [notify.smtp] secret on its way: nothing secures the connection",
    remedy: 'Use tls = "implicit" or "starttls", or a relay that asks for no password',
  });
}

async function checkWebhook(report: Report, base: string): Promise<void> {
  const path = ["notify", "webhook"];
  const secret = valueAt(report.table.value, path);
  if (secret === undefined) return;
  await checkSecret(report, path, { base, missing: "passing" });
  try {
    const fault = faultOfWebhook(await resolveSecret(secret as Secret, base));
    if (fault === undefined) return;
    report.add("passing", path, {
      message: `Cannot use the webhook: ${fault}`,
      remedy: "Give the address that the chat or service shows for its incoming webhook",
    });
  } catch (error) {
    // Said above, or of a form that the schema has refused.
    if (!(error instanceof ConfigError || error instanceof TypeError)) throw error;
  }
}
