import assert from "node:assert/strict";
import { basename, join } from "node:path";
import fc from "fast-check";
import { readConfiguration } from "./mod.ts";
import { readFiles, TestFolder, textOf } from "./testing.ts";

const FOLDER = '[listen]\nprotocol = "folder"\npath = "in"\n[deliver]\ncold = "c"\n';
const SECTION =
  "client = yes\naccept = 127.0.0.1:1110\nconnect = pop.test:995\nverifyChain = yes\ncheckHost = pop.test\n";

Deno.test("readConfiguration() of an empty folder gives the defaults, paths absolute", async () => {
  await using folder = await TestFolder.of({});
  const { base, directory, gateway, launchers, services, problems, faulty, gatewayFaulty } = await folder
    .read();
  assert.equal(base, folder.base);
  assert.equal(directory, join(folder.base, "launchers.d"));
  assert.deepEqual(gateway, {
    state: join(base, "var"),
    cold: { root: join(base, "var", "cold") },
    ledger: { keepDays: 400 },
    quarantine: { maxBytes: 5e9 },
    status: { listen: "127.0.0.1:8025", hostname: "127.0.0.1", port: 8025, hosts: [] },
    log: { level: "info", format: "text" },
    sections: { ezged: {} },
  });
  assert.deepEqual([launchers, services, problems, faulty, gatewayFaulty], [[], [], [], [], false]);
});

Deno.test("readConfiguration() fills in a launcher's defaults", async () => {
  const { launchers: [launcher], problems } = await readFiles({ "factures.toml": FOLDER });
  assert.deepEqual(problems, []);
  assert.ok(launcher);
  const { fingerprint, file, documents: _, listen, ...rest } = launcher;
  assert.equal(listen.protocol, "folder");
  assert.match(fingerprint, /^[0-9a-f]{64}$/);
  assert.equal(basename(file), "factures.toml");
  assert.deepEqual(rest, {
    name: "factures",
    id: "factures",
    description: "",
    enabled: true,
    schedule: "*/10 * * * *",
    timezone: "Europe/Paris",
    retries: 5,
    filter: {},
    deliver: {
      cold: "c",
      name: "{name}",
      group: "flat",
      characters: "unicode",
      envelopeGroup: "directory",
      duplicates: "deliver",
      sidecar: "none",
      personal_data: false,
    },
  });
});

Deno.test("an Adullact launcher delivers directories unless told otherwise", async () => {
  const adullact = FOLDER.replace("folder", "adullact");
  const { launchers } = await readFiles({ "a.toml": adullact, "b.toml": `${adullact}group = "zip"\n` });
  assert.deepEqual(launchers.map(({ deliver }) => deliver.group), ["directory", "zip"]);
});

Deno.test("the fingerprint changes with [filter] and [documents], not with the order of keys or anything else", async () => {
  const filter = '[filter]\ninclude = ["*.pdf"]\nmax_size = "5 MB"\n';
  const { launchers, problems } = await readFiles({
    "a.toml": FOLDER + filter,
    "b.toml": `description = "x"\nschedule = "@every 5m"\n[filter]\nmax_size = "5 MB"\ninclude = ["*.pdf"]\n${
      FOLDER.replace(/cold = ".*"/, 'cold = "other"')
    }`,
    "c.toml": `${FOLDER}${filter.replace("5 MB", "6 MB")}`,
    "d.toml": `${FOLDER}${filter}[documents]\ntake = "both"\n`,
  });
  assert.deepEqual(problems, []);
  const [a, b, c, d] = launchers.map(({ fingerprint }) => fingerprint);
  assert.equal(a, b);
  assert.equal(new Set([a, c, d]).size, 3);
});

Deno.test("disabled names and all other files are ignored without a word", async () => {
  const { launchers, services, problems } = await readFiles({
    "a.toml.disabled": "nonsense",
    "a.conf.disabled": "nonsense",
    "README.md": "#",
    "launcher.schema.json": "{",
    ".a.toml.swp": "nonsense",
    ".b.toml": "nonsense",
    "a.toml~": "nonsense",
  });
  assert.deepEqual([launchers, services, problems], [[], [], []]);
});

