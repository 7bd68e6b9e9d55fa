/** The page of a sample gateway on a real port, for the tests. */
import { createStatusApp, type StatusOptions } from "./app.tsx";
import { SAMPLE_NOW, SampleView } from "./sample_view.ts";

/** A served page; disposing shuts the server down. */
export class SamplePage implements AsyncDisposable {
  readonly view: SampleView;
  readonly port: number;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #stop = new AbortController();

  constructor(options: Partial<StatusOptions> = {}, view: SampleView = new SampleView()) {
    this.view = view;
    const app = createStatusApp(view, {
      loopback: true,
      now: () => SAMPLE_NOW,
      signal: this.#stop.signal,
      ...options,
    });
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, app.fetch);
    this.port = this.#server.addr.port;
  }

  /** Asks as a browser would. */
  get(path: string, headers: HeadersInit = {}): Promise<Response> {
    return this.fetch(path, { headers: { accept: "text/html", ...headers } });
  }

  /** The text of a page. */
  async text(path: string, headers: HeadersInit = {}): Promise<string> {
    return await (await this.get(path, headers)).text();
  }

  /** Sends a form as a browser would. */
  form(
    path: string,
    { fields = {}, headers = {} }: { fields?: Record<string, string>; headers?: HeadersInit },
  ) {
    return this.fetch(path, {
      method: "POST",
      headers: { accept: "text/html", ...headers },
      body: new URLSearchParams(fields),
    });
  }

  /** Asks without following redirections. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, { redirect: "manual", ...init });
  }

  /** Sends these lines as they are and returns the whole answer. */
  async raw(lines: readonly string[]): Promise<string> {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
    const head = [...lines, "Connection: close", "", ""].join("\r\n");
    const writer = connection.writable.getWriter();
    await writer.write(new TextEncoder().encode(head));
    return await new Response(connection.readable).text().catch(() => "");
  }

  /** Ends the event streams, as a stopping gateway does. */
  stop(): void {
    this.#stop.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.#server.shutdown();
  }
}
