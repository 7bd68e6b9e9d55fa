import assert from "node:assert/strict";
import { headline } from "./headline.ts";
import { mixedSnapshot, SAMPLE_NOW, sampleLauncher, sampleSnapshot, sampleTunnel } from "./sample_view.ts";
import type { LauncherError, Snapshot } from "./view.ts";

const options = { now: SAMPLE_NOW };

function inError(error: Partial<LauncherError>): Snapshot {
  return sampleSnapshot({
    launchers: [
      sampleLauncher("x", { state: "error", error: { message: "Cannot", since: SAMPLE_NOW, ...error } }),
    ],
  });
}

Deno.test("headline() says that all is well, in both languages", () => {
  for (const [lang, title] of [["fr", "Tout va bien"], ["en", "All is well"]] as const) {
    assert.deepEqual(headline(sampleSnapshot(), lang, options), {
      ok: true,
      severity: "ok",
      title,
      lines: [],
    });
  }
});

Deno.test("headline() tells the worst first, each with the way to mend it", () => {
  const { ok, lines } = headline(mixedSnapshot(), "fr", options);
  assert.equal(ok, false);
  assert.deepEqual(lines.map(({ severity }) => severity), [
    "error",
    "error",
    "error",
    "warning",
    "warning",
    "warning",
    "warning",
    "info",
  ]);
  for (const line of lines) assert.ok(line.remedy, line.text);
});

Deno.test("headline() stays ok with warnings, and says how many", () => {
  const snapshot = sampleSnapshot({ quarantine: { count: 3 } });
  const { ok, severity, title } = headline(snapshot, "en", options);
  assert.deepEqual({ ok, severity, title }, {
    ok: true,
    severity: "warning",
    title: "Everything works, 1 point to look at",
  });
});

Deno.test("headline() warns long before the quarantine is full", () => {
  const severities = [49, 50, 89, 90].map((sizeBytes) => {
    const snapshot = sampleSnapshot({ quarantine: { count: 0, sizeBytes, maxBytes: 100 } });
    return headline(snapshot, "fr", options).lines[0];
  });
  assert.deepEqual(severities.map((line) => line?.severity), [undefined, "warning", "warning", "error"]);
  assert.equal(severities[1]?.text, "La quarantaine est remplie à 50 %.");
});

Deno.test("headline() gives the gateway's own advice before that of the fault, in both languages", () => {
  const remedy = "Use certificates";
  for (
    const [lang, own, ofFault] of [
      ["en", remedy, /^Check the network/],
      ["fr", "Utilisez des certificats", /^Vérifiez le réseau/],
    ] as const
  ) {
    assert.equal(headline(inError({ remedy, fault: "unreachable" }), lang, options).lines[0]?.remedy, own);
    assert.match(
      headline(inError({ fault: "unreachable" }), lang, options).lines[0]?.remedy ?? "",
      ofFault,
    );
  }
});

Deno.test("headline() says in French what the gateway reports", () => {
  const message = 'Cannot read "x.toml": it is not UTF-8 text';
  const remedy = "Save it as UTF-8 (accents of another encoding stand on this line)";
  const silent = [{ channel: "mail", reason: "the mail server refuses a@b.fr" }];
  const unfinished = [{ label: "abc", reason: "a zip without its end", since: SAMPLE_NOW }];
  const snapshot = sampleSnapshot({
    problems: [{ severity: "error", file: "x.toml", message, remedy }],
    launchers: [sampleLauncher("x", { unfinished })],
    tunnels: [
      sampleTunnel("t", { state: "error", error: { message, remedies: ["Use certificates", remedy] } }),
    ],
    silent,
  });
  const lines = headline(snapshot, "fr", options).lines.map(({ detail, remedy }) => [detail, remedy]);
  const texts = lines.flat().join(" | ").replaceAll("\u00a0", " ");
  const french = "Enregistrez-le en UTF-8 (cette ligne a des accents d’un autre codage)";
  for (
    const part of [
      "Impossible de lire « x.toml » : ce n’est pas un texte en UTF-8",
      french,
      `Utilisez des certificats ; ou : ${french}`,
      "abc : un zip dont la fin manque",
      "le serveur de courriel refuse a@b.fr",
    ]
  ) assert.ok(texts.includes(part), `${part} in ${texts}`);
});

