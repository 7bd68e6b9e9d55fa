/** What the benchmarks of mail share: launchers on a Dovecot, and programs whose time and memory are measured. */
import type { Dovecot } from "../servers/dovecot.ts";
import { taskArguments } from "../servers/program.ts";
import type { TempFolder } from "../servers/temp_folder.ts";

const SAMPLE_MS = 20;

/** What a program took. */
export interface Usage {
  readonly seconds: number;
  /** Of all its processes and threads, in steps of 10 ms. */
  readonly cpuSeconds: number;
  /** The highest sum, over the process and its children, of what each had in memory at most. */
  readonly peakMegabytes: number;
}

/** A launcher on a Dovecot. */
export interface MailLauncher {
  readonly protocol: "imap" | "pop3";
  /** The first one unless given. */
  readonly account?: string;
  /** More lines of `[listen]`. */
  readonly listen?: string;
  readonly schedule?: string;
}

/** Writes `launchers.d/NAME.toml`: through the tunnel, into a COLD directory of the same name. */
export async function writeLauncher(
  folder: TempFolder,
  { dovecot, name, launcher }: { dovecot: Dovecot; name: string; launcher: MailLauncher },
): Promise<void> {
  const { protocol, account = dovecot.account, listen = "", schedule = "0 4 * * *" } = launcher;
  const service = (kind: string, port: number) =>
    `[dovecot-${kind}]\nclient = yes\naccept = 127.0.0.1:0\nconnect = localhost:${port}\nCAfile = ${dovecot.caFile}\n`;
  await folder.write(
    "launchers.d/dovecot.conf",
    service("imap", dovecot.ports.imaps) + service("pop3", dovecot.ports.pop3s),
  );
  await Deno.chmod(await folder.write("secret", dovecot.password), 0o600);
  await folder.write("launchers.d/gateway.toml", '[status]\nlisten = "127.0.0.1:0"\n');
  await folder.write(
    `launchers.d/${name}.toml`,
    `schedule = "${schedule}"\n[listen]\nprotocol = "${protocol}"\ntunnel = "dovecot-${protocol}"\n` +
      `account = "${account}"\npassword = { file = "secret" }\n${listen}\n[deliver]\ncold = "${name}"\n`,
  );
}

/** The words of `deno task TASK ARGS`, with the rights that users give it. */
export function taskCommand(task: "run" | "start", ...args: string[]): [string, ...string[]] {
  return [Deno.execPath(), ...taskArguments(task), ...args];
}

/** Runs a program to its end, with a limit of five minutes. */
export async function measure(command: readonly [string, ...string[]], cwd: string): Promise<Usage> {
  const [program, ...args] = command;
  const cpuBefore = await childrenCpuSeconds();
  const start = performance.now();
  const child = new Deno.Command(program, {
    args,
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal: AbortSignal.timeout(300_000),
  }).spawn();
  const said = new Response(child.stderr).text();
  const memory = watchMemory(child.pid);
  const { success, code } = await child.status;
  const seconds = (performance.now() - start) / 1000;
  const peakMegabytes = await memory.stop();
  if (!success) throw new Error(`${program} ended with ${code}: ${(await said).slice(-2000)}`);
  await said;
  return { seconds, cpuSeconds: await childrenCpuSeconds() - cpuBefore, peakMegabytes };
}

/** What all children of this process that have ended took, with theirs (cutime and cstime of proc(5)). */
async function childrenCpuSeconds(): Promise<number> {
  const stat = await Deno.readTextFile("/proc/self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** Follows what a process and its children have in memory (VmHWM) until it is stopped. */
export function watchMemory(pid: number): { stop(): Promise<number> } {
  const peaks = new Map<number, number>();
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      for (const one of await family(pid)) {
        const status = await Deno.readTextFile(`/proc/${one}/status`).catch(() => "");
        const kibibytes = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0);
        peaks.set(one, Math.max(peaks.get(one) ?? 0, kibibytes));
      }
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    }
  })();
  return {
    async stop() {
      isOver = true;
      await watching;
      return peaks.values().reduce((sum, kibibytes) => sum + kibibytes, 0) / 1024;
    },
  };
}

async function family(pid: number): Promise<number[]> {
  const text = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "");
  const children = text.split(" ").filter(Boolean).map(Number);
  return [pid, ...(await Promise.all(children.map(family))).flat()];
}

/** How many files a folder holds. */
export async function countFiles(path: string): Promise<number> {
  return (await Array.fromAsync(Deno.readDir(path)).catch(() => [])).length;
}
