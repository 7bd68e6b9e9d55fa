/** Checks where a launcher delivers when that is a destination of gateway.toml. */
import { addressOf } from "../delivery/mod.ts";
import { COLUMN_PLACEHOLDERS } from "../delivery/ezged/deliver.ts";
import { ENVELOPE_PLACEHOLDERS, PLACEHOLDERS, placeholdersOf } from "../delivery/options.ts";
import { ConfigError } from "../errors.ts";
import type { Secret } from "../secret.ts";
import { valueAt } from "./check_places.ts";
import type { GatewayConfig } from "./gateway.ts";
import type { Report } from "./report.ts";
import { resolveSecret } from "./secrets.ts";
import { isTable } from "./shape.ts";
import { suggest } from "./suggest.ts";

/** What the check needs besides the file. */
export interface DestinationSurroundings {
  /** Folder that holds launchers.d. */
  readonly base: string;
  /** The destinations of gateway.toml: by kind, then by name; `undefined` when that file cannot be used. */
  readonly destinations: GatewayConfig["sections"] | undefined;
}

/** Notes a destination that gateway.toml lacks, its secrets that are not there, and placeholders nobody fills in. */
export async function checkDestination(
  report: Report,
  { base, destinations }: DestinationSurroundings,
): Promise<void> {
  const deliver = valueAt(report.table.value, ["deliver"]);
  if (!isTable(deliver)) return;
  const { kind, name } = addressOf(deliver);
  if (kind === "cold") return;
  checkColumns(report);
  if (!destinations) return;
  const sections = destinations[kind] ?? {};
  const section = sections[name];
  const subject = `Cannot use ${kind} = "${name.slice(0, 64)}"`;
  if (!isTable(section)) {
    const names = Object.keys(sections);
    const near = suggest(name, names);
    report.add("lacking", ["deliver", kind], {
      message: `${subject}: gateway.toml has no [${kind}.${name.slice(0, 64)}]`,
      remedy: (near ? `Did you mean "${near}"? ` : "") +
        (names.length > 0
          ? `There: ${names.join(", ")}`
          : "Write that section, with url, account and password"),
    });
    return;
  }
  for (const key of ["password", "token"]) {
    if (section[key] === undefined) continue;
    try {
      await resolveSecret(section[key] as Secret, base);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const [problem] = error.problems;
      report.add("lacking", ["deliver", kind], {
        message: `${subject}: ${key} of [${kind}.${name}]: ${error.message}`,
        remedy: problem?.remedy ?? "",
      });
    }
  }
}

function checkColumns(report: Report): void {
  const columns = valueAt(report.table.value, ["deliver", "record", "columns"]);
  if (!isTable(columns)) return;
  const known = [...PLACEHOLDERS, ...COLUMN_PLACEHOLDERS, ...ENVELOPE_PLACEHOLDERS];
  for (const [column, template] of Object.entries(columns)) {
    if (typeof template !== "string") continue;
    for (const placeholder of new Set(placeholdersOf(template))) {
      if (known.includes(placeholder)) continue;
      const near = suggest(placeholder, known);
      report.add("warning", ["deliver", "record", "columns", column], {
        message: `Cannot fill in {${
          placeholder.slice(0, 60)
        }} of column "${column}": no such placeholder is known`,
        remedy: (near ? `Did you mean {${near}}? ` : "") + "What is not known is left empty",
      });
    }
  }
}
