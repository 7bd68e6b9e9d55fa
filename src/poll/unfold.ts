/** Documents of a mail that others are packed in: winmail.dat, archives, envelopes, invoices with their XML. */
import type { DecodedEnvelope, Packing, Room } from "../decoder/client.ts";
import type { Stage, StagedFile } from "../delivery/staging.ts";
import { EnvelopeError, ItemError, UnknownEnvelopeError } from "../errors.ts";
import { type DocumentsOptions, extensionFor, reasonAgainstImage } from "../message/mod.ts";
import type { Document } from "../model.ts";
import type { TakeTools } from "./take.ts";

/** An envelope in a mail, decoded into the folder of a stage of its own. */
export interface EnvelopeInMail {
  readonly stage: Stage;
  readonly decoded: DecodedEnvelope;
}

/** Files that may come out of one mail. */
const MAX_FILES = 2000;
/** Archives within archives, and in a winmail.dat. */
const MAX_DEPTH = 5;
const DEADLINE_MS = 120_000;
/** The XML of an invoice is a kindness: nothing waits long for it. */
const INVOICE_DEADLINE_MS = 20_000;
/** Documents of office programs, e-books and programs are zip archives too; nobody wants these taken apart. */
const ZIPPED =
  /\.(?:do[ct]|xl[st]|pp[ts]|pot|vs[dst])[xmb]$|\.(?:od[a-z]|ot[a-z]|epub|jar|apk|kmz|xpi|one)$/i;

/** What a document may hold, by its media type and name: how it would be opened. */
function packingsOf(
  { type, name }: Pick<Document, "type" | "name">,
  options: DocumentsOptions,
): readonly (Packing | "envelope")[] {
  const packings: (Packing | "envelope")[] = [];
  const isZip = type === "application/zip" && !ZIPPED.test(name);
  const isTarGz = type === "application/gzip" && /\.(?:tar\.gz|tgz)$/i.test(name);
  if (type === "application/ms-tnef" && options.winmail === "open") packings.push("tnef");
  if (options.envelopes.length > 0 && (isZip || isTarGz || /[/+]xml$/.test(type ?? ""))) {
    packings.push("envelope");
  }
  if (isZip && options.zip === "open") packings.push("zip");
  if (type === "application/pdf" && options.factur_x) packings.push("pdf");
  return packings;
}

/** The documents of one mail that have to be opened. Its stage gets what comes out of them. */
export class Unfolding {
  readonly envelopes: EnvelopeInMail[] = [];
  /** What was left in them, and why. */
  readonly left: string[] = [];
  /** What the administrator should know although it went well. */
  readonly notes: string[] = [];
  readonly #tools: TakeTools;
  readonly #options: DocumentsOptions;
  readonly #lastMs: number;
  #room: Room;
  #envelopeFiles: number;

  constructor(tools: TakeTools) {
    this.#tools = tools;
    this.#options = tools.launcher.documents;
    this.#room = { files: MAX_FILES, bytes: this.#options.max_opened_size };
    this.#envelopeFiles = this.#options.max_envelope_files;
    this.#lastMs = performance.now() + this.#options.max_mail_time;
  }

  /** Whether a document is to be given to `take`. */
  concerns(document: Document): boolean {
    return packingsOf(document, this.#options).length > 0;
  }

  /**
   * Stages a document, or what is packed in it; the reasons of the filter against any of that.
   *
   * @throws {EnvelopeError} when it is damaged, encrypted, or more than is allowed to come out of a mail.
   */
  async take({ name, type = "", content }: Document): Promise<readonly string[]> {
    const file = await this.#tools.stage.add(name, content);
    return await this.#place({ file, type, depth: 0 });
  }

  async #place(one: Placed): Promise<readonly string[]> {
    const { file, type, depth } = one;
    const packings = packingsOf({ name: file.name, type }, this.#options);
    if (packings.some((packing) => packing !== "pdf") && depth >= MAX_DEPTH) {
      throw new EnvelopeError(`Cannot open "${file.name}": archives nested more than ${MAX_DEPTH} deep`);
    }
    for (const packing of packings) {
      const reasons = packing === "envelope"
        ? await this.#envelope(file)
        : packing === "pdf"
        ? await this.#invoice(file)
        : await this.#archive(one, packing);
      if (reasons !== undefined) return reasons;
    }
    const reason = this.#reasonAgainst(file);
    if (reason !== undefined) await this.#tools.stage.drop(file);
    return reason === undefined ? [] : [reason];
  }

  /** `undefined` when it is no envelope, or none of those wanted. */
  async #envelope(file: StagedFile): Promise<readonly string[] | undefined> {
    const { stage, decoder, signal } = this.#tools;
    const branch = stage.branch();
    const into = await branch.folder();
    const decoded = await decoder.decode(file.path, {
      into,
      name: file.name,
      signal,
      deadlineMs: this.#deadlineMs(),
    }).catch((error) => {
      if (error instanceof UnknownEnvelopeError) return undefined;
      throw named(error, file.name);
    });
    if (decoded === undefined || !this.#options.envelopes.includes(decoded.type)) {
      await branch.discard();
      return undefined;
    }
    const reason = this.#reasonAgainst(file);
    await stage.drop(file);
    if (reason !== undefined) {
      await branch.discard();
      return [reason];
    }
    this.#spendOnEnvelope(decoded.files, file.name);
    for (const { name, sizeBytes, sha256 } of decoded.files) {
      await branch.adopt({ path: `${into}/${name}`, name, sizeBytes, sha256 });
    }
    this.envelopes.push({ stage: branch, decoded });
    this.notes.push(...decoded.warnings);
    return [];
  }

