/** The frame around every page, and what a page needs to know to be written. */
import { createHash } from "node:crypto";
import type { Child } from "hono/jsx";
import frameCss from "./assets/frame.css" with { type: "text" };
import tablesCss from "./assets/tables.css" with { type: "text" };
import controlsCss from "./assets/controls.css" with { type: "text" };
import js from "./assets/status.js" with { type: "text" };
import icon from "./assets/icon.svg" with { type: "text" };
import { formatClock } from "./format.ts";
import { NoticeLine } from "./notice.tsx";
import type { Notice } from "./notices.ts";
import { Moment } from "./parts.tsx";
import { type Lang, LANGS, TEXTS, type Texts } from "./texts.ts";
import type { Snapshot } from "./view.ts";

const css = [frameCss, tablesCss, controlsCss].join("\n");

/** Own files by name; the address carries their hash, so that they can be cached for ever. */
export const ASSETS: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  "status.css": { type: "text/css; charset=utf-8", text: css },
  "status.js": { type: "text/javascript; charset=utf-8", text: js },
  "icon.svg": { type: "image/svg+xml", text: icon },
};

/** Where there is no script. */
const REFRESH_S = "60";
const BUSY_REFRESH_S = "3";

const ASSETS_HASH = createHash("sha256").update(css + js + icon).digest("hex").slice(0, 12);

/** What every page is written with. */
export interface PageContext {
  readonly lang: Lang;
  readonly texts: Texts;
  readonly now: Date;
  /** The path of this page, where forms come back to. */
  readonly path: string;
  /** Whether there is a session to end. */
  readonly signedIn: boolean;
  /** What became of what the reader asked for. */
  readonly notice?: Notice | undefined;
}

function asset(name: string): string {
  return `/assets/${name}?v=${ASSETS_HASH}`;
}

/** A whole document. Pages with a snapshot stay fresh: by script, or every minute without one. */
export function Layout({ page, title, snapshot, children }: {
  page: PageContext;
  title: string;
  snapshot?: Snapshot | undefined;
  children?: Child;
}) {
  const { lang, texts } = page;
  return (
    <html lang={lang}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{title}</title>
        <link rel="stylesheet" href={asset("status.css")} />
        <link rel="icon" type="image/svg+xml" href={asset("icon.svg")} />
        {snapshot && <script src={asset("status.js")} defer></script>}
        {snapshot && (
          <noscript>
            <meta http-equiv="refresh" content={page.notice?.state === "busy" ? BUSY_REFRESH_S : REFRESH_S} />
          </noscript>
        )}
      </head>
      <body>
        <a class="skip" href="#main">{texts.skipToContent}</a>
        <header class="top">
          <a class="brand" href="/">Lanceur</a>
          {snapshot && <Navigation page={page} snapshot={snapshot} />}
          <Languages page={page} />
          {page.signedIn && (
            <form method="post" action="/sign-out">
              <button type="submit" class="quiet">{texts.signOut}</button>
            </form>
          )}
        </header>
        <p id="lost" class="lost" role="alert" hidden>{texts.connectionLost}</p>
        {snapshot && (
          <div id="refusal" class="lost" role="alert" tabindex={-1} hidden>
            <p></p>
            <button type="button" class="quiet">{texts.close}</button>
          </div>
        )}
        {snapshot && <NoticeLine page={page} />}
        <main id="main" tabindex={-1}>{children}</main>
        {snapshot && <Footer page={page} snapshot={snapshot} />}
      </body>
    </html>
  );
}

function Navigation({ page, snapshot }: { page: PageContext; snapshot: Snapshot }) {
  const { texts, path } = page;
  const { count } = snapshot.quarantine;
  return (
    <nav id="navigation" data-live aria-label={texts.navigation}>
      <a href="/" aria-current={path === "/" ? "page" : undefined}>{texts.overview}</a>
      <a href="/quarantine" aria-current={path === "/quarantine" ? "page" : undefined}>
        {texts.quarantine}
        {count > 0 && <span class="count">{count}</span>}
      </a>
    </nav>
  );
}

function Languages({ page }: { page: PageContext }) {
  return (
    <div class="languages" role="group" aria-label={page.texts.switchLanguage}>
      {LANGS.map((lang) => (
        <a
          href={`${page.path}?lang=${lang}`}
          lang={lang}
          hreflang={lang}
          aria-current={lang === page.lang ? "true" : undefined}
        >
          {TEXTS[lang].language}
        </a>
      ))}
    </div>
  );
}

function Footer({ page, snapshot }: { page: PageContext; snapshot: Snapshot }) {
  const { lang, texts, now } = page;
  return (
    <footer id="footer" data-live>
      <span>{texts.running(snapshot.version)}</span>
      <span>
        {texts.startedAt} <Moment date={snapshot.startedAt} page={page} />
      </span>
      <span>
        {texts.coldRoot} <code>{snapshot.cold.root}</code>
      </span>
      {(snapshot.destinations ?? []).map(({ name, target }) => (
        <span>
          {name} <code>{target}</code>
        </span>
      ))}
      <span>
        {texts.renderedAt} <time datetime={now.toISOString()}>{formatClock(now, lang)}</time>
      </span>
    </footer>
  );
}
