/** For tests of this folder: a launchers.d of given files in a folder of its own. */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { englishIn } from "../../test/english.ts";
import type { Problem } from "../errors.ts";
import { inFrench } from "../french/mod.ts";
import { type Configuration, readConfiguration } from "./mod.ts";

/** A base folder with a launchers.d, gone when disposed. */
export class TestFolder implements AsyncDisposable {
  private constructor(readonly base: string) {}

  /** Writes the files; names without a slash are those of launchers.d. */
  static async of(files: Readonly<Record<string, string | Uint8Array>>): Promise<TestFolder> {
    // Symbolic links in the path of temporary folders would make paths in messages differ.
    const base = await Deno.realPath(await Deno.makeTempDir({ prefix: "lanceur-config-" }));
    const folder = new TestFolder(base);
    await Deno.mkdir(join(base, "launchers.d"));
    for (const [name, content] of Object.entries(files)) {
      const path = folder.path(name);
      if (typeof content === "string") await Deno.writeTextFile(path, content);
      else await Deno.writeFile(path, content);
    }
    return folder;
  }

  /** Absolute path of a file of launchers.d, or of `../NAME` beside it. */
  path(name: string): string {
    return join(this.base, "launchers.d", name);
  }

  async read(): Promise<Configuration> {
    return await readConfiguration(join(this.base, "launchers.d"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.base, { recursive: true });
  }
}

/** Reads a launchers.d of these files alone. */
export async function readFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<Configuration> {
  await using folder = await TestFolder.of(files);
  return await folder.read();
}

/** Everything that a problem says. */
export function textOf({ file, line, message, remedy }: Problem): string {
  return `${file}:${line} ${message} ${remedy}`;
}

/** A launchers.d with one thing wrong. */
export interface ProblemCase {
  readonly name: string;
  /** launchers.d; `a.toml` alone when it is a text. */
  readonly files: string | Readonly<Record<string, string | Uint8Array>>;
  readonly severity?: "error" | "warning" | "info";
  /** `FILE:LINE`, or the file alone. */
  readonly at: string;
  readonly message: RegExp;
  readonly remedy: RegExp;
}

/** Defines a test with a step for each case: its problem is told, and no other error of that file. */
export function testProblems(rule: string, cases: readonly ProblemCase[]): void {
  Deno.test(rule, async (t) => {
    for (const { name, files, severity = "error", at, message, remedy } of cases) {
      await t.step(name, async () => {
        const { problems } = await readFiles(typeof files === "string" ? { "a.toml": files } : files);
        const places = problems.map(({ file, line }) =>
          line === undefined ? basename(file) : `${basename(file)}:${line}`
        );
        const index = problems.findIndex((problem, index) =>
          places[index] === at && message.test(problem.message)
        );
        const found = problems[index];
        assert.ok(found, `not among ${JSON.stringify(problems, undefined, 1)}`);
        assert.equal(found.severity, severity);
        assert.match(found.remedy ?? "", remedy);
        assert.doesNotMatch(found.message, /\.$/);
        for (const text of [found.message, found.remedy ?? ""]) {
          assert.deepEqual(englishIn(inFrench(text)), [], text);
        }
        const others = problems.filter(({ file, severity }) =>
          severity === "error" && basename(file) === at.split(":")[0]
        );
        assert.equal(others.length, severity === "error" ? 1 : 0, JSON.stringify(others));
      });
    }
  });
}
