/**
 * One session with an EzGED. Sessions are few and end after a minute without a call: it is kept alive while a file
 * is on its way, opened again once when EzGED has ended it, and given back in any case.
 */
import { createHash } from "node:crypto";
import { DeliveryError, ItemError } from "../../errors.ts";
import { identifierOf, parseReply, type Reply } from "./reply.ts";
import { type Answer, type Body, type Call, type Wire, WireError } from "./wire.ts";

const OVER = 401;
const TOO_MANY = -18;
/** Giving the session back must not hold up a stop. */
const CLOSE_TIMEOUT_MS = 5_000;
const MAX_COOKIES = 20;

/** Pauses of this module; tests shorten them. */
export interface Pauses {
  /** How long to wait, again and again, while all sessions are in use. */
  readonly busyMs: readonly number[];
  readonly keepAliveMs: number;
  /** Between two looks at a job. */
  readonly followMs: number;
}

/** A session lives for 60 s without a call: waiting a little longer than that must find a free one. */
export const PAUSES: Pauses = {
  busyMs: [5_000, 10_000, 20_000, 30_000],
  keepAliveMs: 20_000,
  followMs: 2_000,
};

/** Who signs in. */
export interface Credentials {
  readonly account: string;
  readonly password: string;
  readonly domain: string | undefined;
  /** What uploads need besides the session. */
  readonly token: string;
}

/** What a session is opened with. */
export interface SessionOptions {
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
  readonly pauses: Pauses;
}

/** EzGED has answered that it did not do what was asked; or, of an upload, that the file cannot be taken. */
export class EzgedRefusal extends ItemError {}

/** The account or its password was refused. */
export class SignInRefused extends DeliveryError {}

/** A call of the web service. */
export interface ServiceCall {
  /** Such as `doctbl/insertrow`. */
  readonly service: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly method: "GET" | "POST";
  readonly timeoutMs?: number;
}

/** An upload: where it goes besides the session and token, and what is sent. */
export interface UploadCall {
  readonly query: Readonly<Record<string, string>>;
  readonly body: () => Body;
}

/** A signed-in session; disposing signs out. */
export class Session implements AsyncDisposable {
  #id = "";
  #cookie = "";

  private constructor(readonly wire: Wire, readonly options: SessionOptions) {}

  /**
   * Signs in, waiting for a while when all sessions are in use.
   *
   * @throws {SignInRefused} when account or password are wrong; `DeliveryError` when EzGED cannot be used.
   */
  static async open(wire: Wire, options: SessionOptions): Promise<Session> {
    const session = new Session(wire, options);
    await session.#signIn();
    return session;
  }

  /**
   * Calls a service. All but a `WireError` with `mayHaveRun` says that nothing was done.
   *
   * @throws {EzgedRefusal} with EzGED's own words.
   */
  async call({ service, fields, method, timeoutMs }: ServiceCall): Promise<Reply> {
    return await this.#signedIn(service, () => {
      const form = new URLSearchParams({ ...fields, sessionid: this.#id }).toString();
      const path = `service.php?service=${service}`;
      const time = timeoutMs === undefined ? {} : { timeoutMs };
      return method === "POST"
        ? { path, body: formBody(form), ...time }
        : { path: `${path}&${form}`, ...time };
    });
  }

