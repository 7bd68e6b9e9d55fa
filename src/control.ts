/**
 * How `run`, `quarantine`, `status`, `reload` and `stop` talk to a running gateway: HTTP on loopback, at the address
 * and with the token that `state/control.json` gives to whoever may read it (mode 0600).
 */
import { Hono } from "hono";
import { timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import * as v from "valibot";
import { GatewayError, ItemError } from "./errors.ts";

const CONTROL_FILE = "control.json";
/** A gateway that runs says at once that it is there; what has its port by now may never answer. */
const FIND_MS = 5_000;
const controlSchema = v.object({ address: v.string(), token: v.string(), pid: v.number() });
const answerSchema = v.object({ result: v.optional(v.unknown()), error: v.optional(v.string()) });

/** What can be asked of a running gateway; each answer is sent as JSON. */
export interface Controlled {
  status(lang: "fr" | "en"): unknown;
  reload(): Promise<unknown>;
  /** Begins to stop; the answer goes out before it ends. */
  stop(): void;
  /** Refused where `stamp` is given and the launcher in use was read from another text. */
  run(launcher: string, options: { dryRun: boolean; stamp?: string | undefined }): Promise<unknown>;
  quarantine(): unknown;
  retry(id: string): Promise<unknown>;
  drop(id: string): Promise<unknown>;
  delivered(launcher: string): unknown;
  redeliver(id: string): Promise<unknown>;
}

/** A listening control port. */
export interface Control extends AsyncDisposable {
  readonly address: string;
}

/** Listens on a free loopback port and writes `control.json`; removes it again when disposed. */
export async function serveControl(state: string, controlled: Controlled): Promise<Control> {
  const token = crypto.randomUUID() + crypto.randomUUID();
  const path = join(state, CONTROL_FILE);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    controlApp(controlled, token).fetch,
  );
  const address = `127.0.0.1:${server.addr.port}`;
  // Whole or not at all: a reader never sees half a token. 0600 from the first moment.
  const fresh = `${path}.new`;
  await Deno.remove(fresh).catch(() => {});
  await Deno.writeTextFile(fresh, JSON.stringify({ address, token, pid: Deno.pid }) + "\n", {
    mode: 0o600,
    createNew: true,
  });
  await Deno.rename(fresh, path);
  return {
    address,
    async [Symbol.asyncDispose]() {
      await Deno.remove(path).catch(() => {});
      await server.shutdown();
    },
  };
}

function controlApp(controlled: Controlled, token: string): Hono {
  const app = new Hono();
  const expected = new TextEncoder().encode(`Bearer ${token}`);
  app.use(async (context, next) => {
    const given = new TextEncoder().encode(context.req.header("authorization") ?? "");
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      return context.json({ error: "The control token is missing or wrong" }, 401);
    }
    return await next();
  });
  app.get(
    "/status",
    (context) =>
      context.json({ result: controlled.status(context.req.query("lang") === "fr" ? "fr" : "en") }),
  );
  app.post("/reload", async (context) => context.json({ result: await controlled.reload() }));
  app.post("/stop", (context) => {
    controlled.stop();
    return context.json({ result: "stopping" });
  });
  app.post("/launchers/:name/run", async (context) => {
    const dryRun = context.req.query("dry-run") === "yes";
    const stamp = context.req.query("stamp");
    return context.json({ result: await controlled.run(context.req.param("name"), { dryRun, stamp }) });
  });
  app.get("/quarantine", (context) => context.json({ result: controlled.quarantine() }));
  app.post(
    "/quarantine/:id/retry",
    async (context) => context.json({ result: await controlled.retry(context.req.param("id")) }),
  );
  app.post(
    "/quarantine/:id/drop",
    async (context) => context.json({ result: await controlled.drop(context.req.param("id")) }),
  );
  app.get(
    "/launchers/:name/delivered",
    (context) => context.json({ result: controlled.delivered(context.req.param("name")) }),
  );
  app.post(
    "/items/:id/redeliver",
    async (context) => context.json({ result: await controlled.redeliver(context.req.param("id")) }),
  );
  app.onError((error, context) => {
    const status = error instanceof GatewayError ? 409 : 500;
    return context.json({ error: error.message, name: error.name }, status);
  });
  return app;
}

/** A gateway that runs on the same state folder. */
export class ControlClient {
  private constructor(readonly pid: number, readonly address: string, readonly token: string) {}

  /** Finds the gateway that holds `state`; `undefined` when none answers there. */
  static async find(state: string): Promise<ControlClient | undefined> {
    const text = await Deno.readTextFile(join(state, CONTROL_FILE)).catch(() => undefined);
    if (text === undefined) return undefined;
    const control = v.safeParse(controlSchema, parseJson(text));
    if (!control.success || !control.output.address.startsWith("127.0.0.1:")) return undefined;
    const client = new ControlClient(control.output.pid, control.output.address, control.output.token);
    // A killed gateway leaves its file behind; another program may have its port by now.
    return await client.ask("GET", "/status", AbortSignal.timeout(FIND_MS)).then(
      () => client,
      () => undefined,
    );
  }

  /** Asks and gives back the result; throws `ItemError` with the gateway's own words when it refuses, and when it ends before. */
  async ask(method: "GET" | "POST", path: string, signal?: AbortSignal): Promise<unknown> {
    const answer = await this.#answer(path, {
      method,
      headers: { authorization: `Bearer ${this.token}` },
      ...(signal ? { signal } : {}),
    });
    if (answer.error !== undefined) throw new ItemError(answer.error);
    return answer.result;
  }

  async #answer(path: string, init: RequestInit): Promise<v.InferOutput<typeof answerSchema>> {
    try {
      const response = await fetch(`http://${this.address}${path}`, init);
      return v.parse(answerSchema, await response.json());
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ItemError(
        "Cannot tell how this ended: the gateway ended before it answered; what it had begun it finishes when it starts again (deno task start), and deno task status tells whether it runs",
        { cause: error },
      );
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
