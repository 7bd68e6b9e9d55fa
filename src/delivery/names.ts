/**
 * Names of documents in the COLD: safe on Windows and Linux, made from the launcher's template. What comes in
 * was chosen by a stranger.
 */

/** Longest name handed over, in characters; EzGED and Windows limit the whole path. */
export const MAX_NAME_CHARACTERS = 120;
/** Longest name a Linux file system takes is 255 octets; some are left for a suffix. */
const MAX_NAME_BYTES = 240;
const MAX_EXTENSION_CHARACTERS = 16;
/** What no name ends with. Without the look behind, it would take a time that grows with the square of a run of blanks. */
const TRAILING = /(?<![\s.])[\s.]+$/;
/** Names that Windows keeps for devices, with any extension. */
const DEVICE_NAME = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(?:\.|$)/i;

/**
 * The same name made harmless as a file name: base name only, NFC, no control or direction characters, nothing
 * that Windows refuses, at most 120 characters with the extension kept. Never empty, never `.` or `..`.
 */
export function safeName(name: string): string {
  let safe = name.toWellFormed().normalize("NFC")
    .replace(/\p{Cc}|\p{Cf}|[\u2028\u2029]/gu, "")
    .replace(/[<>:"/\\|?*]/g, "_")
    .replace(/^[\s.]+/, "")
    .replace(TRAILING, "");
  if (safe === "") safe = "document";
  if (DEVICE_NAME.test(safe)) safe = `_${safe}`;
  return shortened(safe, 0);
}

/** The last extension with its dot, or nothing. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot > 0 && name.length - dot <= MAX_EXTENSION_CHARACTERS ? name.slice(dot) : "";
}

/** `name` with `_2`, `_3` … before its extension, still within the length allowed. */
export function numbered(name: string, number: number): string {
  const suffix = `_${number}`;
  const extension = extensionOf(name);
  const stem = name.slice(0, name.length - extension.length);
  return shortened(stem + extension, suffix.length, suffix);
}

/**
 * Fills in `{field}` places of a name template; a missing field is empty. Where the template leaves out
 * `{name}`, the document's own extension is added, so that its type stays visible.
 */
export function expandName(template: string, fields: Readonly<Record<string, string>>): string {
  const filled = template.replace(/\{([a-z0-9_]+)\}/g, (_, field: string) =>
    // A slash in a subject is a character of that subject, not a folder, and a colon would name a stream.
    (fields[field] ?? "").replace(/[/\\:]/g, "-"));
  const extension = template.includes("{name}") ? "" : extensionOf(fields["name"] ?? "");
  return safeName((filled.trim() === "" ? "document" : filled) + extension);
}

function shortened(name: string, reserve: number, insert = ""): string {
  const extension = extensionOf(name);
  // No character has more than three octets for each unit of its length.
  if ((name.length + reserve) * 3 <= MAX_NAME_BYTES) {
    return name.slice(0, name.length - extension.length) + insert + extension;
  }
  let stem = [...name.slice(0, name.length - extension.length)];
  const room = MAX_NAME_CHARACTERS - [...extension].length - reserve;
  if (stem.length > room) stem = stem.slice(0, room);
  const encoder = new TextEncoder();
  const fits = () => encoder.encode(stem.join("") + insert + extension).length <= MAX_NAME_BYTES;
  while (!fits()) stem.pop();
  return stem.join("").replace(TRAILING, extension === "" && insert === "" ? "" : "$&") + insert + extension;
}
