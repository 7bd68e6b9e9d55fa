/**
 * Which pièces refer to which attachment: a PJRef and a PJ belong together by IdUnique, also when they stand in different
 * messages of an envelope.
 */
import type { Fields, Value } from "./fields.ts";
import type { Members } from "./helios_lists.ts";

/** References that are remembered, and told of one attachment. */
const MAX_REFERENCES = 50_000;
const MAX_TOLD = 100;
const ELECTRONIC = "01";

/** Remembers references until the attachments are known. */
export class HeliosReferences {
  readonly #byId = new Map<string, Fields[]>();
  /** Other ids of an attachment that came several times. */
  readonly #aliases = new Map<string, string[]>();
  #count = 0;
  #aliasCount = 0;

  /** Whether no more are remembered. */
  get isFull(): boolean {
    return this.#count >= MAX_REFERENCES;
  }

  /** Notes what an item of `list` refers to; `around` is the item that it is in. */
  add(list: string, members: Members, around: Members | undefined): void {
    if (list === "pieces") {
      const place = {
        sens: textIn(around, "sens"),
        exercice: textIn(around, "exercice"),
        bordereau: textIn(around, "numero"),
        piece: textIn(members, "numero"),
      };
      this.#addAll(members, place);
      for (const ligne of itemsOf(members["lignes"])) {
        this.#addAll(ligne, { ...place, ligne: textIn(ligne, "numero") });
      }
    } else if (list === "marches") this.#addAll(members, { marche: textIn(members, "numero") });
  }

  /** Notes that the attachment `id` is the same file as another. */
  alias(id: string, other: string): void {
    if (++this.#aliasCount > MAX_REFERENCES) return;
    const aliases = this.#aliases.get(other) ?? [];
    aliases.push(id);
    this.#aliases.set(other, aliases);
  }

  /** What refers to the attachment `id`; it then counts as found. */
  to(id: Value | undefined): readonly Fields[] {
    if (typeof id !== "string") return [];
    const found = [id, ...this.#aliases.get(id) ?? []].flatMap((each) => {
      const references = this.#byId.get(each) ?? [];
      this.#byId.delete(each);
      return references;
    });
    return found.slice(0, MAX_TOLD);
  }

  /** Ids of electronic attachments that no message of the envelope has. */
  get open(): readonly string[] {
    return [...this.#byId.keys()];
  }

  #addAll(members: Fields, place: Fields): void {
    for (const reference of itemsOf(members["pj"])) {
      const id = textIn(reference, "id_unique");
      if (id === undefined || !isElectronic(reference) || this.isFull) continue;
      this.#count++;
      const references = this.#byId.get(id);
      if (references === undefined) this.#byId.set(id, [place]);
      else references.push(place);
    }
  }
}

/** Whether a reference is one to a file, rather than to paper or a disc; those that do not say are. */
export function isElectronic({ support }: Fields): boolean {
  return typeof support !== "object" || !("code" in support) || support.code === ELECTRONIC;
}

function itemsOf(value: Value | undefined): readonly Fields[] {
  if (!Array.isArray(value)) return [];
  return value.filter((each): each is Fields => typeof each === "object" && !Array.isArray(each));
}

function textIn(members: Fields | undefined, name: string): string | undefined {
  const value = members?.[name];
  return typeof value === "string" ? value : undefined;
}
