/** What `status` and `start` say: the page's headline in the terminal, then each launcher and service. */
import type { StatusAnswer } from "../gateway.ts";
import { TEXTS } from "../status/texts.ts";
import { languageOf, say } from "./language.ts";
import { plainText, severityText } from "./output.ts";

/** Title and lines, the worst first, and where the page is, if it is open. */
export function headlineText({ headline: { title, lines }, page }: StatusAnswer): string {
  return [title, ...lines.map(lineText), ...page && page.fault === undefined ? [page.address] : []].join(
    "\n",
  );
}

/** Every launcher and service, one line each. */
export function partsText({ snapshot }: StatusAnswer): string {
  const texts = TEXTS[languageOf()];
  const rows = [
    ...snapshot.launchers.map(({ name, state, target, totals, lastPoll }) => [
      name,
      texts.states[state].toLowerCase(),
      target,
      // Dates have become text on the way.
      texts.counted.delivered(totals.delivered) +
      (lastPoll ? `, ${say("polled", "relevé")} ${timeText(String(lastPoll.at))}` : ""),
    ]),
    ...snapshot.tunnels.map(({ name, state, accept, connect }) => [
      name,
      texts.tunnelStates[state].toLowerCase(),
      `${accept.join(", ")} → ${connect.join(", ")}`,
      "",
    ]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => plainText(cell).padEnd(widths[column] ?? 0)).join("  ").trimEnd()}`
  ).join("\n");
}

function lineText(
  { severity, text, detail, remedy }: StatusAnswer["headline"]["lines"][number],
): string {
  const more = detail === undefined ? "" : `\n    ${plainText(detail)}`;
  const said = plainText(`${severityText(severity)}${say(":", " :")} ${text}`);
  return said + more + (remedy === undefined ? "" : `\n    → ${plainText(remedy)}`);
}

function timeText(iso: string): string {
  const date = new Date(iso);
  const isToday = date.toDateString() === new Date().toDateString();
  return date.toLocaleString(
    "sv-SE",
    isToday ? { timeStyle: "medium" } : { dateStyle: "short", timeStyle: "short" },
  );
}
