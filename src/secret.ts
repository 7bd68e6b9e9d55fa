/** Secrets as configuration names them: where the value lies, never the value's keeper. */
import * as v from "valibot";

const SECRET_FORM = 'must be { env = "NAME" }, { file = "path" }, or the secret itself as text';

/** A secret as it stands in a launcher file. `command` is for access tokens alone. */
export type Secret = string | { readonly env: string } | { readonly file: string } | TokenCommand;

/** A program that prints an access token. */
export interface TokenCommand {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Names of environment variables that it gets besides the usual ones. */
  readonly env?: readonly string[] | undefined;
}

/** A secret: text, `{ env }` or `{ file }`. Its messages never repeat what was written. */
export const secretOption = v.union([
  v.pipe(v.string(SECRET_FORM), v.nonEmpty("must not be empty")),
  v.strictObject({ env: v.pipe(v.string(SECRET_FORM), v.nonEmpty("env must name a variable")) }, SECRET_FORM),
  v.strictObject({ file: v.pipe(v.string(SECRET_FORM), v.nonEmpty("file must be a path")) }, SECRET_FORM),
], SECRET_FORM);
