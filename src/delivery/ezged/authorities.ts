/** Certificates of private authorities, from a PEM file. */
import { DeliveryError } from "../../errors.ts";

/** The certificates of a `ca_file`. Throws `DeliveryError` when it cannot be read or holds none. */
export async function readAuthorities(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(path).catch((cause) => {
    const state = cause instanceof Deno.errors.NotFound ? "there is no such file" : String(cause);
    throw new DeliveryError(`Cannot read ca_file "${path}": ${state}`, { cause });
  });
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  if (blocks) return blocks;
  throw new DeliveryError(`Cannot use ca_file "${path}": it holds no certificate in PEM form`);
}
