import assert from "node:assert/strict";
import * as v from "valibot";
import { addressesOf } from "./addresses.ts";
import { compileFilter, type Filter, filterOptions } from "./mod.ts";

const NO_DB = String.raw`/.*\.(?!db).*/`;
const NO_PREFIX = String.raw`/(?!debut_nom_fichier).*\..*/`;

function filter(options: v.InferInput<typeof filterOptions>, nowMs?: () => number): Filter {
  return compileFilter(v.parse(filterOptions, options), nowMs);
}

function takes(pattern: string, name: string): boolean {
  return filter({ name: [pattern] }).name(name).take;
}

Deno.test("name: both documented patterns do what their document says", async (t) => {
  const cases: [string, boolean, boolean][] = [
    ["facture.pdf", true, true],
    ["Thumbs.db", false, true],
    ["base.dbf", false, true],
    ["x.db-journal", false, true],
    [".db", false, true],
    ["debut_nom_fichier.pdf", true, false],
    ["debut_nom_fichier_2024.pdf", true, false],
    ["xdebut_nom_fichier.pdf", true, true],
  ];
  for (const [name, noDb, noPrefix] of cases) {
    await t.step(name, () => {
      assert.equal(takes(NO_DB, name), noDb, NO_DB);
      assert.equal(takes(NO_PREFIX, name), noPrefix, NO_PREFIX);
    });
  }
});

Deno.test("name: the traps of the documented patterns stay as they are", async (t) => {
  const cases: [string, string, string, boolean][] = [
    ["a name with two dots passes, since .* may stop at the first", NO_DB, "a.b.db", true],
    ["likewise archive.2024.db", NO_DB, "archive.2024.db", true],
    ["likewise a..db", NO_DB, "a..db", true],
    ["a name without a dot is skipped", NO_DB, "readme", false],
    ["by the other pattern too", NO_PREFIX, "readme", false],
    ["case counts", NO_DB, "Thumbs.DB", true],
    ["case counts in a prefix", NO_PREFIX, "DEBUT_NOM_FICHIER.pdf", true],
    ["the flag i makes case not count", `${NO_DB}i`, "Thumbs.DB", false],
    ["a trailing dot passes", NO_DB, "name.", true],
    ["x.db. passes", NO_DB, "x.db.", true],
    ["a space after the dot passes", NO_DB, "x. db", true],
    ["the tight pattern skips a.b.db", String.raw`/(?!.*\.db[^.]*$).*/i`, "a.b.db", false],
    ["and Thumbs.DB", String.raw`/(?!.*\.db[^.]*$).*/i`, "Thumbs.DB", false],
    ["and keeps photo.db.jpg", String.raw`/(?!.*\.db[^.]*$).*/i`, "photo.db.jpg", true],
    ["and readme", String.raw`/(?!.*\.db[^.]*$).*/i`, "readme", true],
    ["the prefix without a dot keeps readme", "/(?!debut_nom_fichier).*/", "readme", true],
    ["a Windows path counts for nothing", NO_DB, String.raw`C:\in.d\Thumbs.db`, false],
    ["nor a POSIX path", NO_DB, "/data.in/Thumbs.db", false],
    ["a path does not hide the prefix", NO_PREFIX, "/in/debut_nom_fichier.pdf", false],
    ["control characters count for nothing", NO_DB, "a\r.pdf", true],
    ["nor do line separators", NO_DB, "a\u2028.pdf", true],
    ["a line end does not hide the extension", String.raw`/.*\.db$/`, "a.db\n", true],
    ["nor turn a skip into a take", NO_DB, "a\n.db", false],
    ["a decomposed name meets a composed pattern", "/(?!débit).*/", "de\u0301bit.pdf", false],
    ["a decomposed pattern meets a composed name", "/(?!de\u0301bit).*/", "débit.pdf", false],
    ["alternatives are anchored together", "/a|b/", "xb.pdf", false],
    ["a pattern need not reach the end", "/fact/", "facture.pdf", true],
    ["but must begin at the start", "/ture/", "facture.pdf", false],
  ];
  for (const [rule, pattern, name, expected] of cases) {
    await t.step(rule, () => assert.equal(takes(pattern, name), expected));
  }
});

Deno.test("name: the same answer every time it is asked", () => {
  const { name } = filter({ name: [`${NO_DB}i`] });
  assert.deepEqual([1, 2, 3].map(() => name("facture.pdf").take), [true, true, true]);
});

