/**
 * The tunnel beside stunnel, HAProxy and nginx: the same upstream, verified, all started before and measured in turn.
 * The load, the upstream and the tunnels share the machine, so only ratios within a round tell something.
 */
import { createAuthority } from "../servers/certificates.ts";
import { TempFolder } from "../servers/temp_folder.ts";
import { type Contender, type Peer, startPeers, startTlsFront, type UpstreamAddress } from "./peers.ts";
import { median, printRatios, writeLine } from "./table.ts";
import { benchBesideDecoder } from "./tunnel_beside_decoder.ts";
import { bulk, openIdle, pingPong, securedWay, shortConnections } from "./tunnel_load.ts";

const ROUNDS = 5;
const BULK_BYTES = 512 * 1024 * 1024;
const IDLE_CONNECTIONS = 2000;
const REFERENCE = "stunnel";

/** A client that needs no tunnel, for what the platform itself costs. */
const LIMIT = "no tunnel, TLS of Deno";

interface Measure<Subject = Contender> {
  readonly title: string;
  readonly unit: string;
  /** Seconds, or another figure of which less is better. */
  run(subject: Subject): Promise<number>;
}

const BULK: readonly Measure[] = [
  ...[1, 8].flatMap((connections) =>
    (["down", "up"] as const).map((direction): Measure => ({
      title: `bulk ${direction}, ${connections} connection${connections > 1 ? "s" : ""}, 512 MiB`,
      unit: "s",
      run: ({ way }) => bulk(way, { direction, bytes: BULK_BYTES, connections }),
    }))
  ),
];

const CPU: readonly Measure<Peer>[] = [
  {
    title: "CPU for 512 MiB down, 1 connection",
    unit: "s",
    run: (peer) =>
      cpuOf(peer, () => bulk(peer.way, { direction: "down", bytes: BULK_BYTES, connections: 1 })),
  },
  {
    title: "CPU for 512 MiB up, 1 connection",
    unit: "s",
    run: (peer) => cpuOf(peer, () => bulk(peer.way, { direction: "up", bytes: BULK_BYTES, connections: 1 })),
  },
];

const SHORT: readonly Measure[] = [
  {
    title: "500 short connections, one at a time",
    unit: "s",
    run: ({ way }) => shortConnections(way, { count: 500, atOnce: 1 }),
  },
  {
    title: "1000 short connections, 32 at once",
    unit: "s",
    run: ({ way }) => shortConnections(way, { count: 1000, atOnce: 32 }),
  },
];

const EXCHANGE: Measure = {
  title: "small exchange, median of 2000",
  unit: "ms",
  run: async ({ way }) => median(await pingPong(way, 2000)) * 1000,
};

/** Runs everything, or with arguments only the measures whose title contains one of them, and prints the tables. */
export async function benchTunnel(only: readonly string[] = []): Promise<void> {
  await using folder = await TempFolder.make();
  await using upstream = await startUpstream(folder);
  writeLine(
    `${ROUNDS} rounds, order rotated; ratio: speed against ${REFERENCE} in the same round, more is better`,
  );
  const chosen = ({ title }: { readonly title: string }) =>
    only.length === 0 || only.some((part) => title.includes(part));
  await measureAll(folder, upstream.bulk, { all: BULK.filter(chosen), peers: CPU.filter(chosen) });
  await measureAll(folder, upstream.small, { all: [...SHORT, EXCHANGE].filter(chosen) });
  const whole = SHORT.map((measure) => ({
    ...measure,
    title: `${measure.title}, server without resumption`,
  }));
  await measureAll(folder, upstream.anew, { all: whole.filter(chosen) });
  if (chosen({ title: "beside a decoder" })) await benchBesideDecoder(upstream.small);
  if (chosen({ title: "idle" })) await withPeers(folder, upstream.bulk, benchIdle);
}

