/** What a poll would do, item by item, without doing it: nothing is staged, recorded or settled. */
import type { LauncherConfig } from "../config/mod.ts";
import { EnvelopeError, GatewayError } from "../errors.ts";
import { compileFilter, type Filter, type Verdict } from "../filter/mod.ts";
import type { Ledger } from "../ledger.ts";
import { takeApart } from "../message/mod.ts";
import type { Item, OutcomeKind } from "../model.ts";
import { addressOf, kindOf } from "../delivery/mod.ts";
import { expandName, safeName } from "../delivery/names.ts";
import type { Source } from "../sources/source.ts";
import { type PollReport, ReportBuilder } from "./report.ts";
import { tooLargeFor } from "./take.ts";

/** What a dry run reads. */
export interface DryRunTools {
  readonly ledger: Ledger;
  readonly root: string;
  readonly open: () => Promise<Source>;
}

interface Forecast {
  readonly outcome: OutcomeKind;
  readonly reason: string;
  /** Names that would be wanted in the COLD. */
  readonly names: readonly string[];
}

/** Looks at everything waiting; documents carry the name they would get if it is still free then. */
export async function dryRun(launcher: LauncherConfig, tools: DryRunTools): Promise<PollReport> {
  const report = new ReportBuilder(launcher.name);
  const filter = compileFilter(launcher.filter);
  const { target } = kindOf(addressOf(launcher.deliver).kind);
  await using source = await tools.open();
  for await (const item of source.items()) {
    const row = tools.ledger.lookup(launcher.id, [item.key]).get(item.key);
    const again = row?.outcome === "failed" ||
      (row?.outcome === "skipped" && row.fingerprint !== launcher.fingerprint);
    if (row && !again) {
      report.known();
      continue;
    }
    const { outcome, reason, names } = await forecast(item, launcher, filter);
    const documents = names.map((name) => target(name, { deliver: launcher.deliver, root: tools.root }));
    report.add({ key: item.key, label: item.label, outcome, reason, documents });
  }
  return report.finish();
}

async function forecast(item: Item, launcher: LauncherConfig, filter: Filter): Promise<Forecast> {
  try {
    if (item.kind === "mail") return await forecastMail(item, launcher, filter);
    const refusal = refusalOf(filter.name(item.label)) ?? refusalOf(filter.size(item.sizeBytes));
    if (refusal !== undefined) return { outcome: "skipped", reason: refusal, names: [] };
    const { deliver } = launcher;
    const name = item.kind === "envelope"
      ? safeName(item.label)
      : expandName(deliver.name, { name: item.label, n: "1" });
    return { outcome: "delivered", reason: wouldSettle(launcher), names: [name] };
  } catch (error) {
    if (!(error instanceof GatewayError) || error.scope !== "item") throw error;
    const outcome = error instanceof EnvelopeError ? "quarantined" : "failed";
    return { outcome, reason: error.message, names: [] };
  }
}

async function forecastMail(item: Item, launcher: LauncherConfig, filter: Filter): Promise<Forecast> {
  const { documents: options, deliver } = launcher;
  const tooLarge = tooLargeFor(item, options);
  if (tooLarge !== undefined) return { outcome: "skipped", reason: tooLarge, names: [] };
  await using mail = await takeApart(() => item.open(), options);
  const { from, subject, messageId = "", date } = mail.headers;
  const refused = refusalOf(filter.mail({ ...mail.headers, sizeBytes: item.sizeBytes }));
  if (refused !== undefined) return { outcome: "skipped", reason: refused, names: [] };
  const names: string[] = [];
  const refusals: string[] = [];
  const fields = { from, subject, message_id: messageId, date: date?.toISOString().slice(0, 10) ?? "" };
  for await (const document of mail.documents()) {
    let sizeBytes = 0;
    for await (const chunk of document.content) sizeBytes += chunk.length;
    const refusal = refusalOf(filter.name(document.name)) ?? refusalOf(filter.size(sizeBytes));
    if (refusal !== undefined) refusals.push(refusal);
    else {names.push(
        expandName(deliver.name, { ...fields, name: document.name, n: String(names.length + 1) }),
      );}
  }
  if (names.length > 0) {
    return { outcome: "delivered", reason: [wouldSettle(launcher), ...refusals].join("; "), names };
  }
  const isQuarantined = refusals.length === 0 && options.without === "quarantine";
  const reason = refusals.join("; ") || "the mail has no document in it";
  return { outcome: isQuarantined ? "quarantined" : "skipped", reason, names };
}

/** What would happen to the original. */
function wouldSettle({ listen }: LauncherConfig): string {
  const { after } = listen;
  if (typeof after === "string") return `then the original: ${after}`;
  const [[verb, value] = ["keep", ""]] = Object.entries(after);
  return `then the original: ${verb} ${value}`;
}

function refusalOf(verdict: Verdict): string | undefined {
  return verdict.take ? undefined : verdict.reason;
}
