import assert from "node:assert/strict";
import { formatBytes, formatDuration, formatRelative } from "./format.ts";
import { pickLang } from "./lang.ts";

function plain(text: string): string {
  return text.replace(/\s/g, " ");
}

Deno.test("formatBytes() writes decimal units in the reader's notation", () => {
  const cases = [
    [0, "0 octet", "0 bytes"],
    [1, "1 octet", "1 byte"],
    [999, "999 octets", "999 bytes"],
    [1000, "1 ko", "1 kB"],
    [999_499, "999 ko", "999 kB"],
    [999_999, "1 Mo", "1 MB"],
    [12_345_678, "12,3 Mo", "12.3 MB"],
    [1_730_000_000, "1,73 Go", "1.73 GB"],
  ] as const;
  for (const [bytes, french, english] of cases) {
    assert.equal(plain(formatBytes(bytes, "fr")), french);
    assert.equal(plain(formatBytes(bytes, "en")), english);
  }
});

Deno.test("formatDuration() changes its unit with the length", () => {
  const cases = [
    [0.4, "0 ms"],
    [340, "340 ms"],
    [2400, "2.4 s"],
    [59_960, "1 min 0 s"],
    [200_000, "3 min 20 s"],
    [7_500_000, "2 h 5 min"],
  ] as const;
  for (const [milliseconds, text] of cases) assert.equal(formatDuration(milliseconds, "en"), text);
});

Deno.test("formatRelative() looks both ways", () => {
  const now = new Date("2026-03-09T09:30:00Z");
  const away = (seconds: number) =>
    formatRelative(new Date(now.getTime() + seconds * 1000), { now, lang: "fr" });
  assert.equal(plain(away(-130)), "il y a 2 min");
  assert.equal(plain(away(40)), "dans 40 s");
  assert.equal(plain(away(-2 * 86_400)), "il y a 2 j");
});

Deno.test("pickLang() follows the address, then the cookie, then the browser", () => {
  const cases = [
    [{ query: "fr", cookie: "en", acceptLanguage: "en" }, "fr"],
    [{ query: "xx", cookie: "fr", acceptLanguage: "en" }, "fr"],
    [{ acceptLanguage: "fr-CA" }, "fr"],
    [{ acceptLanguage: "en;q=0.5, FR;q=0.6" }, "fr"],
    [{ acceptLanguage: "fr;q=0, en;q=0.1" }, "en"],
    [{ acceptLanguage: "fr;q=abc" }, "en"],
    [{ acceptLanguage: "de, *" }, "en"],
    [{}, "en"],
  ] as const;
  for (const [hints, lang] of cases) assert.equal(pickLang(hints), lang, JSON.stringify(hints));
});
