/** Signing in: with the token by header for programs, with password or token and a cookie for people. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { isPassword } from "./password.ts";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";

const COOKIE = "lanceur_session";
const SESSION_S = 12 * 3600;
const WINDOW_MS = 60_000;
const MAX_FAILURES = 10;
const MAX_ADDRESSES = 1000;
const MAX_PASSWORD = 1024;
/** Sign-ins that wait for their turn: each hash takes a core and up to 256 MB for a moment. */
const MAX_WAITING = 20;

/** Compares without telling by its duration how much was right. */
function sameSecret(given: string, secret: string): boolean {
  return timingSafeEqual(digest("compare", given), digest("compare", secret));
}

function digest(key: string, text: string): Uint8Array {
  return createHmac("sha256", key).update(text).digest();
}

/** What a request shows for itself: nothing, something right, something wrong, or one try too many. */
export type Verdict = "none" | "accepted" | "wrong" | "too many";

/** Checks secrets and sessions. Sessions are signed with the secrets: they outlive a restart, not a new password. */
export class Gatekeeper {
  readonly #secrets: PageSecrets;
  readonly #options: GatekeeperOptions;
  readonly #failures = new Map<string, { count: number; since: number }>();
  #waiting = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(secrets: PageSecrets, options: GatekeeperOptions) {
    this.#secrets = secrets;
    this.#options = options;
  }

  /** Looks at `Authorization: Bearer` and at the cookie. */
  check(c: Context): Verdict {
    const authorization = c.req.header("authorization");
    if (authorization !== undefined) {
      const bearer = /^bearer +(\S+) *$/i.exec(authorization)?.[1] ?? "";
      const { controlToken } = this.#options;
      // Too long to be guessed, and strangers' attempts must not lock the command line out.
      if (controlToken !== undefined && sameSecret(bearer, controlToken)) return "accepted";
      return this.#attempt(c, this.#isToken(bearer));
    }
    const session = getCookie(c, COOKIE);
    return session !== undefined && this.#isSession(session) ? "accepted" : "none";
  }

  /** Tries the password or token of a sign-in form; when it is right, the answer sets the cookie. */
  async signIn(c: Context, secret: string): Promise<Verdict> {
    const verdict = this.#isToken(secret) ? this.#attempt(c, true) : await this.#attemptPassword(c, secret);
    if (verdict !== "accepted") return verdict;
    const until = Math.floor(this.#options.now().getTime() / 1000) + SESSION_S;
    setCookie(c, COOKIE, `${until}.${this.#sign(until)}`, {
      httpOnly: true,
      sameSite: "Strict",
      path: "/",
      maxAge: SESSION_S,
      // A browser that came by HTTPS, through a proxy, must not send it over plain HTTP.
      secure: c.req.header("x-forwarded-proto") === "https",
    });
    return verdict;
  }

  /** One hash at a time, and not for whoever has guessed too often by then: a hundred tries sent at once are a hundred. */
  async #attemptPassword(c: Context, secret: string): Promise<Verdict> {
    const { passwordHash } = this.#secrets;
    if (passwordHash === undefined || secret.length > MAX_PASSWORD) return this.#attempt(c, false);
    if (this.#isTooMany(c) || this.#waiting >= MAX_WAITING) return "too many";
    this.#waiting++;
    const attempt = this.#turn.then(async () => {
      if (this.#isTooMany(c)) return "too many";
      return this.#attempt(c, await isPassword(secret, passwordHash));
    }).finally(() => this.#waiting--);
    this.#turn = attempt.catch(() => {});
    return await attempt;
  }

  /** Makes the browser forget the cookie. */
  signOut(c: Context): void {
    deleteCookie(c, COOKIE, { path: "/" });
  }

  #sign(until: number): string {
    return createHmac("sha256", `lanceur session ${JSON.stringify(this.#secrets)}`).update(String(until))
      .digest("base64url");
  }

  #isSession(session: string): boolean {
    const [until = "", signature = ""] = session.split(".", 2);
    if (!/^\d{1,12}$/.test(until) || !sameSecret(signature, this.#sign(Number(until)))) return false;
    return Number(until) * 1000 > this.#options.now().getTime();
  }

  #isToken(given: string): boolean {
    const { token } = this.#secrets;
    return token !== undefined && sameSecret(given, token);
  }

  /** The failures of an address within the last minute. */
  #recent(address: string): { count: number; since: number } | undefined {
    const before = this.#failures.get(address);
    return before !== undefined && this.#options.now().getTime() - before.since < WINDOW_MS
      ? before
      : undefined;
  }

  #isTooMany(c: Context): boolean {
    return (this.#recent(remoteAddress(c))?.count ?? 0) >= MAX_FAILURES;
  }

  #attempt(c: Context, right: boolean): Verdict {
    if (this.#isTooMany(c)) return "too many";
    if (right) return "accepted";
    const address = remoteAddress(c);
    const recent = this.#recent(address);
    // The oldest entry makes room, so that many addresses cannot fill the memory.
    const oldest = this.#failures.keys().next();
    if (this.#failures.size >= MAX_ADDRESSES && !oldest.done) this.#failures.delete(oldest.value);
    this.#failures.set(address, {
      count: (recent?.count ?? 0) + 1,
      since: recent?.since ?? this.#options.now().getTime(),
    });
    return "wrong";
  }
}

/** What opens the page; at least one of them is set. */
export interface PageSecrets {
  readonly token?: string | undefined;
  /** A scrypt hash. */
  readonly passwordHash?: string | undefined;
}

/** What a gatekeeper needs besides the secrets. */
export interface GatekeeperOptions {
  /** Accepted from programs besides the token: the random one of `control.json`. */
  readonly controlToken?: string | undefined;
  readonly now: () => Date;
}

/** Who connects, as Deno.serve tells; the same for all behind a proxy. */
function remoteAddress(c: Context): string {
  const address: unknown = c.env?.remoteAddr?.hostname;
  return typeof address === "string" ? address : "";
}
