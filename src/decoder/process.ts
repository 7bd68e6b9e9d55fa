/** One decoder process: started with few rights, asked one thing at a time, killed when it takes too long. */
import * as os from "node:os";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { errorText, SourceError } from "../errors.ts";
import type { OpenRequest } from "./open_attachment.ts";
import { type DecodeReply, type DecodeRequest, MAX_LINE_LENGTH, readLines } from "./protocol.ts";
import { type Asked, readReply } from "./reply.ts";

/** What a decoder process may do. */
export interface ProcessOptions {
  /** Directories that it may read. */
  readonly read: readonly string[];
  /** Directories that it may read and write. */
  readonly write: readonly string[];
  /** Limit of its JavaScript heap; past it the process ends. */
  readonly memoryMb: number;
}

/** Why a process ended before it answered. */
export type Ending = "deadline" | "aborted" | "memory" | "crash";

/** What came of a question: a reply, or the end of the process, `begun` or not. */
export type Answer = DecodeReply | { readonly is: "ended"; readonly ending: Ending; readonly begun: boolean };

const START_MS = 120_000;
/** A quarter less memory than V8 takes by itself, and as fast; with half of this it collects all the time. */
const YOUNG_MB = 8;
const MAX_STDERR_LENGTH = 8 * 1024;
/** What Deno needs to find its cache, and to fill it if the decoder runs first. */
const ENVIRONMENT = [
  "DENO_DIR",
  "HOME",
  "XDG_CACHE_HOME",
  "LOCALAPPDATA",
  "USERPROFILE",
  "SYSTEMROOT",
  "TMPDIR",
  "TEMP",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "NPM_CONFIG_REGISTRY",
];

/** Arguments of the decoder process before its script: rights, memory, configuration. */
export function decoderFlags(options: ProcessOptions): string[] {
  const write = options.write.map(grantable).join(",");
  const read = [...options.read.map(grantable), write].filter((path) => path !== "").join(",");
  return [
    "run",
    "--no-prompt",
    "--quiet",
    `--config=${fileURLToPath(new URL("../../deno.json", import.meta.url))}`,
    `--v8-flags=--max-old-space-size=${options.memoryMb},--max-semi-space-size=${YOUNG_MB}`,
    ...["net", "run", "env", "ffi", "sys", "import"].map((right) => `--deny-${right}`),
    ...(read === "" ? [] : [`--allow-read=${read}`]),
    ...(write === "" ? [] : [`--allow-write=${write}`]),
  ];
}

/** A running decoder process. */
export class DecoderProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #replies: AsyncGenerator<string>;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #stderrDone: Promise<void>;
  #stderr = "";
  #killed: Ending | undefined;
  #ended = false;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#replies = readLines(child.stdout, MAX_LINE_LENGTH);
    this.#stdin = child.stdin.getWriter();
    this.#stderrDone = this.#readStderr();
    child.status.then(() => this.#ended = true);
  }

  /** Starts a process and waits until it is ready. Throws `SourceError` when it cannot start. */
  static async start(options: ProcessOptions, signal?: AbortSignal): Promise<DecoderProcess> {
    const process = new DecoderProcess(spawn(options));
    const answer = await process.#await(["ready"], { deadlineMs: START_MS, ...(signal && { signal }) });
    if (answer.is === "ready") return process;
    await process[Symbol.asyncDispose]();
    signal?.throwIfAborted();
    const said = process.#stderr.split("\n").find((line) => line.trim() !== "") ?? "it said nothing";
    throw new SourceError("unreachable", `Cannot start the decoder: ${plain(said)}`);
  }

  /** Whether it can be asked again. */
  get usable(): boolean {
    return !this.#ended && this.#killed === undefined;
  }

  /** Asks and waits for the answer. The process is killed at the deadline and when `signal` aborts. */
  async ask(
    request: DecodeRequest | OpenRequest,
    limits: { deadlineMs: number; signal?: AbortSignal },
  ): Promise<Answer> {
    // A process that has ended does not take it; its output then tells how it ended.
    await this.#stdin.write(new TextEncoder().encode(JSON.stringify(request) + "\n")).catch(() => {});
    return await this.#await(["done", "failed"], {
      ...limits,
      asked: "open" in request ? "attachment" : "envelope",
    });
  }

  /** Kills the process and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill("aborted");
    await this.#child.status;
    await this.#stderrDone;
    await this.#stdin.close().catch(() => {});
    // Reads what was left in the pipe, so that nothing stays open.
    while (!(await this.#replies.next().catch(() => ({ done: true }))).done);
  }

  async #await(
    last: readonly DecodeReply["is"][],
    limits: { deadlineMs: number; signal?: AbortSignal; asked?: Asked },
  ): Promise<Answer> {
    const timer = setTimeout(() => this.#kill("deadline"), limits.deadlineMs);
    const abort = () => this.#kill("aborted");
    limits.signal?.addEventListener("abort", abort);
    if (limits.signal?.aborted) abort();
    let begun = false;
    try {
      while (true) {
        const reply = await this.#next(limits.asked ?? "envelope");
        if (reply === undefined) return { is: "ended", ending: await this.#ending(), begun };
        if (last.includes(reply.is)) return reply;
        begun ||= reply.is === "begun";
      }
    } finally {
      clearTimeout(timer);
      limits.signal?.removeEventListener("abort", abort);
    }
  }

  /** The next reply; `undefined` at the end, also when the process speaks nonsense and is killed for it. */
  async #next(asked: Asked): Promise<DecodeReply | undefined> {
    try {
      const { value, done } = await this.#replies.next();
      if (done === true) return undefined;
      return readReply(value, asked);
    } catch {
      this.#kill("crash");
      return undefined;
    }
  }

  async #ending(): Promise<Ending> {
    await this.#child.status;
    await this.#stderrDone;
    if (this.#killed !== undefined) return this.#killed;
    // What V8 prints before it gives up; the exit code differs between systems.
    return /out of memory/i.test(this.#stderr) ? "memory" : "crash";
  }

  #kill(ending: Ending): void {
    if (!this.usable) return;
    this.#killed = ending;
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It ended by itself at this very moment.
      if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  async #readStderr(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      // The first lines tell what happened, the last ones are addresses.
      if (this.#stderr.length < MAX_STDERR_LENGTH) this.#stderr += text;
    }
  }
}

function spawn(options: ProcessOptions): Deno.ChildProcess {
  const script = fileURLToPath(new URL("./main.ts", import.meta.url));
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...decoderFlags(options), script],
      clearEnv: true,
      env: { ...environment(), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    giveWay(child.pid);
    return child;
  } catch (cause) {
    const state = errorText(cause);
    throw new SourceError("unreachable", `Cannot start the decoder: ${plain(state)}`, { cause });
  }
}

/** Decoding takes whole cores: mail programs on the tunnel and the page come first. */
function giveWay(pid: number): void {
  try {
    os.setPriority(pid, os.constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Without the right to it the decoder works all the same.
  }
}

function environment(): Record<string, string> {
  const values = ENVIRONMENT.flatMap((name) => [name, name.toLowerCase()]).map((
    name,
  ) => [name, variable(name)]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}

/** Deno takes a comma for the end of a path, with no way to escape it: the right then begins at a parent. */
function grantable(path: string): string {
  let granted = resolve(path);
  while (granted.includes(",")) granted = dirname(granted);
  return granted;
}

/** Without colours, `error:` and the full stop. */
function plain(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/\x1b\[[\d;]*m/g, "").replace(/^error: /, "").replace(/\.\s*$/, "").trim();
}
