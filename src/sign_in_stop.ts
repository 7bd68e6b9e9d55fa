/** The stop after refused passwords: one more would lock the account. */
import { createHash } from "node:crypto";
import type { LauncherConfig } from "./config/mod.ts";
import { secretStamp } from "./config/secrets.ts";
import type { Ledger } from "./ledger.ts";
import type { Secret } from "./sources/source.ts";

/** Refused passwords in a row after which a launcher waits for a person. */
const MAX_REFUSALS = 3;

/** Refused passwords of one launcher, counted across restarts; an edited launcher or secret begins anew. */
export class SignInStop {
  readonly #config: LauncherConfig;
  readonly #ledger: Ledger;
  readonly #base: string;
  #isOn: boolean;

  constructor(config: LauncherConfig, { ledger, base }: { readonly ledger: Ledger; readonly base: string }) {
    this.#config = config;
    this.#ledger = ledger;
    this.#base = base;
    this.#isOn = this.refusals >= MAX_REFUSALS;
  }

  /** Whether nobody signs in any more. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** Passwords that were refused in a row. */
  get refusals(): number {
    return this.#memory.refusals;
  }

  /** Whether it is on, and what was refused is what would be sent again. */
  async holds(): Promise<boolean> {
    return this.#isOn && await this.#stamp() === this.#memory.stamp;
  }

  /** Counts one more; `true` when that was the last one. */
  async refused(): Promise<boolean> {
    const stamp = await this.#stamp();
    const { refusals: before, stamp: stampBefore } = this.#memory;
    const refusals = stampBefore === stamp ? before + 1 : 1;
    this.#ledger.remember(this.#config.id, { refusals, stamp });
    this.#isOn = refusals >= MAX_REFUSALS;
    return this.#isOn;
  }

  /** Lets it sign in again, after a success or by a person's word. */
  end(): void {
    this.#isOn = false;
    if (this.refusals > 0) this.#ledger.remember(this.#config.id, { refusals: 0, stamp: null });
  }

  get #memory() {
    return this.#ledger.memory(this.#config.id);
  }

  /** Changes when the launcher's file or its secret does. */
  async #stamp(): Promise<string> {
    const file = await Deno.stat(this.#config.file).catch(() => null);
    const hash = createHash("sha256").update(`${file?.mtime?.getTime() ?? 0}:${file?.size ?? 0}`);
    for (const secret of secretsOf(this.#config)) hash.update(await secretStamp(secret, this.#base));
    return hash.digest("hex").slice(0, 16);
  }
}

function secretsOf({ listen }: LauncherConfig): Secret[] {
  if (!("account" in listen)) return [];
  return [listen.password, listen.token].filter((secret) => secret !== undefined);
}
