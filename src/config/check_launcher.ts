/** Checks of a launcher file that go beyond its schema. They look at the table as written, so that all problems come at once. */
import { resolve } from "node:path";
import {
  ENVELOPE_PLACEHOLDERS,
  faultOfNameTemplate,
  PLACEHOLDERS,
  placeholdersOf,
} from "../delivery/options.ts";
import { readSchedule } from "../schedule.ts";
import { isInside } from "../sources/folder_place.ts";
import { protocols } from "../sources/mod.ts";
import type { Protocol } from "../sources/source.ts";
import { parseDuration } from "../units.ts";
import { checkDestination, type DestinationSurroundings } from "./check_destination.ts";
import { checkFile, checkFolder, checkSecret, textAt, valueAt } from "./check_places.ts";
import { checkTunnel, type Sections } from "./check_tunnel.ts";
import { launcherOptions } from "./launcher.ts";
import { type Report, shorten } from "./report.ts";
import { defaultOf } from "./shape.ts";
import { suggest } from "./suggest.ts";
import type { Path } from "./toml.ts";

const MIN_INTERVAL_MS = 1000;
const NICKNAMES = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@hourly"];

/** What the checks need besides the file. */
export interface LauncherSurroundings extends DestinationSurroundings {
  readonly coldRoot: string;
  readonly sections: Sections;
}

/** Notes every problem of one launcher that its schema cannot see. */
export async function checkLauncher(report: Report, surroundings: LauncherSurroundings): Promise<void> {
  const { value } = report.table;
  const { base } = surroundings;
  checkSchedule(report);
  checkPlaceholders(report);
  checkTunnel(report, surroundings.sections, {
    path: ["listen", "tunnel"],
    protocol: textAt(report.table.value, ["listen", "protocol"]),
  });
  await checkDestination(report, surroundings);
  for (const key of ["password", "token"]) await checkSecret(report, ["listen", key], { base });
  const caFile = textAt(value, ["listen", "ca_file"]);
  if (caFile) {
    await checkFile(report, ["listen", "ca_file"], {
      target: resolve(base, caFile),
      remedy: "Put the authority's certificate there, in PEM form, readable by the gateway",
    });
  }
  await checkListenFolder(report, surroundings);
}

async function checkListenFolder(report: Report, { base, coldRoot }: LauncherSurroundings): Promise<void> {
  const path = ["listen", "path"];
  const folder = textAt(report.table.value, path);
  if (!folder || folder.includes("\0")) return;
  await checkFolder(report, path, { folder, base });
  const target = resolve(base, folder);
  const cold = textAt(report.table.value, ["deliver", "cold"]);
  const own = cold === undefined ? undefined : resolve(coldRoot, cold);
  const isRecursive = valueAt(report.table.value, ["listen", "recursive"]) === true;
  const staging = resolve(coldRoot, ".lanceur");
  const loops = own !== undefined && (isInside(target, own) || (isRecursive && isInside(own, target)));
  if (loops || isInside(target, staging) || (isRecursive && isInside(staging, target))) {
    report.add("error", path, {
      message: `Cannot listen to "${target}": this launcher would take again what is delivered there`,
      remedy: "Name a folder outside the COLD directory that deliver.cold names",
    });
  }
}

function checkSchedule(report: Report): void {
  const { value } = report.table;
  const schedule = optionOr(report, "schedule");
  const timezone = optionOr(report, "timezone");
  const fail = (path: Path, message: string, remedy: string) =>
    report.add("error", path, { message, remedy });
  const hasZone = timezone !== undefined && isTimezone(timezone);
  if (timezone !== undefined && !hasZone) {
    const near = suggest(timezone, Intl.supportedValuesOf("timeZone"));
    fail(
      ["timezone"],
      `Cannot use timezone = "${shorten(timezone)}": no such time zone`,
      near ? `Did you mean "${near}"?` : 'Write a name such as "Europe/Paris" or "Indian/Reunion"',
    );
  }
  if (schedule === undefined) return;
  const subject = `Cannot use schedule = "${shorten(schedule)}"`;
  if (schedule === "push") {
    const protocol = textAt(value, ["listen", "protocol"]);
    const known = Object.entries<Protocol>(protocols);
    const found = known.find(([name]) => name === protocol)?.[1];
    if (!found || found.watch) return;
    const able = known.filter(([, { watch }]) => watch).map(([name]) => name).join(", ");
    fail(
      ["schedule"],
      `${subject}: ${protocol} cannot tell that something has arrived`,
      `Write a time table such as "*/10 * * * *"; "push" works with ${able}`,
    );
    return;
  }
  const fault = faultOfSchedule(schedule, hasZone ? timezone : undefined);
  if (fault) fail(["schedule"], `${subject}: ${fault[0]}`, meantBy(schedule) + fault[1]);
}

