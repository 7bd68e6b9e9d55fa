/** Secrets of launcher files: their values, read when needed and never kept, and whether they have changed. */
import { pbkdf2Sync } from "node:crypto";
import { resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import type { Secret } from "../sources/source.ts";
import { tokenOf } from "./token_command.ts";

const MAX_SECRET_BYTES = 64 * 1024;

/** Where a secret lies when it is not written out. */
export type SecretPlace = Exclude<Secret, string>;

/**
 * The value behind a secret; of a file, without one line end at its end. Relative files lie in `base`. A command runs
 * until it has printed a token, or `signal` is aborted.
 *
 * @throws {ConfigError} when the variable or file is missing, empty or unreadable, or the command fails; never with the value.
 */
export async function resolveSecret(secret: Secret, base: string, signal?: AbortSignal): Promise<string> {
  if (typeof secret === "string") return secret;
  if ("command" in secret) return await tokenOf(secret, { base, ...(signal ? { signal } : {}) });
  const fault = (state: string, remedy: string) => {
    const message = `Cannot read the secret: ${`the ${nameOfPlace(secret, base)} ${state}`}`;
    return new ConfigError([{ severity: "error", file: "", message, remedy }]);
  };
  const value = "env" in secret
    ? readVariable(secret.env)
    : await readSecretFile(resolve(base, secret.file), fault);
  if (value === undefined) throw fault("is not set", "set it for the process that runs the gateway");
  if (value === "") throw fault("is empty", "put the secret into it");
  return value;
}

/** Whether there is an environment variable of that name. */
export function hasVariable(name: string): boolean {
  return readVariable(name) !== undefined;
}

function readVariable(name: string): string | undefined {
  // Deno throws, with the name in its message, on names that no variable can have.
  return name === "" || /[=\0]/.test(name) ? undefined : Deno.env.get(name);
}

async function readSecretFile(
  path: string,
  fault: (state: string, remedy: string) => ConfigError,
): Promise<string> {
  let bytes: Uint8Array;
  try {
    const { size, isFile } = await Deno.stat(path);
    if (!isFile) throw fault("is not a file", "name a file that holds the secret alone");
    if (size > MAX_SECRET_BYTES) {
      throw fault("is larger than 64 KiB", "name a file that holds the secret alone");
    }
    bytes = await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    if (cause instanceof Deno.errors.NotFound) {
      throw fault("is missing", "create it with the secret as its only content");
    }
    throw fault("cannot be read", "let the user that runs the gateway read it, and nobody else");
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r?\n$/, "");
  } catch {
    throw fault("is not UTF-8 text", "save it as UTF-8 (some editors and shells write UTF-16)");
  }
}

/**
 * A text that changes when the secret may have changed: time and size of its file, or a hash. Kept in the ledger to
 * try again a launcher that had stopped at refused passwords.
 */
export async function secretStamp(secret: Secret, base: string): Promise<string> {
  if (typeof secret === "string") return `text:${shortHash(secret)}`;
  if ("command" in secret) return `command:${shortHash(secret.command.join("\0"))}`;
  if ("env" in secret) {
    const value = readVariable(secret.env);
    return value === undefined ? "env:missing" : `env:${shortHash(value)}`;
  }
  const info = await Deno.stat(resolve(base, secret.file)).catch(() => undefined);
  return info ? `file:${info.mtime?.getTime() ?? 0}:${info.size}` : "file:missing";
}

/** How a secret's place is called in messages. A value pasted where a name belongs is not shown. */
export function nameOfPlace(place: SecretPlace, base: string): string {
  if ("command" in place) return `command "${place.command[0] ?? ""}"`;
  if ("env" in place) {
    return /^[A-Z][A-Z0-9_]{0,60}$/.test(place.env)
      ? `environment variable ${place.env}`
      : "environment variable named there";
  }
  return /[/\\]|\.[a-z]{2,8}$/.test(place.file) ? `file "${resolve(base, place.file)}"` : "file named there";
}

/** 16 bits only, and slow to make: enough to see a change, useless for guessing the password from the ledger. */
function shortHash(value: string): string {
  return pbkdf2Sync(value, "lanceur secret stamp", 20_000, 2, "sha256").toString("hex");
}
