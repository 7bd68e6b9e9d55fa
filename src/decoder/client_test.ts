import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";
import { addPlace, disk } from "../disk.ts";
import { EnvelopeError, ItemError, SourceError } from "../errors.ts";
import { createDecoder, type Decoder } from "./client.ts";
import { decoderFlags } from "./process.ts";

const FIXTURES = fileURLToPath(new URL("../../test/fixtures/envelopes", import.meta.url));
const SAMPLE = join(FIXTURES, "helios-zip", "PESALR2_12345678900012_240312_001.zip");

/** A temporary directory in which each `into()` is a new, empty directory. */
async function workspace() {
  const root = await Deno.realPath(await Deno.makeTempDir());
  let count = 0;
  const into = async () => {
    const path = join(root, `out-${count++}`);
    await Deno.mkdir(path);
    return path;
  };
  return { root, into, [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }) };
}

/** Decoder processes that may write to `root`; Linux only. Deno itself reads /proc only with every permission. */
async function decodersOf(root: string): Promise<number[]> {
  const script = 'grep -slaF -- "--allow-write=$1" /proc/[0-9]*/cmdline';
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script, "sh", root] }).output();
  const paths = new TextDecoder().decode(stdout).split("\n").filter((path) => path !== "");
  const pids = await Promise.all(paths.map(async (path) => {
    const pid = path.split("/")[2] ?? "";
    // The shell and grep have the same words in their own command lines.
    const name = await new Deno.Command("sh", { args: ["-c", `cat /proc/${pid}/comm`], stderr: "null" })
      .output();
    return new TextDecoder().decode(name.stdout).trim().startsWith("deno") ? [Number(pid)] : [];
  }));
  return pids.flat();
}

/** A lone PES whose decoding takes some seconds. */
async function slowEnvelope(root: string): Promise<string> {
  const path = join(root, "lent.xml");
  const piece = `<Piece><BlocPiece><InfoPce><IdPce V="1"/></InfoPce></BlocPiece></Piece>`.repeat(100_000);
  using file = await Deno.open(path, { write: true, create: true });
  const write = async (text: string) => {
    const bytes = new TextEncoder().encode(text);
    for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
  };
  await write("<PES_Aller>");
  for (let n = 0; n < 10; n++) await write(piece);
  await write("</PES_Aller>");
  return path;
}

/** Messages of at most 10 MiB are held whole, in many times their size. */
async function memoryHungryEnvelope(root: string): Promise<string> {
  const path = join(root, "gros.xml");
  const element = `<a b="${"c".repeat(20)}" d="e">f</a>`;
  await Deno.writeTextFile(
    path,
    `<Acte xmlns="http://www.interieur.gouv.fr/ACTES#v1.1-20040216">${element.repeat(190_000)}</Acte>`,
  );
  return path;
}

async function assertWorks(decoder: Decoder, into: string): Promise<void> {
  assert.equal((await decoder.decode(SAMPLE, { into })).type, "helios");
}

Deno.test("decode() works in a process of its own and writes into the given directory only", async () => {
  await using space = await workspace();
  const into = await space.into();
  await using decoder = createDecoder({ read: [SAMPLE], write: [into] });
  const envelope = await decoder.decode(SAMPLE, { into });
  assert.equal(envelope.type, "helios");
  assert.equal(envelope.name, "PESALR2_12345678900012_240312_001");
  const names = await Array.fromAsync(Deno.readDir(into), (each) => each.name);
  assert.deepEqual(names.sort(), envelope.files.map((file) => file.name).sort());
});

Deno.test("decode() takes keys and a name", async () => {
  await using space = await workspace();
  const keys = { acte_nature: "acte_nature", helios: "helios", chorus_fact: "id_bordereau" };
  const into = await space.into();
  // The key of Chorus is looked for after that of Helios, which the sample has.
  await using decoder = createDecoder({ read: [SAMPLE], write: [into], keys });
  const envelope = await decoder.decode(SAMPLE, { into, name: "Envoi 1.zip" });
  assert.deepEqual([envelope.type, envelope.name], ["helios", "Envoi 1"]);
});

Deno.test("createDecoder() keeps one process for many envelopes, also for those asked at once", async () => {
  await using space = await workspace();
  await using decoder = createDecoder({ read: [FIXTURES], write: [space.root] });
  await decoder.ready();
  const before = Deno.build.os === "linux" ? await decodersOf(space.root) : [];
  const paths = await Promise.all(Array.from({ length: 5 }, () => space.into()));
  await Promise.all(paths.map((into) => assertWorks(decoder, into)));
  if (Deno.build.os === "linux") assert.deepEqual(await decodersOf(space.root), before);
});

