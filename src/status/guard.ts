/** Who may talk to the page at all: Host names against DNS rebinding, no posts from other sites, strict headers. */
import type { Context, MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { readersTexts } from "./request.ts";

/** Which Host names are ours. */
export interface HostRules {
  /** Names accepted besides, as in `[status] hosts`; a port may follow. */
  readonly hosts: readonly string[];
  /** Whether only this machine can connect. */
  readonly loopback: boolean;
}

/** No script but ours, nothing from outside, no frames; no HSTS, since the page is mostly served over plain HTTP. */
export function strictHeaders(): MiddlewareHandler {
  const headers = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    strictTransportSecurity: false,
    xFrameOptions: "DENY",
    referrerPolicy: "same-origin",
  });
  return async (c, next) => {
    await headers(c, next);
    if (!c.res.headers.has("cache-control")) c.res.headers.set("cache-control", "no-store");
  };
}

/** Refuses requests for a Host that is not ours: a foreign name that resolves to this machine (DNS rebinding). */
export function guardHost(rules: HostRules): MiddlewareHandler {
  return async (c, next) => {
    const named = c.req.header("host");
    // A target in absolute form names a host of its own (RFC 9112, 3.2.2): both have to be ours.
    const target = new URL(c.req.url).host;
    if (isOurHost(named ?? target, rules) && isOurHost(target, rules)) return await next();
    const text = "Cannot serve this Host name: it is not one of ours. " +
      'Add it to gateway.toml, [status], hosts = ["…"], if it should be.\n';
    return c.text(readersTexts(c).reported(text), 421);
  };
}

function isOurHost(host: string, { hosts, loopback }: HostRules): boolean {
  const url = URL.parse(`http://${host}`);
  if (url === null || url.username !== "" || url.pathname !== "/" || url.search !== "") return false;
  const { hostname } = url;
  if (isLoopbackName(hostname)) return true;
  // An address is no name that could be made to resolve to us; off loopback people type them.
  if (!loopback && isAddress(hostname)) return true;
  return hosts.some((ours) => {
    const own = ours.toLowerCase();
    return own === hostname || own === url.host;
  });
}

function isLoopbackName(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

function isAddress(hostname: string): boolean {
  return hostname.startsWith("[") || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(hostname);
}

/** Refuses what another site makes a browser send. Programs send neither header and are let through. */
export function refuseCrossSite(rules: HostRules): MiddlewareHandler {
  return async (c, next) => {
    if (c.req.method === "GET" || c.req.method === "HEAD" || isOwnSite(c, rules)) return await next();
    return c.text(readersTexts(c).reported("Cannot accept a request sent from another site\n"), 403);
  };
}

function isOwnSite(c: Context, { hosts }: HostRules): boolean {
  // Another port of the same machine is "same-site", and another program.
  const site = c.req.header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  const origin = c.req.header("origin");
  if (origin === undefined) return true;
  const host = URL.parse(origin)?.host;
  if (host === undefined || host === "") return false;
  const own = c.req.header("host") ?? new URL(c.req.url).host;
  // A proxy may have replaced Host by our address; then Origin bears the outside name.
  return host === URL.parse(`http://${own}`)?.host || hosts.some((name) => name.toLowerCase() === host);
}
