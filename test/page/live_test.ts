/** The page of a running gateway, used as a person uses it: in real Chromium, with and without script. */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import * as v from "valibot";
import { ANSWERS } from "../../src/status/answers.ts";
import { openTab, startBrowser, violationsOf, whyNoChromium } from "../servers/browser.ts";
import { freePort } from "../servers/free_port.ts";
import { Mailbox } from "../servers/mailbox.ts";
import { startPop3Server } from "../servers/pop3_server.ts";
import { runTask, startTask } from "../servers/program.ts";
import { TempFolder } from "../servers/temp_folder.ts";

const ACCOUNT = "ged@exemple.test";
const PASSWORD = "mot-de-passe-secret";
const SUBJECT = "<script>document.title = 'taken over'</script>";
/** Far below the half minute after which a page asks anew by itself: what is seen was told by /events. */
const PATIENCE = { timeout: 15_000 };

const MAIL = `Message-ID: <a@exemple.test>\r\nSubject: ${SUBJECT}\r\nMIME-Version: 1.0\r\n` +
  'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' +
  '--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="<img src=x>.pdf"\r\n\r\n%PDF\r\n--b--\r\n';
const DAMAGED =
  'Message-ID: <d@exemple.test>\r\nFrom: Compta <compta@exemple.test>\r\nSubject: <b>cut</b>\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n' +
  "--b\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\ncut here\r\n";

const POP = (port: number) =>
  `schedule = "0 4 1 1 *"
[listen]
protocol = "pop3"
server = "127.0.0.1"
port = ${port}
tls = "none"
account = "${ACCOUNT}"
password = { file = "secret" }
[deliver]
cold = "pop"
`;

const INBOX = `schedule = "0 4 1 1 *"
[listen]
protocol = "folder"
path = "var/inbox"
settle = "50ms"
[deliver]
cold = "inbox"
`;

