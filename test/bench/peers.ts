/** The programs `bench tunnel` compares: each turns a plain local port into verified TLS to the same upstream. */
import { freePort } from "../servers/free_port.ts";
import type { TempFolder } from "../servers/temp_folder.ts";
import { plainWay, type Way } from "./tunnel_load.ts";

/** What is measured: a name in the tables, and how a client reaches the upstream by it. */
export interface Contender {
  readonly name: string;
  readonly way: Way;
}

/** A tunnel program that is ready. */
export interface Peer extends Contender, AsyncDisposable {
  /** Plain, on 127.0.0.1. */
  readonly port: number;
  /** CPU seconds of all its processes so far. */
  cpuSeconds(): Promise<number>;
  /** Its share of the memory, in bytes (PSS of all its processes). */
  memoryBytes(): Promise<number>;
}

export interface UpstreamAddress {
  readonly port: number;
  readonly caFile: string;
}

type Command = readonly [string, ...string[]];
type Recipe = (folder: TempFolder, upstream: UpstreamAddress, port: number) => Promise<Command>;

const RECIPES: Readonly<Record<string, Recipe>> = { stunnel, lanceur, haproxy, nginx };

/** Starts every tunnel program that is installed; the reference comes first. */
export async function startPeers(
  folder: TempFolder,
  upstream: UpstreamAddress,
): Promise<{ peers: Peer[]; missing: string[] }> {
  const peers: Peer[] = [];
  const missing: string[] = [];
  for (const [name, recipe] of Object.entries(RECIPES)) {
    const port = freePort();
    const command = await recipe(folder, upstream, port);
    try {
      peers.push(await start(name, command, port));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw new Error(`Cannot start ${name}`, { cause: error });
      missing.push(name);
    }
  }
  return { peers, missing };
}

/** nginx as a TLS server before a plain one: made for many handshakes, without Nagle's delays. */
export async function startTlsFront(
  folder: TempFolder,
  { files: [cert, key], plain, resumes }: {
    readonly files: readonly [string, string];
    readonly plain: number;
    /** Whether clients may resume a session instead of a whole handshake. */
    readonly resumes: boolean;
  },
): Promise<Peer> {
  const port = freePort();
  const file = await folder.write(
    `front-${port}.conf`,
    nginxConf(folder.at(`front-${port}.pid`), [
      `listen 127.0.0.1:${port} ssl backlog=4000;`,
      `ssl_certificate ${cert};`,
      `ssl_certificate_key ${key};`,
      `proxy_pass 127.0.0.1:${plain};`,
      ...(resumes ? [] : ["ssl_session_tickets off;", "ssl_session_cache off;"]),
    ]),
  );
  return await start("front", ["nginx", "-p", "/usr/share/nginx/", "-c", file], port);
}

async function start(name: string, [program, ...args]: Command, port: number): Promise<RunningPeer> {
  const child = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
  await answering(port);
  return new RunningPeer(name, port, child);
}

class RunningPeer implements Peer {
  readonly way: Way;
  readonly #child: Deno.ChildProcess;

  constructor(readonly name: string, readonly port: number, child: Deno.ChildProcess) {
    this.way = plainWay(port);
    this.#child = child;
  }

  async cpuSeconds(): Promise<number> {
    let ticks = 0;
    for (const pid of await this.#processes()) {
      const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
      const [, , , , , , , , , , , user = "0", system = "0"] = stat.slice(stat.lastIndexOf(")") + 2).split(
        " ",
      );
      ticks += Number(user) + Number(system);
    }
    return ticks / 100;
  }

  async memoryBytes(): Promise<number> {
    let kibibytes = 0;
    for (const pid of await this.#processes()) {
      const rollup = await Deno.readTextFile(`/proc/${pid}/smaps_rollup`);
      kibibytes += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
    }
    return kibibytes * 1024;
  }

  /** The process and its children. */
  async #processes(): Promise<number[]> {
    const { pid } = this.#child;
    const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
    return [pid, ...children.split(" ").filter(Boolean).map(Number)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 2000);
    await this.#child.status;
    clearTimeout(timer);
  }
}

async function lanceur(
  folder: TempFolder,
  { port, caFile }: UpstreamAddress,
  accept: number,
): Promise<Command> {
  const file = await folder.write(
    "lanceur.conf",
    `max-connections = 10000\n[bench]\nclient = yes\naccept = 127.0.0.1:${accept}\nconnect = 127.0.0.1:${port}\nCAfile = ${caFile}\n`,
  );
  return [Deno.execPath(), ...await tunnelTask(), file];
}

/** The arguments of `deno task tunnel`, so that what is measured is what users run. */
async function tunnelTask(): Promise<string[]> {
  const root = new URL("../../", import.meta.url);
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  const [program, ...args] = String(tasks.tunnel.command).split(" ");
  if (program !== "deno") throw new Error(`Cannot measure the task "tunnel": it does not begin with deno`);
  const script = args.pop() ?? "";
  return [...args, "--config", new URL("deno.json", root).pathname, new URL(script, root).pathname];
}

async function stunnel(
  folder: TempFolder,
  { port, caFile }: UpstreamAddress,
  accept: number,
): Promise<Command> {
  const file = await folder.write(
    "stunnel.conf",
    `foreground = yes\ndebug = 3\nsyslog = no\npid =\n[bench]\nclient = yes\naccept = 127.0.0.1:${accept}\nconnect = 127.0.0.1:${port}\n` +
      `CAfile = ${caFile}\nverifyChain = yes\ncheckIP = 127.0.0.1\n`,
  );
  return ["stunnel4", file];
}

async function haproxy(
  folder: TempFolder,
  { port, caFile }: UpstreamAddress,
  accept: number,
): Promise<Command> {
  const file = await folder.write(
    "haproxy.cfg",
    `global\n  maxconn 4000\ndefaults\n  mode tcp\n  timeout connect 10s\n  timeout client 1h\n  timeout server 1h\n` +
      `listen bench\n  bind 127.0.0.1:${accept}\n  server up 127.0.0.1:${port} ssl verify required ca-file ${caFile} verifyhost localhost\n`,
  );
  return ["haproxy", "-db", "-f", file];
}

async function nginx(
  folder: TempFolder,
  { port, caFile }: UpstreamAddress,
  accept: number,
): Promise<Command> {
  const file = await folder.write(
    "nginx.conf",
    nginxConf(folder.at("nginx.pid"), [
      `listen 127.0.0.1:${accept} backlog=4000;`,
      `proxy_pass 127.0.0.1:${port};`,
      "proxy_ssl on;",
      "proxy_ssl_verify on;",
      "proxy_ssl_name localhost;",
      `proxy_ssl_trusted_certificate ${caFile};`,
    ]),
  );
  return ["nginx", "-p", "/usr/share/nginx/", "-c", file];
}

function nginxConf(pidFile: string, server: readonly string[]): string {
  return `load_module modules/ngx_stream_module.so;\ndaemon off;\nworker_processes auto;\nuser root;\npid ${pidFile};\n` +
    `error_log stderr crit;\nevents { worker_connections 8000; }\nstream {\n  server {\n    ${
      server.join("\n    ")
    }\n` +
    "    tcp_nodelay on;\n  }\n}\n";
}

/** Resolves when something listens on the port. */
export async function answering(port: number): Promise<void> {
  for (let attempt = 0;; attempt++) {
    try {
      using _ = await Deno.connect({ hostname: "127.0.0.1", port });
      return;
    } catch (error) {
      if (attempt >= 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
