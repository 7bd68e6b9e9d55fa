/** The status page: its routes, and who may use them. */
import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { HTTPException } from "hono/http-exception";
import { ConfigError } from "../errors.ts";
import { Events } from "./events.ts";
import { isFormPost, readForm } from "./form.ts";
import { guardHost, refuseCrossSite, strictHeaders } from "./guard.ts";
import { headline } from "./headline.ts";
import { pickLang } from "./lang.ts";
import { LauncherPage } from "./launcher_page.tsx";
import { ASSETS, type PageContext } from "./layout.tsx";
import { METRICS_TYPE, writeMetrics } from "./metrics.ts";
import { MessagePage, QuarantinePage, SignInPage } from "./other_pages.tsx";
import { Overview } from "./overview.tsx";
import { launcherPath, safeBack } from "./paths.ts";
import { readiness } from "./readiness.ts";
import { Gatekeeper, type Verdict } from "./sign_in.ts";
import { TEXTS } from "./texts.ts";
import { TunnelPage } from "./tunnel_page.tsx";
import type { GatewayView } from "./view.ts";

const LANG_COOKIE = "lanceur_lang";
const YEAR_S = 365 * 24 * 3600;
const MAX_ITEMS = 200;
const QUICK_MS = 1000;

/** How the page is served. */
export interface StatusOptions {
  /** Asked of everybody when set; needed off loopback. */
  readonly token?: string | undefined;
  /** Accepted as `Authorization: Bearer` besides: the random token of `control.json`. */
  readonly controlToken?: string | undefined;
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

/** What Deno.serve hands over with a request. */
export interface StatusEnv {
  Bindings: { remoteAddr?: Deno.Addr };
  Variables: { signedIn: boolean };
}

type StatusContext = Context<StatusEnv>;

/**
 * Makes the app; serve it with `Deno.serve(options, app.fetch)`. Throws `ConfigError` when strangers could
 * reach it and no token is set.
 */
export function createStatusApp(view: GatewayView, options: StatusOptions): Hono<StatusEnv> {
  const { token, controlToken, loopback, signal } = options;
  if (!loopback && !token) {
    throw new ConfigError([{
      severity: "error",
      file: "gateway.toml",
      message: "Cannot serve the status page beyond this machine: no token is set",
      remedy: 'Set token = { file = "…" } in [status], or listen = "127.0.0.1:8025"',
    }]);
  }
  const now = options.now ?? (() => new Date());
  const rules = { hosts: options.hosts ?? [], loopback };
  const gatekeeper = token ? new Gatekeeper(token, { controlToken, now }) : undefined;

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
    const { ready, reasons } = readiness(view.snapshot());
    const trusted = gatekeeper === undefined || gatekeeper.check(c) === "accepted";
    // Monitors may ask without a token, but names and servers are told to nobody else.
    return c.json(trusted ? { ready, reasons } : { ready }, ready ? 200 : 503);
  });
  if (gatekeeper !== undefined) addSignIn(app, gatekeeper, now);
  addPages(app, view, now);
  addMachineRoutes(app, view, { now, signal });
  addActions(app, view, now);
  app.notFound((c) => {
    if (!wantsHtml(c)) return c.json({ error: `Cannot find "${c.req.path}": no such address` }, 404);
    const page = pageContext(c, now);
    return c.html(document(<MessagePage page={page} title={page.texts.noSuchPage} />), 404);
  });
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    options.onError?.(error);
    return c.text("Cannot answer: an error within the gateway, see its log\n", 500);
  });
  return app;
}

function document(content: unknown): string {
  return `<!doctype html>${content}`;
}

/** What a page is written with; a language asked for in the address is kept for a year. */
function pageContext(c: StatusContext, now: () => Date): PageContext {
  const query = c.req.query("lang");
  const lang = pickLang({
    query,
    cookie: getCookie(c, LANG_COOKIE),
    acceptLanguage: c.req.header("accept-language"),
  });
  if (query === lang) {
    setCookie(c, LANG_COOKIE, lang, { path: "/", maxAge: YEAR_S, sameSite: "Lax", httpOnly: true });
  }
  const { pathname } = new URL(c.req.url);
  return { lang, texts: TEXTS[lang], now: now(), path: safeBack(pathname, "/"), signedIn: c.get("signedIn") };
}

function wantsHtml(c: StatusContext): boolean {
  return (c.req.header("accept") ?? "").includes("text/html");
}

