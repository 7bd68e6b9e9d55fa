/** Archives unpacked for a test, in a folder of their own. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { unpack } from "../src/envelopes/archive.ts";
import { Staging } from "../src/envelopes/staging.ts";
import { EnvelopeError } from "../src/errors.ts";

/** How many files come out at most. */
export const MAX_UNPACKED = 100;

/** Writes `archive` to a file, unpacks it and returns name and content of what came out. */
export async function unpackBytes(archive: Uint8Array): Promise<Map<string, Uint8Array>> {
  const root = await Deno.makeTempDir();
  try {
    const path = join(root, "archive");
    const into = join(root, "out");
    await Deno.mkdir(into);
    await Deno.writeFile(path, archive);
    await using staging = new Staging(into, { maxFiles: MAX_UNPACKED });
    await unpack(path, staging, { name: "archive", endMarkers: ["fin.txt"] });
    const unpacked = new Map<string, Uint8Array>();
    for await (const { name } of Deno.readDir(into)) {
      unpacked.set(name, await Deno.readFile(join(into, name)));
    }
    // Whatever the archive says, nothing lies beside the output directory.
    assert.deepEqual((await Array.fromAsync(Deno.readDir(root), (each) => each.name)).sort(), [
      "archive",
      "out",
    ]);
    return unpacked;
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Fails unless `archive` is refused for that reason. */
export async function refusesToUnpack(archive: Uint8Array, reason: RegExp): Promise<void> {
  await assert.rejects(unpackBytes(archive), (error: unknown) => {
    assert(error instanceof EnvelopeError, String(error));
    assert.match(error.message, reason);
    return true;
  });
}

/** A copy with the octets at `offset` replaced; from the end when negative. */
export function patch(bytes: Uint8Array, offset: number, ...octets: number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(octets, offset < 0 ? bytes.length + offset : offset);
  return copy;
}
