/** Reads launchers.d: every problem of every file at once, and what can run in spite of them. */
import { basename, dirname, resolve } from "node:path";
import { readStunnelConf } from "../../tunnel/stunnel_conf.ts";
import type { ServiceOptions } from "../../tunnel/types.ts";
import type { Problem } from "../errors.ts";
import { readGateway } from "./check_gateway.ts";
import { checkDoubles } from "./check_doubles.ts";
import { checkLauncher, type LauncherSurroundings } from "./check_launcher.ts";
import type { Sections } from "./check_tunnel.ts";
import { listFiles, readTable } from "./files.ts";
import type { GatewayConfig } from "./gateway.ts";
import { checkTable } from "./issues.ts";
import { type LauncherConfig, launcherConfigOf, launcherOptions, NAME_PATTERN } from "./launcher.ts";
import { Report } from "./report.ts";

export type { GatewayConfig } from "./gateway.ts";
export { type LauncherConfig, stampOf } from "./launcher.ts";
export { resolveSecret, secretStamp } from "./secrets.ts";

/** A launcher or section that cannot run: shown in error. */
export interface Faulty {
  /** Of a file that cannot be read as a whole, its base name. */
  readonly name: string;
  readonly file: string;
  readonly kind: "launcher" | "service";
  readonly problems: readonly Problem[];
}

/** launchers.d, read. */
export interface Configuration {
  /** The folder itself, absolute. */
  readonly directory: string;
  /** The folder that holds launchers.d: relative paths start here. */
  readonly base: string;
  /** Defaults where gateway.toml is missing or faulty. */
  readonly gateway: GatewayConfig;
  /** Those that can run, the disabled ones too; by name. */
  readonly launchers: readonly LauncherConfig[];
  /** Those that can run. */
  readonly services: readonly ServiceOptions[];
  /** Of all files, by file and line. */
  readonly problems: readonly Problem[];
  readonly faulty: readonly Faulty[];
  /** Whether gateway.toml has errors, or the folder cannot be read: then nothing can start. */
  readonly gatewayFaulty: boolean;
}

/** Reads all of launchers.d. Never rejects for what is in it: problems are part of the answer. */
export async function readConfiguration(directory: string): Promise<Configuration> {
  const folder = resolve(directory);
  const base = dirname(folder);
  const listing = await listFiles(folder);
  const sections = await readSections(listing.sections, base);
  const gateway = await readGateway(listing.gateway, { base, sections });
  const surroundings: LauncherSurroundings = {
    base,
    coldRoot: gateway.config.cold.root,
    destinations: gateway.isFaulty ? undefined : gateway.config.sections,
    sections,
  };
  const launchers: LauncherReading[] = [];
  for (const file of listing.launchers) launchers.push(await readLauncher(file, surroundings));
  checkIds(launchers);
  checkDoubles(launchers, surroundings);
  const isSound = ({ report, problem }: LauncherReading) => !problem && !report?.isFaulty;
  return {
    directory: folder,
    base,
    gateway: gateway.config,
    launchers: launchers.filter(isSound).flatMap(({ config }) => config ?? []),
    services: sections.services,
    problems: [
      ...listing.problems,
      ...gateway.problems,
      ...sections.problems,
      ...launchers.flatMap(problemsOf),
    ].sort(byPlace),
    faulty: [
      ...launchers.filter((launcher) => !isSound(launcher)).map((launcher): Faulty => ({
        name: launcher.name,
        file: launcher.file,
        kind: "launcher",
        problems: problemsOf(launcher).filter(isError),
      })),
      ...sections.faulty,
    ],
    gatewayFaulty: gateway.isFaulty || listing.isUnreadable,
  };
}

interface LauncherReading {
  readonly name: string;
  readonly file: string;
  /** Why the file could not be read at all. */
  readonly problem?: Problem;
  readonly report?: Report;
  readonly config?: LauncherConfig;
}

function problemsOf({ problem, report }: LauncherReading): readonly Problem[] {
  return problem ? [problem] : report?.problems ?? [];
}

async function readLauncher(file: string, surroundings: LauncherSurroundings): Promise<LauncherReading> {
  const name = basename(file).replace(/\.toml$/i, "");
  const reading = await readTable(file);
  if ("problem" in reading) return { name, file, problem: reading.problem };
  const { table } = reading;
  const report = new Report(table, file, table.value["enabled"] !== false);
  if (!NAME_PATTERN.test(name)) {
    report.add("error", [], {
      message: `Cannot use "${
        basename(file)
      }" as a launcher: its name has more than plain letters, digits, dots and dashes`,
      remedy: `Rename it, for example to "${plainName(name)}.toml"`,
    });
  }
  const { output, problems } = checkTable(launcherOptions, table, file);
  report.addAll(problems);
  await checkLauncher(report, surroundings);
  if (!output) return { name, file, report };
  return { name, file, report, config: launcherConfigOf(output, { name, file, raw: table.value }) };
}

/** Two launchers with one id would take each other's items for done. */
function checkIds(launchers: readonly LauncherReading[]): void {
  const groups = Map.groupBy(
    launchers.filter(({ config }) => config),
    ({ config }) => config?.id.toLowerCase(),
  );
  for (const group of groups.values()) {
    const enabled = group.filter(({ report }) => report?.isEnabled);
    for (const { name, report, config } of group) {
      const others = group.filter((other) => other.name !== name).map(({ file }) => basename(file));
      if (others.length === 0 || !report) continue;
      const isAlone = enabled.length <= 1 && report.isEnabled;
      report.add(isAlone ? "warning" : "lacking", ["id"], {
        message: `Cannot tell the launcher from ${
          others.join(", ")
        } in the ledger: both have the id "${config?.id}"`,
        remedy: 'Give each an id of its own, such as id = "factures-2"',
      });
    }
  }
}

interface SectionsReading extends Sections {
  readonly faulty: readonly (Faulty & { readonly line?: number })[];
  readonly problems: readonly Problem[];
}

async function readSections(files: readonly string[], base: string): Promise<SectionsReading> {
  const services: ServiceOptions[] = [];
  const problems: Problem[] = [];
  const faulty: (Faulty & { readonly line?: number })[] = [];
  for (const path of files) {
    const reading = await readStunnelConf(path, { relativeTo: base });
    services.push(...reading.services);
    problems.push(...reading.problems);
    const errors = reading.problems.filter(isError);
    const hasFaultySection = errors.some(({ section }) => section !== undefined);
    for (const [section, found] of Map.groupBy(errors, (problem) => problem.section)) {
      const [{ file, line } = { file: path }] = found;
      const runs = reading.services.some((service) => service.name === section);
      // What is wrong outside of sections is shown as a service only when the file has nothing else to show.
      if (runs || (section === undefined && (reading.services.length > 0 || hasFaultySection))) continue;
      const name = section ?? basename(path).replace(/\.conf$/i, "");
      faulty.push({ name, file, ...(line === undefined ? {} : { line }), kind: "service", problems: found });
    }
  }
  return { services, problems: problems.map(withoutSection), faulty };
}

function withoutSection({ section: _, ...problem }: Problem & { readonly section?: string }): Problem {
  return problem;
}

function isError({ severity }: Problem): boolean {
  return severity === "error";
}

function byPlace(left: Problem, right: Problem): number {
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return (left.line ?? 0) - (right.line ?? 0);
}

function plainName(name: string): string {
  const plain = name.normalize("NFD").replace(/\p{Mn}/gu, "").replace(/[^A-Za-z0-9._-]+/g, "-").replace(
    /^[^A-Za-z0-9]+/,
    "",
  );
  return plain.slice(0, 64) || "launcher";
}
