/** The real stunnel, for comparison: Debian's `stunnel4`, in the foreground, until disposed. */
import { isInstalled, skipped } from "./installed.ts";

/** Goes before the configuration: stunnel stays in the foreground and tells everything, and looks no name up. */
export const STUNNEL_PRELUDE = "foreground = yes\ndebug = 7\nsyslog = no\npid =\ndelay = yes\n";

/** A stunnel that was started, running or not. */
export interface Stunnel extends AsyncDisposable {
  /** Whether it took its configuration. */
  readonly accepts: boolean;
  /** Everything it has said. */
  readonly log: string;
  /** Where a section really listens, as `host:port` or a path; rejects when it ends before. */
  listening(section: string): Promise<string>;
}

/** Why stunnel cannot be started; `undefined` when it can. Throws where no test may be skipped. */
export function whyNoStunnel(): string | undefined {
  if (Deno.build.os !== "linux") return skipped("stunnel is started on Linux only");
  return skipped(
    isInstalled("stunnel4") ? undefined : "stunnel4 is not installed (Debian: apt install stunnel4)",
  );
}

/** Starts stunnel on a file that begins with `STUNNEL_PRELUDE`; resolves when it has taken or refused it. */
export async function startStunnel(file: string): Promise<Stunnel> {
  const stunnel = new RunningStunnel(file);
  await stunnel.said(/Configuration successful/);
  return stunnel;
}

class RunningStunnel implements Stunnel {
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  #log = "";
  #ended = false;
  #news = Promise.withResolvers<void>();

  constructor(file: string) {
    this.#child = new Deno.Command("stunnel4", {
      args: [file],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#reading = this.#read();
  }

  get accepts(): boolean {
    return /Configuration successful/.test(this.#log);
  }

  get log(): string {
    return this.#log;
  }

  async listening(section: string): Promise<string> {
    const name = section.replaceAll(/[^\w]/g, "\\$&");
    const found = await this.said(new RegExp(`Service \\[${name}\\] \\(FD=\\d+\\) bound to (\\S+)`));
    const address = found?.[1];
    if (address === undefined) throw new Error(`stunnel does not listen for [${section}]:\n${this.#log}`);
    return address.replace(/^localhost:(?=\/)/, "");
  }

  /** Resolves with the match once it has been said, or without when stunnel ends before. */
  async said(pattern: RegExp): Promise<RegExpExecArray | undefined> {
    for (;;) {
      const match = pattern.exec(this.#log);
      if (match !== null) return match;
      if (this.#ended) return undefined;
      await this.#news.promise;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#child.kill("SIGKILL");
    await this.#reading;
    await this.#child.status;
  }

  async #read(): Promise<void> {
    // Names of sections may be in any encoding.
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream("windows-1252"))) {
      this.#log += text;
      this.#tell();
    }
    this.#ended = true;
    this.#tell();
  }

  #tell(): void {
    const { resolve } = this.#news;
    this.#news = Promise.withResolvers();
    resolve();
  }
}
