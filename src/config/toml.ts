/** Reads TOML text into a plain table that still knows on which line each key stands. */
import { parse, TomlError } from "smol-toml";
import { parseTOML } from "toml-eslint-parser";
import type { AST } from "toml-eslint-parser";

/** Where a value stands in a table: keys and array indices. */
export type Path = readonly (string | number)[];

/** A TOML text, read. */
export interface TomlTable {
  readonly value: Readonly<Record<string, unknown>>;
  /** The line of a key, from 1; of a missing one, the line of the nearest table around it. */
  lineOf(path: Path): number;
}

/** Why a TOML text cannot be read. Never quotes the text: it may hold secrets. */
export class TomlSyntaxError extends Error {
  constructor(readonly line: number, message: string) {
    super(message);
  }
}

/**
 * Reads one TOML document.
 *
 * @throws {TomlSyntaxError} with the line and what was expected there
 */
export function readToml(text: string): TomlTable {
  let value: Record<string, unknown>;
  try {
    value = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The rest of the message is a frame of the text itself.
    const [first = ""] = error.message.split("\n");
    const state = first.replace(/^Invalid TOML document: /, "");
    // That is how the end of the line is met in a text that nobody closed.
    const isOpen = state === "control characters are not allowed in strings";
    throw new TomlSyntaxError(
      error.line,
      isOpen ? "a text has no closing quotation mark on its line, or holds a control character" : state,
    );
  }
  const lines = linesOf(text);
  return {
    value,
    lineOf(path) {
      for (let length = path.length; length > 0; length--) {
        const line = lines.get(keyOf(path.slice(0, length)));
        if (line !== undefined) return line;
      }
      return 1;
    },
  };
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

function linesOf(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(text, { tomlVersion: "1.1" });
  } catch {
    // The two parsers disagree on this text: the values are right, only the lines are unknown.
    return lines;
  }
  const note = (path: Path, line: number) => {
    const key = keyOf(path);
    if (!lines.has(key)) lines.set(key, line);
  };
  const noteValue = (path: Path, node: AST.TOMLContentNode) => {
    if (node.type === "TOMLArray") {
      for (const [index, element] of node.elements.entries()) {
        note([...path, index], element.loc.start.line);
        noteValue([...path, index], element);
      }
    }
    if (node.type === "TOMLInlineTable") notePairs(path, node.body);
  };
  const notePairs = (base: Path, pairs: readonly AST.TOMLKeyValue[]) => {
    for (const pair of pairs) {
      let path = base;
      for (const key of pair.key.keys) {
        path = [...path, key.type === "TOMLBare" ? key.name : key.value];
        note(path, key.loc.start.line);
      }
      noteValue(path, pair.value);
    }
  };
  for (const node of program.body[0].body) {
    if (node.type === "TOMLKeyValue") {
      notePairs([], [node]);
      continue;
    }
    for (let length = 1; length <= node.resolvedKey.length; length++) {
      note(node.resolvedKey.slice(0, length), node.loc.start.line);
    }
    notePairs(node.resolvedKey, node.body);
  }
  return lines;
}
