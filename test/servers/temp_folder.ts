/** A real folder for one test, removed with everything in it when the test ends. */
import { dirname, join } from "node:path";

/** A temporary folder; `await using` removes it. */
export class TempFolder implements AsyncDisposable {
  private constructor(readonly path: string) {}

  /** Made below `dir`, or where the system puts temporary folders. */
  static async make(dir?: string): Promise<TempFolder> {
    return new TempFolder(
      await Deno.realPath(await Deno.makeTempDir({ prefix: "lanceur-test-", ...(dir ? { dir } : {}) })),
    );
  }

  /** Absolute path of something in it. */
  at(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file, with the folders it needs; resolves with its absolute path. */
  async write(name: string, content: string | Uint8Array = name): Promise<string> {
    const path = this.at(name);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
    return path;
  }

  /** What is in a folder of it, sorted; folders end with `/`. */
  async list(name = "."): Promise<string[]> {
    const names: string[] = [];
    for await (const entry of Deno.readDir(this.at(name))) {
      names.push(entry.isDirectory ? `${entry.name}/` : entry.name);
    }
    return names.sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