/** The word that was meant by a schedule of one word, as the beginning of an advice. */
function meantBy(schedule: string): string {
  const [word = "", ...others] = schedule.trim().split(/\s+/);
  const words = word.startsWith("@") ? [...NICKNAMES, "@every"] : others.length === 0 ? ["push"] : [];
  const near = words.includes(word) ? undefined : suggest(word, words);
  return near === undefined ? "" : `Did you mean "${near}"? `;
}

/** What is wrong with a schedule, and what would be right. */
function faultOfSchedule(schedule: string, timezone: string | undefined): [string, string] | undefined {
  const every = /^@every\s+(.*)$/.exec(schedule.trim());
  if (every) {
    const intervalMs = parseDuration(every[1] ?? "");
    if (intervalMs === undefined) return ["not a time", 'Write a time such as "@every 30s" or "@every 10m"'];
    if (intervalMs < MIN_INTERVAL_MS) return ["too often", 'Write "@every 1s" or more'];
  } else if (schedule.trim().startsWith("@")) {
    if (!NICKNAMES.includes(schedule.trim())) {
      return ["no such word", `Write "@every 30s", or one of ${NICKNAMES.join(", ")}`];
    }
  } else {
    const fields = schedule.trim().split(/\s+/).length;
    if (fields !== 5 && fields !== 6) {
      const count = schedule.trim() === "" ? 0 : fields;
      return [
        count === 1 ? "1 field where 5 or 6 are needed" : `${count} fields where 5 or 6 are needed`,
        'Write minute, hour, day, month, weekday (with seconds first, if wanted), such as "*/10 * * * *", or "@every 30s", or "push"',
      ];
    }
  }
  try {
    readSchedule(schedule, timezone === undefined ? {} : { timezone });
    return undefined;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { message } = error.cause instanceof Error ? error.cause : error;
    if (/never run/.test(message)) {
      return ["it would never run: no date fits", "Choose a day that the month has"];
    }
    return [
      message.replace(/^CronPattern: /, "").toLowerCase(),
      'Write a time table such as "*/10 * * * *" (every 10 minutes) or "0 7 * * 1-5" (workdays at 7)',
    ];
  }
}

function isTimezone(name: string): boolean {
  try {
    // Much faster than to make an Intl.DateTimeFormat.
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

function checkPlaceholders(report: Report): void {
  const path = ["deliver", "name"];
  const template = textAt(report.table.value, path);
  if (template === undefined || faultOfNameTemplate(template) !== undefined) return;
  const hasEnvelopes = textAt(report.table.value, ["listen", "protocol"]) === "adullact" ||
    Array.isArray(valueAt(report.table.value, ["documents", "envelopes"]));
  const known = hasEnvelopes ? [...PLACEHOLDERS, ...ENVELOPE_PLACEHOLDERS] : PLACEHOLDERS;
  for (const placeholder of new Set(placeholdersOf(template))) {
    if (known.includes(placeholder)) continue;
    const near = suggest(placeholder, known);
    // Which fields an envelope has depends on its kind and its sender, so those lists are never complete.
    report.add(hasEnvelopes ? "warning" : "error", path, {
      message: `Cannot fill in {${shorten(placeholder)}} of ${path.join(".")}: no such placeholder is known`,
      remedy: `${near ? `Did you mean {${near}}? ` : ""}Known: ${
        known.map((name) => `{${name}}`).join(" ")
      }` +
        (hasEnvelopes ? "; a field that an envelope lacks is left empty" : ""),
    });
  }
}

/** An option of the file's first part, or its default; `undefined` when it is not text. */
function optionOr(report: Report, key: "schedule" | "timezone"): string | undefined {
  const given = report.table.value[key] ?? defaultOf(launcherOptions.entries[key]);
  return typeof given === "string" ? given : undefined;
}