Deno.test({
  name: "the page of a running gateway: polls, pauses, tells faults at once, retries, drops, delivers again",
  ignore: whyNoChromium() !== undefined,
  async fn(t) {
    const mailbox = new Mailbox();
    for (const raw of [MAIL, DAMAGED]) mailbox.add(raw);
    const server = await startPop3Server({ mailbox, users: { [ACCOUNT]: PASSWORD } });
    await using folder = await TempFolder.make();
    const url = `http://127.0.0.1:${freePort()}`;
    await folder.write("launchers.d/gateway.toml", `[status]\nlisten = "${url.slice(7)}"\n`);
    await folder.write("launchers.d/inbox.toml", INBOX);
    await folder.write("launchers.d/pop.toml", POP(server.port));
    await Deno.chmod(await folder.write("secret", PASSWORD), 0o600);
    await using gateway = startTask("start", [], { cwd: folder.path });
    await gateway.logged("started");
    await using browser = await startBrowser();
    await using tab = await openTab(browser, { locale: "en-GB" });
    const { page } = tab;
    await page.goto(url);

    await t.step("Poll now polls, and the page follows", async () => {
      await folder.write("var/inbox/letter.pdf", "%PDF");
      await page.click('[id="run inbox"]');
      await page.waitForSelector('tr:has-text("inbox") >> text=1 delivered', PATIENCE);
      await page.waitForSelector("#notice.good >> text=Poll now: inbox – 1 delivered", PATIENCE);
      for (const colorScheme of ["dark", "light"] as const) {
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await violationsOf(page), []);
      }
      assert.equal(await Deno.readTextFile(folder.at("var/cold/inbox/letter.pdf")), "%PDF");
    });

    await t.step(
      "a subject that is a script is shown as text, and a name that is an element too",
      async () => {
        await page.click('[id="run pop"]');
        await page.waitForSelector('tr:has-text("pop") >> text=1 quarantined', PATIENCE);
        await page.goto(`${url}/launchers/pop`);
        const items = await page.innerText("#items");
        assert.ok(items.includes(SUBJECT));
        assert.match(items, /<b>cut<\/b> – compta@exemple\.test\n+UIDL \S+ · ged@exemple\.test/);
        assert.ok(!items.includes("%40"), "a raw key");
        assert.equal(await page.title(), "pop · Lanceur");
        assert.equal(await page.locator("main script, main img").count(), 0);
        assert.ok(!(await page.content()).includes(PASSWORD));
      },
    );

    await t.step("programs get what the OpenAPI document promises", async () => {
      const answer = async (path: string) => await (await fetch(`${url}${path}`)).json();
      v.parse(ANSWERS.Status, await answer("/api/status"));
      v.parse(ANSWERS.Launcher, await answer("/api/launchers/pop"));
      const { quarantine } = v.parse(ANSWERS.Quarantine, await answer("/api/quarantine"));
      assert.equal(quarantine.length, 1);
    });

    await t.step("Deliver again brings the documents a second time, once a person has agreed", async () => {
      page.once("dialog", (dialog) => void dialog.accept());
      await page.click("text=Deliver again");
      await waitFor(async () => (await folder.list("var/cold/pop")).length === 2);
      await page.waitForSelector("#notice.good >> text=Deliver again: <script", PATIENCE);
      await page.click("#notice >> text=Close");
      await page.waitForSelector("#notice:not(.notice)", { state: "attached" });
    });

    await t.step("Pause pauses, Resume resumes", async () => {
      await page.click('[id="halt pop"]');
      await page.waitForSelector("#launcher .badge >> text=Paused", PATIENCE);
      await page.click('[id="halt pop"] >> text=Resume');
      await page.waitForSelector('[id="halt pop"] >> text=Pause', PATIENCE);
    });

    await t.step(
      "the quarantine gives the original, retries, and drops when a person has agreed",
      async () => {
        await page.goto(`${url}/quarantine`);
        assert.match(
          await page.innerText("#quarantine tbody th"),
          /^<b>cut<\/b> – compta@exemple\.test\n+UIDL /,
        );
        await using french = await openTab(browser, { locale: "fr-FR" });
        await french.page.goto(`${url}/quarantine`);
        assert.match(
          await french.page.innerText("#quarantine td[data-label=Raison]"),
          /^Impossible de démonter le courriel\u00a0: il finit avant son délimiteur de fin$/,
        );
        const { stdout } = await runTask("quarantine", ["list"], { cwd: folder.path });
        assert.match(stdout, /pop: <b>cut<\/b> – compta@exemple\.test \(UIDL \S+\)$/m);
        const download = page.waitForEvent("download");
        await page.click("text=Download");
        assert.equal(await Deno.readTextFile(await (await download).path()), DAMAGED);
        await page.click('#quarantine button >> text="Retry"');
        await page.waitForSelector("td[data-label=Attempts] >> text=2", PATIENCE);
        await page.waitForSelector("#notice.warn >> text=quarantined: Cannot take the mail apart", PATIENCE);
        page.once("dialog", (dialog) => void dialog.dismiss());
        await page.click('#quarantine button >> text="Drop"');
        assert.equal(await page.locator("#quarantine tbody tr").count(), 1);
        page.once("dialog", (dialog) => void dialog.accept());
        await page.click('#quarantine button >> text="Drop"');
        await page.waitForSelector("text=The quarantine is empty", PATIENCE);
        await page.waitForSelector("#notice.good >> text=compta@exemple.test – done", PATIENCE);
      },
    );

    await t.step("a launcher that fails goes red on an open page, with the way to mend it", async () => {
      await page.goto(url);
      await using other = await openTab(browser, { locale: "fr-FR" });
      await other.page.goto(url);
      await server[Symbol.asyncDispose]();
      // Asked for elsewhere: both pages hear of it by themselves.
      await other.page.click('[id="run pop"]');
      await page.waitForSelector("#headline.error >> text=Launcher “pop” is in error", PATIENCE);
      await page.waitForSelector('tr:has-text("pop") .badge.bad', PATIENCE);
      await other.page.waitForSelector("#headline.error >> text=Vérifiez le réseau", PATIENCE);
      await other.page.waitForSelector(
        "#headline.error .detail >> text=Impossible de se connecter à",
        PATIENCE,
      );
      await other.page.waitForSelector("#notice.bad >> text=Impossible de se connecter", PATIENCE);
      assert.deepEqual(tab.complaints, []);
    });

    await t.step("everything works without script", () => withoutScript(browser, url));
    await t.step("everything can be reached by keyboard", () => byKeyboard(page, url));
  },
});

async function withoutScript(browser: Browser, url: string): Promise<void> {
  await using tab = await openTab(browser, { locale: "en-GB", javaScriptEnabled: false });
  const { page } = tab;
  await page.goto(url);
  await page.click('[id="halt inbox"]');
  await page.waitForSelector('tr:has-text("inbox") .badge >> text=Paused', PATIENCE);
  await page.click('[id="halt inbox"] >> text=Resume');
  // It may be polling already.
  await page.waitForSelector('[id="halt inbox"] >> text=Pause', PATIENCE);
  assert.match(await page.innerText("#notice.good"), /^Resume: inbox – done/);
  await waitFor(async () => {
    await page.goto(url);
    return await page.isEnabled('[id="run inbox"]');
  });
  await page.click('[id="run inbox"]');
  await page.waitForSelector("#notice.good >> text=Poll now: inbox – 1 already known", PATIENCE);
  await page.click("text=Français");
  assert.equal(await page.getAttribute("html", "lang"), "fr");
  assert.equal(page.url(), `${url}/?lang=fr`);
}

async function byKeyboard(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate("document.activeElement.id"), "main");
  const reached = new Set<unknown>();
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate("document.activeElement.id || document.activeElement.textContent"));
  }
  for (const name of ["run inbox", "halt inbox", "run pop", "inbox", "pop"]) {
    assert.ok(reached.has(name), name);
  }
}

async function waitFor(isTrue: () => Promise<boolean>): Promise<void> {
  while (!await isTrue()) await new Promise((resolve) => setTimeout(resolve, 20));
}
