/** What `status` and `start` say: the page's headline in the terminal, then each launcher and service. */
import type { StatusAnswer } from "../gateway.ts";
import { TEXTS } from "../status/texts.ts";
import { languageOf, reported, say } from "./language.ts";
import { plainText, severityText } from "./output.ts";

/** Title and lines, the worst first, and where the page is. */
export function headlineText({ headline: { title, lines }, page }: StatusAnswer): string {
  return [title, ...lines.map(lineText), ...pageLines(page)].join("\n");
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

function pageLines(page: StatusAnswer["page"]): string[] {
  if (page === undefined) return [];
  if (page.fault === undefined) return [page.address];
  const state = say("the status page is not open", "la page d’état n’est pas ouverte");
  return [
    `${severityText("warning")}${say(":", " :")} ${state}`,
    `    ${plainText(reported(page.fault))}`,
    `    → ${
      say(
        "free that address, or choose another listen under [status] of gateway.toml; then deno task reload",
        "libérez cette adresse, ou choisissez un autre listen sous [status] de gateway.toml ; puis deno task reload",
      )
    }`,
  ];
}

function timeText(iso: string): string {
  const date = new Date(iso);
  const isToday = date.toDateString() === new Date().toDateString();
  return date.toLocaleString(
    "sv-SE",
    isToday ? { timeStyle: "medium" } : { dateStyle: "short", timeStyle: "short" },
  );
}
