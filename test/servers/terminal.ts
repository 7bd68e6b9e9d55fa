/** Starts a task on a pseudo terminal, with util-linux's `script`, as a person would: sees what is shown, types answers. */
import { isInstalled } from "./installed.ts";
import { taskCommand } from "./program.ts";

/** Far more than a loaded machine needs: what was not shown by then is not coming. */
const PATIENCE_MS = 60_000;

/** A program on a terminal. Disposing kills it. */
export interface TerminalProgram extends AsyncDisposable {
  /** Everything shown so far, control sequences included. */
  readonly screen: string;
  /** Resolves when `text` has been shown, after what the last call waited for; rejects when the program ends before. */
  shown(text: string): Promise<void>;
  /** Types as a keyboard does: "\r" is the Enter key. */
  type(text: string): Promise<void>;
  /** Exit code, when it has ended. */
  readonly ended: Promise<number>;
}

/** Why there is no pseudo terminal here; `undefined` when there is. */
export function whyNoTerminal(): string | undefined {
  return isInstalled("script") ? undefined : "script of util-linux is not installed";
}

/** `deno task TASK ARGS` on a terminal of 100 columns. */
export function startOnTerminal(
  task: Parameters<typeof taskCommand>[0],
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Readonly<Record<string, string>> },
): TerminalProgram {
  const words = taskCommand(task, args).map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const child = new Deno.Command("script", {
    args: ["--quiet", "--return", "--flush", "--command", `stty cols 100 && exec ${words}`, "/dev/null"],
    cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    env: { LANG: "C", LC_ALL: "C", TERM: "xterm", ...env },
  }).spawn();
  return new OnTerminal(child);
}

class OnTerminal implements TerminalProgram {
  screen = "";
  readonly ended: Promise<number>;
  readonly #child: Deno.ChildProcess;
  readonly #keyboard: WritableStreamDefaultWriter<Uint8Array>;
  readonly #watchers = new Set<() => void>();
  #seen = 0;
  #hasEnded = false;

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#keyboard = child.stdin.getWriter();
    this.ended = this.#follow();
  }

  async shown(text: string): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#wake();
    }, PATIENCE_MS);
    try {
      await this.#wait(text, () => isLate);
    } finally {
      clearTimeout(timer);
    }
  }

  async #wait(text: string, isLate: () => boolean): Promise<void> {
    for (;;) {
      const at = this.screen.indexOf(text, this.#seen);
      if (at >= 0) {
        this.#seen = at + text.length;
        return;
      }
      if (this.#hasEnded || isLate()) throw new Error(`It did not show "${text}":\n${this.screen}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#watchers.add(resolve);
      await promise;
    }
  }

  async type(text: string): Promise<void> {
    await this.#keyboard.write(new TextEncoder().encode(text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) this.#child.kill("SIGKILL");
    await this.ended;
  }

  async #follow(): Promise<number> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.screen += text;
      this.#wake();
    }
    const { code } = await this.#child.status;
    this.#hasEnded = true;
    await this.#keyboard.close().catch(() => {});
    this.#wake();
    return code;
  }

  #wake(): void {
    for (const wake of this.#watchers) wake();
    this.#watchers.clear();
  }
}
