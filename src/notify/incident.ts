/** What has been wrong, since when, and who was told: kept in the state folder, so that a restart repeats nothing. */
import { join } from "node:path";
import * as v from "valibot";
import { onDisk, syncPath } from "../delivery/staging.ts";

const FILE = "notify.json";

const incidentSchema = v.object({
  id: v.string(),
  /** What is wrong: equal for as long as it is the same thing. */
  key: v.string(),
  kind: v.picklist(["launcher", "service", "quarantine", "space", "gateway"]),
  name: v.string(),
  /** Since when, in ms since 1970. */
  since: v.number(),
  /** When it is to be told, unless it is over by then. */
  due: v.number(),
  reason: v.string(),
  /** Quarantine entries that it is about. */
  entries: v.array(v.string()),
  /** When it was over. */
  over: v.nullable(v.number()),
  /** Channels that were told of it, and those that were told that it is over. */
  told: v.array(v.string()),
  toldOver: v.array(v.string()),
});

/** One thing that is, or was, wrong. */
export type Incident = v.InferOutput<typeof incidentSchema>;

const fileSchema = v.object({ version: v.literal(1), incidents: v.array(incidentSchema) });

/** The incidents of one state folder. */
export class Incidents {
  #written = "";

  private constructor(readonly path: string, readonly all: Incident[]) {}

  /** Reads what an earlier run knew; a file that cannot be read begins anew. */
  static async open(state: string): Promise<Incidents> {
    const path = join(state, FILE);
    const text = await Deno.readTextFile(path).catch(() => "");
    const file = v.safeParse(fileSchema, parsed(text));
    return new Incidents(path, file.success ? file.output.incidents : []);
  }

  /** Notes a new one. */
  add(
    incident: Pick<Incident, "key" | "kind" | "name" | "since" | "due" | "reason"> & Partial<Incident>,
  ): void {
    const id = crypto.randomUUID();
    this.all.push({ id, entries: [], over: null, told: [], toldOver: [], ...incident });
  }

  remove(incident: Incident): void {
    this.all.splice(this.all.indexOf(incident), 1);
  }

  /** Makes them last, when something has changed. Throws `DeliveryError`. */
  async save(): Promise<void> {
    const text = JSON.stringify({ version: 1, incidents: this.all }, null, 1) + "\n";
    if (text === this.#written) return;
    const fresh = `${this.path}.new`;
    await onDisk(fresh, Deno.writeTextFile(fresh, text, { mode: 0o600 }));
    await syncPath(fresh);
    await onDisk(this.path, Deno.rename(fresh, this.path));
    this.#written = text;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
