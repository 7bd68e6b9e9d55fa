/**
 * Every page in real Chromium: both languages, light and dark, wide and on a phone. Screenshots are left in
 * test/output/page.
 */
import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { SamplePage } from "../../src/status/serve_sample.ts";
import { openTab, startBrowser, violationsOf, whyNoChromium } from "../servers/browser.ts";

const OUTPUT = new URL("../output/page/", import.meta.url);
const WIDTHS = { wide: 1280, phone: 390 };
const LANGS = ["fr", "en"] as const;
const SCHEMES = ["light", "dark"] as const;
const TOKEN = "a-token-of-this-test";

/** Addresses by the name of their screenshots. */
const PAGES = {
  overview: "/",
  launcher: "/launchers/factures",
  "launcher-polling": "/launchers/actes",
  "launcher-locked": "/launchers/mairie",
  tunnel: "/tunnels/gmail-pop3",
  "tunnel-error": "/tunnels/gmail-smtp",
  "tunnel-unverified": "/tunnels/ancien",
  quarantine: "/quarantine",
  "not-found": "/nowhere",
};

const ignore = whyNoChromium() !== undefined;

Deno.test({
  name: "every page is whole in both languages, light and dark, wide and on a phone; axe-core finds nothing",
  ignore,
  async fn(t) {
    await Deno.mkdir(OUTPUT, { recursive: true });
    await using browser = await startBrowser();
    await using open = new SamplePage();
    await using closed = new SamplePage({ token: TOKEN });
    const pages = [
      ...Object.entries(PAGES).map(([name, path]) => [name, open, path] as const),
      ["sign-in", closed, "/"] as const,
    ];
    for (const [name, server, path] of pages) {
      await t.step(name, () => look(browser, { name, url: `http://127.0.0.1:${server.port}${path}` }));
    }
  },
});

async function look(browser: Browser, { name, url }: { name: string; url: string }): Promise<void> {
  for (const lang of LANGS) {
    await using tab = await openTab(browser, { locale: lang === "fr" ? "fr-FR" : "en-GB" });
    const { page, complaints } = tab;
    await page.goto(url);
    assert.equal(await page.getAttribute("html", "lang"), lang);
    for (const [size, width] of Object.entries(WIDTHS)) {
      await page.setViewportSize({ width, height: 900 });
      assert.ok(
        await page.evaluate<boolean>("document.documentElement.scrollWidth <= innerWidth"),
        `${name} is too wide for ${size}`,
      );
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        const path = new URL(`${name}-${lang}-${colorScheme}-${size}.png`, OUTPUT).pathname;
        await page.screenshot({ path, fullPage: true });
        // Both languages have the same elements in the same colours.
        if (lang === "fr") assert.deepEqual(await violationsOf(page), [], `${name}, ${colorScheme}, ${size}`);
      }
    }
    assert.deepEqual(complaints, [], name);
  }
}