async function measureAll(
  folder: TempFolder,
  upstream: UpstreamAddress,
  { all, peers: ofPeers = [] }: {
    readonly all: readonly Measure[];
    /** What only a tunnel program has. */
    readonly peers?: readonly Measure<Peer>[];
  },
): Promise<void> {
  if (all.length + ofPeers.length === 0) return;
  const limit = { name: LIMIT, way: securedWay(upstream.port, await Deno.readTextFile(upstream.caFile)) };
  await withPeers(folder, upstream, async (peers) => {
    for (const measure of all) await compare([...peers, limit], measure);
    for (const measure of ofPeers) await compare(peers, measure);
  });
}

async function compare<Subject extends Contender>(
  subjects: readonly Subject[],
  measure: Measure<Subject>,
): Promise<void> {
  printRatios(`${measure.title} (${measure.unit})`, await inTurn(subjects, measure), REFERENCE);
}

async function withPeers(
  folder: TempFolder,
  upstream: UpstreamAddress,
  use: (peers: readonly Peer[]) => Promise<void>,
): Promise<void> {
  const { peers, missing } = await startPeers(folder, upstream);
  if (missing.length > 0) writeLine(`Not installed: ${missing.join(", ")}`);
  try {
    await use(peers);
  } finally {
    for (const peer of peers) await peer[Symbol.asyncDispose]();
  }
}

async function inTurn<Subject extends Contender>(
  subjects: readonly Subject[],
  measure: Measure<Subject>,
): Promise<Record<string, number[]>> {
  const figures: Record<string, number[]> = Object.fromEntries(subjects.map(({ name }) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const subject = subjects[(turn + round + 1) % subjects.length];
      if (subject === undefined) continue;
      const figure = await measure.run(subject).catch((cause) => {
        throw new Error(`${subject.name} failed at "${measure.title}"`, { cause });
      });
      // The first round only warms up.
      if (round >= 0) figures[subject.name]?.push(figure);
    }
  }
  return figures;
}

async function cpuOf(peer: Peer, work: () => Promise<unknown>): Promise<number> {
  const before = await peer.cpuSeconds();
  await work();
  return await peer.cpuSeconds() - before;
}

async function benchIdle(peers: readonly Peer[]): Promise<void> {
  writeLine(`\n${IDLE_CONNECTIONS} idle connections: memory of each (KiB)`);
  for (const peer of peers) {
    const before = await peer.memoryBytes();
    const open = await openIdle(peer.way, IDLE_CONNECTIONS);
    const each = (await peer.memoryBytes() - before) / open.length / 1024;
    for (const connection of open) connection.close();
    writeLine(
      `${peer.name.padEnd(24)}${each.toFixed(1).padStart(9)}   (${(before / 2 ** 20).toFixed(0)} MiB before)`,
    );
  }
}

/** A TLS server that sends and takes what is asked of it. */
export interface RunningUpstream extends AsyncDisposable {
  readonly bulk: UpstreamAddress;
  /** Behind nginx, without Nagle's delays. */
  readonly small: UpstreamAddress;
  /** The same, but every connection needs a whole handshake. */
  readonly anew: UpstreamAddress;
}

/** Starts the server, with certificates in `folder`. */
export async function startUpstream(folder: TempFolder): Promise<RunningUpstream> {
  const authority = await createAuthority();
  const { cert, key } = await authority.issue();
  const caFile = await folder.write("ca.pem", authority.pem);
  const files = [await folder.write("cert.pem", cert), await folder.write("key.pem", key)] as const;
  const script = new URL("tunnel_upstream.ts", import.meta.url).pathname;
  const server = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-read", "--allow-net", script, ...files],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = server.stdout.getReader();
  const [secured, plain] = new TextDecoder().decode((await reader.read()).value).split(" ").map(Number);
  await reader.cancel();
  const front = await startTlsFront(folder, { files, plain: plain ?? 0, resumes: true });
  const anew = await startTlsFront(folder, { files, plain: plain ?? 0, resumes: false });
  return {
    bulk: { port: secured ?? 0, caFile },
    small: { port: front.port, caFile },
    anew: { port: anew.port, caFile },
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]();
      await anew[Symbol.asyncDispose]();
      server.kill("SIGKILL");
      await server.status;
    },
  };
}
