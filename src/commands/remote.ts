/** `deno task status` and `reload`: asked of the gateway that runs on the configured state folder. */
import type { CommandLine } from "../command_line.ts";
import { type GatewayConfig, readConfiguration } from "../config/mod.ts";
import { ControlClient } from "../control.ts";
import { needsALook } from "../errors.ts";
import type { ReloadResult, StatusAnswer } from "../gateway.ts";
import { refuseFaulty } from "./configuration.ts";
import {
  EXIT,
  languageOf,
  nearPath,
  plainText,
  print,
  printError,
  printJson,
  problemText,
} from "./output.ts";

/** The page's headline, then each launcher and service; 0 when all is well, 1 when not, 69 when no gateway runs. */
export async function status({ launchers, json }: CommandLine): Promise<number> {
  return await withGateway({ launchers, json }, async (client, { status }) => {
    const answer = await client.ask("GET", `/status?lang=${languageOf()}`) as StatusAnswer;
    const { ok, title, lines } = answer.headline;
    if (json) printJson({ ok, title, lines, status: answer.snapshot });
    else {print(
        [title, ...lines.map(lineText), "", ...partLines(answer), `http://${status.listen}/`].join("\n"),
      );}
    return ok ? EXIT.ok : EXIT.failed;
  });
}

function lineText({ severity, text, detail, remedy }: StatusAnswer["headline"]["lines"][number]): string {
  const more = detail === undefined ? "" : `\n    ${plainText(detail)}`;
  return plainText(`${severity}: ${text}`) + more + (remedy === undefined ? "" : `\n    → ${remedy}`);
}

function partLines({ snapshot }: StatusAnswer): string[] {
  const rows = [
    ...snapshot.launchers.map(({ name, state, target, totals, lastPoll }) => [
      name,
      state,
      target,
      // Dates have become text on the way.
      `${totals.delivered} delivered${lastPoll ? `, polled ${timeText(String(lastPoll.at))}` : ""}`,
    ]),
    ...snapshot.tunnels.map(({ name, state, accept, connect }) => [
      name,
      state,
      `${accept.join(", ")} to ${connect.join(", ")}`,
      "",
    ]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => plainText(cell).padEnd(widths[column] ?? 0)).join("  ").trimEnd()}`
  );
}

function timeText(iso: string): string {
  const date = new Date(iso);
  const isToday = date.toDateString() === new Date().toDateString();
  return date.toLocaleString(
    "sv-SE",
    isToday ? { timeStyle: "medium" } : { dateStyle: "short", timeStyle: "short" },
  );
}

/** Reads launchers.d anew; 78 when it is faulty and the running one was kept. */
export async function reload({ launchers, json }: CommandLine): Promise<number> {
  return await withGateway({ launchers, json }, async (client) => {
    const result = await client.ask("POST", "/reload") as ReloadResult;
    if (json) printJson(result);
    else {
      for (const problem of result.problems.filter(needsALook)) print(problemText(problem));
      print(result.applied ? "Reloaded" : "Not reloaded: the running configuration was kept");
    }
    return result.applied ? EXIT.ok : EXIT.config;
  });
}

/** Uses the gateway that runs; says that none does, with 69. */
export async function withGateway(
  { launchers, json }: Pick<CommandLine, "launchers" | "json">,
  use: (client: ControlClient, gateway: GatewayConfig) => Promise<number>,
): Promise<number> {
  const configuration = await readConfiguration(launchers);
  const { gateway } = configuration;
  // One that runs can be asked and stopped, whatever gateway.toml has become meanwhile.
  const client = await ControlClient.find(gateway.state);
  if (client) return await use(client, gateway);
  refuseFaulty(configuration);
  const message = `No gateway runs on state folder "${
    nearPath(gateway.state)
  }"; start one with: deno task start`;
  if (json) printJson({ ok: false, error: message });
  else printError(message);
  return EXIT.notRunning;
}
