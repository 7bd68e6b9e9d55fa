/** What a source is lent in tests, without a gateway. */
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { Accounts } from "../../src/accounts.ts";
import { tokenOf } from "../../src/config/token_command.ts";
import { compareFile } from "../../src/compare_listing.ts";
import { SourceError } from "../../src/errors.ts";
import type { Connection, Secret, SourceContext } from "../../src/sources/source.ts";

/** What a test may set; the rest has harmless defaults. */
export interface TestContextOptions {
  /** Stands for the folder that holds launchers.d; the system's temporary folder unless given. */
  readonly base?: string;
  /** Stands for the tunnel; without it no service can be reached. */
  readonly dial?: SourceContext["dial"];
  readonly signal?: AbortSignal;
  /** Shared by contexts whose sources take turns; each its own unless given. */
  readonly accounts?: Accounts;
}

/** A context with the promises of the gateway's own: secrets are read anew, paths are relative to `base`. */
export function testContext(options: TestContextOptions = {}): SourceContext {
  const base = options.base ?? tmpdir();
  const { accounts = new Accounts(), signal = new AbortController().signal } = options;
  const path = (given: string) => resolve(base, given);
  return {
    signal,
    turn: (account) => accounts.turn(account, signal),
    base,
    dial: options.dial ?? noService,
    secret: (secret) => readSecret(secret, path),
    path,
    compareListing: compareFile,
  };
}

function noService(service: string): Promise<Connection> {
  return Promise.reject(
    new SourceError("unreachable", `Cannot connect through "${service}": no such service`),
  );
}

async function readSecret(secret: Secret, path: (given: string) => string): Promise<string> {
  if (typeof secret === "string") return secret;
  if ("command" in secret) return await tokenOf(secret, { base: path(".") });
  if ("env" in secret) {
    const value = Deno.env.get(secret.env);
    if (value !== undefined) return value;
    throw new SourceError("credentials", `Cannot read the variable "${secret.env}": it is not set`);
  }
  try {
    return (await Deno.readTextFile(path(secret.file))).trimEnd();
  } catch (cause) {
    throw new SourceError("credentials", `Cannot read the secret file "${secret.file}"`, { cause });
  }
}
