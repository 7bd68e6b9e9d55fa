/** launchers.d, for commands that work on the state folder and the COLD. */
import { basename } from "node:path";
import { type Configuration, readConfiguration } from "../config/mod.ts";
import { ConfigError } from "../errors.ts";

/**
 * Reads launchers.d for a command that uses what gateway.toml names.
 *
 * @throws {ConfigError} when gateway.toml is faulty or the folder cannot be read: the defaults would lead elsewhere.
 */
export async function readUsable(directory: string): Promise<Configuration> {
  const configuration = await readConfiguration(directory);
  refuseFaulty(configuration);
  return configuration;
}

/** Throws what is wrong with gateway.toml, or with the folder. */
export function refuseFaulty(configuration: Configuration): void {
  if (!configuration.gatewayFaulty) return;
  throw new ConfigError(
    configuration.problems.filter(({ severity, file }) =>
      severity === "error" && (file === configuration.directory || basename(file) === "gateway.toml")
    ),
  );
}
