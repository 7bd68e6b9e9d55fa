/** An Adullact source opened on a folder of a test, and what stands for an envelope where its content does not matter. */
import * as v from "valibot";
import { adullact } from "../../src/sources/adullact.ts";
import type { Source } from "../../src/sources/source.ts";
import { testContext } from "./context.ts";
import type { TempFolder } from "./temp_folder.ts";

/** As short as two looks at an envelope can be apart and still see what changes between them. */
export const SETTLE = "20ms";
/** A whole XML file. */
export const XML = '<?xml version="1.0"?>\n<flux/>\n';
/** A whole archive. */
export const ZIP = new Uint8Array([0x50, 0x4b, 0x05, 0x06, ...new Array(18).fill(0)]);

/** Opens the source on a test's folder, with these entries of `[listen]` besides. */
export async function openAdullact(
  temp: TempFolder,
  options: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<Source> {
  const given = v.parse(adullact.options, { protocol: "adullact", path: ".", settle: SETTLE, ...options });
  return await adullact.open(given, testContext({ base: temp.path, ...(signal ? { signal } : {}) }));
}
