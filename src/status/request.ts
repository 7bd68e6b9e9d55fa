/** What a request says of how it is to be answered: language, page or JSON, form or program. */
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { isFormPost } from "./form.ts";
import { pickLang } from "./lang.ts";
import type { PageContext } from "./layout.tsx";
import type { Notice } from "./notices.ts";
import { safeBack } from "./paths.ts";
import { type Lang, TEXTS, type Texts } from "./texts.ts";

const LANG_COOKIE = "lanceur_lang";
const YEAR_S = 365 * 24 * 3600;

/** What Deno.serve hands over with a request. */
export interface StatusEnv {
  Bindings: { remoteAddr?: Deno.Addr };
  Variables: { signedIn: boolean; notice: Notice | undefined };
}

/** A request of the page. */
export type StatusContext = Context<StatusEnv>;

/** A whole HTML document. */
export function document(content: unknown): string {
  return `<!doctype html>${content}`;
}

/** The reader's language. */
function langOf(c: Context): Lang {
  return pickLang({
    query: c.req.query("lang"),
    cookie: getCookie(c, LANG_COOKIE),
    acceptLanguage: c.req.header("accept-language"),
  });
}

/** The texts in the language of somebody in front of a browser. */
export function readersTexts(c: Context): Texts {
  return TEXTS[langOf(c)];
}

/** The texts for the answer to a program: English, unless it asks for another language in the address. */
export function programsTexts(c: StatusContext): Texts {
  return TEXTS[pickLang({ query: c.req.query("lang") })];
}

/** What a page is written with; a language asked for in the address is kept for a year. */
export function pageContext(c: StatusContext, now: () => Date): PageContext {
  const query = c.req.query("lang");
  const lang = langOf(c);
  if (query === lang) {
    setCookie(c, LANG_COOKIE, lang, { path: "/", maxAge: YEAR_S, sameSite: "Lax", httpOnly: true });
  }
  const { pathname } = new URL(c.req.url);
  return {
    lang,
    texts: TEXTS[lang],
    now: now(),
    path: safeBack(pathname, "/"),
    signedIn: c.get("signedIn"),
    notice: c.get("notice"),
  };
}

/** Whether a page is wanted, rather than JSON. */
export function wantsHtml(c: StatusContext): boolean {
  return (c.req.header("accept") ?? "").includes("text/html");
}

/** Whether a request comes from a form of ours, which wants a page back, rather than from a program. */
export function isForm(c: StatusContext): boolean {
  return wantsHtml(c) && isFormPost(c.req);
}
