import assert from "node:assert/strict";
import { readCommandLine, UsageError } from "./command_line.ts";
import { COMMAND_NAMES, describe, optionsOf } from "./commands/catalogue.ts";
import { commandHelp, generalHelp } from "./commands/help.ts";

Deno.test("readCommandLine() reads commands, operands, switches and values in any order", () => {
  assert.deepEqual(readCommandLine(["--launchers", "dir", "run", "inbox", "--dry-run", "--json"]), {
    command: "run",
    operands: ["inbox"],
    launchers: "dir",
    json: true,
    switches: new Set(["dry-run", "json"]),
    values: { launchers: "dir" },
  });
  assert.deepEqual(readCommandLine(["new", "x", "--account=a@b", "--port", "143"]), {
    command: "new",
    operands: ["x"],
    launchers: "launchers.d",
    json: false,
    switches: new Set(),
    values: { account: "a@b", port: "143" },
  });
});

Deno.test("readCommandLine() gives help and version where they are asked for, before it finds fault", () => {
  const cases: readonly (readonly [args: string[], question: unknown])[] = [
    [[], { show: "help" }],
    [["--help"], { show: "help" }],
    [["help"], { show: "help" }],
    [["help", "run"], { show: "help", command: "run" }],
    [["run", "-h"], { show: "help", command: "run" }],
    [["run", "a", "b", "c", "--help"], { show: "help", command: "run" }],
    [["--version"], { show: "version" }],
    [["start", "-V"], { show: "version" }],
  ];
  for (const [args, question] of cases) assert.deepEqual(readCommandLine(args), question);
});

Deno.test("readCommandLine() says what would be right", async (t) => {
  const cases: readonly (readonly [args: string[], said: RegExp])[] = [
    [["chek"], /Cannot run command "chek": unknown; did you mean "check"\?/],
    [["help", "stauts"], /did you mean "status"/],
    [["xyzzy"], /unknown; there are start, check, new/],
    [["check", "--conect"], /no such option of check; did you mean "--connect"/],
    [["run", "x", "--dryrun"], /did you mean "--dry-run"/],
    [["check", "--dry-run"], /Cannot use --dry-run with check: it belongs to run/],
    [["rn"], /did you mean "run"\?/],
    [
      ["backup"],
      /DIR, the folder to copy into, is missing\n {4}→ deno task backup DIR, such as deno task backup \//,
    ],
    [["completion"], /the shell is missing\n {4}→ deno task completion bash/],
    [
      ["check", "connect"],
      /"connect" is one word too many; did you mean "--connect"\?\n {4}→ deno task check \[/,
    ],
    [["stop", "now"], /"now" is one word too many\n {4}→ deno task stop$/],
    [["run", "a", "b"], /"b" is one word too many/],
    [["status", "--launchers"], /Cannot use --launchers like this: DIR is missing \(folder of the conf/],
    [["status", "--launchers", "--json"], /Cannot use --launchers like this: DIR is missing/],
    [["status", "--json=yes"], /Cannot use --json like this: it takes no value/],
    [["new", "x", "--acount", "a"], /did you mean "--account"/],
  ];
  for (const [args, said] of cases) {
    await t.step(args.join(" "), () => {
      assert.throws(
        () => readCommandLine(args),
        (error) => error instanceof UsageError && said.test(error.message),
      );
    });
  }
});

Deno.test("every command's help names its options, and its examples can be typed", () => {
  for (const name of COMMAND_NAMES) {
    const help = commandHelp(name);
    for (const option of Object.keys(optionsOf(name))) {
      assert.ok(help.includes(`--${option}`), `${name} ${option}`);
    }
    assert.ok(describe(name).examples.length > 0);
    for (const [typed] of describe(name).examples) {
      const words = typed.replace(/ (?:>>?|\|).*$/, "").match(/"[^"]*"|\S+/g) ?? [];
      const line = readCommandLine(words);
      assert.ok("operands" in line && line.command === name, typed);
    }
    assert.ok(generalHelp().includes(`  ${name} `));
  }
});
