/** Where `new` has its answers from: the command line, or a person at the terminal. */
import { type CommandLine, UsageError } from "../command_line.ts";
import { suggest } from "../config/suggest.ts";
import { ask, askSecret } from "./ask.ts";
import { say } from "./language.ts";
import { printError } from "./output.ts";

/** How one thing is found out. */
export interface Question {
  /** What gives the answer on the command line: `--server`, or `NAME`. */
  readonly option: string;
  /** The answer, where it is known already. */
  readonly given?: string | undefined;
  /** What an empty answer means. */
  readonly usual?: string | undefined;
  /** Says why an answer does not suit. */
  readonly refuse?: (answer: string) => string | undefined;
}

/** The answers of one command line, and of who sits there. */
export class Answers {
  constructor(
    readonly line: CommandLine,
    /** Whether there is a person to ask; without one, what is missing is an error. */
    readonly isAttended: boolean,
  ) {}

  /** The value of an option. */
  value(option: string): string | undefined {
    return this.line.values[option];
  }

  /**
   * What was given, or else what the person answers.
   *
   * @throws {UsageError} when what was given does not suit, or nobody can be asked.
   */
  async get(question: string, { option, given, usual, refuse }: Question): Promise<string> {
    if (given !== undefined) {
      const fault = refuse?.(given);
      if (fault !== undefined) throw new UsageError(fault);
      return given;
    }
    if (!this.isAttended) throw this.#missing(option);
    return await ask(question, { ...(usual === undefined ? {} : { usual }), ...(refuse ? { refuse } : {}) });
  }

  /** One word of several: only ever asked, never given. */
  async choose<Word extends string>(question: string, words: readonly Word[], usual: Word): Promise<Word> {
    return await ask(question, { usual, refuse: (answer) => refuseWord(answer, words) }) as Word;
  }

  /** A secret, asked without showing it; `option` names what gives it on the command line. */
  async secret(question: string, option: string): Promise<string> {
    if (!this.isAttended) throw this.#missing(option);
    return await askSecret(question);
  }

  /** Tells something that is not the result. */
  say(text: string): void {
    if (!this.line.json) printError(text);
  }

  #missing(option: string): UsageError {
    return new UsageError(
      `Cannot make a launcher: ${option} is missing, and there is no terminal to ask on; see deno task new --help`,
    );
  }
}

/** Why an answer is none of these words, with the nearest of them; `undefined` when it is one. */
export function refuseWord(answer: string, words: readonly string[]): string | undefined {
  if (words.includes(answer)) return undefined;
  const near = suggest(answer, words);
  const hint = near === undefined
    ? say(`; there are ${words.join(", ")}`, ` ; il y a ${words.join(", ")}`)
    : say(`; did you mean "${near}"?`, ` ; vouliez-vous dire « ${near} » ?`);
  return say(`There is no "${answer}"`, `Il n’y a pas de « ${answer} »`) + hint;
}