Deno.test("a faulty launcher or section is in error alone", async () => {
  const { launchers, services, faulty, gatewayFaulty } = await readFiles({
    "a.toml": FOLDER,
    "b.toml": "nonsense",
    "c.toml": `retries = -1\n${FOLDER}`,
    "d.conf": `[good]\n${SECTION}[bad]\n${SECTION.replace("1110", "1111")}nonsense = 1\n`,
  });
  assert.deepEqual(launchers.map(({ name }) => name), ["a"]);
  assert.deepEqual(services.map(({ name }) => name), ["good"]);
  assert.equal(gatewayFaulty, false);
  assert.deepEqual(faulty.map(({ kind, name, problems }) => [kind, name, problems.length > 0]), [
    ["launcher", "b", true],
    ["launcher", "c", true],
    ["service", "bad", true],
  ]);
});

Deno.test("a share that is not mounted is an error, but the launcher runs and waits for it", async () => {
  const { launchers, problems, faulty } = await readFiles({
    "a.toml": FOLDER.replace('"in"', '"/nowhere/share"'),
  });
  assert.deepEqual(problems.map(({ severity }) => severity), ["error"]);
  assert.deepEqual(launchers.map(({ name }) => name), ["a"]);
  assert.deepEqual(faulty, []);
});

Deno.test("a COLD root that is not mounted keeps nothing from starting, a missing state folder does", async () => {
  const cold = await readFiles({ "gateway.toml": '[cold]\nroot = "/nowhere/ged"\n' });
  assert.deepEqual([cold.gatewayFaulty, cold.gateway.cold.root], [false, "/nowhere/ged"]);
  const state = await readFiles({ "gateway.toml": 'state = "/nowhere/state"\n' });
  assert.equal(state.gatewayFaulty, true);
});

Deno.test("every problem of every file is reported at once, by file and line", async () => {
  const { problems } = await readFiles({
    "b.toml":
      `one = 1\ntwo = 2\nretries = -1\nschedule = "x"\ntimezone = "y"\n[listen]\nprotocol = "folder"\npth = "in"\n[deliver]\ncold = ".."\n`,
    "a.toml": "= 1",
    "gateway.toml": "three = 3\n[log]\nlevel = 4\n",
  });
  assert.deepEqual(problems.map(({ file, line }) => `${basename(file)}:${line}`), [
    "a.toml:1",
    "b.toml:1",
    "b.toml:2",
    "b.toml:3",
    "b.toml:4",
    "b.toml:5",
    "b.toml:6",
    "b.toml:8",
    "b.toml:10",
    "gateway.toml:1",
    "gateway.toml:3",
  ]);
});

Deno.test("gateway.toml is read, and faulty only for what is wrong in it", async () => {
  await using folder = await TestFolder.of({
    "gateway.toml":
      `state = "s"\n[cold]\nroot = "wait"\n[ledger]\nkeep_days = 90\n[status]\nlisten = "[::1]:0"\nhosts = ["a.test"]\n[log]\nlevel = "debug"\nformat = "json"\n`,
  });
  const { gateway, gatewayFaulty, problems } = await folder.read();
  assert.deepEqual(problems, []);
  assert.equal(gatewayFaulty, false);
  assert.deepEqual(gateway, {
    state: join(folder.base, "s"),
    cold: { root: join(folder.base, "wait") },
    ledger: { keepDays: 90 },
    quarantine: { maxBytes: 5e9 },
    status: { listen: "[::1]:0", hostname: "::1", port: 0, hosts: ["a.test"] },
    log: { level: "debug", format: "json" },
    sections: { ezged: {} },
  });
  assert.equal((await readFiles({ "gateway.toml": "x = 1\n" })).gatewayFaulty, true);
});

