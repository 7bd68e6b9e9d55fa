/** Whatever stands in a stunnel.conf, reading it only ever reports problems. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { TempFolder } from "../test/servers/temp_folder.ts";
import { type ConfReading, parseStunnelConf, readStunnelConf } from "./mod.ts";
import { OPTIONS } from "./stunnel_table.ts";

const SECRET = "hunter2Zx9";
const NAMES = [...OPTIONS.keys()];

/** Holds for every reading of every text. */
function checkReading({ services, problems }: ConfReading, text: string): void {
  const lines = text.split("\n").length;
  assert(problems.length <= 2002, "too many problems to read");
  for (const { line, message, remedy = "" } of problems) {
    assert(line === undefined || (line >= 1 && line <= lines), `line ${line} of ${lines}`);
    assert(message.length > 0 && message.length < 500, message);
    assert(!/\p{Cc}/u.test(message + remedy), "a control character would reach the terminal");
  }
  for (const service of services) {
    assert(service.accept.length > 0 && service.connect.length > 0);
    const said = problems.some(({ message }) => message.startsWith("verify = no"));
    assert(service.verify || !service.client || said, "verification is off and nothing is said");
    assert(
      service.protocol !== "smtp" || service.verify || service.protocolPassword === undefined ||
        !service.client,
    );
    const faults = problems.filter(({ severity, section }) =>
      severity === "error" && section === service.name
    );
    const twins = services.filter(({ name }) => name === service.name).length;
    const sections = text.split("\n").filter((line) => line.includes("[")).length;
    assert(faults.length === 0 || twins < sections, "a faulty section runs");
    // Plain data, as a reload compares it.
    assert.deepEqual(JSON.parse(JSON.stringify(service)), service);
  }
}

const spacing = fc.constantFrom("", " ", "\t", "  ", "\r", "\v", "\f", "\u00a0", "\uFEFF", "\0");
const anyCase = (word: string) =>
  fc.array(fc.boolean(), { minLength: word.length, maxLength: word.length }).map((upper) =>
    [...word].map((letter, index) => upper[index] ? letter.toUpperCase() : letter.toLowerCase()).join("")
  );
const name = fc.constantFrom(...NAMES, "include", "bogus", "").chain(anyCase);
const value = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string(),
  fc.constantFrom(
    ...[
      "yes",
      "no",
      "true",
      "off",
      "0",
      "1",
      "2",
      "3",
      "4",
      "-1",
      "1e3",
      "99999999999999999999",
      "all",
      "TLSv1.3",
    ],
    ...[
      "127.0.0.1:110",
      "::1:143",
      "[::1]:1",
      "110",
      "/run/x",
      "*:1",
      "a:b:c",
      ":",
      "h:pop3s",
      "smtp",
      "connect",
      "rr",
    ],
    ...[
      "NO_TLSv1_2",
      "-NO_SSLv3",
      "r:SO_KEEPALIVE=1",
      "x ; y",
      "[x]",
      "=",
      "é".repeat(300),
      "x".repeat(20_000),
    ],
  ),
);
const optionLine = fc.tuple(
  spacing,
  name,
  spacing,
  fc.constantFrom("=", "==", ":", ""),
  spacing,
  value,
  spacing,
)
  .map((parts) => parts.join(""));
const sectionLine = fc.tuple(
  spacing,
  fc.constantFrom("[", "[[", ""),
  fc.string(),
  fc.constantFrom("]", "] ; c", ""),
)
  .map((parts) => parts.join(""));
const sound = fc.constantFrom(
  "[a]",
  "[b]",
  "client = yes",
  "accept = 127.0.0.1:110",
  "connect = pop.example.org:995",
  "verify = no",
);
const line = fc.oneof(
  { weight: 4, arbitrary: optionLine },
  { weight: 1, arbitrary: sectionLine },
  { weight: 4, arbitrary: sound },
  { weight: 1, arbitrary: fc.constantFrom("; c", "#", "", "\0", "\r") },
);
const conf = fc.tuple(
  fc.constantFrom("", "\uFEFF", "\uFEFF\uFEFF"),
  fc.array(line, { maxLength: 30 }),
  fc.constantFrom("\n", "\r\n", "\r", "\n\n"),
).map(([mark, lines, end]) => mark + lines.join(end));

