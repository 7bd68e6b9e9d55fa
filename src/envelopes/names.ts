/** File names from outside made safe, and found again under the ways in which Pastell writes them. */

// Reserved by Windows, where a COLD often is, then control characters, then marks that reverse the reading order.
// deno-lint-ignore no-control-regex
const UNSAFE = /[<>:"/\\|?*]|[\u0000-\u001f\u007f-\u009f]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
const MAX_NAME_BYTES = 200;

/** A base name that every file system takes: NFC, no separator or control character, at most 200 octets, never empty. */
export function safeName(name: string): string {
  let safe = withoutTail(name.toWellFormed().normalize("NFC").replace(UNSAFE, "-")).trimStart();
  if (safe === "" || /^\.+$/.test(safe)) safe = "document";
  if (DEVICE.test(safe)) safe = `_${safe}`;
  const { stem, extension } = splitExtension(safe);
  return truncate(stem, MAX_NAME_BYTES - byteLength(extension)) + extension;
}

/** A name that is free, and its number: 1 for the name as it was. */
export interface FreeName {
  readonly name: string;
  readonly number: number;
}

/**
 * `name`, or `name (2)`, `name (3)`… before the extension: the first that `taken` does not hold in its `foldName` form.
 * Those below the number `from` need not be tried.
 */
export function freeName(name: string, taken: { has(folded: string): boolean }, from = 1): FreeName {
  if (!taken.has(foldName(name))) return { name, number: 1 };
  const { stem, extension } = splitExtension(name);
  for (let number = Math.max(from, 2);; number++) {
    const free = `${stem} (${number})${extension}`;
    if (!taken.has(foldName(free))) return { name: free, number };
  }
}

/** The form in which two names are compared: file systems of Windows and macOS do not tell case apart. */
export function foldName(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

/**
 * The names under which a file that metadata list as `name` may lie in the deposit, most faithful first: as it is,
 * with `-` or `_` for separators (Pastell 3, 4), stripped to plain letters (Pastell 2.0).
 */
export function writtenNames(name: string): readonly string[] {
  const plain = name.replaceAll(" ", "_").normalize("NFD").replace(/[^\w.-]/g, "");
  const names = [name, name.replace(/[\\/]/g, "-"), name.replaceAll("/", "_"), safeName(name), plain];
  return [...new Set(names.map((each) => each.normalize("NFC")))];
}

/** `dossier.tar.gz` without what only says how it is packed. */
export function withoutArchiveExtension(name: string): string {
  return name.replace(/\.(zip|tar\.gz|tgz|xml)$/i, "") || name;
}

function splitExtension(name: string): { stem: string; extension: string } {
  const extension = /(?:\.tar)?\.[^. ]{1,16}$/i.exec(name)?.[0] ?? "";
  if (extension.length === name.length) return { stem: name, extension: "" };
  return { stem: name.slice(0, name.length - extension.length), extension };
}

/** Without the dots and blanks at the end, which Windows does not keep. */
function withoutTail(text: string): string {
  return text.replace(/(?<![. ])[. ]+$/, "");
}

function truncate(text: string, maxBytes: number): string {
  let kept = "";
  let bytes = 0;
  for (const character of text) {
    bytes += byteLength(character);
    if (bytes > maxBytes) return withoutTail(kept);
    kept += character;
  }
  return kept;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
