/** `deno task check`: every problem of launchers.d at once; with `--connect` also whether the servers let us in. */
import { startTunnel, type Tunnel, TunnelError } from "../../tunnel/mod.ts";
import type { CommandLine } from "../command_line.ts";
import { type Configuration, type LauncherConfig, readConfiguration } from "../config/mod.ts";
import { kindOf } from "../delivery/mod.ts";
import { dialService } from "../dial.ts";
import { Accounts } from "../accounts.ts";
import { errorText, type Problem } from "../errors.ts";
import { contextFor } from "../launcher_context.ts";
import { CHANNELS } from "../notify/channels.ts";
import { notifyTools } from "../notify/tools.ts";
import { protocols } from "../sources/mod.ts";
import type { Protocol } from "../sources/source.ts";
import { destinationContext } from "../stores.ts";
import { type NamedDestination, namedDestinations, targetOf } from "../views.ts";
import { hintsOf } from "./check_hints.ts";
import { counted, reported, say } from "./language.ts";
import { EXIT, plainText, print, printJson, problemText, severityText } from "./output.ts";
import { ProgressBar } from "./progress.ts";

const PROBE_MS = 30_000;

interface Connection {
  readonly name: string;
  readonly kind: "launcher" | "service" | "destination" | "notify";
  readonly target: string;
  readonly ok: boolean;
  /** Items waiting, known ones included; of a launcher that could be opened. */
  readonly waiting?: number;
  readonly error?: string;
  readonly remedy?: string;
}

/** Validates; resolves with 0, warnings included, or 78. Changes nothing. */
export async function check({ launchers, json, switches }: CommandLine): Promise<number> {
  const configuration = await readConfiguration(launchers);
  const problems = configuration.gatewayFaulty
    ? configuration.problems
    : [...configuration.problems, ...await hintsOf(configuration)];
  const connect = switches.has("connect");
  if (!json) { for (const problem of problems) print(problemText(problem)); }
  const connections = connect ? await tryAll(configuration, json) : [];
  const isFaulty = countErrors(problems, connections) > 0;
  if (json) printJson({ ok: !isFaulty, problems, ...(connect ? { connections } : {}) });
  else print(summary({ ...configuration, problems }, connections));
  return isFaulty ? EXIT.config : EXIT.ok;
}

/** Tries everything at once; says what came of each as soon as it is known. */
async function tryAll(configuration: Configuration, json: boolean): Promise<Connection[]> {
  // Services are not opened: their ports may be held by the running gateway. Dialling needs none.
  await using tunnel = await startTunnel({ services: configuration.services, listen: false });
  const accounts = new Accounts();
  const enabled = configuration.launchers.filter((launcher) => launcher.enabled);
  const services = tunnel.services.filter(({ options }) => options.client);
  const trials = [
    ...services.map((service) => ({ name: service.name, over: tryService(service) })),
    ...enabled.map((launcher) => ({
      name: launcher.name,
      over: tryLauncher(launcher, configuration, { tunnel, accounts }),
    })),
    ...namedDestinations(configuration.gateway).map((named) => ({
      name: named.address.name,
      over: tryDestination(named, configuration),
    })),
    ...tryNotify(configuration, tunnel).map((over) => ({ name: "notify", over })),
  ];
  using bar = new ProgressBar(say("connecting", "connexion"), !json);
  const pending = new Set(trials);
  const show = () =>
    bar.show({
      done: trials.length - pending.size,
      of: trials.length,
      label: [...pending].map(({ name }) => name).join(", "),
    });
  show();
  return await Promise.all(trials.map(async (trial) => {
    const connection = await trial.over;
    pending.delete(trial);
    if (!json) bar.above(() => print(connectionText(connection)));
    show();
    return connection;
  }));
}

async function tryService(service: Tunnel["services"][number]): Promise<Connection> {
  const target = service.options.connect.map((to) => "path" in to ? to.path : `${to.host}:${to.port}`).join(
    ", ",
  );
  const connection = { name: service.name, kind: "service", target } as const;
  try {
    (await service.dial()).close();
    return { ...connection, ok: true };
  } catch (error) {
    const remedy = error instanceof TunnelError ? error.remedy : undefined;
    return { ...connection, ok: false, error: errorText(error), ...(remedy ? { remedy } : {}) };
  }
}

