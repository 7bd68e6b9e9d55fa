/** Access tokens that a program prints: `token = { command = ["…"] }`. */
import { resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import type { TokenCommand } from "../secret.ts";

const TIMEOUT_MS = 30_000;
const MAX_OUTPUT_BYTES = 64 * 1024;
const MAX_COMPLAINT_CHARACTERS = 200;
/** What programs need to find other programs, their own files and the network; passwords of launchers are not among it. */
const ENVIRONMENT = [
  "PATH HOME USER LOGNAME LANG LANGUAGE LC_ALL LC_CTYPE LC_MESSAGES TZ TMPDIR SSL_CERT_FILE SSL_CERT_DIR",
  "XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_RUNTIME_DIR",
  "HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy",
  // Windows
  "PATHEXT SystemRoot SystemDrive windir ComSpec TEMP TMP USERNAME USERPROFILE APPDATA LOCALAPPDATA ProgramData",
].flatMap((names) => names.split(" "));

/** How a program is run. */
export interface TokenCommandOptions {
  /** Its working directory; a program given with a slash is looked for from here. */
  readonly base: string;
  /** Aborted: the program is killed. */
  readonly signal?: AbortSignal;
  /** Half a minute unless given. */
  readonly timeoutMs?: number;
}

/**
 * Runs the program, without a shell and with a small environment, and returns what it printed, without white space around it.
 *
 * @throws {ConfigError} when it may not be run, is missing, fails, takes too long or prints no token; never with what it
 * printed for a token. The signal's reason when it is aborted.
 */
export async function tokenOf(source: TokenCommand, options: TokenCommandOptions): Promise<string> {
  const { timeoutMs = TIMEOUT_MS } = options;
  const [program = ""] = source.command;
  const subject = `Cannot get the token: "${program}"`;
  const ended = await run(source, { ...options, timeoutMs });
  options.signal?.throwIfAborted();
  if (ended.isLate) {
    throw fault(
      `${subject} has not ended within ${timeoutMs / 1000} s`,
      "run it by hand: it must not ask for anything",
    );
  }
  if (ended.out === undefined) throw fault(`${subject} printed too much`, "let it print the token alone");
  if (ended.code !== 0) {
    const complaint = complaintOf(ended.err ?? "", ended.out);
    throw fault(
      `${subject} ended with ${ended.code}${complaint}`,
      "run it by hand, as the user that runs the gateway",
    );
  }
  const token = ended.out.trim();
  if (token === "") throw fault(`${subject} printed nothing`, "let it print the token on standard output");
  return token;
}

interface Ended {
  readonly code: number;
  readonly isLate: boolean;
  /** `undefined` when there was too much of it. */
  readonly out: string | undefined;
  readonly err: string | undefined;
}

async function run(
  { command: [program = "", ...args], env = [] }: TokenCommand,
  { base, signal, timeoutMs }: TokenCommandOptions & { timeoutMs: number },
): Promise<Ended> {
  const gate = new AbortController();
  const giveUp = () => gate.abort();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    giveUp();
  }, timeoutMs);
  signal?.addEventListener("abort", giveUp);
  if (signal?.aborted) giveUp();
  try {
    const child = new Deno.Command(placeOfProgram(program, base), {
      args: [...args],
      cwd: base,
      clearEnv: true,
      env: environmentOf(env),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    // What handles SIGTERM could go on for ever, and the poll with it.
    gate.signal.addEventListener("abort", () => kill(child));
    if (gate.signal.aborted) kill(child);
    const outputs = [child.stdout, child.stderr].map((stream) => capture(stream, gate));
    const [out, err] = await Promise.all(outputs);
    const { code } = await child.status;
    return { code, isLate, out, err };
  } catch (cause) {
    throw faultOfStart(cause, program);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

function environmentOf(further: readonly string[]): Record<string, string> {
  const values = [...ENVIRONMENT, ...further].map((name) => [name, Deno.env.get(name)] as const);
  return Object.fromEntries(values.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    // It ended by itself at this very moment.
    if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Whether this process may run the program; a program without a slash is looked for in PATH. */
export async function mayRun(program: string, base: string): Promise<boolean> {
  const command = placeOfProgram(program, base);
  return (await Deno.permissions.query({ name: "run", command })).state === "granted";
}

/** Where a program given with a slash lies; any other is looked for in PATH by the system. */
function placeOfProgram(program: string, base: string): string {
  return /[/\\]/.test(program) ? resolve(base, program) : program;
}

/** What an administrator does so that a program may be run. */
export function runRemedy(program: string): string {
  return `give its absolute path, and start the gateway with LANCEUR_RUN set to that path (${
    JSON.stringify(program)
  } is not among the programs it may run)`;
}

/** What a stream holds, as text; too much of it ends the program, and counts as nothing. */
async function capture(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  gate: AbortController,
): Promise<string | undefined> {
  const reader = stream.getReader();
  // What the program itself started may hold its output open after it was killed.
  const onAbort = () => void reader.cancel().catch(() => {});
  gate.signal.addEventListener("abort", onAbort);
  const decoder = new TextDecoder();
  let text = "";
  let sizeBytes = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    sizeBytes += read.value.length;
    if (sizeBytes > MAX_OUTPUT_BYTES) {
      gate.abort();
      return undefined;
    }
    text += decoder.decode(read.value, { stream: true });
  }
  gate.signal.removeEventListener("abort", onAbort);
  return text;
}

function faultOfStart(cause: unknown, program: string): unknown {
  const subject = `Cannot get the token: "${program}"`;
  if (cause instanceof Deno.errors.NotCapable) {
    return fault(`${subject} may not be run by this process`, runRemedy(program), cause);
  }
  if (cause instanceof Deno.errors.NotFound) {
    return fault(`${subject} is not there`, "give the absolute path of the program", cause);
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    return fault(`${subject} cannot be run`, "let the user that runs the gateway execute it", cause);
  }
  return cause;
}

/** The last line of what a program complained of, without anything that might be a token. */
function complaintOf(said: string, printed: string): string {
  // deno-lint-ignore no-control-regex -- They are what is taken out.
  const line = said.trim().split("\n").at(-1)?.replace(/[\x00-\x1f\x7f-\x9f]+/g, " ").trim() ?? "";
  if (line === "") return "";
  const words = line.split(" ").map((word) =>
    word.length >= 32 || (word.length >= 8 && printed.includes(word)) ? "***" : word
  );
  return `: "${words.join(" ").slice(0, MAX_COMPLAINT_CHARACTERS)}"`;
}

function fault(message: string, remedy: string, cause?: unknown): ConfigError {
  const options = cause === undefined ? {} : { cause };
  return new ConfigError([{ severity: "error", file: "", message, remedy }], options);
}
