/** Reads gateway.toml and checks what its schema cannot see. */
import { relative, resolve } from "node:path";
import * as v from "valibot";
import type { Problem } from "../errors.ts";
import { kindsWithSections } from "../delivery/mod.ts";
import { checkFile, checkFolder, checkSecret, textAt, valueAt } from "./check_places.ts";
import { checkNotify } from "./check_notify.ts";
import type { Sections } from "./check_tunnel.ts";
import { readTable } from "./files.ts";
import {
  type GatewayConfig,
  gatewayConfigOf,
  gatewayOptions,
  isLoopback,
  RESERVED_TABLES,
} from "./gateway.ts";
import { checkTable, nameOf } from "./issues.ts";
import { Report } from "./report.ts";
import { isTable } from "./shape.ts";
import type { Path, TomlTable } from "./toml.ts";

/** gateway.toml as far as it could be read. */
export interface GatewayReading {
  /** Defaults where the file is missing or cannot be understood, but for the state folder. */
  readonly config: GatewayConfig;
  readonly problems: readonly Problem[];
  readonly isFaulty: boolean;
}

/** Reads gateway.toml; without a file everything is default. */
export async function readGateway(
  file: string | undefined,
  { base, sections }: { readonly base: string; readonly sections: Sections },
): Promise<GatewayReading> {
  const defaults = gatewayConfigOf(v.parse(gatewayOptions, {}), base);
  if (file === undefined) return { config: defaults, problems: [], isFaulty: false };
  const reading = await readTable(file);
  if ("problem" in reading) return { config: defaults, problems: [reading.problem], isFaulty: true };
  const report = new Report(reading.table, file);
  const { output, problems } = checkTable(gatewayOptions, withoutReserved(report), file);
  report.addAll(problems);
  const config = output ? gatewayConfigOf(output, base) : withState(defaults, report, base);
  await checkSecret(report, ["status", "token"], { base });
  if (typeof output?.status.password_hash === "object") {
    await checkSecret(report, ["status", "password_hash"], { base });
  }
  for (const [kind] of kindsWithSections()) {
    const table = valueAt(report.table.value, [kind]);
    for (const name of isTable(table) ? Object.keys(table) : []) {
      await checkSection(report, [kind, name], base);
    }
  }
  if (output) await checkOutput(report, config, base);
  if (valueAt(report.table.value, ["notify"]) !== undefined) await checkNotify(report, { base, sections });
  return {
    config,
    problems: report.problems,
    isFaulty: report.isFaulty,
  };
}

/** A gateway that runs is found by its state folder, whatever else is wrong in the file by now. */
function withState(defaults: GatewayConfig, report: Report, base: string): GatewayConfig {
  const state = textAt(report.table.value, ["state"]);
  return state === undefined || state === "" || state.includes("\0")
    ? defaults
    : { ...defaults, state: resolve(base, state) };
}

async function checkOutput(
  report: Report,
  { state, cold, status }: GatewayConfig,
  base: string,
): Promise<void> {
  await checkFolder(report, ["state"], { folder: state, base, missing: "lacking" });
  // Not fatal: it may be a share that is mounted late, and nothing is settled until it is there.
  await checkFolder(report, ["cold", "root"], { folder: cold.root, base });
  if (relative(cold.root, state) === "") {
    report.add("error", ["state"], {
      message: `Cannot use "${state}" as state: it is cold.root too`,
      remedy: 'Name a folder of its own, such as state = "var"',
    });
  }
  const { passwordHash } = status;
  if (typeof passwordHash === "string" && !/^\$scrypt\$ln=\d+,r=\d+,p=\d+\$/.test(passwordHash)) {
    report.add("error", ["status", "password_hash"], {
      message: "Cannot use password_hash: it is no scrypt hash",
      remedy: "Put there what deno task password prints",
    });
  }
  if (!isLoopback(status.hostname) && status.token === undefined && status.passwordHash === undefined) {
    report.add("error", ["status", "listen"], {
      message: `Cannot listen on ${status.listen}: other machines could reach the page without signing in`,
      remedy:
        'Add token = { file = "status.secret" } or password_hash (deno task password) under [status], or listen on 127.0.0.1',
    });
  }
}

/** Checks what a destination's section points to; what it lacks is an error of the launchers that deliver there. */
async function checkSection(report: Report, path: Path, base: string): Promise<void> {
  for (const key of ["password", "token"]) {
    await checkSecret(report, [...path, key], { base, missing: "warning" });
  }
  const caFile = textAt(report.table.value, [...path, "ca_file"]);
  if (caFile) {
    await checkFile(report, [...path, "ca_file"], {
      target: resolve(base, caFile),
      remedy: "Put the authority's certificate there, in PEM form, readable by the gateway",
      missing: "warning",
    });
  }
  const url = textAt(report.table.value, [...path, "url"]);
  if (url === undefined || URL.parse(url)?.protocol !== "http:") return;
  report.add("warning", [...path, "url"], {
    message: `Cannot keep what goes to ${nameOf(path)} secret: plain http can be read on the way`,
    remedy: "Set up https on that server, and write its address with https://",
  });
}

/** The table without what a later version will read, each noted as such. */
function withoutReserved(report: Report): TomlTable {
  const { table } = report;
  const kept = Object.entries(table.value).filter(([key]) => {
    if (!RESERVED_TABLES.includes(key)) return true;
    report.add("warning", [key], {
      message: `Cannot use [${key}]: not supported yet`,
      remedy: "Leave it out, or as it is: this version ignores it",
    });
    return false;
  });
  return { value: Object.fromEntries(kept), lineOf: (path) => table.lineOf(path) };
}
