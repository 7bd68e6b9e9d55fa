/** Questions on the terminal. Answers are read from standard input, questions go to standard error. */

import { say } from "./language.ts";

/** Whether there is a person to ask. */
export function canAsk(): boolean {
  return Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
}

/** The person has had enough: Ctrl+C or the end of input. Nothing was written. */
export class GivenUp extends Error {}

/** Asks until the answer suits: `refuse` says why one does not. An empty answer means `usual`. */
export async function ask(
  question: string,
  { usual, refuse }: { usual?: string; refuse?: (answer: string) => string | undefined } = {},
): Promise<string> {
  for (;;) {
    write(`${question}${usual === undefined || usual === "" ? "" : ` [${usual}]`}: `);
    const answer = (await readLine()).trim() || usual;
    const fault = answer === undefined ? neededText() : refuse?.(answer);
    if (answer !== undefined && fault === undefined) return answer;
    write(`  ${fault}\n`);
  }
}

/** Asks for a secret, without showing it. */
export async function askSecret(question: string): Promise<string> {
  for (;;) {
    // First: what is typed as soon as the question is seen must not be shown either.
    Deno.stdin.setRaw(true);
    try {
      write(`${question} ${say("(not shown)", "(sans affichage)")}: `);
      const secret = await readLine();
      write("\n");
      if (secret !== "") return secret;
    } finally {
      Deno.stdin.setRaw(false);
    }
    write(`  ${neededText()}\n`);
  }
}

/** Octets of the line that is being read, and of what was typed ahead. */
let pending: number[] = [];

const ENDS = [0x0a, 0x0d];
const [INTERRUPT, END_OF_INPUT, BACKSPACE, DELETE, ERASE_LINE] = [0x03, 0x04, 0x08, 0x7f, 0x15];

/** One line; keys that edit it count only where the terminal does not see to them itself. */
async function readLine(): Promise<string> {
  const line: number[] = [];
  for (;;) {
    for (let octet = pending.shift(); octet !== undefined; octet = pending.shift()) {
      if (ENDS.includes(octet)) return new TextDecoder().decode(new Uint8Array(line));
      if (octet === INTERRUPT || octet === END_OF_INPUT) throw new GivenUp();
      if (octet === ERASE_LINE) line.length = 0;
      else if (octet !== BACKSPACE && octet !== DELETE) line.push(octet);
      // An UTF-8 character is a lead octet and those of the form 10xxxxxx behind it.
      else while (((line.pop() ?? 0) & 0xc0) === 0x80);
    }
    const chunk = new Uint8Array(1024);
    const length = await Deno.stdin.read(chunk);
    if (length === null) throw new GivenUp();
    pending = [...chunk.subarray(0, length)];
  }
}

function write(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

function neededText(): string {
  return say("An answer is needed", "Il faut une réponse");
}
