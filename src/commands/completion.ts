/** `deno task completion bash`: what lets a shell complete, made from the catalogue. */
import { type CommandLine, suggestion, UsageError } from "../command_line.ts";
import {
  COMMAND_NAMES,
  describe,
  type OptionDescription,
  optionsOf,
  QUARANTINE_VERBS,
  SHELLS,
} from "./catalogue.ts";
import { EXIT, print, printJson } from "./output.ts";

/** Tasks that read their own command line. */
const OTHER_TASKS: Readonly<Record<string, string>> = {
  tunnel: "the TLS tunnel alone, in place of stunnel",
  demo: "the whole chain on this machine",
  test: "runs the tests",
  bench: "measures",
  ok: "all that CI checks",
};

/** Prints the script for a shell. */
export function completion({ operands: [shell = ""], json }: CommandLine): Promise<number> {
  const scripts: Readonly<Record<string, () => string>> = { bash, zsh, fish };
  const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
  if (!script) throw new UsageError(`Cannot complete for "${shell}"${suggestion(shell, SHELLS)}`);
  if (json) printJson({ shell, script: script() });
  else print(script());
  return Promise.resolve(EXIT.ok);
}

function optionWords(name: typeof COMMAND_NAMES[number]): string[] {
  return Object.keys(optionsOf(name)).map((option) => `--${option}`);
}

/** Options whose value is a file or folder. */
const PATH_OPTIONS = optionNames(({ value }, name) =>
  value === "FILE" || name === "launchers" || name === "path"
);
/** Options with a value that nobody can guess: nothing is offered for it. */
const FREE_OPTIONS = optionNames(({ value, choices }, name) =>
  value !== undefined && !choices && name !== "tunnel" && name !== "launcher" &&
  !PATH_OPTIONS.includes(`--${name}`)
);
/** What can be measured. */
const BENCHES = "tunnel mail envelopes ledger page";

function optionNames(isWanted: (option: OptionDescription, name: string) => boolean): string[] {
  const all = COMMAND_NAMES.flatMap((command) => Object.entries(optionsOf(command)));
  return [...new Set(all.filter(([name, option]) => isWanted(option, name)).map(([name]) => `--${name}`))];
}

/** `case` branches for values of options that have a list of choices. */
function choiceBranches(): [option: string, choices: readonly string[]][] {
  return COMMAND_NAMES.flatMap((name) =>
    Object.entries(describe(name).options).flatMap(([option, { choices }]) =>
      choices ? [[`--${option}`, choices] as [string, readonly string[]]] : []
    )
  );
}

const ALL_TASKS = [...COMMAND_NAMES, ...Object.keys(OTHER_TASKS)];

/** Shared by bash and zsh: the words that may follow. Names come from the folder, so that it is quick. */
function posixWords(): string {
  const choices = choiceBranches().map(([option, choices]) =>
    `    ${option}) echo "${choices.join(" ")}"; return ;;`
  );
  const options = COMMAND_NAMES.map((name) => `    ${name}) echo "${optionWords(name).join(" ")}" ;;`);
  return `_lanceur_ids() { # launchers.d: what is in quarantine, and kept of launchers that are gone
  local state
  state=$(sed -n "s/^ *state *= *[\\"']\\([^\\"']*\\)[\\"'].*/\\1/p" "$1/gateway.toml" 2>/dev/null | head -n 1)
  case "\${state:=var}" in /*) ;; *) state="$(dirname "$1")/$state" ;; esac
  ls "$state/quarantine" "$state/retained" 2>/dev/null | grep -E '^[0-9]{14}-'
}
_lanceur_names() { # launchers.d
  find "$1" -maxdepth 1 -name '*.toml' ! -name gateway.toml 2>/dev/null | sed 's|.*/||; s|\\.toml$||'
}
_lanceur_words() { # task, word before, launchers.d, operands so far
  case "$2" in
${choices.join("\n")}
    --launcher) _lanceur_names "$3"; return ;;
    --tunnel) sed -n 's/^ *\\[\\([^]]*\\)\\].*/\\1/p' "$3"/*.conf 2>/dev/null; return ;;
    ${FREE_OPTIONS.join(" | ")}) return ;;
  esac
  case "$1" in
${options.join("\n")}
  esac
  case "$1" in
    run | redeliver) [ "$4" -eq 0 ] && _lanceur_names "$3" ;;
    quarantine)
      if [ "$4" -eq 0 ]; then echo "${QUARANTINE_VERBS.join(" ")}"; else _lanceur_ids "$3"; fi ;;
    completion) echo "${SHELLS.join(" ")}" ;;
    bench) echo "${BENCHES}" ;;
  esac
}`;
}

