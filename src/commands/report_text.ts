/** What came of a poll, or would come of one, for people. */
import type { PollReport, ReportItem } from "../poll/report.ts";
import { counted, reported, say } from "./language.ts";
import { itemText, plainText } from "./output.ts";

const VERBS: Readonly<Record<ReportItem["outcome"], readonly [english: string, french: string]>> = {
  delivered: ["take", "prendre"],
  skipped: ["skip", "écarter"],
  quarantined: ["quarantine", "quarantaine"],
  failed: ["fail", "échec"],
};

/** What a poll has come to. */
export function reportText(report: PollReport): string {
  const lines = report.items.map(({ outcome, reason, documents, ...item }) =>
    [
      `${outcomeText(outcome)}${colon()} ${itemText(item)}${
        reason === null ? "" : ` (${reasonText(reason)})`
      }`,
      ...documents.map((path) => `    → ${plainText(path)}`),
    ].join("\n")
  );
  return [...lines, ...unfinishedLines(report), sumText(report)].join("\n");
}

/** What has become of one item, and why. */
export function resultText({ outcome, reason }: Pick<ReportItem, "outcome" | "reason">): string {
  return reason === null ? outcomeText(outcome) : `${outcomeText(outcome)}${colon()} ${reported(reason)}`;
}

function outcomeText(outcome: ReportItem["outcome"]): string {
  return say(
    outcome,
    { delivered: "livré", skipped: "écarté", quarantined: "en quarantaine", failed: "en échec" }[outcome],
  );
}

function reasonText(reason: string): string {
  return plainText(reported(reason));
}

function colon(): string {
  return say(":", " :");
}

function unfinishedLines({ unfinished = [] }: PollReport): string[] {
  const title = say("unfinished", "inachevé");
  return unfinished.map(({ label, reason }) =>
    `${title}${colon()} ${plainText(label)} (${reasonText(reason)})`
  );
}

function sumText({ delivered, skipped, quarantined, failed, known }: PollReport): string {
  return say(
    `${delivered} delivered, ${skipped} skipped, ${quarantined} quarantined, ${failed} failed, ${known} known`,
    `livrés ${delivered}, écartés ${skipped}, en quarantaine ${quarantined}, en échec ${failed}, connus ${known}`,
  );
}

/** What a poll would come to. */
export function forecastText(report: PollReport): string {
  const { delivered, skipped, quarantined, failed, known } = report;
  const sum = [
    say(`would take ${counted(delivered, "item", "")}`, `prendrait ${counted(delivered, "", "élément")}`),
    say(`skip ${skipped}`, `en écarterait ${skipped}`),
    ...(quarantined > 0
      ? [say(`put ${quarantined} into quarantine`, `en mettrait ${quarantined} en quarantaine`)]
      : []),
    ...(failed > 0 ? [say(`fail with ${failed}`, `échouerait sur ${failed}`)] : []),
    ...(known > 0
      ? [say(
        `leave ${known} that an earlier poll has recorded`,
        `en laisserait ${known} qu’une relève passée a notés`,
      )]
      : []),
  ];
  const title = say("Dry run, nothing was changed:", "Essai, rien n’a été changé :");
  return [...report.items.map(forecastItemText), ...unfinishedLines(report), `${title} ${sum.join(", ")}`]
    .join("\n");
}

function forecastItemText({ outcome, reason, documents, original, ...item }: ReportItem): string {
  return [
    `${say(...VERBS[outcome])}${colon()} ${itemText(item)}`,
    ...(reason === null ? [] : [`    ${say("because", "car")}${colon()} ${reasonText(reason)}`]),
    ...documents.map((path) => `    → ${plainText(path)}`),
    ...(original === undefined ? [] : [`    original${colon()} ${originalText(original)}`]),
  ].join("\n");
}

/** Words alone, which the catalogues take for names. */
const ORIGINALS: Readonly<Record<string, string>> = { kept: "gardé", deleted: "supprimé", flagged: "étoilé" };

function originalText(original: string): string {
  return say(original, ORIGINALS[original] ?? reported(original));
}
