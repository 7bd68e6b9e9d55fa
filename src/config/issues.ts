/** Turns what valibot found into sentences for an administrator, with the line. Never prints a secret. */
import * as v from "valibot";
import type { Problem } from "../errors.ts";
import {
  descriptionOf,
  entriesFor,
  formsOf,
  isTable,
  partsOf,
  schemaAt,
  stripUnknown,
  unwrap,
} from "./shape.ts";
import type { Schema, UnknownKey } from "./shape.ts";
import { suggest } from "./suggest.ts";
import type { Path, TomlTable } from "./toml.ts";

const SECRET_WORD = /pass|secret|token|credential|private|^key$|^pwd$|^auth$|mdp/i;
const DEFAULT_MESSAGE = /^Invalid [a-z ]+: (?:Expected|Received)/;

/** A table checked: its output where it is right, and all that is wrong. */
export interface Checked<Output> {
  readonly output: Output | undefined;
  readonly problems: readonly Problem[];
}

/** Checks a table against a schema and reports every problem at once, unknown keys included. */
export function checkTable<S extends Schema>(
  schema: S,
  table: TomlTable,
  file: string,
): Checked<v.InferOutput<S>> {
  const { value, unknown } = stripUnknown(schema, table.value);
  const problems: Problem[] = unknown.map((key) => ({
    severity: "error",
    file,
    line: table.lineOf(key.path),
    ...describeUnknownKey(key, schema, table.value),
  }));
  const result = v.safeParse(schema, value);
  const secrets = secretsOf(value, [], { schema, root: value });
  const told = new Set(problems.map(({ line, message }) => `${line} ${message}`));
  for (const issue of result.issues ?? []) {
    const path = pathOf(issue);
    const said = describeIssue(issue, path, { schema, root: value });
    const line = table.lineOf(path);
    const message = withoutSecrets(said.message, secrets);
    // Two rules of one option can say the same.
    if (told.has(`${line} ${message}`)) continue;
    told.add(`${line} ${message}`);
    problems.push({ severity: "error", file, line, message, remedy: withoutSecrets(said.remedy, secrets) });
  }
  return { output: result.success && unknown.length === 0 ? result.output : undefined, problems };
}

/** A path as it is written in messages: `listen.after.move`, `filter.name[2]` (counted from 1). */
export function nameOf(path: Path): string {
  return path.reduce<string>(
    (text, step) =>
      typeof step === "number" ? `${text}[${step + 1}]` : text === "" ? step : `${text}.${step}`,
    "",
  );
}

/** Whether what stands at this path must never be shown. */
function isSecret(path: Path): boolean {
  return path.some((step) => typeof step === "string" && SECRET_WORD.test(step));
}

/** Texts that stand where secrets do, but for the words of a choice: a rule between options may quote another's value. */
function secretsOf(value: unknown, path: Path, place: { schema: Schema; root: unknown }): string[] {
  if (Array.isArray(value)) return value.flatMap((inner, index) => secretsOf(inner, [...path, index], place));
  if (isTable(value)) {
    return Object.entries(value).flatMap(([key, inner]) => secretsOf(inner, [...path, key], place));
  }
  if (typeof value !== "string" || value.length < 4 || !isSecret(path)) return [];
  const option = schemaAt(place.schema, place.root, path);
  return option && formsOf(option).includes(JSON.stringify(value)) ? [] : [value];
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, "…"), text);
}

interface Sentence {
  readonly message: string;
  readonly remedy: string;
}

function pathOf(issue: v.BaseIssue<unknown>): Path {
  return (issue.path ?? []).map((item) => typeof item.key === "number" ? item.key : String(item.key));
}

function describeUnknownKey({ path, known }: UnknownKey, schema: Schema, root: unknown): Sentence {
  const word = String(path.at(-1));
  const place = path.length > 1 ? `[${nameOf(path.slice(0, -1))}]` : "the part before the first [table]";
  const near = suggest(word, known);
  // A key can be a secret pasted in the wrong place: only what looks like the name of an option is shown.
  const shown = near !== undefined || /^[a-z][a-z_-]{1,39}$/.test(word)
    ? `the option "${word}"`
    : "an option";
  const elsewhere = near === undefined ? placesOf(word, schema, root) : [];
  const hint = near !== undefined
    ? `Did you mean "${near}"? `
    : elsewhere.length > 0
    ? `It belongs under ${elsewhere.map((table) => `[${table}]`).join(" or ")}. `
    : "";
  return {
    message: `Cannot use ${shown} in ${place}: unknown`,
    remedy: `${hint}Known here: ${known.join(", ")}`,
  };
}

/** The tables that do have an option of this name. */
function placesOf(word: string, schema: Schema, root: unknown): string[] {
  return Object.entries(entriesFor(schema, root) ?? {}).flatMap(([table, entry]) => {
    const entries = entriesFor(entry, isTable(root) ? root[table] : undefined);
    return entries && Object.hasOwn(entries, word) ? [table] : [];
  });
}