Deno.test("Decoder.decode() reports a damaged envelope and decodes the next one", async () => {
  await using space = await workspace();
  await using decoder = createDecoder({ read: [FIXTURES, space.root], write: [space.root] });
  const bad = join(space.root, "bad.zip");
  await Deno.writeFile(bad, zipSync({ "../evil": new Uint8Array(1) }));
  await assert.rejects(decoder.decode(bad, { into: await space.into() }), (error: unknown) => {
    assert(error instanceof EnvelopeError);
    assert.match(error.message, /"..\/evil": the path leads out/);
    return true;
  });
  await assertWorks(decoder, await space.into());
});

Deno.test("Decoder.decode() kills the process at the deadline and goes on with another one", async () => {
  await using space = await workspace();
  await using decoder = createDecoder({ read: [FIXTURES, space.root], write: [space.root] });
  const slow = await slowEnvelope(space.root);
  await decoder.ready();
  await assert.rejects(
    decoder.decode(slow, { into: await space.into(), deadlineMs: 50 }),
    (error: unknown) => {
      assert(error instanceof EnvelopeError, String(error));
      assert.match(error.message, /^Cannot decode "lent.xml": it takes more than 0.05 s/);
      return true;
    },
  );
  await assertWorks(decoder, await space.into());
});

Deno.test({
  name: "Decoder.decode() blames a share that does not answer at the deadline, not the envelope",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using space = await workspace();
    await using decoder = createDecoder({ read: [FIXTURES, space.root], write: [space.root] });
    const slow = await slowEnvelope(space.root);
    const fifo = join(space.root, "fifo");
    assert((await new Deno.Command("mkfifo", { args: [fifo] }).output()).success);
    await decoder.ready();
    const into = await space.into();
    addPlace(space.root);
    // As many as may be under way: the look at the deadline waits for its turn.
    const hanging = Array.from({ length: 40 }, () => disk.open(fifo));
    await assert.rejects(decoder.decode(slow, { into, deadlineMs: 50 }), (error: unknown) => {
      assert(error instanceof ItemError, String(error));
      assert.match(error.message, /^Cannot decode "lent.xml": .* does not answer$/);
      return true;
    });
    using _writer = await Deno.open(fifo, { read: true, write: true });
    for (const file of await Promise.all(hanging)) file.close();
  },
});

Deno.test("Decoder.decode() ends with the signal's reason when it aborts, before and during the decoding", async () => {
  await using space = await workspace();
  await using decoder = createDecoder({ read: [FIXTURES, space.root], write: [space.root] });
  const slow = await slowEnvelope(space.root);
  await decoder.ready();
  const into = await space.into();
  const abort = new AbortController();
  const decoding = decoder.decode(slow, { into, signal: abort.signal });
  // Output appears: it is at work.
  while ((await Array.fromAsync(Deno.readDir(into))).length === 0);
  abort.abort(new Error("arrêt"));
  await assert.rejects(decoding, /arrêt/);
  await assert.rejects(decoder.decode(SAMPLE, { into, signal: abort.signal }), /arrêt/);
  await assertWorks(decoder, await space.into());
});

Deno.test("Decoder.decode() reports an envelope that takes too much memory and goes on", async () => {
  await using space = await workspace();
  await using decoder = createDecoder({ read: [FIXTURES, space.root], write: [space.root], memoryMb: 32 });
  const hungry = await memoryHungryEnvelope(space.root);
  await assert.rejects(decoder.decode(hungry, { into: await space.into() }), (error: unknown) => {
    assert(error instanceof EnvelopeError, String(error));
    assert.match(error.message, /"gros.xml": it takes more than 32 MB of memory/);
    return true;
  });
  await assertWorks(decoder, await space.into());
});

Deno.test("Decoder.decode() is a failure of the item, not of the envelope, when files cannot be reached", async () => {
  await using space = await workspace();
  await using decoder = createDecoder({ read: [FIXTURES], write: [space.root] });
  await assert.rejects(decoder.decode(join(FIXTURES, "absent"), { into: await space.into() }), ItemError);
  await assert.rejects(decoder.decode(SAMPLE, { into: FIXTURES }), ItemError);
  await assert.rejects(
    decoder.decode(fileURLToPath(import.meta.url), { into: await space.into() }),
    ItemError,
  );
});

