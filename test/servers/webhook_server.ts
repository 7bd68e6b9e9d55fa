/** An HTTP server on 127.0.0.1 that keeps what is posted to it, and answers as a test wants. */

import type { IssuedCertificate } from "./certificates.ts";

/** What was posted. */
export interface Posted {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A running server. Disposing ends it. */
export interface WebhookServer extends AsyncDisposable {
  readonly port: number;
  readonly posted: readonly Posted[];
  /** How often somebody has posted, refused ones included. */
  readonly attempts: number;
  /** Resolves when so many have been accepted. */
  received(count: number): Promise<void>;
  /** Resolves when somebody has posted so often. */
  attempted(count: number): Promise<void>;
}

/** Starts a server, over TLS with a certificate; `answer` gives the status of each post, or never comes. */
export function startWebhookServer(
  answer: () => number | Promise<number> = () => 204,
  certificate: IssuedCertificate | undefined = undefined,
): WebhookServer {
  const posted: Posted[] = [];
  let attempts = 0;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const one of waiting) one();
    waiting.clear();
  };
  const until = async (isDone: () => boolean) => {
    while (!isDone()) await new Promise<void>((resolve) => waiting.add(resolve));
  };
  const ending = new AbortController();
  const listen = { hostname: "127.0.0.1", port: 0, onListen: () => {}, ...certificate };
  const server = Deno.serve(listen, async (request) => {
    const body = await request.json();
    attempts++;
    wake();
    const never = new Promise<number>((resolve) =>
      ending.signal.addEventListener("abort", () => resolve(503))
    );
    const status = await Promise.race([answer(), never]);
    if (status < 300) {
      posted.push({ path: new URL(request.url).pathname, body });
      wake();
    }
    return new Response(null, { status });
  });
  return {
    port: server.addr.port,
    posted,
    get attempts() {
      return attempts;
    },
    received: (count) => until(() => posted.length >= count),
    attempted: (count) => until(() => attempts >= count),
    async [Symbol.asyncDispose]() {
      ending.abort();
      await server.shutdown();
    },
  };
}