async function tryDestination(
  { address, target }: NamedDestination,
  configuration: Configuration,
): Promise<Connection> {
  const connection = { name: `${address.kind}.${address.name}`, kind: "destination", target } as const;
  try {
    await kindOf(address.kind).probe?.(destinationContext(address, () => configuration));
    return { ...connection, ok: true };
  } catch (error) {
    return { ...connection, ok: false, error: errorText(error) };
  }
}

/** Sends a test message to the webhook, and signs in to the mail server. */
function tryNotify(configuration: Configuration, tunnel: Tunnel): Promise<Connection>[] {
  const tools = notifyTools(configuration, (service, signal) => dialService(tunnel, service, signal));
  if (!tools) return [];
  const wanted = CHANNELS.filter((channel) => channel.isWanted(tools.config));
  return wanted.map(async (channel) => {
    const connection = { name: channel.name, kind: "notify", target: channel.target(tools.config) } as const;
    try {
      await channel.probe({ ...tools, signal: AbortSignal.timeout(PROBE_MS) });
      return { ...connection, ok: true };
    } catch (error) {
      return { ...connection, ok: false, error: errorText(error) };
    }
  });
}

async function tryLauncher(
  launcher: LauncherConfig,
  configuration: Configuration,
  { tunnel, accounts }: { tunnel: Tunnel; accounts: Accounts },
): Promise<Connection> {
  const connection = { name: launcher.name, kind: "launcher", target: targetOf(launcher) } as const;
  try {
    const context = contextFor({
      base: configuration.base,
      accounts,
      signal: new AbortController().signal,
      dial: (service, signal) => dialService(tunnel, service, signal),
    });
    const protocol = protocols[launcher.listen.protocol] as Protocol;
    await using source = await protocol.open(launcher.listen, context);
    let waiting = 0;
    for await (const _ of source.items()) waiting++;
    return { ...connection, ok: true, waiting };
  } catch (error) {
    return { ...connection, ok: false, error: errorText(error) };
  }
}

function connectionText({ name, kind, target, ok, waiting, error, remedy }: Connection): string {
  const there = waiting === undefined ? "" : say(`, ${waiting} waiting`, `, ${waiting} en attente`);
  const state = ok
    ? say("well", "bien") + there
    : `${severityText("error")}${say(":", " :")} ${reported(error ?? "")}`;
  const said = plainText(`${kindText(kind)} ${name} (${target})${say(":", " :")} ${state}`);
  return remedy === undefined ? said : `${said}\n    → ${plainText(reported(remedy))}`;
}

function kindText(kind: Connection["kind"]): string {
  const french = {
    launcher: "lanceur",
    service: "service",
    destination: "destination",
    notify: "notification",
  };
  return say(kind, french[kind]);
}

/** Everything that was said to be an error: of the configuration, and of what was tried. */
function countErrors(problems: readonly Problem[], connections: readonly Connection[]): number {
  return problems.filter(({ severity }) => severity === "error").length +
    connections.filter(({ ok }) => !ok).length;
}

function summary(
  { launchers, services, faulty, problems }: Configuration,
  connections: readonly Connection[],
): string {
  const errors = countErrors(problems, connections);
  const enabled = launchers.filter((launcher) => launcher.enabled).length;
  const warnings = problems.filter(({ severity }) => severity === "warning").length;
  const disabled = launchers.length - enabled;
  const parts = [
    say(
      `${counted(enabled, "launcher", "")} enabled, ${disabled} disabled`,
      `${counted(enabled, "", "lanceur")} en service, ${disabled} désactivé${disabled > 1 ? "s" : ""}`,
    ),
    counted(services.length, "tunnel service", "service de tunnel"),
    ...(faulty.length > 0 ? [say(`${faulty.length} faulty`, `${faulty.length} en faute`)] : []),
    ...(errors > 0 ? [counted(errors, "error", "erreur")] : []),
    ...(warnings > 0 ? [counted(warnings, "warning", "avertissement")] : []),
  ];
  const title = errors > 0 ? say("Not well:", "Tout ne va pas bien :") : say("All well:", "Tout va bien :");
  return `${title} ${parts.join(", ")}`;
}