  /** `undefined` when it is no archive after all. */
  async #archive({ file, depth }: Placed, as: Packing): Promise<readonly string[] | undefined> {
    const { stage } = this.#tools;
    const opened = await this.#open(file, as);
    if (opened === null) return undefined;
    await stage.drop(file);
    this.left.push(...opened.left.map(({ name, reason }) => `${name || file.name}: ${reason}`));
    if (opened.files.length === 0) this.left.push(`${file.name}: there is no file in it`);
    const reasons: string[] = [];
    for (const [index, { path, type, isInline, ...found }] of opened.files.entries()) {
      const name = found.name || `document-${index + 1}.${extensionFor(type)}`;
      const { sizeBytes, sha256 } = found;
      // In an archive every image was put on purpose; a winmail.dat holds those of the text too.
      const against = as === "tnef"
        ? reasonAgainstImage({ type, isInline, sizeBytes }, this.#options)
        : undefined;
      if (against !== undefined) {
        this.left.push(`${name}: ${against}`);
        continue;
      }
      const staged = await stage.takeOver({ path: `${opened.into}/${path}`, name, sizeBytes, sha256 });
      reasons.push(...await this.#place({ file: staged, type, depth: depth + 1 }));
    }
    return reasons;
  }

  /** The PDF of an invoice, and its XML beside it: the filter is asked about the PDF. */
  async #invoice(pdf: StagedFile): Promise<readonly string[]> {
    const { stage } = this.#tools;
    const reason = this.#reasonAgainst(pdf);
    if (reason !== undefined) {
      await stage.drop(pdf);
      return [reason];
    }
    const opened = await this.#open(pdf, "pdf").catch((error) => {
      if (!(error instanceof EnvelopeError)) throw error;
      this.notes.push(error.message);
      return null;
    });
    for (const { path, name, sizeBytes, sha256 } of opened?.files ?? []) {
      const stem = pdf.name.replace(/\.pdf$/i, "");
      const file = { path: `${opened?.into}/${path}`, name: `${stem}_${name}`, sizeBytes, sha256 };
      await stage.takeOver(file);
    }
    return [];
  }

  /** Opens a staged file in the decoder, and takes what comes out of it off the room there is. */
  async #open({ path, name }: StagedFile, as: Packing) {
    const { stage, decoder, signal } = this.#tools;
    const into = await stage.scratch();
    const opened = await decoder.open(path, {
      as,
      into,
      name,
      room: this.#room,
      signal,
      deadlineMs: this.#deadlineMs(as === "pdf" ? INVOICE_DEADLINE_MS : DEADLINE_MS),
    }).catch((error) => {
      throw named(error, name);
    });
    if (opened === null) return null;
    this.#room = {
      files: this.#room.files - opened.files.length,
      bytes: this.#room.bytes - sizeOf(opened.files),
    };
    return { ...opened, into };
  }

  /** An envelope has limits of its own, which know nothing of the mail's. */
  #spendOnEnvelope(files: readonly { readonly sizeBytes: number }[], name: string): void {
    this.#envelopeFiles -= files.length;
    this.#room = { ...this.#room, bytes: this.#room.bytes - sizeOf(files) };
    const exceeded = this.#envelopeFiles < 0
      ? "max_envelope_files"
      : this.#room.bytes < 0
      ? "max_opened_size"
      : undefined;
    if (exceeded === undefined) return;
    throw new EnvelopeError(
      `Cannot open "${name}": more comes out of the mail than documents.${exceeded} allows`,
    );
  }

  /** How long the decoder may take for the next attachment; throws `ItemError` when the mail's time is over. */
  #deadlineMs(atMost = DEADLINE_MS): number {
    const leftMs = this.#lastMs - performance.now();
    if (leftMs > 0) return Math.min(atMost, Math.ceil(leftMs));
    const limit = `${this.#options.max_mail_time / 1000} s (documents.max_mail_time)`;
    throw new ItemError(`Cannot open what is in the mail: it takes more than ${limit}`);
  }

  #reasonAgainst({ name, sizeBytes }: StagedFile): string | undefined {
    const { filter } = this.#tools;
    for (const verdict of [filter.name(name), filter.size(sizeBytes)]) {
      if (!verdict.take) return verdict.reason;
    }
    return undefined;
  }
}

/** A file on the stage that may hold others. */
interface Placed {
  readonly file: StagedFile;
  readonly type: string;
  /** Archives around it. */
  readonly depth: number;
}

function sizeOf(files: readonly { readonly sizeBytes: number }[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** The error, saying which of the mail's files it is about. */
function named(error: unknown, name: string): unknown {
  if (!(error instanceof EnvelopeError) || error.message.includes(`"${name}"`)) return error;
  const [, verb = "", state = error.message] = /^Cannot ([^:"]+): (.+)$/s.exec(error.message) ?? [];
  const isInvoice = verb === "look for an invoice in the PDF";
  const message = `Cannot ${isInvoice ? "look for an invoice in" : "open"} "${name}": ${state}`;
  return new EnvelopeError(message, { cause: error });
}
