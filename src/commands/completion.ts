/** `deno task completion bash`: what lets a shell complete, made from the catalogue. */
import { type CommandLine, suggestion, UsageError } from "../command_line.ts";
import { COMMAND_NAMES, describe, optionsOf, QUARANTINE_VERBS, SHELLS } from "./catalogue.ts";
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

/** `case` branches for values of options that have a list of choices. */
function choiceBranches(): [option: string, choices: readonly string[]][] {
  return COMMAND_NAMES.flatMap((name) =>
    Object.entries(describe(name).options).flatMap(([option, { choices }]) =>
      choices ? [[`--${option}`, choices] as [string, readonly string[]]] : []
    )
  );
}

const ALL_TASKS = [...COMMAND_NAMES, ...Object.keys(OTHER_TASKS)];

/** Shared by bash and zsh: the words that may follow. names come from the folder, so that it is quick. */
function posixWords(): string {
  return `_lanceur_words() { # task, word before, launchers.d, operands so far
  case "$2" in
${
    choiceBranches().map(([option, choices]) => `    ${option}) echo "${choices.join(" ")}"; return ;;`).join(
      "\n",
    )
  }
  esac
  case "$1" in
${COMMAND_NAMES.map((name) => `    ${name}) echo "${optionWords(name).join(" ")}" ;;`).join("\n")}
  esac
  case "$1" in
    run | redeliver) [ "$4" -eq 0 ] && find "$3" -maxdepth 1 -name '*.toml' ! -name gateway.toml 2>/dev/null |
      sed 's|.*/||; s|\\.toml$||' ;;
    quarantine)
      if [ "$4" -eq 0 ]; then echo "${QUARANTINE_VERBS.join(" ")}"
      else ls "$(dirname "$3")/var/quarantine" 2>/dev/null; fi ;;
    completion) echo "${SHELLS.join(" ")}" ;;
  esac
}`;
}

function bash(): string {
  return `# Completion of Lanceur's tasks in bash: deno task COMMAND …
${posixWords()}
_lanceur() {
  local words="" dir=launchers.d at=-1 i operands=0 current=\${COMP_WORDS[COMP_CWORD]}
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
  case \${COMP_WORDS[COMP_CWORD - 1]} in
    --launchers | --path | --password-file | --token-file)
      compopt -o filenames 2>/dev/null
      COMPREPLY=($(compgen -f -- "$current"))
      return ;;
  esac
  if [[ $COMP_CWORD -eq $at ]]; then words="${ALL_TASKS.join(" ")}"
  elif [[ \${COMP_WORDS[at]} == tunnel ]]; then words="$(ls "$dir"/*.conf 2>/dev/null) --check --help"
  else words=$(_lanceur_words "\${COMP_WORDS[at]}" "\${COMP_WORDS[COMP_CWORD - 1]}" "$dir" "$operands"); fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
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
    --launchers | --path | --password-file | --token-file) _files; return ;;
  esac
  if [[ $CURRENT -eq $at ]]; then compadd -- ${ALL_TASKS.join(" ")}
  elif [[ "\${words[at]}" == tunnel ]]; then compadd -- --check --help; _files -g '*.conf'
  else compadd -- $(_lanceur_words "\${words[at]}" "\${words[CURRENT-1]}" "$dir" "$operands"); fi
}
compdef _lanceur deno`;
}

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
    "function __lanceur_names",
    "  for file in launchers.d/*.toml",
    "    set -l name (string replace -r '.*/(.*)\\.toml$' '$1' $file)",
    "    test $name = gateway; or echo $name",
    "  end",
    "end",
    `complete -c deno -f -n __lanceur_in -a ${quoted(ALL_TASKS.join(" "))}`,
  ];
  for (const name of COMMAND_NAMES) {
    for (const [option, { value, meaning, choices }] of Object.entries(optionsOf(name))) {
      const argument = value === undefined ? "" : choices ? ` -x -a ${quoted(choices.join(" "))}` : " -r";
      lines.push(`complete -c deno -n '__lanceur_in ${name}' -l ${option}${argument} -d ${quoted(meaning)}`);
    }
  }
  lines.push(
    `complete -c deno -f -n '__lanceur_in run redeliver' -a '(__lanceur_names)'`,
    `complete -c deno -f -n '__lanceur_in quarantine' -a '${
      QUARANTINE_VERBS.join(" ")
    } (ls var/quarantine 2>/dev/null)'`,
    `complete -c deno -f -n '__lanceur_in completion' -a '${SHELLS.join(" ")}'`,
  );
  return lines.join("\n");
}