Deno.test("no text makes the parser throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary", maxLength: 2000 }), conf), (text) => {
      checkReading(parseStunnelConf(text, { file: "a.conf" }), text);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("no bytes make the reader throw", async () => {
  await using folder = await TempFolder.make();
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 500 }),
    conf.map((text) => new TextEncoder().encode(text)),
    conf.map((text) => new Uint8Array(new Uint16Array([...text].map((char) => char.charCodeAt(0))).buffer)),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (content) => {
      const file = await folder.write("a.conf", new Uint8Array(content));
      checkReading(await readStunnelConf(file), new TextDecoder("windows-1252").decode(content));
    }),
    { numRuns: 200 },
  );
});

Deno.test("no problem repeats a password, however its line is spelt", () => {
  const names = fc.constantFrom(
    "protocolPassword",
    "protocolUsername",
    "protocolHeader",
    "PSKsecrets",
    "engineCtrl",
  );
  const secretLine = fc.oneof(
    fc.tuple(names.chain(anyCase), spacing, fc.constantFrom("=", "", ":", "= =", "=\0"), spacing)
      .map((parts) => `${parts.join("")}${SECRET}`),
    fc.tuple(fc.constantFrom("protocolPasword", "password", "protocol Password"), spacing)
      .map(([name, space]) => `${name}${space}= ${SECRET}`),
    names.map((name) => `${name} = x ; ${SECRET}`),
    fc.constantFrom("connect", "accept", "protocolHost", "sessiond").map((name) =>
      `${name} = http://me:${SECRET}@proxy.example:8080`
    ),
    fc.constantFrom("cert", "key").map((name) => `${name} = pkcs11:token=x;pin-value=${SECRET}`),
    fc.constant(SECRET),
    fc.constant(`${SECRET} is the password`),
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(secretLine, line), { maxLength: 20 }), (lines) => {
      const { problems } = parseStunnelConf(lines.join("\n"), { file: "a.conf" });
      assert(!JSON.stringify(problems).includes(SECRET), JSON.stringify(problems));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("files of any size and shape are read soon, with as many problems as somebody can read", async (t) => {
  const size = 1024 * 1024;
  const filled = (line: string) => line.repeat(Math.floor(size / line.length));
  const shapes: [string, string][] = [
    ["empty lines", filled("\n")],
    ["lines without an end", filled("x")],
    ["lines of spaces", filled(`${" ".repeat(16_000)}x${" ".repeat(100)}\n`)],
    ["comments behind spaces", `[a]\n${filled(`accept = x${" ".repeat(8000)}y ;\n`)}`.slice(0, size)],
    ["invalid lines", filled("x\n")],
    ["unknown options", filled("x=\n")],
    ["sections", filled("[]\n")],
    ["accept lines", `[a]\nclient = yes\nconnect = h:1\n${filled("accept = 127.0.0.1:1\n")}`.slice(0, size)],
    [
      "defaults of many sections",
      `${filled("accept=1\n").slice(0, size / 2)}\n${filled("[a]\n").slice(0, size / 2 - 1)}`,
    ],
    [
      "faulty defaults of many sections",
      `${filled("verify=x\n").slice(0, size / 2)}\n${filled("[a]\n").slice(0, size / 2 - 1)}`,
    ],
    ["colons and commercial ats", filled(`connect = ${":@".repeat(8000)}\n`)],
    ["too much", `${filled("x\n")}more`],
  ];
  for (const [name, text] of shapes) {
    await t.step(name, () => checkReading(parseStunnelConf(text, { file: "a.conf" }), text));
  }
});
