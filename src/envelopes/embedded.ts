/** Files embedded in a message as base64: of a gzip (Helios), of a zip with one file (Chorus Pro), or as they are. */
import { EnvelopeError } from "../errors.ts";
import { gunzip, gunzipSmall } from "./gzip.ts";
import { extensionOf, mediaType } from "./media_type.ts";
import type { StagedFile, StagedWriter, Staging } from "./staging.ts";
import { readZipEntry } from "./zip.ts";
import { UnreadableZipError } from "./zip_bytes.ts";
import { readZipEntries } from "./zip_directory.ts";

/** Up to here a file is held as it comes: most attachments are smaller, and cost one write and no more. */
const MAX_HELD_BYTES = 2 * 1024 ** 2;
/** What the end of a text may add. */
const SPARE_BYTES = 4;
/** Names of what is a zip by itself. */
const ZIP_NAME = /\.(?:zip|(?:doc|xls|ppt)x|od[a-z])$/i;
/** How base64 of a gzip, a PDF and a zip begins. */
const KNOWN_STARTS = /^(?:H4sI|JVBER|UEsD)/;

/** Takes the base64 text of one embedded file in pieces. Its name often comes after its content. */
export class EmbeddedFile implements Disposable {
  readonly #staging: Staging;
  /** Decoded, not yet written. */
  #held = new Uint8Array(0);
  #heldBytes = 0;
  #writer: StagedWriter | undefined;
  /** Less than four characters, which make three octets. */
  #carry = "";
  #start = "";
  #isPadded = false;
  #isBase64 = true;

  constructor(staging: Staging) {
    this.#staging = staging;
  }

  /** Adds a piece of the text. What is not base64 makes the whole one that `finish` reports. */
  async write(text: string): Promise<void> {
    if (!this.#isBase64) return;
    if (this.#start.length < 8) this.#start = (this.#start + text.slice(0, 8)).slice(0, 8);
    const whole = this.#carry + text;
    await this.#reserve(Math.ceil(whole.length * 3 / 4));
    try {
      const { read, written } = this.#held.subarray(this.#heldBytes)
        .setFromBase64(whole, { lastChunkHandling: "stop-before-partial" });
      if (this.#isPadded && whole.trim() !== "") this.#isBase64 = false;
      this.#isPadded ||= written > 0 && whole.slice(0, read).trimEnd().endsWith("=");
      this.#heldBytes += written;
      this.#carry = whole.slice(read).trim();
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#isBase64 = false;
    }
  }

  /**
   * Unpacks what was written and gives it a name. An identical file of that name, already there, is taken instead.
   *
   * @returns the file, or why there is none: the text is `empty` or `not base64`.
   * @throws {EnvelopeError} when it, or what it is packed in, is damaged.
   */
  async finish(name: string, fallbackName: string): Promise<StagedFile | "empty" | "not base64"> {
    try {
      this.#end();
      if (!this.#isBase64) {
        if (this.#writer !== undefined) await this.#staging.remove(this.#writer.finish());
        if (KNOWN_STARTS.test(this.#start)) throw new EnvelopeError("its base64 text is damaged");
        return "not base64";
      }
      if (this.#writer === undefined && this.#heldBytes === 0) return "empty";
      return await this.#unpack(name.trim(), fallbackName);
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      throw new EnvelopeError(`Cannot extract the attachment "${name || fallbackName}": ${error.message}`);
    } finally {
      this[Symbol.dispose]();
    }
  }

  /** Closes the file when the message ends in the middle of it. */
  [Symbol.dispose](): void {
    this.#writer?.[Symbol.dispose]();
  }

  /** What is left may lack its padding. */
  #end(): void {
    if (!this.#isBase64 || this.#carry === "") return;
    try {
      const rest = Uint8Array.fromBase64(this.#carry);
      this.#isBase64 = !this.#isPadded;
      this.#held.set(rest, this.#heldBytes);
      this.#heldBytes += rest.length;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#isBase64 = false;
    }
  }

  async #unpack(name: string, fallbackName: string): Promise<StagedFile> {
    const nameFor = (head: Uint8Array) => name || fallbackName + extensionOf(mediaType("", head));
    if (this.#writer === undefined && !startsWith(this.#held, "PK")) {
      const held = this.#held.subarray(0, this.#heldBytes);
      const content = startsWith(held, "\x1f\x8b") ? gunzipSmall(held) : held;
      // What grows beyond measure is unpacked piece by piece, and looked at while it grows.
      if (content !== null) return await this.#staging.put(nameFor(content), content);
    }
    await this.#flush();
    using writer = this.#writer;
    if (writer === undefined) throw new TypeError("There is nothing to unpack");
    const packed = writer.finish();
    const file = await this.#unpacked(packed, name);
    const wanted = nameFor(file.head);
    const same = this.#staging.find(wanted, file.sha256);
    if (same === undefined) await this.#staging.rename(file, wanted);
    else await this.#staging.remove(file);
    return same ?? file;
  }

  async #unpacked(packed: StagedFile, name: string): Promise<StagedFile> {
    if (startsWith(packed.head, "\x1f\x8b")) return await this.#replace(packed, gunzip(packed.path));
    if (!startsWith(packed.head, "PK")) return packed;
    const entries = await readZipEntries(packed.path).catch((error) => {
      // Attached without wrapping, and whoever may open it can.
      if (error instanceof UnreadableZipError && ZIP_NAME.test(name)) return [];
      throw error;
    });
    const files = entries.filter((entry) => !entry.name.endsWith("/"));
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

  /** Makes room for `count` more octets. */
  async #reserve(count: number): Promise<void> {
    if (this.#heldBytes + count > MAX_HELD_BYTES) await this.#flush();
    const needed = this.#heldBytes + count + SPARE_BYTES;
    if (needed <= this.#held.length) return;
    const larger = new Uint8Array(Math.max(needed, Math.min(2 * this.#held.length, MAX_HELD_BYTES)));
    larger.set(this.#held.subarray(0, this.#heldBytes));
    this.#held = larger;
  }

  async #flush(): Promise<void> {
    this.#writer ??= await this.#staging.create("piece.partielle");
    await this.#writer.write(this.#held.subarray(0, this.#heldBytes));
    this.#heldBytes = 0;
  }
}

function startsWith(bytes: Uint8Array, magic: string): boolean {
  return bytes[0] === magic.charCodeAt(0) && bytes[1] === magic.charCodeAt(1);
}