Deno.test("a status page off loopback is allowed with a token", async () => {
  await using folder = await TestFolder.of({
    "gateway.toml": '[status]\nlisten = "0.0.0.0:8025"\ntoken = { file = "token.secret" }\n',
    "../token.secret": "x",
  });
  await Deno.chmod(folder.path("../token.secret"), 0o600);
  const { problems, gateway } = await folder.read();
  assert.deepEqual(problems, []);
  assert.deepEqual(gateway.status.token, { file: "token.secret" });
});

Deno.test({
  name: "a secret's file that others may read is a warning",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = await TestFolder.of({
      "a.toml":
        `[listen]\nprotocol = "imap"\nserver = "a.test"\naccount = "a"\npassword = { file = "a.secret" }\n[deliver]\ncold = "c"\n`,
      "../a.secret": "x",
    });
    await Deno.chmod(folder.path("../a.secret"), 0o640);
    const [problem] = (await folder.read()).problems;
    assert.equal(problem?.severity, "warning");
    assert.match(
      problem?.message ?? "",
      /listen\.password secret: the file ".*a\.secret" is open to other users/,
    );
    assert.match(problem?.remedy ?? "", /chmod 600/);
  },
});

Deno.test("a missing launchers.d is one error, and nothing can start", async () => {
  const { problems, gatewayFaulty } = await readConfiguration("/nowhere/launchers.d");
  assert.equal(gatewayFaulty, true);
  assert.deepEqual(problems.map(({ severity, file }) => [severity, file]), [[
    "error",
    "/nowhere/launchers.d",
  ]]);
});

Deno.test("no problem ever shows a secret, however it is misplaced", async () => {
  const marker = "Zq7-hunter2-Zq7";
  const value = fc.constantFrom(
    `"${marker}"`,
    `{ env = "${marker}" }`,
    `{ file = "${marker}" }`,
    `{ text = "${marker}" }`,
    `{ "${marker}" = 1 }`,
    `["${marker}"]`,
    `{ env = ["${marker}"] }`,
    `"${marker}`,
    marker,
  );
  const key = fc.constantFrom(
    "password",
    "pasword",
    "token",
    "passwort",
    "secret",
    "unknown",
    "auth",
    "after",
    marker,
  );
  const table = fc.constantFrom(
    "",
    "[listen]",
    "[deliver]",
    "[status]",
    `[${marker}]`,
    "[listen.password]",
    "[filter]",
  );
  const line = fc.tuple(table, key, value).map(([table, key, value]) => `${table}\n${key} = ${value}\n`);
  const start = fc.constantFrom(
    "",
    '[listen]\nprotocol = "imap"\nserver = "a.test"\naccount = "a"\n',
    FOLDER,
  );
  await fc.assert(
    fc.asyncProperty(start, fc.array(line, { minLength: 1, maxLength: 3 }), async (start, lines) => {
      const text = start + lines.join("");
      const { problems } = await readFiles({ "a.toml": text, "gateway.toml": text });
      assert.ok(problems.length > 0);
      for (const problem of problems) {
        assert.ok(!textOf(problem).includes(marker), `${text}\n${textOf(problem)}`);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("a text that is no configuration at all is a problem, never an exception", async () => {
  const word = fc.constantFrom(
    ...[
      "listen",
      "deliver",
      "filter",
      "name",
      "protocol",
      "schedule",
      "constructor",
      "__proto__",
      "toString",
    ],
    ...[
      "=",
      "[",
      "]",
      "{",
      "}",
      "\n",
      '"',
      "'",
      ".",
      ",",
      "1",
      "true",
      "1979-05-27",
      "nan",
      '"folder"',
      '"push"',
    ],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 30 }), async (words) => {
      const { faulty } = await readFiles({ "a.toml": words.join(" "), "gateway.toml": words.join(" ") });
      assert.equal(faulty.length, 1);
    }),
    { numRuns: 300 },
  );
});
