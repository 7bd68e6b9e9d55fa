/**
 * The official schemas of Actes, Helios and Chorus Pro. They are not ours to publish, so tests against them run where
 * somebody has put them: in the folder that `LANCEUR_XSD` names, or `../shared/xsd` beside the project.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isInstalled } from "./servers/installed.ts";

const FOLDER = Deno.env.get("LANCEUR_XSD") ?? join(import.meta.dirname ?? "", "..", "..", "shared", "xsd");

/** Why nothing can be validated here; `undefined` when it can. */
export function whyNoSchemas(): string | undefined {
  if (!existsSync(FOLDER)) return "the official schemas are not here";
  return isInstalled("xmllint") ? undefined : "xmllint is not installed";
}

/** Whether the file at `path` is valid against `schema`, a path within the folder of schemas; if not, why. */
export async function validates(path: string, schema: string): Promise<{ isValid: boolean; errors: string }> {
  const { success, stderr } = await new Deno.Command("xmllint", {
    args: ["--noout", "--nonet", "--huge", "--schema", join(FOLDER, schema), path],
    stdout: "null",
    stderr: "piped",
  }).output();
  return { isValid: success, errors: new TextDecoder().decode(stderr) };
}
