import assert from "node:assert/strict";
import { TempFolder } from "../../test/servers/temp_folder.ts";
import { watchFolder } from "./folder_watch.ts";

// Far longer than a test may take: whatever wakes up did so for its own reason.
const NEVER_MS = 1_000_000_000;

Deno.test("watchFolder() wakes at once, then when a file arrives, is written to, or is renamed into the folder", async () => {
  await using temp = await TempFolder.make();
  await using other = await TempFolder.make();
  const wakeUps = watchFolder(temp.path, { recursive: false, signal: unaborted(), rescanMs: NEVER_MS });
  assert.deepEqual(await wakeUps.next(), { value: undefined, done: false });
  await temp.write("a.pdf");
  assert.ok(!(await wakeUps.next()).done);
  await temp.write("a.pdf", "more");
  assert.ok(!(await wakeUps.next()).done);
  await Deno.rename(await other.write("b.pdf"), temp.at("b.pdf"));
  assert.ok(!(await wakeUps.next()).done);
  await wakeUps.return?.();
});

Deno.test("watchFolder() keeps a change that comes while the wake-up before is being dealt with", async () => {
  await using temp = await TempFolder.make();
  const wakeUps = watchFolder(temp.path, { recursive: true, signal: unaborted(), rescanMs: NEVER_MS });
  await wakeUps.next();
  // Waited for by a watcher of our own, so that the event has passed before the next wake-up is asked for.
  await Deno.mkdir(temp.at("sub"));
  assert.ok(!(await wakeUps.next()).done);
  using own = Deno.watchFs(temp.path);
  await temp.write("sub/a.pdf");
  await own[Symbol.asyncIterator]().next();
  assert.ok(!(await wakeUps.next()).done);
  await wakeUps.return?.();
});

Deno.test("watchFolder() wakes for a rescan when nothing is told", async () => {
  await using temp = await TempFolder.make();
  for (const path of [temp.path, temp.at("missing")]) {
    let count = 0;
    for await (const _ of watchFolder(path, { recursive: false, signal: unaborted(), rescanMs: 1 })) {
      if (++count === 3) break;
    }
    assert.equal(count, 3);
  }
});

Deno.test("watchFolder() watches a folder again that was replaced", async () => {
  await using temp = await TempFolder.make();
  const path = temp.at("inbox");
  await Deno.mkdir(path);
  const wakeUps = watchFolder(path, { recursive: false, signal: unaborted(), rescanMs: NEVER_MS });
  await wakeUps.next();
  await Deno.remove(path);
  await Deno.mkdir(path);
  assert.ok(!(await wakeUps.next()).done);
  await temp.write("inbox/a.pdf");
  assert.ok(!(await wakeUps.next()).done);
  await wakeUps.return?.();
});

Deno.test("watchFolder() tells what changed before it wakes", async () => {
  await using temp = await TempFolder.make();
  const changed: string[] = [];
  const wakeUps = watchFolder(temp.path, {
    recursive: false,
    signal: unaborted(),
    rescanMs: NEVER_MS,
    onChanged: (paths) => {
      changed.push(...paths);
      return Promise.resolve();
    },
  });
  await wakeUps.next();
  const names = ["a.pdf", "b.pdf"];
  for (const name of names) {
    await temp.write(name);
    await wakeUps.next();
  }
  assert.deepEqual([...new Set(changed)].sort(), names.map((name) => temp.at(name)));
  await wakeUps.return?.();
});

Deno.test("watchFolder() ends on an abort and on return(), also while a wake-up is awaited", async () => {
  await using temp = await TempFolder.make();
  for (const path of [temp.path, temp.at("missing")]) {
    const gate = new AbortController();
    const aborted = watchFolder(path, { recursive: false, signal: gate.signal, rescanMs: NEVER_MS });
    await aborted.next();
    const next = aborted.next();
    gate.abort();
    assert.ok((await next).done);
    assert.ok((await aborted.next()).done);

    const returned = watchFolder(path, { recursive: false, signal: unaborted(), rescanMs: NEVER_MS });
    await returned.next();
    const awaited = returned.next();
    assert.ok((await returned.return?.())?.done);
    assert.ok((await awaited).done);

    const never = watchFolder(path, { recursive: false, signal: AbortSignal.abort(), rescanMs: NEVER_MS });
    assert.ok((await never.next()).done);
  }
});

function unaborted(): AbortSignal {
  return new AbortController().signal;
}
