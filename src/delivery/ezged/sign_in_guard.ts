/** Keeps a wrong password from locking the account: after three refusals it is tried again only now and then. */
import { createHash, randomBytes } from "node:crypto";
import { DeliveryError } from "../../errors.ts";
import type { Credentials } from "./session.ts";

const MAX_REFUSALS = 3;
const PAUSE_MS = 30 * 60_000;

/** Counts refused passwords in a row; another account or password begins anew, and so does a restart. */
export class SignInGuard {
  readonly #salt = randomBytes(16);
  #refusals = 0;
  #stamp = "";
  #until = 0;

  /** Throws `DeliveryError` while these credentials are not to be tried. */
  check(credentials: Credentials, target: string): void {
    if (this.#refusals < MAX_REFUSALS || this.#stampOf(credentials) !== this.#stamp) return;
    if (Date.now() >= this.#until) return;
    throw new DeliveryError(
      `Cannot sign in to EzGED at ${target}: the password was refused ${this.#refusals} times in a row; ` +
        "correct it (until then it is tried every 30 minutes, so as not to lock the account)",
    );
  }

  /** Notes a refusal. */
  refused(credentials: Credentials): void {
    const stamp = this.#stampOf(credentials);
    this.#refusals = stamp === this.#stamp ? this.#refusals + 1 : 1;
    this.#stamp = stamp;
    this.#until = Date.now() + PAUSE_MS;
  }

  /** Notes that signing in worked. */
  accepted(): void {
    this.#refusals = 0;
  }

  #stampOf({ account, password, domain = "" }: Credentials): string {
    const hash = createHash("sha256").update(this.#salt);
    return hash.update([account, password, domain].join("\0")).digest("hex");
  }
}
