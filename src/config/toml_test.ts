import assert from "node:assert/strict";
import { readToml, TomlSyntaxError } from "./toml.ts";

const TEXT = `a = 1
[listen]
protocol = "imap"
password = { env = "A", extra = 1 }
list = [
  "x",
  "y",
]
after.move = "z"

[ezged."mairie 1".deep]
key = 1
[[twice]]
q = 1
[[twice]]
q = 2
`;

Deno.test("readToml() knows the line of every key and list element", async (t) => {
  const table = readToml(TEXT);
  const cases: [(string | number)[], number][] = [
    [["a"], 1],
    [["listen"], 2],
    [["listen", "protocol"], 3],
    [["listen", "password", "extra"], 4],
    [["listen", "list"], 5],
    [["listen", "list", 1], 7],
    [["listen", "after", "move"], 9],
    [["ezged"], 11],
    [["ezged", "mairie 1", "deep", "key"], 12],
    [["twice", 0, "q"], 14],
    [["twice", 1, "q"], 16],
  ];
  for (const [path, line] of cases) {
    await t.step(path.join("."), () => assert.equal(table.lineOf(path), line));
  }
});

Deno.test("readToml() gives a missing key the line of the nearest table around it", () => {
  const table = readToml(TEXT);
  assert.equal(table.lineOf(["listen", "account"]), 2);
  assert.equal(table.lineOf(["twice", 1, "missing", "deeper"]), 15);
  assert.equal(table.lineOf(["deliver", "cold"]), 1);
});

Deno.test("readToml() says where the syntax breaks without quoting the text", () => {
  for (
    const text of [
      'a = 1\nb = "hunter2\n',
      "a = 1\nb = hunter2\n",
      "a = 1\nhunter2\n",
      "a = 1\na = 2 # hunter2\n",
    ]
  ) {
    assert.throws(() => readToml(text), (error) => {
      assert.ok(error instanceof TomlSyntaxError);
      assert.doesNotMatch(error.message, /hunter2|\n/);
      return error.line >= 2;
    });
  }
});
