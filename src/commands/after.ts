/** What becomes of delivered originals, as `new` asks it and `--after` says it in one word: `keep`, `move:Traités`, `delete:30`. */
import { suggestion, UsageError } from "../command_line.ts";
import { type Answers, refuseWord } from "./answers.ts";
import { say } from "./language.ts";

interface Form {
  /** Words that stand alone. */
  readonly words: readonly string[];
  /** Words before a colon and a value, with what the value is. */
  readonly values: Readonly<Record<string, string>>;
  /** What the person chooses from, and what each choice means. */
  readonly choices: readonly (readonly [word: string, english: string, french: string])[];
}

const DAYS = /^[1-9]\d{0,3}$/;
const KEEP = ["keep", "", "gardé"] as const;
const DELETE = ["delete", "", "supprimé"] as const;
const IN_FOLDER: Form = {
  words: ["keep", "delete"],
  values: { move: "FOLDER" },
  choices: [KEEP, DELETE, ["move", "to another folder", "rangé dans un autre dossier"]],
};
const FORMS: Readonly<Record<string, Form>> = {
  imap: {
    words: ["keep", "seen", "flag", "delete"],
    values: { move: "MAILBOX", flag: "KEYWORD", label: "LABEL" },
    choices: [
      KEEP,
      ["seen", "read", "marqué lu"],
      ["flag", "starred", "étoilé"],
      ["move", "to another mailbox", "rangé dans une autre boîte"],
      DELETE,
    ],
  },
  pop3: {
    words: ["keep", "delete"],
    values: { delete: "DAYS" },
    choices: [KEEP, DELETE, ["later", "deleted after some days", "supprimé après quelques jours"]],
  },
  folder: IN_FOLDER,
  adullact: IN_FOLDER,
};

/**
 * The value of `after`: as `--after` says, or as the person chooses.
 *
 * @throws {UsageError} when the protocol has no such thing.
 */
export async function afterOf(answers: Answers, protocol: string, usual: string): Promise<unknown> {
  const given = answers.value("after") ?? (answers.isAttended ? undefined : "keep");
  if (given !== undefined) return parseAfter(given, protocol);
  const { choices = [] } = FORMS[protocol] ?? {};
  const list = choices.map(([word, english, french]) => {
    const meaning = say(english, french);
    return meaning === "" ? word : `${word} (${meaning})`;
  }).join(", ");
  const words = choices.map(([word]) => word);
  const word = await answers.get(
    `${say("Once delivered, the original:", "Une fois livré, l’original :")} ${list}`,
    {
      option: "--after",
      usual,
      refuse: (answer) => isAfter(answer, protocol) ? undefined : refuseWord(answer, words),
    },
  );
  if (isAfter(word, protocol)) return parseAfter(word, protocol);
  if (word === "move") {
    const [question, to] = protocol === "imap"
      ? [
        say("Mailbox to move it to, made if it is missing", "Boîte où le ranger, créée si elle manque"),
        "Traités",
      ]
      : [
        say(
          "Folder to move it to, seen from the one taken from",
          "Dossier où le ranger, vu du dossier écouté",
        ),
        "done",
      ];
    return { move: await answers.get(question, { option: "--after", usual: to }) };
  }
  const days = await answers.get(
    say("Days after which it is deleted", "Jours après lesquels il est supprimé"),
    {
      option: "--after",
      usual: "30",
      refuse: (answer) =>
        DAYS.test(answer) ? undefined : say("A number of days, such as 30", "Un nombre de jours, comme 30"),
    },
  );
  return { delete_after_days: Number(days) };
}

/** Whether `--after` may say that. */
function isAfter(word: string, protocol: string): boolean {
  const { words = [], values = {} } = FORMS[protocol] ?? {};
  const [, key = "", value = ""] = /^(\w+):(.+)$/.exec(word) ?? [];
  if (!Object.hasOwn(values, key)) return words.includes(word);
  return values[key] !== "DAYS" || DAYS.test(value);
}

function parseAfter(word: string, protocol: string): unknown {
  const { words = [], values = {} } = FORMS[protocol] ?? {};
  if (isAfter(word, protocol)) {
    const [, key, value] = /^(\w+):(.+)$/.exec(word) ?? [];
    if (key === undefined) return word;
    return values[key] === "DAYS" ? { delete_after_days: Number(value) } : { [key]: value };
  }
  const forms = Object.entries(values).map(([name, what]) => `${name}:${what}`);
  const hint = suggestion(word, words).startsWith("; did") ? suggestion(word, words) : "";
  throw new UsageError(
    `Cannot use --after ${word}: ${protocol} has ${[...words, ...forms].join(", ")}${hint}`,
  );
}
