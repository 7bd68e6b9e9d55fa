/** Starts the program itself as its users do, with the permissions of deno.json's tasks, and reads what it says. */
import { join } from "node:path";
import denoJson from "../../deno.json" with { type: "json" };

const PROJECT = join(import.meta.dirname ?? "", "..", "..");

/** How a program is started. */
export interface ProgramOptions {
  /** Working directory: the folder that holds launchers.d. */
  readonly cwd: string;
  /** Added to the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** Words before the command: what runs it under other conditions. It must not fork. */
  readonly within?: readonly string[];
  /** Modules that are run before the program's own. */
  readonly preload?: readonly string[];
}

/** What a program that has ended leaves. */
export interface ProgramResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. Disposing kills it. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** Everything written to standard error so far. */
  readonly log: string;
  /** Resolves with the first line of the log that holds `text`; rejects with the log when the program ends before. */
  logged(text: string): Promise<string>;
  kill(signal: Deno.Signal): void;
  /** What it left; resolves when it has ended. */
  readonly ended: Promise<ProgramResult>;
}

/** `deno task TASK ARGS` until it ends. */
export async function runTask(
  task: keyof typeof denoJson.tasks,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  const { code, stdout, stderr } = await command([...taskArguments(task, options.env), ...args], options)
    .output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Starts `deno task TASK ARGS`; the process is the task's own, so that signals reach it. */
export function startTask(
  task: keyof typeof denoJson.tasks,
  args: readonly string[],
  options: ProgramOptions,
): Program {
  return new RunningProgram(command([...taskArguments(task, options.env), ...args], options).spawn());
}

/** The words of `deno task TASK ARGS` as one starts them without the task runner. */
export function taskCommand(
  task: keyof typeof denoJson.tasks,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string[] {
  return [Deno.execPath(), ...taskArguments(task, env), ...args];
}

function command(args: readonly string[], options: ProgramOptions): Deno.Command {
  const { cwd, env, within = [], preload = [] } = options;
  const [run = "", ...rest] = args;
  const words = [Deno.execPath(), run, ...preload.map((path) => `--preload=${path}`), ...rest];
  const [program = "", ...others] = [...within, ...words];
  return new Deno.Command(program, {
    args: others,
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { LANG: "C", LC_ALL: "C", ...env },
  });
}

/** The words after `deno`, as the shell would make them; source files by absolute path. */
export function taskArguments(
  task: keyof typeof denoJson.tasks,
  env: Readonly<Record<string, string>> = {},
): string[] {
  const programs = [Deno.execPath(), env["LANCEUR_RUN"]].filter(Boolean).join();
  const text = denoJson.tasks[task].command.replace(/\$\(deno eval '[^']*'\)/, programs);
  const words = (text.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ""));
  const [program, ...rest] = words;
  if (program !== "deno") throw new TypeError(`Task ${task} does not begin with deno`);
  return rest.map((word) => word.endsWith(".ts") ? join(PROJECT, word) : word);
}

class RunningProgram implements Program {
  readonly ended: Promise<ProgramResult>;
  readonly #child: Deno.ChildProcess;
  #log = "";
  #hasEnded = false;
  readonly #watchers = new Set<() => void>();

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.ended = this.#follow();
  }

  get pid(): number {
    return this.#child.pid;
  }

  get log(): string {
    return this.#log;
  }

  async logged(text: string): Promise<string> {
    for (;;) {
      const line = this.#log.split("\n").slice(0, -1).find((one) => one.includes(text));
      if (line !== undefined) return line;
      if (this.#hasEnded) throw new Error(`It ended before it said "${text}":\n${this.#log}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#watchers.add(resolve);
      await promise;
    }
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) this.#child.kill("SIGKILL");
    await this.ended;
  }

  async #follow(): Promise<ProgramResult> {
    const reading = this.#readLog();
    const stdout = await new Response(this.#child.stdout).text();
    await reading;
    const { code } = await this.#child.status;
    this.#hasEnded = true;
    this.#wake();
    return { code, stdout, stderr: this.#log };
  }

  async #readLog(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#log += text;
      this.#wake();
    }
  }

  #wake(): void {
    for (const wake of this.#watchers) wake();
    this.#watchers.clear();
  }
}