function bash(): string {
  return `# Completion of Lanceur's tasks in bash: deno task COMMAND …
${posixWords()}
_lanceur_paths() { # -f or -d
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$current")
}
_lanceur() {
  local words=() word dir=launchers.d at=-1 i operands=0 current=\${COMP_WORDS[COMP_CWORD]}
  local before=\${COMP_WORDS[COMP_CWORD - 1]}
  # --option=value comes in three words.
  if [[ $current == = ]]; then current=""
  elif [[ $before == = ]]; then before=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ $at -lt 0 && \${COMP_WORDS[i]} == task ]]; then
      for ((at = i + 1; at < COMP_CWORD; at++)); do [[ \${COMP_WORDS[at]} != -* ]] && break; done
    fi
    if [[ \${COMP_WORDS[i]} == --launchers ]]; then [[ $((i + 1)) -lt $COMP_CWORD ]] && dir=\${COMP_WORDS[i + 1]}
    elif [[ $at -ge 0 && $i -gt $at && \${COMP_WORDS[i]} != -* && \${COMP_WORDS[i - 1]} != --launchers ]]; then
      operands=$((operands + 1))
    fi
  done
  if [[ $at -lt 0 || ! -d $dir ]]; then
    [[ $(type -t _lanceur_before) == function ]] && _lanceur_before "$@"
    return
  fi
  case $before in
    ${PATH_OPTIONS.join(" | ")}) _lanceur_paths -f; return ;;
  esac
  if [[ \${COMP_WORDS[at]} == backup && $current != -* && $COMP_CWORD -gt $at ]]; then
    _lanceur_paths -d
    return
  fi
  if [[ $COMP_CWORD -eq $at ]]; then words=(${ALL_TASKS.join(" ")})
  elif [[ \${COMP_WORDS[at]} == tunnel ]]; then
    words=(--check --help)
    for word in "$dir"/*.conf; do [[ -f $word ]] && words+=("$word"); done
  else read -r -d "" -a words < <(_lanceur_words "\${COMP_WORDS[at]}" "$before" "$dir" "$operands"); fi
  # Not compgen -W: it runs $(…) in what it is given, and names may be anything.
  for word in "\${words[@]}"; do
    printf -v word %q "$word"
    [[ $word == "$current"* ]] && COMPREPLY+=("$word")
  done
}
# What completed deno until now still does elsewhere.
_lanceur_old=$(complete -p deno 2>/dev/null | sed -n 's/.* -F \\([^ ]*\\) .*/\\1/p')
if [[ -n $_lanceur_old && $_lanceur_old != _lanceur ]]; then eval "_lanceur_before() { $_lanceur_old \\"\\$@\\"; }"; fi
unset _lanceur_old
complete -o bashdefault -o default -F _lanceur deno`;
}

function zsh(): string {
  return `# Completion of Lanceur's tasks in zsh: deno task COMMAND …
${posixWords()}
_lanceur() {
  local dir=launchers.d at=0 i operands=0
  for ((i = 2; i < CURRENT; i++)); do
    if [[ $at -eq 0 && "\${words[i]}" == task ]]; then
      for ((at = i + 1; at < CURRENT; at++)); do [[ "\${words[at]}" != -* ]] && break; done
    fi
    if [[ "\${words[i]}" == --launchers ]]; then [[ $((i + 1)) -lt $CURRENT ]] && dir="\${words[i+1]}"
    elif [[ $at -gt 0 && $i -gt $at && "\${words[i]}" != -* && "\${words[i-1]}" != --launchers ]]; then
      operands=$((operands + 1))
    fi
  done
  if [[ $at -eq 0 || ! -d "$dir" ]]; then
    (($+functions[_deno])) && _deno "$@" || _files
    return
  fi
  case "\${words[CURRENT-1]}" in
    ${PATH_OPTIONS.join(" | ")}) _files; return ;;
  esac
  if [[ "\${words[at]}" == backup && "\${words[CURRENT]}" != -* && $CURRENT -gt $at ]]; then _files -/; return; fi
  if [[ $CURRENT -eq $at ]]; then compadd -- ${ALL_TASKS.join(" ")}
  elif [[ "\${words[at]}" == tunnel ]]; then compadd -- --check --help; _files -g '*.conf'
  else compadd -- $(_lanceur_words "\${words[at]}" "\${words[CURRENT-1]}" "$dir" "$operands"); fi
}
compdef _lanceur deno`;
}

