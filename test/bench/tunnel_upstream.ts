/**
 * The server behind every tunnel of `bench tunnel`, in a process of its own. The first byte of a connection says what
 * it is to do: `D` and a count (8 bytes) sends so many bytes, `U` and a count takes them and says so by one byte,
 * anything else is sent back as it comes. It listens twice: with TLS, and plain for a TLS server that can turn off
 * Nagle's algorithm, which `Deno.listenTls` cannot: small answers would wait for the client's acknowledgements.
 */
const [certFile = "", keyFile = ""] = Deno.args;
const CHUNK_BYTES = 256 * 1024;
const chunk = crypto.getRandomValues(new Uint8Array(64 * 1024));
const block = new Uint8Array(CHUNK_BYTES);
for (let at = 0; at < CHUNK_BYTES; at += chunk.length) block.set(chunk, at);

const listener = Deno.listenTls({
  hostname: "127.0.0.1",
  port: 0,
  cert: await Deno.readTextFile(certFile),
  key: await Deno.readTextFile(keyFile),
});
const plain = Deno.listen({ hostname: "127.0.0.1", port: 0 });
await Deno.stdout.write(new TextEncoder().encode(`${listener.addr.port} ${plain.addr.port}\n`));
void acceptPlain();
for await (const connection of listener) void serve(connection).catch(() => {});

async function acceptPlain(): Promise<void> {
  for await (const connection of plain) {
    connection.setNoDelay(true);
    void serve(connection).catch(() => {});
  }
}

async function serve(connection: Deno.Conn): Promise<void> {
  using _ = connection;
  const small = new Uint8Array(64);
  let count = await connection.read(small);
  if (count === null) return;
  const order = String.fromCharCode(small[0] ?? 0);
  if (order === "D" || order === "U") {
    while (count < 9) count += await connection.read(small.subarray(count)) ?? 9;
    const total = Number(new DataView(small.buffer).getBigUint64(1));
    if (order === "D") await send(connection, total);
    else await take(connection, total - (count - 9));
    await connection.closeWrite();
    return;
  }
  do {
    await connection.write(small.subarray(0, count));
    count = await connection.read(small);
  } while (count !== null);
  await connection.closeWrite();
}

async function send(connection: Deno.Conn, total: number): Promise<void> {
  for (let sent = 0; sent < total;) {
    sent += await connection.write(block.subarray(0, Math.min(block.length, total - sent)));
  }
}

async function take(connection: Deno.Conn, total: number): Promise<void> {
  const into = new Uint8Array(CHUNK_BYTES);
  for (let taken = 0; taken < total;) {
    const count = await connection.read(into);
    if (count === null) return;
    taken += count;
  }
  await connection.write(into.subarray(0, 1));
}
