/** A real Chromium, driven by playwright-core, and axe-core within it. */
import { existsSync } from "node:fs";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { skipped } from "./installed.ts";

const PROGRAM = "/usr/bin/chromium";
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Why Chromium cannot be started; `undefined` when it can. Throws where no test may be skipped. */
export function whyNoChromium(): string | undefined {
  return skipped(
    existsSync(PROGRAM) ? undefined : "chromium is not installed (Debian: apt install chromium)",
  );
}

/** Starts it; disposing ends it. */
export async function startBrowser(): Promise<Browser> {
  // Otherwise playwright-core looks below /proc/sys when it is loaded, for which Deno asks for every right there is.
  Deno.env.set("__IS_WSL_TEST__", "1");
  const { chromium } = await import("playwright-core");
  return await chromium.launch({ executablePath: PROGRAM, args: ARGUMENTS });
}

/** A tab that notes what a person would never see. */
export interface Tab extends AsyncDisposable {
  readonly page: Page;
  /** Errors of scripts, of the policy (CSP), and of what was asked for; answers of 4xx to a page itself are left out. */
  readonly complaints: readonly string[];
}

/** Opens a tab of its own: no cookie of another one. */
export async function openTab(browser: Browser, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    const isOfPage = message.location().url === page.url() && message.text().startsWith("Failed to load");
    if (message.type() === "error" && !isOfPage) complaints.push(message.text());
  });
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** What axe-core finds wrong with a page, one line each; WCAG 2.2 AA and its best practices. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate<{ violations: axe.Result[] }>(
    "axe.run({ resultTypes: ['violations'] })",
  );
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) =>
      `${id}: ${help}: ${target.join(" ")}: ${failureSummary?.replaceAll(/\s+/g, " ")}`
    )
  );
}
