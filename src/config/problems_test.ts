/** Every kind of problem: where it is said to be, what is said of it, and how to mend it. */
import assert from "node:assert/strict";
import { basename } from "node:path";
import { readFiles } from "./testing.ts";

interface Case {
  readonly name: string;
  /** launchers.d; `a.toml` alone when it is a text. */
  readonly files: string | Readonly<Record<string, string | Uint8Array>>;
  readonly severity?: "error" | "warning" | "info";
  /** `FILE:LINE`, or the file alone. */
  readonly at: string;
  readonly message: RegExp;
  readonly remedy: RegExp;
}

const FOLDER = '[listen]\nprotocol = "folder"\npath = "in"\n[deliver]\ncold = "c"\n';
const MAIL = '[listen]\nprotocol = "imap"\nserver = "a.test"\naccount = "a"\n';
const EZGED = '[ezged.mairie]\nurl = "https://ged.test"\naccount = "a"\npassword = "p"\ntoken = "t"\n';
const RECORD = FOLDER.replace(
  'cold = "c"\n',
  'ezged = "mairie"\n[deliver.record]\ntable = "T"\ncolumns = { T_A = "{name}" }\n',
);
const TAIL = '[deliver]\ncold = "c"\n';
const SECTION =
  "client = yes\naccept = 127.0.0.1:1110\nconnect = pop.test:995\nverifyChain = yes\ncheckHost = pop.test\n";
const PASSWORD = "password = { env = 'HOME' }\n";
const TUNNELLED = `[listen]\nprotocol = "pop3"\ntunnel = "one"\naccount = "a"\n${PASSWORD}${TAIL}`;

