/** Every command: its form, options and examples. The command line, its help and shell completion are made of this. */

/** An option of one command, or of all. */
export interface OptionDescription {
  /** What the value is, in capitals; absent for a switch. */
  readonly value?: string;
  readonly meaning: string;
  /** All values there are, for suggestions and completion. */
  readonly choices?: readonly string[];
}

/** What can be said of a command. */
export interface CommandDescription {
  /** What follows its name. */
  readonly form: string;
  readonly does: string;
  /** What is missing when there are too few operands. */
  readonly lacks?: string;
  /** How many operands there may be; what a command can say better than its form is left to it. */
  readonly operands: readonly [least: number, most: number];
  readonly options: Readonly<Record<string, OptionDescription>>;
  /** What can be typed, without `deno task`, and what for. */
  readonly examples: readonly (readonly [typed: string, does: string])[];
  /** What it ends with. */
  readonly exits: string;
}

/** Options of every command. */
export const COMMON_OPTIONS: Readonly<Record<string, OptionDescription>> = {
  launchers: { value: "DIR", meaning: "folder of the configuration; launchers.d unless given" },
  json: { meaning: "the result as JSON on standard output; the log goes to standard error" },
  help: { meaning: "say this" },
  version: { meaning: "say the version" },
};

/** The verbs of `quarantine`. */
export const QUARANTINE_VERBS = ["list", "show", "retry", "drop"] as const;

