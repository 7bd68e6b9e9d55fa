/** What a client asks of a tunnel, and how long it waits for it. Every answer is checked to be whole. */

/** How a client reaches the upstream. */
export type Way = () => Promise<Deno.Conn>;

const CHUNK_BYTES = 256 * 1024;
const block = new Uint8Array(CHUNK_BYTES);

/** Seconds to get (`down`) or to send (`up`) `bytes` over so many connections at once, split evenly. */
export async function bulk(
  way: Way,
  { direction, bytes, connections }: {
    readonly direction: "down" | "up";
    readonly bytes: number;
    readonly connections: number;
  },
): Promise<number> {
  const each = Math.floor(bytes / connections);
  return await seconds(() =>
    Promise.all(
      Array.from({ length: connections }, () => direction === "down" ? get(way, each) : put(way, each)),
    )
  );
}

/** Seconds for `count` connections, each with one byte and its echo, `atOnce` of them open together. */
export async function shortConnections(
  way: Way,
  { count, atOnce }: { count: number; atOnce: number },
): Promise<number> {
  let left = count;
  return await seconds(() =>
    Promise.all(Array.from({ length: atOnce }, async () => {
      while (left-- > 0) {
        using connection = await way();
        const byte = new Uint8Array(1);
        await connection.write(byte);
        if (await connection.read(byte) !== 1) throw new Error("A short connection got no echo");
      }
    }))
  );
}

/** Seconds of each of `count` small exchanges on one connection, smallest first. */
export async function pingPong(way: Way, count: number): Promise<number[]> {
  using connection = await way();
  const bytes = new Uint8Array(32);
  const times: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    times.push(
      await seconds(async () => {
        await connection.write(bytes);
        for (let got = 0; got < bytes.length;) {
          const more = await connection.read(bytes);
          if (more === null) throw new Error("The connection ended during small exchanges");
          got += more;
        }
      }),
    );
  }
  return times.sort((a, b) => a - b);
}

/** Opens connections that have exchanged one byte and then wait. */
export async function openIdle(way: Way, count: number): Promise<Deno.Conn[]> {
  const open: Deno.Conn[] = [];
  let left = count;
  await Promise.all(Array.from({ length: 16 }, async () => {
    while (left-- > 0) {
      const connection = await way();
      open.push(connection);
      const byte = new Uint8Array(1);
      await connection.write(byte);
      if (await connection.read(byte) !== 1) throw new Error("An idle connection got no echo");
    }
  }));
  return open;
}

/** A program without TLS, through a tunnel's local port. */
export function plainWay(port: number): Way {
  return async () => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay(true);
    return connection;
  };
}

/** A client that speaks TLS itself, as the tunnel does: what it needs is what no tunnel on Deno can save. */
export function securedWay(port: number, authority: string): Way {
  return async () => {
    const raw = await Deno.connect({ hostname: "127.0.0.1", port });
    raw.setNoDelay(true);
    const secured = await Deno.startTls(raw, { hostname: "127.0.0.1", caCerts: [authority] });
    await secured.handshake();
    return secured;
  };
}

async function get(way: Way, bytes: number): Promise<void> {
  using connection = await way();
  await connection.write(order("D", bytes));
  const into = new Uint8Array(CHUNK_BYTES);
  let got = 0;
  for (let count = await connection.read(into); count !== null; count = await connection.read(into)) {
    got += count;
  }
  if (got !== bytes) throw new Error(`${got} of ${bytes} bytes came down`);
}

async function put(way: Way, bytes: number): Promise<void> {
  using connection = await way();
  await connection.write(order("U", bytes));
  for (let sent = 0; sent < bytes;) {
    sent += await connection.write(block.subarray(0, Math.min(block.length, bytes - sent)));
  }
  if (await connection.read(new Uint8Array(1)) !== 1) {
    throw new Error(`${bytes} bytes went up without an answer`);
  }
}

function order(kind: "D" | "U", bytes: number): Uint8Array {
  const text = new Uint8Array(9);
  text[0] = kind.charCodeAt(0);
  new DataView(text.buffer).setBigUint64(1, BigInt(bytes));
  return text;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