const CASES: readonly Case[] = [
  {
    name: "broken TOML",
    files: "enabled = true\nschedule = push\n",
    at: "a.toml:2",
    message: /^Cannot read ".*a\.toml" as TOML: invalid value$/,
    remedy: /quotes/,
  },
  {
    name: "another encoding",
    files: { "a.toml": new Uint8Array([0x23, 0x0a, 0x61, 0x3d, 0x22, 0xe9, 0x22]) },
    at: "a.toml:2",
    message: /not UTF-8/,
    remedy: /Save it as UTF-8/,
  },
  {
    name: "a huge file",
    files: { "a.toml": "#".repeat(1024 * 1024 + 1) },
    at: "a.toml",
    message: /larger than 1 MiB/,
    remedy: /a few lines/,
  },
  {
    name: "a name not safe in URLs",
    files: { "délibérations été.toml": FOLDER },
    at: "délibérations été.toml:1",
    message: /its name has more than plain letters/,
    remedy: /Rename it, for example to "deliberations-ete\.toml"/,
  },
  {
    name: "a file with two endings",
    files: { "a.toml.txt": FOLDER },
    severity: "warning",
    at: "a.toml.txt",
    message: /two endings/,
    remedy: /Rename it to NAME\.toml/,
  },
  {
    name: "an unknown option",
    files: `${FOLDER}sidcar = "json"\n`,
    at: "a.toml:6",
    message: /^Cannot use the option "sidcar" in \[deliver\]: unknown$/,
    remedy:
      /Did you mean "sidecar"\? Known here: cold, ezged, record, name, characters, group, duplicates, sidecar/,
  },
  {
    name: "an option in the wrong table",
    files: `cold = "x"\n${FOLDER}`,
    at: "a.toml:1",
    message: /the option "cold" in the part before the first \[table\]: unknown/,
    remedy: /It belongs under \[deliver\]\. Known here: description, enabled/,
  },
  {
    name: "an unknown table",
    files: `${FOLDER}[filtre]\nname = []\n`,
    at: "a.toml:6",
    message: /the option "filtre"/,
    remedy: /Did you mean "filter"\?/,
  },
  {
    name: "an option of another protocol",
    files: FOLDER.replace('path = "in"', 'path = "in"\nmailbox = "INBOX"'),
    at: "a.toml:4",
    message: /the option "mailbox" in \[listen\]: unknown/,
    remedy: /Known here: protocol, path, recursive, settle, after/,
  },
  {
    name: "a missing option",
    files: '[listen]\nprotocol = "folder"\npath = "in"\n\n[deliver]\n',
    at: "a.toml:5",
    message: /^Cannot find "deliver\.cold": it is required$/,
    remedy: /^Add deliver\.cold = text in quotes: The COLD's waiting directory/,
  },
  {
    name: "a missing table",
    files: '[listen]\nprotocol = "folder"\npath = "in"\n',
    at: "a.toml:1",
    message: /^Cannot find "deliver": it is required$/,
    remedy: /^Add a table \[deliver\]/,
  },
  {
    name: "a missing protocol",
    files: `[listen]\npath = "in"\n${TAIL}`,
    at: "a.toml:1",
    message: /^Cannot find "listen\.protocol": it is required$/,
    remedy: /"imap", "pop3", "folder" or "adullact"/,
  },
  {
    name: "an unknown protocol",
    files: `[listen]\nprotocol = "pop"\npath = "in"\n${TAIL}`,
    at: "a.toml:2",
    message: /^Cannot use listen\.protocol = "pop": not one of the known values$/,
    remedy: /^Did you mean "pop3"\? Write "imap", "pop3", "folder" or "adullact"$/,
  },
  {
    name: "a word that is not allowed",
    files: `${FOLDER}group = "dir"\n`,
    at: "a.toml:6",
    message: /^Cannot use deliver\.group = "dir": not one of the known values$/,
    remedy: /Write "flat", "directory" or "zip"/,
  },
  {
    name: "a word that the schema's author has a sentence for",
    files: `${FOLDER}[documents]\ntake = "attachment"\n`,
    at: "a.toml:7",
    message: /^Cannot use documents\.take = "attachment": it must be "attachments", "message" or "both"$/,
    remedy: /^Did you mean "attachments"\? /,
  },
  {
    name: "a value of the wrong type",
    files: `enabled = "yes"\n${FOLDER}`,
    at: "a.toml:1",
    message: /^Cannot use enabled: text does not fit here$/,
    remedy: /Write true or false/,
  },
  {
    name: "a number out of range",
    files: `retries = 1000\n${FOLDER}`,
    at: "a.toml:1",
    message: /^Cannot use retries = 1000: it must be a whole number from 0 to 100$/,
    remedy: /How often an item/,
  },
  {
    name: "an element of a list",
    files: `${FOLDER}[filter]\nname = [\n  '/.*/',\n  '.*pdf',\n]\n`,
    at: "a.toml:9",
    message: /^Cannot use filter\.name\[2\]: it must stand between slashes/,
    remedy: /Patterns between slashes/,
  },
  {
    name: "a pattern that can take for ever",
    files: `${FOLDER}[filter]\nname = ['/(.*\\.)*pdf/']\n`,
    at: "a.toml:7",
    message: /^Cannot use filter\.name\[1\]: /,
    remedy: /./,
  },
  {
    name: "a COLD directory that leads elsewhere",
    files: FOLDER.replace('"c"', '"../c"'),
    at: "a.toml:5",
    message: /^Cannot use deliver\.cold: it must not contain "\.\."$/,
    remedy: /under `cold\.root`/,
  },
  {
    name: "an EzGED that gateway.toml does not have",
    files: { "a.toml": FOLDER.replace('cold = "c"', 'cold = "c"\nezged = "marie"'), "gateway.toml": EZGED },
    at: "a.toml:6",
    message: /^Cannot use ezged = "marie": gateway\.toml has no \[ezged\.marie\]$/,
    remedy: /^Did you mean "mairie"\? There: mairie$/,
  },
  {
    name: "an EzGED whose password is not there",
    files: {
      "a.toml": FOLDER.replace('cold = "c"', 'cold = "c"\nezged = "mairie"'),
      "gateway.toml": EZGED.replace('"p"', '{ file = "nowhere.secret" }'),
    },
    at: "a.toml:6",
    message: /^Cannot use ezged = "mairie": password of \[ezged\.mairie\]: .* is missing$/,
    remedy: /create it/,
  },
  {
    name: "an EzGED over plain http outside",
    files: { "gateway.toml": EZGED.replace("https", "http") },
    at: "gateway.toml:2",
    message: /^Cannot use ezged\.mairie\.url: it must begin with https/,
    remedy: /Address of EzGED/,
  },
  {
    name: "an EzGED over plain http inside",
    files: { "gateway.toml": EZGED.replace("https://ged.test", "http://192.168.1.20") },
    severity: "warning",
    at: "gateway.toml:2",
    message: /^Cannot keep what goes to ezged\.mairie secret: plain http/,
    remedy: /https/,
  },
  {
    name: "an EzGED whose authority is not there",
    files: { "gateway.toml": `${EZGED}ca_file = "nowhere.pem"\n` },
    severity: "warning",
    at: "gateway.toml:6",
    message: /^Cannot read ezged\.mairie\.ca_file ".*nowhere\.pem": it is missing$/,
    remedy: /PEM/,
  },
  {
    name: "an option that an EzGED does not have",
    files: { "gateway.toml": `${EZGED}pasword = "x"\n` },
    at: "gateway.toml:6",
    message: /^Cannot use the option "pasword" in \[ezged\.mairie\]: unknown$/,
    remedy: /^Did you mean "password"\?/,
  },
  {
    name: "both a waiting directory and a table",
    files: { "a.toml": RECORD.replace("[deliver]", '[deliver]\ncold = "c"'), "gateway.toml": EZGED },
    at: "a.toml:7",
    message: /^Cannot use deliver\.record: it cannot stand beside cold$/,
    remedy: /^Give one of them/,
  },
  {
    name: "neither a waiting directory nor a table",
    files: { "a.toml": FOLDER.replace('cold = "c"', 'ezged = "mairie"'), "gateway.toml": EZGED },
    at: "a.toml:4",
    message: /^Cannot find "deliver\.cold": it is required$/,
    remedy: /^Add deliver\.cold/,
  },
  {
    name: "a directory for EzGED",
    files: {
      "a.toml": FOLDER.replace('cold = "c"', 'cold = "c"\nezged = "mairie"\ngroup = "directory"'),
      "gateway.toml": EZGED,
    },
    at: "a.toml:7",
    message: /^Cannot use deliver\.group: it cannot be directory with ezged$/,
    remedy: /^Write "flat" or "zip"/,
  },
  {
    name: "a query without the column to find",
    files: { "a.toml": `${RECORD}query = "12"\n`, "gateway.toml": EZGED },
    at: "a.toml:6",
    message: /^Cannot use deliver\.record: it needs both query and find, or neither$/,
    remedy: /^Give the other one too/,
  },
  {
    name: "a column that would be SQL",
    files: { "a.toml": RECORD.replace("T_A", '"T_A) --"'), "gateway.toml": EZGED },
    at: "a.toml:8",
    message: /full name of a column, such as COURRIERS_OBJET$/,
    remedy: /./,
  },
  {
    name: "a placeholder that no column gets",
    files: { "a.toml": RECORD.replace("{name}", "{nmae}"), "gateway.toml": EZGED },
    severity: "warning",
    at: "a.toml:8",
    message: /^Cannot fill in \{nmae\} of column "T_A"/,
    remedy: /^Did you mean \{name\}\?/,
  },
  {
    name: "a placeholder that nothing fills",
    files: `${FOLDER}name = "{nmae}"\n`,
    at: "a.toml:6",
    message: /^Cannot fill in \{nmae\} of deliver\.name: no such placeholder is known$/,
    remedy: /^Did you mean \{name\}\? Known: \{name\} \{date\}/,
  },
  {
    name: "a placeholder that an envelope may fill",
    files: `${FOLDER.replace("folder", "adullact")}name = "{titre}"\n`,
    severity: "warning",
    at: "a.toml:6",
    message: /no such placeholder is known/,
    remedy: /a field that an envelope lacks is left empty/,
  },
  {
    name: "a schedule with too few fields",
    files: `schedule = "*/10 * *"\n${FOLDER}`,
    at: "a.toml:1",
    message: /^Cannot use schedule = "\*\/10 \* \*": 3 fields where 5 or 6 are needed$/,
    remedy: /minute, hour, day, month, weekday/,
  },
  {
    name: "a schedule that croner cannot read",
    files: `schedule = "61 * * * *"\n${FOLDER}`,
    at: "a.toml:1",
    message: /invalid value for minute: 61/,
    remedy: /every 10 minutes/,
  },
  {
    name: "a schedule that never runs",
    files: `schedule = "0 0 31 2 *"\n${FOLDER}`,
    at: "a.toml:1",
    message: /^Cannot use schedule = "0 0 31 2 \*": it would never run: no date fits$/,
    remedy: /a day that the month has/,
  },
  {
    name: "@every without a time",
    files: `schedule = "@every now"\n${FOLDER}`,
    at: "a.toml:1",
    message: /not a time/,
    remedy: /"@every 30s"/,
  },
  {
    name: "@every too often",
    files: `schedule = "@every 10ms"\n${FOLDER}`,
    at: "a.toml:1",
    message: /too often/,
    remedy: /"@every 1s" or more/,
  },
  {
    name: "an unknown @word",
    files: `schedule = "@always"\n${FOLDER}`,
    at: "a.toml:1",
    message: /no such word/,
    remedy: /@daily/,
  },
  {
    name: "push where the protocol cannot",
    files: {
      "a.toml": `schedule = "push"\n${MAIL.replace("imap", "pop3")}${PASSWORD}${TAIL}`,
    },
    at: "a.toml:1",
    message: /^Cannot use schedule = "push": pop3 cannot tell that something has arrived$/,
    remedy: /"push" works with .*folder/,
  },
  {
    name: "an unknown time zone",
    files: `timezone = "Europe/Pari"\n${FOLDER}`,
    at: "a.toml:1",
    message: /^Cannot use timezone = "Europe\/Pari": no such time zone$/,
    remedy: /^Did you mean "Europe\/Paris"\?$/,
  },
  {
    name: "a password as text",
    files: `${MAIL}password = "hunter2"\n${TAIL}`,
    severity: "warning",
    at: "a.toml:5",
    message: /^Cannot keep listen\.password secret: it is written in this file as text$/,
    remedy: /\{ file = "NAME\.secret" \}/,
  },
  {
    name: "a password of the wrong type",
    files: `${MAIL}password = 123456\n${TAIL}`,
    at: "a.toml:5",
    message: /^Cannot use listen\.password: it must be \{ env = "NAME" \}/,
    remedy: /Password of the account/,
  },
  {
    name: "a variable that is not set",
    files: `${MAIL}password = { env = "LANCEUR_TEST_NONE" }\n${TAIL}`,
    at: "a.toml:5",
    message: /^Cannot read listen\.password: the environment variable LANCEUR_TEST_NONE is not set$/,
    remedy: /Set it for the process/,
  },
  {
    name: "a variable that is not set, of a disabled launcher",
    files: `enabled = false\n${MAIL}password = { env = "LANCEUR_TEST_NONE" }\n${TAIL}`,
    severity: "info",
    at: "a.toml:6",
    message: /is not set$/,
    remedy: /Set it/,
  },
  {
    name: "a secret's file that is missing",
    files: `${MAIL}password = { file = "none.secret" }\n${TAIL}`,
    at: "a.toml:5",
    message: /^Cannot read listen\.password: the file ".*none\.secret" is missing$/,
    remedy: /Create it/,
  },
  {
    name: "a ca_file that is missing",
    files: `${MAIL}ca_file = "none.pem"\n${PASSWORD}${TAIL}`,
    at: "a.toml:5",
    message: /^Cannot read listen\.ca_file ".*none\.pem": it is missing$/,
    remedy: /PEM/,
  },
  {
    name: "a rule between options",
    files: `[listen]\nprotocol = "imap"\naccount = "a"\n${PASSWORD}${TAIL}`,
    at: "a.toml:1",
    message: /^Cannot find listen\.server: it is missing$/,
    remedy: /^Give server, or tunnel$/,
  },
  {
    name: "a folder missing outside the base",
    files: FOLDER.replace('"in"', '"/nowhere/share"'),
    at: "a.toml:3",
    message: /^Cannot find the folder of listen\.path, "\/nowhere\/share": it is missing$/,
    remedy: /If it is a share, mount it/,
  },
  {
    name: "a folder that is a file",
    files: { "a.toml": FOLDER.replace('"in"', '"launchers.d/a.toml"') },
    at: "a.toml:3",
    message: /it is not a folder$/,
    remedy: /Name a folder/,
  },
  {
    name: "a launcher that feeds itself",
    files: FOLDER.replace('"in"', '"var/cold/c"'),
    at: "a.toml:3",
    message: /would take again what is delivered there/,
    remedy: /outside the COLD directory/,
  },
  {
    name: "a tunnel service that does not exist",
    files: { "a.toml": TUNNELLED, "b.conf": `[ones]\n${SECTION}` },
    at: "a.toml:3",
    message: /^Cannot use tunnel = "one": no \.conf file here has a section of that name$/,
    remedy: /^Did you mean "ones"\? Sections here: ones$/,
  },
  {
    name: "a tunnel service that exists twice",
    files: {
      "a.toml": TUNNELLED,
      "b.conf": `[one]\n${SECTION}`,
      "c.conf": `[one]\n${SECTION.replace("1110", "1111")}`,
    },
    at: "a.toml:3",
    message: /that section exists 2 times$/,
    remedy: /b\.conf:1, .*c\.conf:1$/,
  },
  {
    name: "a tunnel service for the other direction",
    files: {
      "a.toml": TUNNELLED,
      "b.conf": "[one]\nclient = no\naccept = 127.0.0.1:1995\nconnect = 127.0.0.1:110\ncert = ../none.pem\n",
    },
    at: "a.toml:3",
    message: /is for the other direction|is in error/,
    remedy: /./,
  },
  {
    name: "a faulty tunnel service",
    files: { "a.toml": TUNNELLED, "b.conf": `[one]\n${SECTION}nonsense = 1\n` },
    at: "a.toml:3",
    message: /^Cannot use tunnel = "one": section \[one\] is in error$/,
    remedy: /^Mend it: .*b\.conf:\d+$/,
  },
  {
    name: "a tunnel service that verifies nobody",
    files: { "a.toml": TUNNELLED, "b.conf": `[one]\n${SECTION}verify = no\n` },
    at: "a.toml:3",
    message: /^Cannot use tunnel = "one": section \[one\] has verify = no, so anybody/,
    remedy: /^Remove verify = no there/,
  },
  {
    name: "a tunnel service of another protocol",
    files: { "a.toml": TUNNELLED, "b.conf": `[one]\n${SECTION.replace("995", "993")}` },
    severity: "warning",
    at: "a.toml:3",
    message: /seems to lead to imap$/,
    remedy: /pop3 port/,
  },
  {
    name: "one id twice",
    files: { "a.toml": FOLDER, "b.toml": `id = "A"\n${FOLDER}` },
    at: "b.toml:1",
    message: /^Cannot tell the launcher from a\.toml in the ledger: both have the id "A"$/,
    remedy: /an id of its own/,
  },
  {
    name: "broken gateway.toml",
    files: { "gateway.toml": "[status\n" },
    at: "gateway.toml:1",
    message: /as TOML/,
    remedy: /\[TABLE\]/,
  },
  {
    name: "an unknown option of the gateway",
    files: { "gateway.toml": '[log]\nlevel = "info"\nformatt = "json"\n' },
    at: "gateway.toml:3",
    message: /the option "formatt" in \[log\]: unknown/,
    remedy: /Did you mean "format"\?/,
  },
  {
    name: "a word the gateway does not know",
    files: { "gateway.toml": '[log]\nlevel = "warning"\n' },
    at: "gateway.toml:2",
    message: /^Cannot use log\.level = "warning": not one of the known values$/,
    remedy: /"debug", "info", "warn" or "error"/,
  },
  {
    name: "a table reserved for later",
    files: { "gateway.toml": '[oauth2.mairie]\nclient = "a"\n' },
    severity: "warning",
    at: "gateway.toml:1",
    message: /^Cannot use \[oauth2\]: not supported yet$/,
    remedy: /this version ignores it/,
  },
  {
    name: "a status address without port",
    files: { "gateway.toml": '[status]\nlisten = "localhost"\n' },
    at: "gateway.toml:2",
    message: /^Cannot use status\.listen: it must be an address with a port/,
    remedy: /Where the status page listens/,
  },
  {
    name: "a status page off loopback without token",
    files: { "gateway.toml": '[status]\nlisten = "0.0.0.0:8025"\n' },
    at: "gateway.toml:2",
    message: /^Cannot listen on 0\.0\.0\.0:8025: other machines could reach the page without signing in$/,
    remedy: /Add token = \{ file = "status\.secret" \}/,
  },
  {
    name: "a token that is not there",
    files: { "gateway.toml": '[status]\ntoken = { file = "none.secret" }\n' },
    at: "gateway.toml:2",
    message: /^Cannot read status\.token: the file ".*none\.secret" is missing$/,
    remedy: /Create it/,
  },
  {
    name: "a COLD root that is not mounted",
    files: { "gateway.toml": '[cold]\nroot = "/nowhere/ged"\n' },
    at: "gateway.toml:2",
    message: /^Cannot find the folder of cold\.root, "\/nowhere\/ged": it is missing$/,
    remedy: /If it is a share, mount it/,
  },
  {
    name: "state in the COLD root",
    files: { "gateway.toml": 'state = "var/cold"\n' },
    at: "gateway.toml:1",
    message: /it is cold\.root too$/,
    remedy: /a folder of its own/,
  },
];

Deno.test("each problem is said with file, line, what is wrong and what would be right", async (t) => {
  for (const { name, files, severity = "error", at, message, remedy } of CASES) {
    await t.step(name, async () => {
      const { problems } = await readFiles(typeof files === "string" ? { "a.toml": files } : files);
      const places = problems.map(({ file, line }) =>
        line === undefined ? basename(file) : `${basename(file)}:${line}`
      );
      const index = problems.findIndex((problem, index) =>
        places[index] === at && message.test(problem.message)
      );
      const found = problems[index];
      assert.ok(found, `not among ${JSON.stringify(problems, undefined, 1)}`);
      assert.equal(found.severity, severity);
      assert.match(found.remedy ?? "", remedy);
      assert.doesNotMatch(found.message, /\.$/);
      const others = problems.filter(({ file, severity }) =>
        severity === "error" && basename(file) === at.split(":")[0]
      );
      assert.equal(others.length, severity === "error" ? 1 : 0, JSON.stringify(others));
    });
  }
});
