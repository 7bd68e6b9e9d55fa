/** `[filter]` of a launcher file: which mails and documents are taken. */
import * as v from "valibot";
import { sizeOption } from "../units.ts";
import { compilePattern } from "./pattern.ts";

const pattern = v.pipe(
  v.string(String.raw`must be a pattern in quotes, such as '/.*\.pdf/'`),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const compiled = compilePattern(dataset.value);
    if ("fault" in compiled) addIssue({ message: compiled.fault });
  }),
);

function globs(example: string, description: string) {
  return v.optional(v.pipe(
    v.array(
      v.pipe(
        v.string("must be text in quotes"),
        v.minLength(1, "must not be empty"),
        v.maxLength(500, "must not be longer than 500 characters"),
      ),
      `must be a list, such as ["${example}"]`,
    ),
    v.description(description),
  ));
}

/** The options of `[filter]`; an option left out lets everything through. Sizes come out as octets. */
export const filterOptions = v.strictObject({
  name: v.optional(v.pipe(
    v.array(pattern, String.raw`must be a list of patterns, such as ['/.*\.pdf/']`),
    v.maxLength(50, "must not have more than 50 patterns"),
    v.description(
      "Patterns between slashes, such as `'/.*\\.(?!db).*/'`; a document is taken when its name matches every one, from the start of the name. Flags after the last slash: `i` takes upper and lower case alike.",
    ),
  )),
  include: globs(
    "*.pdf",
    "Names to take, such as `*.pdf`: one of them must match the whole name. `*` stands for any characters, `?` for one; upper and lower case are alike.",
  ),
  exclude: globs("*.tmp", "Names to leave, such as `*.tmp`: none of them may match the whole name."),
  from: globs(
    "*@fournisseur.fr",
    "Senders to take: one must match the address, or, when it has no `@`, the whole From header.",
  ),
  to: globs(
    "factures@*",
    "Recipients to take: one must match an address, or, when it has no `@`, the whole To header.",
  ),
  subject: globs("*facture*", "Subjects to take: one must match the whole subject."),
  max_size: v.optional(v.pipe(sizeOption, v.description("Largest document taken, such as `50 MB`."))),
  min_size: v.optional(v.pipe(sizeOption, v.description("Smallest document taken, such as `1 KB`."))),
  since_days: v.optional(v.pipe(
    v.number("must be a number of days, such as 30"),
    v.integer("must be a whole number of days"),
    v.minValue(1, "must be at least 1"),
    v.maxValue(36_500, "must be at most 36500"),
    v.description("Mails dated longer ago than this many days are left."),
  )),
});

/** `[filter]`, read. */
export type FilterOptions = v.InferOutput<typeof filterOptions>;