Deno.test("name: Python syntax is translated", async (t) => {
  const cases: [string, string, boolean][] = [
    [String.raw`/(?P<an>\d{4})_(?P=an)\.pdf/`, "2024_2024.pdf", true],
    [String.raw`/(?P<an>\d{4})_(?P=an)\.pdf/`, "2024_2025.pdf", false],
    [String.raw`/(?i)facture.*\.pdf/`, "FACTURE.PDF", true],
    [String.raw`/(?is)facture/`, "FACTURE", true],
    [String.raw`/\Afacture.*\.pdf\Z/`, "facture.pdf", true],
    [String.raw`/\Afacture.*\.pdf\Z/`, "facture.pdf.exe", false],
    [String.raw`/\Afacture/m`, "facture", true],
    [String.raw`/a{,2}b/`, "aab", true],
    [String.raw`/a{,2}b/`, "aaab", false],
    [String.raw`/[(?P<]x/`, "Px", true],
    [String.raw`/(?i:FACT)ure/`, "facture", true],
    [String.raw`/\p{Lu}.*/u`, "Été", true],
    [String.raw`/a\/b|c/`, "c.pdf", true],
  ];
  for (const [pattern, name, expected] of cases) {
    await t.step(`${pattern} on ${name}`, () => assert.equal(takes(pattern, name), expected));
  }
});

Deno.test("name: what cannot be understood is refused at load, with the place and the way to mend it", async (t) => {
  const cases: [string, RegExp][] = [
    [String.raw`.*\.pdf`, /must stand between slashes/],
    ["/", /must stand between slashes/],
    ["//", /must not be empty/],
    ["/(?i)/", /must not be empty/],
    ["/a/g", /must not have the flag g/],
    ["/a/y", /must not have the flag y/],
    ["/a/x", /no other flags/],
    ["/a/d", /no other flags/],
    ["/a/ii", /flag twice/],
    ["/a/uv", /u and v together/],
    ["/(?x)a/", /\(\?i\)/],
    ["/a(?i)b/", /only at the start/],
    ["/a(?#b)/", /comment/],
    ["/(?>a)/", /atomic group/],
    ["/a++/", /possessive/],
    ["/a{1,2}+/", /possessive/],
    ["/(a)?(?(1)b|c)/", /condition/],
    ["/(?P>x)/", /recursion/],
    [String.raw`/a\z/`, /\\z/],
    [String.raw`/\Qa\E/`, /\\Q/],
    [String.raw`/[\A]/`, /\\A, which is not understood between/],
    [String.raw`/\N{DIGIT ONE}/`, /\\N/],
    [String.raw`/\p{Lu}/`, /needs the flag u/],
    [String.raw`/\x4/`, /hexadecimal/],
    [String.raw`/\u{41}/`, /hexadecimal/],
    [String.raw`/(a)\2/`, /only 1 groups/],
    [String.raw`/\k<a>/`, /named group/],
    ["/[]a]/", /write \\\]/],
    ["/[[:alpha:]]/", /\[:alpha:\]/],
    ["/a(/", /is no regular expression: Unterminated group/],
    ["/*a/", /is no regular expression: Nothing to repeat/],
    ["/a\\/", /single backslash/],
    [`/${"a".repeat(1000)}/`, /longer than 1000/],
  ];
  for (const [pattern, message] of cases) {
    await t.step(pattern.slice(0, 30), () => {
      const issues = v.safeParse(filterOptions, { name: ["/ok/", pattern] }).issues ?? [];
      assert.equal(issues.length, 1);
      assert.match(issues[0]?.message ?? "", message);
      assert.deepEqual(issues[0]?.path?.map((item) => item.key), ["name", 1]);
    });
  }
});

Deno.test("compileFilter() throws on a pattern that the schema would have refused", () => {
  assert.throws(() => compileFilter({ name: ["/(a+)+/"] }), TypeError);
});

Deno.test("name: of a name above 255 characters the stem is shortened, not the extension", () => {
  const { name } = filter({ name: [NO_DB, "/.{1,255}$/"], include: ["*.pdf"] });
  assert.equal(name(`${"a".repeat(300)}.pdf`).take, true);
  assert.equal(name(`${"a".repeat(300)}.db`).take, false);
  assert.equal(name("a".repeat(100_000)).take, false);
});

Deno.test("include, exclude: globs on the whole base name, upper and lower case alike", async (t) => {
  const { name } = filter({ include: ["*.pdf", "été?.txt", "[x].*"], exclude: ["*brouillon*"] });
  const cases: [string, boolean][] = [
    ["facture.pdf", true],
    ["FACTURE.PDF", true],
    ["facture.pdf.exe", false],
    ["dir.pdf/readme", false],
    ["e\u0301te\u03011.txt", true],
    ["été12.txt", false],
    ["[x].doc", true],
    ["x.doc", false],
    ["Brouillon 3.pdf", false],
    ["", false],
  ];
  for (const [text, expected] of cases) {
    await t.step(JSON.stringify(text), () => assert.equal(name(text).take, expected));
  }
});