Deno.test({
  name: "Decoder.decode() survives the signals that a terminal or service manager sends to the whole group",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using space = await workspace();
    await using decoder = createDecoder({ read: [FIXTURES], write: [space.root] });
    await decoder.ready();
    const [pid] = await decodersOf(space.root);
    assert(pid !== undefined);
    Deno.kill(pid, "SIGINT");
    Deno.kill(pid, "SIGTERM");
    await assertWorks(decoder, await space.into());
    assert.deepEqual(await decodersOf(space.root), [pid]);
  },
});

Deno.test({
  name: "Decoder.decode() reports a crash as the envelope's fault and goes on",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using space = await workspace();
    await using decoder = createDecoder({ read: [FIXTURES, space.root], write: [space.root] });
    const slow = await slowEnvelope(space.root);
    await decoder.ready();
    const [pid] = await decodersOf(space.root);
    assert(pid !== undefined);
    const into = await space.into();
    const decoding = decoder.decode(slow, { into });
    while ((await Array.fromAsync(Deno.readDir(into))).length === 0);
    Deno.kill(pid, "SIGKILL");
    await assert.rejects(decoding, (error: unknown) => {
      assert(error instanceof EnvelopeError, String(error));
      assert.match(error.message, /"lent.xml": the decoder crashed on it/);
      return true;
    });
    await assertWorks(decoder, await space.into());
  },
});

Deno.test({
  name: "createDecoder() ends a process that has nothing to do, and starts another when needed",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using space = await workspace();
    await using decoder = createDecoder({ read: [FIXTURES], write: [space.root], idleMs: 0 });
    await assertWorks(decoder, await space.into());
    while ((await decodersOf(space.root)).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await assertWorks(decoder, await space.into());
  },
});

Deno.test("Decoder.ready() says in a sentence that the decoder cannot start", async () => {
  await using decoder = createDecoder({ read: ["/"], write: [], memoryMb: Number.NaN });
  await assert.rejects(decoder.ready(), (error: unknown) => {
    assert(error instanceof SourceError, String(error));
    assert.match(error.message, /^Cannot start the decoder: .*[^.]$/);
    return true;
  });
});

Deno.test("Decoder.decode() fails after the decoder was disposed, and ends what runs then", async () => {
  await using space = await workspace();
  const decoder = createDecoder({ read: [FIXTURES, space.root], write: [space.root] });
  const slow = await slowEnvelope(space.root);
  await decoder.ready();
  const decoding = decoder.decode(slow, { into: await space.into() });
  const rejected = assert.rejects(decoding, ItemError);
  await decoder[Symbol.asyncDispose]();
  await rejected;
  await assert.rejects(decoder.decode(SAMPLE, { into: await space.into() }), ItemError);
});

Deno.test("decoderFlags() grant the given directories and nothing else", async () => {
  await using space = await workspace();
  const comma = join(space.root, "a,b");
  const [read, write] = [join(space.root, "read"), join(space.root, "write")];
  await Promise.all([read, write, comma].map((path) => Deno.mkdir(path)));
  const script = join(space.root, "rights.ts");
  const queries = [
    { name: "net" },
    { name: "run" },
    { name: "env" },
    { name: "ffi" },
    { name: "sys" },
    { name: "import" },
    { name: "read" },
    { name: "write" },
    { name: "read", path: read },
    { name: "write", path: read },
    { name: "read", path: write },
    { name: "write", path: write },
    { name: "write", path: space.root },
  ];
  await Deno.writeTextFile(
    script,
    `console.log(JSON.stringify(${
      JSON.stringify(queries)
    }.map((each) => Deno.permissions.querySync(each).state)))`,
  );
  const flags = decoderFlags({ read: [read], write: [write], memoryMb: 128 });
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: [...flags, script] }).output();
  const states = JSON.parse(new TextDecoder().decode(stdout));
  assert.deepEqual(states.map((state: string) => state === "granted"), [
    ...Array(8).fill(false),
    true,
    false,
    true,
    true,
    false,
  ]);
  // Deno cannot take a comma in a path: the right is that of the directory above.
  assert(decoderFlags({ read: [comma], write: [], memoryMb: 128 }).includes(`--allow-read=${space.root}`));
});
