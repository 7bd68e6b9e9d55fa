/** The conformance suite of sources: what `poll/` relies on, whatever the protocol. */
import assert from "node:assert/strict";
import * as v from "valibot";
import type { Item } from "../../src/model.ts";
import type { Protocol, Source, SourceContext } from "../../src/sources/source.ts";

/** One thing to put into a source before it is opened. */
export interface SeedItem {
  /** Distinct and ascending by name; a harness may add what its names need (`.xml`), or ignore it. */
  readonly label: string;
  /** A whole mail with CRLF line ends, which is a good file too. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A source with items in it, ready to be opened. */
export interface StartedSource {
  /** `[listen]` as a launcher file would have it. Its `after` takes originals away: `"delete"`. */
  readonly options: unknown;
  readonly context: SourceContext;
  /** One line for each thing still there, with all a client could have changed (name, flags, times). */
  remaining(): readonly string[] | Promise<readonly string[]>;
  cleanup(): Promise<void>;
}

/** What a protocol brings to the suite. */
export interface SourceHarness {
  readonly protocol: Protocol;
  start(items: readonly SeedItem[]): Promise<StartedSource>;
}

/** Registers the suite for one protocol, under `name`. */
export function testSource(name: string, harness: SourceHarness): void {
  function rule(text: string, check: (run: Run) => Promise<void>): void {
    Deno.test(`${name} source: ${text}`, async () => {
      const seeds = seedItems();
      const started = await harness.start(seeds);
      try {
        await check(new Run(harness.protocol, { started, seeds }));
      } finally {
        await started.cleanup();
      }
    });
  }

  rule("yields every item, oldest or by name first, with its bytes", async (run) => {
    await using source = await run.open();
    const contents: string[] = [];
    for await (const item of source.items()) contents.push(await digest(await readAll(item)));
    assert.deepEqual(contents, await Promise.all(run.seeds.map((seed) => digest(seed.bytes))));
  });

  rule("knows with the first item how many there are", async (run) => {
    await using source = await run.open();
    for await (const _item of source.items()) assert.equal(source.count, run.seeds.length);
  });

  rule("changes nothing by listing and reading", async (run) => {
    const before = await run.remaining();
    {
      await using source = await run.open();
      for await (const item of source.items()) await readAll(item);
      await source.commit();
    }
    assert.deepEqual(await run.remaining(), before);
  });

  rule("announces the size that is then read", async (run) => {
    await using source = await run.open();
    for await (const item of source.items()) assert.equal((await readAll(item)).length, item.sizeBytes);
  });

  rule("gives distinct keys, and the same ones when opened again", async (run) => {
    const first = await run.keys();
    assert.equal(new Set(first).size, run.seeds.length);
    assert.deepEqual(await run.keys(), first);
  });

  rule("opens an item twice with the same bytes, also after a stream was cancelled", async (run) => {
    await using source = await run.open();
    for await (const item of source.items()) {
      const first = await readAll(item);
      await cancelEarly(item);
      assert.deepEqual(await readAll(item), first);
    }
  });

  rule("takes a settled item away, and can be told so again", async (run) => {
    const before = await run.remaining();
    {
      await using source = await run.open();
      const [first] = await collect(source);
      assert.ok(first);
      await first.settle({ kind: "delivered" });
      await first.settle({ kind: "delivered" });
      await source.commit();
    }
    const after = await run.remaining();
    assert.equal(after.length, run.seeds.length - 1);
    assert.ok(after.every((line) => before.includes(line)), "another item was changed");
    assert.equal((await run.keys()).length, run.seeds.length - 1);
  });

  rule("leaves everything when disposed of without a commit", async (run) => {
    const before = await run.remaining();
    {
      await using source = await run.open();
      for await (const item of source.items()) {
        await cancelEarly(item);
        break;
      }
    }
    assert.deepEqual(await run.remaining(), before);
  });

  rule("ends soon on an abort, and leaves everything", async (run) => {
    const before = await run.remaining();
    for (const abortAfter of [0, 1]) {
      const gate = new AbortController();
      if (abortAfter === 0) gate.abort();
      await endsOnAbort(run, { gate, abortAfter });
    }
    assert.deepEqual(await run.remaining(), before);
  });
}

class Run {
  readonly seeds: readonly SeedItem[];
  readonly #protocol: Protocol;
  readonly #started: StartedSource;

  constructor(
    protocol: Protocol,
    { started, seeds }: { started: StartedSource; seeds: readonly SeedItem[] },
  ) {
    this.#protocol = protocol;
    this.#started = started;
    this.seeds = seeds;
  }

  async open(signal?: AbortSignal): Promise<Source> {
    const options = v.parse(this.#protocol.options, this.#started.options);
    const { context } = this.#started;
    return await this.#protocol.open(options, signal ? { ...context, signal } : context);
  }

  async remaining(): Promise<readonly string[]> {
    return [...await this.#started.remaining()].sort();
  }

  async keys(): Promise<string[]> {
    await using source = await this.open();
    return (await collect(source)).map((item) => item.key);
  }
}

/** Iterates until the abort shows; an end and a rejection are both right, a bug of ours is not. */
async function endsOnAbort(run: Run, { gate, abortAfter }: { gate: AbortController; abortAfter: number }) {
  try {
    await using source = await run.open(gate.signal);
    let seen = 0;
    for await (const _ of source.items()) if (++seen === abortAfter) gate.abort();
  } catch (error) {
    assert.ok(!(error instanceof TypeError || error instanceof RangeError), String(error));
    assert.ok(gate.signal.aborted, String(error));
  }
}

/** All that a source yields. */
export async function collect(source: Source): Promise<Item[]> {
  return await Array.fromAsync(source.items());
}

async function readAll(item: Item): Promise<Uint8Array<ArrayBuffer>> {
  return await new Response(await item.open()).bytes();
}

async function cancelEarly(item: Item): Promise<void> {
  const reader = (await item.open()).getReader();
  await reader.read();
  await reader.cancel();
}

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Three mails: one ordinary, one longer than any buffer, one whose lines begin with dots (RFC 1939, section 3). */
function seedItems(): SeedItem[] {
  const long = `${"0123456789".repeat(7)}\r\n`.repeat(4500);
  const dots = ".\r\n..\r\n.début\r\n\r\n.\r\n";
  return ["bonjour\r\n", long, dots].map((body, index) => ({
    label: `${index + 1}-courrier`,
    bytes: new TextEncoder().encode(
      `Message-ID: <${index + 1}@exemple.fr>\r\nFrom: a@exemple.fr\r\nSubject: n${index + 1}\r\n` +
        `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${body}`,
    ),
  }));
}
