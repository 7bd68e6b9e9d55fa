import assert from "node:assert/strict";
import { englishIn } from "../../test/english.ts";
import { HOSTILE } from "./sample_view.ts";
import { SamplePage } from "./serve_sample.ts";

const PAGES = [
  ...["/", "/quarantine", "/nowhere", "/launchers/nobody", "/tunnels/nobody"],
  ...["factures", "actes", "inbox", "mairie", "chorus", "archives", "gmail"].map((name) =>
    `/launchers/${name}`
  ),
  ...["gmail-pop3", "gmail-smtp", "ancien"].map((name) => `/tunnels/${name}`),
];

/** What a page says, but for names of files, items and services. */
function wordsOf(html: string): string {
  return html
    .replaceAll(/<(style|script|code|head)\b.*?<\/\1>/gs, " ")
    .replaceAll(/<a [^>]*hreflang="en".*?<\/a>/gs, " ")
    .replaceAll(/<th scope="row">.*?<\/th>/gs, " ")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll("&quot;", '"').replaceAll("&#39;", "'");
}

Deno.test("a French page has no English sentence on it, whatever is wrong", async (t) => {
  await using page = new SamplePage();
  for (const path of PAGES) {
    await t.step(path, async () => {
      const words = wordsOf(await page.text(path, { "accept-language": "fr" }));
      assert.deepEqual(englishIn(words), []);
    });
  }
});

Deno.test("the English pages would not pass for French ones", async () => {
  await using page = new SamplePage();
  const words = wordsOf(await page.text("/launchers/actes", { "accept-language": "en" }));
  assert.ok(englishIn(words).length > 30, words);
});

Deno.test("a refused request is explained in the language of the page", async () => {
  await using page = new SamplePage();
  page.view.refusal = 'Cannot run launcher "factures": the gateway has not read it yet; deno task reload';
  const french = "Impossible de relever «\u00a0factures\u00a0»\u00a0: la passerelle ne l’a pas encore lu";
  const path = "/api/launchers/factures/run";
  const headers = { "accept-language": "fr" };
  const html = await (await page.form(path, { fields: { back: "/" }, headers })).text();
  assert.ok(html.includes(french), html);
  // What the page's own script asks for; other programs get English, whatever their machine speaks.
  for (const [query, expected] of [["?lang=fr", french], ["?lang=en", "Cannot run"], ["", "Cannot run"]]) {
    const response = await page.fetch(`${path}${query}`, { method: "POST", headers });
    const { error } = await response.json();
    assert.ok(error.startsWith(expected), error);
  }
  for (const [query, expected] of [["?lang=fr", "Aucun lanceur"], ["", "No launcher"]]) {
    const response = await page.fetch(`/api/launchers/nobody/run${query}`, { method: "POST", headers });
    assert.match((await response.json()).error, new RegExp(`^${expected}`));
  }
});

Deno.test("what is answered without a page is in the browser's language, too", async () => {
  await using page = new SamplePage();
  const foreign = await page.raw([
    "GET / HTTP/1.1",
    "Host: evil.example",
    "Accept-Language: fr-FR",
  ]);
  assert.match(foreign, /Impossible de servir ce nom d’hôte/);
  const crossSite = await page.fetch("/api/launchers/factures/run", {
    method: "POST",
    headers: { "sec-fetch-site": "cross-site", "accept-language": "fr" },
  });
  assert.match(await crossSite.text(), /^Impossible d’accepter une demande envoyée depuis un autre site\n$/);
});

Deno.test("what a French sentence quotes is text, whatever it holds", async () => {
  await using page = new SamplePage();
  page.view.refusal = `Cannot read "${HOSTILE}{0}": it changed in the meantime`;
  const response = await page.form("/api/launchers/factures/run", {
    fields: { back: "/" },
    headers: { "accept-language": "fr" },
  });
  const html = await response.text();
  assert.ok(!html.includes(HOSTILE));
  assert.ok(
    html.includes("&lt;script&gt;alert(") && html.includes("{0}\u00a0»\u00a0: il a changé entre-temps"),
  );
});