Deno.test("headline() tells of envelopes that stay unfinished, and why", () => {
  const unfinished = ["a", "b", "c", "d"].map((label) => ({ label, reason: "cut", since: SAMPLE_NOW }));
  const snapshot = sampleSnapshot({ launchers: [sampleLauncher("x", { unfinished })] });
  const [line, ...others] = headline(snapshot, "en", options).lines;
  assert.deepEqual([line?.severity, line?.text, line?.detail, others], [
    "warning",
    "Launcher “x”: 4 envelopes stay unfinished.",
    "a: cut; b: cut; c: cut; …",
    [],
  ]);
  const [french] = headline(snapshot, "fr", options).lines;
  assert.match(french?.text ?? "", /4 enveloppes restent incomplètes\.$/);
});

Deno.test("headline() takes a server that asks to wait for an error only when that lasts", () => {
  for (const [minutes, severity] of [[2, "warning"], [14, "warning"], [16, "error"]] as const) {
    const since = new Date(SAMPLE_NOW.getTime() - minutes * 60_000);
    assert.equal(headline(inError({ fault: "busy", since }), "en", options).lines[0]?.severity, severity);
  }
});

Deno.test("headline() names files with the folder they are in, and no more of their paths", () => {
  const places = [["/srv/lanceur/launchers.d/x.toml", 3], ["C:\\lanceur\\launchers.d\\x.toml", 3], [
    "x.toml",
    3,
  ]] as const;
  const problems = places.map(([file, line]) => ({ severity: "error", file, line, message: "m" } as const));
  const { lines } = headline(sampleSnapshot({ problems }), "en", options);
  assert.deepEqual(lines.map(({ text }) => text), [
    "Configuration, launchers.d/x.toml, line 3",
    "Configuration, launchers.d\\x.toml, line 3",
    "Configuration, x.toml, line 3",
  ]);
});

Deno.test("headline() names what is in quarantine before what may go wrong one day", () => {
  const problems = [{ severity: "warning", file: "x.toml", message: "m" }] as const;
  const { lines } = headline(sampleSnapshot({ problems, quarantine: { count: 2 } }), "en", options);
  assert.deepEqual(lines.map(({ text }) => text), [
    "2 items are in quarantine and wait for a decision.",
    "Configuration, x.toml",
  ]);
});

Deno.test("headline() says once what is wrong in a file", () => {
  const problem = { severity: "error", file: "x.toml", message: "Cannot read" } as const;
  const launchers = inError({ fault: "configuration" }).launchers;
  const tunnels = [sampleTunnel("t", { file: "x.toml", state: "faulty" })];
  const { lines } = headline(sampleSnapshot({ launchers, tunnels, problems: [problem] }), "en", options);
  assert.deepEqual(lines.map(({ text }) => text), ["Configuration, x.toml"]);
});

Deno.test("headline() says once what stops several launchers, and counts it once", () => {
  const error = { message: 'Cannot use COLD root "/cold": it is not a directory', since: SAMPLE_NOW };
  const launchers = ["a", "b", "c"].map((name) => sampleLauncher(name, { state: "error", error }));
  const other = sampleLauncher("d", { state: "error", error: { ...error, message: "Cannot" } });
  const { title, lines } = headline(sampleSnapshot({ launchers: [...launchers, other] }), "en", options);
  assert.equal(title, "2 problems need your attention");
  assert.deepEqual(lines.map(({ text, href }) => [text, href]), [
    ["3 launchers are in error for the same reason: “a”, “b”, “c”.", "/#launchers"],
    ["Launcher “d” is in error.", "/launchers/d"],
  ]);
});

Deno.test("headline() warns of a certificate that ends soon", () => {
  const ending = (days: number) => {
    const validTo = new Date(SAMPLE_NOW.getTime() + days * 86_400_000);
    return headline(sampleSnapshot({ tunnels: [sampleTunnel("t", { tls: { validTo } })] }), "en", options)
      .lines;
  };
  assert.equal(ending(15).length, 0);
  assert.match(ending(3)[0]?.text ?? "", /expires in 3 days/);
  assert.match(ending(-1)[0]?.text ?? "", /has expired/);
});

Deno.test("headline() says what to do when nothing is active", () => {
  const { ok, lines } = headline(sampleSnapshot({ launchers: [], tunnels: [] }), "en", options);
  assert.equal(ok, true);
  assert.match(lines[0]?.remedy ?? "", /enabled = true/);
});

Deno.test("headline() ignores what is disabled", () => {
  const launchers = [sampleLauncher("x", { enabled: false, state: "disabled" })];
  assert.deepEqual(headline(sampleSnapshot({ launchers }), "en", options).lines, []);
});
