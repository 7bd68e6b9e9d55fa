/** What has been wrong, since when, and who was told: kept in the state folder, so that a restart repeats nothing. */
import { join } from "node:path";
import * as v from "valibot";
import { onDisk, syncPath } from "../delivery/staging.ts";

const FILE = "notify.json";
/** The file is as long as whole blocks of a disk, so that there is room in it for the next incident. */
const BLOCK_BYTES = 4096;

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
    const json = JSON.stringify({ version: 1, incidents: this.all }, null, 1);
    const text = json.padEnd(Math.ceil((json.length + 1) / BLOCK_BYTES) * BLOCK_BYTES - 1) + "\n";
    if (text === this.#written) return;
    try {
      await this.#replace(text);
    } catch (error) {
      // On a full disk there is room still where the file is: of all times, now a restart must not repeat anything.
      await this.#overwrite(text).catch(() => {
        throw error;
      });
    }
    this.#written = text;
  }

  async #replace(text: string): Promise<void> {
    const fresh = `${this.path}.new`;
    try {
      await onDisk(fresh, Deno.writeTextFile(fresh, text, { mode: 0o600 }));
      await syncPath(fresh);
      await onDisk(this.path, Deno.rename(fresh, this.path));
    } catch (error) {
      await Deno.remove(fresh).catch(() => {});
      throw error;
    }
  }

  async #overwrite(text: string): Promise<void> {
    using file = await Deno.open(this.path, { write: true });
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    await file.sync();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
