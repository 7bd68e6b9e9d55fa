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
  let list: string[] | undefined;
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
      list.push(parseScalar(item[1] ?? "", index));
      continue;
    }
    const entry = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s:#'"[{-][^:]*?)\s*:(?:\s+(.*))?$/.exec(line);
    if (entry === null) throw invalid(index);
    const key = parseScalar(entry[1] ?? "", index);
    const value = (entry[2] ?? "").trim();
    list = undefined;
    if (/^[|>][+-]?$/.test(value)) {
      block = { key, lines: [], folded: value.startsWith(">") };
    } else if (value.startsWith("[")) {
      entries.set(key, parseFlowList(value, index));
    } else if (value === "{  }" || value === "{}") {
      entries.set(key, []);
    } else if (value === "") {
      // A list may follow, or nothing at all; which of both the next line tells.
      const following = lines.slice(index + 1).find((each) => each.trim() !== "");
      list = /^\s*-\s/.test(following ?? "") ? [] : undefined;
      entries.set(key, list ?? "");
    } else {
      entries.set(key, parseScalar(value, index));
    }
  }
  if (block !== undefined) entries.set(block.key, joinBlock(block));
  return entries;
}

function joinBlock(block: { lines: string[]; folded: boolean }): string {
  return block.lines.join(block.folded ? " " : "\n").trimEnd();
}

function parseFlowList(text: string, index: number): string[] {
  const items: string[] = [];
  const inner = /^\[(.*)\]\s*$/.exec(text)?.[1];
  if (inner === undefined) throw invalid(index);
  const item = /\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,'"[\]{}]+)\s*(?:,|$)/y;
  while (item.lastIndex < inner.length && inner.slice(item.lastIndex).trim() !== "") {
    const found = item.exec(inner);
    if (found === null) throw invalid(index);
    items.push(parseScalar((found[1] ?? "").trim(), index));
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
  return unwrap(value.replace(/\s+#.*$/, ""));
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
