/** Tells on the terminal what becomes of each item, as it happens. */
import { basename } from "node:path";
import { styleText } from "node:util";
import type { Gateway } from "../../src/gateway.ts";
import type { OutcomeKind } from "../../src/model.ts";
import type { ItemRow } from "../../src/status/view.ts";

const MAX_ITEMS = 1000;
const MARKS = { delivered: "✔", skipped: "–", quarantined: "✘", failed: "✘" } as const;
const COLORS = { delivered: "green", skipped: "yellow", quarantined: "red", failed: "red" } as const;

/** What the teller is told of the demo. */
export interface TellerOptions {
  /** What the demo calls an item, by launcher label. */
  readonly subjects: ReadonlyMap<string, string>;
  /** How many items each launcher will meet. */
  readonly expected: Readonly<Record<string, number>>;
  readonly print: (text: string) => void;
}

/** Watches a gateway until disposed. */
export class Teller implements Disposable {
  readonly #told = new Map<string, OutcomeKind>();
  readonly #complete = Promise.withResolvers<void>();
  readonly #unsubscribe: () => void;
  #documents = 0;

  constructor(readonly gateway: Gateway, readonly options: TellerOptions) {
    this.#unsubscribe = gateway.onChange(() => this.#look());
    this.#look();
  }

  /** Resolves when every expected item has been decided and its original settled. */
  get complete(): Promise<void> {
    return this.#complete.promise;
  }

  /** Documents in the COLD so far, counted as files. */
  get documents(): number {
    return this.#documents;
  }

  /** Items with an outcome so far. */
  count(kind: OutcomeKind): number {
    return [...this.#told.values()].filter((told) => told === kind).length;
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
  }

  #look(): void {
    const launchers = Object.keys(this.options.expected);
    for (const launcher of launchers) {
      for (const row of this.gateway.items(launcher, { limit: MAX_ITEMS }).reverse()) {
        this.#tell(launcher, row);
      }
    }
    const { launchers: views } = this.gateway.snapshot();
    const isDone = views.every(({ name, state, totals: { delivered, skipped, quarantined, failed } }) => {
      const decided = delivered + skipped + quarantined + failed;
      // A launcher that still polls has not settled its originals yet.
      return state !== "polling" && decided >= (this.options.expected[name] ?? 0);
    });
    if (isDone) this.#complete.resolve();
  }

  #tell(launcher: string, { key, label, outcome, reason, documents }: ItemRow): void {
    const id = `${launcher} ${key}`;
    if (this.#told.get(id) === outcome) return;
    this.#told.set(id, outcome);
    const subject = this.options.subjects.get(label);
    const item = subject === undefined ? label : `mail "${subject}"`;
    const why = outcome === "delivered" ? "" : ` ${styleText(COLORS[outcome], outcome)}: ${reason}`;
    const mark = styleText(COLORS[outcome], MARKS[outcome]);
    this.options.print(`  ${mark} ${styleText("bold", launcher.padEnd(9))} ${item}${why}`);
    for (const path of documents) this.#tellDocument(path);
    if (outcome === "delivered" && reason !== undefined) this.options.print(`      ${reason}`);
  }

  #tellDocument(path: string): void {
    const files = filesIn(path);
    this.#documents += files ?? 1;
    const more = files === undefined ? "" : `/  (${files} files)`;
    this.options.print(
      `      → ${styleText("dim", path.slice(0, -basename(path).length))}${basename(path)}${more}`,
    );
  }
}

/** How many files a delivered directory holds; `undefined` for a file. */
function filesIn(path: string): number | undefined {
  return Deno.statSync(path).isDirectory ? [...Deno.readDirSync(path)].length : undefined;
}