/** Whether a request comes from a form of ours, which wants a page back, rather than from a program. */
function isForm(c: StatusContext): boolean {
  return wantsHtml(c) && isFormPost(c.req);
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
    const verdict = gatekeeper.signIn(c, form.get("token") ?? "");
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
    const items = view.items(name, { limit: MAX_ITEMS });
    return c.html(
      document(<LauncherPage page={page} snapshot={snapshot} launcher={launcher} items={items} />),
    );
  });
  app.get("/tunnels/:name", (c) => {
    const page = pageContext(c, now);
    const name = c.req.param("name");
    const snapshot = view.snapshot();
    const services = snapshot.tunnels.filter((candidate) => candidate.name === name);
    if (services.length === 0) {
      return c.html(document(<MessagePage page={page} title={page.texts.noSuchTunnel(name)} />), 404);
    }
    return c.html(document(<TunnelPage page={page} snapshot={snapshot} name={name} services={services} />));
  });
  app.get("/quarantine", (c) => {
    const page = pageContext(c, now);
    const content = <QuarantinePage page={page} snapshot={view.snapshot()} rows={view.quarantine()} />;
    return c.html(document(content));
  });
}

function addMachineRoutes(
  app: Hono<StatusEnv>,
  view: GatewayView,
  { now, signal }: { now: () => Date; signal: AbortSignal | undefined },
): void {
  app.get("/metrics", (c) => {
    return c.body(writeMetrics(view.snapshot(), view.quarantine()), 200, { "content-type": METRICS_TYPE });
  });
  app.get("/api/status", (c) => {
    const snapshot = view.snapshot();
    return c.json({
      ...snapshot,
      ...readiness(snapshot),
      headline: headline(snapshot, "en", { now: now() }),
    });
  });
  app.get("/api/launchers/:name", (c) => {
    const name = c.req.param("name");
    const launcher = view.snapshot().launchers.find((candidate) => candidate.name === name);
    if (launcher === undefined) return c.json({ error: TEXTS.en.noSuchLauncher(name) }, 404);
    return c.json({ launcher, items: view.items(name, { limit: MAX_ITEMS }) });
  });
  app.get("/api/quarantine", (c) => c.json({ quarantine: view.quarantine() }));
  const events = new Events(view, signal);
  app.get("/events", (c) => {
    const stream = c.req.method === "HEAD" ? undefined : events.open();
    if (stream === undefined) return c.text("Cannot open another event stream now\n", 503);
    return c.body(stream, 200, { "content-type": "text/event-stream", "x-accel-buffering": "no" });
  });
}

function addActions(app: Hono<StatusEnv>, view: GatewayView, now: () => Date): void {
  const launcherActions: Readonly<Record<string, (name: string) => Promise<void>>> = {
    run: (name) => startedQuickly(view.run(name)),
    pause: (name) => Promise.resolve(view.pause(name)),
    resume: (name) => Promise.resolve(view.resume(name)),
  };

  async function answer(
    c: StatusContext,
    action: { what: object; fallback: string; act: () => Promise<void> },
  ) {
    const form = isForm(c);
    const back = form ? safeBack((await readForm(c.req)).get("back"), action.fallback) : "";
    try {
      await action.act();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!form) return c.json({ error: message }, 409);
      const page = pageContext(c, now);
      return c.html(
        document(<MessagePage page={page} title={page.texts.actionFailed} message={message} />),
        409,
      );
    }
    return form ? c.redirect(back, 303) : c.json({ ok: true, ...action.what }, 202);
  }

  app.post("/api/launchers/:name/:action{run|pause|resume}", (c) => {
    const { name, action } = c.req.param();
    const act = launcherActions[action];
    if (act === undefined) return c.notFound();
    if (!view.snapshot().launchers.some((launcher) => launcher.name === name)) {
      return missing(c, TEXTS.en.noSuchLauncher(name));
    }
    return answer(c, {
      what: { launcher: name, action },
      fallback: launcherPath(name),
      act: () => act(name),
    });
  });
  app.post("/api/quarantine/:id/retry", (c) => {
    const id = c.req.param("id");
    if (!view.quarantine().some((row) => row.id === id)) return missing(c, TEXTS.en.noSuchQuarantine(id));
    const act = () => startedQuickly(view.retry(id));
    return answer(c, { what: { id, action: "retry" }, fallback: "/quarantine", act });
  });

  app.post("/api/quarantine/:id/drop", (c) => {
    const id = c.req.param("id");
    if (!view.quarantine().some((row) => row.id === id)) return missing(c, TEXTS.en.noSuchQuarantine(id));
    const act = async () => void await view.drop(id);
    return answer(c, { what: { id, action: "drop" }, fallback: "/quarantine", act });
  });
  app.post("/api/items/:id/redeliver", (c) => {
    const id = c.req.param("id");
    const act = () => startedQuickly(view.redeliver(id));
    return answer(c, { what: { id, action: "redeliver" }, fallback: "/", act });
  });

  function missing(c: StatusContext, error: string) {
    if (!isForm(c)) return c.json({ error }, 404);
    const page = pageContext(c, now);
    const content = <MessagePage page={page} title={page.texts.actionFailed} message={error} />;
    return c.html(document(content), 404);
  }
}

/** Waits long enough to hear a refusal, not for the poll itself: how that ends is seen in the launcher's state. */
async function startedQuickly(work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const quick = new Promise<void>((resolve) => timer = setTimeout(resolve, QUICK_MS));
  try {
    await Promise.race([work, quick]);
  } finally {
    clearTimeout(timer);
  }
}
