import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { scryptSync } from "node:crypto";
import { ConfigError } from "../errors.ts";
import { hashPassword } from "./password.ts";
import { SAMPLE_NOW } from "./sample_view.ts";
import { SamplePage } from "./serve_sample.ts";

const TOKEN = "correct-horse-battery-staple";
const BEARER = { authorization: `Bearer ${TOKEN}` };

async function signIn(page: SamplePage, token = TOKEN): Promise<Response> {
  const response = await page.form("/sign-in", { fields: { token, back: "/launchers/factures" } });
  await response.body?.cancel();
  return response;
}

function cookieOf(response: Response): string {
  return response.headers.get("set-cookie")?.split(";", 1)[0] ?? "";
}

Deno.test("with a token nothing but /healthz and the bare /readyz is open", async () => {
  await using page = new SamplePage({ token: TOKEN });
  for (
    const path of [
      "/",
      "/launchers/factures",
      "/quarantine",
      "/metrics",
      "/api/status",
      "/events",
      "/nowhere",
    ]
  ) {
    const response = await page.fetch(path);
    assert.equal(response.status, 401, path);
    assert.equal(response.headers.get("www-authenticate"), "Bearer");
    assert.ok(!(await response.text()).includes("mairie"));
  }
  const post = await page.fetch("/api/launchers/factures/run", { method: "POST" });
  await post.body?.cancel();
  assert.equal(post.status, 401);
  assert.deepEqual(page.view.asked, []);
  assert.equal(await (await page.fetch("/healthz")).text(), "ok\n");
  const ready = await page.fetch("/readyz");
  assert.equal(ready.status, 503);
  assert.deepEqual(await ready.json(), { ready: false });
});

Deno.test("Authorization: Bearer opens everything to programs, the control token too", async () => {
  await using page = new SamplePage({ token: TOKEN, controlToken: "of-this-machine" });
  for (const authorization of [`Bearer ${TOKEN}`, `bearer  ${TOKEN}`, "Bearer of-this-machine"]) {
    const response = await page.fetch("/api/status", { headers: { authorization } });
    await response.body?.cancel();
    assert.equal(response.status, 200, authorization);
  }
  for (const authorization of [`Bearer ${TOKEN}x`, `Basic ${TOKEN}`, "Bearer", "Bearer "]) {
    const response = await page.fetch("/api/status", { headers: { authorization } });
    await response.body?.cancel();
    assert.equal(response.status, 401, authorization);
  }
  const { reasons } = await (await page.fetch("/readyz", { headers: BEARER })).json();
  assert.equal(reasons.length, 3);
});

Deno.test("a person signs in by a form and gets a strict cookie that is not the token", async () => {
  await using page = new SamplePage({ token: TOKEN });
  const form = await page.get("/launchers/factures", { "accept-language": "fr" });
  assert.equal(form.status, 401);
  assert.match(await form.text(), /name="back" value="\/launchers\/factures"/);
  const response = await signIn(page);
  assert.equal(response.status, 303);
  assert.equal(response.headers.get("location"), "/launchers/factures");
  const cookie = response.headers.get("set-cookie") ?? "";
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Strict/);
  assert.ok(!cookie.includes(TOKEN) && !cookie.includes("Secure"));
  const html = await page.text("/launchers/factures?lang=en", { cookie: cookieOf(response) });
  assert.match(html, /<h1>factures<\/h1>/);
  assert.match(html, /Sign out/);
});

Deno.test("behind HTTPS the cookie is Secure", async () => {
  await using page = new SamplePage({ token: TOKEN });
  const headers = { "x-forwarded-proto": "https" };
  const response = await page.form("/sign-in", { fields: { token: TOKEN }, headers });
  await response.body?.cancel();
  assert.match(response.headers.get("set-cookie") ?? "", /Secure/);
});

Deno.test("signing out takes the cookie back", async () => {
  await using page = new SamplePage({ token: TOKEN });
  const response = await page.form("/sign-out", {});
  await response.body?.cancel();
  assert.match(response.headers.get("set-cookie") ?? "", /lanceur_session=;.*Max-Age=0/);
});

