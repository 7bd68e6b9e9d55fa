/** A file-name pattern of a launcher file: `/pattern/flags`, anchored at the start, harmless on any name. */
import { faultOfCost, MAX_NAME_CHARACTERS } from "./pattern_cost.ts";
import { translatePattern } from "./pattern_syntax.ts";

/** A pattern ready to be matched against what `baseName` gives, or what is wrong with it. */
export type CompiledPattern = { readonly regex: RegExp } | { readonly fault: string };

const MAX_PATTERN_CHARACTERS = 1000;
const MAX_EXTENSION_CHARACTERS = 32;

/** Reads a pattern and refuses what could not be understood or could take too long. Never throws. */
export function compilePattern(text: string): CompiledPattern {
  if (text.length > MAX_PATTERN_CHARACTERS) {
    return { fault: `must not be longer than ${MAX_PATTERN_CHARACTERS} characters` };
  }
  const translated = translatePattern(text);
  if ("fault" in translated) return translated;
  const { source, flags } = translated;
  try {
    // (?:…) because ^a|b would match "xb"; neither g nor y, which remember where they stopped.
    const regex = new RegExp(`^(?:${source})`, flags);
    const fault = faultOfReferences(source, flags) ?? faultOfCost(source, flags);
    return fault === undefined ? { regex } : { fault };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const detail = error.message.replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, "");
    return { fault: `is no regular expression: ${detail}` };
  }
}

/**
 * The part of a name that patterns and globs look at: after the last `/` or `\`, in NFC, without control
 * characters and line ends. A name above 255 characters loses the end of its stem, not its extension.
 */
export function baseName(name: string): string {
  // Without the look behind, a run of slashes would take a time that grows with its square.
  const whole = name.normalize("NFC").replace(/[\p{Cc}\u2028\u2029]/gu, "").replace(/(?<![/\\])[/\\]+$/, "");
  const base = whole.slice(Math.max(whole.lastIndexOf("/"), whole.lastIndexOf("\\")) + 1);
  if (base.length <= MAX_NAME_CHARACTERS) return base;
  const dot = base.lastIndexOf(".");
  const extension = base.length - dot <= MAX_EXTENSION_CHARACTERS ? base.slice(dot) : "";
  return base.slice(0, MAX_NAME_CHARACTERS - extension.length) + extension;
}

/** Without the flag u, JavaScript takes `\2` without a second group for a control character. */
function faultOfReferences(source: string, flags: string): string | undefined {
  if (/[uv]/.test(flags)) return undefined;
  const text = source.replace(/\\\\/g, "  ").replace(/\[(?:\\.|[^\]\\])*\]/g, "");
  const groups = [...text.replace(/\\./g, "  ").matchAll(/\((?!\?)|\(\?<(?![=!])/g)].length;
  for (const [reference, number = ""] of text.matchAll(/\\([1-9]\d*)/g)) {
    if (Number(number) > groups) return `has ${reference} but only ${groups} groups in parentheses`;
  }
  if (/\\k/.test(text) && !/\(\?<(?![=!])/.test(text)) return "has \\k without a named group (?<name>…)";
  return undefined;
}
