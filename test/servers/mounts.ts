/** Volumes of a test's own: small, read-only, or gone, in a mount namespace that no other process sees. */
import { once } from "node:events";
import { spawn, spawnSync } from "node:child_process";

const NAMESPACES = Deno.build.os === "linux" && Deno.uid() === 0 ? ["-m"] : ["-r", "-m"];

/** Why no volume can be mounted here; `undefined` when one can. */
export function whyNoMounts(): string | undefined {
  if (Deno.build.os !== "linux") return "mount namespaces are Linux's";
  const script = "mount -t tmpfs -o size=64k tmpfs /mnt";
  const { status, error } = spawnSync("unshare", [...NAMESPACES, "sh", "-c", script], { stdio: "ignore" });
  if (error) return "there is no unshare";
  return status === 0 ? undefined : "this account may not mount anything, not even for itself";
}

/** A mount namespace. Disposing it unmounts all there is in it. */
export class Mounts implements AsyncDisposable {
  readonly #holder: ReturnType<typeof spawn>;

  private constructor(readonly cwd: string, holder: ReturnType<typeof spawn>) {
    this.#holder = holder;
  }

  /** Makes one, with nothing mounted in it yet, for commands that work in `cwd`. */
  static async make(cwd: string): Promise<Mounts> {
    const holder = spawn("unshare", [...NAMESPACES, "sh", "-c", "echo ready; exec cat >/dev/null"], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    if (holder.stdout) await once(holder.stdout, "data");
    return new Mounts(cwd, holder);
  }

  /** Words before a command that let it see these volumes. */
  get within(): readonly string[] {
    const user = NAMESPACES.includes("-r") ? ["-U", "--preserve-credentials"] : [];
    return ["nsenter", "-t", String(this.#holder.pid), ...user, "-m", `--wdns=${this.cwd}`, "--"];
  }

  /** Runs a shell command there: `mount`, `umount`, `ls`. Resolves with what it prints; throws when it fails. */
  async sh(script: string): Promise<string> {
    const [program = "", ...args] = [...this.within, "sh", "-ec", script];
    const { code, stdout, stderr } = await new Deno.Command(program, { args }).output();
    const decoder = new TextDecoder();
    if (code !== 0) throw new Error(`${script}: ${decoder.decode(stderr)}`);
    return decoder.decode(stdout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#holder, "exit");
    this.#holder.kill("SIGKILL");
    await ended;
  }
}