Deno.test("a session that is forged, changed, of another token or too old is none", async () => {
  let now = SAMPLE_NOW;
  await using page = new SamplePage({ token: TOKEN, now: () => now });
  await using other = new SamplePage({ token: "another" });
  const cookie = cookieOf(await signIn(page));
  const foreign = cookieOf(await signIn(other, "another"));
  const [, until = ""] = /=(\d+)\./.exec(cookie) ?? [];
  const longer = cookie.replace(until, String(Number(until) + 1));
  for (const session of [foreign, longer, "lanceur_session=", "lanceur_session=9999999999.", cookie + "x"]) {
    const response = await page.get("/", { cookie: session });
    await response.body?.cancel();
    assert.equal(response.status, 401, session);
  }
  assert.match(await page.text("/?lang=en", { cookie }), /3 problems/);
  now = new Date(SAMPLE_NOW.getTime() + 13 * 3_600_000);
  const late = await page.get("/", { cookie });
  await late.body?.cancel();
  assert.equal(late.status, 401);
});

Deno.test("guessing is stopped for a minute after ten wrong tokens; sessions and the command line go on", async () => {
  let now = SAMPLE_NOW;
  await using page = new SamplePage({ token: TOKEN, controlToken: "of-this-machine", now: () => now });
  const cookie = cookieOf(await signIn(page));
  for (let attempt = 0; attempt < 10; attempt += 1) {
    assert.equal((await signIn(page, `guess ${attempt}`)).status, 401);
  }
  const stopped = await signIn(page);
  assert.equal(stopped.status, 429);
  assert.equal(stopped.headers.get("retry-after"), "60");
  assert.equal(stopped.headers.get("set-cookie"), null);
  assert.match(await page.text("/?lang=en", { cookie }), /3 problems/);
  const control = await page.fetch("/api/status", { headers: { authorization: "Bearer of-this-machine" } });
  await control.body?.cancel();
  assert.equal(control.status, 200);
  now = new Date(SAMPLE_NOW.getTime() + 61_000);
  assert.equal((await signIn(page)).status, 303);
});

Deno.test("a sign-in that is no form is a wrong one, not a fault of ours", async () => {
  const errors: unknown[] = [];
  await using page = new SamplePage({ token: TOKEN, onError: (error) => errors.push(error) });
  for (const type of ["multipart/form-data", "application/json", "application/x-www-form-urlencoded"]) {
    const response = await page.fetch("/sign-in", {
      method: "POST",
      headers: { "content-type": type },
      body: "token=%E0%A4%A&token[]=x&__proto__=y",
    });
    await response.body?.cancel();
    assert.equal(response.status, 401, type);
  }
  assert.deepEqual(errors, []);
});

Deno.test("a person signs in with the password of a scrypt hash; a new password ends the session", async () => {
  const passwordHash = await hashPassword("un mot de passe");
  await using page = new SamplePage({ passwordHash, loopback: false });
  assert.equal((await signIn(page, passwordHash)).status, 401);
  assert.equal((await signIn(page, "un mot de passe ")).status, 401);
  const cookie = cookieOf(await signIn(page, "un mot de passe"));
  assert.match(await page.text("/?lang=en", { cookie }), /3 problems/);
  await using changed = new SamplePage({ passwordHash: await hashPassword("un autre") });
  const late = await changed.get("/", { cookie });
  await late.body?.cancel();
  assert.equal(late.status, 401);
});

/** Cheaper than those of `hashPassword`. */
function cheapHash(password: string): string {
  const [salt, hash] = [
    Buffer.from("salt of this test"),
    scryptSync(password, "salt of this test", 32, { N: 2 ** 14 }),
  ];
  const [first, second] = [salt, hash].map((bytes) => bytes.toString("base64").replaceAll("=", ""));
  return `$scrypt$ln=14,r=8,p=1$${first}$${second}`;
}

Deno.test("passwords sent all at once are counted as those sent one after another, also the right one among them", async () => {
  await using page = new SamplePage({ passwordHash: cheapHash("un mot de passe"), loopback: false });
  const guesses = Array.from(
    { length: 60 },
    (_, number) => number === 59 ? "un mot de passe" : `guess ${number}`,
  );
  const statuses: number[] = [];
  await Promise.all(guesses.map(async (guess) => statuses.push((await signIn(page, guess)).status)));
  // Most are refused before the first has been hashed: hashes of all at once would take all of the memory.
  assert.equal(statuses[0], 429);
  assert.equal(statuses.filter((status) => status === 401).length, 10);
  assert.equal(statuses.filter((status) => status === 429).length, 50);
});

Deno.test("a password_hash that is no hash is refused", () => {
  assert.throws(() => new SamplePage({ passwordHash: "un mot de passe" }), ConfigError);
});
