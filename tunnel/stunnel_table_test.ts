/**
 * What each option of stunnel.conf becomes. The cases stand in test/fixtures/stunnel/options.txt: a base, the options
 * added to it, how the service then differs from the base alone, and what is said.
 */
import assert from "node:assert/strict";
import { parseStunnelConf, type ServiceOptions } from "./mod.ts";
import { OPTIONS } from "./stunnel_table.ts";

const CASES = await Deno.readTextFile(new URL("../test/fixtures/stunnel/options.txt", import.meta.url));

const CLIENT = "client = yes\naccept = 127.0.0.1:110\nconnect = pop.example.org:995\n";
const BASES = new Map([
  ["client", CLIENT],
  // Without the warning about verification.
  ["client, checked", `${CLIENT}verifyChain = yes\ncheckHost = pop.example.org\n`],
  ["server", "accept = 127.0.0.1:995\nconnect = 127.0.0.1:110\ncert = server.pem\n"],
  ["nothing", ""],
]);

for (const block of CASES.split(/^## /m).slice(1)) {
  const [title = "", ...lines] = block.trim().split("\n");
  Deno.test(`stunnel.conf: ${title}`, () => {
    const told = tell(lines.filter((line) => !line.startsWith("=> ")));
    assert.deepEqual(told, lines.filter((line) => line.startsWith("=> ")).map((line) => line.slice(3)));
  });
}

function tell(lines: readonly string[]): string[] {
  const before = lines.filter((line) => line.startsWith("before: ")).map((line) => line.slice(8)).join("\n");
  const start = lines.findIndex((line) => line.startsWith("["));
  const base = BASES.get(lines[start]?.slice(1, -1) ?? "");
  assert(base !== undefined, "no such base");
  const { services, problems } = read(`${before}\n[a]\n${base}${lines.slice(start + 1).join("\n")}\n`);
  const [service] = services;
  return [
    service === undefined ? "no service" : JSON.stringify(difference(service, base)),
    ...problems.map(({ severity, message, remedy }) =>
      `${severity} ${message}${remedy === undefined ? "" : ` (${remedy})`}`
    ),
  ];
}

/** What is not as in the base alone. */
function difference(service: ServiceOptions, base: string): Partial<ServiceOptions> {
  const { services: [plain] } = read(`[a]\n${base === "" ? CLIENT : base}`);
  assert(plain);
  const usual = new Map(Object.entries(plain).map(([name, value]) => [name, JSON.stringify(value)]));
  return Object.fromEntries(
    Object.entries(service).filter(([name, value]) =>
      name !== "line" && JSON.stringify(value) !== usual.get(name)
    ),
  );
}

function read(text: string) {
  return parseStunnelConf(text, { file: "a.conf" });
}

Deno.test("stunnel.conf: what is left out is as in stunnel, but safer", () => {
  assert.deepEqual(read(`[a]\n${CLIENT}`).services, [{
    name: "a",
    file: "a.conf",
    line: 1,
    client: true,
    accept: [{ host: "127.0.0.1", port: 110 }],
    connect: [{ host: "pop.example.org", port: 995 }],
    failover: "prio",
    unsafeListen: false,
    verify: true,
    verifyPeer: false,
    verifyChain: true,
    checkHost: [],
    checkIp: [],
    minVersion: "TLSv1.2",
    mailProtocol: "pop3",
    timeouts: { connectMs: 10_000, handshakeMs: 10_000, idleMs: 3_600_000, closeMs: 60_000 },
    truncation: "reset",
    maxConnections: 1000,
  }]);
});

Deno.test("every option that is known has a case", () => {
  const cases = `\n${[...BASES.values()].join("")}${CASES.replaceAll("before: ", "")}`.toLowerCase();
  assert.deepEqual([...OPTIONS.keys()].filter((name) => !cases.includes(`\n${name} =`)), []);
});