function describeIssue(
  issue: v.BaseIssue<unknown>,
  path: Path,
  { schema, root }: { schema: Schema; root: unknown },
): Sentence {
  const name = nameOf(path);
  const option = schemaAt(schema, root, path);
  const discriminator = discriminatorOf(schema, root, path);
  const description = descriptionAt(path, { schema, root });
  const forms = discriminator ?? (option ? formsOf(option) : []);
  if (issue.received === "undefined" && issue.input === undefined) {
    const isTableOption = option !== undefined && partsOf(unwrap(option)).entries !== undefined;
    return {
      message: `Cannot find "${name}": it is required`,
      remedy: [isTableOption ? `Add a table [${name}]` : `Add ${name} = ${either(forms)}`, description]
        .filter(Boolean)
        .join(": "),
    };
  }
  const shown = shownValue(issue.input, path, option);
  const value = shown === undefined ? "" : ` = ${shown}`;
  const words = forms.filter((form) => form.startsWith('"')).map((form) => form.slice(1, -1));
  const near = typeof issue.input === "string" ? suggest(issue.input, words) : undefined;
  const hint = near === undefined ? "" : `Did you mean "${near}"? `;
  const custom = customMessage(issue);
  if (custom === undefined) {
    return {
      message: `Cannot use ${name}${value}: ${stateOf(issue)}`,
      remedy: `${hint}Write ${rangeOf(issue) ?? either(forms)}`,
    };
  }
  const verb = custom.startsWith("is missing") ? "find" : "use";
  const [state, advice] = splitAdvice(custom);
  return {
    message: `Cannot ${verb} ${name}${value}: ${state}`,
    remedy: hint + (advice ?? description ?? `Write ${either(forms)}`),
  };
}

/** What an option is for; of a list's element, what the list is for. */
function descriptionAt(path: Path, { schema, root }: { schema: Schema; root: unknown }): string | undefined {
  const option = schemaAt(schema, root, path);
  const description = option ? descriptionOf(option) : undefined;
  if (description !== undefined || typeof path.at(-1) !== "number") return description;
  return descriptionAt(path.slice(0, -1), { schema, root });
}

/** The values by which a variant is chosen, when the path names that key. */
function discriminatorOf(schema: Schema, root: unknown, path: Path): string[] | undefined {
  const around = schemaAt(schema, root, path.slice(0, -1));
  const inner = around ? unwrap(around) : undefined;
  if (inner?.type !== "variant" || partsOf(inner).key !== path.at(-1)) return undefined;
  return (partsOf(inner).options ?? []).flatMap((branch) => {
    const entry = partsOf(branch as Schema).entries?.[String(path.at(-1))];
    return entry ? formsOf(entry) : [];
  });
}

/** The message that the schema's author wrote. */
function customMessage({ message }: v.BaseIssue<unknown>): string | undefined {
  return DEFAULT_MESSAGE.test(message) ? undefined : message.replace(/\.$/, "");
}

/** What is wrong, and what the author's message says of how to mend it. */
function splitAdvice(custom: string): [state: string, advice: string | undefined] {
  const advice = custom.startsWith("must")
    ? null
    : /: ((?:give|leave|write|put|use|name|choose|add|let|the) .*)$/s.exec(custom);
  const state = advice ? custom.slice(0, advice.index) : custom;
  const words = advice?.[1] ?? "";
  const sentence = /^(?:must|is|has|cannot|can|does|would|needs) /.test(`${state} `) ? `it ${state}` : state;
  return [sentence, words === "" ? undefined : words.charAt(0).toUpperCase() + words.slice(1)];
}

/** A value worth showing: numbers, and words where a choice of words is asked for. */
function shownValue(input: unknown, path: Path, option: Schema | undefined): string | undefined {
  if (isSecret(path)) return undefined;
  if (typeof input === "number" || typeof input === "boolean") return String(input);
  const isChoice = option === undefined || ["picklist", "literal", "variant"].includes(unwrap(option).type);
  return typeof input === "string" && isChoice && /^[a-z][a-z0-9_]{0,11}$/.test(input)
    ? `"${input}"`
    : undefined;
}

function stateOf(issue: v.BaseIssue<unknown>): string {
  if (["picklist", "literal", "variant", "enum"].includes(issue.type) && typeof issue.input === "string") {
    return "not one of the known values";
  }
  return issue.kind === "schema" ? `${kindOf(issue.input)} does not fit here` : "not in the range allowed";
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return "a date";
  if (typeof value === "string") return "a text";
  if (typeof value === "number" || typeof value === "bigint") return "a number";
  if (typeof value === "boolean") return "true or false";
  return "a table";
}

const RANGES: Readonly<Record<string, string>> = {
  min_value: "at least",
  max_value: "at most",
  min_length: "a length of at least",
  max_length: "a length of at most",
};

function rangeOf(issue: v.BaseIssue<unknown>): string | undefined {
  const words = RANGES[issue.type];
  if (words !== undefined) return `${words} ${String(issue.requirement)}`;
  return issue.type === "integer" ? "a whole number" : undefined;
}

function either(forms: readonly string[]): string {
  if (forms.length === 0) return "another value";
  return forms.length === 1 ? forms[0] ?? "" : `${forms.slice(0, -1).join(", ")} or ${forms.at(-1)}`;
}