/** The shells that can complete. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** The commands, each a task of deno.json. */
export const COMMANDS = {
  start: {
    form: "",
    does: "runs the gateway until it is told to stop: tunnels, launchers, status page",
    operands: [0, 0],
    options: {},
    examples: [
      ["start", "with launchers.d of this folder"],
      ["start --launchers /etc/lanceur/launchers.d", "with a configuration elsewhere"],
    ],
    exits: "0 stopped; 1 ended by an error; 78 nothing can run, or another gateway has the state folder",
  },
  check: {
    form: "[--connect]",
    does: "says everything that is wrong in launchers.d, where, and how to mend it; changes nothing",
    operands: [0, 0],
    options: { connect: { meaning: "also sign in everywhere, and count what waits" } },
    examples: [
      ["check", "before a start or a reload"],
      ["check --connect", "are server, account and password right?"],
    ],
    exits: "0 well, warnings included; 78 problems",
  },
  new: {
    form: "NAME [--account ADDRESS …]",
    does: "makes a launcher: asks what is not given, tries to connect, writes launchers.d/NAME.toml",
    operands: [0, 1],
    options: {
      protocol: {
        value: "PROTOCOL",
        meaning: "how documents arrive",
        choices: ["imap", "pop3", "folder", "adullact"],
      },
      account: { value: "ADDRESS", meaning: "mail address to sign in with; tells the provider" },
      tunnel: {
        value: "SERVICE",
        meaning: "tunnel service of a .conf file to connect through, instead of provider and server",
      },
      provider: {
        value: "PROVIDER",
        meaning: "fills in server, port and account",
        choices: ["gmail", "outlook", "orange", "ovh", "free", "laposte"],
      },
      server: { value: "HOST", meaning: "mail server, instead of a provider's" },
      port: { value: "PORT", meaning: "its port, unless it is the usual one" },
      tls: {
        value: "TLS",
        meaning: "how the connection is secured",
        choices: ["implicit", "starttls", "none"],
      },
      "ca-file": {
        value: "FILE",
        meaning: "PEM file of your own certificate authority, trusted beside the public ones",
      },
      "password-file": {
        value: "FILE",
        meaning: "file with the password, used where it lies; asked for unless given",
      },
      "token-file": { value: "FILE", meaning: "file with an OAuth access token that another program renews" },
      "token-command": {
        value: "COMMAND",
        meaning: "program that prints an OAuth access token, with its arguments; LANCEUR_RUN must name it",
      },
      mailbox: { value: "MAILBOX", meaning: "mailbox to take from (imap); INBOX unless given" },
      path: { value: "DIR", meaning: "folder to take from (folder, adullact)" },
      after: {
        value: "WHAT",
        meaning: "what becomes of delivered originals: keep (unless given), delete, move:WHERE (not pop3), " +
          "delete:DAYS (pop3), seen, flag (imap)",
      },
      "since-days": { value: "DAYS", meaning: "leave mails older than that; all are taken unless given" },
      cold: { value: "DIR", meaning: "COLD directory under cold.root; NAME unless given" },
      schedule: { value: "WHEN", meaning: 'cron pattern, "@every 30s" or "push"' },
      "no-connect": { meaning: "write the files without trying to connect" },
    },
    examples: [
      ["new factures", "asks everything"],
      ["new factures --account ged@gmail.com", "Gmail's server is known; asks for the password"],
      [
        "new factures --account ged@gmail.com --tunnel gmail-pop3",
        "through a service of launchers.d/gmail.conf",
      ],
      ["new scans --protocol folder --path var/scans", "a folder: nothing to ask"],
      [
        "new courrier --account ged@mairie.fr --server imap.mairie.fr --password-file var/ged.secret",
        "for scripts: asks nothing",
      ],
      [
        "new courrier --account ged@mairie.fr --server mail.mairie.lan --ca-file mairie.pem --tls starttls",
        "a server whose certificate your own authority has signed",
      ],
      [
        'new courrier --account ged@outlook.fr --token-command "/usr/local/bin/token ged@outlook.fr"',
        "a program gives the token: LANCEUR_RUN=/usr/local/bin/token before deno task, here and at start",
      ],
    ],
    exits:
      "0 written; 1 could not connect, nothing written; 78 what was answered cannot work, nothing written",
  },
  run: {
    form: "NAME [--dry-run]",
    does: "polls one launcher once, now; a gateway that runs already is asked to do it",
    operands: [0, 1],
    options: { "dry-run": { meaning: "change nothing; say what would become of each item, and why" } },
    examples: [
      ["run inbox --dry-run", "what would it take, which rule leaves what, under which names"],
      ["run inbox", "take it now"],
      ["run inbox --json", "for scripts"],
    ],
    exits: "0 well; 1 an item or the launcher failed; 78 configuration",
  },
  quarantine: {
    form: "[list | show ID… | retry ID… | drop ID…]",
    does: "what could not be processed: to see, to try again, to give up",
    operands: [0, Infinity],
    options: {
      launcher: { value: "NAME", meaning: "list and retry: what that launcher could not process" },
      all: { meaning: "retry: everything that is there" },
    },
    examples: [
      ["quarantine", "what is there, and why"],
      ["quarantine show 20260131080500-ab12cd", "all that is known of one, and where its original lies"],
      ["quarantine retry 20260131080500-ab12cd", "once the cause is mended"],
      ["quarantine retry --launcher factures", "all of one launcher"],
    ],
    exits: "0 done; 1 one of them could not be treated",
  },
  redeliver: {
    form: "NAME | ID…",
    does: "lists what a launcher has delivered last; delivers items of that list again",
    operands: [0, Infinity],
    options: {},
    examples: [
      ["redeliver factures", "what was delivered, each with its ID"],
      ["redeliver 0123456789abcdef01234567", "that item once more, on purpose"],
    ],
    exits: "0 done; 1 one of them could not be delivered",
  },
  status: {
    form: "",
    does: "says whether all is well, and what to do if not",
    operands: [0, 0],
    options: {},
    examples: [
      ["status", "the page's headline in the terminal"],
      ["status >/dev/null || mail -s Lanceur admin@mairie.fr </dev/null", "for scripts"],
    ],
    exits: "0 well; 1 not well; 69 no gateway runs",
  },
  password: {
    form: "",
    does: "asks for a password, and prints its hash for [status] of gateway.toml",
    operands: [0, 0],
    options: {},
    examples: [["password", "the line to put under [status]"]],
    exits: "0 done; 1 too short, or not the same twice",
  },
  reload: {
    form: "",
    does: "lets the running gateway read launchers.d anew, all or nothing",
    operands: [0, 0],
    options: {},
    examples: [["reload", "after a change in launchers.d"]],
    exits: "0 done; 78 faulty, the running configuration was kept; 69 no gateway runs",
  },
  stop: {
    form: "",
    does: "lets the running gateway finish what is in hand and end; returns when it has",
    operands: [0, 0],
    options: {},
    examples: [["stop", "the same as SIGTERM, on every system"]],
    exits: "0 it has ended; 1 it has not after two minutes; 69 no gateway runs",
  },
  backup: {
    form: "DIR",
    lacks: "DIR, the folder to copy into,",
    does:
      "copies ledger, quarantine, secrets and launchers.d into a new folder in DIR, while the gateway goes on",
    operands: [1, 1],
    options: {},
    examples: [["backup /mnt/backup", "how to go back to it: src/deploy/README.md"]],
    exits: "0 copied; 1 it could not be copied, and nothing is left in DIR",
  },
  completion: {
    form: "bash | zsh | fish",
    lacks: "the shell",
    does: "prints what lets a shell complete commands, options, launchers and quarantine IDs",
    operands: [1, 1],
    options: {},
    examples: [
      ["completion bash >> ~/.bashrc", "bash"],
      ["completion zsh >> ~/.zshrc", "zsh, below its compinit"],
      ["completion fish > ~/.config/fish/completions/deno.fish", "fish"],
    ],
    exits: "0",
  },
} as const satisfies Readonly<Record<string, CommandDescription>>;

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS;

/** The names of all commands. */
export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

/** One command, with the type that all share. */
export function describe(name: CommandName): CommandDescription {
  return COMMANDS[name];
}

/** All options a command takes. */
export function optionsOf(name: CommandName): Readonly<Record<string, OptionDescription>> {
  return { ...describe(name).options, ...COMMON_OPTIONS };
}