Deno.test("include: a glob full of stars takes no time on a hostile name", () => {
  const { name } = filter({ include: [`${"*a".repeat(200)}b`] });
  assert.equal(name("a".repeat(100_000)).take, false);
});

Deno.test("from, to: a glob with @ is asked of the addresses, others of the whole header", async (t) => {
  const rules = filter({ from: ["*@fournisseur.fr", "La Poste*"] });
  const cases: [string, boolean][] = [
    ["compta@fournisseur.fr", true],
    ["Compta <COMPTA@Fournisseur.FR>", true],
    ['"Dupont, Jean" <jd@fournisseur.fr>', true],
    ["x@autre.fr, y@fournisseur.fr", true],
    ["Services: x@fournisseur.fr;", true],
    ["La Poste <no-reply@laposte.fr>", true],
    ["x@fournisseur.fr.example", false],
    ['"x@fournisseur.fr" <mal@example.org>', false],
    ["x@fournisseur.fr <mal@example.org>", false],
    ["mal@example.org (x@fournisseur.fr)", false],
    ["<mal@example.org> x@fournisseur.fr", false],
    ["", false],
  ];
  for (const [from, expected] of cases) {
    await t.step(from, () => assert.equal(rules.mail({ from, to: "", subject: "" }).take, expected));
  }
  assert.equal(
    filter({ to: ["ged@*"] }).mail({ from: "", to: "GED <ged@mairie.fr>", subject: "" }).take,
    true,
  );
});

Deno.test("subject, since_days, min_size: each skip names its rule", () => {
  const now = Date.parse("2026-03-01T00:00:00Z");
  const rules = filter({ subject: ["*facture*"], since_days: 30, min_size: "1 KB" }, () => now);
  const mail = { from: "", to: "", subject: "Votre FACTURE n° 12", date: new Date("2026-02-20") };
  assert.deepEqual(rules.mail(mail), { take: true });
  assert.deepEqual(rules.mail({ ...mail, subject: "Bonjour" }), {
    take: false,
    reason: 'filter.subject: "Bonjour" matches none of "*facture*"',
  });
  assert.deepEqual(rules.mail({ ...mail, date: new Date("2026-01-01") }), {
    take: false,
    reason: "filter.since_days: dated 2026-01-01, more than 30 days ago",
  });
  assert.match(JSON.stringify(rules.mail({ ...mail, sizeBytes: 999 })), /filter\.min_size/);
  assert.equal(
    rules.mail({ from: "", to: "", subject: "facture" }).take,
    true,
    "a mail without a date is taken",
  );
});

Deno.test("size and name: each skip names its rule", () => {
  const rules = filter({
    name: ["/.*/", NO_DB],
    exclude: ["*.tmp"],
    include: ["*.pdf", "*.tmp"],
    max_size: "1 MB",
    min_size: "10 B",
  });
  const reason = (verdict: ReturnType<Filter["name"]>) => verdict.take ? "" : verdict.reason;
  assert.equal(
    reason(rules.name("Thumbs.db")),
    String.raw`filter.name[2]: "Thumbs.db" does not match ${NO_DB}`,
  );
  assert.equal(reason(rules.name("a.doc")), 'filter.include: "a.doc" matches none of "*.pdf", "*.tmp"');
  assert.equal(reason(rules.name("a.tmp")), 'filter.exclude: "a.tmp" matches "*.tmp"');
  assert.equal(reason(rules.size(1_000_001)), "filter.max_size: 1000001 octets are above 1000000");
  assert.equal(reason(rules.size(9)), "filter.min_size: 9 octets are below 10");
  assert.deepEqual(rules.size(10), { take: true });
  assert.deepEqual(rules.size(1_000_000), { take: true });
});

Deno.test("filterOptions says what would be right", async (t) => {
  const cases: [unknown, RegExp][] = [
    [{ name: "/a/" }, /must be a list of patterns/],
    [{ include: "*.pdf" }, /must be a list/],
    [{ include: [""] }, /must not be empty/],
    [{ max_size: 50 }, /must be a size such as/],
    [{ since_days: 0 }, /at least 1/],
    [{ since_days: 1.5 }, /whole number/],
  ];
  for (const [options, message] of cases) {
    await t.step(JSON.stringify(options), () => {
      assert.match(v.safeParse(filterOptions, options).issues?.[0].message ?? "", message);
    });
  }
  assert.equal(v.safeParse(filterOptions, { nom: [] }).success, false);
});

Deno.test("addressesOf() takes time in proportion to the length of a header", () => {
  assert.deepEqual(addressesOf(`${":<".repeat(500_000)}a@b.fr>`), ["a@b.fr"]);
});
