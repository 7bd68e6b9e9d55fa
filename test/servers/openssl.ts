/** `openssl s_server`, for what no server of Deno can be: too old, and of another make. */
import { isInstalled, skipped } from "./installed.ts";

/** A running s_server; disposing ends it. */
export interface OpensslServer extends AsyncDisposable {
  readonly port: number;
}

/** Why openssl cannot be run; `undefined` when it can. Throws where no test may be skipped. */
export function whyNoOpenssl(): string | undefined {
  return skipped(isInstalled("openssl") ? undefined : "openssl is not installed");
}

/** Starts it on a free port of 127.0.0.1 with these arguments besides; it repeats lines backwards. */
export async function startOpenssl(args: readonly string[]): Promise<OpensslServer> {
  const child = new Deno.Command("openssl", {
    args: ["s_server", "-accept", "127.0.0.1:0", "-rev", ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let port: string | undefined;
  while (port === undefined) {
    const { value, done } = await output.read();
    if (done) throw new Error(`openssl s_server did not start: ${text}`);
    text += value;
    port = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(text)?.[1];
  }
  const rest = (async () => {
    while (!(await output.read()).done);
  })();
  return {
    port: Number(port),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await rest;
    },
  };
}
