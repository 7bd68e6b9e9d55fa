/** The tunnel as a program of its own, as its users start it. */

const MAIN = new URL("../../tunnel/main.ts", import.meta.url).pathname;

/** The running program, with what it has written to standard error so far. Disposing kills it. */
export class TunnelProgram implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  #text = "";
  #news = Promise.withResolvers<void>();
  readonly #read: Promise<void>;

  /** `launcher` is a command that starts it, such as prlimit or setpriv. */
  constructor(args: readonly string[], launcher: readonly string[] = []) {
    const program = [Deno.execPath(), "run", "--quiet", "--no-prompt", "--allow-read", "--allow-net", MAIN];
    const [command = "", ...rest] = [...launcher, ...program, ...args];
    this.#child = new Deno.Command(command, {
      args: rest,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#read = this.#collect();
  }

  async #collect(): Promise<void> {
    for await (const chunk of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#text += chunk;
      this.#news.resolve();
    }
    this.#news.resolve();
  }

  /** Resolves with the match once it has been written. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    let ended = false;
    void this.#read.then(() => ended = true);
    for (;;) {
      const match = pattern.exec(this.#text);
      if (match !== null) return match;
      if (ended) throw new Error(`ended with: ${this.#text}`);
      await this.#news.promise;
      if (!ended) this.#news = Promise.withResolvers();
    }
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async ended(): Promise<{ code: number; text: string }> {
    const { code } = await this.#child.status;
    await this.#read;
    return { code, text: this.#text };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // Ended already.
    }
    await this.ended();
  }
}
