/** What a process holds while it owns a state folder: lock, ledger, quarantine and destinations. */
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { Accounts } from "./accounts.ts";
import { type Configuration, resolveSecret } from "./config/mod.ts";
import type { Destination, DestinationContext } from "./delivery/destination.ts";
import { type Address, addressOfTarget, kindOf } from "./delivery/mod.ts";
import { disk } from "./disk.ts";
import { ConfigError, DeliveryError, errorText } from "./errors.ts";
import { Ledger } from "./ledger.ts";
import { logOf } from "./log.ts";
import { repair } from "./poll/repair.ts";
import { Quarantine } from "./quarantine.ts";

/** Another process works on this state folder. */
export class StateHeldError extends ConfigError {}

/** The stores of one state folder, from `openStores` until disposed. */
export class Stores implements AsyncDisposable {
  readonly accounts = new Accounts();
  readonly #destinations = new Map<string, Promise<Destination>>();

  constructor(
    /** Replaced after a reload; state folder and COLD root stay the same. */
    public configuration: Configuration,
    readonly ledger: Ledger,
    readonly quarantine: Quarantine,
    /** Mails that failed and that their source may not give out again. */
    readonly retained: Quarantine,
    readonly lock: Deno.FsFile,
  ) {}

  /**
   * A destination, opened when first asked for and repaired after a crash. What cannot be opened (a share that is not
   * mounted) is tried again at the next call.
   *
   * @throws {DeliveryError} when it cannot be used.
   */
  async destination(address: Address, signal?: AbortSignal): Promise<Destination> {
    const id = idOf(address);
    const opening = this.#destinations.get(id) ?? this.#open(address, signal);
    this.#destinations.set(id, opening);
    try {
      return await opening;
    } catch (error) {
      if (this.#destinations.get(id) === opening) this.#destinations.delete(id);
      throw error;
    }
  }

  async #open(address: Address, signal: AbortSignal | undefined): Promise<Destination> {
    const isOurs = (target: string) => idOf(addressOfTarget(target)) === idOf(address);
    const hasPending = this.ledger.pending().some(({ documents }) => isOurs(documents[0]?.target ?? ""));
    const { state } = this.configuration.gateway;
    const owner = createHash("sha256").update(await Deno.realPath(state)).digest("hex").slice(0, 8);
    const context = { ...destinationContext(address, () => this.configuration), owner, hasPending };
    const destination = await kindOf(address.kind).open(context);
    try {
      const { finished, swept } = await repair(this.ledger, destination, {
        isOurs,
        ...(signal ? { signal } : {}),
      });
      if (finished + swept > 0) logOf("delivery").warn("repaired after an interruption", { finished, swept });
      return destination;
    } catch (error) {
      destination.close();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const destination of this.#destinations.values()) {
      await destination.then((opened) => opened.close(), () => {});
    }
    this.ledger[Symbol.dispose]();
    this.lock.close();
  }
}

/** What a destination is lent, with the configuration as it is at each moment; without what only `Stores` knows. */
export function destinationContext(
  { kind, name }: Address,
  configuration: () => Configuration,
): DestinationContext {
  const { base, gateway: { state, cold: { root } } } = configuration();
  return {
    name,
    state,
    root,
    owner: "",
    hasPending: false,
    section: () => configuration().gateway.sections[kind]?.[name],
    path: (path) => resolve(base, path),
    folder: (path) => makeInside(path, base),
    secret: async (secret) => {
      try {
        return await resolveSecret(secret, base);
      } catch (cause) {
        throw new DeliveryError(errorText(cause), { cause });
      }
    },
  };
}

function idOf({ kind, name }: Address): string {
  return `${kind}:${name}`;
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
    const path = join(gateway.state, "ledger.sqlite");
    // Subjects are in it, and nobody else's business. What else goes wrong with it, opening tells.
    await Deno.open(path, { write: true, createNew: true, mode: 0o600 })
      .then((file) => file.close(), () => {});
    const ledger = Ledger.open(path);
    // Of the configuration as it is by then: a reload may change it.
    const maxBytes = () => stores.configuration.gateway.quarantine.maxBytes;
    const quarantine = await Quarantine.open(join(gateway.state, "quarantine"), maxBytes);
    const retained = await Quarantine.open(join(gateway.state, "retained"), maxBytes);
    const stores = new Stores(configuration, ledger, quarantine, retained, lock);
    return stores;
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
  if (inside) await disk.mkdir(path, { recursive: true });
  if (!await isDirectory(path)) {
    throw new DeliveryError(
      `Cannot use folder "${path}": it is missing; make it, or mount the share it lies on`,
    );
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return await disk.stat(path).then((info) => info.isDirectory, () => false);
}
