/** What a launcher lends its source and its decoder. */
import { resolve } from "node:path";
import { Accounts } from "./accounts.ts";
import type { LauncherConfig } from "./config/mod.ts";
import { resolveSecret } from "./config/secrets.ts";
import type { DecoderOptions } from "./decoder/client.ts";
import { outboxOf } from "./delivery/outbox.ts";
import { ConfigError, errorText, SourceError } from "./errors.ts";
import type { LauncherSurroundings } from "./launcher.ts";
import type { SourceContext } from "./sources/source.ts";

/** The decoder may read this launcher's folder and the quarantine, and write where documents are staged. */
export function decoderOptionsOf(
  { listen, documents, deliver }: LauncherConfig,
  { base, stores }: LauncherSurroundings,
): DecoderOptions {
  const { quarantine, configuration: { gateway: { cold, state } } } = stores;
  const options = {
    read: [quarantine.path],
    write: [cold.root, outboxOf(state)],
    personalData: deliver.personal_data,
    xml: deliver.sidecar === "xml",
    maxFiles: documents.max_envelope_files,
  };
  if (listen.protocol !== "adullact") return options;
  const { path, keys, end_markers: endMarkers, after } = listen;
  const root = resolve(base, path);
  const moved = typeof after === "object" ? [resolve(root, after.move)] : [];
  return { ...options, read: [...options.read, root, ...moved], keys, endMarkers };
}

/**
 * What a source is lent, for a gateway whose relative paths begin at `base`. Without `accounts` it takes turns with
 * nobody.
 */
export function contextFor(
  { base, dial, accounts = new Accounts(), signal }: Pick<LauncherSurroundings, "base" | "dial"> & {
    readonly accounts?: Accounts;
    readonly signal: AbortSignal;
  },
): SourceContext {
  return {
    signal,
    base,
    dial,
    turn: (account) => accounts.turn(account, signal),
    path: (path) => resolve(base, path),
    compareListing: async (path, names) => {
      const { compareFile } = await import("./compare_listing.ts");
      return await compareFile(path, names);
    },
    secret: async (secret) => {
      try {
        return await resolveSecret(secret, base, signal);
      } catch (cause) {
        signal.throwIfAborted();
        // Not a refusal by the server: nothing was sent, so it does not count towards the stop.
        throw new SourceError("secret", sentenceOf(cause), { cause });
      }
    },
  };
}

/** What stopped a secret from being read, and what mends it. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof ConfigError)) return errorText(error);
  return error.problems.map(({ message, remedy }) => remedy ? `${message}; ${remedy}` : message).join("; ");
}
