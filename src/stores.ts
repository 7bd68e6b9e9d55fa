/** What a process holds while it owns a state folder: lock, ledger, quarantine and COLD. */
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import type { Configuration } from "./config/mod.ts";
import { Cold, STAGING } from "./delivery/cold_directory.ts";
import { ConfigError, DeliveryError } from "./errors.ts";
import { Ledger } from "./ledger.ts";
import { logOf } from "./log.ts";
import { repair } from "./poll/repair.ts";
import { Quarantine } from "./quarantine.ts";

/** Another process works on this state folder. */
export class StateHeldError extends ConfigError {}

/** The stores of one state folder, from `openStores` until disposed. */
export class Stores implements AsyncDisposable {
  #cold: Promise<Cold> | undefined;

  constructor(
    readonly configuration: Configuration,
    readonly ledger: Ledger,
    readonly quarantine: Quarantine,
    readonly lock: Deno.FsFile,
  ) {}

  /**
   * The COLD, opened when first asked for and repaired after a crash. An unmounted share is tried again
   * at the next call.
   */
  async cold(): Promise<Cold> {
    this.#cold ??= this.#openCold();
    try {
      return await this.#cold;
    } catch (error) {
      this.#cold = undefined;
      throw error;
    }
  }

  async #openCold(): Promise<Cold> {
    const { base, gateway: { state, cold: { root } } } = this.configuration;
    await makeInside(root, base);
    // Cold.open would make it anew, and repair take for delivered what only is on a share not mounted now.
    if (this.ledger.pending().length > 0 && !await isDirectory(join(root, STAGING))) {
      throw new DeliveryError(
        `Cannot finish interrupted deliveries: "${join(root, STAGING)}" is missing; is the share mounted?`,
      );
    }
    const owner = createHash("sha256").update(await Deno.realPath(state)).digest("hex").slice(0, 8);
    const cold = await Cold.open(root, owner);
    const { finished, swept } = await repair(this.ledger, cold);
    if (finished + swept > 0) logOf("delivery").warn("repaired after an interruption", { finished, swept });
    return cold;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.ledger[Symbol.dispose]();
    this.lock.close();
    return Promise.resolve();
  }
}

/**
 * Opens the state folder of a configuration and holds it.
 *
 * @throws {StateHeldError} when another process holds it; `LedgerError` or `DeliveryError` when it cannot be used.
 */
export async function openStores(configuration: Configuration): Promise<Stores> {
  const { gateway, base } = configuration;
  await makeInside(gateway.state, base);
  const lock = await holdState(gateway.state);
  try {
    const ledger = Ledger.open(join(gateway.state, "ledger.sqlite"));
    const quarantine = await Quarantine.open(join(gateway.state, "quarantine"));
    return new Stores(configuration, ledger, quarantine, lock);
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** Locks the folder; the system gives the lock back however the process ends. */
async function holdState(state: string): Promise<Deno.FsFile> {
  const path = join(state, "lock");
  const file = await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 }).catch(
    (cause) => {
      throw new DeliveryError(
        `Cannot write state folder "${state}": the gateway's account needs read and write there`,
        {
          cause,
        },
      );
    },
  );
  if (!await file.tryLock(true)) {
    const holder = (await Deno.readTextFile(path).catch(() => "")).trim();
    file.close();
    const message = `Cannot use state folder "${state}": process ${holder || "(unknown)"} holds it`;
    throw new StateHeldError([{
      severity: "error",
      file: join(state, "lock"),
      message,
      remedy: "stop that gateway first, or give this one a state folder of its own in gateway.toml",
    }]);
  }
  await file.truncate(0);
  await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
  return file;
}

/** Makes a folder that lies inside `base`; elsewhere a missing one may be an unmounted share. */
async function makeInside(path: string, base: string): Promise<void> {
  const inside = resolve(path).startsWith(`${resolve(base)}/`) ||
    resolve(path).startsWith(`${resolve(base)}\\`);
  if (inside) await Deno.mkdir(path, { recursive: true });
  if (!await isDirectory(path)) {
    throw new DeliveryError(
      `Cannot use folder "${path}": it is missing; make it, or mount the share it lies on`,
    );
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isDirectory, () => false);
}
