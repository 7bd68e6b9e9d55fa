/**
 * A list under `fields` that may be longer than memory should hold, such as the bordereaux of a PES: written to disk
 * while the message is read, and put into `metadata.json` at the end.
 */
import type { Value } from "./fields.ts";
import type { StagedFile, StagedWriter, Staging } from "./staging.ts";
import { xmlText } from "./xml_text.ts";

const FLUSH_LENGTH = 64 * 1024;

/** The same list in each format that is wanted. */
export interface WrittenList {
  readonly json: StagedFile;
  readonly xml: StagedFile | null;
}

type Open = { readonly kind: "list" | "fields"; readonly tag: string; isEmpty: boolean };

/**
 * Writes one list from its first item to its last. What is in an item is given member by member, so that an item, too,
 * can be of any length. Calls only collect text; `flush` writes it, and belongs after every piece of the message.
 */
export class FieldsList implements Disposable {
  readonly #json: StagedWriter;
  readonly #xml: StagedWriter | null;
  readonly #open: Open[] = [{ kind: "list", tag: "", isEmpty: true }];
  #jsonText = "";
  #xmlText = "";
  #items = 0;

  private constructor(json: StagedWriter, xml: StagedWriter | null) {
    this.#json = json;
    this.#xml = xml;
  }

  /** Begins a list, to be written as XML too if `xml`. */
  static async create(staging: Staging, options: { readonly xml: boolean }): Promise<FieldsList> {
    const json = await staging.createScratch("liste.json.partielle");
    return new FieldsList(json, options.xml ? await staging.createScratch("liste.xml.partielle") : null);
  }

  /** How many items were begun. */
  get items(): number {
    return this.#items;
  }

  /** Adds a whole item of this list or of the one opened last, or a member of the fields opened last. Empty ones are left out. */
  add(value: Value | undefined, name?: string): void {
    if (value === undefined || value === "") return;
    const tag = this.#begin(name);
    this.#jsonText += JSON.stringify(value);
    if (this.#xml !== null) this.#xmlText += xmlText(tag, value);
  }

  /** Begins fields: an item of a list (without a name), or a member. `close` ends them. */
  openFields(name?: string): void {
    this.#push("fields", name);
  }

  /** Begins a list: a member, or an item of a list (without a name). `close` ends it. */
  openList(name?: string): void {
    this.#push("list", name);
  }

  /** Ends what was begun last and is not yet ended. */
  close(): void {
    const ended = this.#open.pop();
    if (ended === undefined || this.#open.length === 0) throw new RangeError("Nothing is open");
    this.#jsonText += ended.kind === "list" ? "]" : "}";
    if (this.#xml !== null) this.#xmlText += `</${ended.tag}>`;
  }

  /** Writes what has come together, if that is much. */
  async flush(): Promise<void> {
    if (this.#jsonText.length + this.#xmlText.length >= FLUSH_LENGTH) await this.#write();
  }

  /** Ends the list. */
  async finish(): Promise<WrittenList> {
    if (this.#open.length !== 1) throw new RangeError(`${this.#open.length - 1} members were not ended`);
    await this.#write();
    return { json: this.#json.finish(), xml: this.#xml?.finish() ?? null };
  }

  [Symbol.dispose](): void {
    this.#json[Symbol.dispose]();
    this.#xml?.[Symbol.dispose]();
  }

  #push(kind: Open["kind"], name: string | undefined): void {
    const tag = this.#begin(name);
    this.#jsonText += kind === "list" ? "[" : "{";
    if (this.#xml !== null) this.#xmlText += `<${tag}>`;
    this.#open.push({ kind, tag, isEmpty: true });
  }

  /** Separates a new item or member from the one before it; returns the name of its XML element. */
  #begin(name: string | undefined): string {
    const parent = this.#open.at(-1);
    if (parent === undefined || (parent.kind === "list") !== (name === undefined)) {
      throw new RangeError("Members have names, items of a list have none");
    }
    if (this.#open.length === 1) this.#items++;
    if (!parent.isEmpty) this.#jsonText += this.#open.length === 1 ? ",\n" : ",";
    parent.isEmpty = false;
    if (name !== undefined) this.#jsonText += `${JSON.stringify(name)}:`;
    return name ?? "item";
  }

  async #write(): Promise<void> {
    const encoder = new TextEncoder();
    if (this.#jsonText !== "") await this.#json.write(encoder.encode(this.#jsonText));
    if (this.#xmlText !== "") await this.#xml?.write(encoder.encode(this.#xmlText));
    this.#jsonText = "";
    this.#xmlText = "";
  }
}
