/** For tests of this folder: a launchers.d of given files in a folder of its own. */
import { join } from "node:path";
import type { Problem } from "../errors.ts";
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
