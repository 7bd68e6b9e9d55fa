/** Looks into valibot schemas: which keys a table may have, which values an option may take, what it means. */
import * as v from "valibot";
import type { Path } from "./toml.ts";

/** Any valibot schema. */
export type Schema = v.GenericSchema;

/** The parts of schemas that are looked at here; which are there depends on `type`. */
interface Parts {
  readonly type: string;
  readonly wrapped?: Schema;
  readonly default?: unknown;
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly options?: readonly unknown[];
  readonly key?: string;
  readonly item?: Schema;
  readonly value?: Schema;
  readonly literal?: unknown;
}

/** A schema without the `optional` and the like around it. */
export function unwrap(schema: Schema): Schema {
  let inner = schema;
  for (let wrapped = partsOf(inner).wrapped; wrapped; wrapped = partsOf(inner).wrapped) inner = wrapped;
  return inner;
}

/** The parts of a schema, for looking at only. */
export function partsOf(schema: Schema): Parts {
  return schema as unknown as Parts;
}

/** Whether a table may lack this option. */
export function isOptional(schema: Schema): boolean {
  return ["optional", "nullish", "exact_optional"].includes(schema.type);
}

/** What an option is for, as its schema says, from the outermost layer that says it. */
export function descriptionOf(schema: Schema): string | undefined {
  for (let layer: Schema | undefined = schema; layer; layer = partsOf(layer).wrapped) {
    const description = v.getDescription(layer);
    if (description !== undefined) return description;
  }
  return undefined;
}

/** What an option is when it is not given. */
export function defaultOf(schema: Schema): unknown {
  for (let layer: Schema | undefined = schema; layer; layer = partsOf(layer).wrapped) {
    const value = partsOf(layer).default;
    if (value !== undefined) return typeof value === "function" ? undefined : value;
  }
  return undefined;
}

/** The schemas of a union or variant, or the schema itself. */
export function branchesOf(schema: Schema): readonly Schema[] {
  const inner = unwrap(schema);
  const { options } = partsOf(inner);
  if ((inner.type !== "union" && inner.type !== "variant") || !options) return [inner];
  return options.flatMap((option) => branchesOf(option as Schema));
}

/** Whether a branch of a variant is the one that a table asks for. */
function isChosen(branch: Schema, key: string, table: Readonly<Record<string, unknown>>): boolean {
  const discriminator = partsOf(branch).entries?.[key];
  return discriminator !== undefined && v.is(discriminator, table[key]);
}

/** The options that a table may have; of a variant, those of the branch that the table has chosen. */
export function entriesFor(schema: Schema, table: unknown): Readonly<Record<string, Schema>> | undefined {
  const inner = unwrap(schema);
  let branches = branchesOf(inner);
  const { key } = partsOf(inner);
  if (inner.type === "variant" && key !== undefined && isTable(table)) {
    const chosen = branches.filter((branch) => isChosen(branch, key, table));
    if (chosen.length > 0) branches = chosen;
  }
  const tables = branches.map((branch) => namedEntries(branch, table) ?? partsOf(branch).entries).filter((
    entries,
  ) => entries !== undefined);
  return tables.length === 0 ? undefined : Object.assign({}, ...tables);
}

/** The entries of a table whose keys are names of the user's choice: those it has. */
function namedEntries(schema: Schema, table: unknown): Readonly<Record<string, Schema>> | undefined {
  const { value } = partsOf(schema);
  if (schema.type !== "record" || !value || !isTable(table)) return undefined;
  return Object.fromEntries(Object.keys(table).map((name) => [name, value]));
}

/** The schema of the option at a path, where there is one. */
export function schemaAt(schema: Schema, root: unknown, path: Path): Schema | undefined {
  let found: Schema | undefined = schema;
  let value = root;
  for (const step of path) {
    if (!found) return undefined;
    if (typeof step === "number") {
      found = branchesOf(found).map((branch) => partsOf(branch).item).find((item) => item !== undefined);
      value = Array.isArray(value) ? value[step] : undefined;
      continue;
    }
    const entries = entriesFor(found, value);
    found = entries && Object.hasOwn(entries, step) ? entries[step] : undefined;
    value = isTable(value) ? value[step] : undefined;
  }
  return found;
}

/** A key that the schema does not have. */
export interface UnknownKey {
  readonly path: Path;
  /** The keys that would have been right at this place. */
  readonly known: readonly string[];
}

/** Takes unknown keys out of a table, at any depth; the table given stays as it is. */
export function stripUnknown(
  schema: Schema,
  value: unknown,
  path: Path = [],
): { value: unknown; unknown: UnknownKey[] } {
  if (Array.isArray(value)) {
    const item = branchesOf(schema).map((branch) => partsOf(branch).item).find((item) => item !== undefined);
    if (!item) return { value: ordinary(value), unknown: [] };
    const parts = value.map((element, index) => stripUnknown(item, element, [...path, index]));
    return { value: parts.map((part) => part.value), unknown: parts.flatMap((part) => part.unknown) };
  }
  const entries = isTable(value) ? entriesFor(schema, value) : undefined;
  if (!isTable(value) || !entries) return { value: ordinary(value), unknown: [] };
  const kept: Record<string, unknown> = {};
  const unknown: UnknownKey[] = [];
  for (const [key, inner] of Object.entries(value)) {
    const entry = Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (!entry) {
      unknown.push({ path: [...path, key], known: Object.keys(entries) });
      continue;
    }
    const part = stripUnknown(entry, inner, [...path, key]);
    kept[key] = part.value;
    unknown.push(...part.unknown);
  }
  return { value: kept, unknown };
}

/** Tables as parsed have no prototype, which the checks of a schema need not expect when they quote a value. */
function ordinary(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordinary);
  if (!isTable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, ordinary(inner)]));
}

/** Whether a value is a TOML table. */
export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The forms that an option may take, for people: `"text"`, `a number`, `{ env = … }`. */
export function formsOf(schema: Schema): readonly string[] {
  const forms = branchesOf(schema).flatMap((branch) => {
    const { options, literal, entries, item } = partsOf(branch);
    switch (branch.type) {
      case "picklist":
      case "enum":
        return (options ?? []).map((option) => JSON.stringify(option));
      case "literal":
        return [JSON.stringify(literal)];
      case "string":
        return ["text in quotes"];
      case "number":
        return ["a number"];
      case "boolean":
        return ["true", "false"];
      case "array":
        return [`a list of ${item ? formsOf(item).join(" or ") : "values"}`];
      case "record":
        return ["a table"];
      case "strict_object":
      case "object":
        return [`{ ${Object.keys(entries ?? {}).map((key) => `${key} = …`).join(", ")} }`];
      default:
        return [];
    }
  });
  return [...new Set(forms)];
}
