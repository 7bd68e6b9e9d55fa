/** `deno task check`: every problem of launchers.d at once; with `--connect` also whether the servers let us in. */
import { startTunnel, type Tunnel } from "../../tunnel/mod.ts";
import type { CommandLine } from "../command_line.ts";
import { type Configuration, type LauncherConfig, readConfiguration } from "../config/mod.ts";
import { kindOf } from "../delivery/mod.ts";
import { dialService } from "../dial.ts";
import { contextFor } from "../launcher.ts";
import { protocols } from "../sources/mod.ts";
import type { Protocol } from "../sources/source.ts";
import { destinationContext } from "../stores.ts";
import { type NamedDestination, namedDestinations, targetOf } from "../views.ts";
import { EXIT, print, printJson, problemText } from "./output.ts";

interface Connection {
  readonly name: string;
  readonly kind: "launcher" | "service" | "destination";
  readonly target: string;
  readonly ok: boolean;
  /** Items waiting, known ones included; of a launcher that could be opened. */
  readonly waiting?: number;
  readonly error?: string;
}

/** Validates; resolves with 0, warnings included, or 78. Changes nothing. */
export async function check({ launchers, json, connect }: CommandLine): Promise<number> {
  const configuration = await readConfiguration(launchers);
  const { problems } = configuration;
  const connections = connect ? await tryAll(configuration) : [];
  const isFaulty = problems.some(({ severity }) => severity === "error") || connections.some(({ ok }) => !ok);
  if (json) {
    printJson({ ok: !isFaulty, problems, ...(connect ? { connections } : {}) });
  } else {
    for (const problem of problems) print(problemText(problem));
    for (const connection of connections) print(connectionText(connection));
    print(summary(configuration, isFaulty));
  }
  return isFaulty ? EXIT.config : EXIT.ok;
}

async function tryAll(configuration: Configuration): Promise<Connection[]> {
  // Services are not opened: their ports may be held by the running gateway. Dialling needs none.
  await using tunnel = await startTunnel({ services: configuration.services, listen: false });
  const enabled = configuration.launchers.filter((launcher) => launcher.enabled);
  return await Promise.all([
    ...tunnel.services.filter(({ options }) => options.client).map((service) => tryService(service)),
    ...enabled.map((launcher) => tryLauncher(launcher, configuration, tunnel)),
    ...namedDestinations(configuration.gateway).map((named) => tryDestination(named, configuration)),
  ]);
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
    return { ...connection, ok: false, error: messageOf(error) };
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
    return { ...connection, ok: false, error: messageOf(error) };
  }
}

async function tryLauncher(
  launcher: LauncherConfig,
  configuration: Configuration,
  tunnel: Tunnel,
): Promise<Connection> {
  const connection = { name: launcher.name, kind: "launcher", target: targetOf(launcher) } as const;
  try {
    const context = contextFor({
      base: configuration.base,
      signal: new AbortController().signal,
      dial: (service, signal) => dialService(tunnel, service, signal),
    });
    const protocol = protocols[launcher.listen.protocol] as Protocol;
    await using source = await protocol.open(launcher.listen, context);
    let waiting = 0;
    for await (const _ of source.items()) waiting++;
    return { ...connection, ok: true, waiting };
  } catch (error) {
    return { ...connection, ok: false, error: messageOf(error) };
  }
}

function connectionText({ name, kind, target, ok, waiting, error }: Connection): string {
  const state = ok ? `well${waiting === undefined ? "" : `, ${waiting} waiting`}` : `error: ${error}`;
  return `${kind} ${name} (${target}): ${state}`;
}

function summary({ launchers, services, faulty, problems }: Configuration, isFaulty: boolean): string {
  const enabled = launchers.filter((launcher) => launcher.enabled).length;
  const warnings = problems.filter(({ severity }) => severity === "warning").length;
  const parts = [
    `${enabled} launchers enabled, ${launchers.length - enabled} disabled`,
    `${services.length} tunnel services`,
    ...(faulty.length > 0 ? [`${faulty.length} faulty`] : []),
    ...(warnings > 0 ? [`${warnings} warnings`] : []),
  ];
  return `${isFaulty ? "Not well" : "All well"}: ${parts.join(", ")}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