  /** Uploads one file, keeping the session alive meanwhile. Throws as `call` does. */
  async upload({ query, body }: UploadCall): Promise<Reply> {
    const { credentials: { token }, signal, pauses } = this.options;
    let alive: Promise<unknown> = Promise.resolve();
    const timer = setInterval(() => {
      alive = alive.then(() => this.#keepAlive());
    }, pauses.keepAliveMs);
    try {
      return await this.#signedIn("upload", () => {
        const parameters = new URLSearchParams({ sessionid: this.#id, token, ...query });
        return { path: `pupload.php?${parameters}`, body: body(), signal };
      });
    } finally {
      clearInterval(timer);
      await alive;
    }
  }

  /** Signs out. A session that cannot be given back ends by itself after a minute. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#id === "") return;
    const fields = new URLSearchParams({ sessionid: this.#id, secsesid: this.#id, forcedisconnect: "1" });
    this.#id = "";
    const path = `service.php?service=secses/delete&${fields}`;
    const { timeoutMs } = this.wire.options;
    await this.wire.call({
      path,
      cookie: this.#cookie,
      timeoutMs: Math.min(timeoutMs, CLOSE_TIMEOUT_MS),
    }).catch(() => {});
  }

  async #signIn(): Promise<void> {
    const { pauses: { busyMs }, signal } = this.options;
    for (const pauseMs of [...busyMs, undefined]) {
      const reply = await this.#authenticate();
      if (reply.errorCode === TOO_MANY) {
        if (pauseMs === undefined) break;
        await pause(pauseMs, signal);
        continue;
      }
      const id = identifierOf(reply.rows[0]?.["sessionid"]);
      if (reply.errorCode !== 0 || id === undefined) {
        throw new SignInRefused(
          `Cannot sign in to EzGED as "${this.options.credentials.account}": ` +
            `${this.#harmless(reply.message) || "refused"} (error ${reply.errorCode ?? "without number"})`,
        );
      }
      this.#id = id;
      return;
    }
    throw new DeliveryError(
      `Cannot sign in to EzGED at "${this.wire.options.url}": all its sessions are in use (error ${TOO_MANY})`,
    );
  }

  async #authenticate(): Promise<Reply> {
    const { account, password, domain } = this.options.credentials;
    const form = new URLSearchParams(
      domain === undefined
        ? { login: account, pwd: createHash("md5").update(password).digest("hex") }
        : { login: account, pwd: password, domain },
    );
    const call = {
      path: "service.php?service=sec/authenticate",
      body: formBody(form.toString()),
      signal: this.options.signal,
    };
    try {
      const answer = await this.wire.call(call);
      const cookies = answer.cookies.filter((cookie) => /^[\w.-]+=[\x21-\x7e]*$/.test(cookie));
      this.#cookie = cookies.slice(0, MAX_COOKIES).join("; ");
      return this.#understood("sign in", answer);
    } catch (error) {
      // Signing in can always be repeated: it must not put in doubt the call that it is for.
      throw error instanceof WireError ? new DeliveryError(error.message, { cause: error }) : error;
    }
  }

  /** Calls with the session; where EzGED has ended it, once more with a new one. */
  async #signedIn(name: string, callOf: () => Call): Promise<Reply> {
    for (let attempt = 1;; attempt++) {
      const answer = await this.wire.call({ ...callOf(), cookie: this.#cookie });
      const reply = answer.status === OVER ? undefined : this.#understood(name, answer);
      if (reply && reply.errorCode !== OVER) {
        if ((reply.errorCode ?? 0) === 0 && reply.success !== false) return reply;
        throw new EzgedRefusal(
          `Cannot ${name} at EzGED: ${this.#harmless(reply.message) || "refused"}` +
            (reply.errorCode === undefined ? "" : ` (error ${reply.errorCode})`),
        );
      }
      if (attempt > 1) {
        throw new DeliveryError(`Cannot ${name} at EzGED: it ends every session at once (error ${OVER})`);
      }
      await this.#signIn();
    }
  }

  /** The reply in an answer; throws when it is none. */
  #understood(name: string, { status, text, location }: Answer): Reply {
    const reply = status === 200 ? parseReply(text) : undefined;
    if (reply) return reply;
    const { url } = this.wire.options;
    const subject = `Cannot ${name} at EzGED "${url}"`;
    if (status >= 300 && status < 400) {
      const to = location === undefined ? "elsewhere" : `to "${location.slice(0, 200)}"`;
      throw new DeliveryError(`${subject}: it leads ${to}; write the address where EzGED itself answers`);
    }
    if (status === 413) throw new EzgedRefusal(`${subject}: the file is larger than that server takes (413)`);
    if (status >= 400 && status < 500) {
      throw new DeliveryError(`${subject}: HTTP ${status}; check url, and that account's rights`);
    }
    // It may have done what was asked before it failed, or before something on the way did.
    const state = status === 200 ? "its answer is not one of EzGED's" : `HTTP ${status}`;
    throw new WireError(true, `${subject}: ${state}`);
  }

  async #keepAlive(): Promise<void> {
    const body = formBody(new URLSearchParams({ sessionid: this.#id }).toString());
    const path = "service.php?service=secses/keepalive";
    // Only a favour to the call in hand, which finds out by itself when the session is over.
    await this.wire.call({ path, body, cookie: this.#cookie }).catch(() => {});
  }

  /** EzGED's words without what is secret. */
  #harmless(message: string): string {
    const { password, token } = this.options.credentials;
    return [password, token, this.#id].reduce(
      (text, secret) => secret.length < 4 ? text : text.replaceAll(secret, "…"),
      message,
    );
  }
}

/** Waits; rejects with the signal's reason when it is aborted. */
export async function pause(pauseMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, pauseMs);
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

function formBody(form: string): Body {
  const bytes = new TextEncoder().encode(form);
  return {
    type: "application/x-www-form-urlencoded",
    sizeBytes: bytes.length,
    async *chunks() {
      yield await Promise.resolve(bytes);
    },
  };
}
