/** Who may import whom: a stage knows the model, not the other stages. */
import assert from "node:assert/strict";
import { join, relative } from "node:path";

const ROOT = join(import.meta.dirname ?? "", "..");

/** What everybody in src may import. */
const SHARED = [
  "src/model.ts",
  "src/disk.ts",
  "src/errors.ts",
  "src/file_errors.ts",
  "src/globs.ts",
  "src/hosts.ts",
  "src/secret.ts",
  "src/sync.ts",
  "src/units.ts",
];
/** Folders that are one stage each, and what they may import besides themselves and what is shared. */
const STAGES: Readonly<Record<string, readonly string[]>> = {
  "src/sources/": [],
  "src/message/": [],
  "src/envelopes/": [],
  "src/filter/": [],
  "src/delivery/": [],
  // The child process that opens envelopes and attachments.
  "src/decoder/": ["src/envelopes/", "src/message/"],
  "src/status/": ["src/french/"],
  // Composes the schemas of the stages, and checks schedules as they will be read.
  "src/config/": [
    "src/sources/",
    "src/message/",
    "src/filter/",
    "src/delivery/",
    "src/envelopes/",
    "src/notify/options.ts",
    "src/notify/webhook_address.ts",
    "src/schedule.ts",
    "tunnel/",
  ],
  "tunnel/": [],
};

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* sources(path);
    else if (/\.tsx?$/.test(name)) yield path;
  }
}

/** Relative imports of a file, as paths from the root. */
async function importsOf(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(join(ROOT, path));
  const found = text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return [...found].map(([, target = ""]) => relative(ROOT, join(ROOT, path, "..", target)));
}

Deno.test("a stage imports the model and its own folder, never another stage", async () => {
  const offences: string[] = [];
  for (const folder of ["src", "tunnel"]) {
    for await (const path of sources(folder)) {
      const isTest = /_test\.tsx?$|testing\.ts$|serve_sample\.ts$|sample_view\.ts$/.test(path);
      const stage = Object.keys(STAGES).find((prefix) => path.startsWith(prefix));
      for (const target of await importsOf(path)) {
        const allowed = stage === undefined
          ? ["src/", "tunnel/"]
          : [stage, ...(STAGES[stage] ?? []), ...(stage === "tunnel/" ? [] : SHARED)];
        if (isTest) allowed.push("test/", "src/", "tunnel/", "deno.json");
        if (!allowed.some((prefix) => target.startsWith(prefix))) offences.push(`${path} imports ${target}`);
      }
    }
  }
  assert.deepEqual(offences, []);
});
