/** Completion in the shells themselves, where they are installed. */
import assert from "node:assert/strict";
import { isInstalled } from "./servers/installed.ts";
import { runTask } from "./servers/program.ts";
import { TempFolder } from "./servers/temp_folder.ts";

/** What is typed, and what has to be offered. */
const CASES: readonly (readonly [typed: string, offered: readonly string[]])[] = [
  ["deno task stat", ["status"]],
  ["deno task -q re", ["redeliver", "reload"]],
  ["deno task run g", ["gmail-imap", "gmail-pop3"]],
  ["deno task run --d", ["--dry-run"]],
  ["deno task quarantine dr", ["drop"]],
  ["deno task quarantine retry 202601", ["20260131080500-ab12cd"]],
  ["deno task quarantine drop 202602", ["20260201080500-ab12cd"]],
  ["deno task quarantine show 2026", ["20260131080500-ab12cd", "20260201080500-ab12cd"]],
  ["deno task quarantine retry 20260131080500-ab12cd 202602", ["20260201080500-ab12cd"]],
  ["deno task new x --tunnel mai", ["mairie-pop3"]],
  ["deno task new x --ca-f", ["--ca-file"]],
  ["deno task new x --ca-file mairie.p", ["mairie.pem"]],
  ["deno task new x --after ke", []],
  ["deno task quarantine retry --launcher in", ["inbox"]],
  ["deno task bench env", ["envelopes"]],
  ["deno task backup lau", ["launchers.d"]],
  ["deno task run --launchers autre/launchers.d sc", ["scans"]],
  ["deno task new x --protocol po", ["pop3"]],
  ["deno task completion z", ["zsh"]],
  ["deno fm", []],
];

async function withProject(
  shell: "bash" | "zsh" | "fish",
  use: (folder: TempFolder, script: string) => Promise<void>,
): Promise<void> {
  await using folder = await TempFolder.make();
  for (const name of ["gateway", "gmail-imap", "gmail-pop3", "inbox"]) {
    await folder.write(`launchers.d/${name}.toml`, "");
  }
  await folder.write("launchers.d/gateway.toml", 'state = "etat"\n');
  await folder.write("launchers.d/mail.conf", "[mairie-pop3]\nclient = yes\n; [mairie-old]\n");
  await folder.write("autre/launchers.d/scans.toml", "");
  await folder.write("mairie.pem", "");
  await folder.write("etat/quarantine/20260131080500-ab12cd/reason.json", "{}");
  await folder.write("etat/retained/20260201080500-ab12cd/reason.json", "{}");
  const { code, stdout } = await runTask("completion", [shell], { cwd: folder.path });
  assert.equal(code, 0);
  await use(folder, await folder.write("config/fish/completions/deno.fish", stdout));
}

async function run(program: string, args: readonly string[], folder: TempFolder): Promise<string> {
  const { stdout, stderr, success } = await new Deno.Command("timeout", {
    args: ["60", program, ...args],
    cwd: folder.path,
    env: { XDG_CONFIG_HOME: folder.at("config"), HOME: folder.path, TERM: "dumb" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.ok(success, text + new TextDecoder().decode(stderr));
  return text;
}

Deno.test({
  name: "bash completes tasks, options, launchers, quarantine IDs and choices",
  ignore: !isInstalled("bash"),
  async fn() {
    await withProject("bash", async (folder, script) => {
      // As readline splits --protocol=po.
      const split = ["deno task new x --protocol = po", ["pop3"]] as const;
      for (const [typed, offered] of [...CASES, split]) {
        const program = `source ${script}; COMP_WORDS=(${typed}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); ` +
          `_lanceur deno; printf '%s\\n' "\${COMPREPLY[@]}"`;
        const found = (await run("bash", ["--norc", "-c", program], folder)).split("\n").filter(Boolean)
          .sort();
        assert.deepEqual(found, offered, typed);
      }
    });
  },
});

Deno.test({
  name: "bash runs nothing that a name says, and quotes it",
  ignore: !isInstalled("bash"),
  async fn() {
    await withProject("bash", async (folder, script) => {
      await folder.write("launchers.d/more.conf", "[$(touch$IFS'run1')]\n[`touch$IFS'run2'`]\n[*]\n");
      await folder.write("launchers.d/$(touch$IFS'run3').toml", "");
      await folder.write("launchers.d/$(touch$IFS'run4').conf", "");
      await folder.write("my ca.pem", "");
      const lines = ["task new x --tunnel", "task run", "task tunnel"].map((
        words,
      ) => [...words.split(" "), ""]);
      const offered = await Promise.all([...lines, ["task", "new", "x", "--ca-file", "my"]].map((words) => {
        const typed = ["deno", ...words].map((word) => `'${word}'`).join(" ");
        const program = `source ${script}; COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; ` +
          `_lanceur deno; printf '%s\\n' "\${COMPREPLY[@]}"`;
        return run("bash", ["--norc", "-c", program], folder);
      }));
      assert.match(offered[0] ?? "", /^\\\$\\\(touch\\\$IFS\\'run1\\'\\\)\n.*run2.*\n\\\*\n/m);
      assert.match(offered[1] ?? "", /run3/);
      assert.match(offered[2] ?? "", /run4/);
      assert.equal(offered[3], "my ca.pem\n");
      const made = (await Array.fromAsync(Deno.readDir(folder.path))).map(({ name }) => name);
      assert.deepEqual(made.filter((name) => name.startsWith("run")), []);
    });
  },
});

Deno.test({
  name: "bash still completes what it did for deno before",
  ignore: !isInstalled("bash"),
  async fn() {
    await withProject("bash", async (folder, script) => {
      const program = `_deno() { COMPREPLY=(fmt); }; complete -F _deno deno; source ${script}; ` +
        `COMP_WORDS=(deno fm); COMP_CWORD=1; _lanceur deno; echo "\${COMPREPLY[@]}"`;
      assert.equal(await run("bash", ["--norc", "-c", program], folder), "fmt\n");
    });
  },
});

Deno.test({
  name: "fish completes the same",
  ignore: !isInstalled("fish"),
  async fn() {
    await withProject("fish", async (folder) => {
      for (const [typed, offered] of CASES.filter(([, offered]) => offered.length > 0)) {
        const found = (await run("fish", ["-c", `complete -C "${typed}" | cut -f1`], folder)).split("\n");
        assert.deepEqual(found.filter(Boolean).map((word) => word.replace(/\/$/, "")).sort(), offered, typed);
      }
    });
  },
});

Deno.test({
  name: "zsh completes the same",
  ignore: !isInstalled("zsh"),
  async fn() {
    await withProject("zsh", async (folder, script) => {
      // One candidate alone is written into the line: that it stands there is what shows it.
      const single = CASES.filter(([, offered]) => offered.length === 1);
      const steps = single.map(([typed, [word]]) => {
        const [, before = ""] = /^(.*) \S*$/.exec(typed) ?? [];
        return `zpty -n -w z "${typed}"$'\\t'; zpty -r -m z line '*${before} ${word}*'; print -r -- FOUND; zpty -n -w z $'\\x15'`;
      });
      const program = [
        "zmodload zsh/zpty",
        "zpty z zsh -f -i",
        `zpty -w z 'unsetopt zle_bracketed_paste; autoload -U compinit; compinit -u -D; source ${script}; PS1=; echo READY$((1+1))'`,
        "zpty -r -m z line '*READY2*'",
        ...steps,
        "zpty -d z",
      ].join("\n");
      const shown = await run("zsh", ["-f", "-c", program], folder);
      assert.equal(shown.split("FOUND").length - 1, single.length, shown);
    });
  },
});
