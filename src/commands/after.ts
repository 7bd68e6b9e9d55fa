/** `--after` in one word: `keep`, `move:Traités`, `delete:30`. */

const WORDS: Readonly<Record<string, RegExp>> = {
  imap: /^(?:keep|seen|flag|delete|move:.+)$/,
  pop3: /^(?:keep|delete|delete:[1-9]\d{0,3})$/,
  folder: /^(?:keep|delete|move:.+)$/,
  adullact: /^(?:keep|delete|move:.+)$/,
};

const FORMS: Readonly<Record<string, string>> = {
  imap: "keep, seen, flag, delete or move:MAILBOX",
  pop3: "keep, delete or delete:DAYS",
  folder: "keep, delete or move:FOLDER",
  adullact: "keep, delete or move:FOLDER",
};

/** Why a protocol has no such word; `undefined` when it has. */
export function refuseAfter(word: string, protocol: string): string | undefined {
  return WORDS[protocol]?.test(word) ? undefined : `${protocol} has ${FORMS[protocol]}`;
}

/** The value of `after` that a word stands for. */
export function parseAfter(word: string): unknown {
  const colon = word.indexOf(":");
  if (colon < 0) return word;
  const value = word.slice(colon + 1);
  return word.startsWith("move:") ? { move: value } : { delete_after_days: Number(value) };
}
