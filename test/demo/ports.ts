/** Free ports for the demo. */

/** `wanted` when it is free on loopback, otherwise another one that is. */
export async function choosePort(wanted: number): Promise<number> {
  for (const port of [wanted, 0]) {
    try {
      using listener = Deno.listen({ hostname: "127.0.0.1", port });
      return await Promise.resolve(listener.addr.port);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.PermissionDenied)) {
        throw error;
      }
    }
  }
  throw new RangeError("Cannot listen on 127.0.0.1: no port is free");
}

/** The first line that a server says on a plain port: what an old program sees through the tunnel. */
export async function readGreeting(port: number): Promise<string> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const buffer = new Uint8Array(512);
  const length = await conn.read(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, length)).split("\r\n")[0] ?? "";
}
