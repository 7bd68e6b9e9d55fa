/**
 * The black-box matrix: what a plain client, and a program in this process, see of every way an upstream can end or fail.
 * stunnel, HAProxy and socat show a clean end (EOF) for every row of the first three.
 */
import assert from "node:assert/strict";
import type { CertificateOptions } from "../test/servers/certificates.ts";
import { PlainClient } from "../test/servers/plain_client.ts";
import { startTlsServer, type TlsPeer, type TlsServerOptions } from "../test/servers/tls_server.ts";
import {
  authority,
  certificate,
  type Changes,
  clientService,
  HASTY,
  PATHS,
  SOON,
  TunnelJournal,
} from "../test/servers/tunnels.ts";
import { type Service, startTunnel, TunnelError, type TunnelFault, type TunnelLogEntry } from "./mod.ts";

interface Row {
  readonly row: string;
  /** After "hello" was heard and "DATA" answered. */
  serve?(peer: TlsPeer): void | Promise<void>;
  readonly before?: TlsServerOptions["before"];
  readonly certificate?: CertificateOptions;
  /** The client sends FIN behind "hello". */
  readonly half?: true;
  /** What a plain client sees: the text, then EOF or a reset. */
  readonly client: readonly [text: string, end: "EOF" | "ECONNRESET"];
  /** How a dialled connection ends for a program in this process. */
  readonly dialled: "EOF" | TunnelFault;
  readonly lastError?: RegExp;
}

const DAY_MS = 86_400_000;
const yesterday = new Date(Date.now() - DAY_MS);
const tomorrow = new Date(Date.now() + DAY_MS);

const MATRIX: readonly Row[] = [
  {
    row: "data, close_notify",
    serve: (peer) => peer.closeNotify(),
    client: ["DATA", "EOF"],
    dialled: "EOF",
  },
  {
    row: "data, FIN without close_notify",
    serve: (peer) => peer.truncate(),
    client: ["DATA", "ECONNRESET"],
    dialled: "truncated",
    lastError: /the server left without closing TLS/,
  },
  {
    row: "data, RST",
    async serve(peer) {
      await peer.until("more");
      peer.reset();
    },
    client: ["DATA", "ECONNRESET"],
    dialled: "reset",
    lastError: /the server reset the connection/,
  },
  {
    row: "client half-closes, late reply",
    half: true,
    async serve(peer) {
      assert.equal(await peer.ended(), "close_notify");
      await peer.send(" LATE");
      peer.closeNotify();
    },
    client: ["DATA LATE", "EOF"],
    dialled: "EOF",
  },
  {
    row: "client half-closes, late truncation",
    half: true,
    async serve(peer) {
      await peer.ended();
      await peer.send(" LATE");
      peer.truncate();
    },
    client: ["DATA LATE", "ECONNRESET"],
    dialled: "truncated",
    lastError: /the server left without closing TLS/,
  },
  {
    row: "server never answers ClientHello",
    before: () => false,
    client: ["", "ECONNRESET"],
    dialled: "timeout",
    lastError: /did not finish the TLS handshake in time/,
  },
  {
    row: "server speaks plain text",
    before(socket) {
      socket.write("+OK POP3 ready\r\n");
      return false;
    },
    client: ["", "ECONNRESET"],
    dialled: "plain-text",
    lastError: /speaks plain text on this port/,
  },
  {
    row: "EOF in handshake",
    before(socket) {
      socket.once("data", () => socket.end());
      return false;
    },
    client: ["", "ECONNRESET"],
    dialled: "reset",
    lastError: /hung up before TLS was ready/,
  },
  {
    row: "RST in handshake",
    before(socket) {
      socket.once("data", () => socket.resetAndDestroy());
      return false;
    },
    client: ["", "ECONNRESET"],
    dialled: "reset",
    lastError: /reset the connection/,
  },
  {
    row: "wrong host name",
    certificate: { names: ["other.example"] },
    client: ["", "ECONNRESET"],
    dialled: "certificate-name",
    lastError: /not for "localhost".*, but for other\.example/,
  },
  {
    row: "expired",
    certificate: { notBefore: new Date(yesterday.getTime() - DAY_MS), notAfter: yesterday },
    client: ["", "ECONNRESET"],
    dialled: "certificate-expired",
    lastError: /has expired/,
  },
  {
    row: "not yet valid",
    certificate: { notBefore: tomorrow },
    client: ["", "ECONNRESET"],
    dialled: "certificate-not-yet-valid",
    lastError: /is not valid yet/,
  },
];

