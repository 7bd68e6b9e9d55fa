import assert from "node:assert/strict";
import {
  ConfigError,
  EnvelopeError,
  errorText,
  MAX_MESSAGE_CHARACTERS,
  problemsText,
  SourceError,
} from "./errors.ts";

Deno.test("a message keeps its beginning and its end, however long the name in it is", () => {
  const long = `Cannot take "${"a".repeat(1_000_000)}": a link`;
  const problem = { severity: "error", file: "a.toml", message: long } as const;
  const errors = [
    new EnvelopeError(long),
    new SourceError("refused", long),
    new ConfigError([problem]),
    new Error(long),
  ];
  for (const error of errors) {
    const text = errorText(error);
    assert.ok(text.length <= MAX_MESSAGE_CHARACTERS, `${text.length}`);
    assert.match(text, /^Cannot take "a+…a+": a link$/);
  }
  const two = (first: number, second: number) => `"${"b".repeat(first)}" and "${"c".repeat(second)}" then`;
  for (
    const [first = 0, second = 0] of [[100, 9000], [9000, 100], [9000, 9000], [1600, 9000], [9000, 495], [
      1493,
      600,
    ]]
  ) {
    assert.doesNotMatch(errorText(two(first, second)).replace(/"[^"]*"/g, ""), /bb|cc/);
  }
  assert.equal(
    new EnvelopeError("é".repeat(MAX_MESSAGE_CHARACTERS)).message,
    "é".repeat(MAX_MESSAGE_CHARACTERS),
  );
  assert.ok(errorText("\u{1f600}".repeat(5000)).isWellFormed());
});

Deno.test("problemsText() says each in whole, and how many there are besides", () => {
  const problems = (count: number) =>
    Array.from(
      { length: count },
      (_, index) => ({ message: `Cannot use the option "option_${index}": unknown` }),
    );
  assert.equal(problemsText(problems(2)), problems(2).map(({ message }) => message).join("; "));
  const text = problemsText(problems(500));
  assert.ok(text.length <= MAX_MESSAGE_CHARACTERS && text.length > MAX_MESSAGE_CHARACTERS - 100);
  const [, shown, further] = /"option_(\d+)": unknown; There are (\d+) more problems$/.exec(text) ?? [];
  assert.equal(Number(shown) + 1 + Number(further), 500);
  assert.equal(
    new ConfigError(problems(500).map((problem) => ({ severity: "error", file: "a", ...problem }))).message,
    text,
  );
});
