/** `deno task status` and `reload`: asked of the gateway that runs on the configured state folder. */
import type { CommandLine } from "../command_line.ts";
import { type GatewayConfig, readConfiguration } from "../config/mod.ts";
import { ControlClient } from "../control.ts";
import { needsALook } from "../errors.ts";
import type { ReloadResult, StatusAnswer } from "../gateway.ts";
import { refuseFaulty } from "./configuration.ts";
import { languageOf, say } from "./language.ts";
import { EXIT, nearPath, print, printError, printJson, problemText } from "./output.ts";
import { headlineText, partsText } from "./status_text.ts";

/** The page's headline, then each launcher and service; 0 when all is well, 1 when not, 69 when no gateway runs. */
export async function status({ launchers, json }: CommandLine): Promise<number> {
  return await withGateway({ launchers, json }, async (client) => {
    const answer = await client.ask("GET", `/status?lang=${json ? "en" : languageOf()}`) as StatusAnswer;
    const { headline: { ok, title, lines }, snapshot, page } = answer;
    if (json) printJson({ ok, title, lines, page, status: snapshot });
    else print(`${headlineText(answer)}\n\n${partsText(answer)}`);
    return ok ? EXIT.ok : EXIT.failed;
  });
}

/** Reads launchers.d anew; 78 when it is faulty and the running one was kept. */
export async function reload({ launchers, json }: CommandLine): Promise<number> {
  return await withGateway({ launchers, json }, async (client) => {
    const result = await client.ask("POST", "/reload") as ReloadResult;
    if (json) printJson(result);
    else {
      for (const problem of result.problems.filter(needsALook)) print(problemText(problem));
      print(
        result.applied ? say("Reloaded", "Rechargé") : say(
          "Not reloaded: the running configuration was kept",
          "Non rechargé : la configuration en service est gardée",
        ),
      );
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
  const state = nearPath(gateway.state);
  const message = say(
    `No gateway runs on state folder "${state}"; start one with: deno task start`,
    `Aucune passerelle ne tourne sur le dossier d’état « ${state} » ; lancez-en une : deno task start`,
  );
  if (json) printJson({ ok: false, error: message });
  else printError(message);
  return EXIT.notRunning;
}
