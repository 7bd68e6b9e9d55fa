/** Options that the folder and Adullact launchers share. */
import * as v from "valibot";
import { durationOption } from "../units.ts";

const AFTER_FORM = 'must be "keep", "delete" or { move = "done" }';
const SETTLE_MAX_MS = 3_600_000;

function pathForm(message: string) {
  return v.pipe(
    v.string(message),
    v.nonEmpty(message),
    v.check((path) => !path.includes("\0"), "must not contain a NUL character"),
  );
}

/** The folder that is listened to. */
export const pathOption = v.pipe(
  pathForm('must be a folder, such as "var/inbox"'),
  v.description("Folder to look into; relative to the folder that holds launchers.d"),
);

/** How long a file must stand still before it is taken, in ms. */
export const settleOption = v.optional(
  v.pipe(
    durationOption,
    v.maxValue(SETTLE_MAX_MS, "must be one hour at most"),
    v.description(
      "Size and time of a file are read twice, this far apart; it is taken when they are the same",
    ),
  ),
  "2s",
);

/** How long an envelope that is not whole is waited for before it is told, in ms. */
export const unfinishedAfterOption = v.optional(
  v.pipe(
    durationOption,
    v.description(
      "An envelope that is not whole is waited for. When nothing in it has changed for this long, the page says so; a directory that lacks only files its metadata list, or the end marker, is then taken as it is",
    ),
  ),
  "10m",
);

/** What becomes of an original once it was delivered. */
export const afterOption = v.optional(
  v.pipe(
    v.union([
      v.picklist(["keep", "delete"], AFTER_FORM),
      v.strictObject({
        move: v.pipe(
          pathForm(AFTER_FORM),
          v.description("Folder to move it to, relative to path; where its name is taken it gets a number"),
        ),
      }, AFTER_FORM),
    ], AFTER_FORM),
    v.description('What becomes of an original once it was delivered: "keep", "delete" or { move = "done" }'),
  ),
  "keep",
);

/** What `afterOption` gives. */
export type After = v.InferOutput<typeof afterOption>;
