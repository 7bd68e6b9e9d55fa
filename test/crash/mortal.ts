/**
 * The program, killed by itself (SIGKILL) right after its N-th lasting step: `mortal.ts N COMMAND…`. Lasting is what
 * another process can still see after the kill: a file made, written, renamed or removed, a transaction committed,
 * octets sent. They are done one at a time, so that killing after each N from 1 on meets every state that there is
 * between two of them; with N = 0 it lives on. Synced or not makes no difference to a kill and is no step.
 */
import { DatabaseSync } from "node:sqlite";
import { type CommandLine, readCommandLine } from "../../src/command_line.ts";

type Method = (...args: unknown[]) => unknown;

const [fatal = "0", ...commandLine] = Deno.args;
const fatalStep = Number(fatal);
let steps = 0;
let last: Promise<unknown> = Promise.resolve();

function done(step: string): void {
  if (++steps !== fatalStep) return;
  Deno.stderr.writeSync(new TextEncoder().encode(`killed after step ${steps}, ${step}\n`));
  Deno.kill(Deno.pid, "SIGKILL");
}

function methodOf(owner: object, name: string): Method {
  const method: unknown = Reflect.get(owner, name);
  if (typeof method !== "function") throw new TypeError(`${name} is no function`);
  return function (this: unknown, ...args) {
    return Reflect.apply(method, this, args);
  };
}

/** Puts `around` in the place of a method; it is given the method, bound, and its arguments. */
function replace(owner: object, name: string, around: (method: Method, args: unknown[]) => unknown): void {
  const method = methodOf(owner, name);
  const isReplaced = Reflect.defineProperty(owner, name, {
    configurable: true,
    writable: true,
    value(this: unknown, ...args: unknown[]) {
      return around((...given) => Reflect.apply(method, this, given), args);
    },
  });
  if (!isReplaced) throw new TypeError(`${name} cannot be replaced`);
}

/** Once everything before is done: nothing lasting happens at the same time. */
function inTurn(step: string, work: () => unknown): Promise<unknown> {
  const result = last.then(async () => {
    const value = await work();
    done(step);
    return value;
  });
  last = result.catch(() => {});
  return result;
}

function nameOf(args: readonly unknown[]): string {
  return args.filter((arg) => typeof arg === "string").join(" → ").slice(0, 200);
}

for (const name of ["rename", "remove", "mkdir", "link", "symlink", "copyFile", "truncate", "utime"]) {
  replace(Deno, name, (method, args) => inTurn(`${name} ${nameOf(args)}`, () => method(...args)));
}
replace(Deno, "open", (method, args) => {
  const options = args[1];
  const isWritten = typeof options === "object" && options !== null && "write" in options;
  return isWritten ? inTurn(`open ${nameOf(args)}`, () => method(...args)) : method(...args);
});
for (const name of ["writeTextFile", "writeFile"]) {
  replace(Deno, name, async (method, [path, content, options]) => {
    // It takes its time: half of it may be there.
    if (typeof content === "string" && content.length > 1) {
      await inTurn(
        `half of ${name} ${path}`,
        () => method(path, content.slice(0, content.length >> 1), options),
      );
      return await inTurn(
        `${name} ${path}`,
        () => method(path, content, { ...options ?? {}, createNew: false }),
      );
    }
    return await inTurn(`${name} ${path}`, () => method(path, content, options));
  });
}
for (const name of ["write", "truncate"]) {
  replace(Deno.FsFile.prototype, name, (method, args) => inTurn(`${name} to a file`, () => method(...args)));
}
replace(Deno, "connect", async (method, args) => {
  const connection = await method(...args);
  if (typeof connection !== "object" || connection === null) throw new TypeError("That is no connection");
  replace(connection, "write", (write, given) => inTurn(`send ${describe(given[0])}`, () => write(...given)));
  return connection;
});
replace(WritableStreamDefaultWriter.prototype, "write", async (method, args) => {
  const value = await method(...args);
  done("write to a process");
  return value;
});
replace(DatabaseSync.prototype, "exec", (method, args) => {
  const value = method(...args);
  if (!/^(BEGIN|ROLLBACK|SAVEPOINT|RELEASE)/.test(String(args[0]))) {
    done(`ledger ${String(args[0]).slice(0, 60)}`);
  }
  return value;
});

function describe(bytes: unknown): string {
  return bytes instanceof Uint8Array
    ? new TextDecoder().decode(bytes).slice(0, 40).replaceAll("\r\n", "¶")
    : "";
}

const COMMANDS: Readonly<Record<string, () => Promise<(line: CommandLine) => Promise<number>>>> = {
  run: async () => (await import("../../src/commands/run.ts")).run,
  quarantine: async () => (await import("../../src/commands/quarantine.ts")).quarantine,
  redeliver: async () => (await import("../../src/commands/redeliver.ts")).redeliver,
};

async function perform(): Promise<number> {
  const line = readCommandLine(commandLine);
  const command = "show" in line ? undefined : COMMANDS[line.command];
  if ("show" in line || command === undefined) {
    throw new TypeError(`Only ${Object.keys(COMMANDS).join(", ")} can be mortal`);
  }
  return await (await command())(line);
}

const code = await perform();
Deno.stderr.writeSync(new TextEncoder().encode(`${steps} steps\n`));
Deno.exit(code);
