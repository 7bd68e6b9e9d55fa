/** Words of mail headers: raw 8-bit, encoded words (RFC 2047) and parameters (RFC 2231), into Unicode. */
import libmime from "libmime";

// Without `fatal` it is several times as fast.
const utf8 = new TextDecoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const windows1252 = new TextDecoder("windows-1252");
// More than any header that people write; what is longer is cut before it is decoded.
const MAX_TEXT_CHARACTERS = 20_000;

/**
 * Header octets as text: UTF-8 when they are, else in the declared charset, else windows-1252, which is what
 * programs that declare nothing write.
 */
export function decodeRaw(bytes: Uint8Array, charsetOf?: () => string | undefined): string {
  const text = utf8.decode(bytes);
  if (!text.includes("\ufffd")) return text;
  try {
    return strictUtf8.decode(bytes).replace(/^\ufeff/, "");
  } catch {
    const charset = charsetOf?.();
    return (charset === undefined ? undefined : decodeAs(bytes, charset)) ?? windows1252.decode(bytes);
  }
}

/** A header value as people read it: encoded words decoded, NFC, on one line without control characters. */
export function decodeText(text: string): string {
  return oneLine(decodeWords(text.slice(0, MAX_TEXT_CHARACTERS)));
}

/** A structured header such as `Content-Type`: its first word in lower case, and its parameters. */
export interface StructuredHeader {
  readonly value: string;
  /** A parameter by its name in lower case, by RFC 2231, encoded words left as they are. */
  parameter(name: string): string | undefined;
}

/** Reads a structured header; nonsense gives an empty value and no parameters. */
export function parseStructured(text: string): StructuredHeader {
  const value = /^\s*([^\s;()]+)/.exec(text)?.[1]?.toLowerCase() ?? "";
  const semicolon = text.indexOf(";");
  if (semicolon < 0) return { value, parameter: () => undefined };
  const params = plainParameters(text, semicolon + 1) ??
    // Windows programs write paths with plain backslashes, which a quoted-pair would swallow.
    parametersOf(`x${text.slice(semicolon)}`.replace(/\\(?=[^"\\])/g, "\\\\"));
  return { value, parameter: (name) => Object.hasOwn(params, name) ? params[name] : undefined };
}

/** A file name from a parameter: encoded words decoded, although RFC 2047 forbids them there. */
export function decodeName(name: string): string {
  return baseName(decodeText(name));
}

/** The part after the last slash or backslash. */
function baseName(name: string): string {
  // Without the look behind, a run of slashes would take a time that grows with its square.
  return name.replace(/(?<![/\\])[/\\]+$/, "").replace(/^.*[/\\]/s, "").trim();
}

/** NFC, control characters and line ends to spaces, spaces around removed. */
export function oneLine(text: string): string {
  if (/^[ -~]*$/.test(text)) return text.trim();
  return text.toWellFormed().normalize("NFC").replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
}

function decodeWords(text: string): string {
  const at = text.indexOf("=?");
  if (at < 0) return text;
  const single = text.indexOf("=?", at + 2) < 0 ? decodeSingleWord(text) : undefined;
  if (single !== undefined) return single;
  try {
    const decoded = libmime.decodeWords(text);
    if (!decoded.includes("\ufffd")) return decoded;
    // A charset that is unknown or not the one declared: rather what French programs write than U+FFFD.
    return libmime.decodeWords(text.replace(/=\?[^?\s]{1,80}\?([bq])\?/gi, "=?windows-1252?$1?"));
  } catch {
    return text;
  }
}

/** A text with one encoded word, in the usual form and in UTF-8, many times as fast as by libmime; else `undefined`. */
function decodeSingleWord(text: string): string | undefined {
  const word = /=\?utf-8\?(?:q\?([!->@-~]*)|b\?([A-Za-z0-9+/]*={0,2}))\?=/i.exec(text);
  if (word === null) return undefined;
  const [found, quoted, base64 = ""] = word;
  try {
    const decoded = quoted === undefined
      ? strictUtf8.decode(Uint8Array.fromBase64(base64))
      : decodeURIComponent(quoted.replaceAll("%", "%25").replaceAll("_", " ").replaceAll("=", "%"));
    if (decoded.includes("\ufffd")) return undefined;
    return text.slice(0, word.index) + decoded + text.slice(word.index + found.length);
  } catch {
    return undefined;
  }
}

// A token or a quoted string, and in UTF-8 where it is extended: what nearly all programs write.
const PLAIN_PARAMETER = /[ \t]*([A-Za-z0-9-]+)=(?:"([^"\\]*)"|([^\s"\\;]*))[ \t]*(?:;|$)/y;
const UTF8_PARAMETER = /[ \t]*([A-Za-z0-9-]+)\*=utf-8'[a-z-]*'([^\s"'\\;]*)[ \t]*(?:;|$)/iy;

/** Parameters read in one go, many times as fast as by libmime; `undefined` when one of them is for libmime. */
function plainParameters(text: string, from: number): Readonly<Record<string, string>> | undefined {
  const params: Record<string, string> = {};
  for (let at = from; at < text.length;) {
    PLAIN_PARAMETER.lastIndex = UTF8_PARAMETER.lastIndex = at;
    const plain = PLAIN_PARAMETER.exec(text);
    const found = plain ?? UTF8_PARAMETER.exec(text);
    const name = found?.[1]?.toLowerCase() ?? "";
    if (found === null || Object.hasOwn(params, name)) return undefined;
    try {
      params[name] = plain ? plain[2] ?? plain[3] ?? "" : decodeURIComponent(found[2] ?? "");
    } catch {
      return undefined;
    }
    at += found[0].length;
  }
  return params;
}

function parametersOf(text: string): Readonly<Record<string, string>> {
  try {
    const { params } = libmime.parseHeaderValue(text);
    if (!Object.values(params).some((value) => value.includes("\ufffd"))) return params;
    return libmime.parseHeaderValue(text.replace(/(\*=\s*"?)[^'"\s;]{0,80}'/g, "$1windows-1252'")).params;
  } catch {
    return {};
  }
}

function decodeAs(bytes: Uint8Array, charset: string): string | undefined {
  try {
    const decoder = new TextDecoder(charset);
    // UTF-8 was tried already; UTF-16 cannot stand in a header.
    return /^utf/.test(decoder.encoding) ? undefined : decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
