/** Every kind of problem of gateway.toml, and of launchers that name what stands in it. */
import { type ProblemCase, testProblems } from "./testing.ts";

const FOLDER = '[listen]\nprotocol = "folder"\npath = "in"\n[deliver]\ncold = "c"\n';
const EZGED = '[ezged.mairie]\nurl = "https://ged.test"\naccount = "a"\npassword = "p"\ntoken = "t"\n';
const RECORD = FOLDER.replace(
  'cold = "c"\n',
  'ezged = "mairie"\n[deliver.record]\ntable = "T"\ncolumns = { T_A = "{name}" }\n',
);

const CASES: readonly ProblemCase[] = [
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

testProblems(
  "each problem of gateway.toml, and of what it is named for, is said with its place and remedy",
  CASES,
);
