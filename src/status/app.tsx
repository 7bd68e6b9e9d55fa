/** The status page: its routes, and who may use them. */
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { ConfigError, errorText } from "../errors.ts";
import { Events } from "./events.ts";
import { addActions } from "./actions.tsx";
import { readForm } from "./form.ts";
import { guardHost, refuseCrossSite, strictHeaders } from "./guard.ts";
import { headline } from "./headline.ts";
import type { ItemsChoice } from "./items.tsx";
import { LauncherPage } from "./launcher_page.tsx";
import { ASSETS } from "./layout.tsx";
import { METRICS_TYPE, writeMetrics } from "./metrics.ts";
import { Notices } from "./notices.ts";
import { MessagePage, QuarantinePage, SignInPage } from "./other_pages.tsx";
import openapi from "./openapi.json" with { type: "text" };
import { Overview } from "./overview.tsx";
import { OUTCOMES } from "./parts.tsx";
import { safeBack } from "./paths.ts";
import { isPasswordHash } from "./password.ts";
import { readiness } from "./readiness.ts";
import { refuse } from "./refusal.tsx";
import {
  document,
  pageContext,
  programsTexts,
  readersTexts,
  type StatusContext,
  type StatusEnv,
  wantsHtml,
} from "./request.ts";
import { Gatekeeper, type Verdict } from "./sign_in.ts";
import { TunnelPage } from "./tunnel_page.tsx";
import type { GatewayView, ItemRow } from "./view.ts";

const MAX_ITEMS = 50;

/** How the page is served. */
export interface StatusOptions {
  /** Asked of everybody when set; off loopback this or a password is needed. */
  readonly token?: string | undefined;
  /** A scrypt hash of the password that people can sign in with. */
  readonly passwordHash?: string | undefined;
  /** Accepted as `Authorization: Bearer` besides: the random token of `control.json`. */
  readonly controlToken?: string | undefined;
  /** The launchers that count for /readyz; all of them unless given. */
  readonly ready?: readonly string[] | undefined;
  /** Host names accepted besides those of this machine. */
  readonly hosts?: readonly string[] | undefined;
  /** Whether the listening address can be reached from this machine only. */
  readonly loopback: boolean;
  /** Aborted when the gateway stops: ends the event streams, which a server shutting down would wait for. */
  readonly signal?: AbortSignal | undefined;
  /** Told of every error that is a bug of ours. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** The clock. */
  readonly now?: (() => Date) | undefined;
}

/**
 * Makes the app; serve it with `Deno.serve(options, app.fetch)`. Throws `ConfigError` when strangers could
 * reach it and neither token nor password is set.
 */
export function createStatusApp(view: GatewayView, options: StatusOptions): Hono<StatusEnv> {
  const { token, passwordHash, controlToken, loopback, signal } = options;
  if (!loopback && !token && !passwordHash) {
    throw new ConfigError([{
      severity: "error",
      file: "gateway.toml",
      message: "Cannot serve the status page beyond this machine: no password and no token is set",
      remedy: 'Set password_hash (deno task password) or token in [status], or listen = "127.0.0.1:8025"',
    }]);
  }
  if (passwordHash && !isPasswordHash(passwordHash)) {
    throw new ConfigError([{
      severity: "error",
      file: "gateway.toml",
      message: "Cannot use password_hash in [status]: it is no scrypt hash",
      remedy: "Put there what deno task password prints",
    }]);
  }
  const now = options.now ?? (() => new Date());
  const rules = { hosts: options.hosts ?? [], loopback };
  const gatekeeper = token || passwordHash
    ? new Gatekeeper({ token, passwordHash }, { controlToken, now })
    : undefined;

  const app = new Hono<StatusEnv>();
  app.use(strictHeaders());
  app.get("/healthz", (c) => c.text("ok\n"));
  app.use(guardHost(rules), refuseCrossSite(rules));
  app.get("/assets/:name", (c) => {
    const name = c.req.param("name");
    const asset = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
    if (asset === undefined) return c.notFound();
    c.header("cache-control", "public, max-age=31536000, immutable");
    return c.body(asset.text, 200, { "content-type": asset.type });
  });
  app.get("/readyz", (c) => {
    const { ready, reasons } = readiness(view.snapshot(), options.ready);
    const trusted = gatekeeper === undefined || gatekeeper.check(c) === "accepted";
    // Monitors may ask without a token, but names and servers are told to nobody else.
    return c.json(trusted ? { ready, reasons } : { ready }, ready ? 200 : 503);
  });
  if (gatekeeper !== undefined) addSignIn(app, gatekeeper, now);
  const events = new Events(view, signal);
  const notices = new Notices(() => events.nudge());
  app.use(async (c, next) => {
    c.set("notice", notices.find(c.req.query("notice")));
    await next();
  });
  addPages(app, view, now);
  addMachineRoutes(app, view, { now, events, ready: options.ready });
  addActions(app, view, { now, notices });
  app.notFound((c) => {
    if (!wantsHtml(c)) return c.json({ error: `Cannot find "${c.req.path}": no such address` }, 404);
    const page = pageContext(c, now);
    return c.html(document(<MessagePage page={page} title={page.texts.noSuchPage} />), 404);
  });
  app.onError((error, c) => {
    const { reported } = readersTexts(c);
    if (error instanceof HTTPException) return c.text(reported(error.message), error.status);
    options.onError?.(error);
    return c.text(reported("Cannot answer: an error within the gateway, see its log\n"), 500);
  });
  return app;
}

