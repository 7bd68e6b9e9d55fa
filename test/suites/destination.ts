/** The conformance suite of destinations: what `poll/` relies on, wherever documents go. */
import assert from "node:assert/strict";
import type { Deliver, Destination, Move, Wish } from "../../src/delivery/destination.ts";
import { DeliveryError } from "../../src/errors.ts";

/** A place for documents, ready to be opened; nothing has arrived there. */
export interface StartedDestination {
  /** `[deliver]` of a launcher that delivers there. */
  readonly deliver: Deliver;
  /** Opens it as a starting gateway does. Called again, it is another life of the same gateway. */
  open(): Promise<Destination>;
  /** Everything that has arrived: name and content. */
  arrived(): Promise<readonly Arrived[]>;
  /** Names of what is staged. */
  staged(): Promise<readonly string[]>;
  /** Makes it unreachable, or reachable again. */
  setDown(isDown: boolean): Promise<void>;
  cleanup(): Promise<void>;
}

/** A document that has arrived. */
export interface Arrived {
  readonly name: string;
  readonly text: string;
}

/** Registers the suite for one kind of destination, under `name`. */
export function testDestination(name: string, start: () => Promise<StartedDestination>): void {
  function rule(text: string, check: (run: Run) => Promise<void>): void {
    Deno.test(`${name} destination: ${text}`, async () => {
      const started = await start();
      const run = new Run(started);
      try {
        await check(run);
      } finally {
        run.close();
        await started.cleanup();
      }
    });
  }

  rule("every document arrives whole, under its name, and nothing stays behind", async (run) => {
    const long = "0123456789abcdef".repeat(20_000);
    const destination = await run.open();
    const moves = await run.stage(destination, [["facture n°1 (été).pdf", "a"], ["vide.txt", ""], [
      "b.bin",
      long,
    ]]);
    assert.deepEqual(await run.arrived(), []);
    assert.deepEqual(await destination.arrive(moves), []);
    await destination.forget(moves);
    assert.deepEqual(await run.arrived(), [
      { name: "b.bin", text: long },
      { name: "facture n°1 (été).pdf", text: "a" },
      { name: "vide.txt", text: "" },
    ]);
    assert.deepEqual(await run.staged(), []);
  });

  rule("documents of one name all arrive, whether at once or later", async (run) => {
    const destination = await run.open();
    const at = [["SCN_0001.pdf", "1"], ["scn_0001.PDF", "2"]] as const;
    for (const group of [at, [["SCN_0001.pdf", "3"]] as const]) {
      const moves = await run.stage(destination, group);
      await destination.arrive(moves);
      await destination.forget(moves);
    }
    assert.deepEqual((await run.arrived()).map(({ text }) => text).sort(), ["1", "2", "3"]);
  });

  rule("a name cannot lead elsewhere", async (run) => {
    const destination = await run.open();
    const moves = await run.stage(destination, [["../../etc/passwd\r\nX: y", "1"], [
      'a"b&mode=file#.pdf',
      "2",
    ]]);
    await destination.arrive(moves);
    for (const { name } of await run.arrived()) assert.doesNotMatch(name, /[/\\"\r\n]|^\./);
    assert.equal((await run.arrived()).length, 2);
  });

  rule("what cannot be handed over stays, and another life of the gateway finishes it once", async (run) => {
    const before = await run.open();
    const moves = await run.stage(before, [["a.pdf", "a"], ["b.pdf", "b"]]);
    await run.setDown(true);
    await assert.rejects(before.arrive(moves), DeliveryError);
    await run.setDown(false);
    assert.deepEqual(await run.arrived(), []);
    const after = await run.open();
    const again = await after.replan(moves);
    await after.arrive(again);
    await after.forget(again);
    assert.deepEqual(await run.arrived(), [{ name: "a.pdf", text: "a" }, { name: "b.pdf", text: "b" }]);
    assert.deepEqual(await run.staged(), []);
  });

  rule("a gateway killed after the arrival, before the ledger knew, doubles nothing", async (run) => {
    const before = await run.open();
    const moves = await run.stage(before, [["a.pdf", "a"]]);
    await before.arrive(moves);
    const after = await run.open();
    await after.arrive(await after.replan(moves));
    await after.forget(moves);
    assert.deepEqual(await run.arrived(), [{ name: "a.pdf", text: "a" }]);
    assert.deepEqual(await run.staged(), []);
  });

  rule("sweep() removes what nothing pending names, and that alone", async (run) => {
    const before = await run.open();
    const [pending, forgotten] = await run.stage(before, [["a.pdf", "a"], ["b.pdf", "b"]]);
    assert.ok(pending && forgotten);
    const after = await run.open();
    assert.equal(await after.sweep(new Set([pending.staged])), 1);
    const left = await after.replan([pending]);
    await after.arrive(left);
    assert.deepEqual(await run.arrived(), [{ name: "a.pdf", text: "a" }]);
  });

  rule("sweep() leaves the folder of an envelope of which one file is pending", async (run) => {
    const destination = await run.open();
    const folder = await destination.stage().folder();
    await Deno.writeTextFile(`${folder}/a.pdf`, "a");
    assert.equal(await destination.sweep(new Set([`${folder}/a.pdf`])), 0);
    assert.equal(await Deno.readTextFile(`${folder}/a.pdf`), "a");
    assert.equal(await destination.sweep(new Set()), 1);
  });

  rule("names that were given back can be had again", async (run) => {
    const destination = await run.open();
    const wish = await run.wish(destination, "a.pdf", "a");
    const place = await destination.place(run.started.deliver);
    destination.release((await destination.reserve(place, [[wish]])).flat());
    const moves = (await destination.reserve(place, [[wish]])).flat();
    await destination.sync();
    await destination.arrive(moves);
    assert.deepEqual((await run.arrived()).map(({ text }) => text), ["a"]);
  });

  rule("a stop leaves open what has not arrived, and says so", async (run) => {
    const destination = await run.open();
    const moves = await run.stage(destination, [["a.pdf", "a"], ["b.pdf", "b"]]);
    const remarks = await destination.arrive(moves, AbortSignal.abort());
    assert.ok(remarks.every(({ kind }) => kind === "underway"));
    assert.equal(remarks.length + (await run.arrived()).length, moves.length);
    await destination.arrive(await destination.replan(remarks.map(({ move }) => move)));
    assert.equal((await run.arrived()).length, moves.length);
  });
}

/** One test's use of a destination. */
class Run {
  readonly #opened: Destination[] = [];
  #wishes = 0;

  constructor(readonly started: StartedDestination) {}

  async open(): Promise<Destination> {
    const destination = await this.started.open();
    this.#opened.push(destination);
    return destination;
  }

  close(): void {
    for (const destination of this.#opened) destination.close();
  }

  async wish(destination: Destination, name: string, text: string): Promise<Wish> {
    const stage = destination.stage();
    const file = await stage.add(name, ReadableStream.from([new TextEncoder().encode(text)]));
    await stage.sync();
    const key = `item ${this.#wishes++}`;
    const origin = {
      launcher: "factures",
      key,
      content: file.sha256,
      byHand: false,
      fields: () => ({ name, subject: "objet" }),
    };
    return { staged: file.path, name, sizeBytes: file.sizeBytes, origin };
  }

  /** Stages and reserves, one item per document: all that comes before the ledger's `pending`. */
  async stage(destination: Destination, documents: readonly (readonly [string, string])[]): Promise<Move[]> {
    const items: Wish[][] = [];
    for (const [name, text] of documents) items.push([await this.wish(destination, name, text)]);
    const moves = await destination.reserve(await destination.place(this.started.deliver), items);
    assert.equal(moves.length, items.length);
    await destination.sync();
    return moves.flat();
  }

  async arrived(): Promise<readonly Arrived[]> {
    return [...await this.started.arrived()].sort((a, b) => a.name < b.name ? -1 : 1);
  }

  async staged(): Promise<readonly string[]> {
    return await this.started.staged();
  }

  async setDown(isDown: boolean): Promise<void> {
    await this.started.setDown(isDown);
  }
}
