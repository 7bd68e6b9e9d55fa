import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { join } from "node:path";
import { DeliveryError } from "../errors.ts";
import { Cold } from "./cold_directory.ts";

function bytes(text: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from([new TextEncoder().encode(text)]);
}

async function names(directory: string): Promise<string[]> {
  const found = (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name);
  return found.filter((name) => !name.startsWith(".")).sort();
}

async function withCold(use: (cold: Cold, directory: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    const cold = await Cold.open(root, "test");
    await use(cold, await cold.directory("factures"));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function deliver(cold: Cold, directory: string, name: string, text: string): Promise<string> {
  const stage = cold.stage();
  const file = await stage.add(name, bytes(text));
  await stage.sync();
  const [[move] = []] = await cold.reserve(directory, [[{
    staged: file.path,
    name,
    sizeBytes: file.sizeBytes,
  }]]);
  assert.ok(move);
  await cold.arrive([move]);
  return move.target;
}

async function written(cold: Cold, text: string) {
  const stage = cold.stage();
  const file = await stage.add(text, bytes(text));
  await stage.sync();
  return file;
}

Deno.test("a document appears under its name, whole, and the staging directory is empty again", async () => {
  await withCold(async (cold, directory) => {
    const target = await deliver(cold, directory, "été.pdf", "bonjour");
    assert.equal(target, join(directory, "été.pdf"));
    assert.equal(await Deno.readTextFile(target), "bonjour");
    assert.deepEqual(await Array.fromAsync(Deno.readDir(cold.staging)), []);
  });
});

Deno.test("a name that is taken gets a number, also where only the case differs", async () => {
  await withCold(async (cold, directory) => {
    await Deno.writeTextFile(join(directory, "SCN_0001.pdf"), "older");
    await deliver(cold, directory, "SCN_0001.pdf", "a");
    await deliver(cold, directory, "SCN_0001.pdf", "b");
    assert.deepEqual(await names(directory), ["SCN_0001.pdf", "SCN_0001_2.pdf", "SCN_0001_3.pdf"]);
    assert.equal(await Deno.readTextFile(join(directory, "SCN_0001.pdf")), "older");
  });
});

Deno.test("names reserved together never collide, and are free again when released", async () => {
  await withCold(async (cold, directory) => {
    const wish = { staged: join(cold.staging, "x"), name: "a.pdf", sizeBytes: 0 };
    const reserved = await Promise.all(
      Array.from({ length: 50 }, () => cold.reserve(directory, [[wish], [wish]])),
    );
    const targets = reserved.flat(2).map((move) => move.target.toLowerCase());
    assert.equal(new Set(targets).size, 100);
    cold.release(reserved.flat(2));
    const [[again] = []] = await cold.reserve(directory, [[wish]]);
    assert.equal(again?.target, join(directory, "a.pdf"));
  });
});

Deno.test("a sidecar takes the very name its document got", async () => {
  await withCold(async (cold, directory) => {
    await Deno.writeTextFile(join(directory, "a.pdf.json"), "somebody else's");
    const [moves = []] = await cold.reserve(directory, [[{
      staged: join(cold.staging, "d"),
      name: "a.pdf",
      sizeBytes: 1,
      companion: { staged: join(cold.staging, "s"), extension: ".json", sizeBytes: 2 },
    }]]);
    assert.deepEqual(moves.map(({ target }) => target), [
      join(directory, "a_2.pdf.json"),
      join(directory, "a_2.pdf"),
    ]);
  });
});

Deno.test("Cold.open() refuses a root that is missing, as an unmounted share is", async () => {
  await assert.rejects(
    Cold.open("/nonexistent/cold", "test"),
    (error) => error instanceof DeliveryError && error.scope === "launcher" && /mounted/.test(error.message),
  );
});

Deno.test("a content that breaks leaves nothing staged", async () => {
  await withCold(async (cold) => {
    const stage = cold.stage();
    const broken = ReadableStream.from((async function* () {
      yield new TextEncoder().encode("half");
      throw await Promise.resolve(new RangeError("cut"));
    })());
    await assert.rejects(stage.add("x.pdf", broken), RangeError);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(cold.staging)), []);
  });
});

Deno.test("replan() gives what is still staged a free name, and leaves out what was fetched already", async () => {
  await withCold(async (cold, directory) => {
    const stage = cold.stage();
    const left = await stage.add("a.pdf", bytes("left"));
    await stage.sync();
    await Deno.writeTextFile(join(directory, "a.pdf"), "arrived meanwhile");
    const moves = await cold.replan([
      { staged: left.path, target: join(directory, "a.pdf"), sizeBytes: 4 },
      { staged: `${left.path}-gone`, target: join(directory, "b.pdf"), sizeBytes: 4 },
    ]);
    assert.deepEqual(moves.map(({ target }) => target), [join(directory, "a_2.pdf")]);
  });
});

Deno.test("sweep() removes forgotten stages of this gateway only", async () => {
  await withCold(async (cold) => {
    const [mine, kept] = [await written(cold, "a"), await written(cold, "b")];
    const other = join(cold.staging, "other-1");
    await Deno.writeTextFile(other, "another gateway's");
    assert.equal(await cold.sweep(new Set([kept.path])), 1);
    await assert.rejects(Deno.lstat(mine.path), Deno.errors.NotFound);
    await Deno.lstat(kept.path);
    await Deno.lstat(other);
  });
});

Deno.test("arrive() ends after all of its documents have, also when one cannot arrive", async () => {
  await withCold(async (cold, directory) => {
    const refused = { ...await written(cold, "refused.pdf"), target: join(directory, "refused.pdf") };
    // Nothing is renamed over a directory.
    await Deno.mkdir(refused.target);
    // Copied to another volume already, which leaves more than one step to do.
    const slow = { ...await written(cold, "slow.pdf"), target: join(directory, "slow.pdf") };
    await Deno.rename(slow.path, `${slow.path}.copied`);
    const id = hash("sha256", slow.path, "hex").slice(0, 16);
    await Deno.writeTextFile(join(directory, `.lanceur-${id}.part`), "slow.pdf");
    const moves = [refused, slow].map(({ path: staged, target, sizeBytes }) => ({
      staged,
      target,
      sizeBytes,
    }));
    await assert.rejects(cold.arrive(moves), DeliveryError);
    assert.deepEqual([...Deno.readDirSync(cold.staging)].map(({ name }) => join(cold.staging, name)), [
      refused.path,
    ]);
    assert.deepEqual(await names(directory), ["refused.pdf", "slow.pdf"]);
  });
});