/** Everything added after this asks for the token. */
function addSignIn(app: Hono<StatusEnv>, gatekeeper: Gatekeeper, now: () => Date): void {
  function ask(c: StatusContext, { verdict, back }: { verdict: Verdict; back: string }): Response {
    const page = { ...pageContext(c, now), path: safeBack(back, "/") };
    const complaints = {
      "none": undefined,
      "accepted": undefined,
      "wrong": page.texts.wrongToken,
      "too many": page.texts.tooManyAttempts,
    };
    if (verdict === "too many") c.header("retry-after", "60");
    const status = verdict === "too many" ? 429 : 401;
    if (!wantsHtml(c)) {
      c.header("www-authenticate", "Bearer");
      return c.json({ error: "Cannot answer without the right token: send Authorization: Bearer" }, status);
    }
    const content = <SignInPage page={page} complaint={complaints[verdict]} />;
    c.header("content-type", "text/html; charset=utf-8");
    return c.body(document(content), status);
  }

  app.post("/sign-in", async (c) => {
    const form = await readForm(c.req);
    const back = form.get("back") ?? "";
    const verdict = await gatekeeper.signIn(c, form.get("token") ?? "");
    return verdict === "accepted" ? c.redirect(safeBack(back, "/"), 303) : ask(c, { verdict, back });
  });
  app.post("/sign-out", (c) => {
    gatekeeper.signOut(c);
    return c.redirect("/", 303);
  });
  app.use(async (c, next) => {
    const verdict = gatekeeper.check(c);
    if (verdict !== "accepted") return ask(c, { verdict, back: new URL(c.req.url).pathname });
    c.set("signedIn", true);
    return await next();
  });
}

function addPages(app: Hono<StatusEnv>, view: GatewayView, now: () => Date): void {
  app.get("/", (c) => {
    return c.html(document(<Overview page={pageContext(c, now)} snapshot={view.snapshot()} />));
  });
  app.get("/launchers/:name", (c) => {
    const page = pageContext(c, now);
    const name = c.req.param("name");
    const snapshot = view.snapshot();
    const launcher = snapshot.launchers.find((candidate) => candidate.name === name);
    if (launcher === undefined) {
      return c.html(document(<MessagePage page={page} title={page.texts.noSuchLauncher(name)} />), 404);
    }
    const { items, choice } = chosenItems(c, view, name);
    const polls = view.polls(name);
    const content = (
      <LauncherPage
        page={page}
        snapshot={snapshot}
        launcher={launcher}
        items={items}
        choice={choice}
        polls={polls}
      />
    );
    return c.html(document(content));
  });
  app.get("/tunnels/:name", (c) => {
    const page = pageContext(c, now);
    const name = c.req.param("name");
    const snapshot = view.snapshot();
    const services = snapshot.tunnels.filter((candidate) => candidate.name === name);
    if (services.length === 0) {
      return c.html(document(<MessagePage page={page} title={page.texts.noSuchTunnel(name)} />), 404);
    }
    const connections = view.connections(name);
    const content = (
      <TunnelPage page={page} snapshot={snapshot} name={name} services={services} connections={connections} />
    );
    return c.html(document(content));
  });
  app.get("/quarantine", (c) => {
    const page = pageContext(c, now);
    const content = <QuarantinePage page={page} snapshot={view.snapshot()} rows={view.quarantine()} />;
    return c.html(document(content));
  });
}

