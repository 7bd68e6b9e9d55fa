/** Reads one PES by the rules: one pièce at a time is held, and attachments go straight to disk. */
import { EmbeddedFile } from "./embedded.ts";
import type { Contents } from "./envelope.ts";
import type { Fields } from "./fields.ts";
import type { FieldsList } from "./fields_list.ts";
import { append, type HeliosLists, type Members } from "./helios_lists.ts";
import { type HeliosReferences, isElectronic } from "./helios_references.ts";
import type { Rule } from "./helios_rule.ts";
import { MESSAGE } from "./helios_rules.ts";
import { LATE_MEMBER, lateName } from "./late_names.ts";
import { MAX_FILES_EVER } from "./limits.ts";
import { withoutPersonal } from "./helios_tiers.ts";
import type { StagedFile } from "./staging.ts";
import type { XmlEvent, XmlOpen } from "./xml.ts";

/** Distinct texts of one kind that are gathered. */
const MAX_GATHERED = 500;
/** Parts of one item that are held; a pièce has some dozens, one of a payroll some thousands. */
const MAX_PARTS = 50_000;

/** An item of a list that is being read, with what has come of it. */
interface OpenItem {
  readonly members: Members;
  readonly name: string;
  /** Of the item itself and of those within. */
  parts: number;
  /** Where its own items go, once there is one. */
  list: FieldsList | undefined;
  /** What is written of it already. */
  readonly written: Set<string>;
}

/** What a PES tells. */
export class PesReader implements Disposable {
  readonly fields: Members = {};
  /** Attachments, and what is told of each. */
  readonly attachments = new Map<StagedFile, Members>();
  /** Values of EtatAck: 1 taken, 0 refused. */
  readonly etats = new Set<string>();
  /** Items and parts of items that the lists do not tell. */
  untold = 0;
  readonly #file: StagedFile;
  readonly #contents: Contents;
  readonly #lists: HeliosLists;
  readonly #references: HeliosReferences;
  readonly #gathered: Map<string, Set<string>>;
  readonly #named: Map<string, StagedFile>;
  readonly #isRepeat: (nomFichier: string) => boolean;
  /** Of the open elements; `undefined` for those that are left out. */
  readonly #rules: (Rule | undefined)[] = [];
  /** What the members that come belong to, from `fields` on. */
  readonly #members: Members[] = [this.fields];
  readonly #items: OpenItem[] = [];
  #sens = "";
  #isIgnored = false;
  #embedded: EmbeddedFile | undefined;

  constructor(file: StagedFile, tools: {
    readonly contents: Contents;
    readonly lists: HeliosLists;
    readonly references: HeliosReferences;
    /** Distinct texts by the name of their list. */
    readonly gathered: Map<string, Set<string>>;
    /** Attachments by IdUnique. */
    readonly named: Map<string, StagedFile>;
    /** Whether a message of this name has been read before; its copy adds nothing but attachments. */
    isRepeat(nomFichier: string): boolean;
  }) {
    this.#file = file;
    this.#contents = tools.contents;
    this.#lists = tools.lists;
    this.#references = tools.references;
    this.#gathered = tools.gathered;
    this.#named = tools.named;
    this.#isRepeat = tools.isRepeat;
  }

  /** Takes what comes next in the message. */
  async take(events: readonly XmlEvent[]): Promise<void> {
    for (const event of events) {
      if (event.kind === "open") {
        this.#open(event);
      } else if (event.kind === "text") {
        if (this.#embedded !== undefined && this.#rules.at(-1)?.isContent) {
          await this.#embedded.write(event.text);
        } else this.#text(event.text);
      } else {
        const rule = this.#rules.pop();
        if (rule === undefined) continue;
        if (rule.group !== undefined || rule.list !== undefined) this.#closeMembers(rule);
        else if (rule.item !== undefined) await this.#closeItem();
        else if (rule.isAttachment) await this.#closeAttachment();
      }
    }
    await this.#lists.flush();
  }

  /** Lets go of an attachment that the message ends in the middle of. */
  [Symbol.dispose](): void {
    this.#embedded?.[Symbol.dispose]();
  }

