import { strict as assert } from "node:assert";
import { addPlace, disk, fileCall, silentPlaces, statWithin } from "./disk.ts";
import { TempFolder } from "../test/servers/temp_folder.ts";

const isWindows = Deno.build.os === "windows";
/** More than Deno has threads for. */
const HANGING_CALLS = 60;
const LIMIT_MS = 20_000;

/** A place with a FIFO in it: opening that waits for a writer, as a file of a share waits for its server. */
class HangingPlace implements AsyncDisposable {
  readonly fifo: string;

  constructor(readonly path: string) {
    this.fifo = `${path}/fifo`;
  }

  static async make(folder: TempFolder, name: string): Promise<HangingPlace> {
    const path = folder.at(name);
    await Deno.mkdir(path);
    assert.ok((await new Deno.Command("mkfifo", { args: [`${path}/fifo`] }).output()).success);
    addPlace(path);
    return new HangingPlace(path);
  }

  /** Lets all go on that hang. */
  async answer(): Promise<void> {
    // In a process of its own: this one may have no thread left.
    await new Deno.Command("sh", { args: ["-c", ': 3<> "$0"', this.fifo] }).output();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.answer();
  }
}

Deno.test({
  name:
    "a place that hangs leaves files elsewhere and name lookups alone, is told, and goes on when it answers",
  ignore: isWindows,
  async fn() {
    await using folder = await TempFolder.make();
    await using hanging = await HangingPlace.make(folder, "share");
    const other = await folder.write("other/file", "there");
    addPlace(folder.at("other"));
    const opened = Array.from({ length: HANGING_CALLS }, () => disk.open(hanging.fifo));
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

    assert.equal((await within(disk.stat(other))).size, 5);
    (await within(Deno.connect({ hostname: "localhost", port: listener.addr.port }))).close();
    assert.deepEqual(silentPlaces(0).map(({ path }) => path), [hanging.path]);

    using _writer = await Deno.open(hanging.fifo, { read: true, write: true });
    for (const file of await within(Promise.all(opened))) file.close();
    assert.deepEqual(silentPlaces(0), []);
  },
});

Deno.test({
  name: "what waits begins in turn, of every place, when others hang as well",
  ignore: isWindows,
  async fn() {
    await using folder = await TempFolder.make();
    await using one = await HangingPlace.make(folder, "one");
    await using two = await HangingPlace.make(folder, "two");
    await using three = await HangingPlace.make(folder, "three");
    const places = [one, two, three];
    const opened = places.flatMap(({ fifo }) => Array.from({ length: 20 }, () => disk.open(fifo)));
    const waiting = disk.stat(folder.path);
    using _writers = new DisposableStack();
    for (const { fifo } of places) {
      // Not in a turn: some threads are kept free for what is not.
      _writers.use(await within(Deno.open(fifo, { read: true, write: true })));
    }
    for (const file of await within(Promise.all(opened))) file.close();
    assert.ok((await within(waiting)).isDirectory);
  },
});

Deno.test({
  name: "places that hang leave some turns to others, however many their calls are",
  ignore: isWindows,
  async fn() {
    await using folder = await TempFolder.make();
    await using one = await HangingPlace.make(folder, "first");
    await using two = await HangingPlace.make(folder, "second");
    const other = await folder.write("third/file", "there");
    addPlace(folder.at("third"));
    const opened = [one, two].flatMap(({ fifo }) =>
      Array.from({ length: HANGING_CALLS }, () => disk.open(fifo))
    );

    assert.equal((await within(disk.stat(other))).size, 5);

    using _first = await Deno.open(one.fifo, { read: true, write: true });
    using _second = await Deno.open(two.fifo, { read: true, write: true });
    for (const file of await within(Promise.all(opened))) file.close();
  },
});

Deno.test({
  name: "folders of one share have no more turns than one of them has",
  ignore: isWindows,
  async fn() {
    await using folder = await TempFolder.make();
    const share: HangingPlace[] = [];
    for (let n = 0; n < 10; n++) share.push(await HangingPlace.make(folder, `scans${n}`));
    for (const { path } of share) addPlace(path, 4711);
    const other = await folder.write("elsewhere/file", "there");
    addPlace(folder.at("elsewhere"), 815);
    const opened = share.map(({ fifo }) => Array.from({ length: 20 }, () => disk.open(fifo)));

    assert.equal((await within(disk.stat(other))).size, 5);

    using writers = new DisposableStack();
    for (const { fifo } of share) writers.use(await within(Deno.open(fifo, { read: true, write: true })));
    for (const file of await within(Promise.all(opened.flat()))) file.close();
  },
});

Deno.test({
  name: "who cannot wait is told after the time given; the look goes on, and no other is begun meanwhile",
  ignore: isWindows,
  async fn() {
    await using folder = await TempFolder.make();
    await using hanging = await HangingPlace.make(folder, "late");
    let looks = 0;
    const look = async (path: string) => {
      looks++;
      using file = await Deno.open(`${path}/fifo`);
      return await file.stat();
    };
    for (let n = 0; n < 3; n++) {
      await assert.rejects(statWithin(50, hanging.path, look), Deno.errors.TimedOut);
    }
    assert.equal(looks, 1);
    assert.equal(silentPlaces(0).length, 1);
    const last = statWithin(LIMIT_MS, hanging.path, look);
    await hanging.answer();
    assert.ok((await last).isFifo);
    assert.equal(looks, 1);
    assert.ok((await statWithin(LIMIT_MS, folder.path)).isDirectory);
  },
});

Deno.test("a call that fails gives its turn back", async () => {
  await using folder = await TempFolder.make();
  addPlace(folder.path);
  const missing = Array.from({ length: 100 }, (_, n) => disk.lstat(folder.at(`missing${n}`)));
  const results = await within(Promise.allSettled(missing));
  assert.ok(results.every(({ status }) => status === "rejected"));
  await assert.rejects(fileCall(folder.path, () => Promise.reject(new Error("mine"))), /mine/);
  assert.deepEqual(silentPlaces(0), []);
});

Deno.test("a folder is in the innermost of the places around it, not in one whose name begins alike", async () => {
  await using folder = await TempFolder.make();
  for (const name of ["a", "a/b", "ab"]) {
    await Deno.mkdir(folder.at(name));
    addPlace(folder.at(name));
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  const calls = ["a/b/file", "ab/file"].map((name) => fileCall(folder.at(name), () => promise));
  assert.deepEqual(
    silentPlaces(0).map(({ path }) => path).sort(),
    [folder.at("a/b"), folder.at("ab")],
  );
  resolve();
  await Promise.all(calls);
});

async function within<Result>(promise: Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("it has had no answer")), LIMIT_MS);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
