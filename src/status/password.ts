/** Passwords of the status page, kept as scrypt hashes in the PHC string format. */
import { Buffer } from "node:buffer";
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

/** As OWASP advises for scrypt: 2^15 rounds of 1 KB, three times over. */
const COST = { ln: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** A hash that asks for more would stop the gateway at each sign-in. */
const MOST = { ln: 20, r: 32, p: 16 };
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;
const FORM =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43,86})$/;

const derive = promisify<string, Uint8Array, number, object, Uint8Array>(scrypt);

interface Hash {
  readonly options: { readonly N: number; readonly r: number; readonly p: number; readonly maxmem: number };
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** Whether a text is a scrypt hash that this page can use. */
export function isPasswordHash(text: string): boolean {
  return parse(text) !== undefined;
}

/** The hash of a password, with a new salt. */
export async function hashPassword(password: string): Promise<string> {
  const { ln, r, p } = COST;
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password.normalize("NFC"), salt, HASH_BYTES, optionsOf(ln, r, p));
  return `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(hash)}`;
}

/** Whether this is the password; `false` for what is no hash. */
export async function isPassword(password: string, hashed: string): Promise<boolean> {
  const parsed = parse(hashed);
  if (parsed === undefined) return false;
  const { options, salt, hash } = parsed;
  return timingSafeEqual(await derive(password.normalize("NFC"), salt, hash.length, options), hash);
}

function parse(text: string): Hash | undefined {
  const [, ln, r, p, salt = "", hash = ""] = FORM.exec(text) ?? [];
  if (ln === undefined) return undefined;
  const options = optionsOf(Number(ln), Number(r), Number(p));
  const isUsable = Number(ln) >= 10 && Number(ln) <= MOST.ln && options.r >= 1 && options.r <= MOST.r &&
    options.p >= 1 && options.p <= MOST.p && 128 * options.N * options.r < MAX_MEMORY_BYTES;
  return isUsable
    ? { options, salt: Buffer.from(salt, "base64"), hash: Buffer.from(hash, "base64") }
    : undefined;
}

function optionsOf(ln: number, r: number, p: number): Hash["options"] {
  return { N: 2 ** ln, r, p, maxmem: MAX_MEMORY_BYTES };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replaceAll("=", "");
}
