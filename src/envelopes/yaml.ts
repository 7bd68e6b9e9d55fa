/** The small part of YAML that Pastell writes: a map of scalars and of lists of scalars. */
import { EnvelopeError } from "../errors.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  t: "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\x1b",
  _: "\u00a0",
  N: "\u0085",
  L: "\u2028",
  P: "\u2029",
};

/**
 * Reads `key: value` lines and lists, in blocks or in brackets. Values that old Pastell versions escaped twice
 * (`\"1\"`) lose their extra quotes.
 *
 * @throws {EnvelopeError} for anything else that YAML allows.
 */
export function parseSimpleYaml(text: string): Map<string, string | string[]> {
  const entries = new Map<string, string | string[]>();
  /** Of the key before, when nothing stands behind it: a list may follow, or nothing at all. */
  let list: { readonly key: string; readonly items: string[] } | undefined;
  let block: { key: string; lines: string[]; folded: boolean } | undefined;
  const lines = text.split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (block !== undefined) {
      if (line === "" || /^\s/.test(line)) {
        block.lines.push(line.trim());
        continue;
      }
      entries.set(block.key, joinBlock(block));
      block = undefined;
    }
    if (/^\s*(#.*)?$/.test(line) || line === "---" || line === "...") continue;
    const item = /^\s*-\s+(.*)$/.exec(line);
    if (item !== null && list !== undefined) {
      list.items.push(parseScalar(item[1] ?? "", index));
      entries.set(list.key, list.items);
      continue;
    }
    const { key, value } = parseEntry(line, index);
    list = undefined;
    if (/^[|>][+-]?$/.test(value)) {
      block = { key, lines: [], folded: value.startsWith(">") };
    } else if (value.startsWith("[")) {
      entries.set(key, parseFlowList(value, index));
    } else if (value === "{  }" || value === "{}") {
      entries.set(key, []);
    } else if (value === "") {
      list = { key, items: [] };
      entries.set(key, "");
    } else {
      entries.set(key, parseScalar(value, index));
    }
  }
  if (block !== undefined) entries.set(block.key, joinBlock(block));
  return entries;
}

/** `key: value`. */
function parseEntry(line: string, index: number): { key: string; value: string } {
  const quoted = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')/.exec(line)?.[0];
  if (quoted === undefined && !/^[^\s:#'"[{-]/.test(line)) throw invalid(index);
  const colon = line.indexOf(":", quoted?.length);
  const between = line.slice(quoted?.length ?? 0, colon);
  const value = line.slice(colon + 1);
  if (colon < 0 || (quoted !== undefined && between.trim() !== "") || !/^(?:\s|$)/.test(value)) {
    throw invalid(index);
  }
  return { key: parseScalar(quoted ?? between, index), value: value.trim() };
}

function joinBlock(block: { lines: string[]; folded: boolean }): string {
  return block.lines.join(block.folded ? " " : "\n").trimEnd();
}

function parseFlowList(text: string, index: number): string[] {
  if (!text.endsWith("]")) throw invalid(index);
  const inner = text.slice(1, -1);
  const items: string[] = [];
  // It always matches, so that no way through a long text is tried twice.
  const item = /\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,'"[\]{}]*)\s*/y;
  while (item.lastIndex < inner.length) {
    const written = item.exec(inner)?.[1]?.trim() ?? "";
    const isLast = item.lastIndex === inner.length;
    if (!isLast && inner[item.lastIndex] !== ",") throw invalid(index);
    if (written !== "") items.push(parseScalar(written, index));
    else if (!isLast) throw invalid(index);
    item.lastIndex++;
  }
  return items;
}

function parseScalar(text: string, index: number): string {
  const value = text.trim();
  if (/^'(?:[^']|'')*'$/.test(value)) return unwrap(value.slice(1, -1).replaceAll("''", "'"));
  if (/^"(?:[^"\\]|\\.)*"$/.test(value)) {
    return unwrap(value.slice(1, -1).replace(/\\(.[0-9a-fA-F]*)/g, unescape));
  }
  if (/^["'&*!|>{[%@`]/.test(value)) throw invalid(index);
  if (value === "null" || value === "~") return "";
  const comment = value.search(/\s#/);
  return unwrap(comment < 0 ? value : value.slice(0, comment).trimEnd());
}

/** Pastell up to 2.0 stored every value as `\"value\"`, quotes within escaped too. */
function unwrap(value: string): string {
  const inner = /^\\"([^]*)\\"$/.exec(value)?.[1];
  return inner === undefined ? value : inner.replace(/\\(["'\\])/g, "$1");
}

function unescape(_match: string, escaped: string): string {
  const [code = "", digits] = [escaped[0], escaped.slice(1)];
  const length = { x: 2, u: 4, U: 8 }[code];
  if (length === undefined || digits.length < length) return (ESCAPES[code] ?? code) + digits;
  const point = Number.parseInt(digits.slice(0, length), 16);
  return (point > 0x10ffff ? "\ufffd" : String.fromCodePoint(point)) + digits.slice(length);
}

function invalid(index: number): EnvelopeError {
  return new EnvelopeError(`Cannot read metadata as YAML: line ${index + 1} is not understood`);
}
