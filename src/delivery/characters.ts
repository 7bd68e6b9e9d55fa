/** `[deliver] characters`: names written with fewer characters, for document systems that do not take all. */
import type { DeliverConfig } from "./options.ts";
import { safeName } from "./names.ts";

/** Makes a name safe, and writes it with the characters that are wanted. */
export type Namer = (name: string) => string;

/** The namer for an option. */
export async function namerFor(characters: DeliverConfig["characters"]): Promise<Namer> {
  if (characters === "unicode") return safeName;
  // Half a megabyte of tables that few launchers need.
  const { default: toAscii } = await import("any-ascii");
  const kept = characters === "latin1" ? /[^\0-~\u00a0-\u00ff]+/gu : /[^\0-~]+/gu;
  // Twice: what is written otherwise may have what no name may, as in :smile: for an emoji.
  return (name) => safeName(safeName(name).replace(kept, toAscii));
}
