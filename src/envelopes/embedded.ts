/** Files embedded in a message as base64: of a gzip (Helios), of a zip with one file (Chorus Pro), or as they are. */
import { EnvelopeError } from "../errors.ts";
import { gunzip } from "./gzip.ts";
import { extensionOf, mediaType } from "./media_type.ts";
import { safeName } from "./names.ts";
import type { StagedFile, StagedWriter, Staging } from "./staging.ts";
import { readZipEntry } from "./zip.ts";
import { readZipEntries } from "./zip_directory.ts";

/** Takes the base64 text of one embedded file in pieces. Its name often comes after its content. */
export class EmbeddedFile {
  readonly #staging: Staging;
  #writer: StagedWriter | undefined;
  #carry = "";
  #isBase64 = true;

  constructor(staging: Staging) {
    this.#staging = staging;
  }

  /** Adds a piece of the text. What is not base64 makes the whole one that `finish` reports. */
  async write(text: string): Promise<void> {
    const compact = this.#carry + text.replace(/\s+/g, "");
    // Four characters make three octets.
    const usable = compact.length - compact.length % 4;
    this.#carry = compact.slice(usable);
    if (usable > 0) await this.#decode(compact.slice(0, usable));
  }

  /**
   * Unpacks what was written and gives it a name. An identical file of that name, already there, is taken instead.
   *
   * @returns the file, or why there is none: the text is `empty` or `not base64`.
   * @throws {EnvelopeError} when what it is packed in is damaged.
   */
  async finish(name: string, fallbackName: string): Promise<StagedFile | "empty" | "not base64"> {
    if (this.#carry !== "" && this.#carry !== "=") await this.#decode(this.#carry);
    using writer = this.#writer;
    const packed = writer?.finish();
    if (!this.#isBase64) {
      if (packed !== undefined) await this.#staging.remove(packed);
      return "not base64";
    }
    if (packed === undefined) return "empty";
    const file = await this.#unpack(packed, name.trim()).catch((error) => {
      if (!(error instanceof EnvelopeError)) throw error;
      throw new EnvelopeError(`Cannot extract the attachment "${name || fallbackName}": ${error.message}`);
    });
    const wanted = name.trim() || fallbackName + extensionOf(mediaType("", file.head));
    const same = this.#staging.files.find((each) =>
      each !== file && each.sha256 === file.sha256 && safeName(each.source) === safeName(wanted)
    );
    if (same !== undefined) {
      await this.#staging.remove(file);
      return same;
    }
    await this.#staging.rename(file, wanted);
    return file;
  }

  /** Closes the file when the message ends in the middle of it. */
  [Symbol.dispose](): void {
    this.#writer?.[Symbol.dispose]();
  }

  async #decode(text: string): Promise<void> {
    const bytes = fromBase64(text);
    this.#isBase64 &&= bytes !== null;
    if (bytes === null || !this.#isBase64) return;
    // Padding stays in the carry, so that more text after it cannot pass for base64.
    if (text.endsWith("=")) this.#carry = `=${this.#carry}`;
    this.#writer ??= await this.#staging.create("piece.partielle");
    await this.#writer.write(bytes);
  }

  async #unpack(packed: StagedFile, name: string): Promise<StagedFile> {
    const [first, second] = packed.head;
    if (first === 0x1f && second === 0x8b) return await this.#replace(packed, gunzip(packed.path));
    if (first !== 0x50 || second !== 0x4b) return packed;
    const files = (await readZipEntries(packed.path)).filter((entry) => !entry.name.endsWith("/"));
    const wrapped = files.find((entry) => entry.name.trim() === name) ??
      (files.length === 1 ? files[0] : undefined);
    // A zip, .docx or .ods that was attached without wrapping has other files in it.
    if (wrapped === undefined || (name.toLowerCase().endsWith(".zip") && wrapped.name.trim() !== name)) {
      return packed;
    }
    return await this.#replace(packed, readZipEntry(packed.path, wrapped));
  }

  async #replace(packed: StagedFile, content: AsyncIterable<Uint8Array>): Promise<StagedFile> {
    const file = await this.#staging.write("piece.entiere", content);
    await this.#staging.remove(packed);
    return file;
  }
}

function fromBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.fromBase64(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
