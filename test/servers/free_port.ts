/** A free port, below those that the system gives to outgoing connections: nothing takes it meanwhile. */
export function freePort(hostname = "127.0.0.1"): number {
  for (;;) {
    try {
      using listener = Deno.listen({
        hostname,
        port: 20_000 + Math.floor(Math.random() * 10_000),
      });
      return listener.addr.port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