/** The items that the address asks for, and whether there are more. */
function chosenItems(
  c: StatusContext,
  view: GatewayView,
  launcher: string,
): { items: readonly ItemRow[]; choice: ItemsChoice } {
  const outcome = OUTCOMES.find((known) => known === c.req.query("outcome"));
  const after = c.req.query("after") || undefined;
  const items = view.items(launcher, { limit: MAX_ITEMS + 1, outcome, after });
  return { items: items.slice(0, MAX_ITEMS), choice: { outcome, after, hasMore: items.length > MAX_ITEMS } };
}

/** Hands out an original as a file to keep: whatever is in it, no browser shows it. */
async function sendOriginal(c: StatusContext, view: GatewayView, now: () => Date): Promise<Response> {
  const id = c.req.param("id") ?? "";
  try {
    const original = await view.original(id);
    if (original === undefined) {
      return refuse(c, { say: (texts) => texts.noSuchQuarantine(id), status: 404, now });
    }
    const { name, sizeBytes, content } = original;
    if (c.req.method === "HEAD") await content.cancel();
    return c.body(content, 200, {
      "content-type": "application/octet-stream",
      "content-disposition": attachmentHeader(name),
      ...(sizeBytes === undefined ? {} : { "content-length": String(sizeBytes) }),
    });
  } catch (error) {
    return refuse(c, { say: (texts) => texts.reported(errorText(error)), status: 409, now });
  }
}

/** RFC 6266: letters without accents for old programs, the whole name for the others. */
function attachmentHeader(name: string): string {
  const plain = name.replaceAll(/[^ -~]|["\\%]/g, "_");
  const whole = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}

function addMachineRoutes(
  app: Hono<StatusEnv>,
  view: GatewayView,
  { now, events, ready }: {
    now: () => Date;
    events: Events;
    ready: readonly string[] | undefined;
  },
): void {
  app.get("/metrics", (c) => {
    return c.body(writeMetrics(view.snapshot(), view.quarantine()), 200, { "content-type": METRICS_TYPE });
  });
  app.get("/api/status", (c) => {
    const snapshot = view.snapshot();
    return c.json({
      ...snapshot,
      ...readiness(snapshot, ready),
      headline: headline(snapshot, "en", { now: now() }),
    });
  });
  app.get("/api/openapi.json", (c) => c.body(openapi, 200, { "content-type": "application/json" }));
  app.get("/api/launchers/:name", (c) => {
    const name = c.req.param("name");
    const launcher = view.snapshot().launchers.find((candidate) => candidate.name === name);
    if (launcher === undefined) return c.json({ error: programsTexts(c).noSuchLauncher(name) }, 404);
    const { items } = chosenItems(c, view, name);
    return c.json({ launcher, items, polls: view.polls(name) });
  });
  app.get("/api/tunnels/:name", (c) => {
    const name = c.req.param("name");
    const services = view.snapshot().tunnels.filter((candidate) => candidate.name === name);
    if (services.length === 0) return c.json({ error: programsTexts(c).noSuchTunnel(name) }, 404);
    return c.json({ services, connections: view.connections(name) });
  });
  app.get("/api/quarantine", (c) => c.json({ quarantine: view.quarantine() }));
  app.get("/api/quarantine/:id/original", (c) => sendOriginal(c, view, now));
  app.get("/events", (c) => {
    const stream = c.req.method === "HEAD" ? undefined : events.open();
    if (stream === undefined) return c.text("Cannot open another event stream now\n", 503);
    return c.body(stream, 200, { "content-type": "text/event-stream", "x-accel-buffering": "no" });
  });
}
