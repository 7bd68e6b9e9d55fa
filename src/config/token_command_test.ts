import assert from "node:assert/strict";
import { TempFolder } from "../../test/servers/temp_folder.ts";
import { ConfigError } from "../errors.ts";
import { tokenOf } from "./token_command.ts";

const isWindows = Deno.build.os === "windows";
const TOKEN = "ya29.a0AfB_byC-this-is-a-long-access-token-of-a-test";

async function script(folder: TempFolder, text: string): Promise<string> {
  const path = await folder.write("token.sh", `#!/bin/sh\n${text}\n`);
  await Deno.chmod(path, 0o755);
  return path;
}

function sentence(error: ConfigError): string {
  return error.problems.map(({ message, remedy = "" }) => `${message}; ${remedy}`).join("\n");
}

Deno.test({
  name: "tokenOf() runs the program anew each time, without a shell, in the folder of launchers.d",
  ignore: isWindows,
  async fn() {
    await using folder = await TempFolder.make();
    await script(folder, 'echo x >> count; printf "%s %s %s\\n" "$1" "$2" "$(wc -l < count | tr -d " ")"');
    const command = ["./token.sh", "a b", "$HOME;ls"];
    assert.equal(await tokenOf({ command }, { base: folder.path }), "a b $HOME;ls 1");
    assert.equal(await tokenOf({ command }, { base: folder.path }), "a b $HOME;ls 2");
  },
});

Deno.test({
  name: "tokenOf() says what went wrong and what to do, and never shows a token",
  ignore: isWindows,
  async fn(t) {
    const cases: [string, string, RegExp][] = [
      [
        "fails",
        "echo 'refresh token expired' >&2; exit 3",
        /ended with 3: "refresh token expired"; run it by hand/,
      ],
      ["fails, with the token", `echo ${TOKEN}; echo "bad ${TOKEN} here" >&2; exit 1`, /: "bad \*\*\* here"/],
      ["fails, with a short token", "echo sesame-ouvre; echo sesame-ouvre >&2; exit 1", /: "\*\*\*"/],
      ["fails in silence", "exit 4", /ended with 4; run it/],
      ["nothing", "true", /printed nothing/],
      ["blanks", "echo ' '", /printed nothing/],
      ["too much", "yes", /printed too much/],
      ["too late", "exec sleep 60", /has not ended within 0\.5 s/],
      ["too late, with a child that goes on", "sleep 60", /has not ended within 0\.5 s/],
      ["too late, deaf to SIGTERM", "trap '' TERM; sleep 5; sleep 5; sleep 5", /has not ended within 0\.5 s/],
    ];
    for (const [name, text, expected] of cases) {
      await t.step(name, async () => {
        await using folder = await TempFolder.make();
        const program = await script(folder, text);
        const timeoutMs = name.startsWith("too late") ? 500 : 60_000;
        await assert.rejects(tokenOf({ command: [program] }, { base: folder.path, timeoutMs }), (error) => {
          assert.ok(error instanceof ConfigError, String(error));
          assert.match(sentence(error), expected);
          assert.ok(!sentence(error).includes(TOKEN) && !sentence(error).includes("sesame-ouvre"));
          return true;
        });
      });
    }
    await t.step("missing", async () => {
      await assert.rejects(
        tokenOf({ command: ["/nowhere/token"] }, { base: "/" }),
        /Cannot get the token: "\/nowhere\/token" is not there/,
      );
    });
    await t.step("not executable", async () => {
      await using folder = await TempFolder.make();
      await folder.write("token", "x");
      await assert.rejects(
        tokenOf({ command: ["./token"] }, { base: folder.path }),
        /"\.\/token" cannot be run/,
      );
    });
  },
});

Deno.test({
  name: "tokenOf() gives the program a small environment, and the variables that are named for it",
  ignore: isWindows,
  async fn() {
    await using folder = await TempFolder.make();
    const program = await script(folder, "env | sed 's/=.*//' | sort | tr '\\n' ' '");
    const names = ["LANCEUR_TEST_PASSWORD", "LANCEUR_TEST_CLIENT_SECRET"];
    for (const name of names) Deno.env.set(name, "x");
    try {
      const plain = (await tokenOf({ command: [program] }, { base: folder.path })).split(" ");
      assert.ok(plain.includes("PATH") && !plain.some((name) => names.includes(name)), plain.join());
      const env = ["LANCEUR_TEST_CLIENT_SECRET"];
      const given = (await tokenOf({ command: [program], env }, { base: folder.path })).split(" ");
      assert.deepEqual(given.filter((name) => names.includes(name)), env);
    } finally {
      for (const name of names) Deno.env.delete(name);
    }
  },
});

Deno.test({
  name: "tokenOf() ends with the signal's reason",
  ignore: isWindows,
  async fn() {
    await using folder = await TempFolder.make();
    const program = await script(folder, "exec sleep 60");
    const gate = new AbortController();
    const token = tokenOf({ command: [program] }, { base: folder.path, signal: gate.signal });
    gate.abort(new Error("stopping"));
    await assert.rejects(token, /stopping/);
  },
});