/** What fish asks for the values of options. */
const FISH_WORDS: Readonly<Record<string, string>> = {
  tunnel: "(__lanceur_services)",
  launcher: "(__lanceur_names)",
};

function fish(): string {
  const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = [
    "# Completion of Lanceur's tasks in fish: deno task COMMAND …",
    "# What completes deno itself comes first: a file of this name hides the others.",
    "for file in $fish_complete_path/deno.fish",
    "  test -f $file; and test $file != (status filename); and source $file; and break",
    "end",
    "function __lanceur_in # commands; without any: whether the command itself is to come",
    "  test -d launchers.d; or return 1",
    "  set -l words (string match -v -- '-*' (commandline -opc))",
    "  test (count $words) -ge 2; and test $words[2] = task; or return 1",
    "  if test (count $argv) -eq 0",
    "    test (count $words) -eq 2",
    "  else",
    "    test (count $words) -ge 3; and contains -- $words[3] $argv",
    "  end",
    "end",
    "function __lanceur_dir # what --launchers names",
    "  set -l words (commandline -opc)",
    "  set -l at (contains -i -- --launchers $words)",
    "  and test (count $words) -gt $at; and echo $words[(math $at + 1)]; or echo launchers.d",
    "end",
    "function __lanceur_names",
    "  for file in (__lanceur_dir)/*.toml",
    "    set -l name (string replace -r '.*/(.*)\\.toml$' '$1' $file)",
    "    test $name = gateway; or echo $name",
    "  end",
    "end",
    "function __lanceur_services",
    "  for file in (__lanceur_dir)/*.conf",
    "    string replace -rf '^ *\\[([^\\]]*)\\].*' '$1' < $file",
    "  end",
    "end",
    "function __lanceur_quarantine # the verbs, then what is there",
    "  set -l dir (__lanceur_dir)",
    `  if not string match -qr -- '^(${QUARANTINE_VERBS.join("|")})$' (commandline -opc)`,
    `    string split ' ' '${QUARANTINE_VERBS.join(" ")}'; return`,
    "  end",
    "  set -l state (string match -rg '^ *state *= *[\"\\']([^\"\\']*)' < $dir/gateway.toml)[1]",
    '  test -n "$state"; or set state var',
    "  string match -q '/*' $state; or set state (dirname $dir)/$state",
    "  for path in $state/quarantine/* $state/retained/*",
    "    string match -r '[0-9]{14}-[a-z0-9]+$' $path",
    "  end",
    "end",
    `complete -c deno -f -n __lanceur_in -a ${quoted(ALL_TASKS.join(" "))}`,
  ];
  for (const name of COMMAND_NAMES) {
    for (const [option, { value, meaning, choices }] of Object.entries(optionsOf(name))) {
      const words = FISH_WORDS[option] ?? choices?.join(" ");
      const taken = PATH_OPTIONS.includes(`--${option}`)
        ? " -r"
        : words === undefined
        ? " -x"
        : ` -x -a ${quoted(words)}`;
      const argument = value === undefined ? "" : taken;
      lines.push(`complete -c deno -n '__lanceur_in ${name}' -l ${option}${argument} -d ${quoted(meaning)}`);
    }
  }
  lines.push(
    `complete -c deno -f -n '__lanceur_in run redeliver' -a '(__lanceur_names)'`,
    `complete -c deno -f -n '__lanceur_in quarantine' -a '(__lanceur_quarantine)'`,
    `complete -c deno -f -n '__lanceur_in backup' -a '(__fish_complete_directories)'`,
    `complete -c deno -f -n '__lanceur_in bench' -a '${BENCHES}'`,
    `complete -c deno -f -n '__lanceur_in completion' -a '${SHELLS.join(" ")}'`,
  );
  return lines.join("\n");
}
