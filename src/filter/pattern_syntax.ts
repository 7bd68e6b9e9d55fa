/**
 * Patterns as administrators know them from EzGED, which is written in Python, turned into JavaScript. What
 * JavaScript would silently read as something else is refused.
 */

/** A pattern in JavaScript syntax, or what is wrong with it and what would be right. */
export type Translation =
  | { readonly source: string; readonly flags: string }
  | { readonly fault: string };

const FLAGS = "imsuv";
const ESCAPES = /^[bBdDfnrsStvwWxuckpP]$/;
const ESCAPES_IN_CLASS = /^[bdDfnrsStvwWxucpP]$/;

const REFUSED_GROUPS: readonly (readonly [RegExp, string])[] = [
  [/^\(\?#/, "has a comment (?#…), which is not understood here: leave it out"],
  [/^\(\?>/, "has an atomic group (?>…), which is not understood here: write (?:…)"],
  [/^\(\?\(/, "has a condition (?(…)…), which is not understood here: write two alternatives a|b"],
  [/^\(\?P[>&]|^\(\?[R&0-9]/, "has a recursion, which is not understood here"],
  [/^\(\?\|/, "has a branch reset (?|…), which is not understood here: write (?:…)"],
  [/^\(\?P(?![<=])/, "has (?P without < or = after it: write (?P<name>…)"],
  [
    /^\(\?[a-zA-Z-]+\)/,
    "has flags such as (?i) that are not understood where they stand: only i, m and s, and only at the start",
  ],
];

/**
 * Reads `/pattern/flags`. Python's `(?P<n>…)`, `(?P=n)`, leading `(?i)`, `\A`, `\Z` and `{,n}` are translated;
 * what JavaScript lacks or reads differently is a fault.
 */
export function translatePattern(text: string): Translation {
  const end = text.lastIndexOf("/");
  if (!text.startsWith("/") || end === 0) {
    return { fault: String.raw`must stand between slashes, such as '/.*\.pdf/'` };
  }
  let source = text.slice(1, end).normalize("NFC");
  const flags = new Set(text.slice(end + 1));
  const leading = /^\(\?([ims]+)\)/.exec(source);
  for (const flag of leading?.[1] ?? "") flags.add(flag);
  source = source.slice(leading?.[0].length ?? 0);
  if (source === "") return { fault: "must not be empty between its slashes" };
  const unknown = [...flags].find((flag) => !FLAGS.includes(flag));
  if (unknown !== undefined) return { fault: faultOfFlag(unknown) };
  if (text.length - end - 1 > new Set(text.slice(end + 1)).size) return { fault: "has a flag twice" };
  if (flags.has("u") && flags.has("v")) return { fault: "must not have the flags u and v together" };
  return translateSource(source, [...flags].sort().join(""));
}

function faultOfFlag(flag: string): string {
  if (flag === "g" || flag === "y") {
    return `must not have the flag ${flag}: a name is matched once, from its start`;
  }
  return `must have no other flags after its last slash than i (upper and lower case alike), m, s, u or v`;
}

function translateSource(source: string, flags: string): Translation {
  const unicode = /[uv]/.test(flags);
  let output = "";
  let inClass = false;
  for (let at = 0; at < source.length;) {
    const rest = source.slice(at, at + 64);
    if (rest.startsWith("\\")) {
      const fault = faultOfEscape(rest, { inClass, unicode });
      if (fault !== undefined) return { fault };
      output += !inClass && rest[1] === "A"
        ? (flags.includes("m") ? String.raw`(?<![\s\S])` : "^")
        : !inClass && rest[1] === "Z"
        ? String.raw`(?![\s\S])`
        : rest.slice(0, 2);
      at += 2;
      continue;
    }
    const piece = inClass ? rest.slice(0, 1) : translatePiece(rest);
    if (typeof piece === "object") return piece;
    if (rest.startsWith("[")) {
      const fault = inClass ? undefined : faultOfClass(rest);
      if (fault !== undefined) return { fault };
      inClass = true;
    } else if (rest.startsWith("]")) {
      inClass = false;
    }
    output += piece;
    at += consumed(rest, piece);
  }
  return { source: output, flags };
}

/** One construct outside a class, translated. */
function translatePiece(rest: string): string | { readonly fault: string } {
  const refused = REFUSED_GROUPS.find(([start]) => start.test(rest));
  if (refused !== undefined) return { fault: refused[1] };
  if (rest.startsWith("(?P<")) return "(?<";
  const reference = /^\(\?P=(\w+)\)/.exec(rest);
  if (reference !== null) return `\\k<${reference[1]}>`;
  const atMost = /^\{,(\d+)\}/.exec(rest);
  if (atMost !== null) return `{0,${atMost[1]}}`;
  if (/^(?:[*+?]|\{\d+(?:,\d*)?\})\+/.test(rest)) {
    return {
      fault: "has a possessive quantifier such as ++ or *+, which is not understood here: leave the + out",
    };
  }
  return rest.slice(0, 1);
}

function consumed(rest: string, piece: string): number {
  if (piece === "(?<" && rest.startsWith("(?P<")) return 4;
  if (piece.startsWith("\\k<")) return piece.length + 1;
  if (piece.startsWith("{0,") && rest.startsWith("{,")) return piece.length - 1;
  return 1;
}

function faultOfEscape(rest: string, where: { inClass: boolean; unicode: boolean }): string | undefined {
  const letter = rest[1];
  if (letter === undefined) return "must not end in a single backslash";
  if (!/[A-Za-z]/.test(letter)) return undefined;
  if (!where.inClass && (letter === "A" || letter === "Z")) return undefined;
  if (!(where.inClass ? ESCAPES_IN_CLASS : ESCAPES).test(letter)) {
    return `has \\${letter}, which is not understood ${where.inClass ? "between [ and ]" : "here"}`;
  }
  if (/[pP]/.test(letter) && !where.unicode) {
    return `has \\${letter}{…}, which needs the flag u after the last slash`;
  }
  if (letter === "x" && !/^\\x[0-9A-Fa-f]{2}/.test(rest)) {
    return "has \\x without two hexadecimal digits after it";
  }
  if (letter === "u" && !(where.unicode ? /^\\u(?:[0-9A-Fa-f]{4}|\{)/ : /^\\u[0-9A-Fa-f]{4}/).test(rest)) {
    return "has \\u without four hexadecimal digits after it";
  }
  if (letter === "c" && !/^\\c[A-Za-z]/.test(rest)) return "has \\c without a letter after it";
  return undefined;
}

function faultOfClass(rest: string): string | undefined {
  // Python takes the ] in []abc] for a character of the class, JavaScript for its end.
  if (/^\[\^?\]/.test(rest)) return "has ] right after [: write \\] for the character ]";
  if (/^\[\^?\[:/.test(rest)) {
    return "has a class such as [:alpha:], which is not understood here: write [a-z]";
  }
  return undefined;
}
