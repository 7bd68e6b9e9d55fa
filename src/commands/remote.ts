/** `deno task status`, `reload` and `stop`: asked of the gateway that runs on the configured state folder. */
import type { CommandLine } from "../command_line.ts";
import { readConfiguration } from "../config/mod.ts";
import { ControlClient } from "../control.ts";
import type { ReloadResult, StatusAnswer } from "../gateway.ts";
import { EXIT, print, printError, printJson, problemText } from "./output.ts";

/** How long `stop` waits for the gateway to end. */
const STOP_WAIT_MS = 120_000;
const STOP_LOOK_MS = 100;

/** The page's headline; 0 when all is well, 1 when not, 69 when no gateway runs. */
export async function status({ launchers, json }: CommandLine): Promise<number> {
  return await withGateway(launchers, async (client) => {
    const answer = await client.ask("GET", `/status?lang=${languageOf()}`) as StatusAnswer;
    const { ok, title, lines } = answer.headline;
    if (json) printJson({ ok, title, lines, status: answer.snapshot });
    else {
      print(title);
      for (const { severity, text, remedy } of lines) {
        print(`${severity}: ${text}${remedy === undefined ? "" : `\n    → ${remedy}`}`);
      }
    }
    return ok ? EXIT.ok : EXIT.failed;
  });
}

/** Reads launchers.d anew; 78 when it is faulty and the running one was kept. */
export async function reload({ launchers, json }: CommandLine): Promise<number> {
  return await withGateway(launchers, async (client) => {
    const result = await client.ask("POST", "/reload") as ReloadResult;
    if (json) printJson(result);
    else {
      for (const problem of result.problems) print(problemText(problem));
      print(result.applied ? "Reloaded" : "Not reloaded: the running configuration was kept");
    }
    return result.applied ? EXIT.ok : EXIT.config;
  });
}

/** Lets the gateway finish what is in hand; resolves when it has ended. */
export async function stop({ launchers, json }: CommandLine): Promise<number> {
  return await withGateway(launchers, async (client, state) => {
    await client.ask("POST", "/stop");
    const until = Date.now() + STOP_WAIT_MS;
    let ended = false;
    while (!ended && Date.now() < until) {
      ended = await ControlClient.find(state) === undefined;
      if (!ended) await new Promise((resolve) => setTimeout(resolve, STOP_LOOK_MS));
    }
    if (json) printJson({ stopped: ended });
    else print(ended ? "Stopped" : "Still stopping: something in hand takes long");
    return ended ? EXIT.ok : EXIT.failed;
  });
}

async function withGateway(
  launchers: string,
  use: (client: ControlClient, state: string) => Promise<number>,
): Promise<number> {
  const { gateway: { state } } = await readConfiguration(launchers);
  const client = await ControlClient.find(state);
  if (client) return await use(client, state);
  printError(`No gateway runs on state folder "${state}"; start one with: deno task start`);
  return EXIT.notRunning;
}

function languageOf(): "fr" | "en" {
  const locale = Deno.env.get("LC_ALL") ?? Deno.env.get("LANG") ?? "";
  return locale.toLowerCase().startsWith("fr") ? "fr" : "en";
}
