/** `deno task stop`: lets the gateway finish what is in hand, and says what that is. */
import { join } from "node:path";
import type { CommandLine } from "../command_line.ts";
import { ControlClient } from "../control.ts";
import type { StatusAnswer } from "../gateway.ts";
import { counted, say } from "./language.ts";
import { EXIT, print, printError, printJson } from "./output.ts";
import { ProgressBar } from "./progress.ts";
import { withGateway } from "./remote.ts";

/** How long the gateway is waited for. */
const WAIT_MS = 120_000;
const LOOK_MS = 100;
const ANSWER_MS = 5_000;
/** What ends so soon needs no word. */
const SILENT_MS = 1_000;
/** How often the same is said again where there is no terminal. */
const REPEAT_MS = 15_000;

/** Asks it to stop; resolves when it has ended and its state folder is free. */
export async function stop({ launchers, json }: CommandLine): Promise<number> {
  return await withGateway({ launchers, json }, async (client, { state }) => {
    await client.ask("POST", "/stop");
    using bar = new ProgressBar(say("stopping", "arrêt"), !json);
    const waiting = await waitFor(client, state, bar);
    bar.end();
    const ended = waiting === undefined;
    if (json) printJson({ stopped: ended, ...(ended ? {} : { waitingFor: waiting }) });
    else print(ended ? say("Stopped", "Arrêté") : stillText(waiting.join("; ")));
    return ended ? EXIT.ok : EXIT.failed;
  });
}

/** Waits for the end; what is still in hand when that takes too long. */
async function waitFor(
  client: ControlClient,
  state: string,
  bar: ProgressBar,
): Promise<string[] | undefined> {
  const startedMs = performance.now();
  let waiting: string[] = [];
  let saidMs = startedMs + SILENT_MS - REPEAT_MS;
  while (performance.now() - startedMs < WAIT_MS) {
    const answer = await client.ask("GET", "/status", AbortSignal.timeout(ANSWER_MS)).catch(() => undefined);
    if (answer === undefined && await isFree(state)) return undefined;
    waiting = inHand(answer as StatusAnswer | undefined) ?? waiting;
    const text = waiting.length === 0 ? "" : waitingText(waiting.join("; "));
    const waited = Math.floor((performance.now() - startedMs) / 1000);
    bar.show({ done: 0, waited, label: text });
    if (!bar.isShown && text !== "" && performance.now() - saidMs >= REPEAT_MS) {
      saidMs = performance.now();
      printError(text);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return waiting;
}

function waitingText(things: string): string {
  return say(`Waiting for ${things}`, `En attente : ${things}`);
}

function stillText(things: string): string {
  return say(
    `Still stopping: it waits for ${things || "something that takes long"}`,
    `Pas encore arrêté : ${things || "quelque chose dure"}`,
  );
}

/** What the gateway still does; `undefined` when it no longer says. */
function inHand(answer: StatusAnswer | undefined): string[] | undefined {
  if (answer === undefined) return undefined;
  const { launchers, tunnels } = answer.snapshot;
  return [
    ...launchers.flatMap(({ name, progress }) =>
      progress === undefined ? [] : [say(`the poll of ${name}`, `la relève de ${name}`) + farText(progress)]
    ),
    ...tunnels.flatMap(({ name, counters: { active } }) =>
      active === 0 ? [] : [`${counted(active, "connection", "connexion")} ${say("through", "par")} ${name}`]
    ),
  ];
}

function farText({ done, of }: { readonly done: number; readonly of?: number | undefined }): string {
  return of === undefined ? "" : say(` (${done} of ${of} done)`, ` (${done} sur ${of})`);
}

/** Whether no process holds the state folder any more, so that another gateway can start. */
async function isFree(state: string): Promise<boolean> {
  if (await ControlClient.find(state) !== undefined) return false;
  try {
    using lock = await Deno.open(join(state, "lock"), { read: true });
    return await lock.tryLock(true);
  } catch {
    // Not to be opened: that the gateway no longer answers has to do.
    return true;
  }
}