const RUNS: readonly { path: string; changes: Changes; threads: number }[] = [
  ...Object.entries(PATHS).map(([path, changes]) => ({ path, changes, threads: 0 })),
  { path: "native TLS in a thread", changes: {}, threads: 1 },
];

for (const { path, changes, threads } of RUNS) {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    Deno.test(`black-box matrix: ${path}, ${version}`, async (t) => {
      await using servers = new AsyncDisposableStack();
      const services = [];
      for (const row of MATRIX) {
        const server = servers.use(await startTlsServer(await serverOf(row, version)));
        const timeouts = row.dialled === "timeout" ? HASTY : SOON;
        services.push(clientService(server.port, { ...changes, name: row.row, timeouts }));
      }
      const journal = new TunnelJournal();
      await using tunnel = await startTunnel({ services, log: journal.log, threads });
      for (const row of MATRIX) {
        await t.step(row.row, async () => {
          const service = tunnel.service(row.row);
          assert(service);
          assert.deepEqual(await seenByClient(service, row), row.client);
          const { properties } = await checkTraces(service, { row, journal });
          // Only node:tls tells the version.
          assert.equal(properties.tls, row.serve && "checkHost" in changes ? version : undefined);
          assert.equal(await seenByProgram(service, row), row.dialled);
        });
      }
    });
  }
}

async function serverOf(row: Row, version: "TLSv1.2" | "TLSv1.3"): Promise<TlsServerOptions> {
  return {
    minVersion: version,
    maxVersion: version,
    certificate: row.certificate === undefined ? certificate : await authority.issue(row.certificate),
    ...(row.before === undefined ? {} : { before: row.before }),
    async serve(peer) {
      try {
        await peer.until("hello");
      } catch {
        // It was not trusted.
        return;
      }
      await peer.send("DATA");
      await row.serve?.(peer);
    },
  };
}

async function seenByClient({ addresses }: Service, row: Row): Promise<Row["client"]> {
  const client = await PlainClient.connect(addresses[0] ?? "");
  const ending = client.ending();
  await client.send("hello").catch(() => {});
  if (row.half) client.half();
  else void speakOn(client);
  const { text, end } = await ending;
  // The system tells a reset once, to a read or a write: whichever comes second finds a broken pipe.
  if (end === "EPIPE") return [text, "ECONNRESET"];
  assert(end === "EOF" || end === "ECONNRESET", end);
  return [text, end];
}

/** A client that speaks sees a reset at once; a silent one when its time is over. */
async function speakOn(client: PlainClient): Promise<void> {
  try {
    await client.until("DATA");
    for (;;) {
      await client.send("more");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  } catch {
    // It has seen the end.
  }
}

async function seenByProgram(service: Service, row: Row): Promise<Row["dialled"]> {
  try {
    const connection = await service.dial();
    try {
      await connection.write(new TextEncoder().encode("hello"));
      if (row.half) await connection.closeWrite();
      const buffer = new Uint8Array(64);
      let text = "";
      for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
        text += new TextDecoder().decode(buffer.subarray(0, count));
        if (!row.half) await connection.write(new TextEncoder().encode("more"));
      }
      assert.equal(text, row.client[0]);
      return "EOF";
    } finally {
      connection.close();
    }
  } catch (error) {
    assert(error instanceof TunnelError, String(error));
    return error.kind;
  }
}

/** The log, the counters and the last error say the same. */
async function checkTraces(
  service: Service,
  { row, journal }: { readonly row: Row; readonly journal: TunnelJournal },
): Promise<TunnelLogEntry> {
  const relayed = row.serve !== undefined;
  const [entry] = await journal.logged(relayed ? "connection ended" : row.lastError ?? "", {
    service: row.row,
  });
  assert(entry);
  assert.equal(entry.level, row.lastError === undefined ? "info" : "warn");
  assert.equal(service.counters.failed, row.lastError === undefined ? 0 : 1);
  assert.match(service.lastError?.message ?? "", row.lastError ?? /^$/);
  if (relayed) assert.equal(entry.properties.bytesOut, row.client[0].length);
  // Nothing of the client goes to a server that is not trusted.
  else assert.equal(service.counters.bytesIn, 0);
  return entry;
}
