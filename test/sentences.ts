/**
 * Every sentence that the gateway can report, read from its sources: literals and templates with `{0}`, `{1}` … for
 * what is inserted. All text counts that is not recognised as something else, so that none can be forgotten.
 */
import { join } from "node:path";

const ROOT = join(import.meta.dirname ?? "", "..");

/** What is read, besides these folders' tests. */
const FOLDERS = ["src", "tunnel"];

/** Files whose texts nobody sees on the page: the terminal's, the page's own, codes of the envelopes' formats. */
const OTHER_FILES = [
  /^src\/(?:main|command_line|backup)\.ts$/,
  /^src\/(?:commands|deploy|french)\//,
  /^src\/config\/(?:guides|providers|reference|testing)\.ts$/,
  /^src\/(?:notify\/message|envelopes\/(?:\w+_codes|actes_messages|invoice))\.ts$/,
  /^src\/status\/(?!app\.tsx|guard\.ts|form\.ts)/,
  /^tunnel\/main\.ts$/,
  /_test\.tsx?$/,
];

/** Calls and constructors whose texts are for programs, for the log alone, or tell of a bug of ours. */
const OTHER_CALLS =
  /^(?:new (?:TypeError|RangeError|DOMException|URL|Worker)|v\.description|log(?:Of)?\.\w+|.*\.(?:prepare|exec|header|createHmac))$/;

/** Texts for programs: SQL, lines of protocols, markup, options of processes. */
const OTHER_TEXTS =
  /\b(?:SELECT|PRAGMA|INSERT INTO|UPDATE|DELETE FROM|BEGIN IMMEDIATE|IS NULL|CREATE TABLE)\b|[\r\t]|\n.|^<|<\/|^[.*]|^--|^\S+\/\S+[;,] |^Bearer /;

/** A sentence, and where it is made. */
export interface Sentence {
  readonly text: string;
  readonly file: string;
}

/** What the sources say. */
export interface Sentences {
  readonly reported: readonly Sentence[];
  /** What the options are for: configuration problems show it as advice. */
  readonly descriptions: readonly Sentence[];
  /** Every literal at all, single words included. */
  readonly literals: ReadonlySet<string>;
}

// deno-lint-ignore no-explicit-any -- the nodes of the syntax tree, of which only a few fields are looked at
type Node = any;

/** Reads all sources. */
export function readSentences(): Sentences {
  const reported: Sentence[] = [];
  const descriptions: Sentence[] = [];
  const literals = new Set<string>();
  for (const file of FOLDERS.flatMap((folder) => [...filesIn(folder)])) {
    if (OTHER_FILES.some((pattern) => pattern.test(file))) continue;
    for (const { text, node } of textsOf(file)) {
      literals.add(text);
      const callees = calleesOf(node);
      if (callees.includes("v.description")) descriptions.push({ text, file });
      else if (isProse(text, node) && !callees.some((callee) => OTHER_CALLS.test(callee))) {
        reported.push({ text, file });
      }
    }
  }
  return { reported, descriptions, literals };
}

function* filesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(join(ROOT, folder))) {
    if (isDirectory) yield* filesIn(`${folder}/${name}`);
    else if (/\.tsx?$/.test(name)) yield `${folder}/${name}`;
  }
}

function textsOf(file: string): { text: string; node: Node }[] {
  const found: { text: string; node: Node }[] = [];
  const visit = (node: Node) => {
    if (isPartOfText(node)) return;
    const { text } = templateOf(node, 0);
    found.push({ text, node });
  };
  const plugin = {
    name: "sentences",
    rules: {
      read: {
        create: () => ({
          Literal: (node: Node) => typeof node.value === "string" && visit(node),
          TemplateLiteral: visit,
          BinaryExpression: (node: Node) => isConcatenation(node) && visit(node),
        }),
      },
    },
  };
  Deno.lint.runPlugin(plugin as unknown as Deno.lint.Plugin, file, Deno.readTextFileSync(join(ROOT, file)));
  return found;
}

/** Only where a text is among what is put together; what is added to a number is none. */
function isConcatenation(node: Node): boolean {
  if (node?.type !== "BinaryExpression" || node.operator !== "+") return false;
  return [node.left, node.right].some((side) =>
    side.type === "TemplateLiteral" || side.type === "Literal" && typeof side.value === "string" ||
    isConcatenation(side)
  );
}

/** Whether it is read as part of what it is added to. */
function isPartOfText(node: Node): boolean {
  return isConcatenation(node.parent);
}

function templateOf(node: Node, first: number): { text: string; next: number } {
  if (node.type === "Literal" && typeof node.value === "string") return { text: node.value, next: first };
  if (node.type === "TemplateLiteral") {
    let text = "";
    const isRaw = node.parent.type === "TaggedTemplateExpression";
    node.quasis.forEach((quasi: Node, index: number) => {
      text += (isRaw ? quasi.raw : quasi.cooked) +
        (index < node.expressions.length ? `{${first + index}}` : "");
    });
    return { text, next: first + node.expressions.length };
  }
  if (isConcatenation(node)) {
    const left = templateOf(node.left, first);
    const right = templateOf(node.right, left.next);
    return { text: left.text + right.text, next: right.next };
  }
  return { text: `{${first}}`, next: first + 1 };
}

/** Whether people read it: words, or a word that is inserted into words. */
function isProse(text: string, node: Node): boolean {
  if (OTHER_TEXTS.test(text) || isName(node)) return false;
  const words = text.replaceAll(/\{\d+\}/g, "");
  if (!/[a-z]{2}/.test(words)) return false;
  if (/\p{L}.*\s|\s.*\p{L}/su.test(words)) return true;
  return isInserted(node) && /^[a-z]+$/.test(words);
}

function isName(node: Node): boolean {
  const { parent } = node;
  return parent.type === "Property" && parent.key === node || /^(?:Import|Export|TS|JSX)/.test(parent.type) ||
    parent.type === "MemberExpression";
}

/** Whether it is a choice within a template: `${isMail ? "mail" : "file"}`. */
function isInserted({ parent }: Node): boolean {
  for (let around = parent; around; around = around.parent) {
    if (around.type === "TemplateLiteral" || isConcatenation(around)) return true;
    if (around.type !== "ConditionalExpression" && around.type !== "LogicalExpression") return false;
  }
  return false;
}

/** The calls that it is an argument of. */
function calleesOf(node: Node): string[] {
  const found: string[] = [];
  for (let around = node.parent; around; around = around.parent) {
    if (/Function|Class|^MethodDefinition/.test(around.type)) break;
    if (around.type === "NewExpression") found.push(`new ${nameOf(around.callee)}`);
    if (around.type === "CallExpression") found.push(nameOf(around.callee));
  }
  return found;
}

function nameOf(callee: Node): string {
  if (callee.type !== "MemberExpression") return callee.name ?? "";
  return `${
    callee.object.name ?? callee.object.property?.name ?? callee.object.callee?.name ?? ""
  }.${callee.property.name}`;
}
