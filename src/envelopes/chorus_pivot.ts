/** Reads a pivot in pieces: one invoice at a time is held, and attachments go straight to disk. */
import { EnvelopeError } from "../errors.ts";
import { factureFields, fluxFields, pieceFields, statutFields } from "./chorus_facture.ts";
import { EmbeddedFile } from "./embedded.ts";
import type { Contents, FileFacts } from "./envelope.ts";
import { compact, type Fields, fillIn } from "./fields.ts";
import { isStructured, readInvoice } from "./invoice.ts";
import type { StagedFile } from "./staging.ts";
import type { XmlEvent } from "./xml.ts";
import { childText, TreeBuilder, type XmlElement } from "./xml_tree.ts";

const UNITS: ReadonlySet<string> = new Set(["CPPFacturePivotUnitaire", "CPPFactureMixteUnitaire"]);
const STATUT_UNIT = "CPPFactureStatutUnitaire";

/** Turns the events of one pivot into invoices, and puts their attachments beside it. */
export class PivotReader implements Disposable {
  readonly attachments = new Map<StagedFile, FileFacts>();
  readonly #file: StagedFile;
  readonly #contents: Contents;
  /** Names of the open elements. */
  readonly #path: string[] = [];
  /** Where the part that is being built begins. */
  #unitDepth = 0;
  #unit: TreeBuilder | undefined;
  #pj: TreeBuilder | undefined;
  #embedded: EmbeddedFile | undefined;
  #pieces: Fields[] = [];
  #flux: Fields = {};

  constructor(file: StagedFile, contents: Contents) {
    this.#file = file;
    this.#contents = contents;
  }

  /** What the envelope around the invoices told so far. */
  get flux(): Fields {
    return this.#flux;
  }

  /** Takes an event; returns the invoice that it ends. */
  async take(event: XmlEvent): Promise<Fields | undefined> {
    if (event.kind === "open") {
      const isPart = UNITS.has(event.name) || event.name === STATUT_UNIT || event.name === "Enveloppe";
      if (this.#unit === undefined && isPart) {
        this.#unit = new TreeBuilder();
        this.#unitDepth = this.#path.length;
      } else if (
        this.#unit !== undefined && event.name === "PJ" && this.#path.length === this.#unitDepth + 1
      ) {
        this.#pj = new TreeBuilder();
      } else if (this.#pj !== undefined && event.name === "Contenu") {
        this.#embedded ??= new EmbeddedFile(this.#contents.staging);
      }
      this.#path.push(event.name);
      this.#build(event);
      return undefined;
    }
    if (event.kind === "text") {
      if (this.#pj !== undefined && this.#path.at(-1) === "Contenu") await this.#embedded?.write(event.text);
      else this.#build(event);
      return undefined;
    }
    this.#path.pop();
    this.#build(event);
    if (this.#pj?.root !== undefined) await this.#endPiece(this.#pj.root);
    return this.#unit?.root === undefined ? undefined : this.#endUnit(this.#unit.root);
  }

  /** Lets go of an attachment that the message ends in the middle of. */
  [Symbol.dispose](): void {
    this.#embedded?.[Symbol.dispose]();
  }

  #build(event: XmlEvent): void {
    if ((this.#pj ?? this.#unit)?.take(event) === false) {
      throw new EnvelopeError(`Cannot read "${this.#file.name}": an invoice with too many elements`);
    }
  }

  #endUnit(unit: XmlElement): Fields | undefined {
    this.#unit = undefined;
    if (unit.name === "Enveloppe") {
      this.#flux = fillIn(this.#flux, fluxFields(unit));
      return undefined;
    }
    const pieces = this.#pieces;
    this.#pieces = [];
    const { wishes } = this.#contents;
    if (unit.name === STATUT_UNIT) return statutFields(unit, wishes);
    return { ...factureFields(unit, wishes), ...(pieces.length === 0 ? {} : { pieces }) };
  }

  async #endPiece(pj: XmlElement): Promise<void> {
    using embedded = this.#embedded;
    this.#pj = undefined;
    this.#embedded = undefined;
    const fields = pieceFields(pj);
    const name = childText(pj, "NomPJ");
    const result = await embedded?.finish(name, childText(pj, "IdUnique") || "piece") ?? "empty";
    if (typeof result === "string") {
      this.#contents.warn(`the attachment "${name}" of "${this.#file.name}" is ${result}`);
      this.#pieces.push(fields);
      return;
    }
    const isInvoice = childText(pj, "TypePJ") === "01";
    const facture = await readInvoice(result, this.#contents);
    // Any document can be a PDF.
    const told = isInvoice || isStructured(facture) ? { ...fields, facture } : fields;
    this.#pieces.push(compact({ ...told, fichier: result.name }) ?? {});
    const role = isInvoice ? "facture" : "piece_jointe";
    this.attachments.set(result, { role, within: this.#file.name, fields: compact(told) ?? {} });
  }
}