  #open({ name, attributes }: XmlOpen): void {
    const rule = this.#rules.length === 0 ? MESSAGE : this.#rules.at(-1)?.children.get(name);
    const isLeftOut = rule?.isPersonal === true && !this.#contents.wishes.personalData;
    if (rule === undefined || isLeftOut) return void this.#rules.push(undefined);
    if (rule.member !== undefined) {
      this.#rules.push(rule);
      const value = attributes.get("V");
      if (value !== undefined) this.#value(rule, value);
      return;
    }
    if (rule.list !== undefined || rule.group !== undefined) {
      const item = this.#items.at(-1);
      if (item !== undefined && ++item.parts > MAX_PARTS) {
        this.untold++;
        return void this.#rules.push(undefined);
      }
      this.#members.push({});
    } else if (rule.item !== undefined) {
      // Of an acquit every element counts.
      if (rule.item === "pieces" && this.#lists.isFull && this.#references.isFull) {
        this.untold++;
        return void this.#rules.push(undefined);
      }
      this.#openItem(rule.item);
    } else if (rule.isAttachment) {
      this.#members.push({});
    } else if (rule.isContent) {
      this.#embedded ??= new EmbeddedFile(this.#contents.staging);
    } else if (rule.domaine !== undefined) {
      this.#gather("domaines", rule.domaine);
      this.#sens = rule.domaine;
    }
    this.#rules.push(rule);
  }

  /** Values stand in attributes, though not with every emitter. */
  #text(text: string): void {
    const rule = this.#rules.at(-1);
    if (rule?.member !== undefined) this.#value(rule, text.trim());
  }

  #value(rule: Rule, value: string): void {
    const members = this.#members.at(-1);
    const { member } = rule;
    if (value === "" || members === undefined || member === undefined) return;
    if (members[member] === undefined) members[member] = rule.as === undefined ? value : rule.as(value);
    if (rule.gathered !== undefined && !this.#isIgnored) this.#gather(rule.gathered, value);
    if (member === "nom_fichier") this.#isIgnored = this.#isRepeat(value);
    if (member === "etat" && this.#items.at(-1)?.name === "elements") this.etats.add(value);
  }

  #gather(name: string, value: string): void {
    const gathered = this.#gathered.get(name) ?? new Set();
    if (gathered.size < MAX_GATHERED) this.#gathered.set(name, gathered.add(value));
  }

  #closeMembers(rule: Rule): void {
    const members = this.#members.pop() ?? {};
    const parent = this.#members.at(-1);
    // The attachment comes after what refers to it.
    const name = rule.list === "pj" && isElectronic(members)
      ? lateName(textOf(members["id_unique"]))
      : undefined;
    if (name !== undefined) members[LATE_MEMBER] = name;
    if (rule.isTiers && !this.#contents.wishes.personalData) withoutPersonal(members);
    if (parent === undefined || Object.keys(members).length === 0) return;
    if (rule.list !== undefined) append(parent, rule.list, members);
    else if (rule.group !== undefined) parent[rule.group] ??= members;
  }

  #openItem(name: string): void {
    const members: Members = {};
    // Which message of the envelope it comes from, and whether money goes out or comes in.
    if (this.#items.length === 0) {
      members["fichier"] = this.#file.name;
      if (name === "bordereaux") members["sens"] = this.#sens;
    }
    this.#members.push(members);
    this.#items.push({ members, name, parts: 1, list: undefined, written: new Set() });
  }

  async #closeItem(): Promise<void> {
    this.#members.pop();
    const item = this.#items.pop();
    if (item === undefined || this.#isIgnored) return;
    const parent = this.#items.at(-1);
    this.#references.add(item.name, item.members, parent?.members);
    if (parent !== undefined) return await this.#addTo(parent, item);
    if (item.list !== undefined) {
      item.list.close();
      addMembers(item, item.list);
      item.list.close();
    } else if (this.#lists.admits(item.parts)) {
      (await this.#lists.list(item.name)).add(item.members);
    } else this.untold++;
  }

  /** Writes a pièce into its bordereau, of which what is known so far is written before. */
  async #addTo(parent: OpenItem, item: OpenItem): Promise<void> {
    if (!this.#lists.admits(item.parts + (parent.list === undefined ? 1 : 0))) return void this.untold++;
    if (parent.list === undefined) {
      parent.list = await this.#lists.list(parent.name);
      parent.list.openFields();
      addMembers(parent, parent.list);
      parent.list.openList(item.name);
    }
    parent.list.add(item.members);
  }

  async #closeAttachment(): Promise<void> {
    using embedded = this.#embedded;
    this.#embedded = undefined;
    const told = this.#members.pop() ?? {};
    const [id, name] = [textOf(told["id_unique"]), textOf(told["nom"])];
    const result = await embedded?.finish(name, id) ?? "empty";
    if (typeof result !== "string" && this.#named.size < MAX_FILES_EVER && !this.#named.has(id)) {
      this.#named.set(id, result);
    }
    if (typeof result === "string") {
      this.#contents.warn(`the attachment "${name || id}" of "${this.#file.name}" is ${result}`);
    } else if (!this.attachments.has(result)) this.attachments.set(result, told);
    else this.#references.alias(id, textOf(this.attachments.get(result)?.["id_unique"]));
  }
}

function addMembers(item: OpenItem, list: FieldsList): void {
  for (const [name, value] of Object.entries(item.members)) {
    if (item.written.has(name)) continue;
    item.written.add(name);
    list.add(value, name);
  }
}

function textOf(value: Fields[string]): string {
  return typeof value === "string" ? value : "";
}
