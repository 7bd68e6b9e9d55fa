/** What `check` alone tells: nothing is wrong, but who sets up the machine decides about it. */
import { join } from "node:path";
import type { Configuration } from "../config/mod.ts";
import { isLoopback } from "../config/gateway.ts";
import type { Problem } from "../errors.ts";

/** Hints about a configuration that can be used. */
export function hintsOf({ directory, gateway: { status } }: Configuration): Problem[] {
  const isOpen = status.token === undefined && status.passwordHash === undefined;
  if (!isOpen || !isLoopback(status.hostname)) return [];
  return [{
    severity: "info",
    file: join(directory, "gateway.toml"),
    message:
      `Everybody who has an account on this machine can read the page at ${status.listen} and download ` +
      "what is in quarantine: it asks for no password",
    remedy:
      "If others work on this machine, put password_hash (deno task password) or a token under [status]",
  }];
}
